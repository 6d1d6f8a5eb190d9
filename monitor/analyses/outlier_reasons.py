"""Why a row is unlike the others, in types: which columns, how far, and in which of three ways. Words are made of it in narration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.ensemble import Ensemble, Scored
from monitor.stats.outliers.members import KNN, MEMBERS, RESIDUAL, TAILS, Members
from monitor.stats.outliers.tails import Tails, fit_tails

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ALONE = 0.01
"""p-value of the tails from which on single columns explain a row."""
MOST_PARTS = 3
RIDGE = 1e-2
"""What is added to the variances before columns are foretold by each other: a column that others determine would be foretold too well."""
UNFIT = 2.0
"""Standard deviations that a column lies off what the others let expect to be told, besides the first."""


class OutlierKind(StrEnum):
    """In which way a row is unlike the others."""

    GLOBAL = "global"
    """A column by itself lies far out."""
    LOCAL = "local"
    """Every column is ordinary, but no reference row is near."""
    DEPENDENCY = "dependency"
    """Every column is ordinary, but they do not belong together."""


class How(StrEnum):
    """What is odd about a column."""

    ABOVE = "above"
    """Beyond the largest value of the rows learned from."""
    BELOW = "below"
    HIGH = "high"
    LOW = "low"
    RARE = "rare"
    """A seldom level."""
    UNSEEN = "unseen"
    MISSING = "missing"
    UNFIT = "unfit"
    """Not what the other columns let expect."""
    APART = "apart"
    """Not what the nearest rows have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """What is odd about one column of a row: its value as `number` or `level` (nan, None: missing); `share` of reference rows as far out on
    the same side, missing too, or at a level as rare, 0: none; `beside` the largest or smallest number there, or what the others let expect
    (nan: unknown)."""

    label: str
    how: How
    number: float = float("nan")
    level: str | None = None
    share: float = float("nan")
    beside: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a row is unlike the others: `parts` the largest first; `far` how many times as far as usual its nearest reference rows are;
    `alone` whether hardly a reference row lies as far from the others."""

    kind: OutlierKind
    parts: tuple[Odd, ...]
    far: float
    alone: bool


@dataclass(frozen=True, slots=True)
class Explainer:
    """What reasons are read off: columns of the reference by themselves (`tails`, `bounds` the smallest and largest number of each), and
    `precision` (d, d), `mean` (d,) of the encoded ones; `usual` is how far a reference row is from its nearest others, `unsupported` the
    p-value of a distance from which on a row is alone."""

    members: Members
    tails: Tails
    bounds: Mapping[str, tuple[float, float]]
    precision: Floats
    mean: Floats
    usual: float
    unsupported: float

    def reasons(self, rows: Rows, scored: Scored) -> tuple[Reason, ...]:
        """Return the reason of each row."""
        if not len(rows):
            return ()
        z = self.members.encoded(rows.numeric, rows.categorical)
        shares, added = (function(rows.numeric, rows.categorical) for function in (self.tails.counted, self.tails.by_column))
        near = self.members.near
        beside = np.median(near.rows[near.nearest(z.astype(np.float32))], axis=1).astype(np.float64)
        read = _Read(self, rows, z, shares, added, beside)
        p = {name: scored.member_p_values[:, MEMBERS.index(name)] for name in (KNN, TAILS, RESIDUAL)}
        far = scored.members[:, MEMBERS.index(KNN)] / self.usual
        made = []
        for i in range(len(rows)):
            kind, parts = read.told(i, {name: float(values[i]) for name, values in p.items()})
            made.append(Reason(kind=kind, parts=tuple(parts), far=float(far[i]), alone=bool(p[KNN][i] <= self.unsupported)))
        return tuple(made)


def fit_explainer(rows: Rows, ensemble: Ensemble, bounds: Mapping[str, tuple[float, float]], unsupported: float) -> Explainer:
    """Learn how columns foretell each other from the rows that an ensemble learned from."""
    members = ensemble.members
    z = members.encoded(rows.numeric, rows.categorical)
    covariance = np.cov(z, rowvar=False, ddof=0).reshape(z.shape[1], z.shape[1]) + RIDGE * np.eye(z.shape[1])
    usual = float(np.median(ensemble.held_out.members[:, MEMBERS.index(KNN)]))
    precision: Floats = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
    return Explainer(
        members=members,
        tails=fit_tails(rows),
        bounds=bounds,
        precision=precision,
        mean=np.asarray(z.mean(axis=0)),
        usual=usual if usual > 0 else 1.0,
        unsupported=unsupported,
    )


def kind_of(tails: float, residual: float, knn: float) -> OutlierKind:
    """Name the way in which a row is unlike the others, by the p-values of three members.

    >>> kind_of(0.001, 0.5, 0.5).value, kind_of(0.4, 0.001, 0.01).value, kind_of(0.4, 0.3, 0.01).value
    ('global', 'dependency', 'local')
    """
    if tails <= ALONE or tails <= min(residual, knn):
        return OutlierKind.GLOBAL
    return OutlierKind.DEPENDENCY if residual <= knn else OutlierKind.LOCAL


@dataclass(frozen=True, slots=True)
class _Read:
    """Rows that are explained: `z` (n, d) encoded, `shares` (n, columns) of reference rows as far out, what each column adds, and `beside`
    (n, d) the middle of the nearest reference rows."""

    explainer: Explainer
    rows: Rows
    z: Floats
    shares: Floats
    added: Floats
    beside: Floats

    def told(self, i: int, p: Mapping[str, float]) -> tuple[OutlierKind, list[Odd]]:
        """Return in which way row `i` is unlike the others by its p-values, and its columns; one without an odd column is no global one."""
        residual, knn = p[RESIDUAL], p[KNN]
        kind = kind_of(p[TAILS], residual, knn)
        if kind is OutlierKind.GLOBAL:
            parts = self.extreme(i)
            if parts:
                return kind, parts
            kind = kind_of(1.0, min(residual, 0.5), min(knn, 0.5))
        return kind, self.unfit(i) if kind is OutlierKind.DEPENDENCY else self.apart(i)

    def extreme(self, i: int) -> list[Odd]:
        """Return the columns that lie far out by themselves."""
        added = self.added[i]
        order = [int(at) for at in np.argsort(-added, kind="stable")[:MOST_PARTS] if added[at] > 0]
        return [self._extreme(i, at) for at in order]

    def _extreme(self, i: int, at: int) -> Odd:
        label, share, p = self.rows.names[at], float(self.shares[i, at]), self.rows.numeric.shape[1]
        if at >= p:
            level = self._level(i, at)
            unseen = self.rows.categorical[i, at - p] == len(self.rows.levels[label]) - 1
            return Odd(label=label, how=How.MISSING if level is None else How.UNSEEN if unseen else How.RARE, level=level, share=share)
        number, tail = float(self.rows.numeric[i, at]), self.explainer.tails.numeric[at]
        if np.isnan(number):
            return Odd(label=label, how=How.MISSING, share=share)
        low, high = self.explainer.bounds.get(label, (-np.inf, np.inf))
        if not low <= number <= high:
            above = number > high
            return Odd(label=label, how=How.ABOVE if above else How.BELOW, number=number, share=share, beside=high if above else low)
        return Odd(label=label, how=How.HIGH if number > tail.middle else How.LOW, number=number, share=share, beside=tail.middle)

    def unfit(self, i: int) -> list[Odd]:
        """Return the columns that are not what the others let expect."""
        off = (self.z[i] - self.explainer.mean) @ self.explainer.precision
        scale = np.diag(self.explainer.precision)
        size = np.abs(off) / np.sqrt(scale)
        found: list[Odd] = []
        for at, far in self._columns(size):
            if found and (far < UNFIT or len(found) == MOST_PARTS - 1):
                break
            expected = float(self.z[i, at] - off[at] / scale[at]) if at < self.rows.numeric.shape[1] else float("nan")
            found += self._beside(i, at, How.UNFIT, expected)
        return found

    def apart(self, i: int) -> list[Odd]:
        """Return the columns that differ most from the nearest reference rows."""
        beside = self.beside[i]
        found: list[Odd] = []
        for at, far in self._columns(np.abs(self.z[i] - beside)):
            if far > 0 and len(found) < MOST_PARTS - 1:
                found += self._beside(i, at, How.APART, float(beside[at]))
        return found

    def _columns(self, size: Floats) -> list[tuple[int, float]]:
        """Return each column with the largest size of its dimensions, the largest first."""
        largest = np.zeros(len(self.rows.names))
        np.maximum.at(largest, self.explainer.members.encoder.owner, size)
        return [(int(at), float(largest[at])) for at in np.argsort(-largest, kind="stable")]

    def _beside(self, i: int, at: int, how: How, z: float) -> list[Odd]:
        """Return what is odd about a column beside a number on the common scale; nothing where its value is missing."""
        label, p, encoder = self.rows.names[at], self.rows.numeric.shape[1], self.explainer.members.encoder
        if at >= p:
            level = self._level(i, at)
            return [] if level is None else [Odd(label=label, how=how, level=level)]
        number = float(self.rows.numeric[i, at])
        return (
            [] if np.isnan(number) else [Odd(label=label, how=how, number=number, beside=float(encoder.center[at] + encoder.scale[at] * z))]
        )

    def _level(self, i: int, at: int) -> str | None:
        code = int(self.rows.categorical[i, at - self.rows.numeric.shape[1]])
        return None if code < 0 else self.rows.levels[self.rows.names[at]][code]
