"""What chance and the reference's own windows explain of measured drift: the slow half of judging, which no threshold changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from monitor.analyses.drift import DriftResult, group_labels
from monitor.analyses.sides import tally
from monitor.errors import MethodError
from monitor.judgement.texts import TextAssessment, assess_texts
from monitor.stats.comparison import Comparison, Layout, Side
from monitor.stats.contrasts import Tally
from monitor.stats.expectation import Change, Floats, History, expected_upper, measure_change, simulate_null
from monitor.stats.grouping import group_counts
from monitor.stats.method import Method
from monitor.stats.overdispersion import Prior, shared_prior

EXTREMES = frozenset({"min_change", "max_change"})
"""Methods of a window's single most extreme rows: shown, not judged, for larger windows reach further without any change."""
SIMULATED_CELLS = 60
CHANGE = "change"
OWN_QUESTIONS = ("missing_share", "new_levels", "new_words")
"""Methods with a p-value of their own, apart from that of "anything changed"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """Measured drift with its expectation: `table` has the rows of the result and `label`, `expected`, `p_change`, `p_value`, `q_value`,
    `direction`, `phi` (overdispersion), `size` (distance of the score from "nothing changed") and `expected_size`."""

    result: DriftResult
    table: pd.DataFrame
    changes: Mapping[str, Change]


def assess_drift(result: DriftResult) -> Assessment:
    """Work out what each score would be without change, and how surprising each column and window is.

    Notes
    -----
    `q_value` is the Benjamini-Hochberg value over all columns and windows of the screen of a p-value that asks whether anything changed
    (see `monitor.stats.expectation`), allowing for how the reference's own windows vary; it is the same for all methods of a column and
    window but missing_share and new_levels, which have their own and need both: their own, and that anything changed at all, so that asking
    more questions makes no more false alarms. `p_value` is that p-value, or the textbook one of a test.
    """
    table = result.table
    rows_of: dict[Any, Any] = table.groupby(["column", "method"], sort=False).indices
    methods: dict[str, list[str]] = {}
    for name, method in rows_of:
        methods.setdefault(str(name), []).append(str(method))
    changes = _changes(result)
    columns = {name: _assess_column(result, name, methods.get(name, ()), change) for name, change in changes.items()}
    columns.update({name: _of_text(text) for name, text in assess_texts(result).items()})
    asked = {family: [name for name in methods if any(_family(m) == family for m in methods[name])] for family in (CHANGE, *OWN_QUESTIONS)}
    q = {family: _q_values({name: columns[name].p(family) for name in names}) for family, names in asked.items()}
    window = pd.Index(result.sides.production.windows.ids).get_indexer(pd.Index(table["window"]))
    values = {key: np.full(len(table), np.nan) for key in ("expected", "p_change", "q_value", "phi", "unchanged")}
    direction = np.full(len(table), "", dtype=object)
    moved = {key: table[key].to_numpy(copy=True) for key in ("moved_cell", "moved_from", "moved_to")}
    for (name, method), rows in rows_of.items():
        column, family, at = columns[name], _family(method), window[rows]
        values["expected"][rows] = column.expected.get(method, np.full(len(column.phi), np.nan))[at]
        values["p_change"][rows] = column.p(family)[at]
        values["q_value"][rows] = np.fmax(q[family][name], q[CHANGE].get(name, q[family][name]))[at]
        values["phi"][rows] = column.phi[at]
        values["unchanged"][rows] = _unchanged_of(result, method)
        direction[rows] = column.directions[at]
        for key, told in column.moved.items():
            moved[key][rows] = told[at]
    return Assessment(result=result, table=_with_values(result, values, direction).assign(**moved), changes=changes)


def _with_values(result: DriftResult, values: Mapping[str, Floats], direction: Any) -> pd.DataFrame:
    table, unchanged, expected = result.table, values["unchanged"], values["expected"]
    return table.assign(
        label=table["column"].map(lambda name: result.labels.get(name, name)),
        expected=_with_profile(table, expected),
        p_change=values["p_change"],
        p_value=table["p_value"].where(table["p_value"].notna(), values["p_change"]),
        direction=direction,
        phi=values["phi"],
        size=np.abs(table["score"].to_numpy(dtype=float) - unchanged),
        expected_size=np.abs(expected - unchanged),
        q_value=values["q_value"],
    )


@dataclass(frozen=True, slots=True)
class _Column:
    """What is worked out for one column: `phi` (w,), `p_values` (w,) by family, `expected` (w,) by method and the `directions` (w,) in
    words; for categories also the level that speaks loudest, `moved`: cell, share before and after (w,)."""

    phi: Floats
    p_values: Mapping[str, Floats]
    expected: Mapping[str, Floats]
    directions: Any
    moved: Mapping[str, Any]

    def p(self, family: str) -> Floats:
        """Return the p-values of a family, (w,)."""
        return self.p_values[family]


def _of_text(text: TextAssessment) -> _Column:
    unknown = np.full(len(text.directions), np.nan)
    return _Column(unknown, {CHANGE: text.p_change, "new_words": text.p_new_words}, text.expected, text.directions, {})


def _family(method: str) -> str:
    return method if method in OWN_QUESTIONS else CHANGE


def _changes(result: DriftResult) -> dict[str, Change]:
    """Test every column; one with too few cells to tell how much blocks vary is tested again with what the others tell."""
    changes = {name: _change(result, name, None) for name in result.sides.production.columns}
    prior = shared_prior(change.noise.blocks for change in changes.values())
    if prior is None:
        return changes
    return {name: _change(result, name, prior) if change.noise.blocks.alone else change for name, change in changes.items()}


def _change(result: DriftResult, name: str, prior: Prior | None) -> Change:
    sides = result.sides
    production, history = sides.production.columns[name], sides.history(name)
    layout = Layout.of(production.cells, history.total)
    baseline = tally(sides.reference(name)) if sides.baseline.weights is not None else None
    return measure_change(history, tally(production), layout, baseline=baseline, spans=sides.spans, prior=prior)


def _assess_column(result: DriftResult, name: str, methods: Iterable[str], change: Change) -> _Column:
    sides = result.sides
    production, history = sides.production.columns[name], sides.history(name)
    layout = Layout.of(production.cells, history.total)
    judged = [result.catalogue.method(one) for one in methods if one in result.catalogue.ids and one not in EXTREMES]
    on_cells = [method for method in judged if method.on_cells is not None]
    upper = _expected_by_method(on_cells, history, layout, production.rows.astype(float), change.phi)
    labels = group_labels(production.cells, layout.groups)
    moved = {} if layout.ordered else _loudest_level(change, sides.reference(name).counts, production.counts, layout, labels)
    p_values = {CHANGE: change.p_value, "missing_share": change.p_missing, "new_levels": change.p_unseen}
    return _Column(change.phi, p_values, upper, _directions(labels, change), moved)


def _loudest_level(change: Change, reference: Any, production: Any, layout: Layout, labels: list[str]) -> dict[str, Any]:
    """Return the level whose share changed most surprisingly in each window: it fits the direction, as the largest change may not."""
    group = change.questions.groups[change.question]
    rows = np.arange(len(group))
    with np.errstate(invalid="ignore", divide="ignore"):
        before, after = (group_counts(counts, layout.groups) for counts in (reference, production))
        before, after = before / before.sum(axis=1, keepdims=True), after / after.sum(axis=1, keepdims=True)
    before = np.broadcast_to(before, after.shape)
    cells = np.array([labels[int(one)] for one in group], dtype=object)
    return {"moved_cell": cells, "moved_from": before[rows, group], "moved_to": after[rows, group]}


def _with_profile(rows: pd.DataFrame, expected: Any) -> Any:
    if "profile_threshold" not in rows:
        return expected
    return np.where(rows["profile_threshold"].notna(), rows["profile_threshold"], expected)


def _expected_by_method(methods: Iterable[Method], history: History, layout: Layout, rows: Floats, phi: Floats) -> dict[str, Floats]:
    """Upper end of each method's distance from "nothing changed" for windows of so many rows, put back on the scale of its score.

    Ordered cells are merged to about sixty first: a statistic of order hardly changes, and four times as few are simulated.
    """
    cells = layout.thinner(history.total, SIMULATED_CELLS)
    layout = layout.merged(cells, history.total)
    history = History(Tally(group_counts(history.blocks.counts, cells)), Tally(group_counts(history.windows.counts, cells)))
    null = simulate_null(history, rows, phi=phi)
    baseline = Side.of_counts(null.baseline, layout)
    simulated = [Comparison(layout, baseline, Side.of_counts(windows, layout)) for windows in null.windows]
    rest, own = history.windows.rest().counts, history.windows.counts
    usable = (own.sum(axis=1) > 0) & (rest.sum(axis=1) > 0)
    reference = Comparison.of_counts(rest[usable], own[usable], layout)
    found = {}
    for method in methods:
        none = _unchanged(method)
        shown = np.full(len(own), np.nan)
        try:
            shown[usable] = np.abs(method.compare(reference).score - none)
            scores = [np.abs(method.compare(comparison).score - none) for comparison in simulated]
        except MethodError:  # an analyst's own method that cannot be simulated: nothing is known of what to expect
            continue
        reach = max(method.high - none, none - method.low)
        found[method.id] = none + np.minimum(expected_upper(scores, shown, null), reach)
    return found


def _unchanged_of(result: DriftResult, method: str) -> float:
    return _unchanged(result.catalogue.method(method)) if method in result.catalogue.ids else 0.0


def _unchanged(method: Method) -> float:
    return 0.0 if np.isnan(method.none) else method.none


def _q_values(p: Mapping[str, Floats]) -> dict[str, Floats]:
    """Benjamini-Hochberg over the p-values (w,) of all columns together; nan where there is no p-value."""
    every = np.concatenate(list(p.values())) if p else np.array([])
    q = np.full(len(every), np.nan)
    asked = np.isfinite(every)
    if asked.any():
        q[asked] = stats.false_discovery_control(every[asked])
    ends = np.cumsum([len(values) for values in p.values()])
    return dict(zip(p, np.split(q, ends[:-1]), strict=True)) if p else {}


def _directions(labels: list[str], change: Change) -> Any:
    """Say in a word or two which way each window moved, (w,): the loudest answer, but order before cells."""
    names, groups = change.questions.names, change.questions.groups
    said = [_direction(names, change.t[w], int(change.question[w]), groups, labels) for w in range(len(change.t))]
    return np.array(said, dtype=object)


def _direction(names: tuple[str, ...], t: Any, loudest: int, groups: Any, labels: list[str]) -> str:
    word, up = names[loudest], bool(t[loudest] > 0)
    if "location" in names and word != "missing":
        middle = "mean" if word == "mean" else "location"
        location, spread = float(t[names.index(middle)]), float(t[names.index("spread")])
        if abs(location) >= 2 and abs(location) >= abs(spread):
            return "higher" if location > 0 else "lower"
        if abs(spread) >= 2:
            return "wider" if spread > 0 else "narrower"
    if word == "missing":
        return "more missing" if up else "fewer missing"
    if word in ("location", "mean", "spread"):
        return ("narrower", "wider")[up] if word == "spread" else ("lower", "higher")[up]
    more = "more" if up else "fewer"
    if word in ("lowest", "highest"):
        return f"{more} at the {'bottom' if word == 'lowest' else 'top'} end"
    return f"{more} {labels[int(groups[loudest])]}"
