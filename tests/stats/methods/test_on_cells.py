"""What each method sees of a comparison, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from monitor.stats.counts.comparison import Comparison, Layout
from monitor.stats.methods.catalogue import method

# three levels, then `other`, then `missing`
LAYOUT = Layout(3, False, np.full(3, np.nan), np.arange(5))
REFERENCE = [20, 50, 10, 10, 10]
PRODUCTION = [[10, 20, 0, 30, 40]]
LEVELS = Comparison.of_counts(REFERENCE, PRODUCTION, LAYOUT)
NUMBERS = Comparison.of_counts([1, 2, 1, 3, 4], [[0, 1, 3, 0, 0]], Layout(3, True, np.array([0.0, 1.0, 5.0]), np.arange(5)))


def score(name: str, comparison: Comparison) -> float:
    return float(method(name).compare(comparison).score[0])


def test_fisher_sets_the_commonest_reference_level_against_all_other_rows() -> None:
    expected = stats.fisher_exact([[20, 80], [50, 50]])
    outcome = method("fisher").compare(LEVELS)
    assert (outcome.score[0], outcome.p_value[0]) == pytest.approx((expected.statistic, expected.pvalue))


def test_missing_share_counts_all_rows() -> None:
    assert score("missing_share", LEVELS) == pytest.approx(0.3)


def test_shares_of_levels_leave_missing_rows_aside() -> None:
    assert score("top_share", LEVELS) == pytest.approx(20 / 60 - 50 / 90)
    assert score("lost_levels", LEVELS) == pytest.approx(10 / 80)


def test_new_levels_come_from_the_names_that_were_counted() -> None:
    side = replace(LEVELS.production, new_rows=np.array([15.0]), new_levels=np.array([2.0]))
    named = replace(LEVELS, production=side)
    assert score("new_levels", named) == pytest.approx(15 / 60)
    assert score("cardinality_change", named) == 2 - 1


def test_divergences_take_missing_and_other_for_cells() -> None:
    assert score("tv", LEVELS) == pytest.approx((0.1 + 0.3 + 0.1 + 0.2 + 0.3) / 2)
    assert score("l_infinity", LEVELS) == pytest.approx(0.3)


def test_ordered_methods_leave_rows_without_a_finite_value_aside() -> None:
    assert score("ks", NUMBERS) == pytest.approx(0.5)
    assert score("wasserstein", NUMBERS) == pytest.approx((1 + 3 * 5) / 4 - 7 / 4)


def test_changes_of_the_range_are_in_reference_deviations() -> None:
    sd = np.std([0, 1, 1, 5])
    assert score("min_change", NUMBERS) == pytest.approx(1 / sd)
    assert score("max_change", NUMBERS) == 0
    assert score("sd_ratio", NUMBERS) == pytest.approx(np.std([1, 5, 5, 5]) / sd)


def test_constancy_looks_at_values_not_at_missing_rows() -> None:
    assert score("constancy", Comparison.of_counts(REFERENCE, [[0, 9, 0, 0, 5]], LAYOUT)) == 1
    assert score("constancy", Comparison.of_counts([1, 2, 1, 3, 4], [[0, 7, 0, 0, 2]], NUMBERS.layout)) == 1
    assert score("constancy", NUMBERS) == 0


def test_infinite_values_that_the_reference_never_had_are_outside() -> None:
    layout = Layout(4, True, np.array([0.0, 1.0, 2.0, 3.0]), np.arange(6))
    usual, with_some = np.array([0.0, 60, 40, 0, 0, 5]), np.array([0.0, 60, 30, 0, 10, 5])
    after = np.array([[0.0, 50, 30, 5, 15, 9]])
    scores = [method("out_of_range").compare(Comparison.of_counts(before, after, layout)).score.tolist() for before in (usual, with_some)]
    assert scores == [[0.2], [0.05]]
