"""What rules look at: an incident without its rows and findings, small enough to be kept beside the case until something changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
from pydantic import TypeAdapter, ValidationError

from monitor.case import Case
from monitor.engine import Workspace
from monitor.engine.store import digest
from monitor.errors import SelectionError
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents
from monitor.incidents.kept import kept_key as of_incidents
from monitor.incidents.kept import what_people_changed
from monitor.incidents.owners import Matter, about_data, from_job, metrics_of
from monitor.incidents.record import MOST, Answer, By, Record, Workflow, measured, opened, to_text
from monitor.incidents.story import story_of
from monitor.incidents.told import told_evidence
from monitor.judgement.finding import State
from monitor.judgement.run_times import NEW_WINDOWS
from monitor.remedies.kept import next_told
from monitor.vocabulary import Cause, Severity

FORMAT = 2
"""Raised whenever what is kept means something else."""
KIND = "happenings"
TOLD_OF = ("Cause", "Failure", "Impact", "Lasts", "Next")
"""Lines of the story that a message holds."""


class Said(StrEnum):
    """What people said of an incident: that its cause was right, that it was one with another cause, that nothing was wrong."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    REFUSED = "refused"
    NOTHING = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An incident as rules see it. Moments are ISO 8601 in UTC, "" where there is none.

    Parameters
    ----------
    seen : when the first window ended that shows it: nobody could have been told before; `last_seen` the same of its last window.
    fresh : whether its last window is among the last ones.
    metrics : that were found worse, or otherwise, because of it.
    lines : of its story.
    data : whether it lies in the data and not in the model; `job`: whether a job that failed is behind it.
    record : it, as it is recorded; what people said stands in it.
    """

    id: str
    title: str
    severity: Severity
    status: str
    state: State
    cause: Cause
    columns: tuple[str, ...] = ()
    segment: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    seen: str = ""
    last_seen: str = ""
    fresh: bool = False
    findings: int = 0
    data: bool = False
    job: bool = False
    lines: Mapping[str, str] = field(default_factory=dict)
    record: Record

    @property
    def workflow(self) -> Workflow:
        """How far people dealt with it."""
        return self.record.workflow

    @property
    def matter(self) -> Matter:
        """What rules ask of it, with the cause that people gave by now."""
        return Matter(
            status=self.status, severity=self.severity.value, cause=self.record.told_cause, job=self.job, columns=self.columns,
            segment=self.segment, beside=self.beside, metrics=self.metrics,
        )  # fmt: skip

    @property
    def open(self) -> bool:
        """Whether somebody has to deal with it: it lasts, and nobody settled it."""
        return self.state is not State.OVER and self.record.open and not self.record.known_as

    @property
    def said(self) -> Said:
        """What people said of it; of one that is known as no fault, that, whatever they said of its cause."""
        if self.record.answer is Answer.DISMISSED or self.record.known_as:
            return Said.REFUSED
        return {Answer.CONFIRMED: Said.CONFIRMED, Answer.CORRECTED: Said.CORRECTED}.get(self.record.answer, Said.NOTHING)


_ADAPTER = TypeAdapter(tuple[Happening, ...])


def happenings_of(judged: JudgedIncidents, case: Case) -> tuple[Happening, ...]:
    """Return judged incidents as rules see them, the most severe first."""
    return tuple(_happening(one, judged, case) for one in judged.incidents)


def _happening(one: Incident, judged: JudgedIncidents, case: Case) -> Happening:
    windows, cause = judged.windows, one.told
    kept = replace(one.recorded, columns=one.recorded.columns[:MOST])  # more than a record holds
    record = opened(case.name, kept, By("", "")) if one.record is None else measured(one.record, kept)
    lines = story_of(one, judged).lines
    return Happening(
        id=one.id,
        title=one.title,
        severity=one.severity,
        status=one.status,
        state=one.state,
        cause=one.cause,
        columns=cause.columns,
        segment=dict(cause.segment),
        beside=cause.beside,
        metrics=metrics_of(one),
        start=to_text(cause.start),
        end=to_text(cause.end),
        seen=to_text(windows.end[one.first]),
        last_seen=to_text(windows.end[one.last]),
        fresh=len(windows) - one.last <= NEW_WINDOWS,
        findings=len(told_evidence(one, judged)),
        data=about_data(one),
        job=from_job(one),
        lines={name: lines[name] for name in TOLD_OF if name in lines},
        record=replace(record, id=one.id),
    )


def with_records(found: Iterable[Happening], records: Sequence[Record]) -> tuple[Happening, ...]:
    """Return happenings with what people said of them by now."""
    known = {one.id: one for one in records}
    return tuple(replace(one, record=known.get(one.id, one.record)) for one in found)


def as_known(workspace: Workspace, found: Iterable[Happening], records: Sequence[Record]) -> tuple[Happening, ...]:
    """Return happenings with what people said of them by now, and with what follows from remedies that were tried since."""
    return tuple(_with_next(one, next_told(workspace, one.id, records)) for one in with_records(found, records))


def _with_next(one: Happening, step: str) -> Happening:
    return replace(one, lines={**one.lines, "Next": step}) if step else one


def kept_key(workspace: Workspace, records: Sequence[Record]) -> str:
    """Return what happenings depend on: what incidents depend on, and what people said that changes them."""
    return digest(KIND, FORMAT, of_incidents(workspace), what_people_changed(records))


def keep_happenings(workspace: Workspace, key: str, found: Sequence[Happening]) -> None:
    """Keep happenings beside the case, for as long as nothing changes that they depend on."""
    facts = _ADAPTER.dump_python(tuple(found), mode="json")
    workspace.store.save(KIND, key, {"of": np.zeros(0)}, facts)


def kept_happenings(workspace: Workspace, key: str) -> tuple[Happening, ...] | None:
    """Return what was kept; None where nothing was, or where it is not what this program writes."""
    read = workspace.store.load(KIND, key)
    try:
        return None if read is None else _ADAPTER.validate_python(read[1])
    except (ValidationError, SelectionError):
        return None
