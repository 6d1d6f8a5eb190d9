"""The skeleton of a postmortem, as Markdown: what is known of an incident is filled in, what is not is a question to answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from monitor.export.documents import document
from monitor.export.markdown import escape
from monitor.incidents.cause import Cause
from monitor.incidents.dated import point_text, told_from, told_until
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.record import Answer, Record, Workflow, to_moment
from monitor.incidents.story import Story, story_of
from monitor.incidents.timing import steps_of
from monitor.judgement.narration.sentences import sentence

ASK = "**To answer:** "
NEAR = np.timedelta64(72, "h")
"""How far from the time of an incident what the case says happened is told with it."""


def postmortem(one: Incident, judged: JudgedIncidents, *, then: str = "") -> bytes:
    """Return a postmortem of an incident as Markdown (UTF-8).

    Parameters
    ----------
    then : what follows from remedies that were tried on its rows; "": none were.
    """
    story = story_of(one, judged, then=then)
    sections = {
        "Summary": [escape(one.title) + ".", f"Severity {escape(story.lines['Severity'])}. Owner: {escape(story.lines['Owner'])}."],
        "Timeline": list(_timeline(one, judged)),
        "Cause": list(_cause(one, story)),
        "Impact": list(_impact(one, story)),
        "Detection": list(_detection(one, judged)),
        "What was done": list(_done(one, story, tried=bool(then))),
        "What it was not": [f"- {escape(row['Cause'])}: {escape(row['Why not'])}." for row in story.beaten]
        or ["Nothing else was looked at."],
        "Lessons and actions": [
            f"{ASK}what went well, what did not, and where was luck?",
            f"{ASK}which check, contract or alert rule would have told sooner?",
            "| action | owner | due |\n|---|---|---|\n|  |  |  |",
        ],
    }
    parts = [
        f"# Postmortem: {escape(one.claim)}",
        f"Incident {one.id} of {escape(judged.case)}. Times are those of {escape(judged.result.timezone)}.",
    ]
    for title, lines in sections.items():
        parts += [f"## {title}", *_grouped(lines)]
    return document("\n\n".join(parts) + "\n")


def _grouped(lines: list[str]) -> list[str]:
    """Return paragraphs; items of a list that follow each other are one."""
    found: list[str] = []
    for line in lines:
        if line.startswith("- ") and found and found[-1].split("\n")[-1].startswith("- "):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


@dataclass(frozen=True, slots=True)
class _Moment:
    """What happened when (UTC); `ends`: at midnight it is the end of the day before; `rank` orders what happened at one moment."""

    at: np.datetime64
    text: str
    ends: bool = False
    rank: int = 0


def _timeline(one: Incident, judged: JudgedIncidents) -> Iterator[str]:
    """Tell what happened by the times of the rows, and apart from it what people did by the times at which they did: an incident of last
    year may be dealt with today."""
    zone = judged.result.timezone
    yield "In the data:"
    yield from _in_order(_moments(one, judged), zone)
    if one.told.ongoing:
        yield f"- It lasts {one.lasts}: whether it went on, later labels will tell." if one.lasts else "- It goes on."
    if done := list(_in_order(_of_people(one.record), zone)):
        yield from ("By people, when they noted it:", *done)
    yield f"{ASK}what happened before it began (a release, a change at the source), and when did people notice?"


def _in_order(moments: Iterable[_Moment], zone: str) -> Iterator[str]:
    known = [each for each in moments if not np.isnat(each.at)]
    for each in sorted(known, key=lambda moment: (moment.at, moment.rank)):
        yield f"- {escape(point_text(each.at, zone, year=True, ends=each.ends))}: {escape(each.text)}"


def _moments(one: Incident, judged: JudgedIncidents) -> Iterator[_Moment]:
    zone, cause = judged.result.timezone, one.told
    yield _Moment(told_from(cause, zone), "It began.")
    yield _Moment(told_until(cause, zone), "It ended.", ends=True)
    yield _Moment(one.detected, "It could be known: the first window that was alarmed about was complete.")
    yield from (_Moment(note.start, note.text) for note in judged.result.notes if abs(note.start - cause.start) <= NEAR)


def _of_people(record: Record | None) -> Iterator[_Moment]:
    if record is None:
        return
    steps = list(Workflow)
    yield from (_Moment(to_moment(at), f"It was marked as {state.value}.", rank=steps.index(state)) for state, at in record.reached.items())
    yield from (_Moment(to_moment(note.at), f"{note.who}: {note.text}", rank=len(steps)) for note in record.notes)


def _cause(one: Incident, story: Story) -> Iterator[str]:
    yield f"{escape(story.lines['Cause'])}."
    if "With it" in story.lines:
        yield f"It brought: {escape(story.lines['With it'])}."
    if "Told with it" in story.lines:
        yield f"Told with it, as people said: {escape(story.lines['Told with it'])}."
    if "Beside" in story.lines:
        yield f"At the same time: {escape(story.lines['Beside'])}."
    said = one.record.answer if one.record is not None else Answer.NOT_ASKED
    if said not in (Answer.CONFIRMED, Answer.CORRECTED):
        yield f"{ASK}is this the cause? Nobody confirmed it yet."
    if one.cause is not Cause.UNKNOWN:
        yield f"{ASK}why could it happen (who changed what, which test was missing)?"


def _impact(one: Incident, story: Story) -> Iterator[str]:
    for name in ("Impact", "Failure"):
        if name in story.lines:
            yield escape(story.lines[name])
    if one.effect is None or one.effect.money is None:
        yield f"{ASK}what did it cost, and whom did it concern?"
    if one.effect is not None and one.effect.waiting:
        yield f"{ASK}what do the labels say that are still to come?"


def _detection(one: Incident, judged: JudgedIncidents) -> Iterator[str]:
    for step in steps_of(one):
        yield f"- It {escape(step.text)}."
    if not one.evidence:
        yield "No analysis alarmed: the rows show it."
    ends = judged.windows.end
    since = [each for each in one.evidence if np.isnat(one.told.start) or ends[each.first] > one.told.start]
    for each in sorted(since, key=lambda each: each.first)[:1]:
        yield f"Told first by {escape(each.analysis)}: {escape(sentence(each.finding, judged.names, judged.against))}"
    yield f"{ASK}who noticed first, and by what?"


def _done(one: Incident, story: Story, *, tried: bool) -> Iterator[str]:
    record = one.record
    if record is not None and record.remedy:
        helped = {None: "whether it helped is not known yet", True: "it helped", False: "it did not help"}[record.helped]
        yield f"{escape(record.remedy)} ({helped})."
    else:
        yield f"{ASK}what was done, when, and did it help?"
    if record is not None and record.links:
        yield "\n".join(f"- <{link}>" for link in record.links)
    if not tried and (record is None or not record.remedy):
        yield f"{ASK}which options were tried on its rows, and what would each have brought? Driftscope tried none."
    if record is None or record.workflow not in (Workflow.RESOLVED, Workflow.DISMISSED):
        asked = "What follows from the options that were tried" if tried else "What is done first with such a cause"
        yield f"{asked}: {escape(story.lines['Next'])}"
