"""The words of a message, and the forms in which services take it. What comes from data cannot break a line, a header or a markup."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from monitor.alerts.deciding import Step
from monitor.alerts.happening import Happening
from monitor.alerts.notices import Act, notice_id
from monitor.alerts.oncall import owner_of, turn_of
from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.files import moment_iso
from monitor.incidents.cause import predicate
from monitor.incidents.record import check_link
from monitor.vocabulary import Severity
from monitor.wording import JOINER, list_text

TITLE, LINE = 200, 600
"""Letters of a title (a summary of PagerDuty has at most 1024, a subject of mail is cut near 200) and of a line."""
BEGINS: Mapping[Act, str] = {
    Act.OPENED: "",
    Act.REPEATED: "Still open: ",
    Act.ESCALATED: "Nobody took it yet: ",
    Act.OVER: "Over: ",
}
URGENCY: Mapping[Severity, str] = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "info",
}
"""What PagerDuty calls a severity."""
LASTS = timedelta(days=30)
"""How long Alertmanager keeps an alert firing that is not told to be over: it is told when it is, and this is for those that never are."""
_ORDERS = re.compile(r"@(?=(?:here|channel|everyone|all)\b)", re.IGNORECASE)
_LINK = re.compile(r"\]\(|://")


def plain_line(text: object, most: int = LINE) -> str:
    r"""Return a text of the data or the case as one line that no service reads as anything else than letters.

    >>> plain_line("a\r\nBcc: x@y.z <!channel>"), len(plain_line("x" * 10_000, 20))
    ('a Bcc: x@y.z ‹!channel›', 20)
    """
    letters = "".join(one if one.isprintable() else " " for one in str(text)[: 4 * most])
    flat = " ".join(letters.split()).replace("<", "‹").replace(">", "›")
    safe = _LINK.sub(lambda found: JOINER.join(found[0]), _ORDERS.sub("@" + JOINER, flat))
    return safe if len(safe) <= most else safe[: most - 1] + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent: `title` (one line), `lines` by what they are, and what programs read (`facts`). `key` is the same for every message of
    one incident to one target, `first` the severity with which it was told first. `link` leads to the incident, where the receiver said
    where the app is."""

    key: str
    act: Act
    severity: Severity
    first: Severity
    title: str
    lines: Mapping[str, str]
    facts: Mapping[str, Any]
    sent: datetime
    runbook: str = ""
    link: str = ""

    @property
    def text(self) -> str:
        """The message below its title."""
        addresses = {"Runbook": self.runbook, "Open": self.link}
        return "\n".join(f"{name}: {text}" for name, text in {**self.lines, **addresses}.items() if text)


def message_of(step: Step, case: Case, now: datetime, *, act: Act | None = None, app: str = "") -> Message:
    """Return what a step says to its target.

    Parameters
    ----------
    act : what is told; default that of the step. Of a step that says nothing now it shows what it would.
    app : address of the app, of the receiver's own settings.
    """
    one, told = step.happening, act or step.act or Act.OPENED
    return Message(
        key=notice_id(case, one.id, step.target),
        act=told,
        severity=one.severity,
        first=step.notice.severity if step.notice else one.severity,
        title=plain_line(f"{BEGINS[told]}{one.title} [{one.severity.value}]", TITLE),
        lines={name: plain_line(text) for name, text in _lines(step, case, now).items() if text},
        facts=_facts(one, step, case, told),
        sent=now,
        runbook=_runbook(case),
        link=f"{app.rstrip('/')}/incidents?case={quote(case.root.name, safe='')}&incident={one.id}" if app else "",
    )


def _lines(step: Step, case: Case, now: datetime) -> Mapping[str, str]:
    one, turn = step.happening, turn_of(case, now)
    return {
        "Case": case.name,
        **{name: one.lines.get(name, "") for name in ("Cause", "Failure", "Impact", "Lasts", "Next")},
        "Owner": owner_of(case, step.rule, named=one.record.owner, data=one.data),
        "On call": "" if turn is None else turn.who,
        "Rule": f"{step.rule.name}; incident {one.id}",
    }


def _runbook(case: Case) -> str:
    """Return where the runbook is: an address stays one, for it is trusted with the rules; any other text is plain."""
    given = "" if case.ownership is None else case.ownership.runbook
    try:
        return check_link(given)[:LINE] if given else ""
    except SelectionError:
        return plain_line(given)


def _facts(one: Happening, step: Step, case: Case, act: Act) -> Mapping[str, Any]:
    return {
        "case": plain_line(case.name),
        "rule": plain_line(step.rule.name),
        "incident": one.id,
        "act": act.value,
        "severity": one.severity.value,
        "state": one.state.value,
        "cause": one.record.told_cause.value,
        "columns": [plain_line(name, TITLE) for name in one.columns[:50]],
        "segment": plain_line(predicate(one.segment, beside=one.beside) or "") or None,
        "start": one.start or None,
        "end": one.end or None,
        "owner": plain_line(owner_of(case, step.rule, named=one.record.owner, data=one.data)) or None,
        "findings": one.findings,
    }


def as_webhook(message: Message) -> dict[str, Any]:
    """Return the JSON that a webhook is given: `title` and `text` for people, the rest for programs."""
    told = {"id": message.key, "title": message.title, "text": f"{message.title}\n{message.text}"}
    return {**told, **message.facts, "runbook": message.runbook or None, "link": message.link or None, "sent": moment_iso(message.sent)}


def as_pagerduty(message: Message, routing_key: str) -> dict[str, Any]:
    """Return an event of PagerDuty's Events API v2 (developer.pagerduty.com): one incident there for each of ours."""
    if message.act is Act.OVER:
        return {"routing_key": routing_key, "event_action": "resolve", "dedup_key": message.key}
    start = {"timestamp": message.facts["start"]} if message.facts["start"] else {}
    payload = {
        "summary": message.title,
        "source": message.facts["case"] or "Driftscope",
        "severity": URGENCY[message.severity],
        "component": list_text(message.facts["columns"]) or "rows",
        "group": message.facts["rule"],
        "class": message.facts["cause"],
        "custom_details": {**message.lines, **start},
    }
    links = [
        {"href": href, "text": text}
        for text, href in {"The incident in Driftscope": message.link, "Runbook": message.runbook}.items()
        if href.startswith(("http://", "https://"))
    ]
    return {
        "routing_key": routing_key,
        "event_action": "trigger",
        "dedup_key": message.key,
        "client": "Driftscope",
        "payload": payload,
        "links": links,
    }


def as_alertmanager(message: Message) -> list[dict[str, Any]]:
    """Return the alerts that Alertmanager's API v2 takes (POST /api/v2/alerts); labels stay the same while the incident does."""
    over = message.act is Act.OVER
    labels = {
        "alertname": message.facts["rule"],
        "case": message.facts["case"],
        "incident": message.facts["incident"],
        "key": message.key,
        "severity": message.first.value,
    }
    started = message.facts["start"] or moment_iso(message.sent.astimezone(UTC))
    ends = message.sent if over else message.sent + LASTS
    annotations = {"summary": message.title, "description": message.text, "severity": message.severity.value}
    return [
        {
            "labels": labels,
            "annotations": annotations,
            "startsAt": started,
            "endsAt": moment_iso(ends),
            **({"generatorURL": message.link} if message.link else {}),
        }
    ]
