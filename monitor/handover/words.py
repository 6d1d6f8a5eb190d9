"""What was handed over and what came back, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.alerts.notices import moment_of
from monitor.case import Case
from monitor.handover.records import Handover, Outcome, Trained
from monitor.handover.sets import TrainingSet
from monitor.wording import local_text, plural

LISTED = 3
"""Sets that are told in words; the page has all."""


def set_text(one: TrainingSet) -> str:
    """Name a set in a line."""
    return f"Training set {one.id} ({plural(one.rows, 'row')})"


def trained_text(one: Trained, timezone: str) -> str:
    """Say how a run that trains stands, in a few words."""
    at = local_text(moment_of(one.when), timezone)
    if one.outcome is Outcome.RUNNING:
        return f"{one.status or 'under way'} since {at}"
    version = f", model version {one.model_version}" if one.model_version else ""
    failed = f": {one.message}" if one.message and one.outcome is Outcome.FAILED else ""
    return f"{one.outcome.value} on {at}{version}{failed}"


def sent_text(one: Handover, timezone: str) -> str:
    """Say whether a set got to its target, in a few words."""
    if one.done is not None:
        return f"handed to '{one.target}' on {local_text(moment_of(one.done.at), timezone)}"
    last = one.attempts[-1] if one.attempts else None
    why = "" if last is None else last.error or "the attempt was cut off"
    return f"not handed to '{one.target}': {why}"


def standing_lines(case: Case, handovers: Sequence[Handover], trained: Sequence[Trained]) -> list[str]:
    """Say of the last sets, a line each, to whom each was handed and what came back."""
    lines = []
    for one in handovers[:LISTED]:
        waited = ["nothing came back yet"] if one.done is not None and awaited(one, trained) else []
        told = "; before: ".join([*waited, *(trained_text(each, case.timezone) for each in trained if each.set == one.set)])
        lines.append(f"Training set {one.set} ({plural(one.rows, 'row')}) {sent_text(one, case.timezone)}{f': {told}' if told else ''}.")
    return lines


def awaited(one: Handover, trained: Sequence[Trained]) -> bool:
    """Say whether nothing came back yet of the last time that a set was handed over. A run that was told under a name of its own counts for
    all that was handed over before it was."""
    done = one.done
    mine = [each for each in trained if each.set == one.set]
    return done is not None and not any(each.run == done.run or ("driftscope-" not in each.run and each.told >= done.at) for each in mine)


def retrained_text(handovers: Sequence[Handover], trained: Sequence[Trained], timezone: str) -> str:
    """Say in at most 15 words what the last retraining came to; empty where none was asked for."""
    sent = [one for one in handovers if one.done is not None]
    last = max(sent, key=lambda one: one.done.at if one.done else "", default=None)
    if last is not None and awaited(last, trained):
        return f"Training set {sent_text(last, timezone)}: nothing came back yet."
    return f"Last retraining: {trained_text(replace(trained[0], message=''), timezone)}." if trained else ""
