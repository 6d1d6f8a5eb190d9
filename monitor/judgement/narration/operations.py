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
ONCE = "1"
"""How many times that is not said: 1 times is just that."""


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
    if metric is None:  # the other finding that is about no metric: GAP, of hours with how many rows came then on any other day
        least = (
            ""
            if not math.isfinite(finding.before)
            else f"at least {plural(int(finding.before), 'row')} in these hours on any whole day of {against}"
        )
        return Clause("No row arrived", least)
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
    """Say how fast the budget of an objective burnt over the run, how fast at most, and when it will be gone at the pace of the last hours.

    Every figure is that of its own stretch of time: `score` the burn over the run, `extreme` the fastest over the hours `pair[0]` of the
    rule that rang, `after` the share left of the budget of `span_days`, `bound` the days that it lasts at the burn `pair[1]` of the last
    six hours.

    >>> from monitor.judgement.narration.examples import example
    >>> said = example(label="availability", score=4.5, extreme=39.0, after=0.62, bound=1.06, pair=(1, 17.5), span_days=30)
    >>> objective_clause(said, "the reference").claim
    "'availability' burns its budget 4.5 times as fast as allowed"
    >>> objective_clause(said, "the reference").figures
    "up to 39 times within 60 minutes, 62% of the budget of 30 days left, gone in 25 hours at the last 6 hours' 18 times"
    >>> objective_clause(example(label="latency", score=1.02, extreme=1.04, after=-0.01, pair=(72, 1), span_days=30), "the reference")
    Clause(claim="'latency' burns its budget too fast", figures='all of the budget of 30 days gone', joint=': ')
    """
    claim = f"'{clean(finding.label)}' {tense(finding, 'burns', 'burnt')} its budget"
    if not math.isfinite(finding.score) or not math.isfinite(finding.after):
        return Clause(f"{claim} too fast")
    told = [_fastest(finding), _left(finding)]
    fast = value(finding.score, 2)
    slow = (finding.score <= 1 and math.isfinite(finding.extreme)) or fast == ONCE  # most of a window may be well that has a bad hour
    claim = f"{claim} too fast" if slow else f"{claim} {fast} times as fast as allowed"
    return Clause(claim, ", ".join(part for part in told if part))


def _fastest(finding: Finding) -> str:
    """Say how fast a budget burnt at most, where that is another figure than that of the whole run."""
    hours, fastest = finding.pair[0], value(finding.extreme, 2)
    if not math.isfinite(finding.extreme) or not math.isfinite(hours) or fastest in (value(finding.score, 2), ONCE):
        return ""
    return f"up to {fastest} times within {_lasting(hours / 24)}"


def _left(finding: Finding) -> str:
    """Say what is left of a budget, and how long that lasts."""
    days = f"the budget of {_lasting(finding.span_days)}" if math.isfinite(finding.span_days) else "the budget"
    if finding.after <= 0:
        times = value(1 - finding.after, 2)
        return f"all of {days} gone" if times == ONCE else f"{times} times {days} gone"
    left, pace = f"{share(finding.after)} of {days} left", finding.pair[1]
    if not finding.ongoing or not math.isfinite(finding.bound) or not pace > 1:
        return left
    return f"{left}, gone in {_lasting(finding.bound)} at the last 6 hours' {value(pace, 2)} times"


def _lasting(days: float) -> str:
    """Write a stretch of time.

    >>> _lasting(0.74), _lasting(3.2), _lasting(0.02)
    ('18 hours', '3 days', '29 minutes')
    """
    size, unit = next(((size, unit) for size, unit in ((1.0, "day"), (1 / 24, "hour")) if days >= 2 * size), (1 / 1440, "minute"))
    return plural(max(round(days / size), 1), unit)
