"""Facts: what the reference never had, beside what its own windows did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from monitor.judgement.fact import INFINITE, Fact
from monitor.judgement.facts import column_facts
from monitor.judgement.finding import FindingKind
from monitor.judgement.number_facts import SOFT
from monitor.profile import ColumnCounts
from monitor.stats.inference.events import FLOOR, SOFT_FLOOR
from tests.judgement.counted_sides import Column, judge, levels, normal, sides


def facts(reference: Column, production: Column) -> dict[tuple[FindingKind, int], Fact]:
    both = sides({"x": (reference, production)})
    return {(one.kind, one.side): one for one in column_facts(both.blocks.columns["x"], both.production.columns["x"])}


def users(rng: np.random.Generator, windows: int) -> Column:
    return [[f"user {i}" for i in rng.integers(0, 5_000, 1_000)] for _ in range(windows)]


def test_new_users_of_many_are_expected() -> None:
    rng = np.random.default_rng(0)
    fact = facts(users(rng, 8), users(rng, 20))[FindingKind.UNSEEN, 0]
    assert fact.share.mean() > 0.15
    assert fact.expected(0, len(fact.of) - 1) == pytest.approx(
        fact.share.mean(), rel=0.25
    )  # Good-Turing: rows at levels that were seen once
    assert fact.least > 0.01


def test_more_new_users_than_ever_are_not_expected() -> None:
    rng = np.random.default_rng(1)
    fresh = [[f"robot {i}" for i in range(window * 900, window * 900 + 900)] + one[:100] for window, one in enumerate(users(rng, 3))]
    assert facts(users(rng, 12), fresh)[FindingKind.UNSEEN, 0].least < 0.001


@pytest.mark.parametrize("windows", [3, 20])
def test_a_level_never_seen_in_all_rows_is_sure(windows: int) -> None:
    rng = np.random.default_rng(2)
    reference = levels(rng, windows, {"spring": 0.6, "summer": 0.4})
    fact = facts(reference, [["winter"] * 300])[FindingKind.UNSEEN, 0]
    assert fact.expected(0, len(fact.of) - 1) == 0
    assert fact.least < 1e-8


def test_what_no_share_could_show_is_not_possible() -> None:
    rng = np.random.default_rng(9)
    p = 1e-3
    often_new, never_new = users(rng, 8), levels(rng, 8, {"a": 0.6, "b": 0.4})
    known = facts(often_new, [*users(rng, 1), [None] * 300])[FindingKind.UNSEEN, 0]
    assert known.needed(p).min() > 1
    assert known.possible(p).tolist() == [False, False]
    assert facts(never_new, [["a"] * 300, [None] * 300])[FindingKind.UNSEEN, 0].possible(p).tolist() == [True, False]


def test_stretches_bridge_one_window_and_not_two() -> None:
    shown, none = ["new"] * 30 + ["old"] * 270, ["old"] * 300
    reference = [["old"] * 299 + ["other"]] * 10
    found = facts(reference, [none, shown, none, shown, none, none, shown])[FindingKind.UNSEEN, 0].stretches
    assert [(one.first, one.last) for one in found] == [(1, 3), (6, 6)]
    assert found[0].p_value < found[1].p_value


def test_values_just_beyond_the_farthest_are_no_surprise() -> None:
    rng = np.random.default_rng(3)
    reference = normal(rng, 20)
    top = max(window.max() for window in reference)
    near, far, twice, another = (np.append(normal(rng, 1)[0][:270], np.full(30, top + step)) for step in (0.2, 9.0, 18.0, 9000.0))
    fact = facts(reference, [near, far, twice, another])[FindingKind.RANGE, 1]
    soft = max(SOFT_FLOOR, fact.own.max())
    assert fact.largest[0] == pytest.approx(soft)
    own = np.std([window.max() for window in reference], ddof=1) * stats.t.isf(stats.norm.sf(SOFT), 19)
    assert fact.largest[1:3] == pytest.approx(soft * (own / np.array([9.0, 18.0])) ** 2, rel=1e-6)
    assert fact.largest[3] == FLOOR
    assert fact.p_value[0] > 0.01
    assert fact.p_value[1] < 1e-4
    assert fact.p_value[3] < 1e-5
    assert (np.diff(fact.p_value) < 0).all()


def test_one_window_does_not_know_how_far_windows_differ() -> None:
    rng = np.random.default_rng(8)
    day, next_day = normal(rng, 1), normal(rng, 10, mean=0.9)
    assert facts(day, next_day)[FindingKind.RANGE, 1].least > 0.05
    assert facts(day, [100 * one for one in next_day])[FindingKind.RANGE, 1].least < 1e-4


def test_more_rain_than_on_one_of_nine_days_is_no_surprise() -> None:
    rng = np.random.default_rng(3)
    dry, drops = [np.zeros(300) for _ in range(9)], rng.choice([0.01, 0.07], 60)
    dry[4] = np.append(np.zeros(240), drops)
    rain = np.append(np.zeros(210), rng.uniform(0.1, 0.64, 90))
    fact = facts(dry, [np.zeros(300)] * 20 + [rain])[FindingKind.RANGE, 1]
    assert fact.share[-1] == pytest.approx(0.3)
    assert fact.least > 0.1


@pytest.mark.parametrize("middle", [36.0, 41.0, 50.0, 55.0])
def test_how_far_a_value_is_does_not_depend_on_where_the_column_lies(middle: float) -> None:
    rng = np.random.default_rng(6)
    reference = [middle + 4 * one for one in normal(rng, 35)]
    other_unit = [np.append(middle + 4 * one[:293], np.full(7, middle + 65 + shift)) for shift, one in enumerate(normal(rng, 14))]
    assert facts(reference, other_unit)[FindingKind.RANGE, 1].least < 1e-5


def test_a_hard_bound_is_far_at_once() -> None:
    rng = np.random.default_rng(4)
    percent = [np.append(rng.integers(0, 101, 298), [0, 100]).astype(float) for _ in range(12)]
    odd = np.append(rng.integers(0, 101, 290), np.full(10, 101)).astype(float)
    assert facts(percent, [percent[0], odd])[FindingKind.RANGE, 1].p_value[1] < 0.001
    assert facts(percent, [percent[0], odd])[FindingKind.RANGE, 1].p_value[0] == 1


def test_values_between_the_few_that_there_are() -> None:
    rng = np.random.default_rng(5)
    reference = [rng.choice([1.0, 2.0, 3.0], 300) for _ in range(12)]
    fact = facts(reference, [np.append(rng.choice([1.0, 2.0, 3.0], 150), np.full(150, 2.5)), reference[0]])[FindingKind.RANGE, 0]
    assert fact.share.tolist() == [0.5, 0.0]
    assert fact.least < 0.001


def test_infinite_values_are_a_fact_where_there_were_none() -> None:
    rng = np.random.default_rng(4)
    reference, windows = normal(rng, 12), normal(rng, 3)
    windows[1][:15] = [np.inf, -np.inf, np.inf] * 5
    fact = facts(reference, windows)[FindingKind.RANGE, INFINITE]
    assert fact.share.tolist() == pytest.approx([0.0, 15 / len(windows[1]), 0.0])
    assert [(one.first, one.last) for one in fact.stretches] == [(1, 1)]
    assert fact.least < 0.001
    reference[0][0] = np.inf
    assert (FindingKind.RANGE, INFINITE) not in facts(reference, windows)  # then their share is one that may change as others do


def test_one_value_for_all_rows() -> None:
    rng = np.random.default_rng(6)
    fact = facts(normal(rng, 12), [np.full(300, 0.5), *normal(rng, 2)])[FindingKind.CONSTANT, 0]
    assert fact.rows.tolist() == [300, 0, 0]
    assert fact.least < 1e-5


def test_two_equal_rows_of_a_common_level_are_nothing() -> None:
    rng = np.random.default_rng(7)
    fact = facts(levels(rng, 12, {"a": 0.9, "b": 0.1}), [["a", "a"]])[FindingKind.CONSTANT, 0]
    assert fact.least > 0.5


def test_missing_values_that_come_and_go_are_known() -> None:
    def hours(lost: int) -> list[float | None]:
        return [None] * lost + [float(i) for i in range(300 - lost)]

    reference = [hours(lost) for lost in (0, 0, 40, 0, 0, 0, 25, 0)]
    fact = facts(reference, [hours(30), hours(300)])[FindingKind.MISSING, 0]
    assert fact.p_value[0] == pytest.approx(2 / 9)  # one window of eight lost as many
    assert fact.p_value[1] < 0.001


def test_a_column_that_never_had_a_value_has_no_facts() -> None:
    assert column_facts(*_without_values()) == ()


def test_few_values_tell_what_is_missing_and_not_what_never_was() -> None:
    seldom = [["a", "b", *[None] * 298] for _ in range(8)]
    assert set(facts(seldom, [["c"] * 300])) == {(FindingKind.MISSING, 0)}
    assert facts([["a", "b", "a"]] * 8, [["c"] * 300]) == {}


def _without_values() -> tuple[ColumnCounts, ColumnCounts]:
    both = sides({"x": ([["a", None]], [["a"]])})
    blocks = both.blocks.columns["x"].take([[]])
    return blocks, both.production.columns["x"]


def campaigns(rng: np.random.Generator, first: int, windows: int) -> Column:
    """Return windows in which each of forty campaigns is one of its own time: two begin and two end in each."""
    return [[f"campaign {i}" for i in rng.integers(2 * at, 2 * at + 40, 400)] for at in range(first, first + windows)]


def test_levels_that_come_and_go_in_the_reference_do_so_in_production() -> None:
    rng = np.random.default_rng(3)
    found = facts(campaigns(rng, 0, 40), campaigns(rng, 40, 20))
    assert found[FindingKind.UNSEEN, 0].rows[-1] == 400  # all are new by then, and nothing happened
    assert found[FindingKind.UNSEEN, 0].least > 0.05
    assert found[FindingKind.LEVEL, 0].least > 0.05


def test_levels_that_are_all_new_at_once_are_more_than_come_and_go() -> None:
    rng = np.random.default_rng(4)
    renamed = [[level.upper() for level in one] for one in campaigns(rng, 40, 6)]
    assert facts(campaigns(rng, 0, 40), renamed)[FindingKind.UNSEEN, 0].least < 0.001


def test_values_of_another_size_are_far_though_near_in_a_column_that_is_never_near_0() -> None:
    rng = np.random.default_rng(5)
    usual = [rng.lognormal(0.7, 0.3, 300).tolist() for _ in range(40)]
    inches = [[*rng.lognormal(0.7, 0.3, 275), *(rng.lognormal(0.7, 0.3, 25) / 25.4)] for _ in range(20)]
    assert facts(usual, inches)[FindingKind.RANGE, -1].least < 0.001
    assert facts(usual, [rng.lognormal(0.7, 0.3, 300).tolist() for _ in range(20)])[FindingKind.RANGE, -1].least > 0.05


@pytest.mark.parametrize("few", [0, 2])
def test_the_limit_of_new_levels_is_where_they_begin_to_alarm(few: int) -> None:
    """Of 1,000 rows a day; with a limit of k rows, k alarm and k - 1 do not, whether any were there or not."""
    rng = np.random.default_rng(5)
    named = {f"level {i}": 1 / 40 for i in range(40)}

    def day(rows: int) -> list[str]:
        return ["new"] * rows + levels(rng, 1, named, 1_000 - rows)[0]

    def told(rows: int) -> pd.Series:
        reference = [day(0) for _ in range(12)]
        reference[3][:3] = ["rare a", "rare b", "rare c"]
        table = judge({"x": (reference, [day(0), day(0), day(0), day(rows), day(0)])}).table
        return table[(table["method"] == "new_levels") & (table["window"] == table["window"].unique()[3])].iloc[0]

    limit = told(few)["limit"]
    rows = int(np.ceil(limit * 1_000 - 1e-9))
    assert 0 < rows < 200
    below, above = told(rows - 1), told(rows)
    assert (below["status"], above["status"]) == ("stable", "alert")
    assert below["strength"] < 1 <= above["strength"]


def test_where_no_rows_could_alarm_new_ids_are_not_judged() -> None:
    ids = [[f"{window}-{row}" for row in range(100)] for window in range(16)]
    table = judge({"id": (ids[:12], ids[12:])}).table
    assert set(table.loc[table["method"] == "new_levels", "status"]) == {"not_judged"}
