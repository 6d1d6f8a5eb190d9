"""Options that were tried, kept beside the case: whatever tells of an incident says the same of what comes next.

They are sealed as measured incidents are (`monitor.incidents.kept`), and found only while nothing changed that they depend on.
"""

from __future__ import annotations

from collections.abc import Sequence

from monitor.analyses.sides import Question
from monitor.case.seal import sealed
from monitor.engine import Cancel, Progress, Workspace
from monitor.engine.store import digest
from monitor.export.incident_records import list_incidents
from monitor.incidents.incident import Incident
from monitor.incidents.kept import keep_sealed, kept_key, kept_sealed, what_people_changed
from monitor.incidents.next_step import next_step
from monitor.incidents.record import Record
from monitor.remedies.bench import Bench, try_remedies
from monitor.remedies.words import next_text
from monitor.retraining.found import wrong_beside

KIND, NEXT_KIND = "remedies", "next-steps"


def tried_before(workspace: Workspace, question: Question, one: Incident, others: Sequence[Incident]) -> Bench | None:
    """Return the options of an incident where they were tried before; None where they were not.

    Parameters
    ----------
    others : all incidents of the case: rows that they made wrong are left out.
    """
    found: Bench | None = kept_sealed(workspace, KIND, _key(workspace, question, one, others))
    return found


def tried_now(
    workspace: Workspace,
    question: Question,
    one: Incident,
    others: Sequence[Incident],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Bench:
    """Return the options of an incident, tried before or now.

    Raises
    ------
    CancelledError
        It was called off.
    """
    known = tried_before(workspace, question, one, others)
    if known is not None:
        return known
    wrong = wrong_beside(one, others, workspace.case.timezone)
    bench = try_remedies(
        workspace, one.hypothesis, production=question.production, seed=question.seed, wrong=wrong, progress=progress, cancel=cancel
    )
    keep_sealed(workspace, KIND, _key(workspace, question, one, others), bench)
    if kept_key(workspace, question) == kept_key(workspace):
        records = list_incidents(workspace.case).records
        keep_sealed(workspace, NEXT_KIND, _next_key(workspace, one.id, records), next_text(bench, next_step(one)))
    return bench


def next_told(workspace: Workspace, incident: str, records: Sequence[Record]) -> str:
    """Return what comes next for an incident by its id, where its options were tried on all of production; "" where they were not."""
    found: str | None = kept_sealed(workspace, NEXT_KIND, _next_key(workspace, incident, records))
    return found or ""


def tried_text(workspace: Workspace, question: Question, one: Incident, others: Sequence[Incident]) -> str:
    """Say what follows from the options of an incident that were tried; "" where they were not."""
    return "" if tried_before(workspace, question, one, others) is None else next_of(workspace, question, one, others)


def next_of(workspace: Workspace, question: Question, one: Incident, others: Sequence[Incident]) -> str:
    """Say what comes next: what follows from options where they were tried, else what the cause asks for."""
    bench = tried_before(workspace, question, one, others)
    return next_step(one) if bench is None else next_text(bench, next_step(one))


def _key(workspace: Workspace, question: Question, one: Incident, others: Sequence[Incident]) -> str:
    wrong = wrong_beside(one, others, workspace.case.timezone)
    return sealed(digest(KIND, kept_key(workspace, question), repr(one.hypothesis), repr(wrong)))


def _next_key(workspace: Workspace, incident: str, records: Sequence[Record]) -> str:
    return sealed(digest(NEXT_KIND, kept_key(workspace), incident, *what_people_changed(records)))
