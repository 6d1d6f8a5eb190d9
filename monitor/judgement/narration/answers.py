"""The state of a whole screen: one headline of at most 15 words, and the doubt about it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.clauses import MOST_WORDS, REFERENCE, shortened
from monitor.judgement.narration.moves import value_clause
from monitor.judgement.narration.places import clean, inside
from monitor.judgement.narration.sentences import headline, short_labels
from monitor.judgement.narration.timing import of_version, tense, when
from monitor.judgement.narration.together import columns_of, together, together_sentence
from monitor.judgement.narration.windows import WindowNames
from monitor.wording import count_text, number_text, plural

TOLD_GROUPS = 2
"""Groups of columns that the doubt names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a screen says first: the `headline`, and in the second line what is uncertain or not seen (`doubt`, may be empty)."""

    headline: str
    doubt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What was looked at: so many `columns` (called `noun`; lost and new ones count), of which `unjudged` could not be judged, `why` as a
    phrase ("too few rows"); and how many findings are expected to be `false_alarms` (nan if unknown)."""

    columns: int
    noun: str = "column"
    unjudged: int = 0
    why: str = ""
    false_alarms: float = math.nan


def answer(
    findings: Sequence[Finding],
    *,
    columns: int,
    names: WindowNames,
    noun: str = "column",
    unjudged: int = 0,
    why: str = "",
    false_alarms: float = math.nan,
) -> Answer:
    """Say how many columns changed and which of them matters most.

    Parameters
    ----------
    findings
        What was found, what matters most first.
    columns
        How many columns (called `noun`) were looked at.
    names
        How the windows are called.
    unjudged, why
        How many could not be judged, and why, as a phrase ("too few rows").
    false_alarms
        How many of the columns named are expected to have been named by chance; nan if it is not known.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> answer([example(), example(label="Fare", what="fare")], columns=20, names=DAYS).headline
    '2 of 20 columns changed; amount most, since 1 Apr.'
    """
    scope = Scope(columns=columns, noun=noun, unjudged=unjudged, why=why, false_alarms=false_alarms)
    if findings:
        return Answer(_changed(findings, scope, names), _doubt(findings, scope, names))
    if unjudged >= columns:
        return Answer(*_nothing(why))
    return Answer(
        f"None of {plural(columns, noun)} {'differs' if names.beside else 'changed'} beyond chance.", _doubt(findings, scope, names)
    )


def predictions_answer(
    findings: Sequence[Finding],
    *,
    outputs: int,
    names: WindowNames,
    unjudged: int = 0,
    why: str = "",
    false_alarms: float = math.nan,
) -> Answer:
    """Say whether the model answers differently; parameters as of `answer`, `outputs` are what it answers (prediction, score).

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> predictions_answer([], outputs=2, names=DAYS).headline
    "The model's answers did not change beyond chance."
    >>> predictions_answer([example(label="Probability of fraud", version="v2")], outputs=2, names=DAYS).headline
    'Probability of fraud is distributed differently for model version v2 since 1 Apr.'
    """
    scope = Scope(columns=outputs, noun="output", unjudged=unjudged, why=why, false_alarms=false_alarms)
    if not findings and unjudged >= outputs:
        return Answer(*_nothing(why))
    doubt = _doubt(findings, scope, names)
    return Answer(_differently(findings[0], names) if findings else "The model's answers did not change beyond chance.", doubt)


def _nothing(why: str) -> tuple[str, str]:
    """Return headline and doubt where nothing could be judged."""
    text = f"Nothing could be judged: {clean(why).rstrip('.')}." if why else "Nothing could be judged."
    return (text, "") if len(text.split()) <= MOST_WORDS else ("Nothing could be judged.", f"{why[:1].upper()}{why[1:].rstrip('.')}.")


def _fit(texts: Sequence[str]) -> str:
    """Return the first text that is short enough."""
    return next((text for text in texts if len(text.split()) <= MOST_WORDS), shortened(texts[-1]))


def _changed(findings: Sequence[Finding], scope: Scope, names: WindowNames) -> str:
    first, changed = findings[0], len(columns_of(findings))
    if scope.columns == 1:
        return f"{headline(first, names)}."
    of = f"{count_text(changed)} of {plural(max(scope.columns, changed), scope.noun)} {names.differ}"
    back = "" if names.beside or any(one.ongoing for one in findings) else " and came back"
    most = "; {} most" if changed > 1 else ": {}"
    labels = [most.format(inside(label, first.what)) for label in short_labels(first.label, names.labels)]
    timed, short = (f", {when(first, one)}" if when(first, one) else "" for one in (names, names.undated))
    told = [f"{of}{back}{label}{timed}." for label in labels]
    whole = [told[0], f"{of}{labels[0]}{timed}.", *told[1:], f"{of}{labels[-1]}{timed}."]
    cut = [f"{of}{labels[0]}{short}.", f"{of}{labels[-1]}{short}."]
    return _fit([*whole, *cut, f"{of}{back}{labels[0]}.", f"{of}{back}."])


def _differently(finding: Finding, names: WindowNames) -> str:
    said = f"The model {tense(finding, 'answers', 'answered')} differently"
    timed = f"{said} {of_version(finding, when(finding, names))}".rstrip()
    figures = value_clause(finding, REFERENCE).figures if finding.kind is FindingKind.VALUE else ""
    moved = headline(finding, names)
    told = [f"{timed}: {inside(finding.label, finding.what)} {figures}."] if figures else []
    return _fit([*told, f"{said}: {moved}.", f"{moved}."])


def _doubt(findings: Sequence[Finding], scope: Scope, names: WindowNames) -> str:
    groups = [together_sentence(group, names, scope.noun) for group in together(findings).groups[:TOLD_GROUPS]]
    said = [*groups, false_alarms_text(scope.false_alarms, len(columns_of(findings)), scope.noun), _unjudged(scope)]
    return " ".join(text for text in said if text)


def false_alarms_text(expected: float, named: int, noun: str = "column") -> str:
    """Say how many of what is named may be named by chance; empty where nothing is, or it is not known.

    >>> false_alarms_text(0.15, 3), false_alarms_text(2.2, 40)
    ('Fewer than one of these 3 columns is expected to be a false alarm (about 0.15).', 'About 2 of these 40 columns may be false alarms.')
    """
    if math.isnan(expected) or named == 0:
        return ""
    some = f"this {noun}" if named == 1 else f"these {plural(named, noun)}"
    if named == 1:
        return f"The chance that {some} is a false alarm is at most about {number_text(100 * min(expected, 1.0), 2)}%."
    if expected < 1:
        return f"Fewer than one of {some} is expected to be a false alarm (about {number_text(expected, 2)})."
    return f"About {number_text(min(float(round(expected)), named))} of {some} may be false alarms."


def _unjudged(scope: Scope) -> str:
    if scope.unjudged <= 0:
        return ""
    why = f": {clean(scope.why).rstrip('.')}" if scope.why else ""
    return f"{plural(min(scope.unjudged, scope.columns), scope.noun)} could not be judged{why}."
