"""Clauses of gaps between groups: what is done more or less often to a group than to all others, and whether it always was."""

from __future__ import annotations

import math
from collections.abc import Mapping

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause
from monitor.judgement.narration.figures import pair, share
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.timing import tense
from monitor.wording import number_text

SAYS: Mapping[str, str] = {
    "selection_rate": "{group} {is} decided {positive} {times} as often as {others}",
    "recall": "{Positives} of {group} {are} found {times} as often as those of {others}",
    "false_positive_rate": "False alarms {are} {times} as frequent for {group} as for {others}",
    "calibration_intercept": "Scores {are} too {way} for {group} compared with {others}",
    "mae": "Errors {are} {times} as large for {group} as for {others}",
}
"""What a gap means for people, by metric; of any other metric its name is told."""
OTHER = "{metric} of {group} {is} {times} that of {others}"


def gap_clause(finding: Finding, against: str) -> Clause:
    """Say what is done more or less often to a group than to all others, or than to one of them.

    >>> from dataclasses import replace
    >>> from monitor.judgement.narration.examples import example
    >>> from monitor.judgement.finding import FindingKind
    >>> one = example(FindingKind.GAP, label="Age 18-24", before=1.7, after=1.6, method="selection_rate", pair=(0.12, 0.075), note="stable")
    >>> gap_clause(one, "the reference").claim
    'Age 18-24 is still decided positive 1.6 times as often as others'
    >>> gap_clause(one, "the reference").figures
    '12% against 7.5%; 1.7 times in the reference too'
    >>> gap_clause(replace(one, method="recall", where="65+"), "the reference").claim
    'Positives of Age 18-24 are still found 1.6 times as often as those of 65+'
    """
    klass = clean(finding.carried[0]) if finding.carried else ""
    still = " still" if finding.note == "stable" else ""
    words = {
        "group": clean(finding.label),
        "others": clean(finding.where) or "others",
        "positive": klass or "positive",
        "Positives": f"Rows of {klass}" if klass else "Positives",
        "is": f"{tense(finding, 'is', 'was')}{still}",
        "are": f"{tense(finding, 'are', 'were')}{still}",
        "times": f"{number_text(finding.after, 2)} times",
        "way": "low" if finding.after > 1 else "high",
        "metric": finding.method.replace("_", " ").capitalize(),
    }
    told = [SAYS.get(finding.method, OTHER).format(**words)]
    return Clause(told[0], "; ".join(one for one in (_values(finding), _before(finding, against)) if one), joint=": ")


def _values(finding: Finding) -> str:
    """Return the values of the group and of the others: "12% against 7.5%"."""
    mine, others = finding.pair
    if math.isnan(mine) or math.isnan(others) or finding.method == "calibration_intercept":
        return f"odds {number_text(finding.after, 2)} times those the scores say" if finding.method == "calibration_intercept" else ""
    told = pair(others, mine) if finding.method == "mae" else pair(others, mine, share)
    return "" if told is None else f"{told[1]} against {told[0]}"


def _before(finding: Finding, against: str) -> str:
    """Say what the reference was like."""
    if math.isnan(finding.before) or finding.note == "unknown":
        return f"{against} cannot say whether it always was"
    too = " too" if finding.note == "stable" else ""
    return f"{number_text(finding.before, 2)} times in {against}{too}"
