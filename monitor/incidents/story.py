"""The story of an incident from top to bottom: cause, failure, impact, what it was not, what comes next."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.dated import day_text_of, parts_text, point_text, same_year, told_from
from monitor.incidents.effect_words import differs, effect_texts
from monitor.incidents.evidence import HARMFUL, INPUTS, Evidence, Timing, of_segments
from monitor.incidents.grouping import OF_ANSWERS
from monitor.incidents.incident import ANSWERS, Incident
from monitor.incidents.jobs import job_behind
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.next_step import next_steps
from monitor.incidents.other_causes import other_causes
from monitor.incidents.record import Answer, to_moment
from monitor.incidents.silent import silence_text
from monitor.incidents.timing import steps_of
from monitor.incidents.told import time_of, told_evidence
from monitor.incidents.words import claim, proof_text
from monitor.judgement.narration.dates import INSTANT, day_span, local
from monitor.wording import count_text, list_text, share_text

TOLD = 2
BESIDE = np.timedelta64(36, "h")
"""How far from an onset what the case says happened is told with it."""
DAY = np.timedelta64(1, "D")
BY_DAY = np.timedelta64(3, "D")
"""How far apart the bounds of an onset lie from which they are told without the time of day."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """Lines by name, and the causes that were beaten as rows of a table."""

    lines: Mapping[str, str]
    beaten: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Around:
    """What is told around an incident: `labels` of columns, the time zone, whether years are written, who deals with it (`owner`, "":
    nobody is named), and what the case notes beside its onset; by the sentence of a finding how its time lies to that of the incident
    (`times`), which of them count windows of which it holds a part (`beyond`), and what such windows are called; up to which day labels
    are in (`labelled`); what silence of analyses means (`silent`)."""

    labels: Mapping[str, str]
    timezone: str
    year: bool
    owner: str
    beside: str = ""
    times: Mapping[str, Timing] = field(default_factory=dict)
    beyond: frozenset[str] = frozenset()
    windows: str = "whole windows"
    labelled: str = ""
    silent: str = ""


def story_of(one: Incident, judged: JudgedIncidents, *, then: str = "") -> Story:
    """Tell an incident: what caused it, what failed, what it did to whom, how severe it is and why, what comes next.

    Parameters
    ----------
    then : what follows from remedies that were tried on its rows; "": none were.
    """
    told, result = told_evidence(one, judged), judged.result
    around = Around(
        labels=result.labels,
        timezone=result.timezone,
        year=judged.names.year,
        owner=judged.owners.of(one),
        beside="; ".join(note.text for note in result.notes if abs(note.start - one.told.start) <= BESIDE),
        times={text: time_of(each, one, judged) for text, each in told.items()},
        beyond=frozenset(text for text, each in told.items() if whole_windows([each], one, judged)),
        windows=windows_text(judged),
        labelled=day_text_of(result.labelled_until, result.timezone, year=judged.names.year),
        silent=silence_text(result.looked, frozenset(each.analysis for each in one.evidence), (one.first, one.last)),
    )
    return Story(lines=lines_of(one, told, around, then=then), beaten=other_causes(one, judged))


def lines_of(one: Incident, told: Mapping[str, Evidence], around: Around, *, then: str = "") -> Mapping[str, str]:
    """Return the lines of a story by name.

    Parameters
    ----------
    told : what belongs to it by its sentence.
    """
    lines = {"Cause": _cause(one, told, around), "Failure": _failure(one, told, around), "Impact": _impact(one, told, around)}
    lines["Began"] = _began(one, around)
    lines["Lasts"] = f"{one.lasts}; labels are in to {around.labelled}, and whether it went on is not known yet" if one.lasts else ""
    lines["Doubt"] = _doubt(one, around)
    lines["Severity"] = f"{one.severity.value}: {list_text(list(one.reasons))}" if one.reasons else one.severity.value
    lines["Owner"] = around.owner or "nobody is named in case.toml"
    lines["Beside"] = around.beside
    lines["With it"] = "; ".join(f"{claim(each, around.labels)} ({proof_text(each)})" for each in one.brought)
    lines["Told with it"] = "; ".join(_absorbed(each) for each in one.absorbed)
    lines["Time"] = f"It {list_text([each.text for each in steps])}." if (steps := steps_of(one)) else ""
    lines["Known"] = _known(one, around.timezone)
    lines["Said"] = _said(one)
    lines["Next"] = next_steps(one, then)
    lines["Silent"] = around.silent
    return {name: text for name, text in lines.items() if text}


def _absorbed(each: Incident) -> str:
    """Say what an incident is that people tell with another one."""
    proof = "" if each.cause is Cause.UNKNOWN else proof_text(each.hypothesis)
    return f"{each.title} ({proof})" if proof else each.title


def beside_text(each: Evidence, one: Incident, judged: JudgedIncidents) -> str:
    """Say behind a finding that it does not lie within the time of the incident: " (began before it)"; else nothing."""
    told = time_of(each, one, judged)
    return f" ({told})" if told else ""


def whole_windows(found: Iterable[Evidence], one: Incident, judged: JudgedIncidents) -> str:
    """Say "in whole weeks" where findings count whole windows of which the incident holds a part: their times are not its own."""
    cause = one.told
    beyond = any(cause.start - each.finding.start > DAY or each.finding.end - cause.end > DAY for each in found)
    return f"in {windows_text(judged)}" if beyond and one.cause is not Cause.UNKNOWN else ""


def windows_text(judged: JudgedIncidents) -> str:
    """Return what whole windows are called: "whole weeks"."""
    size = judged.result.size
    return f"whole {size.unit}s" if size.count == 1 and size.unit in ("day", "week", "month") else "whole windows"


def _followed(told: Mapping[str, Evidence], around: Around) -> dict[str, Evidence]:
    """Return what may follow from an incident, by its sentence: what did not begin before it, what lasts no longer first."""
    return {text: each for text, each in told.items() if around.times.get(text) is not Timing.BEFORE}


def _began(one: Incident, around: Around) -> str:
    """Say when it began, and between which times where these lie apart; when the first began of all that is told with it."""
    if one.cause is Cause.UNKNOWN:  # whose title says it
        return ""
    own = _onset(one.hypothesis, around)
    return own if (first := _onset(one.told, around)) == own else f"{own}; the first of all {first}"


def _onset(cause: Hypothesis, around: Around) -> str:
    zone = around.timezone
    year = around.year and not same_year(cause.onset_lower, cause.onset_upper, zone)  # else the last date tells it for all
    write = day_text_of if cause.onset_upper - cause.onset_lower >= BY_DAY else point_text
    early, late = write(cause.onset_lower, zone, year=year), write(cause.onset_upper, zone, year=around.year)
    first = point_text(told_from(cause, zone), zone, year=around.year if not early or not late or early == late else year)
    between = f"between {early} and {late}" if early and late and early != late else ""
    return ", ".join(part for part in (first, between) if part)


def _doubt(one: Incident, around: Around) -> str:
    """Say that a season may be what happened, where the reference holds no such time of year."""
    if one.hypothesis.known_days is None:
        return ""
    first, last = (local(each, around.timezone) for each in one.hypothesis.known_days)
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


def _cause(one: Incident, told: Mapping[str, Evidence], around: Around) -> str:
    """Say what it comes from: the job that failed then, where one did; else what happened."""
    if one.cause is Cause.UNKNOWN:
        return "not known: no cause that was looked for explains what was found"
    job = job_behind(one.hypothesis, (one.alone or one).evidence)
    return _happened(one.alone or one, around) if job is None else next(text for text, each in told.items() if each is job).rstrip(".")


def _happened(one: Incident, around: Around) -> str:
    """Say what happened, and what proves it."""
    proof = parts_text(one.hypothesis, around.timezone, year=around.year) or proof_text(one.hypothesis)
    return f"{one.title}; {proof}" if proof else one.title


def _failure(one: Incident, told: Mapping[str, Evidence], around: Around) -> str:
    """Return what followed in the answers of the model or in its inputs, the strongest first; before it what a job brought that failed.

    What a stand-in would answer is not told where it is known what the model did.
    """
    mine = {each.key for each in (one.alone or one).evidence}
    told = {text: each for text, each in told.items() if each.key in mine} or told  # and not what is told with it
    job = job_behind(one.hypothesis, (one.alone or one).evidence)
    brought = [] if job is None or one.cause is Cause.PIPELINE_FAILURE else [f"{_happened(one.alone or one, around)}."]
    measured = (effect := (one.alone or one).effect) is not None and effect.answered
    rest = {text: each for text, each in _followed(told, around).items() if each is not job and not (measured and each.finding.stand_in)}
    if brought:  # which is what its columns show
        rest = {text: each for text, each in rest.items() if not _of_columns(each, one)}
    moved = [text for text, each in rest.items() if each.analysis in ANSWERS | OF_ANSWERS]
    followed = (moved or [text for text, each in rest.items() if each.analysis not in HARMFUL])[:TOLD]
    if around.beyond & set(followed):
        followed[0] = f"In {around.windows}: {followed[0]}"
    return " ".join([*brought, *followed]) or next(iter(_worse(told, around)), "")


def _worse(told: Mapping[str, Evidence], around: Around) -> list[str]:
    """Return what was seen to become worse, the strongest first."""
    return [text for text, each in _followed(told, around).items() if each.analysis in HARMFUL]


def _of_columns(each: Evidence, one: Incident) -> bool:
    return each.analysis in INPUTS and bool(each.columns & set(one.hypothesis.columns))


def _impact(one: Incident, told: Mapping[str, Evidence], around: Around) -> str:
    failure = _failure(one, told, around)
    worse = [text for text in _worse(told, around) if text != failure][:TOLD]
    cause, least = one.told, "at least " if one.at_least else ""
    rows = f"{least}{count_text(cause.rows)} rows".capitalize() if cause.rows else ""
    share = f"{least}{share_text(cause.share_rows, 2)}" if math.isfinite(cause.share_rows) else ""
    still = " if it went on" if one.lasts else ""
    concerned = f"{rows or 'Rows'} concerned{still}, {share} of all in that time." if share else f"{rows} concerned{still}." if rows else ""
    if _beyond_usual(cause) and rows:  # of which nobody can say which they are
        concerned = f"{rows} more than usual concerned{still}, {share} of all in that time."
    if one.cause is Cause.UNKNOWN and of_segments(one.evidence):
        concerned = f"{share} of all production rows are of such segments."
    elif one.cause is Cause.UNKNOWN:  # of which no single row is known to be one
        rows, concerned = "", f"{share} of all production rows lie in its windows." if share else ""
    if one.cause is Cause.VOLUME_CHANGE and rows and cause.more is not None:  # rows that lack are none of those that are there
        beyond = f"more than expected, {share} of all in that time" if cause.more else f"fewer than expected, {share} of these"
        concerned = f"{rows} {beyond}."
    seen = f"In {around.windows}: {' '.join(worse)}" if worse and rows else " ".join(worse)
    measured = one.effect is not None and any(differs(each) for each in one.effect.metrics)
    unseen = "" if worse or measured or _worse(told, around) else "No metric of its answers was seen to become worse."
    return " ".join(part for part in (concerned, *effect_texts(one, around.labels), seen or unseen) if part)


def _beyond_usual(cause: Hypothesis) -> bool:
    """Say whether some rows of the place always lack the values that others lack now."""
    return cause.cause is Cause.MISSING_VALUES and cause.proof is not None and cause.proof.after > 0
