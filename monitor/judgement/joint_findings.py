"""Joint drift in words: one finding per method, and one sentence for the whole screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from monitor.judgement.findings import ALARMS, onset
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.stats.multivariate.catalogue import JOINT
from monitor.vocabulary import SEVERITY, WHOLE, Status
from monitor.wording import count_text, list_text, number_text, plural, share_text, the_window, window_text, window_unit

Tables = Mapping[str, pd.DataFrame]
_UNITS = {"hour": "hour", "day": "day", "week": "week", "month": "month", "rows": "block"}
_TABLE = ("gaussian_distance", "pca_reconstruction", "domain_classifier", "hotelling_t2", "cell_shares", "sliced_wasserstein")
"""Methods that see the whole table, the one that speaks for it first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointFinding:
    """What one method found: in how many of how many judged windows, since when, worst where and how large; `causes` labels of the
    columns or pairs that it comes from, the largest first."""

    method: str
    title: str
    status: str
    onset: str
    last: str
    worst: str
    windows_alarmed: int
    windows_judged: int
    ongoing: bool
    strength: float
    score: float
    lower: float
    upper: float
    causes: tuple[str, ...]


def find_joint(judged: JudgedMultivariate) -> tuple[JointFinding, ...]:
    """Return one finding per method with an alarm, the most severe first."""
    found = [_finding(judged, rows) for _, rows in judged.table.groupby("method", sort=False) if rows["status"].isin(ALARMS).any()]
    return tuple(sorted(found, key=lambda one: (SEVERITY.index(Status(one.status)), -one.strength)))


def _finding(judged: JudgedMultivariate, rows: pd.DataFrame) -> JointFinding:
    rows = rows[~rows["status"].isin([Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value])]
    alarmed = rows[rows["status"].isin(ALARMS)]
    worst = alarmed.iloc[int(np.argmax(np.nan_to_num(alarmed["strength"].to_numpy(dtype=float))))]
    method, window = str(worst["method"]), str(worst["window"])
    return JointFinding(
        method=method,
        title=JOINT[method].title,
        status=next(status for status in ALARMS if (alarmed["status"] == status).any()),
        onset=onset(rows["window"].tolist(), rows["status"].isin(ALARMS).tolist()),
        last=str(alarmed["window"].iloc[-1]),
        worst=window,
        windows_alarmed=len(alarmed),
        windows_judged=len(rows),
        ongoing=bool(rows["status"].iloc[-1] in ALARMS),
        strength=float(worst["strength"]),
        score=float(worst["score"]),
        lower=float(worst["lower"]),
        upper=float(worst["upper"]),
        causes=causes(judged, method, window),
    )


def causes(judged: JudgedMultivariate, method: str, window: str, limit: int = 3) -> tuple[str, ...]:
    """Return what a score of a window comes from: columns, pairs of columns, cells or rules, the largest first."""
    evidence = judged.result.evidence
    if method == "correlation":
        pairs = changed_pairs(judged, window).head(limit)
        return tuple(_pair_text(row) for _, row in pairs.iterrows())
    found = [_CAUSES[method](evidence, window)] if method in _CAUSES else []
    return tuple(found[0][:limit]) if found else ()


def _columns(name: str, by: str) -> Callable[[Tables, str], list[str]]:
    def top(evidence: Tables, window: str) -> list[str]:
        rows = evidence[name]
        mine = rows[(rows["window"] == window) & (rows[by] > 0)]
        return [str(label) for label in mine.sort_values(by, ascending=False, kind="stable")["label"]]

    return top


def _component(evidence: Tables, window: str) -> list[str]:
    shifts, loadings = evidence["component_shifts"], evidence["loadings"]
    mine = shifts[(shifts["window"] == window) & shifts["value"].notna()]
    if mine.empty:
        return []
    most = mine.iloc[int(np.argmax(mine["value"].abs().to_numpy(dtype=float)))]
    made = loadings[loadings["component"] == most["component"]]
    return [str(label) for label in made.iloc[np.argsort(-made["value"].abs().to_numpy(dtype=float))]["label"].head(2)]


def _cell(evidence: Tables, window: str) -> list[str]:
    rows = evidence["cells"]
    mine = rows[rows["window"] == window]
    most = mine.iloc[int(np.argmax((mine["value"] - mine["before"]).abs().to_numpy(dtype=float)))]
    return [f"“{most['name']}” {share_text(float(most['value']), 2)} of rows against {share_text(float(most['before']), 2)}"]


def _rule(evidence: Tables, window: str) -> list[str]:
    rows = evidence["broken"].merge(evidence["rules"][["rule", "columns", "kind"]], on="rule")
    mine = rows[(rows["window"] == window) & (rows["value"] > 0) & (rows["kind"] != "range")]
    ordered = mine.sort_values("value", ascending=False, kind="stable")
    return [f"“{breach}”" for breach in dict.fromkeys(ordered["breach"])]


_CAUSES: Mapping[str, Callable[[Tables, str], list[str]]] = {
    "pca_reconstruction": _columns("contributions", "excess"),
    "gaussian_distance": _columns("alone", "excess"),
    "domain_classifier": _columns("importances", "value"),
    "hotelling_t2": _component,
    "cell_shares": _cell,
    "rules": _rule,
}


def changed_pairs(judged: JudgedMultivariate, window: str) -> pd.DataFrame:
    """Return the pairs of columns of a window, those that changed beyond chance first, then by the size of the change."""
    pairs = judged.pairs
    if pairs.empty:
        return pairs
    mine = pairs[pairs["window"] == window]
    return mine.assign(size=mine["change"].abs()).sort_values(["changed", "size"], ascending=False, kind="stable").drop(columns="size")


def _pair_text(row: pd.Series) -> str:
    moved = f"from {number_text(float(row['before']), 2)} to {number_text(float(row['after']), 2)}"
    return f"{row['first_label']} with {row['second_label']} ({moved})"


def joint_sentence(finding: JointFinding) -> str:
    """Say what a finding says: since when, how often, how far in the worst window, and what it comes from."""
    limit = "below" if finding.score < finding.lower else "above"
    edge = finding.lower if limit == "below" else finding.upper
    write = share_text if JOINT[finding.method].unit == "share of rows" else number_text
    figures = f"{write(finding.score)} in {the_window(finding.worst)}, expected {'at least' if limit == 'below' else 'up to'} "
    come = {"correlation": "most changed", "rules": "most often"}.get(finding.method, "most from")
    because = f"; {come}: {list_text(list(finding.causes))}" if finding.causes else ""
    return f"{finding.title} {limit} its expectation {joint_when(finding)}: {figures}{write(edge)}{because}."


def joint_answer(judged: JudgedMultivariate) -> str:
    """Say the state of the whole screen in one sentence: do the columns belong together as they did, since when, and what moved."""
    found = {one.method: one for one in find_joint(judged)}
    statuses = set(judged.table["status"])
    if judged.table.empty or not statuses - {Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value}:
        return f"Nothing could be judged: {judged.result.called.a} has too few windows of its own to say what is usual."
    if statuses == {Status.TOO_FEW_ROWS.value}:
        return f"Nothing could be judged: every window has fewer than {count_text(judged.thresholds.min_rows)} rows."
    together = _relations(judged, found.get("correlation"))
    whole = next((found[name] for name in (*_TABLE, *found) if name in found and name not in ("correlation", "rules")), None)
    if whole is None:
        rules = f", but rows break its rules {joint_when(found['rules'])}" if "rules" in found else ""
        return f"{together}; the table as a whole stays within what {judged.result.called.a}'s own windows show{rules}."
    most = f", most from {list_text(list(whole.causes[:2]), 3)}" if whole.causes else ""
    return f"{together}; the table as a whole left its expectation {joint_when(whole)}{most} ({whole.title.lower()})."


def _relations(judged: JudgedMultivariate, finding: JointFinding | None) -> str:
    if judged.of("correlation").empty:
        return "The relations of columns were not measured"
    if finding is None:
        changed = judged.pairs[judged.pairs["changed"]].groupby(["first_column", "second_column"]).ngroups
        total = len(judged.pairs) // max(len(judged.result.sides.windows), 1)
        few = f" ({count_text(changed)} of {plural(total, 'pair')} changed in some window)" if changed else ""
        return f"On the whole, columns are related as they were{few}"
    pair = f", most of all {finding.causes[0]}" if finding.causes else ""
    return f"Columns are related differently {joint_when(finding)}{pair}"


def joint_when(finding: JointFinding) -> str:
    """Say in how many windows, and since when: ``in 30 of 40 weeks``."""
    unit = _UNITS.get(window_unit(finding.worst), "window")
    if finding.worst == WHOLE or finding.windows_judged == 1:
        return f"in {window_text(finding.worst)}"
    if finding.windows_alarmed == 1:
        return f"in {the_window(finding.worst)}"
    often = f"in {count_text(finding.windows_alarmed)} of {plural(finding.windows_judged, unit)}"
    return f"{often}, now since {the_window(finding.onset)}" if finding.ongoing else often
