"""Verdicts on fairness: a gap between groups alarms where its whole interval lies beyond the band; what was so before is told as stable."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.fairness_groups import GapTrack, Pair
from monitor.analyses.fairness_result import MEASURED, FairnessResult
from monitor.case.thresholds import FairnessThresholds
from monitor.judgement.fairness_pairs import Lasting, beyond_band, lasting_pairs, reach_of
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.judged import Judged
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.run_times import lasting_times
from monitor.stats.inference.runs import Run
from monitor.stats.performance.disparity import BETWEEN_OF, Gap, Scale, gap, pooled
from monitor.stats.performance.estimates import TOO_FEW
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STABLE, BEGAN, UNKNOWN = "stable", "began", "unknown"
"""What is known of a gap beyond the band: the reference had it too, it came since, or the reference cannot say."""
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **{name: text for name, text in MEASURED.columns.items() if name != "reason"},
        "status": "verdict: that of the strongest finding that the window belongs to",
        "reason": MEASURED.columns["reason"],
        "unfair": "whether the whole interval of this window's ratio lies beyond the band (one window alone does not alarm)",
        "run": "id of the strongest finding that the window belongs to, null: none",
        "strength": "how far the interval lies beyond the band, in bands; above 1 alarms",
    },
    {**MEASURED.units, "strength": "bands"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFairness(Judged):
    """Judged fairness: `table` has one row per attribute, group, class, metric and window, `findings` the gaps beyond the band."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: FairnessResult
    thresholds: FairnessThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        band = self.thresholds.band
        return {
            "expected_false_alarms": self.thresholds.q,
            "band": [band, round(1 / band, 6)],
            "gaps_judged": sum(one.metric in self.result.judged for one in self.result.tracks),
        }

    def track(self, name: str) -> GapTrack:
        """Return a metric of a group by its name among the others."""
        return next(one for one in self.result.tracks if one.name == name)


def judge_fairness(result: FairnessResult, thresholds: FairnessThresholds | None = None) -> JudgedFairness:
    """Judge measured fairness.

    Notes
    -----
    Two questions of each gap, both corrected for how many are looked at. Did it change: the judge of all numbers by window finds runs that
    lie beyond the reference's own windows; a run is told where the interval of its pooled gap lies beyond the band. And is it beyond the
    band over all mature windows: then it is an alert where the reference was different, or cannot say, and a warning where the reference
    had it too (stable unfairness, which is no drift). Where no group is told of, the two farthest apart are, if the reference has their gap
    too: one of both sides is sure of it and the other says the same.
    """
    thresholds = thresholds or FairnessThresholds()
    judge = _Judge(result, thresholds)
    findings = tuple(sorted(judge.findings(), key=_order))
    told = pd.concat([judge.rows(findings), judge.together(findings)], ignore_index=True).reindex(range(len(result.table)))
    table = pd.concat([result.table.reset_index(drop=True), told], axis=1)
    return JudgedFairness(table=JUDGED.check(table), findings=findings, result=result, thresholds=thresholds)


def _order(finding: Finding) -> tuple[Any, ...]:
    return (finding.status != Status.ALERT.value, not finding.ongoing, -finding.strength)


class _Judge:
    """One screen of fairness."""

    def __init__(self, result: FairnessResult, thresholds: FairnessThresholds) -> None:
        self.result, self.thresholds = result, thresholds
        self.able = [one for one in result.tracks if one.metric in result.judged and one.scale is not Scale.DIFFERENCE]
        self.speaks = _speakers(result.tracks)
        self.tracks = [one for one in self.able if self.speaks[one.attribute, one.group] == one.group]
        self.edge = -math.log(thresholds.band)
        self.reach = reach_of(thresholds.q, len(self.tracks))

    def findings(self) -> list[Finding]:
        """Return gaps of groups beside all others, and of metrics that have none the two groups that were always far apart."""
        told = self._of_groups()
        known = {_about(self.track_of(one.what)) for one in told}
        pairs = lasting_pairs(self.able, edge=self.edge, q=self.thresholds.q)
        return [*told, *(self._between(one) for one in pairs if _about(one.low) not in known)]

    def _of_groups(self) -> list[Finding]:
        """Return runs of changed gaps beyond the band, and gaps beyond it in all windows that no run explains."""
        known = {one.name: self._known(one) for one in self.tracks}
        found = judge_series(known, q=self.thresholds.q, spans=np.ones(len(self.result.windows)), seed=self.result.provenance.seed)
        told: list[Finding] = []
        for track in self.tracks:
            runs = [one for scored, _ in found[track.name].runs if (one := self._run(track, scored.run, found[track.name])) is not None]
            told += runs
            if not any(one.ongoing for one in runs) and (lasting := self._lasting(track)) is not None:
                told.append(lasting)
        return told

    def _known(self, track: GapTrack) -> Known:
        now, own = gap_of(track.production, track.scale), gap_of(track.own, track.scale)
        ripe = self.result.ripe(track.metric)
        return Known(own=own.size, own_variance=own.variance, value=np.where(ripe, now.size, np.nan), variance=now.variance)

    def _run(self, track: GapTrack, run: Run, found: Found) -> Finding | None:
        """Return a run of a changed gap, if its pooled gap lies beyond the band and farther than the reference's."""
        usable = self._usable(track)
        inside = np.zeros(len(usable), dtype=bool)
        inside[run.first : run.last + 1] = True
        pair = Pair(one=pooled(track.production.one, inside & usable), other=pooled(track.production.other, inside & usable))
        whole = gap_of(track.whole, track.scale)
        beyond, now = self._beyond(pair, track.scale), gap_of(pair, track.scale)
        if beyond <= 1 or abs(float(now.size[0])) <= abs(float(np.nan_to_num(whole.size[0]))):
            return None
        when = {**lasting_times(self.result.windows, usable, run), "judged": int(usable.sum())}
        return self._told(
            track, pair, beyond, note=BEGAN, status=Status.ALERT, q_value=found.q_value, first=run.first, last=run.last, **when
        )

    def _lasting(self, track: GapTrack) -> Finding | None:
        """Return a gap that lies beyond the band in all mature windows together, with what the reference says of it."""
        beyond = self._beyond(track.pooled, track.scale)
        if beyond <= 1:
            return None
        note = self._before(track)
        status = Status.WARNING if note == STABLE else Status.ALERT
        return self._told(track, track.pooled, beyond, note=note, status=status, **self._always(track))

    def _between(self, one: Lasting) -> Finding:
        """Return the gap of two groups that the reference has too."""
        track = replace(one.low, whole=one.before)
        where = self._always(track)
        return self._told(track, one.now, one.beyond, note=STABLE, status=Status.WARNING, where=one.high.group, **where)

    def _always(self, track: GapTrack) -> dict[str, Any]:
        """Return where in time a gap stands that is of all windows."""
        ids, usable = self.result.windows.ids, int(self._usable(track).sum())
        return {
            "first": 0, "last": len(ids) - 1, "state": State.ONGOING, "window": ids[0], "last_window": ids[-1], "windows": usable,
            "judged": usable,
        }  # fmt: skip

    def _before(self, track: GapTrack) -> str:
        """Say whether the reference had the gap too: beyond the band itself, or no farther from this than chance."""
        whole, now = gap_of(track.whole, track.scale), gap_of(track.pooled, track.scale)
        if not np.isfinite(whole.size[0]):
            return UNKNOWN
        side = math.copysign(1.0, float(now.size[0]))
        if side * float(whole.size[0]) > self.edge:
            return STABLE
        apart = side * float(now.size[0] - whole.size[0])
        return BEGAN if apart > self.reach * math.sqrt(float(now.variance[0] + whole.variance[0])) else STABLE

    def _usable(self, track: GapTrack) -> Bools:
        return np.asarray(self.result.ripe(track.metric) & (track.production.one.reason == "") & (track.production.other.reason == ""))

    def _beyond(self, pair: Pair, scale: Scale) -> float:
        return beyond_band(gap_of(pair, scale), edge=self.edge, reach=self.reach)

    def track_of(self, name: str) -> GapTrack:
        """Return a judged metric of a group by its name."""
        return next(one for one in self.able if one.name == name)

    def _told(self, track: GapTrack, pair: Pair, beyond: float, *, note: str, status: Status, **where: Any) -> Finding:
        now, whole = gap_of(pair, track.scale), gap_of(track.whole, track.scale)
        ratio, first, last = float(now.ratio[0]), where["first"], where["last"]
        rows = self.result.rows[first : last + 1]
        return Finding(
            what=track.name,
            label=f"{track.label} {track.group}",
            kind=FindingKind.GAP,
            status=status.value,
            direction=Direction.HIGHER if ratio > 1 else Direction.LOWER,
            measure=Measure.SCORE,
            before=float(whole.ratio[0]),
            after=ratio,
            rows=int(pair.one.n[0]),
            share_rows=float(rows.sum() / max(self.result.rows.sum(), 1)),
            method=track.metric,
            score=ratio,
            limit=1 / self.thresholds.band if ratio > 1 else self.thresholds.band,
            strength=beyond,
            worst=self._worst(track, first, last),
            note=note,
            pair=(float(pair.one.value[0]), float(pair.other.value[0])),
            carried=(track.klass,) if track.klass else (),
            **where,
        )

    def _worst(self, track: GapTrack, first: int, last: int) -> str:
        size = np.abs(gap_of(track.production, track.scale).size[first : last + 1])
        return self.result.windows.ids[first + int(np.argmax(np.nan_to_num(size, nan=-1.0)))]

    def rows(self, findings: Sequence[Finding]) -> pd.DataFrame:
        """Return the verdicts on the windows of all groups, one by one."""
        judged, parts = {one.name for one in self.tracks}, []
        for track in self.result.tracks:
            speaker = replace(track, group=self.speaks[track.attribute, track.group]).name
            parts.append(self._rows(track, speaker in judged, [one for one in findings if one.what == speaker and not one.where]))
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["status", "unfair", "run", "strength"])

    def _rows(self, track: GapTrack, judged: bool, mine: Sequence[Finding]) -> pd.DataFrame:
        many, found = len(self.result.windows), gap_of(track.production, track.scale)
        status = np.full(many, (Status.STABLE if judged else Status.NOT_JUDGED).value, dtype=object)
        run, strength = np.full(many, None, dtype=object), np.zeros(many)
        for one in sorted(mine, key=lambda one: one.strength):
            part = slice(one.first, one.last + 1)
            status[part], run[part], strength[part] = one.status, one.id, one.strength
        reasons = track.production.one.reason, track.production.other.reason
        few = (reasons[0] == TOO_FEW) | ((reasons[0] == "") & (reasons[1] == TOO_FEW))
        rules = [few, ~np.isfinite(track.production.one.value), ~self.result.ripe(track.metric)]
        said = [Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value, Status.NOT_JUDGED.value]
        status = np.select(rules, said, status)
        quiet = np.any(rules, axis=0)
        band = self.thresholds.band
        beyond = (found.ratio_lower > 1 / band) | (found.ratio_upper < band)
        return pd.DataFrame(
            {
                "status": status,
                "unfair": beyond & (track.scale is not Scale.DIFFERENCE),
                "run": [None if silent else one for silent, one in zip(quiet, run, strict=True)],
                "strength": np.where(quiet, 0.0, strength),
            }
        )

    def together(self, findings: Sequence[Finding]) -> pd.DataFrame:
        """Return the verdicts on the rows of all groups together: the most severe of the groups' own."""
        table = self.result.table
        rows = table[table["group"].isna()]
        status = [self._of_all(row, findings) for row in rows.to_dict("records")]
        band = self.thresholds.band
        return pd.DataFrame(
            {"status": status, "unfair": (rows["ratio_upper"] < band).to_numpy(dtype=bool), "run": None, "strength": 0.0},
            columns=["status", "unfair", "run", "strength"],
        )

    def _of_all(self, row: Mapping[Any, Any], findings: Sequence[Finding]) -> str:
        if isinstance(row["reason"], str):  # none is nan where other rows have one
            return (Status.TOO_FEW_ROWS if row["reason"] == TOO_FEW else Status.NOT_APPLICABLE).value
        if not row["mature"]:
            return Status.NOT_JUDGED.value
        at = self.result.windows.ids.index(str(row["window"]))
        mine = [one.status for one in findings if one.first <= at <= one.last and self._is_of(one, row)]
        return next((one.value for one in (Status.ALERT, Status.WARNING) if one.value in mine), Status.STABLE.value)

    def _is_of(self, finding: Finding, row: Mapping[Any, Any]) -> bool:
        track = self.track_of(finding.what)
        told = track.attribute, track.klass or None, BETWEEN_OF.get(track.metric)
        return told == (row["attribute"], row["class"], row["metric"])


def _about(track: GapTrack) -> tuple[str, str, str]:
    return track.attribute, track.klass, track.metric


def _speakers(tracks: Sequence[GapTrack]) -> dict[tuple[str, str], str]:
    """Return which group speaks for each group of an attribute: itself, but of two groups, whose gaps are one, that of fewer rows."""
    found: dict[tuple[str, str], str] = {}
    for attribute in dict.fromkeys(one.attribute for one in tracks):
        rows: dict[str, float] = {}
        for one in (one for one in tracks if one.attribute == attribute):
            rows[one.group] = max(rows.get(one.group, 0.0), float(one.pooled.one.n[0]))
        fewest = min(rows, key=lambda group: rows[group])
        found |= {(attribute, group): fewest if len(rows) == 2 else group for group in rows}
    return found


def gap_of(pair: Pair, scale: Scale) -> Gap:
    """Return how far a group lies from all others."""
    return gap(pair.one, pair.other, scale)


def group_text(label: str, klass: str = "") -> str:
    """Return what a group (and class) is called where one of several is chosen.

    >>> group_text("Age 18-24"), group_text("Age 18-24", "late")
    ('Age 18-24', 'Age 18-24, class late')
    """
    return f"{label}, class {klass}" if klass else label
