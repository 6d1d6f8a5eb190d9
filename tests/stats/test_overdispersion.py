from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.overdispersion import Noise, Overdispersion, event_tail, fit_prior, independent, moderated, overdispersion, shared_prior

NEVER = np.zeros(6, dtype=bool)


def estimate(z: np.ndarray, seldom: np.ndarray | None = None) -> Overdispersion:
    return overdispersion(z, np.full(len(z), 100.0), np.zeros(z.shape[1], dtype=bool) if seldom is None else seldom)


def draw(windows: int, questions: int, phi: float = 1.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, np.sqrt(phi), (windows, questions))


def test_independent_rows_are_recognised() -> None:
    found = estimate(draw(200, 6))
    assert found.phi == pytest.approx(np.ones(6), abs=0.1)
    assert found.memory[1:] == pytest.approx(np.ones(5), abs=0.15)  # pooled; the first, of missing values, stands alone


def test_clustered_rows_are_measured() -> None:
    assert estimate(draw(200, 6, phi=9.0)).phi == pytest.approx(np.full(6, 9.0), rel=0.25)


def test_phi_is_never_below_one() -> None:
    assert estimate(draw(50, 6, phi=0.2)).phi.min() == 1.0


def test_two_windows_say_nothing() -> None:
    found = estimate(draw(2, 4))
    assert found.windows == 0
    assert found.phi.tolist() == independent(4).phi.tolist() == [1.0] * 4


def test_seldom_questions_take_the_largest_phi() -> None:
    z = np.column_stack([draw(100, 3), draw(100, 1, phi=25.0), np.zeros((100, 1))])
    found = estimate(z, np.array([False, False, False, False, True]))
    assert found.phi[4] == found.phi.max() > 10


def test_missing_values_neither_lend_nor_borrow() -> None:
    z = np.column_stack([np.zeros((100, 1)), draw(100, 4, phi=400.0)])
    assert estimate(z, np.array([True, False, False, False, False])).phi[0] == 1.0
    assert estimate(np.column_stack([draw(100, 1, phi=400.0), draw(100, 4)])).phi[1:].max() < 1.5


def test_memory_of_a_slow_series_by_hand() -> None:
    noise = np.random.default_rng(1).normal(size=4000)
    series = np.zeros(4000)
    for i in range(1, 4000):
        series[i] = 0.5 * series[i - 1] + noise[i]
    assert estimate(np.column_stack([noise, series])).memory == pytest.approx([1, (1 + 0.5) / (1 - 0.5)], rel=0.15)


def test_equal_variances_are_pooled_and_unequal_ones_keep_their_own() -> None:
    rng = np.random.default_rng(2)
    alike = rng.chisquare(10, 40) / 10
    shrunk, df = moderated(alike, 10.0)
    assert np.ptp(shrunk) < 0.5 * np.ptp(alike)
    assert df[0] > 50
    apart = alike * np.geomspace(1, 10_000, 40)
    kept, df = moderated(apart, 10.0)
    assert kept[5:] == pytest.approx(apart[5:], rel=0.6)
    assert df[0] < 15


def test_prior_of_known_variances_is_found() -> None:
    rng = np.random.default_rng(3)
    truth = 2.0 * 8 / rng.chisquare(8, 4000)  # scaled inverse chi-squared: center 2, worth 8 degrees of freedom
    prior = fit_prior(truth * rng.chisquare(20, 4000) / 20, 20.0)
    assert prior is not None
    assert (prior.center, prior.df) == (pytest.approx(2, rel=0.1), pytest.approx(8, rel=0.2))


def test_two_questions_have_no_prior_of_their_own_but_take_one() -> None:
    assert fit_prior(np.array([1.0, 2.0]), 10.0) is None
    prior = shared_prior([estimate(draw(30, 6, seed=seed)) for seed in range(8)])
    alone = overdispersion(draw(30, 2, seed=99), np.full(30, 100.0), NEVER[:2])
    helped = overdispersion(draw(30, 2, seed=99), np.full(30, 100.0), NEVER[:2], prior)
    assert alone.alone
    assert helped.df[1] > alone.df[1]
    assert abs(helped.phi[1] - 1) <= abs(alone.phi[1] - 1)


def test_larger_and_longer_windows() -> None:
    ones = np.ones(1)
    found = Overdispersion(ones * 3, ones * 3, ones * 50, 100.0, ones * 2, 51, ones > 0)
    assert found.at(np.array([50.0, 100, 300]), 1.0)[:, 0].tolist() == [3.0, 3.0, 7.0]  # more rows in the same time: more excess
    assert found.at(np.array([300.0]), 3.0)[:, 0].tolist() == [5.0]  # three times as long: the memory alone


def test_windows_count_where_blocks_do_not_explain_them() -> None:
    blocks, windows = estimate(draw(200, 4)), estimate(draw(40, 4, phi=16.0))
    phi, df = Noise(blocks, windows, 5.0).at(np.array([100.0]))
    assert phi.min() > 8
    assert df.max() <= windows.df.max()
    same, _ = Noise(blocks, estimate(draw(40, 4, seed=5)), 5.0).at(np.array([100.0]))
    assert same.max() < 2


def test_events_are_judged_by_those_the_reference_knows() -> None:
    events = np.sort(np.append(np.zeros(97), [8.0, 9.0, 10.0]))
    assert event_tail(np.array([0.0, 8.5, 10.0, 20.0]), events) == pytest.approx([1.0, 3 / 101, 2 / 101, 1 / 101 / 64])
    assert event_tail(np.array([50.0]), np.array([])).tolist() == [0.0]


def test_rare_gaps_of_whole_hours_are_events() -> None:
    z = np.column_stack([np.where(np.arange(400) % 100 == 7, 9.0, -0.2), draw(400, 4)])
    found = estimate(z)
    assert found.events[-4:].tolist() == [9.0] * 4
    assert Noise(found, None, 1.0).eventful(np.array([9.0]))[0] == pytest.approx(5 / 401)
    assert len(estimate(draw(400, 4)).events) == 0
