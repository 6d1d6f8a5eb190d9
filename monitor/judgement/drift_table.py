"""The table of judged drift: each row its limit, its run, its strength and its status, one row of each column and window speaking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.drift import group_labels
from monitor.judgement.assessment import EXTREMES, Assessment
from monitor.judgement.column_findings import Counted
from monitor.judgement.column_runs import window_strength
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.fixed import fixed_of_rows
from monitor.judgement.pooled import NOT_OF_VALUES, OWN_METHOD
from monitor.judgement.silence import Silence, edge_scores, silence
from monitor.judgement.thresholds import DriftThresholds
from monitor.stats.inference.multiplicity import Selection
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
FIXED, PROFILE, EXPECTATION = "fixed", "profile", "expectation"
"""Where a limit comes from: the analyst, another tool, or what windows without change show."""
SEEN = ("detectable", "detectable_own", "detectable_missing")
"""What could have been seen: in the unit of `detectable_unit`, in units of the column, and of the missing share."""
UNASKED = (Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value)
"""Rows that say neither that something changed nor that nothing did."""
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
        "limit": "the score from which this window alone alarms, all corrections included",
        "run": "id of the strongest finding that the window belongs to, null: none",
        "run_limit": "the limit of that finding's pooled score",
        "strength": "the larger of score / limit and pooled score / run_limit; above 1 alarms",
        "p_value": "textbook p-value of the method where it is a test, else that of the column",
        "q_value": "Holm-adjusted p-value of the column",
        "status": "verdict: that of the strongest finding that the window belongs to",
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
    parts = [
        _column(assessment, thresholds, selection, str(name), rows, by_column.get(str(name), []))
        for name, rows in assessment.table.groupby("column", sort=False)
    ]
    every = [*parts, *(_lost_rows(assessment, one) for one in findings if one.method in ("lost_column", "new_column", "type_change"))]
    every = [part for part in every if len(part)]
    table = pd.concat(every, ignore_index=True) if every else _nothing(assessment)
    return JUDGED.check(table)


def _nothing(assessment: Assessment) -> pd.DataFrame:
    names = [*JUDGED.columns, *SEEN, "detectable_unit", "threshold_from", "size", "expected_size", "label"]
    return assessment.table.reindex(columns=list(dict.fromkeys([*assessment.table.columns, *names])))


def _column(
    assessment: Assessment, thresholds: DriftThresholds, selection: Selection, name: str, rows: pd.DataFrame, findings: list[Finding]
) -> pd.DataFrame:
    """Judge the rows of one column: arrays by method and window, then one table."""
    column = _Column(assessment, thresholds, selection, name, findings)
    judged = pd.concat([column.of_method(str(method), mine) for method, mine in rows.groupby("method", sort=False)])
    judged = pd.concat([judged, *column.facts(judged)]) if findings else judged
    return judged.assign(primary=column.primary(judged))


class _Column:
    """What all methods of one column share."""

    def __init__(
        self, assessment: Assessment, thresholds: DriftThresholds, selection: Selection, name: str, findings: list[Finding]
    ) -> None:
        self.assessment, self.thresholds, self.name, self.findings = assessment, thresholds, name, findings
        self.named = thresholds.methods_of(assessment.result.sides.part(name).column)
        self.ids = assessment.result.sides.production.windows.ids
        screen = assessment.evidence_on(name)
        named = name in selection.named
        self.level = selection.level if named else thresholds.q / max(len(selection.adjusted) - len(selection.named), 1)
        self.p_value = screen.p_value(name) if name in screen.things else np.nan
        self.q_value = selection.adjusted.get(name, np.nan)
        self.counted: Counted | None = assessment.columns.get(name)
        self.alone = window_strength(screen, name, self.level) if name in screen.things else {}
        self.silence: Silence | None = silence(screen, name, self.counted, self.level) if self.counted is not None else None

    def of_method(self, method: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the judged rows of one method."""
        at = pd.Index(self.ids).get_indexer(pd.Index(rows["window"]))
        limit = self._limit(method, rows, at)
        fixed = fixed_of_rows(rows, self.assessment, self.thresholds)
        limit = np.where(np.isfinite(fixed), fixed, limit)
        run, run_limit, run_strength, direction = self._runs(method, at)
        with np.errstate(invalid="ignore", divide="ignore"):
            alone = np.nan_to_num(rows["size"].to_numpy(dtype=float) / limit, posinf=0.0)
        status = self._status(method, rows, at, fixed)
        quiet = np.isin(status, UNASKED)
        p = rows["p_value"].to_numpy(dtype=float)
        return rows.assign(
            limit=limit,
            run=run,
            run_limit=run_limit,
            strength=np.where(quiet, 0.0, np.maximum(alone, run_strength)),
            p_value=np.where(np.isfinite(p), p, self.p_value),
            q_value=self.q_value,
            status=status,
            direction=direction,
            threshold_from=np.where(np.isfinite(fixed), FIXED, np.where(self._peer(method, rows) >= 0, PROFILE, EXPECTATION)),
            **self._seen(at, quiet),
        )

    def _limit(self, method: str, rows: pd.DataFrame, at: Any) -> Floats:
        """Return the score from which each window alone alarms: that of a planted change, unless the window itself says otherwise."""
        size, floor = rows["size"].to_numpy(dtype=float), self.thresholds.floor_of(method)
        if "profile_threshold" in rows and rows["profile_threshold"].notna().all():
            return rows["profile_threshold"].to_numpy(dtype=float)
        ratio = self._alone(method)
        if ratio is None or method in EXTREMES:
            return np.full(len(rows), np.nan)
        ratio = ratio[at]
        usual = np.full(len(rows), np.nan)
        if self.silence is not None and self.counted is not None and method in self.assessment.result.catalogue.ids:
            usual = edge_scores(self.silence, self.counted, self.assessment.result.catalogue.method(method))[at]
        usual = np.fmax(np.fmax(usual, rows["expected_size"].to_numpy(dtype=float)), floor)
        with np.errstate(invalid="ignore", divide="ignore"):
            own = np.where(ratio > 0, size / ratio, np.inf)
        loud = np.fmax(np.fmin(usual, own), floor)
        quiet = np.where(np.isfinite(usual) & (size < usual), usual, np.fmax(own, floor))
        return np.where(ratio > 1, loud, quiet)

    def _alone(self, method: str) -> Floats | None:
        kind = {"missing_share": FindingKind.MISSING, "new_levels": FindingKind.UNSEEN, "out_of_range": FindingKind.RANGE}.get(method)
        if kind is None:
            kind = FindingKind.VALUE
        return self.alone.get(kind)

    def _told_by(self, method: str) -> list[Finding]:
        return [one for one in self.findings if speaks(one, method)]

    def _runs(self, method: str, at: Any) -> tuple[Any, Floats, Floats, Any]:
        count = len(self.ids)
        run, direction = np.full(count, None, dtype=object), np.full(count, "", dtype=object)
        limit, strength = np.full(count, np.nan), np.zeros(count)
        for one in self._told_by(method):
            part = slice(one.first, one.last + 1)
            mine = strength[part] < one.strength
            run[part][mine], direction[part][mine] = one.id, one.direction.value
            limit[part][mine], strength[part][mine] = one.limit, one.strength
        return run[at], limit[at], strength[at], direction[at]

    def _status(self, method: str, rows: pd.DataFrame, at: Any, fixed: Floats) -> Any:
        status = np.full(len(self.ids), Status.STABLE.value, dtype=object)
        if self.silence is not None and not self.thresholds.fixed:
            status[~self.silence.possible & (self._own_kind(method) is FindingKind.VALUE) & ~self._asked_nothing()] = (
                Status.NOT_JUDGED.value
            )
        for one in sorted(self._told_by(method), key=lambda one: one.strength):
            status[one.first : one.last + 1] = one.status
        found = status[at]
        size, few = rows["size"].to_numpy(dtype=float), rows["n_production"].to_numpy() < self.thresholds.min_rows
        few |= bool(self.assessment.result.sides.parts) & (rows["n_reference"].to_numpy() < self.thresholds.min_rows)
        peer = self._peer(method, rows)
        rules = [
            (peer == 1, Status.ALERT),
            (peer == 0, Status.STABLE),
            (few, Status.TOO_FEW_ROWS),
            (~np.isfinite(rows["score"].to_numpy(dtype=float)), Status.NOT_APPLICABLE),
            (np.full(len(rows), method in EXTREMES), Status.NOT_JUDGED),
            (np.isfinite(fixed) & (size >= fixed), Status.ALERT),
            (np.isfinite(fixed), Status.STABLE),
        ]
        return np.select([rule for rule, _ in rules], [one.value for _, one in rules], found)

    def _own_kind(self, method: str) -> FindingKind:
        return FindingKind.VALUE if method not in NOT_OF_VALUES else FindingKind.MISSING

    def _asked_nothing(self) -> bool:
        """Whether only facts can change a column, such as one that is constant in the reference."""
        thing = self.assessment.evidence_on(self.name).things.get(self.name)
        return thing is None or len(thing.budget) <= 1

    def _peer(self, method: str, rows: pd.DataFrame) -> Floats:
        """Return 1 or 0 for the verdict of another tool's profile, -1 for rows of our own methods."""
        verdicts = self.assessment.result.verdicts
        if not verdicts:
            return np.full(len(rows), -1.0)
        return np.array([float(verdicts.get((self.name, str(window), method), -1)) for window in rows["window"]])

    def _seen(self, at: Any, quiet: Any) -> Mapping[str, Any]:
        if self.silence is None or self.counted is None:
            return {**dict.fromkeys(SEEN, np.nan), "detectable_unit": ""}
        found, sd = self.silence, float(self.counted.reference.sd[0])
        shift = found.group < 0
        unit = "sd" if shift else f"share of {group_labels(self.counted.production.cells, self.counted.layout.groups)[found.group]}"
        size = np.where(quiet, np.nan, found.size[at])
        own = size * sd if shift else np.full(len(at), np.nan)
        return {
            "detectable": size,
            "detectable_own": own,
            "detectable_missing": np.where(quiet, np.nan, found.missing[at]),
            "detectable_unit": unit,
        }

    def facts(self, judged: pd.DataFrame) -> list[pd.DataFrame]:
        """Return rows of facts whose method was not measured: a column that is constant, came alive, or has values never seen."""
        measured = set(judged["method"])
        found, base = [], judged.drop_duplicates("window")
        for one in self.findings:
            if one.method in measured or one.kind not in OWN_METHOD:
                continue
            at = pd.Index(self.ids).get_indexer(pd.Index(base["window"]))
            mine = base[(at >= one.first) & (at <= one.last)]
            found.append(
                mine.assign(
                    method=one.method, score=one.score, size=abs(one.score), expected=0.0, expected_size=0.0, limit=one.limit,
                    run=one.id, run_limit=one.limit, strength=one.strength, status=one.status, direction=one.direction.value,
                )
            )  # fmt: skip
        return found

    def primary(self, judged: pd.DataFrame) -> Any:
        """Choose the row that speaks for each window: that of the strongest finding, else the first method that has a score."""
        strongest: dict[str, Finding] = {}
        for one in self.findings:
            for window in self.ids[one.first : one.last + 1]:
                if window not in strongest or strongest[window].strength < one.strength:
                    strongest[window] = one
        rank = {method: place for place, method in enumerate(self.named)}
        scores = judged["score"].to_numpy(dtype=float).tolist()
        told = zip(judged["window"], judged["method"], scores, judged["status"], strict=True)
        keys = [_rank(strongest.get(window), method, score, status, rank) for window, method, score, status in told]
        order = pd.DataFrame({"window": judged["window"].to_numpy(), "key": keys})
        first = order.sort_values("key", kind="stable").drop_duplicates("window").index
        return order.index.isin(first)


def _rank(finding: Finding | None, method: str, score: float, status: str, rank: Mapping[str, int]) -> tuple[int, ...]:
    """Return the place of a row among those of its window, the first of which speaks."""
    own = finding is not None and finding.method == method
    alarms = status in (Status.ALERT, Status.WARNING)
    return (not own, not (alarms and method in rank), not np.isfinite(score), rank.get(method, len(rank)))


def speaks(finding: Finding, method: str) -> bool:
    """Say whether a finding is about what a method measures."""
    if finding.kind is FindingKind.FIXED or finding.method == method:
        return finding.method == method
    if finding.kind is FindingKind.MISSING:
        return method == "missing_share"
    if method == "new_levels":
        return finding.kind in (FindingKind.UNSEEN, FindingKind.REVIVED)
    if method == "lost_levels":
        return finding.kind is FindingKind.LEVEL or (finding.kind is FindingKind.UNSEEN and bool(finding.levels_lost))
    if method == "out_of_range":
        return finding.kind in (FindingKind.RANGE, FindingKind.REVIVED)
    return method not in NOT_OF_VALUES


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
