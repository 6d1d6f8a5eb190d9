"""Why predictions moved, in words: what a column adds to them, and the change of their mean in its largest parts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import MOST_WORDS, Clause, shortened
from monitor.judgement.narration.figures import about, number, pair, share
from monitor.judgement.narration.places import clean, name_of, quoted
from monitor.judgement.narration.timing import tense
from monitor.wording import plural

HARDLY, LITTLE = 0.15, 0.02
"""Part of what one column adds, and of the mean itself, below which the mean is told to have hardly moved."""
MORE = 1.1
"""Parts of the change up to which columns are told to account for it; where they add more, others take it back and both are told."""
MOST = 0.5
"""Part of the change from which columns are told to account for it: below, more than half of it is that of others."""
WITH = 0.15
"""Part of the largest addition from which a second column is named beside it."""


def attribution_clause(finding: Finding, against: str) -> Clause:
    """Say what a column adds to predictions, or to those of a stand-in.

    >>> from dataclasses import replace
    >>> from monitor.judgement.finding import FindingKind
    >>> from monitor.judgement.narration.examples import example
    >>> found = example(FindingKind.ATTRIBUTION, method="contribution", before=0.0, after=-0.021)
    >>> attribution_clause(found, "the reference")
    Clause(claim='Amount lowers predictions', figures='by 0.021 on average', joint=', ')
    >>> attribution_clause(replace(found, stand_in=True), "the reference").claim
    "Amount lowers a stand-in's predictions"
    """
    label, whose = clean(finding.label), f" of {quoted(finding.note)}" if finding.note else ""
    what = f"a stand-in's predictions{whose}" if finding.stand_in else f"predictions{whose}"
    if finding.method == "contribution":
        claim = tense(finding, "raises", "raised") if finding.after > 0 else tense(finding, "lowers", "lowered")
        return Clause(f"{label} {claim} {what}", f"by {number(abs(finding.after), 2)} on average", joint=", ")
    told = pair(finding.before, finding.after)
    claim = f"{label} {tense(finding, 'matters', 'mattered')} {'more' if finding.after > finding.before else 'less'} to {what}"
    figures = f"mean size {told[1]} against {told[0]}" if told else f"mean size {about(finding.before, finding.after)}"
    return Clause(claim, figures, joint=", ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The change of a mean from `before` to `after`, with the 95 % interval of the change and its `parts` by label, without those that
    chance may explain (`unsure`, with how far each may lie off); `subject` is what is meant, such as "The mean probability"."""

    subject: str
    before: float
    after: float
    lower: float
    upper: float
    parts: Sequence[tuple[str, float]]
    unsure: Sequence[tuple[str, float, float]] = ()


def change_headline(change: Change) -> str:
    """Say how the mean moved, and which columns account for most of it, in at most 15 words; where those beyond chance do not, the
    largest part is told with its interval.

    >>> told = dict(subject="The mean probability", before=0.21, after=0.24, lower=0.02, upper=0.04)
    >>> change_headline(Change(**told, parts=[("Hour (h)", 0.018), ("Humidity (%)", 0.007), ("Wind", -0.002)]))
    'The mean probability rose from 0.21 to 0.24: Hour and Humidity account for 0.025.'
    >>> change_headline(Change(**told, parts=[("Hour (h)", 0.06), ("Humidity (%)", -0.03)]))
    'The mean probability rose from 0.21 to 0.24: Hour +0.06, Humidity −0.03.'
    >>> change_headline(Change(**told, parts=[("Wind", 0.002)], unsure=[("Hour (h)", 0.02, 0.03)]))
    'The mean probability rose from 0.21 to 0.24: perhaps Hour +0.02 (−0.01 to +0.05).'
    >>> change_headline(Change(**told, parts=[], unsure=[("Hour (h)", 0.02, 0.03)]))
    "The mean probability rose from 0.21 to 0.24: no column's part is beyond chance."
    """
    moved, step = change.after - change.before, _pair(change)
    parts = sorted(((name_of(clean(label)), part) for label, part in change.parts), key=lambda one: -abs(one[1]))
    largest = abs(parts[0][1]) if parts else 0.0
    if not parts and change.unsure:
        return _without_parts(change, step)
    if not parts or not largest:
        return f"{change.subject} is {step[1]}, against {step[0]}: no column adds to it." if moved else _unmoved(change)
    if _within_chance(change):  # and by so much that parts which are beyond it do not say why
        return _fitting([f"{_steady(change, step)}."])
    if hardly_moved(change):
        return _fitting(
            [f"{_steady(change, step)}: {told}." for told in (_both(parts[:2]), _both(parts[:1]))] + [f"{_steady(change, step)}."]
        )
    claim = f"{change.subject} {'rose' if moved > 0 else 'fell'} from {step[0]} to {step[1]}"
    return _fitting([f"{claim}{': ' if one else ''}{one}." for one in _causes(change, parts)])


def _causes(change: Change, parts: Sequence[tuple[str, float]]) -> list[str]:
    """Say which columns moved the mean, the longest text first: those beyond chance where they account for most of the change and are not
    taken back, else the largest part, be it one that chance may explain."""
    moved = change.after - change.before
    along = [one for one in parts if one[1] * moved > 0][:2]
    named = along if len(along) < 2 or abs(along[1][1]) >= WITH * abs(along[0][1]) else along[:1]
    told = math.fsum(part for _, part in named) / moved
    if MOST <= told <= MORE:
        return [_accounted(named), *([_accounted(named[:1])] if named[0][1] / moved >= MOST else []), ""]
    unsure = [one for one in change.unsure if one[1] * moved > 0 and abs(one[1]) > max((abs(part) for _, part in along), default=0.0)]
    if told < MOST and unsure:
        return [_perhaps(*max(unsure, key=lambda one: abs(one[1]))), ""]
    both = [one for one in parts[:2] if abs(one[1]) >= WITH * abs(parts[0][1])]
    return [_both(both), _both(parts[:1]), ""]


def _perhaps(label: str, part: float, half: float) -> str:
    return f"perhaps {name_of(clean(label))} {signed(part)} ({signed(part - half)} to {signed(part + half)})"


def steady(change: Change) -> str:
    """Say in how far a mean did not move: "hardly moved", or by much and yet "moved within chance"; empty where it moved.

    >>> told = dict(subject="The mean", before=0.46, lower=-1.0, upper=0.1, parts=[("Hour", 0.3)])
    >>> steady(Change(**told, after=0.45)), steady(Change(**told, after=-0.02)), steady(Change(**told | {"upper": -0.1}, after=-0.02))
    ('hardly moved', 'moved within chance', '')
    """
    if not hardly_moved(change):
        return ""
    return "moved within chance" if _within_chance(change) else "hardly moved"


def _within_chance(change: Change) -> bool:
    """Say whether a mean moved by no more than chance, and yet not by little."""
    return change.lower <= 0 <= change.upper and abs(change.after - change.before) >= _little(change)


def hardly_moved(change: Change) -> bool:
    """Say whether a mean moved by no more than chance, or by little beside itself and what its largest part would have moved it.

    >>> told = dict(subject="The mean probability", before=0.21, lower=0.001, upper=0.04)
    >>> hardly_moved(Change(**told, after=0.214, parts=[])), hardly_moved(Change(**told, after=0.24, parts=[("Hour", 0.018)]))
    (True, False)
    """
    return change.lower <= 0 <= change.upper or abs(change.after - change.before) < _little(change)


def _little(change: Change) -> float:
    largest = max((abs(part) for _, part in change.parts), default=0.0)
    return max(HARDLY * largest, LITTLE * max(abs(change.before), abs(change.after)))


def _without_parts(change: Change, step: tuple[str, str]) -> str:
    """Say how a mean moved of which chance may explain the part of every column."""
    moved = change.after - change.before
    if hardly_moved(change):
        return f"{_steady(change, step)}."
    verb = "rose" if moved > 0 else "fell"
    return _fitting([f"{change.subject} {verb} from {step[0]} to {step[1]}: no column's part is beyond chance."])


def _unmoved(change: Change) -> str:
    return f"{change.subject} is {number(change.after)}, as before."


def _steady(change: Change, step: tuple[str, str]) -> str:
    return f"{change.subject} {steady(change)} ({step[0]} to {step[1]})" if step[0] != step[1] else f"{change.subject} stayed at {step[0]}"


def _both(parts: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{label} {signed(part)}" for label, part in parts)


def _accounted(parts: Sequence[tuple[str, float]]) -> str:
    verb = "account for" if len(parts) > 1 else "accounts for"
    return f"{' and '.join(label for label, _ in parts)} {verb} {number(abs(math.fsum(part for _, part in parts)), 2)}"


def signed(part: float) -> str:
    """Write a part of a change with its sign.

    >>> signed(0.0213), signed(-0.5), signed(0.0)
    ('+0.021', '−0.5', '0')
    """
    return f"{'+' if part > 0 else '−' if part < 0 else ''}{number(abs(part), 2)}"


def _fitting(texts: Sequence[str]) -> str:
    return next((text for text in texts if len(text.split()) <= MOST_WORDS), shortened(texts[-1]))


def _pair(change: Change) -> tuple[str, str]:
    told = pair(change.before, change.after)
    return told or (number(change.before), number(change.after))


def against_text(change: Change) -> str:
    """Say which column moved the mean most the other way; empty where none did by much.

    >>> told = dict(subject="The mean", before=0.2, after=0.3, lower=0.0, upper=0.2)
    >>> against_text(Change(**told, parts=[("Hour", 0.13), ("Wind", -0.03)]))
    'Against it: Wind −0.03.'
    """
    moved = change.after - change.before
    other = [(name_of(clean(label)), part) for label, part in change.parts if part * moved < 0]
    largest = max((abs(part) for _, part in change.parts), default=0.0)
    label, part = min(other, key=lambda one: -abs(one[1]), default=("", 0.0))
    return f"Against it: {label} {signed(part)}." if abs(part) >= WITH * largest and part else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """How a model's answers compare with the logged ones on `n` rows: whether they are the same (`reproduced`) or go along (`alike`), the
    share that is, the `largest` difference (nan for classes), their `correlation`, and what the first window with a
    difference is called."""

    n: int
    reproduced: bool
    alike: bool
    share_equal: float
    largest: float
    correlation: float
    window: str


def production_check(check: Check | None) -> str:
    """Say whether the model says what was logged of production; empty where nothing was compared.

    >>> told = dict(n=900, alike=False, correlation=0.9, window="week of 1 Apr")
    >>> production_check(Check(**told, reproduced=True, share_equal=1.0, largest=0.00005))
    'The model says what was logged in 100% of 900 production rows.'
    """
    if check is None or not check.n:
        return ""
    told = f"in {share(check.share_equal)} of {plural(check.n, 'production row')}"
    if check.reproduced:
        return f"The model says what was logged {told}."
    far = "" if math.isnan(check.largest) else f", off by up to {number(check.largest, 2)}"
    first = f", first in {check.window}" if check.window else ""
    return (
        f"The model says what was logged {told} only{far}{first}: rows reach it otherwise where it serves, or another version served them."
    )


def reference_check(check: Check | None) -> str:
    """Say whether the model says what was logged of the reference, or whether scores there are out-of-fold.

    >>> told = dict(n=900, reproduced=False, share_equal=0.1, largest=0.3, window="")
    >>> reference_check(Check(**told, alike=True, correlation=0.913))
    'The reference is out-of-fold: its logged scores are those of sister models (correlation 0.91), so the model says others there.'
    >>> reference_check(Check(**told, alike=False, correlation=0.4)).startswith("The model does not say what was logged of the reference")
    True
    """
    if check is None or not check.n:
        return ""
    if check.reproduced:
        return "It says what was logged of the reference too."
    if check.alike:
        told = f"its logged scores are those of sister models (correlation {number(check.correlation, 2)})"
        return f"The reference is out-of-fold: {told}, so the model says others there."
    return (
        f"The model does not say what was logged of the reference ({share(check.share_equal)} of rows equal), nor anything like it: "
        "look whether it is the model that made these scores."
    )
