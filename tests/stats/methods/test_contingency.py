from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.methods import contingency as tests_on_counts

GENERATOR = np.random.default_rng(2)
REFERENCE = GENERATOR.integers(1, 200, 6)
PRODUCTION = GENERATOR.integers(1, 200, (4, 6))


@pytest.mark.parametrize(("name", "kind"), [("chi2", "pearson"), ("g", "log-likelihood")])
def test_chi2_and_g_agree_with_scipys_contingency_test(name: str, kind: str) -> None:
    outcome = getattr(tests_on_counts, name)(REFERENCE, PRODUCTION)
    for i, row in enumerate(PRODUCTION):
        expected = stats.chi2_contingency(np.array([REFERENCE, row]), correction=False, lambda_=kind)
        assert outcome.score[i] == pytest.approx(expected.statistic)
        assert outcome.p_value[i] == pytest.approx(expected.pvalue, rel=1e-9)


def test_yates_correction_agrees_with_scipy_for_two_cells() -> None:
    table = np.array([[30, 70], [45, 55]])
    expected = stats.chi2_contingency(table, correction=True)
    outcome = tests_on_counts.chi2(table[0], table[1:], yates=True)
    assert (outcome.score[0], outcome.p_value[0]) == pytest.approx((expected.statistic, expected.pvalue))


def test_cells_empty_on_both_sides_cost_no_degrees_of_freedom() -> None:
    with_empty = tests_on_counts.chi2([10, 0, 20], [[20, 0, 10]])
    assert with_empty.p_value == pytest.approx(tests_on_counts.chi2([10, 20], [[20, 10]]).p_value)


def test_a_single_occupied_cell_is_no_evidence() -> None:
    outcome = tests_on_counts.chi2([10, 0], [[99, 0]])
    assert (outcome.score[0], outcome.p_value[0]) == (0, 1)


def test_fisher_agrees_with_scipy_with_production_over_reference() -> None:
    outcome = tests_on_counts.fisher([8, 2], [[1, 5]])
    expected = stats.fisher_exact([[1, 5], [8, 2]])
    assert (outcome.score[0], outcome.p_value[0]) == pytest.approx((expected.statistic, expected.pvalue))


def test_fisher_stays_finite_where_a_field_is_empty() -> None:
    assert tests_on_counts.fisher([10, 0], [[0, 10]]).score[0] == pytest.approx((0.5 * 0.5) / (10.5 * 10.5))


def test_cramers_v_is_one_for_disjoint_sides_and_zero_for_equal_shares() -> None:
    assert tests_on_counts.cramers_v([10, 0], [[0, 10], [30, 0]]) == pytest.approx([1.0, 0.0])


def test_share_change_is_the_pooled_two_proportion_test() -> None:
    outcome = tests_on_counts.share_change(10, 100, np.array([30]), np.array([200]))
    pooled = 40 / 300
    z = 0.05 / np.sqrt(pooled * (1 - pooled) * (1 / 100 + 1 / 200))
    assert outcome.score[0] == pytest.approx(0.05)
    assert outcome.p_value[0] == pytest.approx(2 * stats.norm.sf(z))


def test_share_change_of_all_or_nothing_on_both_sides_is_no_change() -> None:
    outcome = tests_on_counts.share_change([0, 50, 0], [100, 50, 0], [0, 10, 5], [100, 10, 10])
    assert outcome.p_value[:2].tolist() == [1, 1]
    assert np.isnan(outcome.p_value[2])


def test_chi2_under_no_drift_rejects_as_often_as_it_says() -> None:
    generator = np.random.default_rng(3)
    shares = np.array([0.4, 0.3, 0.2, 0.1])
    p = tests_on_counts.chi2(generator.multinomial(500, shares, 4000), generator.multinomial(300, shares, 4000)).p_value
    assert 0.04 < (p < 0.05).mean() < 0.06
