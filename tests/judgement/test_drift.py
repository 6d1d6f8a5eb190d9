"""The judged table: one limit, one strength, one row that speaks; what is said of rows that say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import monitor
from monitor.analyses.drift import measure_counted, measure_drift
from monitor.case import DriftThresholds
from monitor.case.thresholds import FLOORS
from monitor.judgement.assessment import assess_drift
from monitor.judgement.column_verdict import QUIET, speaks
from monitor.judgement.details import cell_members, cell_table
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.drift_table import JUDGED, LASTING
from monitor.judgement.finding import EXACT, FindingKind, Measure, State
from monitor.judgement.findings import ALARMS, FINDINGS, findings_table
from monitor.vocabulary import Status
from tests.judgement.counted_sides import Column, judge, levels, normal, of, quiet, sides


def screen() -> dict[str, Any]:
    """From the seventh of twelve days on: higher by half an sd, a fifth missing, c is replaced by d."""
    rng = np.random.default_rng(0)
    holes = [np.where(rng.random(300) < 0.2, np.nan, one) for one in normal(rng, 6)]
    before, after = {"a": 0.5, "b": 0.3, "c": 0.2}, {"a": 0.5, "b": 0.3, "d": 0.2}
    return {
        "moved": (normal(rng, 14), [*normal(rng, 6), *normal(rng, 6, mean=0.5)]),
        "holes": (normal(rng, 14), [*normal(rng, 6), *holes]),
        "level": (levels(rng, 14, before), [*levels(rng, 6, before), *levels(rng, 6, after)]),
        **quiet(0, 14, 12),
    }


@pytest.fixture(scope="module")
def planted() -> JudgedDrift:
    return judge(screen())


def test_what_was_planted_is_found_from_its_onset_on(planted: JudgedDrift) -> None:
    found = {(one.what, one.kind): one for one in planted.findings if one.kind is not FindingKind.RANGE}
    assert set(found) == {("moved", FindingKind.VALUE), ("holes", FindingKind.MISSING), ("level", FindingKind.UNSEEN)}
    assert {(one.first, one.last, one.state) for one in found.values()} == {(6, 11, State.ONGOING)}
    assert all(np.isnat(one.end) for one in found.values())


def test_one_row_speaks_for_each_column_and_window(planted: JudgedDrift) -> None:
    assert list(planted.table.columns[: len(JUDGED.columns)]) == list(JUDGED.columns)
    assert (planted.table.groupby(["column", "window"])["primary"].sum() == 1).all()
    assert len(planted.primary) == 7 * 12
    assert planted.primary["score"].notna().all()


def test_strength_is_the_larger_of_both_ratios(planted: JudgedDrift) -> None:
    rows = planted.table[~planted.table["status"].isin(QUIET) & (planted.table["limit"].notna() | planted.table["run"].notna())]
    alone = (rows["size"] / rows["limit"]).fillna(0.0)
    found = {one.id: one for one in planted.findings}
    run = rows["run"].map(lambda name: abs(found[name].score) / found[name].limit if isinstance(name, str) else 0.0)
    np.testing.assert_allclose(rows["strength"], np.maximum(alone, run), rtol=1e-6, atol=1e-9)


def test_the_limit_of_a_run_stands_on_the_rows_of_its_method(planted: JudgedDrift) -> None:
    found = {one.id: one for one in planted.findings}
    of_runs = planted.table[planted.table["run"].notna()]
    own = of_runs["method"] == of_runs["run"].map(lambda name: found[name].method)
    assert 0 < own.sum() < len(own)
    assert of_runs.loc[own, "run_limit"].tolist() == of_runs.loc[own, "run"].map(lambda name: found[name].limit).tolist()
    assert of_runs.loc[~own, "run_limit"].isna().all()


def test_a_window_has_the_status_of_its_strongest_run(planted: JudgedDrift) -> None:
    for row in planted.table.itertuples():
        mine = [one for one in planted.findings if one.what == row.column and speaks(one, str(row.method))]
        mine = [one for one in mine if one.first <= planted.primary["window"].unique().tolist().index(row.window) <= one.last]
        if row.status in QUIET:
            continue
        expected = max(mine, key=lambda one: one.strength).status if mine else Status.STABLE
        assert row.status == expected


def test_alarms_and_only_they_are_beyond_a_limit(planted: JudgedDrift) -> None:
    primary = planted.primary
    alarms = primary["status"].isin(ALARMS)
    assert (primary.loc[alarms, "strength"] >= 1).all()
    assert (primary.loc[~alarms, "strength"] < 1).mean() > 0.9
    assert (primary.loc[alarms, "run"].notna()).all()


def test_figures_before_and_after(planted: JudgedDrift) -> None:
    moved, holes, level = (next(one for one in of(planted, name) if one.first == 6) for name in ("moved", "holes", "level"))
    assert moved.measure is Measure.MEAN
    assert (moved.before, moved.after) == pytest.approx((0.0, 0.5), abs=0.08)
    assert holes.after == pytest.approx(0.2, abs=0.03)
    assert (list(level.levels), level.levels_lost) == (["d"], ("c",))
    assert level.rows == sum(level.levels.values())


def test_few_false_alarms_are_expected_and_the_selection_is_told(planted: JudgedDrift) -> None:
    assert planted.expected_false_alarms == 0.05
    assert planted.family == 7
    assert planted.selection.named == {"moved", "holes", "level"}
    assert (planted.table.groupby("column")["q_value"].nunique() == 1).all()


def test_other_thresholds_need_no_second_look_at_the_data(planted: JudgedDrift) -> None:
    again = judge_drift(planted.assessment)
    assert again.table.equals(planted.table)
    assert judge_drift(planted.assessment, DriftThresholds(floors=dict.fromkeys(FLOORS, 5.0))).findings == ()


def test_without_floors_nothing_is_too_small_to_matter(planted: JudgedDrift) -> None:
    every = judge_drift(planted.assessment, DriftThresholds(floor=0.0, floors=dict.fromkeys(FLOORS, 0.0)))
    assert {one.what for one in every.findings} == planted.selection.named
    assert {one.status for one in every.findings} == {Status.ALERT}


def test_a_column_that_is_stuck_in_all_rows_is_an_alert() -> None:
    rng = np.random.default_rng(11)
    stuck = judge({"x": (normal(rng, 14), [*normal(rng, 2), *[np.full(300, 0.5)] * 4]), **quiet(3, 14, 6)})
    assert [(one.kind, one.status, one.score) for one in of(stuck, "x")] == [(FindingKind.CONSTANT, Status.ALERT, 1.0)]


@pytest.mark.parametrize(("method", "floor"), [("js", 0.6), ("missing_share", 0.5), ("new_levels", 0.5)])
def test_no_floor_below_the_ceiling_of_a_score_makes_an_alert_impossible(method: str, floor: float) -> None:
    rng = np.random.default_rng(12)
    after: dict[str, Column] = {
        "js": levels(rng, 4, {"b": 1.0}),
        "missing_share": [[None] * 300] * 4,
        "new_levels": levels(rng, 4, {"z": 1.0}),
    }
    gone = judge({"x": (levels(rng, 14, {"a": 0.97, "b": 0.03}), after[method]), **quiet(3, 14, 4)}, floors={method: floor})
    assert Status.ALERT in {one.status for one in of(gone, "x") if one.method == method}


def test_shares_of_values_and_of_rows_are_told_apart() -> None:
    """Half of the rows lost their value, a fifth of the others has a new level."""
    rng = np.random.default_rng(13)
    before, after = {"a": 0.6, "b": 0.4}, {"a": 0.5, "b": 0.3, "new": 0.2}
    half = [[None] * 150 + one[:150] for one in levels(rng, 6, after)]
    judged = judge({"x": (levels(rng, 14, before), half), "y": (levels(rng, 14, before), levels(rng, 6, after)), **quiet(4, 14, 6)})
    x, y = (next(one for one in of(judged, name) if one.kind is FindingKind.UNSEEN) for name in "xy")
    assert (x.after, x.share_rows) == pytest.approx((0.2, 0.1), abs=0.03)
    assert (y.after, y.share_rows) == pytest.approx((0.2, 0.2), abs=0.03)
    said = findings_table(judged.findings, judged.names, judged.against).set_index("run")["sentence"]
    assert "of rows with a value since" in said[x.id]
    assert "of rows since" in said[y.id]


def test_what_the_reference_never_had_is_none_of_its_rows() -> None:
    """Even where some of it is expected: new users, values a little above the largest."""
    rng = np.random.default_rng(14)

    def users(windows: int, first: int = 0) -> Column:
        return [[f"user {i}" for i in rng.integers(first, first + 2_000, 300)] for _ in range(windows)]

    far = [np.append(one[:200], np.full(100, 30.0)) for one in normal(rng, 4)]
    judged = judge({"user": (users(14), users(4, 1_900)), "x": (normal(rng, 14), far), **quiet(6, 14, 4)})
    facts = {one.kind: one for one in judged.findings}
    assert {FindingKind.UNSEEN, FindingKind.RANGE} <= set(facts)
    assert {facts[kind].before for kind in (FindingKind.UNSEEN, FindingKind.RANGE)} == {0.0}
    assert facts[FindingKind.UNSEEN].by_chance == pytest.approx(0.14, abs=0.05)  # what 13 windows of 300 rows leave out


@pytest.mark.parametrize(
    ("after", "swapped"),
    [
        ({"DE": 0.25, "AT": 0.4, "CH": 0.2, "FR": 0.15}, ["AT", "DE"]),
        ({"DE": 0.25, "AT": 0.55, "CH": 0.1, "FR": 0.1}, []),
        ({"DE": 0.25, "AT": 0.25, "CH": 0.35, "FR": 0.15}, []),
        ({"DE": 0.25, "AT": 0.4, "CH": 0.05, "FR": 0.3}, []),
    ],
)
def test_two_levels_that_exchange_their_shares_are_swapped(after: dict[str, float], swapped: list[str]) -> None:
    rng = np.random.default_rng(15)
    before = {"DE": 0.4, "AT": 0.25, "CH": 0.2, "FR": 0.15}
    judged = judge({"x": (levels(rng, 14, before), levels(rng, 6, after)), **quiet(7, 14, 6)})
    [found] = of(judged, "x")
    assert found.kind is (FindingKind.LEVEL if swapped else FindingKind.VALUE)
    assert sorted(found.levels) == swapped
    assert (found.first, found.last, found.method) == (0, 5, "js")
    lost = judged.table[(judged.table["column"] == "x") & (judged.table["method"] == "lost_levels")]
    assert set(lost["status"]) <= {Status.STABLE}


def test_two_levels_of_nearly_equal_shares_are_not_swapped_by_passing_each_other() -> None:
    rng = np.random.default_rng(19)
    before, after = ({"0": share, "1": 1 - share} for share in (0.515, 0.42))
    judged = judge({"x": (levels(rng, 14, before), levels(rng, 4, after)), **quiet(8, 14, 4)})
    assert [one.kind for one in of(judged, "x")] == [FindingKind.VALUE]


@pytest.mark.parametrize(("after", "swapped"), [(0.815, False), (0.77, True), (0.72, False)])
def test_levels_that_passed_each_other_by_more_than_an_exchange_are_not_swapped(after: float, swapped: bool) -> None:
    """Of 23 and 77 % an exchange leaves 77 and 23: in 4,500 rows 81.5 are seven standard errors more."""
    rng = np.random.default_rng(20)
    before, now = ({"yes": share, "no": 1 - share} for share in (0.23, after))
    judged = judge({"x": (levels(rng, 30, before, 500), levels(rng, 9, now, 500)), **quiet(9, 30, 9)})
    assert [one.kind for one in of(judged, "x")] == [FindingKind.LEVEL if swapped else FindingKind.VALUE]


@pytest.mark.parametrize(("rows", "status"), [(300, Status.ALERT), (3_000, Status.WARNING)])
def test_one_row_that_is_absurdly_far_is_told(rows: int, status: Status) -> None:
    rng = np.random.default_rng(16)

    def ages(windows: int) -> Column:
        return [rng.integers(18, 80, rows).astype(float) for _ in range(windows)]

    wild, near = ages(8), ages(8)
    wild[4][7], near[4][7] = 9_999.0, 81.0
    judged = judge({"age": (ages(20), wild), "other": (ages(20), near), **quiet(8, 20, 8, rows)})
    [found] = judged.findings
    assert (found.what, found.kind, found.first, found.last, found.rows, found.status) == ("age", FindingKind.RANGE, 4, 4, 1, status)
    said = findings_table(judged.findings, judged.names, judged.against)["sentence"].iloc[0]
    assert said.startswith("age had one row at 9,999 (reference at most 79)")
    speaking = judged.primary[(judged.primary["column"] == "age") & (judged.primary["run"] == found.id)]
    assert (speaking["strength"] >= 1).all()
    assert len(speaking) == 1


def test_a_season_is_told_once_with_its_hottest_days() -> None:
    rng = np.random.default_rng(18)
    summer = np.full(40, 2.0)
    summer[[8, 9, 10, 20, 21, 30]] = 4.5
    heat = [normal(rng, 1, mean=one)[0] for one in [*np.zeros(5), *summer, *np.zeros(5)]]
    judged = judge({"x": (normal(rng, 40), heat), **quiet(9, 40, 50)})
    [found] = of(judged, "x")
    assert (found.kind, found.first, found.last, found.bound) == (FindingKind.VALUE, 5, 44, pytest.approx(3.8, abs=0.5))
    assert found.extreme == max(one.max() for one in heat)
    assert "(reference at most" in findings_table(judged.findings, judged.names, judged.against)["sentence"].iloc[0]
    outside = judged.table[(judged.table["column"] == "x") & (judged.table["method"] == "out_of_range")]
    hot, cool = outside.iloc[[13, 14, 15, 25, 26, 35]], outside.iloc[[0, 1, 48, 49]]
    assert hot["status"].isin(ALARMS).any()
    assert (hot["status"].isin(ALARMS) == (hot["strength"] >= 1)).all()
    assert set(cool["status"]) == {Status.STABLE}


def test_values_that_leave_the_range_on_both_sides_do_not_spread_less_wide() -> None:
    """Two humps become one with wild ends: a smaller sd, and rows beyond both ends."""
    rng = np.random.default_rng(19)
    humps = [rng.normal(rng.choice([-3.0, 3.0], 400), 0.3) for _ in range(20)]
    one_hump = [np.concatenate([rng.normal(0, 0.5, 360), rng.normal(-9, 0.2, 20), rng.normal(9, 0.2, 20)]) for _ in range(6)]
    judged = judge({"x": (humps, one_hump), **quiet(10, 20, 6, 400)})
    found = of(judged, "x")
    assert {one.kind for one in found} == {FindingKind.RANGE, FindingKind.VALUE}
    assert {one.extreme > 0 for one in found if one.kind is FindingKind.RANGE} == {True, False}
    said = findings_table(found, judged.names, judged.against).set_index("kind").loc["value", "sentence"]
    assert "is distributed differently" in said


def test_a_fixed_threshold_alone_judges_its_column(planted: JudgedDrift) -> None:
    fixed = judge_drift(planted.assessment, DriftThresholds(fixed={"quiet 0:js": 0.0, "moved:js": 2.0}, method={"*": "js"}))
    (quiet_one,) = of(fixed, "quiet 0")
    assert (quiet_one.kind, quiet_one.first, quiet_one.last, quiet_one.limit) == (FindingKind.FIXED, 0, 11, 0.0)
    assert of(fixed, "moved") == []
    rows = fixed.table[(fixed.table["column"] == "moved") & (fixed.table["method"] == "js")]
    assert set(rows["status"]) == {Status.STABLE}
    assert set(rows["limit"]) == {2.0}
    assert set(rows["threshold_from"]) == {"fixed"}
    assert "quiet 0" not in fixed.selection.adjusted


def test_a_fixed_threshold_that_is_reached_twice_is_two_findings(planted: JudgedDrift) -> None:
    scores = planted.table[(planted.table["column"] == "quiet 1") & (planted.table["method"] == "js")]["score"].to_numpy()
    bar = float(np.sort(scores)[-3])
    fixed = judge_drift(planted.assessment, DriftThresholds(fixed={"quiet 1:js": bar}))
    found = of(fixed, "quiet 1")
    assert sum(one.windows for one in found) == int((scores >= bar).sum())


def test_too_few_rows_is_no_alarm_and_no_all_clear(planted: JudgedDrift) -> None:
    few = judge_drift(planted.assessment, DriftThresholds(min_rows=301))
    facts = {one.what for one in few.findings}
    assert {one.kind for one in few.findings} <= EXACT
    others = few.table[~few.table["column"].isin(facts)]
    assert set(others["status"]) == {Status.TOO_FEW_ROWS}
    assert (others["strength"] == 0).all()
    assert set(few.table.loc[few.table["column"].isin(facts), "status"]) == {Status.TOO_FEW_ROWS, Status.ALERT}


def test_extremes_are_shown_and_not_judged() -> None:
    judged = judge_drift(measure_counted(sides(quiet(1, 10, 4)), methods=["default", "max_change"]))
    assert set(judged.table.loc[judged.table["method"] == "max_change", "status"]) == {Status.NOT_JUDGED}


@pytest.mark.parametrize("reference", [2, 3, 5, 12])
def test_where_no_change_could_alarm_nothing_is_called_stable(reference: int) -> None:
    rng = np.random.default_rng(3)
    shares = {"a": 0.9, "b": 0.1}
    quiet_rows = judge({"x": (levels(rng, reference, shares, 40), levels(rng, 4, shares, 40))}).primary
    turned = judge({"x": (levels(rng, reference, shares, 40), [["b"] * 40] * 4)})
    assert (quiet_rows["status"] == Status.NOT_JUDGED).all() or turned.findings


def test_no_limit_lies_beyond_what_a_score_can_reach() -> None:
    rng = np.random.default_rng(4)

    def gauge(windows: int) -> Column:
        """Days of a gauge that is off for any part of the day."""
        return [np.where(rng.random(200) < rng.random(), np.nan, rng.normal(rng.normal(), 0.3, 200)) for _ in range(windows)]

    table = judge({"x": (gauge(12), gauge(20)), **quiet(5, 12, 20)}).table
    bounded = table[table["method"].isin(["js", "missing_share", "out_of_range"])]
    assert (bounded["limit"].dropna() <= 1).all()
    mine = table[(table["column"] == "x") & (table["method"] == "missing_share")]
    assert mine["limit"].isna().all()
    assert set(mine["status"]) == {Status.NOT_JUDGED}
    assert set(table.loc[(table["column"] == "quiet 0") & (table["method"] == "missing_share"), "status"]) == {Status.STABLE}


def test_a_limit_beyond_what_a_score_can_reach_leaves_the_strength_and_says_why_a_window_alone_is_silent() -> None:
    """Windows of a column with weather of its own, then a spring: no distance of one window is beyond what its weeks do."""
    rng = np.random.default_rng(8)
    wide = ([rng.normal(rng.normal(), 0.25, 200) for _ in range(12)], [rng.normal(1.5 + 0.1 * at, 0.25, 200) for at in range(8)])
    table = judge({"x": wide, **quiet(5, 12, 8)}).table
    unbound = table[(table["column"] == "x") & table["limit"].isna() & (table["status"] == Status.STABLE) & (table["method"] == "js")]
    assert len(unbound)
    assert (unbound["strength"] > 0).all()
    assert (unbound["strength"] < 1).all()
    assert set(unbound["reason"]) == {LASTING}
    assert table.loc[table["limit"].notna() & (table["status"] == Status.STABLE), "reason"].isna().all()
    assert (table.loc[table["limit"].isna() & (table["method"] == "out_of_range"), "strength"] == 0).all()


def test_what_could_have_been_seen_is_seen_in_four_of_five_cases() -> None:
    size = float(judge(quiet(2, 30, 6)).primary["detectable"].median())
    seen = 0
    for seed in range(10):
        rng = np.random.default_rng([4, seed])
        shifted = (normal(rng, 30), [*normal(rng, 3), *normal(rng, 1, mean=size), *normal(rng, 2)])
        seen += any(one.first <= 3 <= one.last for one in of(judge({"x": shifted, **quiet(seed, 30, 6)}, floor=0.0), "x"))
    assert seen >= 5  # of ten at four in five


def test_findings_as_a_table(planted: JudgedDrift) -> None:
    table = findings_table(planted.findings, planted.names, planted.against)
    assert list(table.columns) == list(FINDINGS.columns)
    assert set(planted.table["run"].dropna()) == set(table["run"])
    assert table["sentence"].str.len().between(10, 250).all()
    assert table.set_index("what").loc["level", "levels"].startswith("d (")


def test_the_cells_of_a_window_mark_what_moved(planted: JudgedDrift) -> None:
    window = planted.primary["window"].iloc[-1]
    table = cell_table(planted, "level", window).set_index("cell")
    assert table["share_reference"].sum() == pytest.approx(1)
    assert table.loc["c", "moved"]
    assert not table.loc["a", "moved"]
    assert len(cell_members(planted, "level")) == len(table)


def test_an_assessment_knows_what_each_score_would_be_without_change(planted: JudgedDrift) -> None:
    table = assess_drift(planted.result).table
    quiet_rows = table[table["column"].str.startswith("quiet") & (table["method"] == "js")]
    assert (quiet_rows["score"] <= quiet_rows["expected"]).mean() > 0.9


def test_what_only_a_lasting_change_could_show_is_judged() -> None:
    """Days of one weather each: none alone can alarm, all of them as one run can."""
    rng = np.random.default_rng(1)

    def days(middles: Iterable[float]) -> Column:
        return [middle + 0.2 * rng.standard_normal(300) for middle in middles]

    reference = days(rng.standard_normal(16))
    usual = judge({"x": (reference, days(rng.standard_normal(30))), **quiet(0, 16, 30)}).primary
    usual = usual[usual["column"] == "x"]
    assert set(usual["status"]) == {Status.STABLE}
    assert usual["detectable"].isna().all()
    assert usual["detectable_lasting"].between(0.5, 2).all()
    assert (usual["limit"].dropna() <= 1).all()
    assert usual["limit"].isna().any()
    lasting = judge({"x": (reference, days(1.2 + 0.3 * rng.standard_normal(30))), **quiet(0, 16, 30)})
    assert {(one.what, one.first, one.last) for one in lasting.findings} == {("x", 0, 29)}


def test_judging_by_another_floor_is_the_same_whether_or_not_something_is_remembered(planted: JudgedDrift) -> None:
    other = DriftThresholds(floors={"js": 0.3})
    again, fresh = judge_drift(planted.assessment, other), judge_drift(assess_drift(planted.result), other)
    pd.testing.assert_frame_equal(again.table, fresh.table)
    assert [one.id for one in again.findings] == [one.id for one in fresh.findings]
    assert not again.table["limit"].equals(planted.table["limit"])
    built = len(planted.assessment.remembered)
    judge_drift(planted.assessment, DriftThresholds(floors={"js": 0.2}))
    assert len(planted.assessment.remembered) == built


@pytest.mark.parametrize("per_day", [100, 1000])
@pytest.mark.parametrize(("reference", "production"), [(46, 45), (28, 24)])
def test_a_column_that_the_calendar_decides_is_no_news(per_day: int, reference: int, production: int) -> None:
    """Whose share is near a tenth, so that it is rare in most windows and everything on its day."""
    rng = np.random.default_rng(3)

    def days(first: int, count: int) -> list[Any]:
        sizes = [round(per_day * (0.6 if day % 7 == 5 else 1) * rng.uniform(0.9, 1.1)) for day in range(first, first + count)]
        return [np.full(size, str(day % 7)) for day, size in zip(range(first, first + count), sizes, strict=True)]

    columns = {"day_of_week": (days(0, reference), days(reference, production)), **quiet(0, reference, production)}
    judged = judge(columns)
    assert [one.what for one in judged.findings if one.what == "day_of_week"] == []


def test_what_is_expected_of_a_window_does_not_depend_on_how_far_it_went() -> None:
    """Days differ by half a standard deviation; from the sixth on all rows lie four above."""
    rng = np.random.default_rng(11)
    reference, production = ([one + shift for one, shift in zip(normal(rng, n), rng.normal(0, 0.5, n), strict=True)] for n in (20, 12))
    moved = production[:6] + [one + 4 for one in production[6:]]
    table = judge({"x": (reference, moved)}).table
    expected = table.loc[table["method"] == "wasserstein_sd", "expected"].to_numpy(float)
    assert expected[6:] == pytest.approx(expected[:6], rel=1e-6)
    assert expected.min() > 0.3  # two and a half standard deviations of the days is 1.2


def test_numbers_that_become_words_are_of_another_type_and_not_gone() -> None:
    rng = np.random.default_rng(12)
    times = [pd.date_range(first, periods=6_000, freq="3min") for first in ("2026-01-01", "2026-01-14")]
    reference = pd.DataFrame({"t": times[0], "grade": rng.integers(0, 50, 6_000)})
    production = pd.DataFrame({"t": times[1], "grade": rng.choice(["low", "high"], 6_000)})
    with monitor.open_tables(reference, production, roles={"timestamp": "t"}, windows="1 day") as workspace:
        judged = judge_drift(measure_drift(workspace))
    assert [monitor.sentence(one, judged.names, judged.against) for one in judged.findings] == [
        "Column 'grade' changed its type from whole number to text since 14 Jan.",
        "grade is text and no number in all rows since 14 Jan, such as 'high' and 'low', against 0%.",
    ]


@pytest.mark.parametrize("usual", [0.0, 0.2])
def test_the_limit_of_missing_values_is_where_they_begin_to_alarm(usual: float) -> None:
    def told(lost: float) -> pd.Series:
        rng = np.random.default_rng(1)
        days = [np.where(np.arange(1_000) < 1_000 * share, np.nan, rng.normal(size=1_000)) for share in (usual + lost, usual)]
        holes = [np.where(rng.random(1_000) < usual, np.nan, rng.normal(size=1_000)) for _ in range(20)]
        table = judge({"x": (holes, [days[1], days[0], days[1]])}).table
        return table[table["method"] == "missing_share"].iloc[1]

    limit = float(told(0.0)["limit"])
    low, high = told(limit - 0.004), told(limit + 0.004)
    assert (low["status"], high["status"] in ALARMS) == ("stable", True)
    assert low["strength"] < 1 < high["strength"]


@pytest.mark.parametrize("before", [(1, 0), (0, 1), (1, 1)], ids=["plus", "minus", "both"])
@pytest.mark.parametrize("after", [(1, 0), (0, 1)], ids=["plus", "minus"])
def test_infinities_of_the_other_sign_are_drift(before: tuple[int, int], after: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)

    def side(shares: tuple[int, int]) -> pd.DataFrame:
        signs = rng.choice([np.inf, -np.inf], 2000, p=np.array(shares) / sum(shares))
        return pd.DataFrame({"x": np.where(rng.random(2000) < 0.2, signs, rng.normal(size=2000))})

    with monitor.open_tables(side(before), side(after), task="none") as workspace:
        found = judge_drift(measure_drift(workspace)).findings
    assert [one.kind for one in found] == ([] if before == after else [FindingKind.VALUE])
