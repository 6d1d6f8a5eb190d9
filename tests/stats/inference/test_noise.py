"""What is learned of noise: against the laws that it was drawn from and against matrices."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import linalg

from monitor.stats.inference import noise
from monitor.stats.inference.noise import STEP, Floats, Grid, learn, likelihood, make_grid, mean_share, weigh
from tests.stats.inference.panels import effects

GRID = Grid(np.array([0.0, 0.7, 2.0]), np.array([0.0, 0.6, 0.9]))


def correlation(rho: float, count: int) -> Floats:
    return np.asarray(rho ** np.abs(np.subtract.outer(np.arange(count), np.arange(count))))


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.97])
@pytest.mark.parametrize("length", [1, 2, 7, 40])
def test_the_mean_of_a_run_varies_as_its_matrix_says(rho: float, length: int) -> None:
    exact = correlation(rho, length).mean()
    assert mean_share(np.array([rho]), np.array([float(length)]))[0] == pytest.approx(exact, rel=1e-9)


def restricted(y: Floats, covariance: Floats) -> tuple[float, float, float]:
    """Return the log-likelihood with the mean integrated out (up to its constant), the best mean and its variance."""
    one, inverse = np.ones(len(y)), linalg.inv(covariance)
    precision = one @ inverse @ one
    mu = one @ inverse @ y / precision
    log = -0.5 * (np.linalg.slogdet(covariance)[1] + np.log(precision) + (y - mu) @ inverse @ (y - mu))
    return float(log), float(mu), float(1 / precision)


@pytest.mark.parametrize("point", range(GRID.size))
def test_the_filter_agrees_with_the_matrix(point: int) -> None:
    rng = np.random.default_rng(1)
    y, v = rng.normal(3, 2, 9), rng.uniform(0.5, 2, 9)
    found = likelihood(y[None, :], v[None, :], GRID)
    told = (found.log[0, point], found.mu[0, point], found.mu_variance[0, point])
    covariance = GRID.tau[point] ** 2 * correlation(GRID.rho[point], 9) + np.diag(v)
    assert told == pytest.approx(restricted(y, covariance), rel=1e-9)


def test_a_window_that_says_nothing_only_takes_its_time() -> None:
    rng = np.random.default_rng(2)
    y, v = rng.normal(size=8), np.ones(8)
    v[3] = np.inf
    kept = np.delete(np.arange(8), 3)
    covariance = (GRID.tau[1] ** 2 * correlation(GRID.rho[1], 8) + np.eye(8))[np.ix_(kept, kept)]
    found = likelihood(y[None, :], v[None, :], GRID)
    assert found.log[0, 1] == pytest.approx(restricted(y[kept], covariance)[0], rel=1e-9)


def test_series_that_share_their_gains_are_as_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    x, variance = rng.normal(size=(7, 6)), rng.uniform(0.5, 2, (3, 6))[[0, 1, 0, 2, 1, 0, 2]]
    monkeypatch.setattr(noise, "AT_ONCE", 2 * GRID.size)
    monkeypatch.setattr(noise, "FILTERS", 2 * 6 * GRID.size)
    together = likelihood(x, variance, GRID)
    for i in range(7):
        alone = likelihood(x[i : i + 1], variance[i : i + 1], GRID)
        for name in ("log", "mu", "mu_variance"):
            np.testing.assert_allclose(getattr(together, name)[i], getattr(alone, name)[0], rtol=1e-12)


@pytest.mark.parametrize(("tau", "rho"), [(0.0, 0.0), (1.5, 0.0), (3.0, 0.85)])
def test_the_mixture_lies_where_the_series_were_drawn(tau: float, rho: float) -> None:
    rng = np.random.default_rng(3)
    x = effects(rng, 60, 40, tau=tau, rho=rho) + rng.standard_normal((60, 40))
    variance = np.ones_like(x)
    grid = make_grid(x, variance)
    share = learn(likelihood(x, variance, grid).log, np.ones(60), grid, np.zeros(60, dtype=np.int64))[0]
    assert share.sum() == pytest.approx(1)
    near = (np.abs(grid.tau - tau) <= 0.4 * tau + 0.4) & (np.abs(grid.rho - rho) <= 0.25)
    assert share[near | ((grid.tau == 0) & (tau == 0))].sum() > 0.7


def test_a_short_series_leans_on_the_others() -> None:
    rng = np.random.default_rng(4)
    x = effects(rng, 40, 5, tau=2.0) + rng.standard_normal((40, 5))
    variance = np.ones_like(x)
    grid = make_grid(x, variance)
    found = likelihood(x, variance, grid)
    apart = [weigh(found, learn(found.log[[i]], np.ones(1), grid, np.zeros(1, dtype=np.int64)), grid).tau2[i] for i in range(40)]
    together = weigh(found, learn(found.log, np.ones(40), grid, np.zeros(40, dtype=np.int64)), grid).tau2
    assert np.std(np.log(together)) < np.std(np.log(apart))
    assert np.median(together) == pytest.approx(4.0, rel=0.4)


def test_series_without_weight_teach_nothing() -> None:
    rng = np.random.default_rng(5)
    x = np.vstack([rng.standard_normal((10, 30)), 9 * rng.standard_normal((10, 30))])
    grid = make_grid(x, np.ones_like(x))
    log = likelihood(x, np.ones_like(x), grid).log
    even = np.zeros(20, dtype=np.int64)
    quiet = learn(log, np.repeat([1.0, 0.0], 10), grid, even)
    np.testing.assert_allclose(quiet[0], learn(log[:10], np.ones(10), grid, even[:10])[0])


def test_a_series_in_which_effects_hardly_show_leans_on_those_in_which_they_do() -> None:
    """Levels of 1 % of the rows vary on the log-odds as much as levels of half of them, and show a fifth of it."""
    rng = np.random.default_rng(6)
    often = effects(rng, 20, 30, tau=5.0) + rng.standard_normal((20, 30))
    seldom = effects(rng, 20, 30, tau=5.0 / STEP**10) + rng.standard_normal((20, 30))
    x, smaller = np.vstack([often, seldom]), np.repeat([0, 10], 20)
    grid = make_grid(x, np.ones_like(x))
    found = likelihood(x, np.ones_like(x), grid)
    told = weigh(found, learn(found.log, np.ones(40), grid, smaller), grid)
    alike = weigh(found, learn(found.log, np.ones(40), grid, np.zeros(40, dtype=np.int64)), grid)
    assert np.sqrt(np.median(told.tau2[20:])) == pytest.approx(5.0 / STEP**10, rel=0.25)
    assert np.median(told.posterior[20:, 0]) < 0.5 * np.median(alike.posterior[20:, 0])
    assert np.sqrt(np.median(told.tau2[:20])) == pytest.approx(5.0, rel=0.25)


def test_a_short_reference_takes_part_of_its_effects_for_ones_that_last() -> None:
    grid = make_grid(np.array([[-3.0, 0.0, 3.0]]), np.ones((1, 3)))
    share = np.zeros((1, grid.size))
    share[0, [0, 1]] = 0.8, 0.2  # no effect, or the smallest one without memory
    wide = noise.wider(grid, noise.hidden_steps(3))
    found = noise.modest(share, wide, 3)[0]
    [large] = np.flatnonzero((found > 0) & (wide.rho > 0))
    assert found[[0, 1, large]] == pytest.approx([0.8, 0.1, 0.1])
    shown = wide.tau[large] ** 2 * (1 - mean_share(wide.rho[large : large + 1], np.array([3.0]))[0])
    assert np.sqrt(shown) == pytest.approx(wide.tau[1], rel=STEP - 1)  # as large as what three windows show
    assert np.array_equal(wide.tau[: grid.size], grid.tau)
    assert np.array_equal(noise.modest(share, grid, 8), share)
