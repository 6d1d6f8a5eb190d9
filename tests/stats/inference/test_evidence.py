"""Evidence of a panel: planted runs are found with their ends, neighbours are joined, patterns taken out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from monitor.stats.inference.evidence import gather_evidence
from monitor.stats.inference.kurtosis import excess_kurtosis
from monitor.stats.inference.panel import Panel
from tests.stats.inference.panels import panel

PLANTED = [(3, 4, 6.0), (10, 19, 2.5), (0, 29, -2.0), (12, 12, 9.0)]


def drawn(seed: int = 0, **changes: float) -> Panel:
    return panel(np.random.default_rng(seed), reference=40, windows=30, **changes)


def moved(one: Panel, series: int, first: int, last: int, by: float) -> Panel:
    x = one.x.copy()
    x[series, one.reference + first : one.reference + last + 1] += by
    return replace(one, x=x)


@pytest.mark.parametrize(("first", "last", "by"), PLANTED)
def test_a_planted_run_is_found_with_its_ends(first: int, last: int, by: float) -> None:
    evidence = gather_evidence(moved(drawn(), 4, first, last, by))
    assert evidence.p_value[4] < 0.001
    assert (np.delete(evidence.p_value, 4) > 0.005).all()
    (run,) = evidence.runs(4, 0.005)
    assert run.run.first_from <= first <= run.run.first_to
    assert run.run.last_from <= last <= run.run.last_to
    assert abs(run.run.first - first) + abs(run.run.last - last) <= 1
    assert run.mean == pytest.approx(by, abs=2.0)


def test_two_runs_of_other_directions_stay_apart() -> None:
    one = moved(moved(drawn(), 2, 2, 8, 4.0), 2, 9, 15, -4.0)
    runs = gather_evidence(one).runs(2, 0.005)
    assert [run.mean > 0 for run in runs] == [True, False]
    assert runs[0].run.last < runs[1].run.first


def test_neighbours_of_one_direction_are_one_run() -> None:
    one = moved(moved(drawn(), 2, 5, 11, 5.0), 2, 13, 20, 9.0)
    (run,) = gather_evidence(one).runs(2, 0.005)
    assert (run.run.first, run.run.last) == (5, 20)


def test_a_fault_within_a_season_is_a_run_of_its_own() -> None:
    one = moved(moved(drawn(), 2, 5, 11, 4.0), 2, 12, 13, 25.0)
    runs = gather_evidence(one).runs(2, 0.005)
    assert [(run.run.first, run.run.last) for run in runs] == [(5, 11), (12, 13)]


def test_a_window_in_which_a_fault_begins_is_part_of_its_run() -> None:
    one = moved(moved(drawn(), 2, 11, 11, 6.0), 2, 12, 15, 25.0)
    (run,) = gather_evidence(one).runs(2, 0.005)
    assert (run.run.first, run.run.last) == (11, 15)


def test_what_climbs_is_one_run() -> None:
    one = drawn()
    for window in range(20):
        one = moved(one, 2, 5 + window, 5 + window, 1.5 * window)
    (run,) = gather_evidence(one).runs(2, 0.005)
    assert run.run.first <= 8
    assert run.run.last == 24


def test_no_run_is_found_where_nothing_changed() -> None:
    evidence = gather_evidence(drawn(3))
    assert [evidence.runs(series, 0.001) for series in range(12)] == [[]] * 12


def test_the_p_value_is_that_of_the_farthest_run() -> None:
    evidence = gather_evidence(moved(drawn(), 1, 6, 14, 3.0))
    (run,) = evidence.runs(1, 0.01)
    assert evidence.p_value[1] <= run.p_value <= 2 * evidence.p_value[1]


def test_windows_with_more_rows_say_more() -> None:
    one = drawn()
    variance = one.variance.copy()
    variance[:, one.reference + 3] = 0.1
    away, weight = gather_evidence(replace(one, variance=variance)).away(0)
    assert weight[3] > weight[4]
    assert len(away) == 30


def test_windows_that_say_nothing_say_nothing() -> None:
    one = moved(drawn(), 0, 5, 5, 50.0)
    variance = one.variance.copy()
    variance[:, one.reference + 5] = np.inf
    evidence = gather_evidence(replace(one, variance=variance))
    assert evidence.p_value[0] > 0.01
    assert evidence.singles(slice(0, 1))[0][5] == 0


def test_runs_do_not_begin_or_end_with_windows_that_say_nothing() -> None:
    one = moved(drawn(), 0, 12, 19, 8.0)
    variance = one.variance.copy()
    variance[0, one.reference : one.reference + 12] = np.inf
    variance[0, one.reference + 20 :] = np.inf
    (run,) = gather_evidence(replace(one, variance=variance)).runs(0, 0.005)
    assert (run.run.first, run.run.last, run.run.first_from, run.run.last_to) == (12, 19, 12, 19)


def test_single_windows_are_read_as_runs_of_one() -> None:
    evidence = gather_evidence(moved(drawn(), 0, 7, 7, 8.0))
    (run,) = [run for run in evidence.runs(0, 0.01) if run.run.first == 7]
    assert run.run.length == 1
    assert evidence.singles(slice(0, 1))[0][7] == pytest.approx(run.t, rel=0.02)


def test_an_empty_screen_has_no_evidence() -> None:
    none = Panel(np.zeros((0, 5)), np.ones((0, 5)), 3, np.ones(2))
    assert len(gather_evidence(none).p_value) == 0


def test_the_same_seed_says_the_same() -> None:
    first, second = (gather_evidence(drawn(), seed=3).p_value for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_weekly_pattern_hides_nothing() -> None:
    season = np.arange(70) % 7
    pattern = 4 * np.isin(season, [5, 6]) - 1.0
    one = drawn()
    one = moved(replace(one, x=one.x + pattern), 0, 14, 20, 2.5)
    blind, seeing = (gather_evidence(replace(one, season=s)) for s in (None, season))
    assert seeing.p_value[0] < 0.002 < blind.p_value[0]
    assert (seeing.p_value[1:] > 0.002).all()


def test_kurtosis_is_scipys() -> None:
    x = np.random.default_rng(8).standard_t(4, (6, 30))
    x[1, 3:9], x[2, 4:] = np.nan, np.nan
    known = [row[np.isfinite(row)] for row in x]
    assert excess_kurtosis(x) == pytest.approx([stats.kurtosis(row, bias=False) for row in known], rel=1e-9)


def test_beside_some_windows_neither_a_pattern_nor_the_reference_s_level_is_a_change() -> None:
    """Each judged window beside the one before, the seven before, and the same weekday: of a reference whose level is not 0."""
    weekday = np.arange(70) % 7
    one = drawn()
    one = replace(one, x=one.x + 5 * np.isin(weekday, [5, 6]) - 6.0, season=weekday)
    lag = np.arange(one.reference, 70)[:, None] - np.arange(70)[None, :]
    for against in (lag == 1, (lag >= 1) & (lag <= 7), np.isin(lag, [7, 14])):
        found = gather_evidence(replace(one, against=against)).p_value
        assert found.min() > 0.002
        jumped = moved(one, 0, 12, 29, 9.0)
        assert gather_evidence(replace(jumped, against=against)).p_value[0] < 0.05


@pytest.mark.parametrize(("long", "gap"), [(2, 3), (7, 3), (7, 6)])
def test_two_faults_with_windows_between_that_are_as_ever_are_two_runs(long: int, gap: int) -> None:
    one = moved(moved(drawn(), 4, 3, 2 + long, 4.0), 4, 3 + long + gap, 2 + 2 * long + gap, 4.0)
    found = [(run.run.first, run.run.last) for run in gather_evidence(one).runs(4, 0.005)]
    assert found == [(3, 2 + long), (3 + long + gap, 2 + 2 * long + gap)]


def test_a_window_back_to_normal_or_a_weaker_stretch_does_not_end_a_run() -> None:
    lone = moved(moved(drawn(), 4, 3, 9, 4.0), 4, 6, 6, -4.0)
    weaker = moved(moved(drawn(), 4, 3, 20, 6.0), 4, 9, 12, -2.5)
    assert [len(gather_evidence(one).runs(4, 0.005)) for one in (lone, weaker)] == [1, 1]


def test_series_that_say_nothing_do_not_shorten_the_windows_of_one_that_does() -> None:
    """One of twelve numbers is told in every window, the others in three: a run longer than those three windows is found."""
    one = moved(drawn(), 4, 5, 24, 4.0)
    variance = one.variance.copy()
    variance[np.arange(12) != 4, one.reference :] = np.inf
    variance[np.arange(12) != 4, one.reference + 9 : one.reference + 12] = 1.0
    evidence = gather_evidence(replace(one, variance=variance))
    assert [(run.run.first, run.run.last) for run in evidence.runs(4, 0.005)] == [(5, 24)]
