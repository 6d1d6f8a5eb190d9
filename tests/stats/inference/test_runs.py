"""Which windows a run is made of."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.inference.runs import Run, as_ever, best_run


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


def test_runs_of_one_effect_are_seldom_parted_and_two_of_it_nearly_always() -> None:
    rng = np.random.default_rng(7)
    whole = [
        as_ever(mean + rng.standard_normal(n), np.ones(n), Run.known(0, n - 1)) for mean in (1.0, 2.5) for n in (6, 28) for _ in range(100)
    ]
    assert sum(gap is not None for gap in whole) <= 8
    between = np.isin(np.arange(14), [6, 7])
    two = [as_ever(4.0 * ~between + rng.standard_normal(14), np.ones(14), Run.known(0, 13)) for _ in range(100)]
    assert sum(gap is not None for gap in two) >= 80


def test_a_series_longer_than_a_block_of_starts_is_parted_alike() -> None:
    away = np.r_[np.full(700, 3.0), np.zeros(5), np.full(700, 3.0)]
    assert as_ever(away, np.ones(len(away)), Run.known(0, len(away) - 1)) == (700, 704)
