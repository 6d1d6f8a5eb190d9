"""The table of judged drift: each row its limit, its run, its strength and its status, one row of each column and window speaking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift_result import DriftResult
from monitor.case import DriftThresholds
from monitor.judgement.assessment import Assessment
from monitor.judgement.column_verdict import Measured, Screen, Verdict, context, judge_rows, primary, seen
from monitor.judgement.finding import Finding
from monitor.judgement.fixed import fixed_of_rows
from monitor.judgement.pooled import NOT_OF_VALUES, OWN_METHOD
from monitor.stats.inference.multiplicity import Selection
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Objects = NDArray[np.object_]
FIXED, PROFILE, EXPECTATION = "fixed", "profile", "expectation"
"""Where a limit comes from: the analyst, another tool, or what windows without change show."""
SCHEMA_METHODS = ("lost_column", "new_column", "type_change")
"""What speaks for a column that is gone, new or of another type."""
SEEN = ("detectable", "detectable_own", "detectable_missing", "detectable_lasting", "detectable_lasting_own")
"""What could have been seen: in the unit of `detectable_unit`, in units of the column, and of the missing share; what could have where it
lasts over all windows, in both units."""
QUIETLY = {
    Status.NOT_JUDGED: "No change of this window could have alarmed beside such a reference.",
    Status.NOT_APPLICABLE: "The method has no value here: no rows with a value, or it is not defined for such values.",
}
"""Why nothing is said of a window, where its method does not say it itself."""
LASTING = "No score of this window alone would alarm: only a change that lasts would."
CUT_SHORT = "The window is cut short: its values are not compared with whole ones."
JUDGED = Contract(
    "drift",
    ("column", "window", "method"),
    {
        "column": "what is measured",
        "kind": "how it is measured",
        "window": "id of the production window",
        "window_start": "start of the window, UTC",
        "window_end": "end of the window, UTC, excluded",
        "n_reference": "rows that the window is compared with",
        "n_production": "rows of the window",
        "method": "id of the method",
        "score": "what the method says, in its unit",
        "expected": "upper end (99 %) of the score of a window without change",
        "limit": "the score from which this window alone alarms, all corrections included; null: no score is that large",
        "run": "id of the strongest finding that the window belongs to, null: none",
        "run_limit": "the limit of that finding's pooled score, on the rows of its method",
        "strength": "the larger of score / limit and pooled score / run_limit; above 1 alarms",
        "p_value": "textbook p-value of the method where it is a test, else that of the column",
        "q_value": "Holm-adjusted p-value of the column",
        "status": "verdict: that of the strongest finding that the window belongs to",
        "reason": "why nothing is said of the window, or not of it alone, in words; null where something is",
        "direction": "which way that finding moved",
        "moved_cell": "cell (interval or level) whose share of rows changed most",
        "missing_share_reference": "share of rows without a value, 0..1",
        "missing_share_production": "share of rows without a value, 0..1",
        "primary": "true on the one row that speaks for the column and window",
    },
)


def judged_table(assessment: Assessment, thresholds: DriftThresholds, selection: Selection, findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the judged rows of every column, window and method (contract JUDGED)."""
    by_column: dict[str, list[Finding]] = {}
    for finding in findings:
        by_column.setdefault(finding.what, []).append(finding)
    filled = _Filled(len(assessment.table))
    screen = Screen(assessment=assessment, thresholds=thresholds, selection=selection)
    told = [_judge_column(screen, name, rows, by_column.get(name, []), filled) for name, rows in _measured(assessment, thresholds).items()]
    table = assessment.table.assign(**filled.columns(assessment.table))
    lost = [_lost_rows(assessment, one) for one in findings if one.method in SCHEMA_METHODS]
    facts = [_fact_rows(table, name, ids, findings) for name, ids, findings in told if findings]
    every = [part for part in (table, *facts, *lost) if len(part)]
    judged = pd.concat(every, ignore_index=True) if len(every) > 1 else table
    return JUDGED.check(judged.assign(reason=_reasons(judged, assessment.result, thresholds)))


def _reasons(table: pd.DataFrame, result: DriftResult, thresholds: DriftThresholds) -> Objects:
    """Return why nothing is said of each row, or not of its window alone, (n,); None where something is."""
    found = table["status"].map({**QUIETLY, Status.TOO_FEW_ROWS: f"Fewer than {thresholds.min_rows} rows."}).astype(object)
    cut = [one for one, short in zip(result.sides.production.windows.ids, result.sides.partial, strict=True) if short]
    found[(table["status"] == Status.NOT_JUDGED) & table["window"].isin(cut)] = CUT_SHORT
    values = ~table["method"].isin(NOT_OF_VALUES) & table["detectable"].isna() & table["detectable_unit"].ne("")
    found[(table["status"] == Status.STABLE) & table["limit"].isna() & values] = LASTING
    own = np.flatnonzero(table["status"] == Status.NOT_APPLICABLE)
    keys = zip(table["column"].iloc[own], table["method"].iloc[own], strict=True)
    found.iloc[own] = [result.refused.get(key, QUIETLY[Status.NOT_APPLICABLE]) for key in keys]
    return np.asarray(found.where(found.notna(), None), dtype=object)


def _measured(assessment: Assessment, thresholds: DriftThresholds) -> dict[str, dict[str, tuple[Any, Measured]]]:
    """Return, by column and method, the positions of the rows and what was measured in them."""
    table, result = assessment.table, assessment.result
    at = pd.Index(result.sides.production.windows.ids).get_indexer(pd.Index(table["window"]))
    names = ("size", "expected_size", "score", "n_production", "n_reference")
    size, expected, score, production, reference = (table[name].to_numpy(dtype=float) for name in names)
    fixed, peer = fixed_of_rows(table, assessment, thresholds), _peer(table, result.verdicts)
    profile = table["profile_threshold"].to_numpy(dtype=float) if "profile_threshold" in table else np.full(len(table), np.nan)
    found: dict[str, dict[str, tuple[Any, Measured]]] = {}
    groups: Mapping[Any, Any] = table.groupby(["column", "method"], sort=False).indices
    for (name, method), rows in groups.items():
        numbers = (part[rows] for part in (size, expected, score, production, reference, fixed, peer, profile))
        found.setdefault(str(name), {})[str(method)] = (rows, Measured(str(method), at[rows], *numbers))
    return found


def _peer(table: pd.DataFrame, verdicts: Mapping[tuple[str, str, str], bool]) -> Floats:
    """Return 1 or 0 for the verdict of another tool's profile, -1 for rows of our own methods."""
    if not verdicts:
        return np.full(len(table), -1.0)
    keys = zip(table["column"], table["window"], table["method"], strict=True)
    return np.array([float(verdicts.get(key, -1)) for key in keys])


class _Filled:
    """Columns of the judged table while they are filled, column by column and method by method."""

    def __init__(self, rows: int) -> None:
        self.numbers = {name: np.full(rows, np.nan) for name in ("limit", "run_limit", "strength", "column_p", "q_value", *SEEN)}
        self.words = {
            name: np.full(rows, None, dtype=object) for name in ("run", "status", "direction", "detectable_unit", "threshold_from")
        }
        self.primary = np.zeros(rows, dtype=bool)

    def put(self, rows: Any, verdict: Verdict) -> None:
        """Write the verdict of one method."""
        for name in ("limit", "run_limit", "strength"):
            self.numbers[name][rows] = getattr(verdict, name)
        for name in ("run", "status", "direction"):
            self.words[name][rows] = getattr(verdict, name)

    def columns(self, table: pd.DataFrame) -> dict[str, Any]:
        """Return the columns to add."""
        p = table["p_value"].to_numpy(dtype=float)
        numbers = {name: values for name, values in self.numbers.items() if name != "column_p"}
        return {**numbers, **self.words, "primary": self.primary, "p_value": np.where(np.isfinite(p), p, self.numbers["column_p"])}


def _judge_column(
    screen: Screen,
    name: str,
    rows: Mapping[str, tuple[Any, Measured]],
    findings: list[Finding],
    filled: _Filled,
) -> tuple[str, Any, list[Finding]]:
    """Fill in the rows of one column; return the findings whose own method was not measured, with the rows of any method by window."""
    assessment = screen.assessment
    known = context(screen, name, findings)
    verdicts = {method: judge_rows(known, measured, assessment) for method, (_, measured) in rows.items()}
    asked = screen.thresholds.methods_of(assessment.result.sides.part(name).column)
    unmeasured = [one for one in findings if one.kind in OWN_METHOD and one.method not in rows]
    speaking = primary(known, {method: measured for method, (_, measured) in rows.items()}, verdicts, asked)
    could = seen(known)
    for method, (at, measured) in rows.items():
        verdict = verdicts[method]
        filled.put(at, verdict)
        for column, values in zip(SEEN, (could.size, could.own, could.missing, could.lasting, could.lasting_own), strict=True):
            filled.numbers[column][at] = np.where(verdict.quiet, np.nan, values[measured.at])
        filled.words["detectable_unit"][at] = could.unit
        filled.words["threshold_from"][at] = _source(measured)
        filled.numbers["column_p"][at], filled.numbers["q_value"][at] = known.p_value, known.q_value
        filled.primary[at] = speaking[method] & ~_spoken_for(unmeasured, findings, measured.at)
    first = next(iter(rows.values()))[0]
    return name, first, unmeasured


def _source(measured: Measured) -> Any:
    """Return where the limit of each row comes from, (n,)."""
    found = np.full(len(measured.at), EXPECTATION, dtype=object)
    found[measured.peer >= 0] = PROFILE
    found[np.isfinite(measured.fixed)] = FIXED
    return found


def _spoken_for(unmeasured: list[Finding], findings: list[Finding], at: Any) -> Any:
    """Say for which windows a finding speaks that has no row yet, (n,)."""
    found = np.zeros(len(at), dtype=bool)
    for one in unmeasured:
        for place, window in enumerate(at):
            strongest = max((f for f in findings if f.first <= window <= f.last), key=lambda f: f.strength, default=None)
            found[place] |= strongest is one
    return found


def _fact_rows(table: pd.DataFrame, name: str, rows: Any, findings: list[Finding]) -> pd.DataFrame:
    """Return rows of facts whose method was not measured: a column that is constant, came alive, or has values never seen."""
    base = table.iloc[rows]
    spoken = table.loc[(table["column"] == name) & table["primary"], "window"]
    parts = []
    for one in findings:
        start, end = np.flatnonzero(base["window"] == one.window)[0], np.flatnonzero(base["window"] == one.last_window)[0]
        mine = base.iloc[start : end + 1]
        parts.append(
            mine.assign(
                method=one.method, score=one.score, size=abs(one.score), expected=0.0, expected_size=0.0, limit=one.limit, run=one.id,
                run_limit=one.limit, strength=one.strength, status=one.status, direction=one.direction.value,
                primary=~mine["window"].isin(spoken),
            )
        )  # fmt: skip
    every = pd.concat(parts, ignore_index=True).sort_values("strength", ascending=False, kind="stable")
    every = every.drop_duplicates(["window", "method"])
    spoken_once = every["primary"] & ~every.duplicated("window")
    return pd.DataFrame(every.assign(primary=spoken_once))


def _lost_rows(assessment: Assessment, one: Finding) -> pd.DataFrame:
    """Return one row per window of a column that is gone, new or of another type."""
    windows, part = assessment.result.sides.production.windows, slice(one.first, one.last + 1)
    rows = assessment.result.sides.production.rows[part]
    none = np.full(len(rows), np.nan)
    return pd.DataFrame(
        {
            "column": one.what, "label": one.label, "kind": "", "window": list(windows.ids[part]), "window_start": windows.start[part],
            "window_end": windows.end[part], "n_reference": int(assessment.result.sides.blocks.rows.sum()), "n_production": rows,
            "method": one.method, "score": 1.0, "size": 1.0, "expected": 0.0, "expected_size": 0.0, "limit": one.limit, "run": one.id,
            "run_limit": one.limit, "strength": one.strength, "p_value": none, "q_value": none, "status": one.status, "direction": "",
            "moved_cell": "", "moved_from": none, "moved_to": none, "missing_share_reference": none, "missing_share_production": none,
            "basis": "schema", "primary": one.what not in assessment.columns, "threshold_from": EXPECTATION, "detectable_unit": "",
            **dict.fromkeys(SEEN, none),
        }
    )  # fmt: skip
