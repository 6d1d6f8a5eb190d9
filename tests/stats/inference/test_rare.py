"""Counts of rare events, by hand and beside scipy's binomial law."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.judgement.count_series import judge_counts
from monitor.stats.inference.rare import Counts, farthest_count, overdispersion


def counts(seed: int, *, rate: float = 2.0, times: float = 1.0, from_window: int = 8) -> Counts:
    """Ten reference windows and fourteen judged ones, `times` as many events from one of them on; the last is not judged."""
    rng = np.random.default_rng(seed)
    expected = np.append(np.full(13, 3.0), 0.0)
    more = np.where(np.arange(14) >= from_window, times, 1.0)
    own = rng.poisson(rate * 3.0, 10).astype(float)
    return Counts(own=own, own_expected=np.full(10, 3.0), events=rng.poisson(rate * more * expected).astype(float), expected=expected)


def test_a_single_window_is_the_signed_root_of_a_binomial_deviance() -> None:
    one = Counts(own=np.array([6.0, 4.0]), own_expected=np.array([5.0, 5.0]), events=np.array([9.0]), expected=np.array([4.0]))
    found = farthest_count(one)
    share, n = 4 / 14, 19.0
    deviance = 2 * (9 * np.log(9 / (n * share)) + 10 * np.log(10 / (n * (1 - share))))
    assert found.z == pytest.approx(np.sqrt(deviance))
    assert found.p_value == pytest.approx(stats.binomtest(9, 19, share).pvalue, abs=0.03)


def test_a_change_is_found_with_its_onset() -> None:
    found = farthest_count(counts(1, times=3.0))
    assert (found.run.first, found.run.last) == (8, 12)
    assert found.run.first_from <= 8 <= found.run.first_to
    assert found.p_value < 1e-4


def test_without_change_p_values_are_those_of_chance() -> None:
    p_values = np.array([farthest_count(counts(seed, rate=0.4)).p_value for seed in range(20)])
    assert (p_values <= 0.05).sum() <= 3
    assert 0.3 < np.median(p_values) < 0.95


def test_counts_that_vary_more_count_for_less() -> None:
    wild = Counts(own=np.tile([0.0, 8.0], 6), own_expected=np.full(12, 4.0), events=np.array([12.0]), expected=np.array([4.0]))
    assert overdispersion([wild]) == pytest.approx(12 * 4 / 11)
    tame = farthest_count(wild)
    assert farthest_count(wild, dispersion=4.0).z == pytest.approx(tame.z / 2)


def test_only_the_thing_that_changed_is_named() -> None:
    found = judge_counts({"changed": counts(1, times=3.0), "same": counts(2), "none": counts(3, rate=0.0)}, q=0.05)
    assert [name for name, one in found.items() if one.runs] == ["changed"]
    assert found["changed"].runs[0][1] > 1
    assert found["changed"].q_value < 0.05 < found["same"].q_value
    assert not found["none"].judged


def test_far_counts_have_p_values_far_beyond_what_was_simulated() -> None:
    """Half the deviance is the exponent of the probability (Chernoff), which a tail guessed from 100 values must not blur."""
    for seed in range(8):
        found = farthest_count(counts(seed, times=3.0), seed=seed)
        assert found.p_value < 2 * 14 * 15 / 2 * np.exp(-(found.z**2) / 2)  # either side of every run
        assert found.p_value > stats.norm.sf(found.z)
