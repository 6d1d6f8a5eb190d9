"""Plans of labels: how many of each stratum, and metrics without bias."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stats.estimation.planning import allocate, plan_labels, strata

SIZES = st.lists(st.integers(1, 200), min_size=1, max_size=12)


@given(SIZES, st.integers(1, 400), st.integers(0, 1000))
def test_as_many_rows_are_planned_as_can_be(sizes: list[int], n: int, seed: int) -> None:
    size = np.array(sizes)
    found = allocate(size, np.random.default_rng(seed).random(len(sizes)), n)
    assert found.sum() == min(n, size.sum())
    assert (found >= 0).all()
    assert (found <= size).all()


def test_rows_whose_label_tells_more_are_taken_more() -> None:
    assert allocate(np.array([100, 100]), np.array([0.1, 0.3]), 40).tolist() == [10, 30]


def test_strata_are_tenths_and_decisions() -> None:
    score = np.arange(100) / 100
    assert len(np.unique(strata(score, score >= 0.35))) == 11


def test_weights_keep_a_mean_unbiased() -> None:
    rng = np.random.default_rng(0)
    chance = rng.beta(0.3, 3, 5000)
    label = rng.random(5000) < chance
    decision = chance > 0.2
    right = (label == decision).astype(float)
    told, plain = [], []
    for seed in range(200):
        plan = plan_labels(chance, chance, decision, 100, seed=seed)
        told.append(plan.weight @ right[plan.place] / plan.weight.sum())
        plain.append(right[rng.choice(5000, 100, replace=False)].mean())
        assert plan.weight.sum() == pytest.approx(5000)
    assert np.mean(told) == pytest.approx(right.mean(), abs=4 * np.std(told) / np.sqrt(200))
    assert np.std(told) < np.std(plain)
