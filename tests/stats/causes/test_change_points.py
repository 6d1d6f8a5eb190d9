"""When something changed, by hand and by chance."""

from itertools import pairwise

import numpy as np
import pytest

from monitor.stats.causes.change_points import best_stretch, deviance, dispersion, no_change_penalty, onset, partition, squared_error

MONDAY = np.datetime64("2026-03-02T00:00:00", "us")
HOURS = MONDAY + np.arange(480) * np.timedelta64(3_600_000_000, "us")
"""Twenty days."""


def brute_force(cost, size, penalty, shortest):
    """Return the cheapest partition by trying all."""
    if size == 0:
        return -penalty, []
    tried = []
    for start in [0, *range(shortest, size - shortest + 1)]:
        if size - start >= shortest:
            before, stops = brute_force(cost, start, penalty, shortest)
            tried.append((before + float(cost(np.array([start]), size)[0]) + penalty, [*stops, size]))
    return min(tried)


def test_a_short_stretch_does_not_hide_the_optimum():
    values = np.array([0.0, 1, 0, 0, 1])
    assert partition(squared_error(values, np.ones(5)), 5, penalty=0.1, shortest=2) == [5]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shortest", [1, 2, 3])
def test_no_partition_is_cheaper(seed, shortest):
    values = np.random.default_rng(seed).integers(0, 4, 11).astype(float)
    cost = squared_error(values, np.ones(11))
    stops = partition(cost, 11, penalty=1.5, shortest=shortest)
    costs = [float(cost(np.array([start]), stop)[0]) for start, stop in pairwise([0, *stops])]
    assert min(np.diff([0, *stops])) >= shortest
    assert sum(costs) + 1.5 * (len(stops) - 1) == pytest.approx(brute_force(cost, 11, 1.5, shortest)[0])


def test_counts_change_where_their_shares_do():
    counts = np.array([[50, 50], [52, 48], [90, 10], [88, 12], [49, 51]], dtype=float)
    assert partition(deviance(counts), 5, penalty=no_change_penalty(5)) == [2, 4, 5]


def test_no_windows_have_no_stretch():
    assert partition(squared_error(np.zeros(0), np.zeros(0)), 0, penalty=1.0) == []


def test_a_change_is_seldom_found_where_there_is_none():
    rng = np.random.default_rng(3)
    found = [partition(squared_error(rng.normal(size=60), np.ones(60)), 60, penalty=no_change_penalty(60)) for _ in range(100)]
    assert sum(len(stops) > 1 for stops in found) <= 12


def test_evidence_to_the_last_position_is_not_over():
    assert not best_stretch(np.array([-3.0, 5, 5, 5])).over
    assert not best_stretch(np.array([-3.0, 5, 5, 5, -2])).over
    assert best_stretch(np.array([-3.0, 5, 5, 5, -4, -4])).over


def test_clean_rows_tell_the_moment_exactly():
    bad = (np.arange(480) >= 100) & (np.arange(480) < 300)
    shuffled = np.random.default_rng(0).permutation(480)
    got = onset(HOURS[shuffled], bad[shuffled], 0.0)
    assert (got.start, got.end, got.rows, got.within) == (HOURS[100], HOURS[300], 200, 1.0)
    assert (got.lower, got.upper, got.end_lower, got.end_upper) == (HOURS[99], HOURS[100], HOURS[299], HOURS[300])
    assert got.holds(HOURS).sum() == 200


def test_what_lasts_has_no_end_and_what_was_always_so_no_lower_bound():
    lasting = onset(HOURS, np.arange(480) >= 400, 0.01)
    assert (lasting.start, np.isnat(lasting.end), lasting.rows) == (HOURS[400], True, 80)
    always = onset(HOURS, np.ones(480, dtype=bool), 0.01)
    assert (always.start, np.isnat(always.lower), np.isnat(always.end)) == (HOURS[0], True, True)


@pytest.mark.parametrize("seed", range(8))
def test_the_bounds_of_noisy_rows_hold_the_moment(seed):
    rng = np.random.default_rng(seed)
    times = np.sort(MONDAY + rng.integers(0, 20 * 86_400, 6000) * np.timedelta64(1_000_000, "us"))
    begin, stop = MONDAY + np.timedelta64(5, "D"), MONDAY + np.timedelta64(14, "D")
    inside = (times >= begin) & (times < stop)
    got = onset(times, rng.random(6000) < np.where(inside, 0.5, 0.2), 0.2)
    assert abs(got.start - begin) < np.timedelta64(12, "h")
    assert got.lower <= begin + np.timedelta64(6, "h")
    assert got.upper >= begin - np.timedelta64(6, "h")
    assert got.within == pytest.approx(0.5, abs=0.05)


def test_losses_are_told_as_flags_are():
    rng = np.random.default_rng(4)
    loss = rng.exponential(np.where(np.arange(480) < 240, 0.1, 0.3))
    assert abs(int((onset(HOURS, loss, 0.1).start - HOURS[240]) / np.timedelta64(1, "h"))) < 24


@pytest.mark.parametrize("seed", range(4))
def test_nothing_began_where_nothing_changed(seed):
    rng = np.random.default_rng(seed)
    days = np.repeat(rng.beta(4, 16, 20), 24)
    assert onset(HOURS, rng.random(480) < days, 0.2) is None


def test_rows_without_a_time_and_none_at_all_say_nothing():
    assert onset(np.full(5, np.datetime64("NaT"), dtype="datetime64[us]"), np.ones(5), 0.0) is None
    assert onset(HOURS[:0], np.ones(0), 0.0) is None
    assert onset(HOURS, np.zeros(480), 0.5) is None


def test_days_that_go_together_vary_more():
    away = np.repeat(np.tile([1.0, -1.0], 10), 24)
    assert dispersion(HOURS, away, np.ones(480)) == pytest.approx(24)
    assert dispersion(HOURS, np.tile([1.0, -1.0], 240), np.ones(480)) == 1.0


def test_a_rate_of_each_row_is_what_one_rate_is():
    rng = np.random.default_rng(7)
    bad = rng.random(480) < np.where((np.arange(480) >= 100) & (np.arange(480) < 300), 0.6, 0.1)
    assert onset(HOURS, bad, np.full(480, 0.1)) == onset(HOURS, bad, 0.1)


def test_rows_that_are_usually_worse_are_no_onset():
    usual = np.where(np.arange(480) < 240, 0.1, 0.6)
    bad = np.random.default_rng(8).random(480) < usual
    assert onset(HOURS, bad, usual) is None
    assert onset(HOURS, bad, 0.1) is not None
