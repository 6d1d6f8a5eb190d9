"""Clauses of data quality: rows that fail a check more often than they did, and defects that were always there."""

from __future__ import annotations

import math

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause, elsewhere
from monitor.judgement.narration.figures import pair, share
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.timing import tense
from monitor.stats.counts.checks import CHECKS

_MISSING = "missing"
ROWS = "Rows"
"""What checks of whole rows are called."""


def quality_clause(finding: Finding, against: str) -> Clause:
    """Say that more or fewer rows fail a check.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="Age", method="default_value", before=0.001, after=0.08)
    >>> quality_clause(said, "the reference").claim, quality_clause(said, "the reference").figures
    ('Age is more often a stand-in for a missing value', '8% of rows against 0.1%')
    """
    more = finding.after > finding.before
    often = f"{'more' if more else 'less'} often"
    if finding.label == ROWS:
        often = f"{'More' if more else 'Fewer'} rows"
        claim = f"{often} {tense(finding, 'are', 'were')} {_told(finding)}"
    else:
        claim = f"{clean(finding.label)} {tense(finding, 'is', 'was')} {often} {_told(finding)}"
    told = pair(finding.before, finding.after, share)
    if told is None or math.isnan(finding.before) or math.isnan(finding.after):
        return Clause(claim)
    check = CHECKS.get(finding.method)
    return Clause(claim, f"{told[1]} of {check.of if check else 'rows'} against {told[0]}{elsewhere(against)}")


def defect_clause(finding: Finding, _against: str) -> Clause:
    """Say that rows fail a check, and that they did so before.

    >>> from monitor.judgement.narration.examples import example
    >>> defect_clause(example(label="Age", method="missing", after=0.21, before=0.2), "the reference").claim
    'Age is missing in 21% of rows, as before'
    """
    part = "" if math.isnan(finding.after) else f" in {share(finding.after)} of rows"
    if finding.label == ROWS:
        return Clause(f"Rows are {_told(finding)}{part.replace(' in ', ', ')}, as before")
    what = _MISSING if finding.method == _MISSING else _told(finding)
    return Clause(f"{clean(finding.label)} is {what}{part}, as before", _where(finding), joint="; ")


def _where(finding: Finding) -> str:
    """Say where values are missing, where one other column tells: at levels of it, or where it is low or high.

    >>> from monitor.judgement.narration.examples import example
    >>> _where(example(method="missing", where="Carrier", carried=("AA", "MQ"), note_share=0.92))
    '92% of that where Carrier is AA or MQ'
    >>> _where(example(method="missing", where="Visibility", note="low"))
    'more often where Visibility is low'
    """
    if finding.method != _MISSING or not finding.where:
        return ""
    if finding.carried:
        return f"{share(finding.note_share)} of that where {clean(finding.where)} is {' or '.join(clean(one) for one in finding.carried)}"
    return f"more often where {clean(finding.where)} is {clean(finding.note)}"


def _told(finding: Finding) -> str:
    check = CHECKS.get(finding.method)
    if check is None and finding.note:  # a clause of the contract says itself how its rows are
        return clean(finding.note)
    if check is None:
        return "not what they should be" if finding.label == ROWS else "not what it should be"
    return check.several if finding.label == ROWS else check.told
