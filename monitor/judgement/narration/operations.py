"""Clauses of operations: metrics of the service, gaps without rows, objectives whose budget burns."""

from __future__ import annotations

import math

from monitor.judgement.finding import Finding
from monitor.judgement.narration.clauses import Clause, elsewhere
from monitor.judgement.narration.figures import pair, share, value
from monitor.judgement.narration.places import clean
from monitor.judgement.narration.timing import tense
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.wording import plural

OVERSPENT = "overspent"
"""Name of the finding that a month will cost more than its budget."""
GAP = "gap"
"""Name of the finding that windows have no row at all."""


def operation_clause(finding: Finding, against: str) -> Clause:
    """Say how a metric of the service moved, in its unit.

    >>> from monitor.judgement.narration.examples import example
    >>> operation_clause(example(method="latency_p95_ms", label="95 % of latency", before=62.1, after=199.8), "the reference").figures
    '200 ms against 62 ms'
    >>> operation_clause(example(method="error_share", label="Share of errors", before=0.001, after=0.023), "the reference").figures
    '2.3% against 0.1%'
    """
    metric = OPERATIONS.get(finding.method)
    if finding.method == OVERSPENT:
        low, high = (value(end) for end in finding.pair)
        return Clause(f"{clean(finding.label)} heads beyond its budget", f"{low} to {high} at its end, {value(finding.before)} are allowed")
    if metric is None:  # the other finding that is about no metric: GAP
        return Clause("No row arrived")
    up = finding.after > finding.before
    are = ("are", "were") if metric.plural else ("is", "was")
    claim = f"{clean(finding.label)} {tense(finding, *are)} {'higher' if up else 'lower'}"
    if math.isnan(finding.after) or math.isnan(finding.before):
        return Clause(claim)
    if metric.unit == "s":
        return Clause(claim, f"{_lasting(finding.after / 86_400)} against {_lasting(finding.before / 86_400)}{elsewhere(against)}")
    told = pair(finding.before, finding.after, share if metric.is_share else value)
    if told is None:
        return Clause(claim)
    unit = f" {metric.unit}" if metric.unit in ("ms", "days") else ""
    return Clause(claim, f"{told[1]}{unit} against {told[0]}{unit}{elsewhere(against)}")


def objective_clause(finding: Finding, _against: str) -> Clause:
    """Say how fast the budget of an objective burns, and when it will be gone at that pace.

    `score` is the burn, `after` the share of the budget that is left, `note` what a rule calls for, `bound` the days that it lasts.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="availability", score=16.2, after=0.4, bound=0.74)
    >>> objective_clause(said, "the reference").claim, objective_clause(said, "the reference").figures
    ("'availability' burns its budget 16 times as fast as allowed", '40% of it is left, gone in 18 hours at this pace')
    """
    claim = f"'{clean(finding.label)}' {tense(finding, 'burns', 'burnt')} its budget"
    if not math.isfinite(finding.score) or not math.isfinite(finding.after):
        return Clause(f"{claim} too fast")
    claim = f"{claim} {value(finding.score, 2)} times as fast as allowed"
    if finding.after <= 0:
        return Clause(claim, f"overspent, {value(1 - finding.after, 2)} times of it gone")
    left = f"{share(finding.after)} of it is left"
    if not finding.ongoing or not math.isfinite(finding.bound):
        return Clause(claim, left)
    return Clause(claim, f"{left}, gone in {_lasting(finding.bound)} at this pace")


def _lasting(days: float) -> str:
    """Write a stretch of time.

    >>> _lasting(0.74), _lasting(3.2), _lasting(0.02)
    ('18 hours', '3 days', '29 minutes')
    """
    size, unit = next(((size, unit) for size, unit in ((1.0, "day"), (1 / 24, "hour")) if days >= 2 * size), (1 / 1440, "minute"))
    return plural(max(round(days / size), 1), unit)
