"""Heavy tails of single windows."""

from __future__ import annotations

import numpy as np

from monitor.stats.inference.tails import Record, heavy


def test_normal_scores_keep_order_and_sign() -> None:
    z = np.sort(np.random.default_rng(0).standard_t(2, (1, 400)), axis=1)
    scored = Record.of(z[0, :100]).scores(z[0])
    assert np.all(np.diff(scored) >= 0)
    assert np.array_equal(np.sign(scored), np.sign(z[0]))


def test_a_window_far_beyond_the_references_farthest_is_moved_in() -> None:
    z = np.append(np.linspace(-5, 5, 20), [10.0, 1e9])[None, :]
    inside, outside, huge = Record.of(z[0, :20]).scores(z[0])[[19, 20, 21]]
    assert inside < outside < 5
    assert outside < huge < np.inf


def test_an_outlier_in_the_reference_is_a_heavy_tail() -> None:
    z = np.random.default_rng(1).standard_normal((2, 30)).clip(-2, 2)
    z[1, 7] = 6
    assert heavy(z, np.zeros(2), 3.0).tolist() == [False, True]


def test_kurtosis_and_too_few_windows_are_heavy_tails_too() -> None:
    z = np.random.default_rng(2).standard_normal((1, 30)).clip(-1.5, 1.5)
    assert heavy(z, np.full(1, 3.0), 3.0).tolist() == [True]
    assert heavy(z[:, :7], np.zeros(1), 3.0).tolist() == [True]
    assert heavy(np.where(np.arange(30) < 7, z, np.nan), np.zeros(1), 3.0).tolist() == [True]
