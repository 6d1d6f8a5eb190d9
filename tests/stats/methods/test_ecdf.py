from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.methods import ecdf as ordered

POSITIONS = np.array([0.0, 1.0, 2.5, 4.0, 7.0])
REFERENCE = np.array([4, 9, 3, 5, 2])
PRODUCTION = np.array([[1, 6, 8, 2, 9], [4, 9, 3, 5, 2]])
RAW = np.repeat(POSITIONS, REFERENCE)
RAW_NOW = np.repeat(POSITIONS, PRODUCTION[0])


def test_ks_on_cells_of_one_value_is_ks_on_values() -> None:
    outcome = ordered.ks(REFERENCE, PRODUCTION)
    assert outcome.score[0] == pytest.approx(stats.ks_2samp(RAW, RAW_NOW).statistic)
    assert (outcome.score[1], outcome.p_value[1]) == (0, 1)


def test_ks_p_value_is_the_exact_law_at_the_effective_number_of_rows() -> None:
    rows = round(23 * 26 / 49)
    outcome = ordered.ks(REFERENCE, PRODUCTION[:1])
    assert outcome.p_value[0] == pytest.approx(stats.kstwo.sf(outcome.score[0], rows))


def test_kuiper_adds_the_gaps_in_both_directions() -> None:
    assert ordered.kuiper([5, 10, 5], [[10, 0, 10]]).score[0] == pytest.approx(0.5)
    assert ordered.ks([5, 10, 5], [[10, 0, 10]]).score[0] == pytest.approx(0.25)


def test_cramer_von_mises_without_ties_is_scipys() -> None:
    generator = np.random.default_rng(4)
    a, b = generator.normal(size=40), generator.normal(0.5, size=30)
    pooled = np.sort(np.concatenate([a, b]))
    outcome = ordered.cramer_von_mises(np.isin(pooled, a), np.isin(pooled, b)[None, :])
    expected = stats.cramervonmises_2samp(a, b, method="asymptotic")
    assert (outcome.score[0], outcome.p_value[0]) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-6)


def test_cramer_von_mises_of_two_equal_constants_is_no_drift() -> None:
    outcome = ordered.cramer_von_mises([500], [[400]])
    assert (outcome.score[0], outcome.p_value[0]) == (0, 1)


@pytest.mark.filterwarnings("ignore:p-value:UserWarning")
def test_anderson_darling_is_scipys_mid_rank_statistic_without_its_clipped_p_value() -> None:
    outcome = ordered.anderson_darling(REFERENCE, PRODUCTION[:1])
    expected = stats.anderson_ksamp([RAW, RAW_NOW], variant="midrank")
    assert outcome.score[0] == pytest.approx(expected.statistic)
    assert outcome.p_value[0] == pytest.approx(expected.pvalue, abs=0.01)


def test_anderson_darlings_limits_for_many_rows_join_the_exact_constants() -> None:
    exact = ordered._anderson_darling_sd(50_000, 49_000)
    limit = ordered._anderson_darling_sd(50_000, 51_000)
    assert exact == pytest.approx(limit, rel=1e-3)


def test_mann_whitney_agrees_with_scipy_under_ties() -> None:
    outcome = ordered.mann_whitney(REFERENCE, PRODUCTION)
    expected = stats.mannwhitneyu(RAW_NOW, RAW, method="asymptotic")
    assert (outcome.score[0], outcome.p_value[0]) == pytest.approx((expected.statistic, expected.pvalue))
    assert (outcome.score[1], outcome.p_value[1]) == pytest.approx((23 * 23 / 2, 1))


@pytest.mark.parametrize(("shift", "power"), [(0.3, 0.9), (-0.3, 0.9)])
def test_mann_whitney_sees_both_directions(shift: float, power: float) -> None:
    generator = np.random.default_rng(5)
    edges = np.linspace(-3, 3, 60)
    reference = np.histogram(generator.normal(size=2000), edges)[0]
    windows = np.array([np.histogram(generator.normal(shift, size=500), edges)[0] for _ in range(50)])
    assert (ordered.mann_whitney(reference, windows).p_value < 0.05).mean() >= power


def test_wasserstein_and_energy_are_scipys_on_the_positions() -> None:
    assert ordered.wasserstein(REFERENCE, PRODUCTION, POSITIONS)[0] == pytest.approx(stats.wasserstein_distance(RAW, RAW_NOW))
    assert ordered.energy(REFERENCE, PRODUCTION, POSITIONS)[0] == pytest.approx(stats.energy_distance(RAW, RAW_NOW))


def test_quantile_shift_is_the_decile_that_moved_most_with_its_sign() -> None:
    deciles = np.arange(1, 10) / 10
    moves = np.quantile(RAW_NOW, deciles, method="inverted_cdf") - np.quantile(RAW, deciles, method="inverted_cdf")
    assert ordered.quantile_shift(REFERENCE, PRODUCTION, POSITIONS).tolist() == [moves[np.argmax(np.abs(moves))], 0]


@pytest.mark.parametrize("name", ["ks", "kuiper", "cramer_von_mises", "anderson_darling", "mann_whitney"])
def test_a_window_without_rows_is_undefined(name: str) -> None:
    outcome = getattr(ordered, name)(REFERENCE, np.zeros((1, 5)))
    assert np.isnan(outcome.score).all()
    assert np.isnan(outcome.p_value).all()


@pytest.mark.parametrize("name", ["ks", "kuiper", "cramer_von_mises", "anderson_darling", "mann_whitney"])
def test_under_no_drift_a_test_rejects_at_most_as_often_as_it_says(name: str) -> None:
    generator = np.random.default_rng(6)
    shares = np.full(200, 1 / 200)
    outcome = getattr(ordered, name)(generator.multinomial(2000, shares, 2000), generator.multinomial(400, shares, 2000))
    assert 0.03 < (outcome.p_value < 0.05).mean() < 0.065
