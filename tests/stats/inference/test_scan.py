"""All runs, against their means by hand."""

from __future__ import annotations

import numpy as np

from monitor.stats.inference.noise import Grid, Noise
from monitor.stats.inference.scan import all_runs, farthest, length_class, lengths

GRID = Grid(np.array([1.0]), np.array([0.5]))


def noise(series: int) -> Noise:
    one = np.ones(series)
    return Noise(GRID, np.ones((series, 1)), 0.3 * one, 0.1 * one, one, 0.5 * one)


def test_every_run_has_its_weighted_mean() -> None:
    rng = np.random.default_rng(0)
    x, v = rng.normal(size=(2, 6)), rng.uniform(0.5, 2, (2, 6))
    u = 1 / (1 + v)
    for runs in all_runs(x, v, noise(2), np.ones(6)):
        for start in range(6 - runs.length + 1):
            part = slice(start, start + runs.length)
            mean = (u[:, part] * x[:, part]).sum(axis=1) / u[:, part].sum(axis=1) - 0.3
            np.testing.assert_allclose(runs.mean[:, start], mean)


def test_the_error_of_a_run_of_equal_windows_is_that_of_their_mean() -> None:
    rng = np.random.default_rng(1)
    x, v = rng.normal(size=(1, 5)), np.full((1, 5), 2.0)
    for runs in all_runs(x, v, noise(1), np.ones(5)):
        memory = 0.5 ** np.abs(np.subtract.outer(np.arange(runs.length), np.arange(runs.length)))
        error = np.sqrt(memory.mean() + 2.0 / runs.length + 0.1)
        np.testing.assert_allclose(runs.t, runs.mean / error)


def test_the_farthest_is_the_largest_of_its_class() -> None:
    rng = np.random.default_rng(2)
    x, v = rng.normal(size=(3, 9)), np.ones((3, 9))
    best = np.zeros((3, 4))
    for runs in all_runs(x, v, noise(3), np.ones(9)):
        at = int(np.log2(runs.length))
        best[:, at] = np.maximum(best[:, at], np.abs(runs.t).max(axis=1))
    np.testing.assert_allclose(farthest(x, v, noise(3), np.ones(9)), best)


def test_windows_that_say_nothing_move_no_run() -> None:
    x, v = np.array([[1.0, 99.0, 1.0]]), np.array([[1.0, np.inf, 1.0]])
    found = {runs.length: runs for runs in all_runs(x, v, noise(1), np.ones(3))}
    assert found[1].t[0, 1] == 0
    np.testing.assert_allclose(found[3].mean, 0.7)


def test_lengths_are_all_tried_up_to_a_month_and_sparsely_beyond() -> None:
    tried = lengths(2_000)
    assert tried[:32].tolist() == list(range(1, 33))
    assert tried[-1] == 2_000
    assert np.all(np.diff(tried) > 0)
    assert len(tried) < 90
    assert lengths(0).tolist() == []
    assert length_class(tried).max() == 10
