from __future__ import annotations

from typing import Any

import pytest

from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.examples import DAYS
from monitor.judgement.narration.examples import example as found
from monitor.judgement.narration.together import together, together_headline, together_sentence
from tests.judgement.narration.findings_told import OVER


def group(count: int, **changes: Any) -> list[Finding]:
    return [found(**{"what": f"c{i}", "label": f"c{i}", **changes}) for i in range(count)]


def test_what_begins_and_ends_at_once_is_told_once() -> None:
    alone = found(what="other", first=9)
    told = together([*group(3), alone, *group(3, **OVER)])
    assert ([len(one) for one in told.groups], told.alone) == ([3, 3], (alone,))


@pytest.mark.parametrize(
    "findings",
    [group(2), group(3, what="one"), group(3, judged=1), [*group(2), *group(1, kind=FindingKind.LOST, what="z")]],
    ids=["two", "one column", "one window", "a lost column among them"],
)
def test_what_is_not_told_as_one(findings: list[Finding]) -> None:
    told = together(findings)
    assert (told.groups, told.alone) == ((), tuple(findings))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "8 columns changed together since 1 Apr: c0, c1, c2 and 5 more."),
        (OVER, "8 columns changed together from 15 to 28 Jun: c0, c1, c2 and 5 more."),
        ({"kind": FindingKind.LOST}, "8 columns are gone since 1 Apr: c0, c1, c2 and 5 more."),
        ({"kind": FindingKind.NEW}, "8 columns are new since 1 Apr: c0, c1, c2 and 5 more."),
        ({"kind": FindingKind.TYPE}, "8 columns changed their type since 1 Apr: c0, c1, c2 and 5 more."),
    ],
)
def test_a_group_in_words(changes: dict[str, Any], words: str) -> None:
    findings = group(8, **changes)
    assert together_sentence(findings, DAYS) == words
    assert words.startswith(together_headline(findings, DAYS) + ":")
