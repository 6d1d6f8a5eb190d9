"""Columns of mixed kinds as one matrix of comparable dimensions (factor analysis of mixed data).

A numeric column is one dimension with variance 1 in the reference. A categorical column is one dimension per common
level, (indicator - share) / sqrt(share) / sqrt(levels - 1), so that it too has total variance 1, whatever its levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.stats.multivariate.rows import Floats, Ints, Rows

TAILS = (0.001, 0.999)
"""Reference quantiles between which the mean and sd of a numeric column are taken."""

LIMIT = 8.0
"""Standardised values are cut at plus and minus this, so that one wild value does not decide a window."""

BATCH = 2048
"""Rows encoded at a time: few enough to stay near the processor, enough for its fastest products."""

COMBINATIONS = 1024
"""Combinations of levels that one table may hold."""

RARE = 0.01
"""Levels with a smaller reference share are pooled."""


@dataclass(frozen=True, slots=True)
class LevelDimensions:
    """Dimensions of one categorical column: `dimension` (size + 1,) of each level, the last for missing; `share` (k,)."""

    dimension: Ints
    share: Floats
    titles: tuple[str, ...]

    @property
    def table(self) -> Floats:
        """Scaled indicators of each dimension's level, (k, k)."""
        spread = max(int(np.sum(self.share > 0)) - 1, 1)
        return np.asarray((np.eye(len(self.share)) - self.share) / np.sqrt(np.maximum(self.share, RARE) * spread))


@dataclass(frozen=True, slots=True)
class Encoder:
    """Turns rows into a (n, d) matrix; learned from the reference.

    `center`, `scale` (p,) of the numeric columns; `owner` (d,) is the position in `names` of each dimension's column.
    """

    names: tuple[str, ...]
    center: Floats
    scale: Floats
    categorical: tuple[LevelDimensions, ...]

    @property
    def owner(self) -> Ints:
        """Position in `names` of the column that each dimension belongs to, (d,)."""
        widths = [1] * len(self.center) + [len(part.share) for part in self.categorical]
        return np.repeat(np.arange(len(widths)), widths)

    @property
    def titles(self) -> tuple[str, ...]:
        """Readable name of each dimension: the column, or ``column = level``, (d,)."""
        names = iter(self.names[len(self.center) :])
        levels = [f"{name} = {title}" for name, part in zip(names, self.categorical, strict=True) for title in part.titles]
        return (*self.names[: len(self.center)], *levels)

    def encode(self, rows: Rows) -> Floats:
        """Return the (n, d) matrix; missing numbers are 0, the reference mean; infinite ones are cut to the limit."""
        batches, z = BatchEncoder(self, BATCH), np.empty((len(rows), len(self.owner)))
        for low in range(0, len(rows), BATCH):
            part = slice(low, low + BATCH)
            z[part] = batches.encode(rows.numeric[part], rows.categorical[part])
        return z


class BatchEncoder:
    """Encodes batch after batch of at most `size` rows into one buffer: a result is valid until the next call.

    Centre and scale are laid out as whole batches, which makes a pass over 50 columns a third faster than broadcasting them.
    """

    def __init__(self, encoder: Encoder, size: int) -> None:
        self._groups = _grouped(encoder.categorical)
        self._spare = [np.empty((size, table.shape[1])) for _, table in self._groups]
        self._center = np.tile(encoder.center, (size, 1))
        self._factor = np.tile(1.0 / encoder.scale, (size, 1))
        self._ones = np.ones(size)
        self._buffer = np.empty((size, len(encoder.center)))
        self._wide = np.empty((size, len(encoder.owner)))
        self.total = np.zeros(len(encoder.owner))
        """Sum over the rows encoded last, (d,)."""

    def encode(self, numeric: Floats, categorical: Ints) -> Floats:
        """Encode at most `size` rows given as arrays, (n, d)."""
        n = len(numeric)
        z = np.subtract(numeric, self._center[:n], out=self._buffer[:n])
        z *= self._factor[:n]
        np.clip(z, -LIMIT, LIMIT, out=z)
        self.total = self._ones[:n] @ z
        if np.isnan(self.total).any():
            np.copyto(z, 0.0, where=np.isnan(z))
            self.total = self._ones[:n] @ z
        return self._with_levels(z, categorical) if self._groups else z

    def _with_levels(self, numbers: Floats, categorical: Ints) -> Floats:
        z, start = self._wide[: len(numbers)], numbers.shape[1]
        z[:, :start] = numbers
        columns = iter(categorical.T)
        for (parts, table), spare in zip(self._groups, self._spare, strict=True):
            index = np.zeros(len(z), dtype=np.int64)
            for part in parts:
                index = index * len(part.share) + part.dimension[next(columns)]
            z[:, start : start + table.shape[1]] = np.take(table, index, axis=0, out=spare[: len(z)], mode="clip")
            start += table.shape[1]
        self.total = self._ones[: len(z)] @ z
        return z


def _grouped(parts: tuple[LevelDimensions, ...]) -> list[tuple[list[LevelDimensions], Floats]]:
    """Put neighbouring categories together with one table of all their combinations: a row is looked up a few times, not once each."""
    groups: list[tuple[list[LevelDimensions], Floats]] = []
    for part in parts:
        own, before = part.table, groups[-1] if groups else None
        if before is None or len(before[1]) * len(own) > COMBINATIONS:
            groups.append(([part], own))
            continue
        members, table = before
        groups[-1] = ([*members, part], np.hstack([np.repeat(table, len(own), axis=0), np.tile(own, (len(table), 1))]))
    return groups


def fit_encoder(reference: Rows, *, max_levels: int = 8) -> Encoder:
    """Learn the encoding from reference rows (a sample will do); `max_levels` commonest levels get a dimension."""
    columns = [_location(values) for values in np.ascontiguousarray(reference.numeric.T)]
    parts = [
        _dimensions(codes, levels, max_levels) for codes, levels in zip(reference.categorical.T, reference.levels.values(), strict=True)
    ]
    center, scale = np.array(columns, dtype=np.float64).reshape(-1, 2).T
    return Encoder(reference.names, np.ascontiguousarray(center), np.ascontiguousarray(scale), tuple(parts))


def _location(values: Floats) -> tuple[float, float]:
    """Return mean and sd with the values beyond the quantiles `TAILS` moved to these."""
    ordered = np.sort(values[np.isfinite(values)])
    if not len(ordered):
        return 0.0, 1.0
    place = np.array(TAILS) * (len(ordered) - 1)
    low, high = np.interp(place, np.arange(len(ordered)), ordered)
    clipped = np.clip(ordered, low, high, out=ordered)
    sd = float(clipped.std())
    typical = max(abs(low), abs(high))
    return float(clipped.mean()), sd if sd > 1e-12 * typical else 1.0


def _dimensions(codes: Ints, levels: tuple[str, ...], max_levels: int) -> LevelDimensions:
    share = np.bincount(codes[codes >= 0], minlength=len(levels)) / max(len(codes), 1)
    missing = float(np.mean(codes < 0)) if len(codes) else 0.0
    common = [int(i) for i in np.argsort(-share, kind="stable")[:max_levels] if share[i] >= RARE]
    dimension = np.full(len(levels) + 1, len(common), dtype=np.int64)
    dimension[common] = np.arange(len(common))
    titles = [*(levels[i] for i in common), "other"]
    shares = [*share[common], max(1.0 - share[common].sum(), 0.0)]
    if missing >= RARE:
        dimension[-1] = len(shares)
        shares = [*shares[:-1], max(shares[-1] - missing, 0.0), missing]
        titles.append("missing")
    return LevelDimensions(dimension, np.array(shares), tuple(titles))
