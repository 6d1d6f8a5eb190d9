"""Handing a training set over: once for each set and target, and each attempt is written down before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from monitor.alerts.message import plain_line
from monitor.alerts.posting import Answer
from monitor.alerts.targets import Target, checked_kind, read_targets, target_of
from monitor.case import Case
from monitor.case.trust import hands_over
from monitor.errors import DriftscopeError, SettingError
from monitor.export.files import moment_iso
from monitor.handover.asking import KINDS, THERE_ALREADY, hand, plain_json
from monitor.handover.payload import payload_of, run_name
from monitor.handover.records import LONGEST, Attempt, Handover, handover_id, keep_handover, list_handovers
from monitor.handover.sets import TrainingSet
from monitor.retraining.writing import MANIFEST

Hand = Callable[[Mapping[str, Any], Target], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of handing a set over: the record as it stands now; `before` where the target had it already and nothing was sent;
    `returned` the object that was answered."""

    handover: Handover
    before: bool = False
    returned: Mapping[str, Any]

    @property
    def error(self) -> str:
        """Why it did not get there; empty where it did."""
        return "" if self.before else self.handover.attempts[-1].error


def named_target(case: Case, name: str = "") -> tuple[str, Target]:
    """Return the target of a name, else the one that the case names, from the receiver's own targets.

    Raises
    ------
    SettingError
        Nobody names one, the receiver has none of that name, or it is of a kind that takes no training sets.
    """
    wanted = name or ("" if case.retraining is None else case.retraining.target)
    if not wanted:
        raise SettingError(
            f"Nobody says who retrains '{case.name}'. Give --target NAME, or write [retraining] target = \"NAME\" into case.toml; "
            "the name is that of a target of your own (targets.toml)."
        )
    return wanted, checked_kind(wanted, target_of(wanted, read_targets()), KINDS, "training sets")


def check_trusted(case: Case) -> None:
    """Raise unless the receiver trusts what a case says of who retrains it, as it says it now.

    Raises
    ------
    SettingError
    """
    if why := hands_over(case):
        raise SettingError(
            f"Nothing is handed over for the case '{case.name}': {why}. Look at it with 'driftscope trust CASE --list', then trust."
        )


def next_run(case: Case, one: TrainingSet, target: str, *, again: bool = False) -> tuple[Handover | None, str]:
    """Return what is known of a set and a target, and the name of the run that an attempt would start now."""
    wanted = handover_id(case, one.id, target)
    known = next((each for each in list_handovers(case)[0] if each.id == wanted), None)
    if known is None or not known.attempts:
        return known, run_name(one.id, 1)
    return known, run_name(one.id, known.times + int(again and known.attempts[-1].done))


def send_set(one: TrainingSet, case: Case, target: str, *, who: str, again: bool = False, by: Hand = hand) -> Sent:
    """Hand a set to a target, unless it has it already.

    Parameters
    ----------
    again : let it be trained anew though the target has it, under another name of the run.

    Raises
    ------
    SettingError
        The receiver does not trust the case's retraining, or has no such target. Nothing was sent.
    SourceError
        What is sent cannot be written down. Nothing was sent.
    """
    check_trusted(case)
    name, known = named_target(case, target)
    before, run = next_run(case, one, name, again=again)
    if before is not None and before.done is not None and not again:
        return Sent(handover=before, before=True, returned={})
    attempt = Attempt(at=_now(), who=plain_line(who, 200), run=run)
    # Written before it is sent: where it cannot be written, nobody would know that it was.
    record = keep_handover(case, _record(one, case, name, known, before).with_attempt(attempt))
    answer, error = None, ""
    try:
        answer = by(payload_of(one, case, run), known)
    except DriftscopeError as refused:
        error = str(refused)[:LONGEST]
    ended = replace(attempt, done=answer is not None, error=error, answer="" if answer is None else answer_text(answer))
    returned = {} if answer is None else plain_json(answer.content)
    return Sent(handover=keep_handover(case, record.with_attempt(ended)), returned=returned)


def _record(one: TrainingSet, case: Case, name: str, target: Target, before: Handover | None) -> Handover:
    """Return the record of a set and a target, with the attempts that were made before and where it goes and lies now."""
    return Handover(
        id=handover_id(case, one.id, name), case=case.name[:LONGEST], set=one.id, target=name, place=target.place[:LONGEST],
        fingerprint=one.fingerprint, manifest=one.path(MANIFEST, case)[:LONGEST], rows=one.rows,
        last=one.last[:LONGEST], until=one.until[:LONGEST], created=before.created if before else _now(),
        attempts=before.attempts if before else (),
    )  # fmt: skip


def _now() -> str:
    return moment_iso(datetime.now(UTC).replace(microsecond=0))


def answer_text(answer: Answer) -> str:
    """Say what was answered in a line: the code, and what an object says that a program answers.

    >>> answer_text(Answer(204)), answer_text(Answer(200, b'{"state": "queued", "conf": {}}')), answer_text(Answer(0, b"queued as 17"))
    ('204', '200, state queued', 'queued as 17')
    """
    found = {name: value for name, value in plain_json(answer.content).items() if isinstance(value, (str, int, float, bool))}
    said = ", ".join(f"{name} {value}" for name, value in found.items())
    if not said and not answer.code:
        said = answer.content.decode(errors="replace")
    there = "it had a run of that name already" if answer.code == THERE_ALREADY else ""
    code = str(answer.code) if answer.code else ""
    return plain_line(", ".join(filter(None, (code, there or said))), 300)
