"""Verdicts on challengers: differences of all rows together, of segments, and of the arms of an experiment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.arms import ArmPair, ArmTrack
from monitor.analyses.shadow import ShadowResult
from monitor.analyses.shadow_tables import SHADOW, WHOLE
from monitor.case.thresholds import ShadowThresholds
from monitor.engine.windows import to_utc
from monitor.judgement.challenger_arms import unchecked_text
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.judged_shadow import JUDGED, JudgedShadow, Row, excludes_zero, judged_metrics
from monitor.judgement.run_times import times
from monitor.stats.inference.multiplicity import Selection, holm
from monitor.stats.inference.runs import Run
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.sequential import Split, sample_ratio
from monitor.tables import Skipped
from monitor.vocabulary import Status

Bools = NDArray[np.bool_]


def judge_shadow(result: ShadowResult, thresholds: ShadowThresholds | None = None) -> JudgedShadow:
    """Judge measured challengers.

    Notes
    -----
    One comparison of all rows whose labels are in, metric by metric, corrected for their number (Holm); a difference is told where it is
    also as large as matters. Where money decides, its own 95 % interval does: what is said of it never contradicts the amounts beside it.
    Segments are told of the metric that decides, corrected for their number; versions by their own interval, for they are those that a
    decision is asked of. Arms: the intervals hold at every look; worse is an alert, for people are served by it.
    """
    thresholds = thresholds or ShadowThresholds()
    judge = _Judge(result, thresholds)
    arms = result.arms
    unchecked = "" if arms is None or not arms.pairs else unchecked_text(arms, judge.split, thresholds.split)
    if unchecked:
        result = replace(result, skipped=(*result.skipped, Skipped("sample_ratio", "not_checked", unchecked)))
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
        self.named = self._named(self.whole)
        known = shadow[shadow["segment"].notna() & shadow["metric"].eq(self.lead) & shadow["p_value"].notna()].to_dict("records")
        self.parts = self._select({row["segment"]: row for row in known if not result.is_version(row["segment"])})
        self.versions = frozenset(self._of_versions(shadow))
        self.split = self._split()

    def _select(self, rows: Mapping[str, Row]) -> Selection:
        """Select the rows that differ by more than chance and by as much as matters."""
        found = holm({name: float(row["p_value"]) for name, row in rows.items()}, self.thresholds.q)
        kept = frozenset(name for name in found.named if abs(rows[name]["difference"]) >= self._floor(rows[name]))
        return Selection(found.adjusted, kept, found.level)

    def _of_versions(self, shadow: pd.DataFrame) -> Iterator[tuple[str, str]]:
        """Yield the versions on whose rows a metric differs, with the metric."""
        rows = shadow[shadow["segment"].notna() & shadow["metric"].isin(self.metrics) & shadow["p_value"].notna()]
        for segment in (one for one in rows["segment"].unique() if self.result.is_version(one)):
            mine = {row["metric"]: row for row in rows[rows["segment"].eq(segment)].to_dict("records")}
            yield from ((segment, metric) for metric in self._named(mine).named)

    def _named(self, rows: Mapping[str, Row]) -> Selection:
        """Select the metrics of some rows that differ. Money is named by its own interval where it decides: it was chosen beforehand, and
        the interval is what people read beside it."""
        found, row = self._select(rows), rows.get("value")
        if self.lead != "value" or row is None:
            return found
        named = found.named - {"value"}
        if self._differs(row):
            named |= {"value"}
        return Selection({**found.adjusted, "value": float(row["p_value"])}, named, found.level)

    def _differs(self, row: Row) -> bool:
        """Say whether the interval of a difference leaves out 0, and it is as large as matters."""
        return excludes_zero(row) and abs(row["difference"]) >= self._floor(row)

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
            impact=float(row["difference"] * row["n"]) if metric == "value" else float("nan"),
            carried=(result.currency, *(sorted(result.versions) if result.in_charge else ())),
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
        version = row["segment"] is not None and self.result.is_version(row["segment"])
        if row["metric"] not in self.metrics or not row["mature"] or not (row["segment"] is None or version or row["metric"] == self.lead):
            return Status.NOT_JUDGED.value
        if row["segment"] is None:
            named = row["metric"] in self.named.named
        else:
            named = (row["segment"], row["metric"]) in self.versions or row["segment"] in self.parts.named
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
