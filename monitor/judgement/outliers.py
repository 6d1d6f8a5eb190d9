"""Verdicts on outliers: which rows are flagged, and where more are than the reference's own windows had when they were held out.

A share of flagged rows is a number by window like any other. It is judged as the angle whose sine squared it is (Freeman and Tukey 1950):
of that the sampling variance hangs on the number of rows only, and few rows in a hundred are told from none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.outlier_shares import NO_NEIGHBOUR, SUPPORT, Line, Track, Tracks
from monitor.analyses.outlier_told import ENSEMBLE
from monitor.analyses.outliers import METHODS, OutliersResult
from monitor.case import OUTLIER_SHARES, OutlierThresholds
from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged_outliers import JUDGED, JudgedOutliers
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.narration.outliers import reason_text
from monitor.judgement.run_parts import over_both, parts_of_run, windows_between
from monitor.judgement.run_times import times
from monitor.stats.inference.angles import angle, angle_variance, share_between
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.runs import Run
from monitor.stats.outliers.conformal import reachable_share
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NAMED = 3
"""Columns that a finding names."""
OFTEN = 0.2
"""Part of the flagged rows of a run that have to be odd in a column for it to be named."""


def judge_outliers(result: OutliersResult, thresholds: OutlierThresholds | None = None) -> JudgedOutliers:
    """Judge measured outliers: more flagged rows than usual are a warning, from `alert` times the limit on an alert."""
    thresholds = thresholds or OutlierThresholds()
    judge = _Judge(result, thresholds)
    findings = tuple(sorted(judge.findings(), key=_order))
    return JudgedOutliers(
        table=JUDGED.check(_flagged_rows(result, thresholds)),
        findings=findings,
        shares=judge.shares(findings),
        result=result,
        thresholds=thresholds,
    )


def _order(finding: Finding) -> tuple[Any, ...]:
    alone = finding.what == SUPPORT  # a part of what the share of all flagged rows tells
    return (finding.status != Status.ALERT.value, bool(finding.place), not finding.ongoing, alone, -finding.strength)


def _flagged_rows(result: OutliersResult, thresholds: OutlierThresholds) -> pd.DataFrame:
    """Return the rows that the ensemble flags, with words."""
    table, many = result.table, len(METHODS)
    out = np.repeat(table["p_value"].to_numpy()[::many] <= thresholds.share, many) if len(table) else np.zeros(0, dtype=bool)
    words = np.array([reason_text(one, result.called.told_a) for one in result.reasons], dtype=object)
    told = table.assign(flagged=table["p_value"] <= thresholds.share, reason=np.repeat(words, many))
    return told[out]


class _Judge:
    """One screen of outliers."""

    def __init__(self, result: OutliersResult, thresholds: OutlierThresholds) -> None:
        self.result, self.thresholds = result, thresholds
        self.at = OUTLIER_SHARES.index(thresholds.share)
        self.tracks = {one.name: one for one in result.tracks.every}
        self.found = self._judged(result.tracks)
        self.line = result.line or Line(
            tracks=result.tracks, windows=result.windows, own=result.own_windows, place=np.arange(len(result.windows)), size=result.size
        )
        runs = self.found if result.line is None else self._judged(self.line.tracks)
        self.runs = {one.name: self._parted(one, runs[one.name]) for one in self.line.tracks.every}
        self.columns = _odd_columns(result, thresholds)

    def _judged(self, tracks: Tracks) -> dict[str, Found]:
        known = {one.name: self._known(tracks, one) for one in tracks.every}
        spans = np.ones(len(tracks.whole.n))
        return judge_series(known, q=self.thresholds.q, spans=spans, seed=self.result.provenance.seed)

    def _parted(self, track: Track, found: Found) -> Found:
        """Return what was found of a number with runs parted where several windows one after the other are as in the reference: two events
        are not one. Each part is judged again alone, at its number's part of `q`; a run of which no part stands alone stays whole."""
        runs, known = [], self._known(self.line.tracks, track)
        ordinary = self._ordinary(known)
        for scored, strength in found.runs:
            parts = parts_of_run(scored.run, known, ordinary)
            again = [one for part in parts for one in self._part_runs(known, part)] if len(parts) > 1 else []
            runs += again or [(scored, strength)]
        return replace(found, runs=tuple(self._told_apart(runs)))

    def _told_apart(self, runs: Sequence[tuple[ScoredRun, float]]) -> list[tuple[ScoredRun, float]]:
        """Return one of the runs that lie in the same judged windows, the strongest over the time of all: nothing would tell them apart."""
        same: dict[tuple[int, int], tuple[ScoredRun, float]] = {}
        for scored, strength in sorted(runs, key=lambda one: -one[1]):
            at = int(self.line.place[scored.run.first]), int(self.line.place[scored.run.last])
            kept = same.setdefault(at, (scored, strength))
            same[at] = replace(kept[0], run=over_both(kept[0].run, scored.run)), kept[1]
        return list(same.values())

    def _part_runs(self, known: Known, part: tuple[int, int]) -> list[tuple[ScoredRun, float]]:
        """Return the runs of a number that lie in the windows from one to another, judged without all others beyond the reference."""
        inside = windows_between(part[0], part[1], len(known.value))
        alone = replace(known, value=np.where(inside, known.value, np.nan), variance=np.where(inside, known.variance, np.nan))
        q, spans = self.thresholds.q / len(self.tracks), np.ones(len(known.value))
        return list(judge_series({"part": alone}, q=q, spans=spans, seed=self.result.provenance.seed)["part"].runs)

    @staticmethod
    def _ordinary(known: Known) -> Bools:
        """Say which windows have no larger number than the reference's own windows had, (w,)."""
        with np.errstate(invalid="ignore"):
            return np.asarray(known.value <= np.nanmax(known.own)) if known.own_known.any() else np.zeros(len(known.value), dtype=bool)

    def counts(self, track: Track) -> tuple[Ints, Ints]:
        """Return the flagged rows of the reference's windows, (r,), and of production's, (w,)."""
        at = 0 if track.name == SUPPORT else self.at
        return track.own[at], track.flagged[at]

    def _usable(self, track: Track) -> Bools:
        return np.asarray(track.n >= self.thresholds.min_rows)

    def others(self, whole: Track, track: Track) -> tuple[Ints, Ints, Ints, Ints]:
        """Return rows and flagged rows outside of a segment: of the reference's windows, (r,) each, then of production's, (w,) each."""
        own, now = self.counts(track)
        all_own, all_now = self.counts(whole)
        return whole.own_n - track.own_n, all_own - own, whole.n - track.n, all_now - now

    def _known(self, tracks: Tracks, track: Track) -> Known:
        """Return what is judged: the angle of a share, of a segment less that of all other rows."""
        own, now = self.counts(track)
        enough, usable = track.own_n > 0, self._usable(track)
        before, after = angle(own, track.own_n), angle(now, track.n)
        spread, wide = angle_variance(track.own_n), angle_variance(track.n)
        if track.column:
            own_n, own_out, n, out = self.others(tracks.whole, track)
            before, after = before - angle(own_out, own_n), after - angle(out, n)
            spread, wide = spread + angle_variance(own_n), wide + angle_variance(n)
        return Known(
            own=np.where(enough, before, np.nan),
            own_variance=np.where(enough, spread, np.nan),
            value=np.where(usable, after, np.nan),
            variance=np.where(usable, wide, np.nan),
        )

    def _elsewhere(self, track: Track, windows: Bools) -> float:
        """Return the share of flagged rows among all others; nan where there are no others."""
        _, _, n, out = self.others(self.line.tracks.whole, track)
        many = int(n[windows].sum())
        return int(out[windows].sum()) / many if track.column and many else float("nan")

    def findings(self) -> list[Finding]:
        """Return the runs of windows with more flagged rows than usual."""
        made = []
        for track in self.line.tracks.every:
            made += [one for run in self.runs[track.name].runs if (one := self._finding(track, *run)) is not None]
        return made

    def _finding(self, track: Track, scored: ScoredRun, strength: float) -> Finding | None:
        """Return the finding of a run; None where fewer rows are flagged, or too few more to matter."""
        run, usable = scored.run, self._usable(track)
        own, now = self.counts(track)
        windows, place = windows_between(run.first, run.last, len(usable)) & usable, self.line.place
        n, flagged = int(track.n[windows].sum()), int(now[windows].sum())
        before, after = float(own.sum() / max(track.own_n.sum(), 1)), flagged / max(n, 1)
        elsewhere = self._elsewhere(track, windows)
        if after <= self.thresholds.floor * self._usual(track, before, elsewhere):
            return None
        each = np.where(windows, now / np.maximum(track.n, 1), -1.0)
        return Finding(
            what=track.name,
            label=track.label,
            kind=FindingKind.OUTLIER,
            status=(Status.ALERT if strength >= self.thresholds.alert else Status.WARNING).value,
            first=int(place[run.first]),
            last=int(place[run.last]),
            direction=Direction.MORE,
            measure=Measure.SHARE,
            before=before,
            after=after,
            rows=flagged,
            share_rows=after,
            pair=(after, elsewhere),
            place=CellPlace(PlaceKind.LEVEL, level=track.level) if track.column else None,
            method=ENSEMBLE,
            score=after,
            limit=share_between(self._usual(track, before, elsewhere) if track.column else before, after, strength),
            strength=strength,
            p_value=scored.p_value,
            q_value=self.runs[track.name].q_value,
            worst=self.result.windows.ids[int(place[np.argmax(each)])],
            carried=self._carried(track, run),
            judged=int(usable.sum()),
            **self._times(run, usable),
        )

    def _times(self, run: Run, usable: Bools) -> dict[str, Any]:
        """Return when a run was, by the windows that it was found in, with the ids of those of the judged length."""
        ids, place = self.result.windows.ids, self.line.place
        found = times(self.line.windows, usable, run)
        return {**found, "window": ids[int(place[run.first])], "last_window": ids[int(place[run.last])]}

    def _usual(self, track: Track, before: float, elsewhere: float) -> float:
        """Return the share of flagged rows that is nothing to tell of: what the reference had, what is stated, what other rows have."""
        stated = NO_NEIGHBOUR if track.name == SUPPORT else reachable_share(self.thresholds.share, self.result.calibration)
        return max(before, stated, float(np.nan_to_num(elsewhere)))

    def _carried(self, track: Track, run: Run) -> tuple[str, ...]:
        """Return the columns that the flagged rows of a run are most often odd in."""
        if track.column or track.name == SUPPORT:
            return ()
        windows, place = self.line.windows, self.line.place
        start, end = windows.start[run.first], windows.end[run.last]
        known = self.result.line is not None and not np.isnat(start) and not np.isnat(end)
        rows = [
            labels
            for window, moment, labels in self.columns
            if (start <= moment < end if known and not np.isnat(moment) else place[run.first] <= window <= place[run.last])
        ]
        counts = Counter(label for labels in rows for label in labels)
        return tuple(label for label, many in counts.most_common(NAMED) if many >= OFTEN * len(rows))

    def shares(self, findings: Sequence[Finding]) -> pd.DataFrame:
        """Return the share of flagged rows of each window and thing, with its limit and verdict."""
        return pd.concat([self._share_rows(one, [f for f in findings if f.what == one.name]) for one in self.tracks.values()])

    def _limits(self, track: Track) -> Floats:
        """Return the share from which on each window alone alarms, of a segment given that of other rows; nan where no share could."""
        upper = self.found[track.name].upper
        if track.column:
            _, _, n, out = self.others(self.result.tracks.whole, track)
            upper = upper + angle(out, n)
        return np.asarray(np.where(upper < np.pi / 2, np.sin(np.clip(upper, 0.0, np.pi / 2)) ** 2, np.nan))

    def _beyond(self, track: Track, finding: Finding) -> Bools:
        """Say which windows have any part of a finding that is beyond the reference's own windows, (w,)."""
        line = next(one for one in self.line.tracks.every if one.name == track.name)
        start, end = self.line.windows.start, self.line.windows.end
        beyond = ~self._ordinary(self._known(self.line.tracks, line)) & self._usable(line)
        if not np.isnat(finding.start):
            beyond &= (end > finding.start) & (np.isnat(finding.end) | (start < finding.end))
        return np.asarray(np.bincount(self.line.place[beyond], minlength=len(self.result.windows)) > 0)

    def _share_rows(self, track: Track, mine: Sequence[Finding]) -> pd.DataFrame:
        found, windows, usable = self.found[track.name], self.result.windows, self._usable(track)
        own, now = self.counts(track)
        status = np.where(usable, (Status.STABLE if found.judged else Status.NOT_JUDGED).value, Status.TOO_FEW_ROWS.value).astype(object)
        run, limit = np.full(len(windows), None, dtype=object), self._limits(track)
        for one in sorted(mine, key=lambda one: one.strength):
            part = windows_between(one.first, one.last, len(usable)) & usable & self._beyond(track, one)
            status[part], run[part] = one.status, one.id
            limit[part & (now >= one.limit * track.n)] = one.limit
        known = track.own_n > 0
        each = own[known] / track.own_n[known]
        return pd.DataFrame(
            {
                "what": track.name,
                "label": track.label,
                "column": track.column,
                "level": track.level,
                "window": windows.ids,
                "n": track.n,
                "flagged": now,
                "share": np.where(track.n > 0, now / np.maximum(track.n, 1), np.nan),
                "usual": float(own.sum() / max(track.own_n.sum(), 1)),
                "reference_low": float(each.min()) if len(each) else np.nan,
                "reference_high": float(each.max()) if len(each) else np.nan,
                "limit": limit,
                "status": status,
                "run": run,
            }
        )


def _odd_columns(result: OutliersResult, thresholds: OutlierThresholds) -> list[tuple[int, np.datetime64, tuple[str, ...]]]:
    """Return window and time of each flagged row that is told, and the columns that it is odd in."""
    many = len(METHODS)
    if result.table.empty:
        return []
    out = result.table["p_value"].to_numpy()[::many] <= thresholds.share
    place = {name: at for at, name in enumerate(result.windows.ids)}
    window = [place[str(one)] for one in result.table["window"].to_numpy()[::many]]
    moments = result.table["timestamp"].to_numpy(dtype="datetime64[us]")[::many]
    told = zip(window, moments, result.reasons, out, strict=True)
    return [(at, moment, tuple(part.label for part in one.parts)) for at, moment, one, kept in told if kept]
