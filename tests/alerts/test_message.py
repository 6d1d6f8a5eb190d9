"""Names of the data in messages: no line, header, mention or link of theirs is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.alerts.deciding import decide
from monitor.alerts.delivery import shown
from monitor.alerts.message import message_of
from monitor.alerts.targets import Target
from tests.alerts.made import NOON, RULE, case_with, happening, now

HOSTILE = (
    "a\r\nBcc: evil@example.org\r\n\r\n<script>",
    "<!channel> @here <@U123> &amp;",
    "[click](http://evil.example) ![x](p.png)",
    "\u202egnp.exe\x00\x1b[31m",
    "x" * 100_000,
    "\ud800 half",
)
TARGETS = (None, Target(routing_key="k"), Target(kind="alertmanager", url="http://x"), Target(url="http://x"))


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.kind if one else "text")
def test_hostile_names_stay_letters(tmp_path: Path, name: str, target: Target | None) -> None:
    of_case = name.replace("\ud800", "")  # no case file holds one
    case = case_with(tmp_path, RULE, case={"name": of_case, "task": "none", "owner": of_case})
    one = happening(title=name, columns=(name,), segment={name: name}, lines={"Cause": name, "Impact": name})
    message = message_of(decide(case.alerts, now(case, one))[0], case, NOON)
    text = shown(message, target)
    text.encode()
    assert message.title.isprintable() or "\u2060" in message.title
    assert not any(bad in text for bad in ("\r", "\x00", "\x1b", "\u202e", "<", "@here", "](", "http://evil"))
    assert len(text) < 10_000
    assert "\nBcc" not in text


def test_a_huge_list_of_columns_is_a_short_message(tmp_path: Path) -> None:
    case = case_with(tmp_path, RULE)
    one = happening(columns=tuple(f"column_{k}" for k in range(5000)))
    text = shown(message_of(decide(case.alerts, now(case, one))[0], case, NOON), Target(url="http://x"))
    assert len(json.loads(text)["columns"]) == 50


def test_the_message_says_who_owns_it_and_who_is_called_and_hides_the_key(tmp_path: Path) -> None:
    owners = {"oncall": ["ann", "ben"], "turn": "1 week", "since": NOON.date(), "runbook": "https://wiki.example/7"}
    case = case_with(tmp_path, {**RULE, "owner": "risk"}, ownership=owners)
    message = message_of(decide(case.alerts, now(case, happening()))[0], case, NOON)
    assert message.text.splitlines()[1:] == [
        "Cause: fare times 100",
        "Next: Convert it back.",
        "Owner: risk",
        "On call: ann",
        "Rule: Severe; incident aaaaaaaaaaaaaaaa",
        "Runbook: https://wiki.example/7",
    ]
    assert "secret" not in shown(message, Target(routing_key="secret"))
