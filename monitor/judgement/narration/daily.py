"""Clauses of columns whose values come at another hour of the day."""

from __future__ import annotations

import math

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.timing import tense
from monitor.wording import plural


def clock_clause(finding: Finding, _against: str) -> Clause:
    """Say by how many hours values come later or earlier in the day where the day has the shape that it had, and when they are highest.

    >>> from monitor.judgement.finding import FindingKind
    >>> from monitor.judgement.narration.examples import example
    >>> clock_clause(example(FindingKind.CLOCK, after=-6.0, pair=(14.0, 8.0)), "the reference")
    Clause(claim='Amount comes 6 hours earlier in the day', figures='highest about 8:00 on average, about 14:00 before', joint=': ')
    """
    whole = math.isfinite(finding.after) and round(finding.after) != 0
    hours = f"{plural(round(abs(finding.after)), 'hour')} {'later' if finding.after > 0 else 'earlier'} in the day" if whole else ""
    claim = f"{clean(finding.label)} {tense(finding, 'comes', 'came')} {hours or 'at other hours of the day'}"
    before, now = (f"{one:.0f}:00" for one in finding.pair)
    return Clause(claim, "" if before == now else f"highest about {now} on average, about {before} before")
