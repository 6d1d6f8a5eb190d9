from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial import distance
from scipy.stats import entropy

from monitor.stats.methods import divergences


def test_hand_worked_distances_between_two_levels() -> None:
    reference, production = [50, 50], [[75, 25]]
    assert divergences.tv(reference, production)[0] == 0.25
    assert divergences.l_infinity(reference, production)[0] == 0.25
    hellinger = math.sqrt(1 - (math.sqrt(0.5 * 0.75) + math.sqrt(0.5 * 0.25)))
    assert divergences.hellinger(reference, production)[0] == pytest.approx(hellinger)


def test_psi_adds_half_a_row_to_each_cell() -> None:
    p, q = np.array([10.5, 10.5]) / 21, np.array([0.5, 20.5]) / 21
    expected = ((p - q) * np.log(p / q)).sum()
    assert divergences.psi([10, 10], [[0, 20]])[0] == pytest.approx(expected)


def test_cells_empty_on_both_sides_do_not_change_psi() -> None:
    assert divergences.psi([10, 0, 30], [[20, 0, 20]]) == pytest.approx(divergences.psi([10, 30], [[20, 20]]))


def test_psi_is_the_sum_of_both_divergences() -> None:
    reference, production = [5, 0, 90, 5], [[1, 3, 40, 6]]
    both = divergences.kl(reference, production) + divergences.kl_reverse(reference, production)
    assert divergences.psi(reference, production) == pytest.approx(both)
    assert divergences.symmetric_kl(reference, production) == pytest.approx(both / 2)


def test_kl_is_scipys_entropy_of_the_smoothed_shares() -> None:
    reference, production = np.array([5, 0, 90, 5]), np.array([1, 3, 40, 6])
    assert divergences.kl(reference, production)[0] == pytest.approx(entropy(reference + 0.5, production + 0.5))
    assert divergences.kl_reverse(reference, production)[0] == pytest.approx(entropy(production + 0.5, reference + 0.5))


def test_js_is_scipys_distance_in_base_2() -> None:
    generator = np.random.default_rng(1)
    reference, production = generator.integers(0, 50, 12), generator.integers(0, 50, (5, 12))
    expected = [distance.jensenshannon(reference, row, base=2) for row in production]
    assert divergences.js(reference, production) == pytest.approx(np.array(expected))


@pytest.mark.parametrize("name", ["psi", "kl", "kl_reverse", "symmetric_kl", "js", "hellinger", "tv", "l_infinity"])
def test_a_side_without_rows_is_undefined_and_not_zero(name: str) -> None:
    formula = getattr(divergences, name)
    result = formula([1, 2], [[0, 0], [1, 2]])
    assert np.isnan(result[0])
    assert result[1] == 0
    assert np.isnan(formula([0, 0], [[1, 2]])).all()


def test_each_window_may_have_its_own_reference() -> None:
    reference, production = np.array([[10, 0], [0, 10]]), np.array([[10, 0], [10, 0]])
    assert divergences.js(reference, production).tolist() == [0.0, 1.0]
