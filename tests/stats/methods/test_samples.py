from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.methods import samples

GENERATOR = np.random.default_rng(8)
A = GENERATOR.gamma(2, size=400)
B = GENERATOR.gamma(2.5, size=300)


def test_ks_is_scipys_exact_test() -> None:
    expected = stats.ks_2samp(A, B)
    outcome = samples.ks(A, B)
    assert (outcome.score, outcome.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_ks_of_many_rows_uses_the_effective_number_of_rows() -> None:
    a, b = np.linspace(0, 1, 30_000), np.linspace(0, 1.02, 20_000)
    outcome = samples.ks(a, b)
    assert outcome.p_value == pytest.approx(float(stats.kstwo.sf(outcome.score, 12_000)), rel=1e-2)


def test_epps_singleton_is_scipys() -> None:
    for size in (300, 20):
        expected = stats.epps_singleton_2samp(A[:size], B[:size])
        outcome = samples.epps_singleton(A[:size], B[:size])
        assert (outcome.score, outcome.p_value) == pytest.approx((expected.statistic, expected.pvalue), rel=1e-6)


def test_distances_are_scipys() -> None:
    assert samples.wasserstein(A, B).score == pytest.approx(stats.wasserstein_distance(A, B))
    assert samples.wasserstein_sd(A, B).score == pytest.approx(stats.wasserstein_distance(A, B) / A.std())
    assert samples.energy(A, B).score == pytest.approx(stats.energy_distance(A, B))


def test_mann_whitney_is_scipys_exact_for_a_few_rows_and_asymptotic_for_many() -> None:
    for size in (6, 300):
        expected = stats.mannwhitneyu(B[:size], A[:size])
        outcome = samples.mann_whitney(A[:size], B[:size])
        assert (outcome.score, outcome.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_welch_is_scipys_with_the_sign_of_the_change() -> None:
    expected = stats.ttest_ind(B, A, equal_var=False)
    outcome = samples.welch_t(A, B)
    assert outcome.score > 0
    assert (outcome.score, outcome.p_value) == pytest.approx((expected.statistic, expected.pvalue))


def test_missing_and_infinite_values_are_left_out() -> None:
    dirty = np.concatenate([B, [np.nan, np.inf, -np.inf]])
    assert samples.ks(A, dirty) == samples.ks(A, B)


def test_mmd_by_hand_for_two_points_a_side() -> None:
    outcome = samples.mmd([0.0, 0.0], [1.0, 1.0])
    assert outcome.score == pytest.approx(np.sqrt(2 - 2 * np.exp(-1)))


def test_mmd_finds_a_shift_and_repeats_itself_with_its_seed() -> None:
    assert samples.mmd(A, B + 2).p_value == pytest.approx(1 / 501)
    assert samples.mmd(A, B, seed=3) == samples.mmd(A, B, seed=3)


def test_mmd_under_no_drift_rejects_as_often_as_it_says() -> None:
    generator = np.random.default_rng(9)
    p = [samples.mmd(generator.normal(size=40), generator.normal(size=40), permutations=99).p_value for _ in range(200)]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1
