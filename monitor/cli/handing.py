"""`driftscope retrain send|result`: a training set handed to those who retrain, and what came of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from monitor.alerts.message import plain_line
from monitor.case import Case, load_case
from monitor.case.trust import hands_over
from monitor.cli.progress import tell
from monitor.errors import SelectionError, SourceError, nearest
from monitor.export.turns import one_at_a_time
from monitor.export.words import account
from monitor.handover.asking import shown
from monitor.handover.payload import payload_of
from monitor.handover.records import Trained, keep_trained
from monitor.handover.results import MOST_BYTES, Teller, answered_runs, known_sets, runs_of_file, told_runs
from monitor.handover.sending import Sent, check_trusted, named_target, next_run, send_set
from monitor.handover.sets import TrainingSet, last_set, read_set
from monitor.handover.words import set_text, trained_text

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
    with one_at_a_time(case, "retraining", "nothing is handed over"):
        sent = send_set(one, case, target, who=who or account(), again=again)
    sys.stdout.write(f"{_said(sent, one)}\n")
    for run in () if sent.before or sent.error else answered_runs(case, sent.returned, sent.handover, json.dumps(sent.returned)):
        keep_trained(case, run)
        sys.stdout.write(f"{_line(run, case)}\n")
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


def result(place: Path, file: str, set_id: str, *, who: str) -> None:
    """Keep what came of training sets, as a file (or "-": standard input) tells it in the form of runs of pipelines, and say it.

    Raises
    ------
    SourceError
        There is no such file, or it holds no runs.
    SelectionError
        No run names a set that was handed over.
    """
    case = load_case(place)
    teller = Teller(who=who or account(), source="told by hand", sets=known_sets(case), set=_known_set(case, set_id))
    found = told_runs(case, sys.stdin.read(MOST_BYTES + 1), teller, "-") if file == "-" else runs_of_file(case, Path(file), teller)
    for one in found:
        keep_trained(case, one)
        sys.stdout.write(f"{_line(one, case)}\n")


def _known_set(case: Case, set_id: str) -> str:
    known = known_sets(case)
    found = [one for one in known if set_id and one.startswith(set_id)]
    if set_id and len(found) != 1:
        told = f"Handed over were: {', '.join(known[:5])}." if known else "None was handed over yet."
        raise SelectionError(f"{'Several' if found else 'No'} training sets begin with '{set_id}'.{nearest(set_id, known)} {told}")
    return found[0] if found else ""


def _line(one: Trained, case: Case) -> str:
    return f"Training set {one.set}, {plain_line(f'{one.job} {one.run}')}: {trained_text(one, case.timezone)}."
