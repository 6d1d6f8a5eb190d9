"""Service level objectives: what is left of the budget of bad events, how fast it burns, and whether an alarm on it can ring at all.

Multi-window, multi-burn-rate alerts of the SRE workbook (Beyer et al. 2018, chapter 5), with the burn taken at the lower end of its
one-sided 95 % interval (Clopper and Pearson 1934): one bad event of ten is no outage.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BurnRule:
    """Alarm where the budget burns `rate` times as fast as it may, both over `long` and over `short`, which says that it still does."""

    name: str
    rate: float
    long: timedelta
    short: timedelta

    def used(self, period: timedelta) -> float:
        """Return the share of a period's budget that is gone when `long` has burnt at this rate.

        >>> round(PAGE.used(timedelta(days=30)), 6), round(PAGE.used(timedelta(days=28)), 8)
        (0.02, 0.02142857)
        """
        return self.rate * (self.long / period)

    def lasts(self, period: timedelta) -> timedelta:
        """Return after how long at this rate the budget of a period is gone."""
        return period / self.rate


PAGE = BurnRule("page", 14.4, timedelta(hours=1), timedelta(minutes=5))
SLOW_PAGE = BurnRule("page", 6.0, timedelta(hours=6), timedelta(minutes=30))
TICKET = BurnRule("ticket", 1.0, timedelta(days=3), timedelta(hours=6))
RULES = (PAGE, SLOW_PAGE, TICKET)


def can_ring(objective: float, rule: BurnRule = PAGE) -> bool:
    """Say whether a rule can ever ring: nothing burns faster than 1 / (1 - objective), when every event is bad.

    >>> can_ring(0.9), can_ring(0.9305), can_ring(0.9306), can_ring(0.999)
    (False, False, True, True)
    """
    return 1 / (1 - objective) >= rule.rate


def burn(bad: ArrayLike, total: ArrayLike, objective: float) -> Floats:
    """Return how many times as fast as it may the budget burns: share of bad events / (1 - objective); nan without events."""
    bad, total = np.asarray(bad, dtype=float), np.asarray(total, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(bad / total / (1 - objective))


def burn_at_least(bad: ArrayLike, total: ArrayLike, objective: float, *, level: float = 0.95) -> Floats:
    """Return the lower end of the one-sided interval of the burn; 0 where nothing is bad, nan without events.

    >>> burn_at_least([1, 1, 2, 5, 20], [10, 100, 100, 1000, 1000], 0.999).round(3).tolist()
    [5.116, 0.513, 3.565, 1.972, 13.293]
    """
    bad, total = np.asarray(bad, dtype=float), np.asarray(total, dtype=float)
    with np.errstate(invalid="ignore"):
        lowest = special.betaincinv(bad, total - bad + 1, 1 - level)
    return np.asarray(np.where(total > 0, np.where(bad > 0, lowest, 0.0), np.nan) / (1 - objective))


def budget_left(bad: ArrayLike, total: ArrayLike, objective: float) -> Floats:
    """Return the share of the budget of bad events that is left, negative where it is overspent; nan without events.

    >>> budget_left(600, 1_000_000, 0.999).round(6).item()
    0.4
    """
    return np.asarray(1 - burn(bad, total, objective))
