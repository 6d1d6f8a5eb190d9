"""The number of levels beside the rows: against drawn windows, and at its ends."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.inference.questions import Answers, Ask, ask
from monitor.stats.inference.variety import Floats, Growth, variety


def drawn(levels: int, rows: list[int], seed: int) -> tuple[Floats, Floats]:
    draws = np.random.default_rng(seed)
    distinct = [len(np.unique(draws.integers(0, levels, n))) for n in rows]
    return np.array(distinct, dtype=float), np.array(rows, dtype=float)


def asked(after: int, rows: list[int]) -> Answers:
    found = variety(drawn(2000, [100] * 30, 1), drawn(after, rows, 2), known=1550, total=3000)
    assert found is not None
    return found


def test_fewer_of_many_rare_levels_show_in_each_window_and_no_change_in_none() -> None:
    assert np.abs(asked(2000, [100] * 28).x).mean() < 0.7
    assert asked(400, [100] * 28).x[0, 30:].mean() < -2.5


def test_more_rows_have_more_levels_by_themselves() -> None:
    found = asked(2000, [50, 200, 400])
    assert (np.abs(found.x[0, 30:32]) < 2 * np.sqrt(found.variance[0, 30:32])).all()
    assert np.isinf(found.variance[0, 32])  # too many rows to say


def test_the_middle_of_the_two_slopes_is_expected() -> None:
    growth = Growth.of(np.full(4, 50.0), np.full(4, 100.0), known=200, total=400)
    assert (growth.most, growth.least) == pytest.approx((1.0, np.log(50) / np.log(100)))
    assert growth.expected(np.array([100.0, 200.0])) == pytest.approx([50.0, 50 * 2 ** ((1 + np.log(50) / np.log(100)) / 2)])


def test_hardly_any_levels_are_no_number_to_look_at() -> None:
    assert variety(drawn(3, [100] * 9, 1), drawn(3, [100], 2), known=3, total=900) is None


def test_its_question_takes_its_budget_from_the_levels() -> None:
    plain = ask(np.array([500.0, 300.0, 200.0, 0.0, 10.0]), np.array([0, 1, 2, 3, 4]), None)
    more = plain.with_variety()
    assert (more.asks[-1], more.budget.sum()) == (Ask.LEVELS, pytest.approx(plain.budget.sum()))
    assert not more.weights[-1].any()
