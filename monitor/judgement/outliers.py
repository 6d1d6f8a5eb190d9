"""Verdicts on outliers: which rows are flagged, and where more are than the reference's own windows had when they were held out.

A share of flagged rows is a number by window like any other. It is judged as the angle whose sine squared it is (Freeman and Tukey 1950):
of that the sampling variance hangs on the number of rows only, and few rows in a hundred are told from none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.outlier_shares import NO_NEIGHBOUR, SUPPORT, Line, Track, Tracks
from monitor.analyses.outlier_told import ENSEMBLE
from monitor.analyses.outliers import MEASURED, METHODS, OutliersResult
from monitor.case import OUTLIER_SHARES, OutlierThresholds
from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.column_findings import times
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.narration.outliers import reason_text
from monitor.judgement.narration.windows import WindowNames
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.runs import Run
from monitor.stats.outliers.conformal import reachable_share, rows_to_certify
from monitor.stats.outliers.members import KNN
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

NAMED = 3
"""Columns that a finding names."""
SEVERAL = 3
"""Windows one after the other with no more flagged rows than windows of the reference had, that may part two events."""
APART = 5.0
"""Standard errors that they lie below the rest as one, so that no search for the quietest days of a long run finds them by chance."""
OFTEN = 0.2
"""Part of the flagged rows of a run that have to be odd in a column for it to be named."""
_TOLD = tuple(MEASURED.columns.items())
_AT = list(MEASURED.columns).index("kind")
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **dict(_TOLD[:_AT]),
        "flagged": "whether p_value is within the stated share (outliers.share); the table holds rows that the ensemble flags",
        "reason": "why, in words: columns, how far, in which way",
        **dict(_TOLD[_AT:]),
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedOutliers(Judged):
    """Judged outliers: `table` has the flagged rows, the farthest first, one line per method; `shares` one row per window and thing
    (all rows, rows without a near one, segments); `findings` the runs of windows with more flagged rows than usual."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    shares: pd.DataFrame
    result: OutliersResult
    thresholds: OutlierThresholds

    @property
    def names(self) -> WindowNames:
        """How the windows are called that runs are told in."""
        size = self.result.size if self.result.line is None else self.result.line.size
        return names_of(self.windows, size, self.result.timezone, self.own_windows)

    @property
    def expected(self) -> float:
        """The share of rows without change that is flagged: the stated one, or the next smaller that the held-out rows can say."""
        return reachable_share(self.thresholds.share, self.result.calibration)

    @property
    def flagged(self) -> int:
        """Flagged rows of production."""
        return int(self.result.tracks.whole.flagged[self._at].sum())

    @property
    def unsupported(self) -> float:
        """Share of production's rows that no reference row is near to."""
        return float(self.result.tracks.support.flagged.sum() / max(self.result.rows.sum(), 1))

    @property
    def worst_stretch(self) -> float:
        """The largest share of rows that were flagged when a stretch of the reference's time was held out."""
        return float(self.result.stretches[self._at].max())

    @property
    def _at(self) -> int:
        return OUTLIER_SHARES.index(self.thresholds.share)

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        n, rows = self.result.calibration, int(self.result.rows.sum())
        return {
            "expected_false_alarms": self.thresholds.q,
            "flagged": self.flagged,
            "flagged_share": self.flagged / max(rows, 1),
            "expected_share": self.expected,
            "worst_stretch_share": self.worst_stretch,
            "unsupported_share": self.unsupported,
            "calibration_rows": n,
            "smallest_p_value": 1 / (n + 1),
            "rows_to_certify": rows_to_certify(n, rows, self.thresholds.q),
            "rows_told": int(self.table["method"].eq(ENSEMBLE).sum()),
            "by_window": self.shares[self.shares["column"] == ""].drop(columns=["column", "level"]).to_dict("records"),
        }

    def places_behind(self, finding: Finding) -> Ints:
        """Return file and row of the rows told that are flagged (of support: that lie alone) in the windows of a finding, (n, 2)."""
        table = self.result.table
        method, most = (KNN, NO_NEIGHBOUR) if finding.what == SUPPORT else (ENSEMBLE, self.thresholds.share)
        inside = table["window"].isin(self.windows.ids[finding.first : finding.last + 1])
        told = inside & table["method"].eq(method) & table["p_value"].le(most)
        return table.loc[told, ["file", "row"]].to_numpy(dtype=np.int64)


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
            parts = _parts(scored.run, known, ordinary)
            again = [one for part in parts for one in self._part_runs(known, part)] if len(parts) > 1 else []
            runs += again or [(scored, strength)]
        return replace(found, runs=tuple(self._told_apart(runs)))

    def _told_apart(self, runs: Sequence[tuple[ScoredRun, float]]) -> list[tuple[ScoredRun, float]]:
        """Return one of the runs that lie in the same judged windows, the strongest over the time of all: nothing would tell them apart."""
        same: dict[tuple[int, int], tuple[ScoredRun, float]] = {}
        for scored, strength in sorted(runs, key=lambda one: -one[1]):
            at = int(self.line.place[scored.run.first]), int(self.line.place[scored.run.last])
            kept = same.setdefault(at, (scored, strength))
            same[at] = replace(kept[0], run=_over(kept[0].run, scored.run)), kept[1]
        return list(same.values())

    def _part_runs(self, known: Known, part: tuple[int, int]) -> list[tuple[ScoredRun, float]]:
        """Return the runs of a number that lie in the windows from one to another, judged without all others beyond the reference."""
        inside = _inside(part[0], part[1], len(known.value))
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
        windows, place = _inside(run.first, run.last, len(usable)) & usable, self.line.place
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
            limit=_between(self._usual(track, before, elsewhere) if track.column else before, after, strength),
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
            part = _inside(one.first, one.last, len(usable)) & usable & self._beyond(track, one)
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


def _parts(run: Run, known: Known, ordinary: Bools) -> list[tuple[int, int]]:
    """Return the first and last window of each part of a run: between two of them lie SEVERAL ordinary windows one after the other, which
    are as one APART standard errors from the rest of the run: few rows a day may be ordinary by chance.

    >>> number = np.array([0.1, 0.9, 0.1, 0.1, 0.1, 0.9, 0.1, 0.9, 0.9])
    >>> known = Known(own=np.zeros(2), own_variance=np.ones(2), value=number, variance=np.full(9, 0.01))
    >>> _parts(Run.known(1, 7), known, number < 0.5), _parts(Run.known(1, 7), replace(known, variance=np.full(9, 0.9)), number < 0.5)
    ([(1, 1), (5, 7)], [(1, 7)])
    """
    beyond = np.flatnonzero((known.known & ~ordinary)[run.first : run.last + 1]) + run.first
    parts = [(int(beyond[0]), int(beyond[0]))] if len(beyond) else []
    inside = _inside(run.first, run.last, len(ordinary)) & known.known
    for at in beyond[1:].tolist():
        gap = _inside(parts[-1][1] + 1, at - 1, len(ordinary)) & inside
        if gap.sum() >= SEVERAL and _lower(known, gap, inside & ~ordinary):
            parts.append((at, at))
        else:
            parts[-1] = (parts[-1][0], at)
    return parts if len(parts) > 1 else [(run.first, run.last)]


def _lower(known: Known, gap: Bools, rest: Bools) -> bool:
    """Say whether the windows of a gap lie APART standard errors below the rest."""
    means, errors = zip(*(_mean(known, one) for one in (gap, rest)), strict=True)
    return bool(means[1] - means[0] >= APART * np.hypot(*errors))


def _mean(known: Known, part: Bools) -> tuple[float, float]:
    weight = 1.0 / np.maximum(known.variance[part], 1e-300)
    return float(np.average(known.value[part], weights=weight)), float(1.0 / np.sqrt(weight.sum()))


def _over(one: Run, other: Run) -> Run:
    """Return a run from the earlier first to the later last window of two."""
    first, last = min(one, other, key=lambda run: run.first), max(one, other, key=lambda run: run.last)
    return Run(first.first, last.last, first.first_from, first.first_to, last.last_from, last.last_to)


def _inside(first: int, last: int, many: int) -> Bools:
    """Say which of many windows lie between two, (many,)."""
    at = np.arange(many)
    return np.asarray((at >= first) & (at <= last))


def angle(count: Ints, n: Ints) -> Floats:
    """Return the angle whose sine squared is about count / n, steady also where the count is small.

    >>> angle(np.array([0, 50]), np.array([100, 100])).round(3).tolist()
    [0.061, 0.785]
    """
    return np.asarray(np.arcsin(np.sqrt((count + 0.375) / (n + 0.75))))


def angle_variance(n: Ints) -> Floats:
    """Return the sampling variance of the angle."""
    return np.asarray(1.0 / (4.0 * n + 2.0))


def angle_of(share: float) -> float:
    """Return the angle of a share."""
    return float(np.arcsin(np.sqrt(share)))


def _between(before: float, after: float, strength: float) -> float:
    """Return the share that lies one `strength`-th of the way, as angles, from one share to another."""
    first = angle_of(before)
    return float(np.sin(first + (angle_of(after) - first) / max(strength, 1.0)) ** 2)
