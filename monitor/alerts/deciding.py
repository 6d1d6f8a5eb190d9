"""What is to be told now, and why the rest is not: rules, incidents, what was told before, and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from monitor.alerts.happening import Happening
from monitor.alerts.notices import Act, Notice, Telling, moment_of, notice_id
from monitor.alerts.rules import about, fires
from monitor.case import Case
from monitor.case.alerting import AlertSection
from monitor.case.quiet import quiet_until
from monitor.incidents.memory import continues
from monitor.incidents.record import Record, Workflow
from monitor.judgement.finding import State
from monitor.vocabulary import Severity

ORDER = tuple(Severity)


class Why(StrEnum):
    """Why somebody is not told now."""

    QUIET = "quiet"
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a rule comes to for one incident: `act` is what `target` is told now (None: nothing, `why` not). `until`: end of quiet hours."""

    rule: AlertSection
    happening: Happening
    target: str
    act: Act | None = None
    why: Why | None = None
    until: datetime | None = None
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is decided on: incidents with what people said of them, what was told before, and the moment (aware, UTC)."""

    case: Case
    happenings: tuple[Happening, ...]
    notices: tuple[Notice, ...]
    now: datetime

    def notice(self, incident: str, target: str) -> Notice | None:
        """Return what a target was told of an incident."""
        wanted = notice_id(self.case, incident, target)
        return next((one for one in self.notices if one.id == wanted), None)


def situation(case: Case, found: Sequence[Happening], notices: Sequence[Notice], records: Sequence[Record], now: datetime) -> Situation:
    """Return what is decided on. An incident that was told under another id (more columns are concerned by now, or its cause is known)
    keeps that id; one that was told and is not found any more is over."""
    known = {one.id: one for one in records}
    gone = [name for name in dict.fromkeys(one.incident for one in notices) if name not in {one.id for one in found}]
    named: list[Happening] = []
    for one in found:
        before = next((name for name in gone if name in known and continues(one.record, known[name])), None)
        if before is None or any(each.incident == one.id for each in notices):
            named.append(one)
            continue
        gone.remove(before)
        named.append(replace(one, id=before, record=known[before]))
    lost = [_lost(known[name], notices) for name in gone if name in known]
    return Situation(case=case, happenings=(*named, *lost), notices=tuple(notices), now=now)


def _lost(record: Record, notices: Sequence[Notice]) -> Happening:
    told = next(one for one in notices if one.incident == record.id)
    return Happening(
        id=record.id,
        title=told.title,
        severity=told.severity,
        status="alert",
        state=State.OVER,
        cause=record.told_cause,
        columns=record.columns,
        segment=record.segment,
        start=record.start,
        record=record,
        lines={"Cause": "it is not found any more in the data as they are now"},
    )


def decide(rules: Iterable[AlertSection], given: Situation) -> tuple[Step, ...]:
    """Return what each target is told now, and what it is not told and why. Of several rules that would tell a target of one incident the
    first one does: nobody is told twice."""
    steps: dict[tuple[str, str], Step] = {}
    for rule in (one for one in rules if one.target):
        for one in given.happenings:
            for step in _steps(rule, one, given):
                key = (one.id, step.target)
                if key not in steps or (steps[key].act is None and step.act is not None):
                    steps[key] = step
    return tuple(steps.values())


def _steps(rule: AlertSection, one: Happening, given: Situation) -> tuple[Step, ...]:
    notice = given.notice(one.id, rule.target)
    mine = Step(rule=rule, happening=one, target=rule.target, notice=notice)
    told = None if notice is None else notice.told
    if told is not None and notice is not None:
        speaks = told.rule == rule.name or told.rule not in {each.name for each in given.case.alerts}
        return _after(mine, notice, told, given) if speaks else ()
    waiting = notice is not None and notice.waiting and one.open and about(rule.when, one)
    if not waiting and not fires(rule.when, one):
        return ()
    taken = one.open and one.workflow is not Workflow.OPENED
    return (replace(mine, why=Why.ACKNOWLEDGED) if taken else _quietly(replace(mine, act=Act.OPENED), given),)


def _after(mine: Step, notice: Notice, told: Telling, given: Situation) -> tuple[Step, ...]:
    """Return what follows once an incident was told: that it is over, that it goes on, that nobody took it."""
    one, rule = mine.happening, mine.rule
    if not one.open:
        return _over(mine, given)
    if one.workflow is not Workflow.OPENED:
        return (replace(mine, why=Why.ACKNOWLEDGED),)
    steps = []
    if rule.escalates is not None and given.now >= moment_of(told.at) + rule.escalates:
        other = given.notice(one.id, rule.escalate_to)
        there = any(each.act is Act.ESCALATED and each.at >= told.at for each in (() if other is None else other.done))
        step = replace(mine, target=rule.escalate_to, notice=other)
        steps.append(replace(step, why=Why.TOLD) if there else _quietly(replace(step, act=Act.ESCALATED), given))
    last = moment_of(notice.since(told)[-1].at)
    again = rule.repeats is not None and given.now >= last + rule.repeats
    steps.append(_quietly(replace(mine, act=Act.REPEATED), given) if again else replace(mine, why=Why.TOLD))
    return tuple(steps)


def _over(mine: Step, given: Situation) -> tuple[Step, ...]:
    """Return that an incident is over, for all who were told of it."""
    rule, steps = mine.rule, []
    for target in filter(None, (rule.target, rule.escalate_to)):
        notice = given.notice(mine.happening.id, target)
        if notice is None or not notice.done or notice.done[-1].act is Act.OVER:
            continue
        step = replace(mine, target=target, notice=notice)
        steps.append(_quietly(replace(step, act=Act.OVER), given) if rule.over else replace(step, why=Why.SETTLED))
    return tuple(steps)


def _quietly(step: Step, given: Situation) -> Step:
    """Return a step that waits where it is quiet."""
    loud = bool(step.rule.loud) and ORDER.index(step.happening.severity) >= ORDER.index(Severity(step.rule.loud))
    until = None if loud else quiet_until(step.rule.quiet_hours, given.now, given.case.timezone)
    return step if until is None else replace(step, act=None, why=Why.QUIET, until=until)
