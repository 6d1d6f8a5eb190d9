"""Is a model good enough, in all rows and in segments: a candidate beside the model in charge, that one beside its own reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.challenger_answer import left_out_text
from monitor.judgement.challenger_versions import asked_of, deciding, together_text
from monitor.judgement.finding import Finding, State
from monitor.judgement.findings import ALARMS
from monitor.judgement.judged import Judged
from monitor.judgement.judged_shadow import DECIDE, JudgedShadow
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.segments import JudgedSegments
from monitor.readiness.candidate import Bench
from monitor.readiness.check import Check, Verdict, unshown, weighed
from monitor.stats.performance.catalogue import METRICS, Aspect, Metric
from monitor.vocabulary import Cause, Severity, Status
from monitor.wording import count_text, number_text, plural, the_window

PROBABILITIES = ("brier", "log_loss")
"""Metrics of probabilities, the first that is known speaks."""
CATALOGUE = "smallest change that matters of the metric; [thresholds] shadow.floors changes it"
WORSE = "worse"
"""What findings of a change for the worse are noted as."""
Row = dict[Any, Any]


def open_alerts(judged: Judged) -> list[Finding]:
    """Return findings that are alerts and go on."""
    return [one for one in judged.findings if one.status == Status.ALERT.value and one.state is not State.OVER]


def open_worse(judged: Judged) -> list[Finding]:
    """Return findings of something worse that go on, alerts first: a warning is beyond chance too."""
    found = [one for one in judged.findings if one.status in ALARMS and one.state is not State.OVER and one.note == WORSE]
    return sorted(found, key=lambda one: one.status != Status.ALERT.value)


def told(judged: Judged, one: Finding) -> str:
    """Say a finding."""
    return sentence(one, judged.names, judged.against)


def check_performance(bench: Bench) -> Check:
    """Say whether it is as good as the model in charge; of that one whether it is as good as it was."""
    if bench.beside is None:
        return _since(bench, "performance", lambda metric: metric.aspect is not Aspect.LEVEL, DECIDE)
    judged = bench.ask(bench.beside, "shadow")
    if not isinstance(judged, JudgedShadow):
        return unshown("performance", str(judged))
    return _beside(judged, "performance", (judged.lead,), bench)


def check_calibration(bench: Bench) -> Check:
    """Say the same of its probabilities."""
    if bench.beside is None:
        return _since(bench, "calibration", lambda metric: metric.aspect is Aspect.LEVEL, ("brier", "ece", "log_loss", "bias"))
    judged = bench.ask(bench.beside, "shadow")
    if not isinstance(judged, JudgedShadow):
        return unshown("calibration", str(judged))
    return _beside(judged, "calibration", PROBABILITIES, bench)


def floor_of(judged: JudgedShadow, row: Row) -> float:
    """Return the smallest difference of a metric that matters."""
    metric = str(row["metric"])
    return float(judged.thresholds.floors.get(metric, METRICS[metric].smallest(float(row["value"]))))


def for_the_better(row: Row) -> tuple[float, float, float]:
    """Return a difference of the candidate and the ends of its interval, turned so that more is better."""
    ends = [float(row[name]) for name in ("difference", "lower", "upper")]
    higher = bool(METRICS[str(row["metric"])].worse(1.0, 0.0))
    change, low, high = ends if higher else (-ends[0], -ends[2], -ends[1])
    return change, low, high


def _beside(judged: JudgedShadow, name: str, metrics: tuple[str, ...], bench: Bench) -> Check:
    serves = asked_of(judged)
    row = next((row for one in metrics if (row := deciding(judged, one)) is not None and row["reason"] is None), None)
    if serves and row is None:
        return unshown(name, f"Too few rows of {serves}, which serves now, have a label and the answers of both.")
    if row is None or not np.isfinite(row["difference"]):
        reasons = " ".join(skip.message for skip in judged.skipped[:2])
        return unshown(name, f"There are too few labelled rows that both models answered with what it takes. {reasons}".strip())
    floor, change = floor_of(judged, row), for_the_better(row)
    verdict = weighed(*change, floor)
    title = METRICS[str(row["metric"])].title
    way, rows = "better" if change[0] >= 0 else "worse", count_text(int(row["n"]) if serves else judged.result.ripe)
    said = (
        f"{title} is {number_text(row['challenger_value'])} with {bench.candidate.told} and {number_text(row['value'])} with the model in "
        f"charge: {number_text(abs(change[0]))} {way} on {rows} labelled rows{f' of {serves}, which serves now' if serves else ''}."
    )
    unsure = f" A loss of {number_text(floor)}, which matters, cannot be ruled out." if verdict is Verdict.UNSHOWN else ""
    wrong = left_out_text(judged) if name == "performance" else ""
    told = " ".join(filter(None, (said + unsure, _together(judged, str(row["metric"])), wrong, _with_them(judged, str(row["metric"])))))
    return Check(
        name=name, verdict=verdict, said=told, of=f"{title}, candidate - in charge", figure=float(row["difference"]),
        lower=float(row["lower"]), upper=float(row["upper"]), n=int(row["n"]), at="shadow",
        limit=_limit(str(row["metric"]), floor), source=CATALOGUE,
    )  # fmt: skip


def _together(judged: JudgedShadow, metric: str) -> str:
    """Say a metric beside all versions that served; empty where one served alone."""
    row = judged.of(metric) if len(judged.result.versions) > 1 else None
    if row is None or row["reason"] is not None:
        return ""
    return f"Beside {together_text(judged)} it is {_both(row)} on {count_text(int(row['n']))} rows."


def _with_them(judged: JudgedShadow, metric: str) -> str:
    """Say what other rows would say of a metric: with those that are left out, and without those of bursts, which count."""
    others = {"With rows that incidents made wrong": judged.with_them, "Without rows of bursts": judged.without_bursts}
    rows = {text: deciding(one, metric) for text, one in others.items() if one is not None}
    return " ".join(f"{text} it is {_both(row)}." for text, row in rows.items() if row is not None and row["reason"] is None)


def _both(row: Row) -> str:
    return f"{number_text(row['challenger_value'])} and {number_text(row['value'])}"


def _limit(metric: str, floor: float) -> float:
    return -floor if METRICS[metric].worse(1.0, 0.0) else floor


def _since(bench: Bench, name: str, mine: Any, order: tuple[str, ...]) -> Check:
    """Say whether metrics of the model in charge got worse since its reference and are so now."""
    judged = bench.ask(bench.alone, "performance")
    if not isinstance(judged, JudgedPerformance):
        return unshown(name, str(judged))
    row, catalogue = _latest(judged, order), judged.result.catalogue
    if row is None:
        return unshown(name, "No window of production has its labels in with enough rows for such a metric.")
    found = [one for one in judged.findings if one.status in ALARMS and one.state is not State.OVER and _worse(one, mine, catalogue)]
    worse = sorted(found, key=lambda one: one.status != Status.ALERT.value)
    alert = any(one.status == Status.ALERT.value for one in worse)
    metric: Metric = catalogue[str(row["metric"])]
    at = f"{metric.title} was {number_text(row['value'])} in {the_window(str(row['window']))}, the last whole window whose labels are in"
    before = "" if not np.isfinite(row["reference_value"]) else f"; {number_text(row['reference_value'])} in the reference"
    said = told(judged, worse[0]) if worse else f"{at}{before}. Nothing says that it is worse than it was."
    verdict = Verdict.FAIL if alert else Verdict.UNSHOWN if worse else Verdict.PASS
    return Check(
        name=name, verdict=verdict, said=said, of=metric.title, figure=float(row["value"]),
        lower=float(row["lower"]), upper=float(row["upper"]), n=int(row["n_labelled"]), limit=float(row["reference_value"]),
        source="the reference; a run of windows beyond its own fails, not one window",
    )  # fmt: skip


def _worse(one: Finding, mine: Any, catalogue: Any) -> bool:
    metric = catalogue.get(one.method)
    return metric is not None and mine(metric) and bool(metric.worse(one.before, one.after))


def _latest(judged: JudgedPerformance, order: tuple[str, ...]) -> Row | None:
    """Return the row of the first known metric in the last whole window whose labels are in."""
    table = judged.table
    short = dict(zip(judged.windows.ids, judged.partial.tolist(), strict=True))
    rows = table[table["segment"].isna() & table["class"].isna() & table["value"].notna() & table["mature"].astype(bool)]
    rows = rows[~rows["window"].map(short).astype(bool)]
    known = {str(name): one.iloc[-1].to_dict() for name, one in rows.groupby("metric", sort=False)}
    return next((known[name] for name in order if name in known), None)


def check_segments(bench: Bench) -> Check:
    """Say whether it is as good in every segment."""
    if bench.beside is None:
        return _places(bench)
    judged = bench.ask(bench.beside, "shadow")
    if not isinstance(judged, JudgedShadow):
        return unshown("segments", str(judged))
    rows = judged.by_segment(judged.lead).to_dict("records") if judged.lead else []
    known = [row for row in rows if row["reason"] is None and np.isfinite(row["difference"])]
    if not known:
        return unshown("segments", "No segment has enough labelled rows that both answered, or the case names none in [roles] segments.")
    worse = [row for row in known if row["status"] == Status.WARNING.value and for_the_better(row)[0] < 0]
    unsure = [row for row in known if weighed(*for_the_better(row), floor_of(judged, row)) is not Verdict.PASS]
    few = len(rows) - len(known)
    row = min(worse or known, key=lambda one: for_the_better(one)[0])
    return Check(
        name="segments", verdict=Verdict.FAIL if worse else Verdict.UNSHOWN if unsure or few else Verdict.PASS,
        said=_segments_text(METRICS[judged.lead].title, len(worse), len(known), len(unsure) - len(worse), few),
        of=f"{METRICS[judged.lead].title}, candidate - in charge, where {row['segment']}", figure=float(row["difference"]),
        lower=float(row["lower"]), upper=float(row["upper"]), n=int(row["n"]), at="shadow",
        limit=_limit(judged.lead, floor_of(judged, row)),
        source=f"{CATALOGUE}; corrected for {plural(len(known), 'segment')}",
    )  # fmt: skip


def _segments_text(title: str, worse: int, known: int, unsure: int, few: int) -> str:
    told = f"{title} is worse in {worse or 'none'} of {plural(known, 'segment')} beyond chance and by as much as matters."
    wide = f" In {unsure} a loss that matters cannot be ruled out." if unsure > 0 else ""
    return f"{told}{wide}{f' {few} have too few labelled rows.' if few else ''}"


def _places(bench: Bench) -> Check:
    """Say whether segments of the model in charge got worse beside all other rows, and are so now."""
    judged = bench.ask(bench.alone, "segments")
    if isinstance(judged, str):
        return unshown("segments", judged)
    looked = int(judged.summary["segments"])
    if not looked:
        return unshown("segments", "No segment has enough labelled rows.")
    worse, known = open_worse(judged), _in_segments(bench)
    if known and not worse:
        return Check(
            name="segments", verdict=Verdict.FAIL, said=f"An incident of a segment goes on: {known[0].title}.", at="incidents",
            of="incidents of a segment that go on", figure=float(len(known)), n=known[0].hypothesis.rows, limit=0.0,
            source="severity high or critical, and concept drift there",
        )  # fmt: skip
    calm = f"None of {plural(looked, 'segment')} got worse than elsewhere beyond chance and is so now."
    said = told(judged, worse[0]) if worse else calm
    return Check(
        name="segments", verdict=Verdict.FAIL if worse else Verdict.PASS, said=f"{said} {_looked_at(judged, bench)}".rstrip(),
        of="segments that got worse", figure=float(len(worse)), n=looked, limit=0.0,
        source="[thresholds] segments.q; the change since the reference beside that of all other rows",
    )  # fmt: skip


def _looked_at(judged: Judged, bench: Bench) -> str:
    """Say which rows were looked at, of whom, and of when; empty where no window is judged."""
    if not isinstance(judged, JudgedSegments) or not judged.result.usable.any():
        return ""
    at = np.flatnonzero(judged.result.usable)
    ends = list(dict.fromkeys(the_window(judged.windows.ids[one]) for one in (at[0], at[-1])))
    rows = count_text(int(judged.result.labelled[at].sum()))
    later = ": later labels are not in" if at[-1] < len(judged.result.usable) - 1 else ""
    return f"Looked at were {rows} labelled rows of {bench.candidate.told}, {' to '.join(ends)}{later}."


def _in_segments(bench: Bench) -> list[Incident]:
    """Return the incidents of a segment that go on and made answers worse: its inputs lead to other labels."""
    judged = bench.incidents()
    found = judged.incidents if isinstance(judged, JudgedIncidents) else ()
    severe = (Severity.HIGH, Severity.CRITICAL)
    return [
        one for one in found if one.cause is Cause.CONCEPT_CHANGE and one.hypothesis.segment and one.severity in severe and not one.settled
    ]
