"""Verdicts on challengers: differences of all rows together, of segments, and of the arms of an experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.arms import ArmPair, ArmTrack
from monitor.analyses.left_out import WrongRows
from monitor.analyses.shadow import ShadowResult
from monitor.analyses.shadow_tables import MEASURED, SHADOW, WHOLE
from monitor.case.thresholds import ShadowThresholds
from monitor.engine.windows import to_utc
from monitor.judgement.column_findings import times
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.judged import Judged
from monitor.stats.inference.multiplicity import Selection, holm
from monitor.stats.inference.runs import Run
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.sequential import Split, sample_ratio
from monitor.tables import Contract
from monitor.vocabulary import Status

Bools = NDArray[np.bool_]
Row = dict[Any, Any]

DECIDE = ("value", "roc_auc", "brier", "mae", "mse", "log_loss", "accuracy")
"""Metrics by which one model is better than another, the first that is known decides. Of decisions alone (recall, precision) nothing is
judged: another threshold moves them as well."""
INSTEAD: Mapping[str, str] = {"accuracy": "value", "log_loss": "brier", "mse": "mae"}
"""Metrics that are not judged where another says the same better."""
JUDGED = Contract(
    MEASURED.name,
    MEASURED.keys,
    {
        **{name: text for name, text in MEASURED.columns.items() if name != "reason"},
        "status": "warning: differs by more than chance and matters; of arms that are served, worse: alert",
        "reason": MEASURED.columns["reason"],
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedShadow(Judged):
    """Judged challengers: `table` has one row per comparison, window, segment and metric, `findings` the differences that matter; `split`
    whether arms are as large as planned (None: nobody said how large); `with_them` what all rows say where some are left out because
    incidents made them wrong."""

    table: pd.DataFrame
    findings: tuple[Finding, ...]
    result: ShadowResult
    thresholds: ShadowThresholds
    split: Split | None
    with_them: JudgedShadow | None = None

    @property
    def lead(self) -> str:
        """The metric that decides: the first that is judged and known; empty where none is."""
        known = self.together[self.together["p_value"].notna()]["metric"].tolist()
        return next((one for one in judged_metrics(self.result) if one in known), "")

    @property
    def together(self) -> pd.DataFrame:
        """The rows of the table that tell of all rows of production together."""
        table = self.table
        return table[table["comparison"].eq(SHADOW) & table["window"].eq(WHOLE) & table["segment"].isna()]

    def of(self, metric: str) -> Row | None:
        """Return what all rows together say of a metric."""
        rows = self.together[self.together["metric"].eq(metric)].to_dict("records")
        return rows[0] if rows else None

    def by_window(self, metric: str) -> pd.DataFrame:
        """Return what each window says of a metric of the challenger."""
        table = self.table
        return table[table["comparison"].eq(SHADOW) & table["segment"].isna() & table["metric"].eq(metric) & table["window"].ne(WHOLE)]

    def by_segment(self, metric: str) -> pd.DataFrame:
        """Return what each segment says of a metric of the challenger."""
        table = self.table
        return table[table["comparison"].eq(SHADOW) & table["segment"].notna() & table["metric"].eq(metric)]

    def rows_of(self, finding: Finding) -> pd.DataFrame:
        """Return the rows of the table that a finding is about."""
        table = self.table
        metric, _, comparison = finding.what.partition("~")
        return table[table["metric"].eq(metric) & table["comparison"].eq(comparison or SHADOW) & table["segment"].isna()]

    @property
    def summary(self) -> Mapping[str, Any]:
        """Figures of the whole."""
        arms = self.result.arms
        told: dict[str, Any] = {"expected_false_alarms": self.thresholds.q, "rows": self.result.ripe, "lead": self.lead}
        told |= self._money("money")
        wrong = self.result.wrong
        if wrong is not None and wrong.parts:
            told["wrong_rows"] = {"n": wrong.n, "counted": wrong.counted, "incidents": {one.id: one.n for one in wrong.parts}}
        told |= {} if self.with_them is None else self.with_them._money("money_with_wrong_rows")
        if arms is not None:
            told["arms"] = {
                "rows": dict(arms.rows),
                "units": dict(arms.units),
                "unit": arms.unit,
                "mixed": arms.mixed,
                "steady": arms.steady,
            }
            told["arms"] |= {"sample_ratio_p_value": None if self.split is None else self.split.p_value}
        return told

    def _money(self, name: str) -> dict[str, Any]:
        worth = self.of("value")
        known = worth is not None and worth["reason"] is None
        return {name: {one: worth[one] * worth["n"] for one in ("difference", "lower", "upper")}} if known and worth else {}


def nothing_left(with_them: JudgedShadow, wrong: WrongRows) -> JudgedShadow:
    """Return what can be said where incidents made every row wrong: nothing, beside what all rows say."""
    result = replace(with_them.result, wrong=wrong, ripe=0, answered=0, arms=None)
    return replace(with_them, table=with_them.table.iloc[:0], findings=(), result=result, split=None, with_them=with_them)


def judged_metrics(result: ShadowResult) -> tuple[str, ...]:
    """Return the metrics that are judged, the one that decides first."""
    asked = [one for one in DECIDE if one in result.judged]
    return tuple(one for one in asked if INSTEAD.get(one) not in asked)


def excludes_zero(row: Row) -> bool:
    """Say whether the interval of a difference leaves 0 out."""
    return bool(row["lower"] > 0 or row["upper"] < 0)


def judge_shadow(result: ShadowResult, thresholds: ShadowThresholds | None = None) -> JudgedShadow:
    """Judge measured challengers.

    Notes
    -----
    One comparison of all rows whose labels are in, metric by metric, corrected for their number (Holm); a difference is told where it is
    also as large as matters. Where money decides, its own 95 % interval does: what is said of it never contradicts the amounts beside it.
    Segments are told of the metric that decides, corrected for their number. Arms: the intervals hold at every look; worse is an alert, for
    people are served by it.
    """
    thresholds = thresholds or ShadowThresholds()
    judge = _Judge(result, thresholds)
    return JudgedShadow(
        table=JUDGED.check(judge.table()), findings=judge.findings(), result=result, thresholds=thresholds, split=judge.split
    )


class _Judge:
    """One screen of challengers."""

    def __init__(self, result: ShadowResult, thresholds: ShadowThresholds) -> None:
        self.result, self.thresholds = result, thresholds
        table = result.table
        self.metrics = judged_metrics(result)
        shadow = table[table["comparison"].eq(SHADOW) & table["window"].eq(WHOLE)]
        whole = shadow[shadow["segment"].isna() & shadow["metric"].isin(self.metrics) & shadow["p_value"].notna()]
        self.whole: Mapping[str, Row] = {row["metric"]: row for row in whole.to_dict("records")}
        self.lead = next((one for one in self.metrics if one in self.whole), "")
        self.named = self._with_money(self._select(self.whole))
        parts = shadow[shadow["segment"].notna() & shadow["metric"].eq(self.lead) & shadow["p_value"].notna()]
        self.parts = self._select({row["segment"]: row for row in parts.to_dict("records")})
        self.split = self._split()

    def _select(self, rows: Mapping[str, Row]) -> Selection:
        """Select the rows that differ by more than chance and by as much as matters."""
        found = holm({name: float(row["p_value"]) for name, row in rows.items()}, self.thresholds.q)
        kept = frozenset(name for name in found.named if abs(rows[name]["difference"]) >= self._floor(rows[name]))
        return Selection(found.adjusted, kept, found.level)

    def _with_money(self, found: Selection) -> Selection:
        """Name money by its own interval where it decides: it was chosen beforehand, and the interval is what people read beside it."""
        row = self.whole.get("value")
        if self.lead != "value" or row is None:
            return found
        named = found.named - {"value"}
        if excludes_zero(row) and abs(row["difference"]) >= self._floor(row):
            named |= {"value"}
        return Selection({**found.adjusted, "value": float(row["p_value"])}, named, found.level)

    def _floor(self, row: Row) -> float:
        metric = str(row["metric"])
        return float(self.thresholds.floors.get(metric, METRICS[metric].smallest(float(row["value"]))))

    def _split(self) -> Split | None:
        arms = self.result.arms
        if arms is None or len(arms.units) < 2 or not set(arms.units) <= set(self.thresholds.split):
            return None
        return sample_ratio(arms.units, self.thresholds.split)

    def findings(self) -> tuple[Finding, ...]:
        """Return what differs, alerts first, then in the order in which metrics decide."""
        found = [self._of_shadow(self.whole[name]) for name in self.metrics if name in self.named.named]
        arms = self.result.arms
        if arms is not None:
            found += [one for pair in arms.pairs for track in pair.tracks if (one := self._of_arms(pair, track)) is not None]
        found += list(self._mismatch())
        return tuple(sorted(found, key=lambda one: one.status != Status.ALERT.value))

    def _of_shadow(self, row: Row) -> Finding:
        metric, result = str(row["metric"]), self.result
        usable = result.mature & (result.rows > 0)
        usable = usable if usable.any() else np.ones(len(result.windows), dtype=bool)
        run = Run.known(int(np.flatnonzero(usable)[0]), int(np.flatnonzero(usable)[-1]))
        return self._told(
            row, run, usable, metric, metric, status=Status.WARNING, q_value=self.named.adjusted[metric], label=METRICS[metric].title,
            impact=float(row["difference"] * row["n"]) if metric == "value" else float("nan"), carried=(result.currency,),
            note="worse" if METRICS[metric].worse(float(row["value"]), float(row["challenger_value"])) else "better",
        )  # fmt: skip

    def _of_arms(self, pair: ArmPair, track: ArmTrack) -> Finding | None:
        """Return what an arm differs in: a metric that decides, or a guardrail that got worse."""
        row = {name: value[0] for name, value in track.last.items()} | {"metric": track.metric}
        far = track.looks.decided is not None and abs(float(np.nan_to_num(track.looks.difference[-1]))) >= track.floor
        worse = track.meaning.worse(float(track.looks.control[-1]), float(track.looks.treatment[-1]))
        asked = worse if track.guardrail else track.metric in self.metrics
        if not far or not asked or row["reason"] is not None:
            return None
        usable = self._experiment()
        run = Run.known(int(np.flatnonzero(usable)[0]), int(np.flatnonzero(usable)[-1]))
        return self._told(
            row, run, usable, f"{track.metric}~{pair.name}", track.metric, status=Status.ALERT if worse else Status.WARNING,
            q_value=float(track.looks.p_value[-1]), label=track.meaning.title, note="worse" if worse else "better", where=pair.treatment,
        )  # fmt: skip

    def _experiment(self) -> Bools:
        """Return the windows in which the experiment ran, (w,)."""
        arms, windows = self.result.arms, self.result.windows
        every = np.ones(len(windows), dtype=bool)
        if arms is None or not arms.first or np.isnat(windows.start).any():
            return every
        first, after = np.datetime64(arms.first), np.datetime64(arms.last) + np.timedelta64(1, "D")
        inside = (windows.end > first) & (windows.start < after)
        return inside if inside.any() else every

    def _told(self, row: Row, run: Run, usable: Bools, what: str, metric: str, *, status: Status, **more: Any) -> Finding:
        windows, rows = self.result.windows, self.result.rows
        difference, low, high = (float(row[name]) for name in ("difference", "lower", "upper"))
        reach = max((high - low) / 2, 1e-300)
        found = times(windows, usable, run)
        state = {"state": State.OVER, "end": windows.end[run.last]} if more.get("where") and run.last < len(windows) - 1 else {}
        found |= state
        found |= self._days_of_arms(found) if more.get("where") else {}
        return Finding(
            what=what,
            kind=FindingKind.CHALLENGER,
            status=status.value,
            first=run.first,
            last=run.last,
            direction=Direction.HIGHER if difference > 0 else Direction.LOWER,
            measure=Measure.SCORE,
            before=float(row["value"]),
            after=float(row["challenger_value"]),
            rows=int(row["n"]),
            share_rows=float(rows[run.first : run.last + 1].sum() / max(rows.sum(), 1)),
            method=metric,
            score=difference,
            limit=reach if difference > 0 else -reach,
            strength=abs(difference) / reach,
            p_value=float(row["p_value"]),
            worst=windows.ids[run.last],
            pair=(low, high),
            judged=int(usable.sum()),
            **found,
            **more,
        )

    def _days_of_arms(self, found: Mapping[str, Any]) -> dict[str, Any]:
        """Return the times of a finding on arms: from the day of the first row that was given one to that of the last, where it is over."""
        arms = self.result.arms
        if arms is None or not arms.first or np.isnat(found["start"]):
            return {}
        days = [datetime.fromisoformat(arms.first), datetime.fromisoformat(arms.last) + timedelta(days=1)]
        first, until = to_utc(days, self.result.timezone)
        begun = {name: max(found[name], first) for name in ("start", "onset_lower", "onset_upper")}
        return begun if np.isnat(found["end"]) else {**begun, "end": min(found["end"], until)}

    def _mismatch(self) -> Iterator[Finding]:
        """Yield that arms are not as large as planned."""
        if self.split is None or not self.split.mismatch:
            return
        many = sum(self.split.counted.values())
        counted, expected = self.split.counted, self.split.expected
        far = max(counted, key=lambda name: abs(counted[name] - expected[name]))
        usable, windows = self._experiment(), self.result.windows
        run = Run.known(int(np.flatnonzero(usable)[0]), int(np.flatnonzero(usable)[-1]))
        before, after = self.split.expected[far] / many, self.split.counted[far] / many
        found = times(windows, usable, run)
        found |= self._days_of_arms(found)
        yield Finding(
            what=f"arms~{far}", label=far, kind=FindingKind.ARM, status=Status.ALERT.value, first=run.first, last=run.last,
            direction=Direction.MORE if after > before else Direction.FEWER, before=before, after=after, rows=self.split.counted[far],
            share_rows=after, method="sample_ratio", score=after, limit=before, strength=2.0, p_value=self.split.p_value,
            worst=windows.ids[run.last], judged=int(usable.sum()), **found,
        )  # fmt: skip

    def table(self) -> pd.DataFrame:
        """Return the table with its verdicts."""
        table = self.result.table
        return table.assign(status=[self._status(row) for row in table.to_dict("records")])

    def _status(self, row: Row) -> str:
        if row["reason"] == "too_few_rows":
            return Status.TOO_FEW_ROWS.value
        if row["reason"] is not None or not np.isfinite(row["difference"]):
            return Status.NOT_APPLICABLE.value
        if row["comparison"] != SHADOW:
            return self._arm_status(row)
        if row["metric"] not in self.metrics or not row["mature"] or (row["segment"] is not None and row["metric"] != self.lead):
            return Status.NOT_JUDGED.value
        named = row["segment"] in self.parts.named if row["segment"] is not None else row["metric"] in self.named.named
        return (Status.WARNING if named else Status.STABLE).value

    def _arm_status(self, row: Row) -> str:
        arms = self.result.arms
        pair, track = next(
            (pair, track)
            for pair in (arms.pairs if arms is not None else ())
            for track in pair.tracks
            if (pair.name, track.metric) == (row["comparison"], row["metric"])
        )
        found = self._of_arms(pair, track)
        if found is not None:
            return found.status
        return (Status.STABLE if track.guardrail or track.metric in self.metrics else Status.NOT_JUDGED).value
