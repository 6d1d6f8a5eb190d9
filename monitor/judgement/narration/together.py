"""Columns that changed together: findings that begin and end at the same windows are told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.judgement.finding import Direction, Finding, FindingKind
from monitor.judgement.narration.clauses import Clause, assemble
from monitor.judgement.narration.places import inside
from monitor.judgement.narration.timing import tense, when
from monitor.judgement.narration.windows import WindowNames
from monitor.wording import count_text, list_text, plural

LEAST = 3
"""Columns from which on a group is told as one."""
NAMED = 3
_SCHEMA = frozenset({FindingKind.LOST, FindingKind.NEW, FindingKind.TYPE})


@dataclass(frozen=True, slots=True)
class Told:
    """Findings as they are told: `groups` of at least three columns that changed together, and those `alone`; both in the given order."""

    groups: tuple[tuple[Finding, ...], ...]
    alone: tuple[Finding, ...]


def together(findings: Sequence[Finding]) -> Told:
    """Group findings that begin and end at the same windows, of three columns or more.

    Columns that are lost, new or of another type are grouped among themselves. What is known of one judged window only is not grouped:
    there everything begins and ends at once.

    >>> from monitor.judgement.narration.examples import example
    >>> told = together([*(example(what=name) for name in "abc"), example(what="d", first=5)])
    >>> [len(group) for group in told.groups], len(told.alone)
    ([3], 1)
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        groups.setdefault(_times(one), []).append(one)
    kept = tuple(tuple(group) for group in groups.values() if len(columns_of(group)) >= LEAST and group[0].judged != 1)
    grouped = {id(one) for group in kept for one in group}
    return Told(kept, tuple(one for one in findings if id(one) not in grouped))


def _times(finding: Finding) -> tuple[object, ...]:
    kind = finding.kind if finding.kind in _SCHEMA else None
    return finding.first, finding.last, finding.window, finding.last_window, finding.ongoing, kind


def columns_of(findings: Sequence[Finding]) -> list[str]:
    """Return labels as they stand within a sentence, one for each column, in order.

    >>> from monitor.judgement.narration.examples import example
    >>> columns_of([example(), example(label="Fare (€)", what="f")])
    ['amount', 'fare']
    """
    return list({one.what: inside(one.label, one.what) for one in findings}.values())


def together_sentence(group: Sequence[Finding], names: WindowNames, noun: str = "column") -> str:
    """Say that several columns changed together: when, and which.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> together_sentence([example(what=name, label=name) for name in "abcd"], DAYS)
    '4 columns changed together since 1 Apr: a, b, c and 1 more.'
    """
    columns = columns_of(group)
    claim = f"{plural(len(columns), noun)} {_verb(group)}"
    return assemble(Clause(claim, list_text(columns, NAMED)), when(group[0], names))


def together_headline(group: Sequence[Finding], names: WindowNames, noun: str = "column") -> str:
    """Say in a few words that several columns changed together.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> together_headline([example(what=name) for name in "abcd"], DAYS)
    '4 columns changed together since 1 Apr'
    """
    return f"{count_text(len(columns_of(group)))} {noun}s {_verb(group)} {when(group[0], names)}".rstrip()


def _verb(group: Sequence[Finding]) -> str:
    """Say what happened to all of a group."""
    if all(one.kind is FindingKind.MISSING and one.direction is Direction.MORE for one in group):
        return "lost values together"
    are = tense(group[0], "are", "were")
    schema = {FindingKind.LOST: f"{are} gone", FindingKind.NEW: f"{are} new", FindingKind.TYPE: "changed their type"}
    return schema.get(group[0].kind, "changed together")
