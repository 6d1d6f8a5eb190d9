"""The methods of joint drift on gathered sides: a score of every window, of the reference's own windows, and the evidence behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import scipy
from numpy.typing import NDArray

from monitor.analyses.joint_sides import JointSides
from monitor.stats.inference.bands import Shape
from monitor.stats.multivariate.association import (
    AssociationChange,
    Associations,
    association_change,
    association_change_along,
    associations,
)
from monitor.stats.multivariate.classifier import separate, separate_reference
from monitor.stats.multivariate.distances import directions, sliced
from monitor.stats.multivariate.joint import gaussian_distance
from monitor.stats.multivariate.learning import LearnedRules, learn_rules
from monitor.stats.multivariate.moments import Moments
from monitor.stats.multivariate.orders import usual_orders, wrong_order
from monitor.stats.multivariate.partition import cell_counts, fit_partition
from monitor.stats.multivariate.pca import Pca, fit_pca, pca_windows, project
from monitor.stats.multivariate.rows import Rows, subsample
from monitor.stats.multivariate.rules import broken

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXPLAINED = 0.65
CELLS = 16
FIT_ROWS = 20_000
CLASSIFIER_ROWS = 1_500
SLICED_ROWS = (3_000, 1_000)
PERMUTATIONS = 99
MAP_ROWS = 1_500
RULE_FOLDS = 4
BREAKING_SHARE = 0.02
"""Share of the rows of a block of time above which it counts as one that breaks rules."""
FARTHEST_Z = 1.5
"""arctanh of an association (.91) beyond which ties decide: a day with one hour of rain has an association of 1 with anything."""
BREAKING_ROWS = 50
"""Rows kept of each rule and window that break it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Scores of one method: `score` (w,) of production windows on `rows` (w,) rows each, `reference` (r,) of the reference's own windows.

    `rows` are those that the score rests on; where they are a sample of a window that is shorter than others, as few as its length says.
    `shape` says how the score depends on the number of rows (`stats.inference.bands`), `two_sided` whether low scores tell of drift
    too, `row_variance` the variance of one row's part where it is known, `p_value` (w,) that of a test of the method's own, which has to
    agree with the band, `limits` (w, 2) and `verdict` (w,) those of another tool's profile.
    """

    method: str
    score: Floats
    rows: Ints
    reference: Floats
    reference_rows: Ints
    shape: Shape = "distance"
    two_sided: bool = False
    row_variance: float | None = None
    p_value: Floats | None = None
    limits: Floats | None = None
    verdict: NDArray[np.bool_] | None = None


@dataclass(slots=True)
class Evidence:
    """Tables behind the scores, by name; a method adds its own. `pairs` are series of pairs of columns, by their labels, `orders` those of
    pairs of numbers of which the first seldom exceeds the second."""

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    pairs: dict[tuple[str, str], Series] = field(default_factory=dict)
    orders: dict[tuple[str, str], Series] = field(default_factory=dict)


def measure_moments(sides: JointSides, wanted: frozenset[str], evidence: Evidence) -> Iterator[Series]:
    """Score windows by sums and products of all their rows: the principal components and the distance of means and covariances."""
    model = fit_pca(sides.line.take([range(sides.count)]), explained=EXPLAINED)
    w, columns = len(sides.line), len(sides.names)
    scores = {name: np.full(w, np.nan) for name in ("pca_reconstruction", "hotelling_t2", "gaussian_distance")}
    parts, alone = np.full((w, columns), np.nan), np.full((w, columns), np.nan)
    along = np.full((w, len(model.variance)), np.nan)
    for baseline, targets in _by_baseline(sides):
        base, own = sides.line.take([baseline]), sides.line.take([[one] for one in targets])
        if base.rows[0] < 2:
            continue
        found = pca_windows(own, fit_pca(base, components=len(model.variance)), sides.encoder.owner)
        scores["pca_reconstruction"][targets], scores["hotelling_t2"][targets] = found.residual, found.shift
        parts[targets] = found.contributions
        along[targets, : found.component_shift.shape[1]] = found.component_shift
        if "gaussian_distance" in wanted:
            scores["gaussian_distance"][targets] = gaussian_distance(own, base)
            alone[targets] = _alone(own, base, sides.encoder.owner)
    evidence.tables["contributions"] = _by_column(sides, parts)
    if "gaussian_distance" in wanted:
        evidence.tables["alone"] = _by_column(sides, alone)
    evidence.tables["component_shifts"] = _component_shifts(sides, along)
    evidence.tables["loadings"] = _loadings(sides, model)
    evidence.tables["map"] = _map(sides, model)
    shapes: Mapping[str, Shape] = {"pca_reconstruction": "level"}
    for name, score in scores.items():
        if name in wanted:
            yield _series(sides, name, score, sides.line.rows, shape=shapes.get(name, "distance"), two_sided=name in shapes)


def _by_baseline(sides: JointSides) -> list[tuple[list[int], list[int]]]:
    groups: dict[tuple[int, ...], list[int]] = {}
    for target, baseline in enumerate(sides.baselines):
        groups.setdefault(baseline, []).append(target)
    return [(list(baseline), targets) for baseline, targets in groups.items() if baseline]


def _series(sides: JointSides, method: str, score: Floats, rows: Ints, **more: Any) -> Series:
    r = sides.count
    worth = _worth(sides.line.rows, rows, r)
    return Series(method=method, score=score[r:], rows=worth[r:], reference=score[:r], reference_rows=worth[:r], **more)


def _worth(whole: Ints, used: Ints, count: int) -> Ints:
    """Return what sampled rows are worth, (r + w,): a day sampled to as many rows as a week still holds one day's weather only."""
    typical = [max(float(np.mean(rows[:count])), 1.0) for rows in (whole, used)]
    return np.minimum(used, np.ceil(whole / typical[0] * typical[1]).astype(np.int64))


def _long(sides: JointSides, values: Floats, key: str, names: list[Any]) -> pd.DataFrame:
    """Return values (w, k) of production windows as one row per window and name."""
    ids = sides.windows.ids
    return pd.DataFrame({"window": np.repeat(np.array(ids, dtype=object), len(names)), key: names * len(ids), "value": values.ravel()})


def _alone(own: Moments, base: Moments, owner: Ints) -> Floats:
    """Return the distance that each column has on its own, whatever the others do, (w, columns)."""
    found = []
    for column in range(int(owner.max()) + 1):
        at = np.flatnonzero(owner == column)
        parts = [Moments(one.rows, one.total[:, at], one.products[:, at][:, :, at]) for one in (own, base)]
        found.append(gaussian_distance(*parts))
    return np.column_stack(found)


def _by_column(sides: JointSides, parts: Floats) -> pd.DataFrame:
    """Return the part of each column in a score by window, what it is in the reference's own windows, and how far it exceeds that."""
    labels, r = list(sides.names), sides.count
    table = _long(sides, parts[r:], "label", labels)
    usual = np.array([np.nanmean(column) if np.isfinite(column).any() else np.nan for column in parts[:r].T])
    expected = np.tile(usual, len(sides.windows))
    columns = table["label"].map(dict(sides.names))
    return table.assign(column=columns, expected=expected, excess=table["value"] - expected)


def _component_shifts(sides: JointSides, along: Floats) -> pd.DataFrame:
    return _long(sides, along[sides.count :], "component", [position + 1 for position in range(along.shape[1])])


def _loadings(sides: JointSides, model: Pca) -> pd.DataFrame:
    titles, k = list(sides.encoder.titles), len(model.variance)
    return pd.DataFrame(
        {
            "component": np.repeat(np.arange(1, k + 1), len(titles)),
            "explained": np.repeat(model.explained[:k], len(titles)),
            "label": titles * k,
            "value": model.components.ravel(),
        }
    )


def _map(sides: JointSides, model: Pca) -> pd.DataFrame:
    """Return the first two coordinates of at most 1,500 rows of the reference and of each production window."""
    rng = np.random.default_rng(0)
    side = np.where(sides.sampled.window < sides.count, -1, sides.sampled.window)
    order = rng.permutation(len(side))
    place = pd.Series(side[order]).groupby(side[order]).cumcount().to_numpy()
    chosen = np.sort(order[place < MAP_ROWS])
    points = project(sides.encoder.encode(sides.sampled.take(chosen)), model, components=min(2, len(model.variance)))
    ids = np.array([*sides.windows.ids, ""], dtype=object)
    position = np.where(side[chosen] < 0, -1, side[chosen] - sides.count)
    return pd.DataFrame(
        {
            "x": points[:, 0],
            "y": points[:, 1] if points.shape[1] > 1 else np.zeros(len(points)),
            "side": np.where(position < 0, "reference", "production"),
            "window": ids[position],
            "file": sides.place[chosen, 0],
            "row": sides.place[chosen, 1],
        }
    )


def measure_correlation(sides: JointSides, evidence: Evidence) -> Iterator[Series]:
    """Score the change of the associations of all pairs, and list it pair by pair."""
    used = sides.sampled.counts
    worth = _worth(sides.line.rows, used, sides.count) / np.maximum(used, 1)
    change = _change_along(sides, worth) if sides.sliding else _change_from_whole(sides, worth)
    w, k = change.after.shape
    names, columns = np.array(change.names, dtype=object), np.array([sides.names[one] for one in change.names], dtype=object)
    evidence.tables["associations"] = pd.DataFrame(
        {
            "window": np.repeat(np.array(sides.windows.ids, dtype=object), k),
            **{f"{side}_column": np.tile(columns[at], w) for side, at in (("first", change.first), ("second", change.second))},
            **{f"{side}_label": np.tile(names[at], w) for side, at in (("first", change.first), ("second", change.second))},
            **{name: getattr(change, name).ravel() for name in ("before", "after", "change", "lower", "upper", "p_value")},
        }
    )
    evidence.pairs.update(_pair_series(change))
    if not sides.sliding:
        evidence.orders.update(_order_series(sides))
    score = np.concatenate([change.overall_reference, change.overall])
    yield _series(sides, "correlation", score, used)


def _pair_series(change: AssociationChange) -> dict[tuple[str, str], Series]:
    """Return arctanh of each pair as a series; its variance by rows is that of a correlation (Fisher 1915)."""
    found = {}
    for k, (a, b) in enumerate(zip(change.first, change.second, strict=True)):
        found[change.names[a], change.names[b]] = Series(
            method=f"{change.names[a]} with {change.names[b]}",
            score=np.clip(change.z[:, k], -FARTHEST_Z, FARTHEST_Z),
            rows=np.maximum(change.rows[:, k] - 3, 0),
            reference=np.clip(change.z_reference[:, k], -FARTHEST_Z, FARTHEST_Z),
            reference_rows=np.maximum(change.rows_reference[:, k] - 3, 0),
            shape="level",
            two_sided=True,
            row_variance=1.0,
        )
    return found


def _order_series(sides: JointSides) -> dict[tuple[str, str], Series]:
    """Return the share of rows in which two numbers stand in an order that is seldom."""
    found, names, r = {}, sides.sampled.numeric_names, sides.count
    for order in usual_orders(sides.reference_rows):
        share, rows = wrong_order(sides.sampled, order)
        pair = names[order.smaller], names[order.larger]
        found[pair] = Series(
            method=f"{pair[0]} above {pair[1]}",
            score=share[r:],
            rows=rows[r:],
            reference=share[:r],
            reference_rows=rows[:r],
            shape="level",
            two_sided=True,
            row_variance=order.share * (1 - order.share),
        )
    return found


def _change_from_whole(sides: JointSides, worth: Floats) -> AssociationChange:
    reference, production = sides.reference_rows, sides.production_rows
    rows = sides.line.rows.astype(float)
    longer = rows[sides.count :] ** 2 > rows[: sides.count].mean() * rows[: sides.count].sum()
    whole, own = associations(reference.as_window(0, 1)), associations(reference)
    return association_change(own, whole, _worth_of(associations(production), worth[sides.count :]), longer=longer)


def _change_along(sides: JointSides, worth: Floats) -> AssociationChange:
    """Compare every window with the windows it has as a baseline, a sample of their rows where they are many."""
    line = associations(sides.sampled)
    base = Associations(line.names, line.numeric, np.full_like(line.value, np.nan), np.zeros_like(line.rows))
    for baseline, targets in _by_baseline(sides):
        rows = sides.sampled.take(np.isin(sides.sampled.window, baseline))
        found = associations(subsample(rows, FIT_ROWS).as_window(0, 1))
        base.value[targets], base.rows[targets] = found.value[0], found.rows[0] * worth[baseline].mean()
    return association_change_along(_worth_of(line, worth), base, sides.count)


def _worth_of(found: Associations, worth: Floats) -> Associations:
    return replace(found, rows=np.ceil(found.rows * worth[:, None, None]).astype(np.int64))


def measure_cells(sides: JointSides, evidence: Evidence, seed: int) -> Iterator[Series]:
    """Score how different the shares of the cells of a k-means partition are."""
    reference = subsample(sides.reference_rows, FIT_ROWS, seed=seed)
    partition = fit_partition(reference, sides.encoder, cells=min(CELLS, max(2, len(reference) // 50)), seed=seed)
    counts = cell_counts(sides.sampled, sides.encoder, partition).astype(float)
    score, usual = np.full(len(counts), np.nan), np.full(counts.shape, np.nan)
    for baseline, targets in _by_baseline(sides):
        expected = counts[baseline].sum(axis=0) + 0.5
        expected /= expected.sum()
        with np.errstate(invalid="ignore", divide="ignore"):
            share = counts[targets] / counts[targets].sum(axis=1, keepdims=True)
        score[targets], usual[targets] = 1.0 - np.sqrt(share * expected).sum(axis=1), expected
    rows = counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / rows[:, None]
    table = _long(sides, shares[sides.count :], "cell", list(range(1, len(partition.names) + 1)))
    named = dict(enumerate(partition.names, start=1))
    evidence.tables["cells"] = table.assign(
        name=table["cell"].map(named), before=usual[sides.count :].ravel(), n=counts[sides.count :].ravel().astype(np.int64)
    )
    yield _series(sides, "cell_shares", score, rows.astype(np.int64))


def measure_rules(sides: JointSides, evidence: Evidence, seed: int) -> Iterator[Series]:
    """Score the share of rows whose values are usual one by one but break a rule of two columns.

    The reference's own share is that of rules of the other half of its time. Ranges of single columns are listed, but are the business
    of drift column by column.
    """
    rows = _known(sides.sampled)
    own = rows.window < sides.count
    reference = replace(rows.take(own), windows=sides.count)
    learned = learn_rules(subsample(reference, FIT_ROWS, seed=seed))
    mask = broken(learned.rules, rows)
    together = np.array([len(rule.columns) > 1 for rule in learned.rules], dtype=bool)
    any_broken = np.asarray(mask[:, together].any(axis=1))
    any_broken[own] = _cross_fitted(reference, seed)
    counts = np.bincount(rows.window, minlength=len(sides.line))
    with np.errstate(invalid="ignore", divide="ignore"):
        score = np.bincount(rows.window, any_broken, minlength=len(sides.line)) / counts
    evidence.tables["rules"] = _rule_table(sides, learned)
    evidence.tables["broken"] = _broken_shares(sides, rows, mask, learned)
    evidence.tables["breaking_rows"] = _breaking_rows(sides, rows, mask)
    usual = max(float(any_broken[own].mean()), 1.0 / max(len(reference), 1))
    p_value = _p_of_blocks(rows, any_broken, sides.count)
    yield _series(sides, "rules", score, counts, shape="level", row_variance=usual * (1 - usual), p_value=p_value)


def _known(rows: Rows) -> Rows:
    """Treat rare and new levels as unknown: they break no rule of their own (the page Drift names them)."""
    rest = np.array(rows.sizes, dtype=np.int64) - 1
    return replace(rows, categorical=np.where(rows.categorical == rest, -1, rows.categorical))


def _cross_fitted(reference: Rows, seed: int) -> NDArray[np.bool_]:
    """Say which reference rows break a rule of two columns learned on the other parts of its time, (n,)."""
    found, blocks = np.zeros(len(reference), dtype=bool), np.unique(reference.block, return_inverse=True)[1]
    part = blocks * RULE_FOLDS // (int(blocks.max(initial=0)) + 1)
    for one in np.unique(part):
        rest = part != one
        if rest.any():
            learned = learn_rules(subsample(reference.take(rest), FIT_ROWS, seed=seed))
            pairs = [rule for rule in learned.rules if len(rule.columns) > 1]
            found[~rest] = np.asarray(broken(pairs, reference.take(~rest)).any(axis=1))
    return found


def _p_of_blocks(rows: Rows, any_broken: NDArray[np.bool_], count: int) -> Floats:
    """Return the probability that so many blocks of time break rules, (windows - count,), where rows of a block are not independent.

    The blocks of a window that do are beta-binomial, with what the reference's blocks teach.
    """
    _, first, block = np.unique(rows.block, return_index=True, return_inverse=True)
    breaks = np.bincount(block, any_broken) / np.bincount(block) > BREAKING_SHARE
    window = rows.window[first]
    own = window < count
    number, broke = (np.bincount(window[~own] - count, weights, minlength=rows.windows - count) for weights in (None, breaks[~own]))
    alpha, beta = breaks[own].sum() + 0.5, (~breaks[own]).sum() + 0.5
    return np.asarray(scipy.stats.betabinom.sf(broke - 1, number, alpha, beta))


def _rule_table(sides: JointSides, learned: LearnedRules) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "rule": range(1, len(learned.rules) + 1),
            "kind": [rule.kind for rule in learned.rules],
            "columns": [", ".join(sides.names[one] for one in rule.columns) for rule in learned.rules],
            "text": [rule.text for rule in learned.rules],
            "support": learned.support,
            "held_out": learned.held_out,
        }
    )


def _broken_shares(sides: JointSides, rows: Rows, mask: NDArray[np.bool_], learned: LearnedRules) -> pd.DataFrame:
    """Return the share of rows of each window that break each rule, and in words how most of them do."""
    later = rows.window >= sides.count
    window, w = rows.window[later] - sides.count, len(sides.windows)
    counts = np.array([np.bincount(window, column, minlength=w) for column in mask[later].T]).reshape(-1, w).T
    n = np.bincount(window, minlength=w)[:, None]
    breach = np.full(counts.shape, "", dtype=object)
    for position, rule in np.argwhere(counts > 0):
        breach[position, rule] = learned.rules[rule].breach(rows.take(mask[:, rule] & (rows.window == sides.count + position)))
    with np.errstate(invalid="ignore", divide="ignore"):
        table = _long(sides, counts / n, "rule", list(range(1, mask.shape[1] + 1)))
    before = np.tile(learned.held_out, len(sides.windows))
    return table.assign(before=before, n=counts.ravel().astype(np.int64), breach=breach.ravel())


def _breaking_rows(sides: JointSides, rows: Rows, mask: NDArray[np.bool_]) -> pd.DataFrame:
    at, rule = np.nonzero(mask & (rows.window >= sides.count)[:, None])
    found = pd.DataFrame(
        {
            "rule": rule + 1,
            "window": np.array(sides.windows.ids, dtype=object)[rows.window[at] - sides.count],
            "file": sides.place[at, 0],
            "row": sides.place[at, 1],
        }
    )
    return found.groupby(["rule", "window"], sort=False).head(BREAKING_ROWS).reset_index(drop=True)


def measure_classifier(sides: JointSides, evidence: Evidence, seed: int, told: Callable[[float], None]) -> Iterator[Series]:
    """Score how well trees tell a window from its baseline, and which columns they use."""
    r, w = sides.count, len(sides.windows)
    spread = np.unique(np.linspace(0, r - 1, min(10, r)).round().astype(int)).tolist()
    own = separate_reference(sides.reference_rows, windows=spread, sample=CLASSIFIER_ROWS, seed=seed) if r > 1 else ()
    score, rows = np.full(w, np.nan), np.zeros(w, dtype=np.int64)
    importance = np.full((w, len(sides.names)), np.nan)
    for position in range(w):
        told(position / w)
        base = np.isin(sides.sampled.window, sides.baselines[r + position])
        window = sides.sampled.take(sides.sampled.window == r + position)
        if base.any() and len(window):
            found = separate(sides.sampled.take(base), window, sample=CLASSIFIER_ROWS, importance=True, seed=seed + position)
            score[position], rows[position], importance[position] = found.auc, found.window_rows, found.importance
    table = _long(sides, importance, "label", list(sides.names))
    evidence.tables["importances"] = table.assign(column=table["label"].map(dict(sides.names)))
    yield Series(
        method="domain_classifier",
        score=score,
        rows=rows,
        reference=np.array([one.auc for one in own]),
        reference_rows=np.array([one.window_rows for one in own], dtype=np.int64),
        shape="level",
    )


def measure_sliced(sides: JointSides, evidence: Evidence, seed: int, told: Callable[[float], None]) -> Iterator[Series]:
    """Score the average distance over random directions; the permutation p-value (whole blocks change sides) is kept as evidence."""
    r, total = sides.count, len(sides.line)
    model = fit_pca(sides.line.take([range(r)]), explained=EXPLAINED)
    views = directions(len(sides.encoder.owner), components=model.components, seed=seed)
    score, rows, p_value = np.full(total, np.nan), np.zeros(total, dtype=np.int64), np.full(total, np.nan)
    for position in range(total):
        told(position / total)
        base = subsample(sides.sampled.take(np.isin(sides.sampled.window, sides.baselines[position])), SLICED_ROWS[0], seed=seed)
        window = subsample(sides.sampled.take(sides.sampled.window == position), SLICED_ROWS[1], seed=seed)
        if len(base) and len(window):
            z, blocks = (sides.encoder.encode(base), sides.encoder.encode(window)), (base.block, window.block)
            found = sliced(*z, blocks, views, permutations=PERMUTATIONS if position >= r else 0, seed=seed).wasserstein
            score[position], rows[position], p_value[position] = found.value, len(window), found.p_value
    evidence.tables["permutations"] = pd.DataFrame({"window": sides.windows.ids, "p_permutation": p_value[r:]})
    yield _series(sides, "sliced_wasserstein", score, rows)
