"""What was decided, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.alerts.deciding import Step, Why
from monitor.alerts.message import plain_line
from monitor.alerts.notices import Act
from monitor.case import Case
from monitor.case.alerting import STATES, AlertSection
from monitor.incidents.record import Workflow
from monitor.vocabulary import Severity
from monitor.wording import list_text, local_text, plural

ACTS: Mapping[Act, str] = {
    Act.OPENED: "tells",
    Act.REPEATED: "tells again",
    Act.ESCALATED: "escalates to",
    Act.OVER: "tells that it is over",
}


def act_text(act: Act) -> str:
    """Say what a rule does, before the name of its target."""
    return ACTS[act]


def step_text(step: Step, case: Case) -> str:
    """Say what a rule comes to for one incident, in a sentence of plain text."""
    head = plain_line(f"'{step.rule.name}'")
    title = plain_line(step.happening.title)
    if step.act is not None:
        return f"{head} {ACTS[step.act]} '{step.target}': {title}."
    if step.why is Why.QUIET and step.until is not None:
        return f"{head} waits for quiet hours to end ({local_text(step.until, case.timezone)}): {title}."
    before = f"has told '{step.target}' before"
    told = {
        Why.ACKNOWLEDGED: f"does not tell '{step.target}': it is {step.happening.workflow.value} already",
        Why.SETTLED: f"does not tell '{step.target}' that it is over",
    }
    return f"{head} {told.get(step.why or Why.TOLD, before)}: {title}."


def when_text(rule: AlertSection) -> str:
    """Say in words which incidents a rule is about.

    >>> when_text(AlertSection.model_validate({"name": "a", "when": "severity >= high and cause = recode"}))
    'high or critical severity; cause recode; new or ongoing'
    """
    when = rule.when
    parts = [f"{_either(when.severity)} severity"] if when.severity and len(when.severity) < len(Severity) else []
    parts += [f"cause {_either(one.replace('_', ' ') for one in when.cause)}"] if when.cause else []
    for name in ("column", "segment", "metric"):
        named = getattr(when, name)
        parts += [f"{name} {_either(named)}"] if named else []
    parts += [] if set(when.state) == set(STATES) else [_either(when.state)]
    parts += ["warnings too"] if when.status == "warning" else []
    return "; ".join(parts) or "any incident"


def _either(names: Iterable[str]) -> str:
    return list_text(list(names), limit=6).replace(" and ", " or ")


def how_text(rule: AlertSection) -> str:
    """Say in words how a rule tells: again, to whom else, and when not."""
    parts = [f"again every {rule.repeat}"] if rule.repeat else ["once"]
    parts += [f"'{rule.escalate_to}' after {rule.escalate_after}"] if rule.escalate_to else []
    if rule.quiet:
        loud = f" (not for {rule.loud} and worse)" if rule.loud and rule.loud != "critical" else " (not for critical)" if rule.loud else ""
        parts.append(f"quiet {list_text(list(rule.quiet))}{loud}")
    parts += [] if rule.over else ["not when it is over"]
    return "; ".join(parts)


def headline(rules: int, waiting: int, unsent: int, untaken: int, *, trusted: bool = True) -> str:
    """Say in at most 15 words how it stands with telling people."""
    if not rules:
        return "Nobody is told of incidents yet."
    if not trusted:
        return "Nobody is told: you do not trust the alert rules yet."
    if unsent:
        return f"{plural(unsent, 'message')} could not be sent."
    if waiting:
        return f"{plural(waiting, 'message')} would be sent now."
    if untaken:
        return f"{plural(untaken, 'incident')} told, and taken by nobody yet."
    return "Nobody has to be told of anything now."


def workflow_text(workflow: Workflow, who: str) -> str:
    """Say how far an incident is dealt with, and by whom."""
    return f"{workflow.value} by {who}" if who else "nobody took it" if workflow is Workflow.OPENED else workflow.value
