"""Budgets and how they burn: the numbers of the SRE workbook and of users who met its traps (golden E1 to E4, E10)."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from monitor.stats.operations.objectives import PAGE, RULES, SLOW_PAGE, TICKET, BurnRule, budget_left, burn, burn_at_least, can_ring


@pytest.mark.parametrize(("rule", "used", "days"), [(PAGE, 0.02, 2.0833), (SLOW_PAGE, 0.05, 5.0), (TICKET, 0.1, 30.0)])
def test_what_a_rule_uses_of_thirty_days(rule: BurnRule, used: float, days: float) -> None:
    month = timedelta(days=30)
    assert rule.used(month) == pytest.approx(used)
    assert rule.lasts(month) / timedelta(days=1) == pytest.approx(days, abs=1e-4)


def test_what_the_rules_use_of_28_days() -> None:
    assert [one.used(timedelta(days=28)) for one in RULES] == pytest.approx([0.02142857, 0.05357143, 0.10714286])


def test_error_rates_at_which_rules_ring() -> None:
    assert [one.rate * (1 - 0.999) for one in RULES] == pytest.approx([0.0144, 0.006, 0.001])


@pytest.mark.parametrize(("objective", "rings"), [(0.9, False), (0.93055555, False), (0.9305556, True), (0.999, True)])
def test_an_objective_may_be_so_low_that_no_page_can_ring(objective: float, rings: bool) -> None:
    assert can_ring(objective) is rings


def test_one_bad_call_of_ten_is_no_outage() -> None:
    assert burn([1, 1, 2], [10, 100, 100], 0.999) == pytest.approx([100, 10, 20])
    assert burn_at_least([1, 1, 2, 5, 20], [10, 100, 100, 1000, 1000], 0.999) == pytest.approx(
        [5.116, 0.513, 3.565, 1.972, 13.293], abs=5e-4
    )
    assert burn_at_least([0], [10], 0.999).tolist() == [0.0]
    assert np.isnan(burn_at_least([0], [0], 0.999)).all()


def test_budgets_are_counted_in_events() -> None:
    assert budget_left(10_000, 1_000_000, 0.99) == pytest.approx(0.0)
    assert budget_left(600, 1_000_000, 0.999) == pytest.approx(0.4)
    assert budget_left(2_000, 1_000_000, 0.999) == pytest.approx(-1.0)
