"""The story of an incident from top to bottom: cause, failure, impact, what it was not, what comes next."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.dated import day_text_of, parts_text, point_text, told_from
from monitor.incidents.effect import Effect, MetricEffect
from monitor.incidents.evidence import HARMFUL, INPUTS, Evidence, Timing, of_segments, timing
from monitor.incidents.grouping import OF_ANSWERS
from monitor.incidents.incident import ANSWERS, Incident
from monitor.incidents.jobs import job_behind
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.next_step import next_step
from monitor.incidents.record import Answer, to_moment
from monitor.incidents.ruled_out import HAVE, SHOWN, RuledOut
from monitor.incidents.timing import steps_of
from monitor.incidents.words import claim, proof_text
from monitor.judgement.narration.dates import INSTANT, day_span, local
from monitor.judgement.narration.sentences import sentence
from monitor.stats.performance.catalogue import METRICS
from monitor.wording import count_text, list_text, number_text, plural, share_text

TOLD = 2
BESIDE = np.timedelta64(36, "h")
"""How far from an onset what the case says happened is told with it."""
NEARLY_ALL = 0.95
"""Part of the rows of an incident's place and time that are concerned from which what is measured of those is told as theirs."""
DAY = np.timedelta64(1, "D")
BY_DAY = np.timedelta64(3, "D")
"""How far apart the bounds of an onset lie from which they are told without the time of day."""
SMALLEST = 0.0005
"""Effect on the mean answer of all rows below which it is not told."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """Lines by name, and the causes that were beaten as rows of a table."""

    lines: Mapping[str, str]
    beaten: tuple[Mapping[str, str], ...]


def story_of(one: Incident, judged: JudgedIncidents, *, then: str = "") -> Story:
    """Tell an incident: what caused it, what failed, what it did to whom, how severe it is and why, what comes next.

    Parameters
    ----------
    then : what follows from remedies that were tried on its rows; "": none were.
    """
    lines = {"Cause": _cause(one, judged), "Failure": _failure(one, judged), "Impact": _impact(one, judged)}
    lines["Began"] = _began(one, judged)
    labelled = day_text_of(judged.result.labelled_until, judged.result.timezone, year=judged.names.year)
    lines["Lasts"] = f"{one.lasts}; labels are in to {labelled}, and whether it went on is not known yet" if one.lasts else ""
    lines["Doubt"] = _doubt(one, judged)
    lines["Severity"] = f"{one.severity.value}: {list_text(list(one.reasons))}" if one.reasons else one.severity.value
    lines["Owner"] = judged.owners.of(one) or "nobody is named in case.toml"
    lines["Beside"] = "; ".join(note.text for note in judged.result.notes if abs(note.start - one.hypothesis.start) <= BESIDE)
    lines["With it"] = "; ".join(f"{claim(each, judged.result.labels)} ({proof_text(each)})" for each in one.brought)
    lines["Told with it"] = "; ".join(_absorbed(each) for each in one.absorbed)
    lines["Time"] = f"It {list_text([each.text for each in steps])}." if (steps := steps_of(one)) else ""
    lines["Known"] = _known(one, judged.result.timezone)
    lines["Said"] = _said(one)
    lines["Next"] = then or next_step(one)
    return Story(lines={name: text for name, text in lines.items() if text}, beaten=_not_it(one, judged))


def _absorbed(each: Incident) -> str:
    """Say what an incident is that people tell with another one."""
    proof = "" if each.cause is Cause.UNKNOWN else proof_text(each.hypothesis)
    return f"{each.title} ({proof})" if proof else each.title


def told_evidence(one: Incident, judged: JudgedIncidents) -> dict[str, Evidence]:
    """Return what belongs to an incident by its sentence, each once though several analyses found it: what shows the cause first, and what
    began before it or lasts longer last."""
    told: dict[str, Evidence] = {}
    for each in sorted(one.evidence, key=lambda each: list(Timing).index(time_of(each, one, judged))):
        told.setdefault(sentence(each.finding, judged.names, judged.against), each)
    return told


def time_of(each: Evidence, one: Incident, judged: JudgedIncidents) -> Timing:
    """Say how the time of a finding lies to that of the incident that it is told with."""
    return timing(each, one.hypothesis, judged.windows)


def beside_text(each: Evidence, one: Incident, judged: JudgedIncidents) -> str:
    """Say behind a finding that it does not lie within the time of the incident: " (began before it)"; else nothing."""
    told = time_of(each, one, judged)
    return f" ({told})" if told else ""


def whole_windows(found: Iterable[Evidence], one: Incident, judged: JudgedIncidents) -> str:
    """Say "in whole weeks" where findings count whole windows of which the incident holds a part: their times are not its own."""
    cause = one.hypothesis
    beyond = any(cause.start - each.finding.start > DAY or each.finding.end - cause.end > DAY for each in found)
    return f"in {_windows(judged)}" if beyond and one.cause is not Cause.UNKNOWN else ""


def _windows(judged: JudgedIncidents) -> str:
    size = judged.result.size
    return f"whole {size.unit}s" if size.count == 1 and size.unit in ("day", "week", "month") else "whole windows"


def _followed(one: Incident, judged: JudgedIncidents) -> dict[str, Evidence]:
    """Return what may follow from an incident, by its sentence: what did not begin before it, what lasts no longer first."""
    return {text: each for text, each in told_evidence(one, judged).items() if time_of(each, one, judged) is not Timing.BEFORE}


def _not_it(one: Incident, judged: JudgedIncidents) -> tuple[Mapping[str, str], ...]:
    """Return what it was not, and why: causes that rows speak for and that explain less, then those that its rows rule out."""
    labels = judged.result.labels
    beaten = [{"Cause": claim(each, labels), "Why not": _less(each, one)} for each in one.beaten]
    known = {each.cause for each in (*one.beaten, *one.brought)}
    ruled = [{"Cause": _named(each, labels), "Why not": _why(each)} for each in one.not_it if each.cause not in known]
    return (*beaten, *ruled)


def _less(each: Hypothesis, one: Incident) -> str:
    mine = "" if one.cause is Cause.UNKNOWN else f", {share_text(one.hypothesis.explained, 2)} by the cause"
    proof = proof_text(each)
    return f"{share_text(each.explained, 2)} of the change is explained by it{mine}" + (f"; {proof}" if proof else "")


def _named(each: RuledOut, labels: Mapping[str, str]) -> str:
    told = each.cause.value.replace("_", " ").capitalize()
    return f"{told} in {labels.get(each.column, each.column)}" if each.column else told


def _why(each: RuledOut) -> str:
    now, before = share_text(each.now, 2), share_text(each.before, 2)
    both = f"{now} of its {count_text(each.rows)} rows {SHOWN[each.cause]}, {before} before"
    if each.now or each.before:
        return both
    if each.cause in HAVE:  # "none has none" reads badly
        return f"all of its {count_text(each.rows)} rows have {HAVE[each.cause]}"
    return f"none of its {count_text(each.rows)} rows {SHOWN[each.cause]}"


def _began(one: Incident, judged: JudgedIncidents) -> str:
    """Say when it began, and between which times where these lie apart."""
    if one.cause is Cause.UNKNOWN:  # whose title says it
        return ""
    cause, zone, year = one.hypothesis, judged.result.timezone, judged.names.year
    first, early, late = (point_text(moment, zone, year=year) for moment in (told_from(cause, zone), cause.onset_lower, cause.onset_upper))
    if cause.onset_upper - cause.onset_lower >= BY_DAY:
        early, late = (day_text_of(moment, zone, year=year) for moment in (cause.onset_lower, cause.onset_upper))
    between = f"between {early} and {late}" if early and late and early != late else ""
    return ", ".join(part for part in (first, between) if part)


def _doubt(one: Incident, judged: JudgedIncidents) -> str:
    """Say that a season may be what happened, where the reference holds no such time of year."""
    if one.hypothesis.known_days is None:
        return ""
    first, last = (local(each, judged.result.timezone) for each in one.hypothesis.known_days)
    if first is None or last is None:
        return ""
    days = day_span(first, last + INSTANT, year=True).when
    return f"the reference is {days} and holds no such time of year: a season that it never had looks the same as a change for good"


def _known(one: Incident, timezone: str) -> str:
    """Return what an earlier incident of the same cause and place is known as: this one may be the same again, or not."""
    earlier = one.known_before
    if earlier is None:
        return ""
    since = point_text(to_moment(earlier.start), timezone, year=True)
    return f"the same since {since} is known as {earlier.known_as}; say whether this is it again"


def _said(one: Incident) -> str:
    """Return what people said of it, and what was done."""
    record = one.record
    if record is None:
        return ""
    parts = [f"{record.workflow.value}"]
    if record.answer is Answer.CORRECTED:
        parts.append(f"cause given by hand instead of {record.cause.value.replace('_', ' ')}")
    elif record.answer is not Answer.NOT_ASKED:
        parts.append(record.answer.value)
    parts += [f"known as {record.known_as}"] if record.known_as else []
    parts += [record.reason] if record.reason else []
    helped = {None: "", True: ", which helped", False: ", which did not help"}[record.helped]
    parts += [f"done: {record.remedy}{helped}"] if record.remedy else []
    return "; ".join(dict.fromkeys(parts))


def _cause(one: Incident, judged: JudgedIncidents) -> str:
    """Say what it comes from: the job that failed then, where one did; else what happened."""
    if one.cause is Cause.UNKNOWN:
        return "not known: no cause that was looked for explains what was found"
    job = job_behind(one.hypothesis, one.evidence)
    return _happened(one, judged) if job is None else sentence(job.finding, judged.names, judged.against).rstrip(".")


def _happened(one: Incident, judged: JudgedIncidents) -> str:
    """Say what happened, and what proves it."""
    proof = parts_text(one.hypothesis, judged.result.timezone, year=judged.names.year) or proof_text(one.hypothesis)
    return f"{one.title}; {proof}" if proof else one.title


def _failure(one: Incident, judged: JudgedIncidents) -> str:
    """Return what followed in the answers of the model or in its inputs, the strongest first; before it what a job brought that failed."""
    job = job_behind(one.hypothesis, one.evidence)
    brought = [] if job is None or one.cause is Cause.PIPELINE_FAILURE else [f"{_happened(one, judged)}."]
    told = {text: each for text, each in _followed(one, judged).items() if each is not job}
    if brought:  # which is what its columns show
        told = {text: each for text, each in told.items() if not _of_columns(each, one)}
    moved = [text for text, each in told.items() if each.analysis in ANSWERS | OF_ANSWERS]
    followed = (moved or [text for text, each in told.items() if each.analysis not in HARMFUL])[:TOLD]
    if followed and (whole := whole_windows((told[text] for text in followed), one, judged)):
        followed[0] = f"{whole.capitalize()}: {followed[0]}"
    return " ".join([*brought, *followed]) or next(iter(_worse(one, judged)), "")


def _worse(one: Incident, judged: JudgedIncidents) -> list[str]:
    """Return what was seen to become worse, the strongest first."""
    return [text for text, each in _followed(one, judged).items() if each.analysis in HARMFUL]


def _of_columns(each: Evidence, one: Incident) -> bool:
    return each.analysis in INPUTS and bool(each.columns & set(one.hypothesis.columns))


def _impact(one: Incident, judged: JudgedIncidents) -> str:
    failure = _failure(one, judged)
    worse = [text for text in _worse(one, judged) if text != failure][:TOLD]
    cause = one.hypothesis
    rows = f"{count_text(cause.rows)} rows" if cause.rows else ""
    share = share_text(cause.share_rows, 2) if math.isfinite(cause.share_rows) else ""
    still = " if it went on" if one.lasts else ""
    concerned = f"{rows or 'Rows'} concerned{still}, {share} of all in that time." if share else f"{rows} concerned{still}." if rows else ""
    if one.cause is Cause.UNKNOWN and of_segments(one.evidence):
        concerned = f"{share} of all production rows are of such segments."
    elif one.cause is Cause.UNKNOWN:  # of which no single row is known to be one
        rows, concerned = "", f"{share} of all production rows lie in its windows." if share else ""
    if one.cause is Cause.VOLUME_CHANGE and rows:  # rows that lack are none of those that are there
        beyond = f"more than expected, {share} of all in that time" if cause.more else f"fewer than expected, {share} of these"
        concerned = f"{rows} {beyond}."
    told = f"In {_windows(judged)}: {' '.join(worse)}" if worse and rows else " ".join(worse)
    measured = one.effect is not None and any(_differs(each) for each in one.effect.metrics)
    unseen = "" if worse or measured or _worse(one, judged) else "No metric of its answers was seen to become worse."
    measured_of = 0 if one.cause is Cause.VOLUME_CHANGE else cause.rows
    return " ".join(part for part in (concerned, _measured(one.effect, measured_of), told or unseen) if part)


def _measured(effect: Effect | None, rows: int) -> str:
    """Return what the rows of an incident's place and time did to the mean answer, to metrics and in money, as far as it is known.

    `rows` of them are concerned.
    """
    if effect is None:
        return ""
    parts = []
    all_of_them = rows >= NEARLY_ALL * effect.rows
    if math.isfinite(effect.before) and math.isfinite(effect.now) and abs(effect.part) >= SMALLEST:
        moved = f"{number_text(effect.now, 2)} against {number_text(effect.before, 2)} before"
        whose = "Their mean answer is" if all_of_them else f"The mean answer of all {count_text(effect.rows)} rows there is"
        parts.append(f"{whose} {moved}, which moves that of all rows by {effect.part:+.2g}.")
    told = [_metric(each) for each in effect.metrics if _differs(each)]
    if told:
        parts.append(f"In {'these' if all_of_them else 'all'} rows{'' if all_of_them else ' there'} {list_text(told)}.")
    if waiting := _waiting(effect, there="" if all_of_them else " there"):
        parts.append(waiting)
    if effect.money is not None and effect.money.lower * effect.money.upper > 0:  # an interval over nothing says nothing
        interval = f"{number_text(effect.money.lower)} to {number_text(effect.money.upper)}"
        parts.append(f"Worth {number_text(effect.money.value)} {effect.currency} ({interval}).".replace("  ", " "))
    return " ".join(parts)


def _waiting(effect: Effect, there: str) -> str:
    """Say how many rows no metric is told of, because they are too young or have no label."""
    young = f"{plural(effect.waiting, 'row')}{there} {_are(effect.waiting)} too young for a label that counts" if effect.waiting else ""
    if not effect.unlabelled or not (young or effect.metrics):
        return f"{young}." if young else ""
    rest = f"{count_text(effect.unlabelled)} without a label {_are(effect.unlabelled)} old enough for one"
    have = "has" if effect.unlabelled == 1 else "have"
    return f"{young}, {rest}." if young else f"{plural(effect.unlabelled, 'row')}{there} {have} no label."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _differs(one: MetricEffect) -> bool:
    """Say whether the interval of a metric now lies apart from that before."""
    return one.now.lower > one.before.upper or one.now.upper < one.before.lower


def _metric(one: MetricEffect) -> str:
    now, before = number_text(one.now.value, 2), number_text(one.before.value, 2)
    title = METRICS[one.metric].title if one.metric in METRICS else one.metric
    return f"{title} is {now} against {before} before ({count_text(one.now.n)} labelled rows)"
