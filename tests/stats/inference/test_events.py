"""How surprising a fact is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.inference import events
from monitor.stats.inference.events import (
    FLOOR,
    beta_binomial_tail,
    chance_p,
    event_p,
    outside_all,
    record_p,
    share_needed,
    windows_together,
)


@pytest.mark.parametrize("windows", [3, 12, 60])
def test_the_share_needed_has_just_that_p_value(windows: int) -> None:
    for p in (1e-2 / (windows + 1), 1e-4, 1e-7):
        share = share_needed(p, FLOOR, windows)
        found = event_p(np.array([share]), np.array([FLOOR]), windows, as_large=np.zeros(1))
        assert found[0] == pytest.approx(p)


def test_what_the_reference_did_itself_is_counted() -> None:
    p = event_p(np.array([0.1]), np.array([0.3]), 19, as_large=np.array([4.0]))
    assert p[0] == pytest.approx(5 / 20)


def test_all_rows_may_alarm_even_beside_three_windows() -> None:
    assert event_p(np.ones(1), np.array([FLOOR]), 3, as_large=np.zeros(1))[0] < 1e-8
    assert share_needed(0.05 / 20 * 0.1, FLOOR, 3) < 1


def test_one_row_beyond_all_others_is_as_likely_as_any_place_among_them() -> None:
    assert chance_p(np.array([1.0]), np.array([1.0]), once=0, known=999)[0] == pytest.approx(1 / 1000)


def test_the_share_of_unknown_rows_is_itself_uncertain() -> None:
    p = chance_p(np.array([0.0, 40.0]), np.full(2, 100.0), once=30, known=100)
    assert p[0] == 1.0
    assert stats.binom.sf(39, 100, 0.3) < p[1] < 0.2


LAWS = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "t3": lambda rng, shape: rng.standard_t(3, shape),
    "lognormal": lambda rng, shape: rng.lognormal(0, 2, shape),
    "cauchy": lambda rng, shape: rng.standard_cauchy(shape),
    "days": lambda rng, shape: rng.normal(size=shape) * np.exp(0.5 * rng.normal(size=(shape[0], 1))),
}


@pytest.mark.parametrize("windows", [3, 8, 30])
@pytest.mark.parametrize("law", LAWS)
def test_records_without_change_are_seldom_wild(law: str, windows: int) -> None:
    rng = np.random.default_rng([17, windows])
    least = []
    for _ in range(400):
        largest = np.maximum(LAWS[law](rng, (windows + 28, 60)).max(axis=1), 0.0)
        least.append(28 * record_p(largest[:windows], largest[windows:]).min())
    assert np.mean(np.array(least) <= 0.05) <= 0.05
    assert np.mean(np.array(least) <= 1e-3) <= 5e-3


def test_one_absurd_value_is_wild_beside_a_heavy_tail_but_not_beside_two_windows() -> None:
    rng = np.random.default_rng(18)
    own = rng.lognormal(0, 1, (56, 300)).max(axis=1)
    absurd = np.array([30 * own.max()])
    assert record_p(own, absurd)[0] < 1e-5
    assert record_p(np.array([50.0, 90.0]), np.array([30 * 90.0]))[0] > 1e-2
    assert record_p(np.full(56, 79.0), np.array([80.0, 9999.0]))[0] > 0.01


def test_a_fact_that_stays_is_worth_more_the_longer_the_reference() -> None:
    assert windows_together(1, 60) == 1
    assert 1 < windows_together(8, 5) < windows_together(8, 60) < 1 + 0.5 * 3
    shares = [event_p(np.array([0.01]), np.array([FLOOR]), 30, as_large=np.zeros(1), together=t)[0] for t in (1, 2)]
    assert shares[1] < shares[0]


def test_the_tail_of_the_beta_binomial_is_scipys() -> None:
    rows, of = np.array([1.0, 3.0, 40.0, 700.0, 30.0]), np.array([10.0, 3.0, 1_000.0, 900.0, 5_000.0])
    for a, b in ((1.0, 99.0), (3.0, 20_000.0)):
        assert beta_binomial_tail(rows, of, a, b) == pytest.approx(stats.betabinom.sf(rows - 1, of, a, b), abs=1e-12)


def test_many_rows_are_worked_out_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, of = np.array([5.0, 80.0, 1.0, 120.0]), np.full(4, 200.0)
    whole = beta_binomial_tail(rows, of, 2.0, 50.0)
    monkeypatch.setattr(events, "AT_ONCE", 64)
    assert beta_binomial_tail(rows, of, 2.0, 50.0).tolist() == whole.tolist()


@pytest.mark.parametrize("windows", [2, 13])
def test_a_window_outside_all_others_is_as_common_as_counted(windows: int) -> None:
    drawn = np.random.default_rng(4).normal(size=(20_000, windows + 1))
    outside = (drawn[:, 0] > drawn[:, 1:].max(axis=1)) | (drawn[:, 0] < drawn[:, 1:].min(axis=1))
    assert outside.mean() == pytest.approx(outside_all(windows), abs=0.011)  # three standard errors
