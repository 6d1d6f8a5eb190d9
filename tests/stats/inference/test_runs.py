"""Which windows a run is made of."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.inference.runs import best_run


@pytest.mark.parametrize("seed", range(8))
def test_the_best_run_is_that_of_most_likelihood(seed: int) -> None:
    rng = np.random.default_rng(seed)
    away, weight = rng.normal(size=13), rng.uniform(0.2, 2, 13)
    every = [(i, j) for i in range(13) for j in range(i, 13)]
    gain = [(weight[i : j + 1] @ away[i : j + 1]) ** 2 / weight[i : j + 1].sum() for i, j in every]
    found = best_run(away, weight)
    assert found is not None
    assert (found.first, found.last) == every[int(np.argmax(gain))]


def test_a_long_series_is_searched_in_parts_alike() -> None:
    away = np.random.default_rng(0).normal(0, 0.3, 1_300)
    away[700:905] += 2
    found = best_run(away, np.ones(1_300))
    assert found is not None
    assert (found.first, found.last) == (700, 904)


def test_one_normal_window_inside_does_not_end_a_run() -> None:
    away = np.array([0, 0, 3, 3, 3, 0, 3, 3, 3, 0], dtype=float)
    found = best_run(away, np.ones(10))
    assert found is not None
    assert (found.first, found.last) == (2, 8)


def test_the_interval_of_the_onset_holds_the_truth() -> None:
    rng, held, wide = np.random.default_rng(5), 0, []
    for _ in range(200):
        found = best_run(np.r_[np.zeros(10), np.full(10, 2.0)] + rng.standard_normal(20), np.ones(20))
        assert found is not None
        held += found.first_from <= 10 <= found.first_to
        wide.append(found.first_to - found.first_from)
    assert held >= 190
    assert np.median(wide) <= 3


def test_nothing_told_is_no_run() -> None:
    assert best_run(np.zeros(0), np.zeros(0)) is None
    assert best_run(np.ones(3), np.zeros(3)) is None
