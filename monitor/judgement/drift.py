"""Verdicts on drift: a change must be large enough to matter, exceed what happens without change, and survive all looks at the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from monitor.analyses.drift import DriftResult, group_labels
from monitor.analyses.sides import tally
from monitor.judgement.thresholds import DriftThresholds
from monitor.stats.comparison import Comparison, Layout
from monitor.stats.expectation import Change, expected_upper, measure_change, simulate_null
from monitor.stats.method import Method
from monitor.tables import Contract, Provenance, Skipped
from monitor.vocabulary import SEVERITY, Status

EXTREMES = frozenset({"min_change", "max_change"})
"""Methods of a window's single most extreme rows: shown, not judged, for larger windows reach further without any change."""

JUDGED = Contract(
    "drift",
    ("column", "window", "method"),
    {
        name: name
        for name in (
            "column", "kind", "window", "window_start", "window_end", "n_reference", "n_production", "method", "score", "expected",
            "p_value", "q_value", "status", "direction", "moved_cell", "missing_share_reference", "missing_share_production",
        )
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedDrift:
    """Judged drift. `table` has one row per column, window and method; `family` is how many looks were corrected for together;
    `expected_false_alarms` how many alarmed column-windows of the primary method chance alone would give at most."""

    table: pd.DataFrame
    changes: Mapping[str, Change]
    result: DriftResult
    thresholds: DriftThresholds
    family: int
    expected_false_alarms: float

    @property
    def skipped(self) -> tuple[Skipped, ...]:
        """What was not run and why."""
        return self.result.skipped

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.result.provenance

    @property
    def primary(self) -> pd.DataFrame:
        """Rows of the method that each column is judged by."""
        return self.table[self.table["primary"]]


def judge_drift(result: DriftResult, thresholds: DriftThresholds | None = None) -> JudgedDrift:
    """Judge measured drift.

    Notes
    -----
    A row alarms when its score reaches the floor of its method (`warning`; from `alert` floors on, `alert`), exceeds `expected` (the upper
    end of the statistic without change), and its Benjamini-Hochberg q-value over all columns and windows of the screen is at most `q`.
    The p-value behind q asks whether anything changed (see `monitor.stats.expectation`), allowing for how the reference's own windows vary;
    it is the same for all methods of a column and window but missing_share and new_levels, which have their own. `p_value` is that p-value,
    or the textbook one where the method is a test. Rows of another tool's profile carry that tool's own threshold and verdict.
    """
    thresholds = thresholds or DriftThresholds()
    changes = {name: _change(result, name) for name in result.sides.production.columns}
    rows_of = {name: result.table[result.table["column"] == name] for name in changes}
    parts = [_judge_column(result, name, rows, changes[name], thresholds) for name, rows in rows_of.items() if len(rows)]
    empty = result.table.assign(label="", expected=np.nan, p_change=np.nan, direction="", primary=False)
    table = pd.concat(parts, ignore_index=True) if parts else empty
    table["q_value"] = _q_values(table)
    table["status"] = _statuses(table, result, thresholds)
    table["primary"] = _primary(table, thresholds)
    primary = table[table["primary"] & table["p_change"].notna()]
    alarms = int(primary["status"].isin([Status.WARNING, Status.ALERT]).sum())
    return JudgedDrift(
        table=JUDGED.check(table),
        changes=changes,
        result=result,
        thresholds=thresholds,
        family=len(primary),
        expected_false_alarms=thresholds.q * max(alarms, 1) if len(primary) else 0.0,
    )


def _change(result: DriftResult, name: str) -> Change:
    sides = result.sides
    production, history = sides.production.columns[name], sides.history(name)
    layout = Layout.of(production.cells, history.total)
    baseline = tally(sides.reference(name)) if sides.baseline.weights is not None else None
    return measure_change(history, tally(production), layout.groups, ordered=layout.ordered, baseline=baseline, spans=sides.spans)


def _judge_column(result: DriftResult, name: str, rows: pd.DataFrame, change: Change, thresholds: DriftThresholds) -> pd.DataFrame:
    windows = {window: position for position, window in enumerate(result.sides.production.windows.ids)}
    position = rows["window"].map(windows).to_numpy()
    upper = _expected_by_method(result, name, rows["method"].unique(), change)
    nothing = np.full(len(change.p_value), np.nan)
    expected = np.array([upper.get(method, nothing)[i] for method, i in zip(rows["method"], position, strict=True)])
    own = {"missing_share": change.p_missing, "new_levels": change.p_other}
    p_change = np.array([own.get(m, change.p_value)[i] for m, i in zip(rows["method"], position, strict=True)])
    directions = np.array(_directions(result, name, change))
    return rows.assign(
        label=result.labels.get(name, name),
        expected=_with_profile(rows, expected),
        p_change=p_change,
        p_value=rows["p_value"].where(rows["p_value"].notna(), p_change),
        direction=directions[position],
        phi=change.phi[position],
    )


def _primary(table: pd.DataFrame, thresholds: DriftThresholds) -> Any:
    """Choose the row that speaks for each column and window: the most severe verdict of the methods that it is judged by."""
    asked = table["column"].map({name: thresholds.methods_of(name) for name in table["column"].unique()})
    rank = [methods.index(one) if one in methods else len(methods) for one, methods in zip(table["method"], asked, strict=True)]
    severity = table["status"].map({status.value: position for position, status in enumerate(SEVERITY)})
    chosen = pd.DataFrame({"column": table["column"], "window": table["window"], "rank": rank, "severity": severity})
    outside = np.array([r == len(methods) for r, methods in zip(rank, asked, strict=True)])
    chosen["severity"] = np.where(outside, len(SEVERITY), severity)
    first = chosen.sort_values(["severity", "rank"], kind="stable").drop_duplicates(["column", "window"]).index
    return table.index.isin(first)


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


def _statuses(table: pd.DataFrame, result: DriftResult, thresholds: DriftThresholds) -> list[str]:
    return [_status({str(key): value for key, value in row.items()}, result, thresholds).value for row in table.to_dict("records")]


def _status(row: Mapping[str, Any], result: DriftResult, thresholds: DriftThresholds) -> Status:
    verdict = result.verdicts.get((row["column"], row["window"], row["method"]))
    if verdict is not None:
        return Status.ALERT if verdict else Status.STABLE
    if row["n_production"] < thresholds.min_rows:
        return Status.TOO_FEW_ROWS
    if not np.isfinite(row["score"]):
        return Status.NOT_APPLICABLE
    if row["method"] in EXTREMES:
        return Status.NOT_JUDGED
    fixed = thresholds.fixed_of(row["column"], row["method"])
    size = _size(row, result)
    if fixed is not None:
        return Status.ALERT if size >= fixed else Status.STABLE
    return _honest(row, size, _size({**row, "score": row["expected"]}, result), thresholds)


def _size(row: Mapping[str, Any], result: DriftResult) -> float:
    """How far a score is from "nothing changed"."""
    if row["method"] not in result.catalogue.ids:
        return float(row["score"])
    return abs(float(row["score"]) - _unchanged(result.catalogue.method(row["method"])))


def _honest(row: Mapping[str, Any], size: float, expected: float, thresholds: DriftThresholds) -> Status:
    floor = thresholds.floor_of(row["method"])
    beyond = not np.isfinite(expected) or size > expected
    if not (beyond and size >= floor and row["q_value"] <= thresholds.q):
        return Status.STABLE
    return Status.ALERT if size >= thresholds.alert * floor else Status.WARNING


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
