"""Association of every pair of columns by window, whatever their kinds, and how it changed.

Two numeric columns: Spearman's rank correlation. Two categorical ones: bias-corrected Cramer's V (Bergsma 2013). One of
each: correlation ratio of the ranks, bias-corrected (epsilon, Kelley 1935). All rows with both values. The levels of a few
rows of a window are pooled: they have no mean of their own. nan where a side is constant, fewer than three rows have both, or
too few carry the association, which rests on rows that are not at the commonest value of either column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from threadpoolctl import threadpool_limits

from monitor.stats.multivariate.rows import Bools, Floats, Ints, Rows

MAX_LEVELS = 30
"""Commonest levels that keep their own row of a contingency table; the rest are pooled."""

PRIOR_DF = 6
"""Weight, in degrees of freedom, of the variation of all pairs in the estimated variation of one pair."""

LEAST_EXPECTED = 5
"""Rows that a cell of a contingency table has to expect to say anything (Cochran 1954, Biometrics 10): rows of a level in a window, and
rows, had the columns nothing to do with each other, at the commonest value of neither."""


@dataclass(frozen=True, slots=True)
class Associations:
    """`value` (w, q, q) symmetric, diagonal 1, and `rows` (w, q, q) with both values; columns numeric first."""

    names: tuple[str, ...]
    numeric: int
    value: Floats
    rows: Ints


@dataclass(frozen=True, slots=True)
class AssociationChange:
    """Change of every pair (a < b) by window.

    `first`, `second` (k,) positions of the columns; `before` (w, k) what is usual in the reference for a stretch of that
    size: the mean of its own windows (a week holds seven days' weather, so that weekday and weather go together in every
    week), in its whole where the window is nearer to that in size; `after` (w, k); `change` = after - before with `lower`
    and `upper` (w, k); `p_value` (w, k) two-sided; `overall` (w,) root mean square, over the pairs, of the distance of
    arctanh from before; `overall_reference` (r,) the same of each reference window against the others' mean: judge
    `overall` by it as a distance. `z_reference` (r, k) and `z` (w, k) are arctanh of each pair on `rows_reference` and `rows`: what each
    pair is judged by, as a series.
    """

    names: tuple[str, ...]
    first: Ints
    second: Ints
    before: Floats
    after: Floats
    change: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    overall: Floats
    overall_reference: Floats
    z_reference: Floats
    z: Floats
    rows_reference: Ints
    rows: Ints


def associations(rows: Rows) -> Associations:
    """Measure all pairs in every window."""
    q = len(rows.names)
    value, counts = np.full((rows.windows, q, q), np.nan), np.zeros((rows.windows, q, q), dtype=np.int64)
    codes = rows.categorical.copy()
    for column, size in enumerate(rows.sizes):
        codes[:, column] = _pooled(codes[:, column], size)
    with threadpool_limits(limits=1, user_api="blas"):
        for window in np.flatnonzero(rows.counts):
            mask = rows.window == window
            value[window], counts[window] = _one_window(rows.numeric[mask], _frequent(codes[mask]))
    return Associations(rows.names, len(rows.numeric_names), value, counts)


def _pooled(codes: Ints, size: int) -> Ints:
    order = np.argsort(-np.bincount(codes[codes >= 0], minlength=size), kind="stable")
    rank = np.empty(size + 1, dtype=np.int64)
    rank[order] = np.minimum(np.arange(size), MAX_LEVELS)
    rank[-1] = -1
    return rank[codes]


def _frequent(codes: Ints) -> Ints:
    """Return codes in which the levels of fewer than LEAST_EXPECTED rows are one, unknown where they are too few even together."""
    for instead in (MAX_LEVELS, -1):
        counts = np.array([np.bincount(column + 1, minlength=MAX_LEVELS + 2) for column in codes.T]).reshape(-1, MAX_LEVELS + 2)
        few = np.take_along_axis(counts, codes.T + 1, axis=1).T < LEAST_EXPECTED
        codes = np.where(few, instead, codes)
    return codes


def _one_window(numeric: Floats, codes: Ints) -> tuple[Floats, Ints]:
    known = np.isfinite(numeric)
    ranks = _ranks(numeric, known)
    indicator, owner = _indicators(codes)
    p, c = numeric.shape[1], codes.shape[1]
    value, rows = np.eye(p + c), np.zeros((p + c, p + c), dtype=np.int64)
    value[:p, :p], rows[:p, :p] = _spearman(ranks, known)
    value[p:, :p], rows[p:, :p] = _epsilon(ranks, known, indicator, owner, c)
    value[:p, p:], rows[:p, p:] = value[p:, :p].T, rows[p:, :p].T
    value[p:, p:], rows[p:, p:] = bergsma_v(indicator.T @ indicator, owner, c)
    values = np.hstack([np.where(known, numeric, np.nan), np.where(codes < 0, np.nan, codes)])
    value[~_carried(values)] = np.nan
    np.fill_diagonal(value, 1.0)
    return value, rows


def _carried(values: Floats) -> Bools:
    """Say which pairs of columns (n, q) expect enough of the rows with both values at the commonest value of neither, (q, q)."""
    known = np.isfinite(values)
    off = np.column_stack([_off_commonest(column) for column in values.T]).astype(np.float64)
    own = off.T @ known
    return np.asarray(own * own.T >= LEAST_EXPECTED * (known.T.astype(np.float64) @ known))


def _off_commonest(column: Floats) -> Bools:
    """Say which values (n,) are known and not the commonest one, (n,)."""
    found, counts = np.unique(column[np.isfinite(column)], return_counts=True)
    return np.isfinite(column) & (column != found[np.argmax(counts)]) if len(found) else np.zeros(len(column), dtype=bool)


def _ranks(numeric: Floats, known: Bools) -> Floats:
    """Average ranks centred on 0 and scaled to about -1..1, 0 where missing."""
    # Missing values rank last, all of them above every value; they do not touch the ranks of the others.
    ranks = scipy.stats.rankdata(np.where(known, numeric, np.inf), axis=0)
    count = np.maximum(known.sum(axis=0), 1)
    return np.where(known, (ranks - (count + 1) / 2) * 2 / count, 0.0)


def _indicators(codes: Ints) -> tuple[Floats, Ints]:
    widths = [int(column.max(initial=-1)) + 1 for column in codes.T]
    parts = [(column[:, None] == np.arange(width)).astype(np.float64) for column, width in zip(codes.T, widths, strict=True)]
    return np.hstack([np.zeros((len(codes), 0)), *parts]), np.repeat(np.arange(len(widths)), widths)


def _spearman(ranks: Floats, known: Bools) -> tuple[Floats, Ints]:
    """Pearson correlation of the ranks over the rows that have both."""
    m = known.astype(np.float64)
    n, total, squares, products = m.T @ m, ranks.T @ m, (ranks**2).T @ m, ranks.T @ ranks
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = products / n - total * total.T / n**2
        variance = squares / n - (total / n) ** 2
        spread = np.sqrt(np.maximum(variance, 0.0) * np.maximum(variance.T, 0.0))
        value = np.where((spread > 1e-12) & (n >= 3), np.clip(covariance / spread, -1.0, 1.0), np.nan)
    return value, n.astype(np.int64)


def _epsilon(ranks: Floats, known: Bools, indicator: Floats, owner: Ints, categories: int) -> tuple[Floats, Ints]:
    """Square root of the bias-corrected share of the variance of ranks between levels, (c, p)."""
    m = known.astype(np.float64)
    by_level = indicator.T @ m, indicator.T @ ranks, indicator.T @ ranks**2
    group = (owner[None, :] == np.arange(categories)[:, None]).astype(np.float64)
    n, total, squares = (group @ part for part in by_level)
    with np.errstate(invalid="ignore", divide="ignore"):
        between = group @ np.where(by_level[0] > 0, by_level[1] ** 2 / np.maximum(by_level[0], 1), 0.0) - total**2 / n
        whole = squares - total**2 / n
        levels = group @ (by_level[0] > 0)
        share = 1.0 - (whole - between) / (n - levels) * (n - 1) / whole
        usable = (whole > 1e-9 * n) & (levels > 1) & (n > levels)
        return np.where(usable, np.sqrt(np.clip(share, 0.0, 1.0)), np.nan), n.astype(np.int64)


def bergsma_v(tables: Floats, owner: Ints, columns: int) -> tuple[Floats, Ints]:
    """Bias-corrected Cramer's V of every pair of columns, in [0, 1], and rows with both values, (c, c) each (Bergsma 2013).

    Parameters
    ----------
    tables : rows that have both of two levels, (l, l): the contingency tables of all pairs side by side
    owner : the column of each level, (l,)

    nan where a side has one level or fewer than three rows have both.
    """
    group = (owner[None, :] == np.arange(columns)[:, None]).astype(np.float64)
    margin = tables @ group.T  # rows of a level that have a value of a column, (l, c)
    n, present = group @ margin, group @ (margin > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = margin[:, owner] * margin[:, owner].T / n[np.ix_(owner, owner)]
        chi2 = group @ np.where(expected > 0, (tables - expected) ** 2 / expected, 0.0) @ group.T
        phi2 = np.maximum(chi2 / n - (present - 1) * (present.T - 1) / (n - 1), 0.0)
        corrected = present - (present - 1) ** 2 / (n - 1)
        smaller = np.minimum(corrected, corrected.T)
        known = (n >= 3) & (np.minimum(present, present.T) >= 2) & (smaller > 1)
        value = np.where(known, np.minimum(np.sqrt(phi2 / (smaller - 1)), 1.0), np.nan)
    return value, n.round().astype(np.int64)


def association_change(
    reference: Associations, whole: Associations, production: Associations, *, longer: Bools | None = None, coverage: float = 0.95
) -> AssociationChange:
    """Compare every window with the reference: its windows, or all of it (`whole` has one window) where a window is about as long.

    `longer` (w,) says which windows are compared with all of it; by default the rows decide (give it where rows are sampled).

    The variance of arctanh(association) is phi / (rows - 3) with phi >= 1 estimated pair by pair from the reference's own
    windows and drawn towards all pairs together; the interval and p-value are those of Student's t.
    """
    pair = np.triu_indices(len(reference.names), 1)
    before = _usual(reference, whole, _longer(reference, whole, production) if longer is None else longer, pair)
    z_reference = _z(reference.value[:, *pair])
    phi, df = _overdispersion(z_reference, reference.rows[:, *pair])
    error = np.sqrt(phi * (_inverse(production.rows[:, *pair]) + _inverse(whole.rows[0][pair])))
    own = _Own(z_reference, reference.rows[:, *pair], _z(production.value[:, *pair]), _rms(z_reference - _others(z_reference)))
    return _change(production, before, (error, df), own, coverage)


def association_change_along(line: Associations, base: Associations, count: int, *, coverage: float = 0.95) -> AssociationChange:
    """Compare each window of a line with a baseline of its own, the window of `base` at the same place (none: no rows).

    The first `count` windows are the reference's: what they differ from theirs says what is usual, pair by pair and overall.
    """
    pair = np.triu_indices(len(line.names), 1)
    before = base.value[:, *pair]
    z = _z(line.value[:, *pair]) - _z(before)
    unit = _inverse(line.rows[:, *pair]) + _inverse(base.rows[:, *pair])
    known = np.isfinite(z[:count])
    phi, df = _shrunk(np.sum(np.where(known, z[:count] ** 2 / unit[:count], 0.0), axis=0), known.sum(axis=0))
    own = Associations(line.names, line.numeric, line.value[count:], line.rows[count:])
    seen = _Own(z[:count], line.rows[:count, *pair], z[count:], _rms(z[:count]))
    return _change(own, before[count:], (np.sqrt(phi * unit[count:]), df), seen, coverage)


@dataclass(frozen=True, slots=True)
class _Own:
    """The reference's own windows: arctanh of each pair (r, k) on `rows` (r, k); the same of production: `z` (w, k), `overall` (r,)."""

    z_reference: Floats
    rows: Ints
    z: Floats
    overall: Floats


def _change(production: Associations, before: Floats, spread: tuple[Floats, Floats], own: _Own, coverage: float) -> AssociationChange:
    first, second = np.triu_indices(len(production.names), 1)
    after, (error, df) = production.value[:, first, second], spread
    z = _z(after)
    distance, reach = z - _z(before), scipy.stats.t.ppf(0.5 + coverage / 2, df) * error
    return AssociationChange(
        names=production.names,
        first=first,
        second=second,
        before=before,
        after=after,
        change=after - before,
        lower=np.tanh(z - reach) - before,
        upper=np.tanh(z + reach) - before,
        p_value=np.asarray(2 * scipy.stats.t.sf(np.abs(distance) / error, df)),
        overall=_rms(distance),
        overall_reference=own.overall,
        z_reference=own.z_reference,
        z=own.z,
        rows_reference=own.rows,
        rows=production.rows[:, first, second],
    )


def _usual(reference: Associations, whole: Associations, longer: Bools, pair: tuple[Ints, Ints]) -> Floats:
    """Return the associations that are usual for the windows, (w, k)."""
    own, every = np.tanh(_mean(_z(reference.value[:, *pair]))), whole.value[0][pair]
    return np.where(longer[:, None] | ~np.isfinite(own), every, own)


def _longer(reference: Associations, whole: Associations, production: Associations) -> Bools:
    """Say which windows are nearer to the whole reference in rows than to its windows, (w,)."""
    rows = [part.rows.max(axis=(1, 2), initial=1).astype(float) for part in (production, reference, whole)]
    return np.asarray(rows[0] ** 2 > rows[1].mean() * rows[2].mean())


def _z(value: Floats) -> Floats:
    return np.asarray(np.arctanh(np.clip(value, -0.999, 0.999)))


def _inverse(rows: Ints) -> Floats:
    return 1.0 / np.maximum(rows - 3, 1)


def _rms(distance: Floats) -> Floats:
    known = np.isfinite(distance)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.sqrt(np.where(known, distance, 0.0) ** 2 @ np.ones(distance.shape[1]) / known.sum(axis=1)))


def _mean(z: Floats) -> Floats:
    known = np.isfinite(z)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, z, 0.0).sum(axis=0) / known.sum(axis=0))


def _others(z: Floats) -> Floats:
    """Mean of the other windows, (r, k); nan where there are none."""
    known = np.isfinite(z)
    filled = np.where(known, z, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((filled.sum(axis=0) - filled) / (known.sum(axis=0) - known))


def _overdispersion(z: Floats, rows: Ints) -> tuple[Floats, Floats]:
    """Variation between reference windows beyond that of independent rows, >= 1, and its degrees of freedom, (k,) each."""
    known = np.isfinite(z)
    weight = np.where(known, np.maximum(rows - 3, 1), 0)
    count = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.sum(weight * np.where(known, z, 0.0), axis=0) / weight.sum(axis=0)
        squares = np.sum(weight * np.where(known, z - mean, 0.0) ** 2, axis=0)
    return _shrunk(squares, np.maximum(count - 1, 0))


def _shrunk(squares: Floats, df: Ints) -> tuple[Floats, Floats]:
    """Draw the estimates squares / df of all pairs towards their common one, and none below 1; also their degrees of freedom."""
    squares = np.where(df > 0, squares, 0.0)
    pooled = max(1.0, float(squares.sum() / df.sum())) if df.sum() else 1.0
    return np.maximum((PRIOR_DF * pooled + squares) / (PRIOR_DF + df), 1.0), (PRIOR_DF + df).astype(np.float64)
