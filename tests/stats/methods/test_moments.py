from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.methods import moments


def test_mean_shift_is_in_reference_standard_deviations() -> None:
    assert moments.mean_shift(100, 10, np.array([95, 100]), np.array([1, 99])).tolist() == [-0.5, 0.0]


def test_a_constant_that_moves_is_two_pooled_deviations_away() -> None:
    assert moments.mean_shift(5, 0, [5.5, 4, 5], [0, 0, 0]) == pytest.approx([2, -2, 0])


def test_a_constant_reference_that_begins_to_vary_uses_the_pooled_deviation() -> None:
    assert moments.scale(0, 0, 0, 2) == pytest.approx(np.sqrt(2))


def test_sd_ratio_is_one_without_spread_and_undefined_where_spread_appears() -> None:
    ratio = moments.sd_ratio([2, 0, 0], [4, 0, 1])
    assert ratio[:2].tolist() == [2, 1]
    assert np.isnan(ratio[2])


def test_welch_from_moments_is_scipys() -> None:
    generator = np.random.default_rng(7)
    a, b = generator.normal(size=30), generator.normal(0.4, 2, size=45)
    outcome = moments.welch_t(30, a.mean(), a.std(), 45, b.mean(), b.std())
    expected = stats.ttest_ind(b, a, equal_var=False)
    assert (outcome.score, outcome.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_welch_is_undefined_where_neither_side_varies_or_has_two_rows() -> None:
    outcome = moments.welch_t([10, 1], [5, 5], [0, 0], [10, 10], [6, 6], [0, 1])
    assert np.isnan(outcome.score).all()
    assert np.isnan(outcome.p_value).all()
