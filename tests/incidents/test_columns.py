"""Values that are gone, stand still or stand for others, on rows that were damaged in a known way."""

import numpy as np
import pytest

from monitor.incidents.cause import Cause
from monitor.incidents.columns import examine_columns
from monitor.incidents.scene import TIME, WINDOW
from monitor.incidents.within.schema import numbers_of
from monitor.incidents.words import claim
from monitor.judgement.finding import Direction, FindingKind
from tests.incidents.columns_made import DAYS, FIRST, LAST, PER_DAY, check_place_and_time, damaged, finding, only, rows, scene_of


def test_a_default_of_few_rows_in_one_place_is_found_where_it_never_was():
    def seldom(seed, start):
        frame, draw = rows(seed, start, per_day=240), np.random.default_rng(seed)
        return frame.assign(age=np.where(draw.random(len(frame)) < 0.06, np.nan, draw.integers(1, 30, len(frame)).astype(float)))

    frame, hit = damaged("age", lambda some: some["age"].fillna(-1.0), "west", make=seldom)
    assert (frame.loc[frame[WINDOW].between(FIRST, LAST), "age"] == -1.0).mean() < 0.02
    found = only(examine_columns(scene_of(frame, finding("age"), reference=seldom(1, "2026-01-01"))), Cause.DEFAULT_FILL)
    check_place_and_time(found, frame, hit, "west")


@pytest.mark.parametrize("segment", [None, "south"])
def test_columns_that_fail_together_are_one_cause(segment):
    frame, hit = damaged(["temp", "age"], lambda x: np.nan, segment)
    findings = [finding(name, FindingKind.MISSING, Direction.MORE) for name in ("temp", "age")]
    found = only(examine_columns(scene_of(frame, *findings)), Cause.MISSING_VALUES)
    assert found.columns == ("temp", "age")
    assert found.rows == hit.sum()
    assert len(found.evidence) == 2
    check_place_and_time(found, frame, hit, segment)


def test_values_cut_off_at_a_bound():
    frame, hit = damaged("temp", lambda x: np.minimum(x["temp"], 65.0), "north")
    found = only(examine_columns(scene_of(frame, finding("temp"))), Cause.CLIPPED)
    assert found.inverse.offset == 65.0
    assert claim(found, {}) == "temp was cut off at 65 where site is north"
    assert found.rows == (frame["temp"][hit] == 65).sum()
    check_place_and_time(found, frame, hit, "north")


@pytest.mark.parametrize("unfound", [True, False])
def test_rows_alone_prove_a_bound_where_days_differ_by_more_than_it_moves(unfound):
    """Values of a day lie together, as those of the weather do; of a site all above 65.05 are that, which none was."""

    def weather(seed, start):
        frame, draw = rows(seed, start), np.random.default_rng(seed)
        frame["temp"] = np.round(draw.normal(60, 9, DAYS)[frame[WINDOW]] + draw.normal(0, 2, len(frame)), 1)
        return frame

    frame, hit = damaged("temp", lambda x: np.minimum(x["temp"], 65.05), "north", make=weather)
    told = examine_columns(scene_of(frame, *(() if unfound else (finding("temp"),)), reference=weather(1, "2026-01-01")))
    (found,) = (one for one in told if one.cause is Cause.CLIPPED)
    assert (found.inverse.offset, dict(found.segment), found.explained) == (65.05, {"site": "north"}, 1.0)
    assert found.rows == (frame["temp"][hit] == 65.05).sum()


def test_the_largest_value_of_a_warm_day_is_no_bound():
    frame = rows(2, "2026-02-10")
    warm = frame.index[(frame[WINDOW] == FIRST) & (frame["site"] == "north")]
    frame.loc[frame["site"] == "north", "temp"] = frame.loc[frame["site"] == "north", "temp"].clip(upper=75.0)
    frame.loc[warm, "temp"] = 75.05
    assert not [one for one in examine_columns(scene_of(frame)) if one.cause is Cause.CLIPPED]


def test_a_level_that_lost_its_values_is_told_though_nothing_was_found_of_all_rows():
    frame, hit = damaged(["temp", "age"], lambda some: some[["temp", "age"]] * np.nan, "west")
    found = only(examine_columns(scene_of(frame)), Cause.MISSING_VALUES)
    assert claim(found, {}) == "temp and age were missing where site is west"
    assert found.explained > 0.8
    check_place_and_time(found, frame, hit, "west")


def test_a_level_that_seldom_has_values_for_days_is_no_incident_when_it_has_none():
    def seldom(seed, start):
        frame = rows(seed, start)
        return frame.assign(age=frame["age"].mask((frame["site"] == "west") & (frame[WINDOW] % 9 < 3)))

    frame, _ = damaged("age", lambda some: np.nan * some["age"], "west", make=seldom)
    assert examine_columns(scene_of(frame, reference=seldom(1, "2026-01-01"))) == ()


def test_a_value_where_none_was():
    frame, _ = damaged("age", lambda x: x["age"].fillna(-1.0))
    found = only(examine_columns(scene_of(frame, finding("age", FindingKind.RANGE))), Cause.DEFAULT_FILL)
    assert claim(found, {}).startswith("age was -1 instead of missing")


@pytest.mark.parametrize("value", [60.0, 44.3])
def test_a_value_amid_the_others_stands_for_any_of_them(value):
    """Two rows of five get the usual value, whatever theirs was: no program writes 60 for none, and no other value is gone."""
    draw = np.random.default_rng(7)

    def many(seed, start):
        return rows(seed, start, 240)

    frame, hit = damaged("temp", lambda some: some["temp"].mask(draw.random(len(some)) < 0.4, value), "south", make=many)
    found = only(examine_columns(scene_of(frame, finding("temp"), reference=many(1, "2026-01-01"))), Cause.DEFAULT_FILL)
    assert claim(found, {}) == f"temp was {value:g} in place of other values where site is south"
    check_place_and_time(found, frame, hit, "south")


@pytest.mark.parametrize(("usual", "now"), [(0.1, 0.3), (0.3, 0.6)])
def test_a_value_that_was_common_before_is_no_default_since_it_is_more_so(usual, now):
    def visits(share):
        def made(seed, start):
            frame, draw = rows(seed, start), np.random.default_rng(seed)
            return frame.assign(age=np.where(draw.random(len(frame)) < share, 0.0, draw.integers(1, 30, len(frame)).astype(float)))

        return made

    frame = visits(usual)(2, "2026-02-10")
    hit = frame[WINDOW].between(FIRST, LAST)
    frame.loc[hit, "age"] = visits(now)(3, "2026-02-10").loc[hit, "age"]
    assert examine_columns(scene_of(frame, finding("age"), reference=visits(usual)(1, "2026-01-01"))) == ()


@pytest.mark.parametrize("value", [-1.0, 1.0])
def test_a_value_in_place_of_another_is_not_told_as_missing(value):
    frame, _ = damaged("fee", lambda x: np.where(np.arange(len(x)) % 5 < 2, value, x["fee"]))
    found = only(examine_columns(scene_of(frame, finding("fee", FindingKind.RANGE))), Cause.DEFAULT_FILL)
    assert claim(found, {}).startswith(f"fee was {value:g} instead of 0")


def test_rounded_values():
    frame, hit = damaged("temp", lambda x: np.round(x["temp"], -1), "south")
    found = only(examine_columns(scene_of(frame, finding("temp"))), Cause.ROUNDED)
    assert claim(found, {}) == "temp was rounded to multiples of 10 where site is south"
    check_place_and_time(found, frame, hit, "south")


def test_a_value_that_stands_still_needs_no_finding():
    frame, hit = damaged("temp", lambda x: x["temp"].iloc[0], "south")
    found = only(examine_columns(scene_of(frame)), Cause.STUCK_VALUE)
    check_place_and_time(found, frame, hit, "south")


def test_columns_that_changed_places():
    frame, hit = damaged(["begin", "finish"], lambda x: x, "west")
    frame.loc[hit, ["begin", "finish"]] = frame.loc[hit, ["finish", "begin"]].to_numpy()
    found = only(examine_columns(scene_of(frame, finding("begin"))), Cause.SWAPPED_COLUMNS)
    assert found.columns == ("begin", "finish")
    check_place_and_time(found, frame, hit, "west")


def test_a_whole_number_that_stands_still_among_tenths_is_not_the_mean():
    frame, _ = damaged("temp", lambda some: np.full(len(some), 60.0), "south")
    reference = rows(1, "2026-01-01")
    reference["temp"] = np.round(reference["temp"] + 0.3, 1)
    only(examine_columns(scene_of(frame, reference=reference)), Cause.STUCK_VALUE)


def test_a_column_under_another_name_is_not_missing():
    frame, hit = damaged("temp", lambda x: np.nan)
    frame["temperature"] = rows(2, "2026-02-10")["temp"].where(hit)
    found = only(examine_columns(scene_of(frame, finding("temp", FindingKind.MISSING, Direction.MORE))), Cause.SCHEMA_CHANGE)
    assert (found.inverse.kind, found.inverse.other, found.columns) == ("rename", "temperature", ("temp",))


@pytest.mark.parametrize(("name", "told"), [("temp_c", Cause.SCHEMA_CHANGE), ("altitude", Cause.MISSING_VALUES)])
def test_a_column_under_a_name_like_its_own_may_be_of_another_season(name, told):
    frame, hit = damaged("temp", lambda x: np.nan)
    later = rows(2, "2026-02-10")["temp"]
    frame[name] = (later + 0.5 * later.std()).where(hit)
    found = only(examine_columns(scene_of(frame, finding("temp", FindingKind.MISSING, Direction.MORE))), told)
    assert found.columns == ("temp",)


def test_a_column_that_is_gone_without_another_is_lost():
    found = only(examine_columns(scene_of(rows(2, "2026-02-10").drop(columns="temp"))), Cause.LOST_COLUMN)
    assert (found.columns, found.share_rows) == (("temp",), 1.0)


def test_a_column_that_is_gone_is_lost_beside_a_new_one_that_is_not_its_own():
    now = rows(2, "2026-02-10").drop(columns="temp").assign(firmware="1.2").astype({"firmware": "category"})
    assert only(examine_columns(scene_of(now)), Cause.LOST_COLUMN).columns == ("temp",)


@pytest.mark.parametrize(("text", "number"), [("1,234", 1234.0), ("7,25", 7.25), ("1.234,5", 1234.5), ("1 000", 1000.0), ("-3", -3.0)])
def test_numbers_are_read_as_people_write_them(text, number):
    assert numbers_of([text]) == [number]


def test_rows_without_times_are_taken_in_the_order_of_their_windows():
    frame, hit = damaged("temp", lambda x: (x["temp"] - 32) * 5 / 9, "south")
    frame[TIME], reference = np.datetime64("NaT"), rows(1, "2026-01-01").assign(**{TIME: np.datetime64("NaT")})
    found = only(examine_columns(scene_of(frame, finding("temp"), reference=reference)), Cause.UNIT_CHANGE)
    assert (dict(found.segment), np.isnat(found.start), found.rows) == ({"site": "south"}, True, pytest.approx(hit.sum(), rel=0.05))
    assert (found.held, found.ongoing) == ((FIRST, LAST), False)


@pytest.mark.parametrize("take", [0, 1, 5])
def test_hardly_any_rows_prove_nothing(take):
    frame = rows(2, "2026-02-10").iloc[FIRST * PER_DAY :].head(take)
    findings = [finding(name) for name in ("temp", "age", "begin", "colour")]
    assert not examine_columns(scene_of(frame, *findings))


def test_nothing_comes_of_nothing():
    assert not examine_columns(scene_of(rows(2, "2026-02-10")))
    assert not examine_columns(scene_of(rows(2, "2026-02-10"), *(finding(name) for name in ("temp", "age", "begin", "colour"))))


def test_steps_of_rounding_that_nobody_lists_are_read_from_the_values():
    frame, hit = damaged("seconds", lambda some: (some["seconds"] / 300).round() * 300, "south", make=with_seconds)
    found = only(examine_columns(scene_of(frame, finding("seconds"), reference=with_seconds(1, "2026-01-01"))), Cause.ROUNDED)
    check_place_and_time(found, frame, hit, "south")
    assert "multiples of 300" in claim(found, {})


def with_seconds(seed, start):
    frame = rows(seed, start)
    return frame.assign(seconds=np.random.default_rng(seed).gamma(6, 120, len(frame)).round())


def test_the_mean_of_the_reference_all_along_is_filled_in():
    mean = float(rows(1, "2026-01-01")["temp"].mean().round(1))
    frame, hit = damaged("temp", lambda some: np.full(len(some), mean), "south")
    found = only(examine_columns(scene_of(frame, finding("temp"))), Cause.DEFAULT_FILL)
    check_place_and_time(found, frame, hit, "south")


def test_rows_that_always_lack_a_value_are_not_concerned():
    draw = np.random.default_rng(7)
    frame, hit = damaged("age", lambda x: x["age"].where(draw.random(len(x)) < 0.6))
    found = only(examine_columns(scene_of(frame, finding("age", FindingKind.MISSING, Direction.MORE))), Cause.MISSING_VALUES)
    assert found.rows == pytest.approx(0.8 * 0.4 * hit.sum(), rel=0.1)
    assert found.share_rows == pytest.approx(0.32, rel=0.1)
