"""Telling: what was decided is sent, and each attempt is written down before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from monitor.alerts.deciding import Situation, Step, Why, decide
from monitor.alerts.delivery import deliver
from monitor.alerts.message import Message, message_of
from monitor.alerts.notices import LONGEST, Notice, Telling, keep_notice, notice_id
from monitor.alerts.oncall import owner_of
from monitor.alerts.targets import Target, read_targets, target_of
from monitor.case import Case
from monitor.case.trust import sends
from monitor.errors import DriftscopeError, SettingError
from monitor.export.files import moment_iso
from monitor.export.incident_records import keep_incident, list_incidents

Send = Callable[[Message, Target], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a step: `error` why its message did not get there; empty where it did, or nothing was to be sent."""

    step: Step
    error: str = ""

    @property
    def sent(self) -> bool:
        """Whether somebody was told."""
        return self.step.act is not None and not self.error


def check_trusted(case: Case) -> None:
    """Raise unless the receiver trusts the rules of a case, as they are now.

    Raises
    ------
    SettingError
    """
    if why := sends(case):
        raise SettingError(
            f"Nothing is sent for the case '{case.name}': {why}. Look at them with 'driftscope trust CASE --list', then trust."
        )


def tell(given: Situation, *, send: Send = deliver) -> tuple[Outcome, ...]:
    """Tell everybody who is to be told now, one after the other; what fails is tried again by the next run.

    Raises
    ------
    SettingError
        The receiver does not trust the rules, or the targets cannot be read. Nothing was sent.
    SourceError
        What is told cannot be written down. Nothing more was sent.
    """
    check_trusted(given.case)
    targets = read_targets()
    return tuple(_told(step, given, targets, send) for step in decide(given.case.alerts, given))


def _told(step: Step, given: Situation, targets: Mapping[str, Target], send: Send) -> Outcome:
    if step.act is None:
        if step.why is Why.QUIET and step.notice is None:
            _hold(step, given)
        return Outcome(step=step)
    telling = Telling(
        at=moment_iso(given.now.replace(microsecond=0)),
        act=step.act,
        rule=step.rule.name,
        target=step.target,
        owner=owner_of(given.case, step.rule, named=step.happening.record.owner, data=step.happening.data),
    )
    # Written before it is sent: where it cannot be written, the next run would send it again, and so would every run after it.
    under_way = keep_notice(given.case, _notice(step, given).with_telling(telling))
    _remember(step, given)
    error = ""
    try:
        target = target_of(step.target, targets)
        send(message_of(step, given.case, given.now, app=target.app), target)
    except DriftscopeError as refused:
        error = str(refused)[:LONGEST]
    keep_notice(given.case, under_way.with_telling(replace(telling, done=not error, error=error)))
    return Outcome(step=step, error=error)


def _notice(step: Step, given: Situation) -> Notice:
    one = step.happening
    return step.notice or Notice(
        id=notice_id(given.case, one.id, step.target),
        case=given.case.name[:LONGEST],
        incident=one.id,
        target=step.target,
        title=one.title[:LONGEST],
        severity=one.severity,
        created=moment_iso(given.now.replace(microsecond=0)),
    )


def _hold(step: Step, given: Situation) -> None:
    """Note that an incident waits for quiet hours to end: a rule about new ones tells it then, though it is none by then."""
    keep_notice(given.case, replace(_notice(step, given), held=moment_iso(given.now.replace(microsecond=0))))
    _remember(step, given)


def _remember(step: Step, given: Situation) -> None:
    """Keep the record of an incident that is told, so that it is known again when it is measured again."""
    one = step.happening
    if list_incidents(given.case).of(one.id) is None:
        keep_incident(given.case, replace(one.record, created=moment_iso(given.now.replace(microsecond=0))))
