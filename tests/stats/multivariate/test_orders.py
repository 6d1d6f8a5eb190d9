"""Two numbers that seldom stand in the wrong order."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.multivariate.orders import UsualOrder, usual_orders, wrong_order
from monitor.stats.multivariate.rows import Rows

A = np.tile([1.0, 4.0, 2.0, 5.0, 3.0], 40)


def rows(a: np.ndarray, b: np.ndarray, windows: int = 2) -> Rows:
    n = len(a)
    window = np.arange(n) * windows // n
    return Rows(np.stack([a, b], axis=1), ("a", "b"), np.zeros((n, 0), dtype=np.int64), {}, window, window, windows)


def test_an_order_that_is_seldom_wrong_is_usual() -> None:
    b = A + 1
    b[:4] = 0.0
    assert usual_orders(rows(A, b)) == (UsualOrder(0, 1, 0.02),)


@pytest.mark.parametrize("b", [A + 1, A + 100, A[::-1], np.where(np.arange(200) < 20, 0.0, A + 1)])
def test_what_never_or_often_happens_or_ranges_say_is_none(b: np.ndarray) -> None:
    assert usual_orders(rows(A, b)) == ()


def test_shares_are_of_rows_with_both_numbers() -> None:
    a, b = np.array([1.0, 3.0, np.nan, 2.0]), np.array([2.0, 2.0, 1.0, np.nan])
    share, known = wrong_order(rows(a, b), UsualOrder(0, 1, 0.02))
    np.testing.assert_array_equal(share, [0.5, np.nan])
    assert known.tolist() == [2, 0]
