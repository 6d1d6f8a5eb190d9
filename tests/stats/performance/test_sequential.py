"""Intervals that hold at every look, and arms that are not as large as planned."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.performance.looks import Sums, looks_of
from monitor.stats.performance.sequential import always_valid, more_looks, sample_ratio, steady_split


def peeked(seed: int, effect: float, *, days: int = 30, cards: int = 40) -> bool:
    """Say whether an experiment with several rows a card is ever decided, looked at on every day."""
    draw = np.random.default_rng(seed)
    unit = np.repeat(np.arange(days * cards), 3)
    treated = draw.random(days * cards) < 0.5
    card = draw.normal(size=days * cards)
    value = card[unit] + draw.normal(size=unit.size) + effect * treated[unit]
    sums = Sums(value, np.ones(unit.size), unit, unit // cards, treated[unit])
    return looks_of(sums, np.arange(days), 0.1).decided is not None


def test_looking_every_day_decides_falsely_in_at_most_one_of_twenty() -> None:
    assert sum(peeked(seed, 0.0) for seed in range(200)) / 200 <= 0.05


def test_an_effect_is_found() -> None:
    assert sum(peeked(1000 + seed, 0.35) for seed in range(20)) >= 18


def test_the_plain_interval_would_decide_falsely_far_more_often() -> None:
    draw = np.random.default_rng(1)
    mean = draw.normal(size=(400, 30)).cumsum(axis=1) / np.arange(1, 31)
    plain = np.abs(mean) > 1.96 / np.sqrt(np.arange(1, 31))
    ours = np.abs(mean) > always_valid(1 / np.arange(1, 31), 0.3)
    assert float(plain.any(axis=1).mean()) > 0.2
    assert float(ours.any(axis=1).mean()) <= 0.05


def test_the_time_to_a_decision_is_where_the_interval_is_short_enough() -> None:
    times = more_looks(0.04, 0.1, 0.1)
    assert always_valid(np.array([0.04 / times]), 0.1)[0] == pytest.approx(0.1, rel=1e-6)


def test_a_mismatch_of_arms_is_that_of_a_chi_square_test() -> None:
    found = sample_ratio({"a": 5200, "b": 4800}, {"a": 1, "b": 1})
    assert found.p_value == pytest.approx(float(stats.chisquare([5200, 4800]).pvalue))
    assert found.mismatch
    assert sample_ratio({"a": 800, "b": 201}, {"a": 4, "b": 1}).mismatch is False


def test_arms_that_stop_growing_alike_are_seen() -> None:
    assert steady_split(np.array([[50, 50], [52, 48], [49, 51]])) > 0.05
    assert steady_split(np.array([[50, 50], [90, 10], [49, 51]])) < 1e-6


def test_too_few_units_say_nothing() -> None:
    sums = Sums(np.ones(10), np.ones(10), np.arange(10), np.zeros(10, dtype=np.int64), np.arange(10) < 5)
    assert looks_of(sums, np.array([0]), 0.1).decided is None
