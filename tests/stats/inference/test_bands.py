"""Bands from the reference's own windows: hand-worked, and calibrated."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.errors import ContractError
from monitor.stats.inference.bands import band, p_two_sided, p_upper

SIZES = np.full(5, 100)


def test_band_of_five_equal_windows_by_hand() -> None:
    scores = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    result = band(scores, SIZES, np.array([100]), coverage=0.95)
    reach = 2.7764451 * np.sqrt(2.5 * 1.2)
    np.testing.assert_allclose([result.lower[0], result.center[0], result.upper[0]], [3 - reach, 3, 3 + reach], rtol=1e-7)


def test_score_at_the_limit_has_the_matching_p_value() -> None:
    scores = np.array([0.5, 0.52, 0.47, 0.51, 0.49])
    result = band(scores, SIZES, np.array([50, 100, 900]), coverage=0.9)
    np.testing.assert_allclose(p_upper(result.upper, np.array([50, 100, 900]), scores, SIZES), 0.05)
    np.testing.assert_allclose(p_two_sided(result.lower, np.array([50, 100, 900]), scores, SIZES), 0.1)


def test_smaller_windows_have_wider_bands_and_larger_ones_no_narrower() -> None:
    upper = band(np.array([1.0, 1.1, 0.9, 1.05]), np.full(4, 100), np.array([25, 100, 400])).upper
    assert upper[0] - 1.0125 == pytest.approx(2 * (upper[1] - 1.0125))
    assert upper[2] == pytest.approx(upper[1])


def test_known_row_variance_is_split_from_the_variation_between_windows() -> None:
    scores = np.array([0.0, 2.0])
    result = band(scores, np.array([10, 10]), np.array([10, 40]), coverage=0.5, row_variance=10.0)
    np.testing.assert_allclose(result.upper - 1, stats.t.ppf(0.75, 1) * np.sqrt(np.array([2.0, 1.25]) * 1.5))


def test_a_distance_grows_as_rows_fall() -> None:
    result = band(np.array([0.01, 0.01, 0.01]), np.full(3, 1000), np.array([100]), shape="distance")
    np.testing.assert_allclose([result.lower[0], result.center[0], result.upper[0]], 0.1)


def test_one_window_gives_no_band() -> None:
    result = band(np.array([0.5, np.nan]), np.array([10, 10]), np.array([10, 10]))
    assert np.isnan(result.upper).all()
    assert np.isnan(p_upper(np.array([0.9]), np.array([10]), np.array([0.5]), np.array([10]))).all()


def test_a_score_equal_to_constant_reference_scores_is_no_surprise() -> None:
    np.testing.assert_array_equal(p_upper(np.array([1.0, 1.1]), SIZES[:2], np.ones(5), SIZES), [0.5, 0.0])


def test_scores_without_rows_are_refused() -> None:
    with pytest.raises(ContractError, match="do not fit"):
        band(np.ones(3), np.ones(2, dtype=np.int64), np.ones(1, dtype=np.int64))


@pytest.mark.parametrize("r", [3, 5, 20])
def test_false_alarms_are_those_promised(r: int) -> None:
    rng = np.random.default_rng(r)
    alarms = [p_upper(rng.normal(size=1), SIZES[:1], rng.normal(size=r), np.full(r, 100))[0] < 0.05 for _ in range(1000)]
    assert 0.03 < np.mean(alarms) < 0.07
