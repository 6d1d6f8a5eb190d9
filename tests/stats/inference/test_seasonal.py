"""The pattern of weekdays."""

from __future__ import annotations

import numpy as np

from monitor.stats.inference.seasonal import remove_profiles

SEASON = np.arange(42) % 7


def test_a_clear_pattern_is_taken_out_of_both_sides() -> None:
    rng = np.random.default_rng(0)
    x = np.sin(SEASON)[None, :] * 5 + rng.normal(0, 0.3, (3, 42))
    found = remove_profiles(x, SEASON, 28)
    assert found.known.all()
    assert found.x[:, 28:].std() < 0.5 < x[:, 28:].std()


def test_where_there_is_no_pattern_little_is_taken_out() -> None:
    x = np.random.default_rng(1).normal(size=(200, 42))
    found = remove_profiles(x, SEASON, 28)
    assert found.known.mean() < 0.15
    assert np.abs(found.x - x).mean() < 0.15


def test_the_level_stays() -> None:
    x = np.sin(SEASON)[None, :] + 100
    np.testing.assert_allclose(remove_profiles(x, SEASON, 28).x.mean(), x.mean(), rtol=1e-6)


def test_too_few_of_a_weekday_or_none_at_all_change_nothing() -> None:
    x = np.random.default_rng(2).normal(size=(2, 42))
    for season, reference in ((SEASON, 20), (None, 28), (np.full(42, -1), 28), (np.zeros(42, dtype=np.int64), 28)):
        found = remove_profiles(x, season, reference)
        np.testing.assert_array_equal(found.x, x)
        assert not found.known.any()


def test_windows_without_a_weekday_are_left_alone() -> None:
    season = np.where(np.arange(42) < 28, SEASON, -1)
    x = np.sin(SEASON)[None, :] * 5 + np.random.default_rng(3).normal(0, 0.1, (1, 42))
    np.testing.assert_array_equal(remove_profiles(x, season, 28).x[:, 28:], x[:, 28:])
