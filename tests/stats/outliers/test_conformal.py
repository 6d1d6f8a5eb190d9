"""Conformal p-values by hand (golden B1 to B4): what they say, and what no p-value can."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.inference.multiplicity import benjamini_hochberg
from monitor.stats.outliers.conformal import conformal_p_values, held_out_shares, reachable_share, rows_to_certify


def test_p_values_count_the_rows_that_score_as_high() -> None:
    cal = np.arange(1, 10) / 10
    assert conformal_p_values(np.array([0.95, 0.85, 0.05, 0.5]), cal).tolist() == [0.1, 0.2, 1.0, 0.6]


def test_ties_with_held_out_rows_count() -> None:
    assert conformal_p_values(np.array([0.5]), np.array([0.5, 0.5, 0.1])).tolist() == [0.75]


def test_three_of_six_are_certified() -> None:
    cal = np.arange(1, 100) / 100
    p = conformal_p_values(np.array([1.2, 1.1, 0.995, 0.97, 0.5, 0.3]), cal)
    assert p == pytest.approx([0.01, 0.01, 0.01, 0.04, 0.51, 0.71])
    adjusted = benjamini_hochberg(p)
    assert adjusted == pytest.approx([0.02, 0.02, 0.02, 0.06, 0.612, 0.71])
    assert (adjusted <= 0.05).sum() == 3


@pytest.mark.parametrize(("n", "m", "q", "rows"), [(1_000, 10_000, 0.1, 100), (1_000, 10_000, 0.05, 200), (10_000, 10_000, 0.1, 10)])
def test_a_single_row_cannot_be_certified(n: int, m: int, q: float, rows: int) -> None:
    assert rows_to_certify(n, m, q) == rows
    beyond = conformal_p_values(np.r_[np.full(rows, 2.0), np.zeros(m - rows)], np.linspace(0, 1, n))
    assert (benjamini_hochberg(beyond) <= q).sum() == rows
    one_less = conformal_p_values(np.r_[np.full(rows - 1, 2.0), np.zeros(m - rows + 1)], np.linspace(0, 1, n))
    assert (benjamini_hochberg(one_less) <= q).sum() == 0


@pytest.mark.parametrize("n", [50, 99, 285, 999])
def test_the_share_that_is_flagged_is_the_one_that_can_be_reached(n: int) -> None:
    ranks = np.arange(1, n + 2) / (n + 1)  # p-values of a row without change are equally often each of these
    assert np.mean(ranks <= 0.01) == pytest.approx(reachable_share(0.01, n))


def test_shares_by_stretch() -> None:
    flagged = np.array([True, False, False, True, True])
    assert held_out_shares(flagged, np.array([0, 0, 1, 2, 2])).tolist() == [0.5, 0.0, 1.0]
