"""What chance and the reference's own windows explain of measured drift: the slow half of judging, which no threshold changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from monitor.analyses.drift import DriftResult, group_labels
from monitor.analyses.sides import tally
from monitor.stats.comparison import Comparison, Layout
from monitor.stats.expectation import Change, expected_upper, measure_change, simulate_null
from monitor.stats.method import Method

EXTREMES = frozenset({"min_change", "max_change"})
"""Methods of a window's single most extreme rows: shown, not judged, for larger windows reach further without any change."""


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
    window but missing_share and new_levels, which have their own. `p_value` is that p-value, or the textbook one of a test.
    """
    changes = {name: _change(result, name) for name in result.sides.production.columns}
    rows_of = {name: result.table[result.table["column"] == name] for name in changes}
    parts = [_assess_column(result, name, rows, changes[name]) for name, rows in rows_of.items() if len(rows)]
    empty = result.table.assign(label="", expected=np.nan, p_change=np.nan, direction="", phi=np.nan, size=np.nan, expected_size=np.nan)
    table = pd.concat(parts, ignore_index=True) if parts else empty
    return Assessment(result=result, table=table.assign(q_value=_q_values(table)), changes=changes)


def _change(result: DriftResult, name: str) -> Change:
    sides = result.sides
    production, history = sides.production.columns[name], sides.history(name)
    layout = Layout.of(production.cells, history.total)
    baseline = tally(sides.reference(name)) if sides.baseline.weights is not None else None
    return measure_change(history, tally(production), layout.groups, ordered=layout.ordered, baseline=baseline, spans=sides.spans)


def _assess_column(result: DriftResult, name: str, rows: pd.DataFrame, change: Change) -> pd.DataFrame:
    windows = {window: position for position, window in enumerate(result.sides.production.windows.ids)}
    position = rows["window"].map(windows).to_numpy()
    upper = _expected_by_method(result, name, rows["method"].unique(), change)
    nothing = np.full(len(change.p_value), np.nan)
    expected = np.array([upper.get(method, nothing)[i] for method, i in zip(rows["method"], position, strict=True)])
    own = {"missing_share": change.p_missing, "new_levels": change.p_other}
    p_change = np.array([own.get(m, change.p_value)[i] for m, i in zip(rows["method"], position, strict=True)])
    unchanged = rows["method"].map({one: _unchanged_of(result, one) for one in rows["method"].unique()}).to_numpy(dtype=float)
    directions = np.array(_directions(result, name, change))
    return rows.assign(
        label=result.labels.get(name, name),
        expected=_with_profile(rows, expected),
        p_change=p_change,
        p_value=rows["p_value"].where(rows["p_value"].notna(), p_change),
        direction=directions[position],
        phi=change.phi[position],
        size=np.abs(rows["score"].to_numpy(dtype=float) - unchanged),
        expected_size=np.abs(expected - unchanged),
    )


def _with_profile(rows: pd.DataFrame, expected: Any) -> Any:
    if "profile_threshold" not in rows:
        return expected
    return np.where(rows["profile_threshold"].notna(), rows["profile_threshold"], expected)


def _expected_by_method(result: DriftResult, name: str, methods: Iterable[str], change: Change) -> dict[str, Any]:
    """Upper end of each method's distance from "nothing changed", put back on the scale of its score."""
    production, history = result.sides.production.columns[name], result.sides.history(name)
    layout = Layout.of(production.cells, history.total)
    null = simulate_null(history, production.rows.astype(float), phi=change.phi)
    found = {}
    for one in methods:
        method = result.catalogue.method(one) if one in result.catalogue.ids else None
        if method is not None and method.on_cells is not None and one not in EXTREMES:
            none = _unchanged(method)
            found[one] = none + expected_upper(_distance(method, layout, none), history, null)
    return found


def _unchanged_of(result: DriftResult, method: str) -> float:
    return _unchanged(result.catalogue.method(method)) if method in result.catalogue.ids else 0.0


def _unchanged(method: Method) -> float:
    return 0.0 if np.isnan(method.none) else method.none


def _distance(method: Method, layout: Layout, none: float) -> Callable[[Any, Any], Any]:
    def distance(reference: Any, windows: Any) -> Any:
        return np.abs(method.compare(Comparison.of_counts(reference, windows, layout)).score - none)

    return distance


def _q_values(table: pd.DataFrame) -> Any:
    """Benjamini-Hochberg over columns and windows, in one family per p-value that is asked of them."""
    q = np.full(len(table), np.nan)
    family = table["method"].where(table["method"].isin(["missing_share", "new_levels"]), "change").to_numpy()
    p = table["p_change"].to_numpy(dtype=float)
    for name in np.unique(family):
        chosen = (family == name) & np.isfinite(p)
        keys = table.loc[chosen, ["column", "window"]].drop_duplicates().index
        if len(keys) == 0:
            continue
        adjusted = stats.false_discovery_control(p[keys])
        looked_up = dict(zip(map(tuple, table.loc[keys, ["column", "window"]].to_numpy()), adjusted, strict=True))
        q[chosen] = [looked_up[key] for key in map(tuple, table.loc[chosen, ["column", "window"]].to_numpy())]
    return q


def _directions(result: DriftResult, name: str, change: Change) -> list[str]:
    """Say in a word or two which way each window moved: the loudest answer, but order before cells."""
    production = result.sides.production.columns[name]
    groups = Layout.of(production.cells, result.sides.history(name).total).groups
    labels = group_labels(production.cells, groups)
    names = change.questions.names
    return [_direction(names, change.t[w], int(change.question[w]), change.questions.groups, labels) for w in range(len(change.t))]


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
