"""`driftscope retrain send|result`: a training set handed to those who retrain, and what came of it."""

from __future__ import annotations

import sys
from pathlib import Path

from monitor.alerts.message import plain_line
from monitor.case import Case, load_case
from monitor.case.trust import hands_over
from monitor.cli.progress import tell
from monitor.errors import SourceError
from monitor.export.words import account
from monitor.handover.asking import shown
from monitor.handover.payload import payload_of
from monitor.handover.records import one_sender
from monitor.handover.sending import Sent, check_trusted, named_target, next_run, send_set
from monitor.handover.sets import TrainingSet, last_set, read_set
from monitor.handover.words import set_text

HANDED, COULD_NOT = 0, 2


def send(place: Path, folder: Path | None, target: str, *, who: str, dry: bool, again: bool) -> int:
    """Hand a training set to a target of the receiver's, or (`dry`) show the request and send nothing; return the exit code.

    Raises
    ------
    SettingError
        The receiver does not trust the case's retraining, or has no such target. Nothing was sent.
    SourceError
        There is no set, or it is not as it was built. Nothing was sent.
    """
    case = load_case(place)
    if not dry:
        check_trusted(case)
    one = _built(case, folder)
    if dry:
        _show(one, case, target, again=again)
        return HANDED
    with one_sender(case):
        sent = send_set(one, case, target, who=who or account(), again=again)
    sys.stdout.write(f"{_said(sent, one)}\n")
    return COULD_NOT if sent.error else HANDED


def _built(case: Case, folder: Path | None) -> TrainingSet:
    found = folder or last_set(case)
    if found is None:
        raise SourceError(
            f"You have built no training set of the case '{case.name}' yet. Build one with 'driftscope retrain build CASE --out DIR', or "
            "name the folder of one."
        )
    return read_set(case, found)


def _show(one: TrainingSet, case: Case, target: str, *, again: bool) -> None:
    """Print the request as it would be sent, and what stands in its way."""
    name, known = named_target(case, target)
    before, run = next_run(case, one, name, again=again)
    sys.stdout.write(f"# {plain_line(set_text(one))} to '{name}' ({known.place})\n{shown(payload_of(one, case, run), known)}")
    if before is not None and before.done is not None and not again:
        tell(f"Note: '{name}' has it since {before.done.at}; 'driftscope retrain send' would send nothing without --again.", quiet=False)
    if why := hands_over(case):
        tell(f"Note: 'driftscope retrain send' would send nothing: {why}.", quiet=False)


def _said(sent: Sent, one: TrainingSet) -> str:
    record, last = sent.handover, sent.handover.attempts[-1]
    head = f"{plain_line(set_text(one))}, to '{record.target}' ({record.place})"
    if sent.before and record.done is not None:
        return f"not sent again: {head} has it since {record.done.at}. --again lets it be trained once more."
    if sent.error:
        return f"not handed over: {head}: {sent.error.rstrip('.')}. Send it again: it is known by its id."
    answered = f" Answered: {last.answer}." if last.answer else ""
    return f"handed over: {head}, as {last.run}.{answered}"
