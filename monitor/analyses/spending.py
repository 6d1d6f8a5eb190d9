"""What the service costs in the newest month, day by day, and what it will have cost at its end."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from monitor.analyses.serving import HOUR_US, Serving
from monitor.engine import NO_TIME
from monitor.stats.operations.forecast import Forecast, month_end

DAY_US = 24 * HOUR_US
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """The newest month: its first day, the `costs` of its days from `began` on, the forecast, the budget (None: none is set), and the
    day since which it costs otherwise (None: none is known)."""

    month: date
    began: date
    costs: tuple[float, ...]
    length: int
    forecast: Forecast
    budget: float | None
    changed: date | None = None

    @property
    def beyond(self) -> bool:
        """Whether even the lower end of the interval lies beyond the budget."""
        return self.budget is not None and self.forecast.lower > self.budget

    def since(self, day: date) -> Spending:
        """Return the month of which the days to come will be as those since a day; as those so far where too few are since then."""
        at = (day - self.began).days
        if not 0 < at < len(self.costs):
            return self
        return replace(self, changed=day, forecast=month_end(self.costs, self.length, since=at) or self.forecast)


def spending(serving: Serving, budget: float | None) -> Spending | None:
    """Return what the newest month of the rows costs; None where costs or times are not known, of too few whole days,
    and of several currencies, which are never added up.

    The newest day is left out where rows do not reach its last hour: it is not over.
    """
    cost, begun = serving.read.numbers.get(serving.roles.cost or ""), serving.begun
    if cost is None or begun is None or len(serving.currencies) > 1:
        return None
    values = cost[serving.at]
    known = np.isfinite(values) & (begun != NO_TIME)
    if not known.any():
        return None
    newest = int(begun[known].max())
    over = newest % DAY_US >= 23 * HOUR_US
    last = newest // DAY_US - (0 if over else 1)
    day = _EPOCH + timedelta(days=last)
    first = (day.replace(day=1) - _EPOCH).days
    oldest = int(begun[known].min()) // DAY_US
    begin = max(first, oldest)
    number = begun[known] // DAY_US - begin
    inside = (number >= 0) & (number <= last - begin)
    costs = np.bincount(number[inside], weights=values[known][inside], minlength=max(last - begin + 1, 0))
    length = calendar.monthrange(day.year, day.month)[1] - (begin - first)
    found = month_end(costs, length)
    if found is None:
        return None
    began = _EPOCH + timedelta(days=begin)
    return Spending(month=day.replace(day=1), began=began, costs=tuple(costs.tolist()), length=length, forecast=found, budget=budget)
