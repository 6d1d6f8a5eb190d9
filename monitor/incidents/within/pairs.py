"""Two columns that change places: rows that fit the reference once their values are exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.within.areas import area_of, stretch_of
from monitor.incidents.within.ground import FEWEST_ROWS, Area, Bools, Floats, Ground, Ints, Shown
from monitor.incidents.within.samples import cell_edges, cells_of
from monitor.stats.causes.inverses import ks, ks_noise

CELLS = 24
DOUBT = 0.02
"""Share of rows that may have any pair of values, whichever way round."""
SURE = 1.0
"""Log likelihood ratio from which a row is more like the reference the other way round."""
BETTER = 0.9
"""Share of the rows that say something which must say that the columns are exchanged, beside the share that would if all were."""
MOST_PAIRS = 200


def swapped_columns(ground: Ground) -> tuple[Hypothesis, ...]:
    """Return where two columns have each other's values."""
    found: list[Hypothesis] = []
    for first, second in _pairs(ground):
        found.extend(_of_pair(ground, first, second))
    return tuple(found)


def _pairs(ground: Ground) -> list[tuple[str, str]]:
    """Return pairs of columns of one kind that have values in common, of which at least one was found to have changed."""
    concerned = ground.mentioned
    pairs = [pair for kind in (ground.numbers, ground.levels) for pair in combinations(kind, 2)]
    near = [pair for pair in pairs if any(one in concerned for one in pair) and _overlap(ground, *pair)]
    return sorted(near, key=lambda pair: -sum(one in concerned for one in pair))[:MOST_PAIRS]


def _overlap(ground: Ground, first: str, second: str) -> bool:
    one, two = ground.before[first], ground.before[second]
    if first in ground.levels:
        return len(set(one.cat.categories) & set(two.cat.categories)) > 1 or _arrived(ground, first, second)
    a, b = (np.nanquantile(x.to_numpy(), [0.02, 0.98]) if x.notna().any() else np.array([0.0, 0.0]) for x in (one, two))
    return bool((a[0] < b[1] and b[0] < a[1]) or _moves_to(ground, first, b) or _moves_to(ground, second, a))


def _arrived(ground: Ground, first: str, second: str) -> bool:
    """Say whether either column of levels now has levels that only the other had."""
    sides = [(ground.before[one].cat.categories, ground.now[one].cat.categories) for one in (first, second)]
    return bool(set(sides[0][1]) & set(sides[1][0]) or set(sides[1][1]) & set(sides[0][0]))


def _moves_to(ground: Ground, column: str, bounds: Floats) -> bool:
    """Say whether values of a column now lie within bounds, those of another column, that hardly any lay in."""
    before, now = ground.before[column].to_numpy(), ground.now[column].to_numpy()
    inside = [float(((x >= bounds[0]) & (x <= bounds[1])).mean()) for x in (before, now)]
    return inside[1] > inside[0] + 0.005


def _of_pair(ground: Ground, first: str, second: str) -> Iterator[Hypothesis]:
    old, new = _weights(ground, first, second)
    sure_before, sure_now = old > SURE, new > SURE
    if sure_now.mean() <= sure_before.mean() + 3 * np.sqrt((sure_before.mean() + 1e-4) / len(new)):
        return
    inside = _concerned(sure_now, float(sure_before.mean()), ground)
    area = area_of(ground, sure_before, sure_now, inside=inside, avoid=[first, second])
    exact = None if area is None else _exact(ground, area, new)
    if exact is None or exact.rows.sum() < FEWEST_ROWS:
        return
    says, before = np.abs(new[exact.rows]) > SURE, old[np.abs(old) > SURE]
    usual = float((before < 0).mean()) if len(before) else 1.0  # how often rows of the reference speak for the way that they are
    if says.sum() < FEWEST_ROWS or (new[exact.rows][says] > 0).mean() < BETTER * usual:
        return
    if new[exact.rows].mean() <= _farthest(old[exact.base], int(exact.rows.sum())):
        return
    proof = _proof(ground, first, second, exact)
    usual = ks_noise(proof.rows, int(exact.base.sum()))
    explained = 1 - max(proof.after - usual, 0.0) / max(proof.before, 1e-9)
    if proof.before > 2 * proof.after and proof.before > usual:
        inverse = Inverse(kind="swap", other=second, says="each other's values")
        yield ground.hypothesis(Cause.SWAPPED_COLUMNS, [first, second], exact, Shown(proof=proof, inverse=inverse, explained=explained))


def _farthest(weights: Floats, rows: int) -> float:
    """Return the largest mean weight of so many rows on end of the reference, (m,), half of it at most; at least 0.

    Rows of an hour may share their weather, and such an hour is no exchange because it has more rows.
    """
    length = max(min(rows, len(weights) // 2), 1)
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    return max(float((sums[length:] - sums[:-length]).max(initial=0.0)) / length, 0.0)


def _concerned(sure: Bools, usual: float, ground: Ground) -> Bools:
    """Return the rows of the windows around those in which more rows are the other way round than usual, (n,)."""
    rows = np.bincount(ground.windows)
    share = np.bincount(ground.windows, sure) / np.maximum(rows, 1)
    limit = usual + 4 * np.sqrt((usual + 1e-4) / np.maximum(rows, 1))
    odd = np.flatnonzero(share > limit)
    if not len(odd):
        return np.zeros(len(sure), dtype=bool)
    return np.asarray((ground.windows >= odd.min()) & (ground.windows <= odd.max()))


def _exact(ground: Ground, area: Area, weights: Floats) -> Area | None:
    rows = ground.segment_rows(area.segment)[1] & ground.around(area.rows)
    return stretch_of(ground, area.segment, rows, weights[rows], quiet=0.5)


def _weights(ground: Ground, first: str, second: str) -> tuple[Floats, Floats]:
    """Return how much more likely each row is with its values exchanged: log likelihood ratios before and now, (m,) and (n,)."""
    (a, b), (c, d), width = _coded(ground, first, second)
    table = np.zeros((width + 1, width + 1))
    known = (a >= 0) & (b >= 0)
    np.add.at(table, (a[known], b[known]), 1.0)
    table = (1 - DOUBT) * table / max(known.sum(), 1) + DOUBT / width**2
    ratio = np.log(table.T / table)
    ratio[-1, :], ratio[:, -1] = 0.0, 0.0
    return ratio[a, b], ratio[c, d]


def _coded(ground: Ground, first: str, second: str) -> tuple[tuple[Ints, Ints], tuple[Ints, Ints], int]:
    """Return the cells of both columns on the same cells: before, now, and how many cells there are; -1 where there is no value."""
    frames = ground.before, ground.now
    if first in ground.numbers:
        pooled = np.concatenate([_finite(ground.before[one].to_numpy()) for one in (first, second)])
        edges = cell_edges(pooled, CELLS)
        coded = [tuple(cells_of(frame[one].to_numpy(), edges) for one in (first, second)) for frame in frames]
        return (coded[0][0], coded[0][1]), (coded[1][0], coded[1][1]), len(edges) + 1
    levels = pd.Index(dict.fromkeys(level for frame in frames for one in (first, second) for level in frame[one].cat.categories))
    coded = [
        tuple(frame[one].cat.set_categories(levels).cat.codes.to_numpy().astype(np.int64) for one in (first, second)) for frame in frames
    ]
    return (coded[0][0], coded[0][1]), (coded[1][0], coded[1][1]), len(levels)


def _finite(values: Floats) -> Floats:
    return values[np.isfinite(values)]


def _proof(ground: Ground, first: str, second: str, area: Area) -> Proof:
    """Return how far the columns lie from the reference of the segment as they are and exchanged, whichever of both is farther."""
    held = np.flatnonzero(area.rows)[1::2]
    if first in ground.numbers:
        old = [_finite(ground.before[one].to_numpy()[area.base]) for one in (first, second)]
        new = [_finite(ground.now[one].to_numpy()[held]) for one in (first, second)]
        lines = [ground.before[first].to_numpy()[area.base] - ground.before[second].to_numpy()[area.base]]
        now = ground.now[first].to_numpy()[held] - ground.now[second].to_numpy()[held]
        before = max(ks(new[0], old[0]), ks(new[1], old[1]), ks(_finite(now), _finite(lines[0])))
        after = max(ks(new[1], old[0]), ks(new[0], old[1]), ks(_finite(-now), _finite(lines[0])))
        return Proof(measure="ks", before=before, after=after, rows=len(held))
    old_levels = [ground.before[one][area.base].value_counts(normalize=True) for one in (first, second)]
    new_levels = [ground.now[one].iloc[held].value_counts(normalize=True) for one in (first, second)]
    apart = [_apart(new_levels[i], old_levels[j]) for i, j in ((0, 0), (1, 1), (1, 0), (0, 1))]
    return Proof(measure="tv", before=max(apart[:2]), after=max(apart[2:]), rows=len(held))


def _apart(one: pd.Series, two: pd.Series) -> float:
    first, second = ({str(level): float(share) for level, share in shares.items()} for shares in (one, two))
    return 0.5 * sum(abs(first.get(level, 0.0) - second.get(level, 0.0)) for level in {*first, *second})
