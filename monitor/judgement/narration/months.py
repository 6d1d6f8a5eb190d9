"""What a month costs, in words."""

from __future__ import annotations

from monitor.analyses.spending import Spending
from monitor.judgement.narration.figures import number
from monitor.wording import plural


def month_text(found: Spending) -> str:
    """Say what the newest month costs and will have cost; of a month that is over only what it did."""
    made = found.forecast
    name, budget = f"{found.month:%B %Y}", "" if found.budget is None else f" Its budget is {number(found.budget)}."
    cost = f"{name} cost {number(made.so_far)} in {plural(made.days, 'whole day')}"
    if made.days == made.length:
        return f"{cost}.{budget}"
    ends = f"{number(made.lower)} to {number(made.upper)} are expected at its end (95 %)"
    return f"{cost}; {ends}{_by(found)}.{budget}"


def _by(found: Spending) -> str:
    """Say by which days it is expected, where not by all."""
    if found.changed is None:
        return ""
    day = f"{found.changed.day} {found.changed:%B}"
    if found.forecast.by < found.forecast.days:
        return f", by the {plural(found.forecast.by, 'day')} since {day}, when its cost changed"
    return f", by all of its days: there are too few since {day}, when its cost changed"
