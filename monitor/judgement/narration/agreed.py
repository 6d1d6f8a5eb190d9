"""Clauses of contracts: rows that break what was agreed, what they hold, and how many may."""

from __future__ import annotations

import math

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause
from monitor.judgement.narration.figures import share
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.timing import tense
from monitor.wording import list_text, plural

ROWS = "Rows"
NO_ROWS = ("required", "new_column")
"""Clauses of whole columns, that no single row breaks."""
OF_ROWS = ("missing", "rule", "never", "range_by")
SHOWN = 3


def contract_clause(finding: Finding, _against: str) -> Clause:
    """Say that rows break a clause: `note` is how they are, `after` their share, `bound` the share that may, `carried` values that
    `note_share` of them hold: how many values the others have nobody counted.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="Distance", note="outside 80 to 4,983", rows=1, after=0.0002, bound=0.0, carried=("17",), method="range")
    >>> contract_clause(said, "the reference")
    Clause(claim='Distance is outside 80 to 4,983', figures='1 row: 17', joint=': ')
    >>> _figures(example(rows=90, bound=0.0, carried=("7", "8", "9", "6"), note_share=0.5, method="range"))
    '90 rows: 7, 8, 9 and others'
    """
    several = finding.label == ROWS
    verb = tense(finding, "are", "were") if several else tense(finding, "is", "was")
    claim = f"{'Some rows' if several else clean(finding.label)} {verb} {clean(finding.note) or 'not as agreed'}"
    if finding.method in NO_ROWS:
        return Clause(claim)
    if finding.method == "shift":
        return Clause(claim, f"a level's share moved by {share(finding.after)}, {share(finding.bound)} is allowed")
    return Clause(claim, _figures(finding))


def _figures(finding: Finding) -> str:
    part = (
        ""
        if math.isnan(finding.after) or finding.rows < SHOWN
        else f", {share(finding.after)} of {'rows' if finding.method in OF_ROWS else 'values'}"
    )
    said = plural(finding.rows, "row") + part
    if finding.bound > 0:
        said += f" where {share(finding.bound)} is allowed"
    values = list_text([clean(one) for one in finding.carried], SHOWN)
    if len(finding.carried) > SHOWN and finding.note_share < 1:
        values = f"{', '.join(clean(one) for one in finding.carried[:SHOWN])} and others"
    return f"{said}: {values}" if values else said
