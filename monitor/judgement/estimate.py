"""Verdicts on estimates: whether the model is estimated to have become worse, and where labels contradict what was estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.estimate import MEASURED, EstimateResult
from monitor.analyses.estimate_choice import Line
from monitor.analyses.estimate_peer import PEER
from monitor.analyses.estimate_tables import BLEND
from monitor.analyses.label_doubts import looks_in_sample
from monitor.case import PerformanceThresholds
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.judged import Judged, names_of
from monitor.judgement.metric_series import Found, Known, judge_series
from monitor.judgement.narration.moves import FLATTERED
from monitor.judgement.narration.windows import WindowNames
from monitor.judgement.one_version import version_behind
from monitor.judgement.run_parts import Shown, narrowed, windows_between
from monitor.judgement.run_times import lasting_times
from monitor.stats.inference.evidence import ScoredRun
from monitor.stats.inference.runs import Run
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import TOO_FEW
from monitor.stats.performance.labelled import usual_variance
from monitor.tables import Contract
from monitor.vocabulary import Status

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

GAP = "~gap"
"""Ends the name of what labels say beyond the estimate."""
_TOLD = tuple(MEASURED.columns.items())
_AT = list(MEASURED.columns).index("reason")
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **dict(_TOLD[:_AT]),
        "status": "verdict on the default estimate: that of the run that the window belongs to (nannyml: that tool's own)",
        **dict(_TOLD[_AT:]),
        "failed": "whether labels contradict the default estimate beyond chance in a run that holds this window",
        "limit_lower": "estimate below which this window alone alarms, all corrections included",
        "limit_upper": "estimate above which it does",
        "run": "id of the finding that the window belongs to, null: none",
        "strength": "how many times as far as it had to be from the reference; above 1 alarms",
        "p_value": "probability of the farthest run of the estimated metric, all its runs allowed for",
        "q_value": "Holm-adjusted over the metrics, their estimates and their failures",
    },
    MEASURED.units,
)
"""What was measured, with its verdict before the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedEstimate(Judged):
    """Judged estimates: `table` has one row per window, metric and method, `findings` the runs of the default estimate and of its failures,
    alerts first."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: EstimateResult
    thresholds: PerformanceThresholds

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole: the default and what it was chosen by, what chance alone would name, the scoreboard."""
        board = self.result.scoreboard.astype(object)
        return {
            "default": self.result.method,
            "chosen_by": self.result.chosen_by,
            "expected_false_alarms": self.thresholds.q,
            "label_share": float(self.result.labelled.sum() / max(int(self.result.rows.sum()), 1)),
            "scoreboard": board.where(board.notna(), None).to_dict("records"),
        }

    @property
    def names(self) -> WindowNames:
        """How the windows are called."""
        size = self.result.size if self.result.fine is None else self.result.fine.size
        return names_of(self.windows, size, self.result.timezone, called=self.called)


def judge_estimate(result: EstimateResult, thresholds: PerformanceThresholds | None = None) -> JudgedEstimate:
    """Judge measured estimates.

    Notes
    -----
    Two numbers by window of each leading metric are looked at together: the default estimate, beside what it says of the reference's own
    windows, and what labels say beyond it, beside how far it was off there. A run of the first is worse or better as a metric is. A run of
    the second says that the relation of labels to inputs changed, for everything else the estimate knows.
    """
    thresholds = thresholds or PerformanceThresholds()
    judge = _Judge(result, thresholds)
    found = judge.found()
    findings = tuple(sorted((one for name, told in found.items() for one in judge.findings(name, told)), key=_order))
    table = pd.concat([judge.rows(part, found, findings) for _, part in result.table.groupby(["method", "metric"], sort=False)])
    return JudgedEstimate(table=JUDGED.check(table.sort_index()), findings=findings, result=result, thresholds=thresholds)


def _order(finding: Finding) -> tuple[Any, ...]:
    return (finding.status != Status.ALERT.value, not finding.ongoing, finding.kind is FindingKind.ESTIMATE, -finding.strength)


class _Judge:
    """One screen of estimates."""

    def __init__(self, result: EstimateResult, thresholds: PerformanceThresholds) -> None:
        self.result, self.thresholds = result, thresholds
        able = result.trusted & (result.rows >= thresholds.min_rows)
        self.usable = able & ~result.partial  # one day of a week is no small week: its weather is one
        compared = self.usable if result.fine is None else able
        self.compared = compared & result.mature & (result.labelled >= thresholds.min_rows)
        fine = result.fine
        few = thresholds.min_rows
        self.fine_usable = self.compared if fine is None else self.compared[fine.place] & (fine.labelled >= few)
        self.lines = {name: one for name, one in result.lines.items() if name in result.judged}

    def found(self) -> dict[str, Found]:
        """Judge estimates and what labels say beyond them, all together."""
        known = {name: self._estimate(one) for name, one in self.lines.items()}
        if self.result.fine is None:
            return self._judged({**known, **{name + GAP: self._gap(one) for name, one in self.lines.items()}}, self.thresholds.q)
        half = self.thresholds.q / 2
        return {**self._judged(known, half), **self._judged(self._fine_gaps(), half)}

    def _judged(self, known: Mapping[str, Known], q: float) -> dict[str, Found]:
        many = len(next(iter(known.values())).value) if known else 0
        return judge_series(known, q=q, spans=np.ones(many), seed=self.result.provenance.seed)

    def _fine_gaps(self) -> dict[str, Known]:
        """Return what labels say beyond estimates in shorter windows."""
        fine = self.result.fine
        assert fine is not None  # noqa: S101 - asked only where there are some
        usable = self.fine_usable
        return {
            name + GAP: Known(own=one.own, own_variance=one.own_variance, value=np.where(usable, one.value, np.nan), variance=one.variance)
            for name, one in fine.gaps.items()
        }

    def _estimate(self, line: Line) -> Known:
        value = np.where(self.usable, line.production.value, np.nan)
        own, now = usual_variance((line.own.spread, line.own.n), (line.production.spread, line.production.n))
        return Known(own=line.own.value, own_variance=own, value=value, variance=now)

    def _gap(self, line: Line) -> Known:
        value = np.where(self.compared, line.realised - line.production.value, np.nan)
        own = line.own_realised - line.own.value
        own_noise, noise = usual_variance((line.own.noise, line.own.n), (line.production.noise, line.production.n))
        return Known(own=own, own_variance=own_noise + line.own_sampled, value=value, variance=noise + line.sampled)

    def findings(self, name: str, found: Found) -> list[Finding]:
        """Return the runs of one number that matter."""
        return [one for run, strength in found.runs if (one := self._finding(name, found, run, strength)) is not None]

    def _finding(self, name: str, found: Found, scored: ScoredRun, strength: float) -> Finding | None:
        metric, gap = name.removesuffix(GAP), name.endswith(GAP)
        line, told = self.lines[metric], METRICS[metric]
        found_in = self._narrowed(line, scored, gap=gap)
        run, when = self._when(found_in, gap=gap)
        part = slice(run.first, run.last + 1)
        usable = self.compared if gap else self.usable
        rows = np.where(usable[part], self.result.rows[part], 0)
        before, after = self._both(metric, found_in) if gap else (line.whole, _weighted(line.production.value[part], rows))
        if not np.isfinite(before - after) or abs(after - before) < self.thresholds.floors.get(metric, told.smallest(before)):
            return None
        worse = told.worse(before, after)
        flattered = gap and bool(worse) and looks_in_sample(self.result) and not usable[: run.first].any()
        alarm = bool(worse) and not flattered and strength >= self.thresholds.alert
        away = np.where(usable[part], np.nan_to_num(np.abs((line.realised if gap else line.production.value)[part] - before)), -1.0)
        return Finding(
            what=name,
            label=told.title if gap else f"Estimated {told.title if told.title[:3].isupper() else told.title[0].lower() + told.title[1:]}",
            kind=FindingKind.ESTIMATE if gap else FindingKind.METRIC,
            status=(Status.ALERT if alarm else Status.WARNING).value,
            first=run.first,
            last=run.last,
            direction=Direction.HIGHER if after > before else Direction.LOWER,
            measure=Measure.SCORE,
            before=before,
            after=after,
            rows=int(rows.sum()),
            share_rows=float(self.result.rows[part].sum() / max(self.result.rows.sum(), 1)),
            method=self.result.method,
            score=after,
            limit=float(before + (after - before) / max(strength, 1e-9)),
            strength=strength,
            p_value=scored.p_value,
            q_value=max(found.q_value, scored.p_value),
            worst=self.result.windows.ids[run.first + int(np.argmax(away))],
            note=FLATTERED if flattered else "" if worse is None else "worse" if worse else "better",
            note_share=_weighted(self.result.unfamiliar[part], rows) if gap else float("nan"),
            with_version=self._version(metric, run) if gap else "",
            **when,
        )

    def _narrowed(self, line: Line, scored: ScoredRun, *, gap: bool) -> Run:
        """Return a run as the judged windows show it."""
        fine = self.result.fine if gap else None
        place = np.arange(len(self.usable)) if fine is None else fine.place
        away = line.realised - line.production.value if gap else line.production.value - line.whole
        known = np.where(self.compared if gap else self.usable, away, np.nan)
        floor = self.thresholds.floors.get(line.metric, METRICS[line.metric].smallest(line.whole))
        return narrowed(scored.run, Shown(known, line.rows if gap else line.production.n, floor, place), rises=scored.mean > 0)

    def _version(self, metric: str, run: Run) -> str:
        """Return the version of the model whose rows alone labels contradict, "" where there is none."""
        line = self.lines[metric]
        whole = line.realised - line.production.value, np.where(self.compared, self.result.labelled, 0.0)
        return version_behind(self.result.others, metric, run, whole, 0.0)

    def _both(self, metric: str, run: Run) -> tuple[float, float]:
        """Return what was estimated over a run and what labels say, of all rows of the days that the run was found in, as performance
        tells it, or as the mean of its windows by the rows that the metric rests on."""
        fine, part = self.result.fine, slice(run.first, run.last + 1)
        if fine is None:
            line = self.lines[metric]
            rows = np.where(self.compared[part], line.rows[part], 0.0)
            return _weighted(line.production.value[part], rows), _weighted(line.realised[part], rows)
        days = windows_between(run.first, run.last, len(fine.labelled)) & self.fine_usable
        return fine.pooled(metric, days & np.isfinite(fine.gaps[metric].value))

    def _when(self, run: Run, *, gap: bool) -> tuple[Run, dict[str, Any]]:
        """Return a run as one of the judged windows, and where it stands in time."""
        fine = self.result.fine if gap else None
        usable = self.fine_usable if gap else self.usable
        windows = self.result.windows if fine is None else fine.windows
        when = {**lasting_times(windows, usable, run), "judged": int(usable.sum())}
        if fine is None:
            return run, when
        whole = Run(*(int(fine.place[end]) for end in (run.first, run.last, run.first_from, run.first_to, run.last_from, run.last_to)))
        ids = self.result.windows.ids
        return whole, {**when, "window": ids[whole.first], "last_window": ids[whole.last]}

    def rows(self, part: pd.DataFrame, found: Mapping[str, Found], findings: tuple[Finding, ...]) -> pd.DataFrame:
        """Return rows of one method and metric with the verdict on each window."""
        method, metric = str(part["method"].iloc[0]), str(part["metric"].iloc[0])
        usual = method == self.result.method and metric in found
        at = np.searchsorted(self.result.windows.start, part["window_start"].to_numpy())
        one = found[metric] if usual else None
        many = len(self.result.windows)
        status, run, failed = self._verdicts(metric, usual and one is not None and one.judged, findings)
        unseen = np.zeros(many, dtype=bool) if one is None else one.unseen(METRICS[metric].worst)
        unseen |= self.result.partial
        status = np.where(unseen & (status == Status.STABLE.value), Status.NOT_JUDGED.value, status)
        quiet = part["reason"].notna().to_numpy()
        said = np.where(quiet, np.where(part["reason"] == TOO_FEW, Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value), status[at])
        if method in PEER and "peer_status" in part:
            said = part["peer_status"].fillna(Status.NOT_JUDGED.value).to_numpy()
        none = np.full(many, np.nan)
        limits = (none, none) if one is None else one.inside(METRICS[metric].reach)
        return part.drop(columns=["peer_status"], errors="ignore").assign(
            status=said,
            failed=failed[at] if usual or method == BLEND else False,
            limit_lower=limits[0][at],
            limit_upper=limits[1][at],
            run=pd.Series(
                [None if silent or not usual else one for silent, one in zip(quiet, run[at], strict=True)], part.index, dtype=object
            ),
            strength=np.where(quiet, 0.0, np.nan_to_num(one.alone[at])) if one is not None else 0.0,
            p_value=np.nan if one is None else one.p_value,
            q_value=np.nan if one is None else one.q_value,
        )

    def _verdicts(self, metric: str, judged: bool, findings: tuple[Finding, ...]) -> tuple[Any, Any, Bools]:
        """Return status, run and whether labels contradict the estimate, (w,) each."""
        many = len(self.result.windows)
        status = np.full(many, (Status.STABLE if judged else Status.NOT_JUDGED).value, dtype=object)
        run, failed = np.full(many, None, dtype=object), np.zeros(many, dtype=bool)
        for one in sorted((one for one in findings if one.what.removesuffix(GAP) == metric), key=lambda one: one.strength):
            part = slice(one.first, one.last + 1)
            if one.kind is FindingKind.ESTIMATE:
                failed[part] = True
            elif judged:
                status[part], run[part] = one.status, one.id
        return status, run, failed & self.compared


def _weighted(values: Floats, rows: Floats | NDArray[np.int64]) -> float:
    known = np.isfinite(values) & (rows > 0)
    return float(values[known] @ rows[known] / rows[known].sum()) if known.any() else float("nan")
