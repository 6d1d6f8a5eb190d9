"""A finding in words: one sentence with its figures, or one headline without."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from monitor.judgement.finding import Finding, FindingKind, Measure
from monitor.judgement.narration import (
    agreed,
    causes,
    challengers,
    concerted,
    daily,
    explained,
    facts,
    gaps,
    jobs,
    joint,
    moves,
    operations,
    outliers,
    quality,
)
from monitor.judgement.narration.clauses import MOST_WORDS, REFERENCE, Clause, assemble, shortened
from monitor.judgement.narration.places import ELLIPSIS, clean
from monitor.judgement.narration.timing import days, of_version, when
from monitor.judgement.narration.windows import WindowNames

LABEL_LETTERS = 48
"""What a headline shows of a label."""
TOGETHER = frozenset({FindingKind.RELATION, FindingKind.RULE, FindingKind.JOINT})
BRIEFS: Mapping[FindingKind, Callable[[Finding, str], str]] = {
    FindingKind.RANGE: facts.range_brief,
    FindingKind.UNSEEN: facts.unseen_brief,
}
FORMS: Mapping[FindingKind, Callable[[Finding, str], Clause]] = {
    FindingKind.VALUE: moves.value_clause,
    FindingKind.MISSING: moves.missing_clause,
    FindingKind.METRIC: moves.metric_clause,
    FindingKind.QUALITY: quality.quality_clause,
    FindingKind.DEFECT: quality.defect_clause,
    FindingKind.OPERATION: operations.operation_clause,
    FindingKind.OBJECTIVE: operations.objective_clause,
    FindingKind.CONTRACT: agreed.contract_clause,
    FindingKind.RUN: jobs.run_clause,
    FindingKind.GAP: gaps.gap_clause,
    FindingKind.ESTIMATE: moves.estimate_gap_clause,
    FindingKind.SEGMENT: causes.segment_clause,
    FindingKind.CONCEPT: causes.concept_clause,
    FindingKind.RELATION: joint.relation_clause,
    FindingKind.RULE: joint.rule_clause,
    FindingKind.JOINT: joint.joint_clause,
    FindingKind.ADVERSARY: concerted.adversary_clause,
    FindingKind.OUTLIER: outliers.outlier_clause,
    FindingKind.ATTRIBUTION: explained.attribution_clause,
    FindingKind.INCIDENT: facts.incident_clause,
    FindingKind.CHALLENGER: challengers.challenger_clause,
    FindingKind.ARM: challengers.arm_clause,
    FindingKind.FIXED: moves.fixed_clause,
    FindingKind.UNSEEN: facts.unseen_clause,
    FindingKind.RANGE: facts.range_clause,
    FindingKind.CONSTANT: facts.constant_clause,
    FindingKind.REVIVED: facts.revived_clause,
    FindingKind.LEVEL: facts.level_clause,
    FindingKind.CLOCK: daily.clock_clause,
    FindingKind.LOST: facts.lost_clause,
    FindingKind.NEW: facts.new_clause,
    FindingKind.TYPE: facts.type_clause,
}


def sentence(finding: Finding, names: WindowNames, against: str = REFERENCE) -> str:
    """Say what a finding says: what moved, since when, from what to what.

    Parameters
    ----------
    finding
        One question; its figures are pooled over the run.
    names
        How the windows are called.
    against
        What the windows were compared with, such as "the reference" or "the window before".

    Returns
    -------
    str
        One sentence, at most 15 words before its first comma where the label is one word.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> sentence(example(FindingKind.MISSING, before=0.01, after=0.22), DAYS)
    'Amount is missing in 22% of rows since 1 Apr, against 1%.'
    """
    clause = FORMS[finding.kind](finding, against)
    return assemble(clause, of_version(finding, when(finding, names)))


def headline(finding: Finding, names: WindowNames, against: str = REFERENCE) -> str:
    """Say what a finding says in at most 15 words, without figures and full stop; a label that is too long is cut, and the time is left
    out where there is no room for all of it.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> headline(example(), DAYS)
    'Amount is distributed differently since 1 Apr'
    """
    if finding.kind is FindingKind.INCIDENT:  # what is told of it in short keeps its time while there is room
        forms = tuple(f"{clean(text)} {time}".rstrip() for time in (finding.note, "") for text in (finding.label, finding.brief) if text)
        return next((text for text in forms if len(text.split()) <= MOST_WORDS), shortened(forms[-1]))
    labels, claim = _labels(finding, names), FORMS[finding.kind](finding, against).claim
    dated, undated = ([_told(finding, label, one, against) for label in labels] for one in (names, names.undated))
    told = [*dated, *undated]  # a name is cut before the year is lost
    if finding.kind in BRIEFS:  # how many rows is told where there is room, when it was always
        briefs = [BRIEFS[finding.kind](replace(finding, label=label), against) for label in labels] if when(finding, names) else []
        short, plain = ([f"{brief} {when(finding, one)}".rstrip() for brief in briefs if brief] for one in (names, names.undated))
        told = [dated[0], *short, *dated[1:], *plain, *undated]
    if finding.kind is FindingKind.CONCEPT and finding.carried:
        both = (causes.concept_headlines(finding, when(finding, one), [clean(finding.carried[0])]) for one in (names, names.undated))
        told = [text for texts in both for text in texts]
    if finding.kind is FindingKind.ADVERSARY:  # the clock goes before the day does
        told = [dated[0], *(f"{claim} {days(finding, one)}".rstrip() for one in (names, names.undated)), claim]
    if finding.kind is FindingKind.SEGMENT:  # half a condition is another one
        somewhere = claim.removesuffix(f" where {clean(finding.label)}") + " in one segment"
        times = (when(finding, names), when(finding, names.undated), "")
        timed = [f"{said} {time}".rstrip() for said in (claim, somewhere) for time in times]
        return next((text for text in timed if len(text.split()) <= MOST_WORDS), somewhere)
    if finding.kind is FindingKind.RELATION and finding.measure is not Measure.ORDER:  # half of a pair is none
        told = [dated[0], undated[0], _told(finding, "Two columns", names, against)]
    if finding.kind in TOGETHER:  # what several columns do is told whole while the time can be left out
        told = [dated[0], undated[0], claim, *told[1:]]
    untimed = FORMS[finding.kind](replace(finding, label=labels[-1]), against).claim  # half a date is another one
    return next((text for text in (*told, untimed) if len(text.split()) <= MOST_WORDS), shortened(untimed))


def whole_claim(finding: Finding, names: WindowNames, against: str = REFERENCE) -> str:
    """Say what a finding says without figures, however long that is.

    >>> from monitor.judgement.narration.examples import DAYS, example
    >>> whole_claim(example(), DAYS)
    'Amount is distributed differently since 1 Apr'
    """
    return _told(finding, clean(finding.label), names, against)


def short_labels(label: str, others: Collection[str] = ()) -> list[str]:
    """Return a label and its ever shorter forms, the longest first; none that could as well be one of the `others`.

    >>> short_labels("Flights that day"), short_labels("Flights that day", ["Flights (all)", "Flights that day"])
    (['Flights that day', 'Flights that…', 'Flights…'], ['Flights that day', 'Flights that…'])
    """
    whole = clean(label)
    cut = whole if len(whole) <= LABEL_LETTERS else whole[:LABEL_LETTERS].rstrip() + ELLIPSIS
    words = cut.rstrip(ELLIPSIS).split()
    beside = [clean(one) for one in others if clean(one) != whole]
    shorter = (" ".join(words[:count]) for count in range(len(words) - 1, 0, -1))
    return [cut, *(form + ELLIPSIS for form in shorter if not any(one.startswith(form) for one in beside))]


def _labels(finding: Finding, names: WindowNames) -> list[str]:
    """Return what a headline may call the thing, the longest first: both names of an order whole."""
    shorter = short_labels(finding.label, names.labels)
    return [clean(finding.label), *shorter[1:]] if finding.measure is Measure.ORDER else shorter


def _told(finding: Finding, label: str, names: WindowNames, against: str) -> str:
    clause = FORMS[finding.kind](replace(finding, label=label), against)
    return f"{clause.claim} {of_version(finding, when(finding, names))}".rstrip()
