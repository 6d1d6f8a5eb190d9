"""Columns in another unit, scale or offset, on rows that were damaged in a known way."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.cause import TIMES, Cause, Hypothesis, Inverse
from monitor.incidents.columns import examine_columns
from monitor.incidents.scene import TIME, WINDOW
from monitor.incidents.within.joined import joined
from monitor.incidents.within.samples import samples_of
from monitor.incidents.words import claim
from monitor.judgement.finding import FindingKind
from tests.incidents.columns_made import DAYS, FIRST, LAST, PER_DAY, check_place_and_time, damaged, finding, only, rows, scene_of

DAY = np.datetime64("2026-02-10", "us")


@pytest.mark.parametrize("segment", [None, "south"])
@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda x: (x - 32) * 5 / 9, "Celsius for Fahrenheit"),
        (lambda x: x * 100, "a hundred times the value: hundredths (cents for euro, percent for a share)"),
        (lambda x: np.round(x * 2.54, 2), "centimetres for inches"),
        (lambda x: -x, "the sign turned round"),
        (np.log, "the natural logarithm of the value"),
    ],
)
def test_a_known_unit_is_named_with_place_and_time(change, says, segment):
    frame, hit = damaged("temp", lambda x: change(x["temp"]), segment)
    found = only(examine_columns(scene_of(frame, finding("temp"))), Cause.UNIT_CHANGE)
    assert found.inverse.says == says
    assert found.explained > 0.9
    assert found.parameters == (1 if segment else 0)
    check_place_and_time(found, frame, hit, segment)


@pytest.mark.parametrize(
    ("change", "cause", "scale", "offset"),
    [(lambda x: x * 1.4, Cause.SCALE_CHANGE, 1 / 1.4, 0), (lambda x: x + 31, Cause.OFFSET, 1, -31)],
)
def test_a_free_number_is_fitted_where_no_unit_is_known(change, cause, scale, offset):
    frame, hit = damaged("temp", lambda x: change(x["temp"]), "south")
    found = only(examine_columns(scene_of(frame, finding("temp"))), cause)
    assert (found.inverse.scale, found.inverse.offset) == (pytest.approx(scale, rel=0.05), pytest.approx(offset, abs=2))
    check_place_and_time(found, frame, hit, "south")


def test_whole_numbers_in_another_unit_are_rounded_to_whole_numbers():
    frame, hit = damaged("power", lambda some: np.round(some["power"] * 1.35962), "south", make=powered)
    found = only(examine_columns(scene_of(frame, finding("power"), reference=powered(1, "2026-01-01"))), Cause.UNIT_CHANGE)
    check_place_and_time(found, frame, hit, "south")


@pytest.mark.parametrize("factors", [(25.4, 25.4), (25.4, 300.0)])
def test_two_sensors_of_many_in_another_unit_are_told_together(factors):
    def sent(seed, start):
        frame = rows(seed, start, per_day=144)
        return frame.assign(site=pd.Categorical(np.tile([f"s{at}" for at in range(8)], DAYS * 18)))

    frame = sent(2, "2026-02-10")
    for name, factor in zip(("s1", "s6"), factors, strict=True):
        frame.loc[(frame["site"] == name) & frame[WINDOW].between(FIRST, LAST), "temp"] /= factor
    found = examine_columns(scene_of(frame, finding("temp"), reference=sent(1, "2026-01-01")))
    told = [one for one in found if one.cause is Cause.UNIT_CHANGE and one.beside]
    assert [{*one.segment.values(), *one.beside} for one in told] == ([{"s1", "s6"}] if factors[0] == factors[1] else [])
    assert all(one.share_rows == pytest.approx(0.25, abs=0.01) for one in told)


def powered(seed, start):
    return rows(seed, start).assign(power=lambda frame: np.round(np.random.default_rng(seed).lognormal(4.4, 0.3, len(frame))))


@pytest.mark.parametrize(("sd", "cause"), [(0.1, None), (0.0, Cause.UNIT_CHANGE)])
def test_a_week_of_other_weather_is_no_unit_though_one_has_its_factor(sd, cause):
    def damp(seed, start):
        frame, draw = rows(seed, start), np.random.default_rng(seed)
        weeks = np.exp(draw.normal(0, sd, DAYS // 5 + 1))[frame[WINDOW] // 5]
        return frame.assign(damp=np.round(64 * weeks * np.exp(draw.normal(0, 0.08, len(frame)))))

    frame, _ = damaged("damp", lambda some: np.round(some["damp"] / 1.0936), make=damp)
    found = examine_columns(scene_of(frame, finding("damp"), reference=damp(1, "2026-01-01")))
    assert {one.cause for one in found} == ({cause} if cause else set())


def test_what_comes_slowly_is_no_offset():
    frame = rows(2, "2026-02-10")
    frame["temp"] += 0.5 * frame[WINDOW]
    assert {one.cause for one in examine_columns(scene_of(frame, finding("temp")))} <= {Cause.SLOW_DRIFT}


def test_few_rows_beside_a_long_reference_tell_how_far_its_factors_are_apart():
    draw = np.random.default_rng(0)
    base, few = draw.normal(1000, 3, 400_000), draw.normal(1000, 3, 40) / 33.86389
    ground = SimpleNamespace(before=pd.DataFrame({"x": base}), now=pd.DataFrame({"x": few}))
    found = samples_of(ground, "x", SimpleNamespace(segment={}, base=np.ones(len(base), dtype=bool), rows=np.ones(len(few), dtype=bool)))
    assert 0 < found.usual_factor < 0.01


def test_units_that_are_near_are_told_apart_by_digits():
    """Areas are so various that some 200 of them do not tell 10 from 10.76 by how they are distributed."""
    draw = np.random.default_rng(5)
    reference, frame = rows(1, "2026-01-01"), rows(2, "2026-02-10")
    for side in (reference, frame):
        side["temp"] = np.round(draw.gamma(2, 40, len(side)) + 10, 1)
    hit = (frame[WINDOW] >= FIRST) & (frame[WINDOW] <= LAST) & (frame["site"] == "west")
    frame.loc[hit, "temp"] = np.round(frame.loc[hit, "temp"] * 10.7639, 1)
    found = only(examine_columns(scene_of(frame, finding("temp", FindingKind.RANGE), reference=reference)), Cause.UNIT_CHANGE)
    assert found.inverse.says == "square feet for square metres"


def weighed(name, digits, per_day=PER_DAY):
    def make(seed, start):
        frame = rows(seed, start, per_day)
        return frame.assign(**{name: np.round(np.random.default_rng(seed).normal(75, 12, len(frame)), digits)})

    return make


@pytest.mark.parametrize(("name", "digits", "per_day"), [("weight_kg", 1, 60), ("load", 9, 1440)])
def test_pounds_for_kilograms_are_told_by_their_digits_or_by_a_factor_that_is_no_other(name, digits, per_day):
    make = weighed(name, digits, per_day)
    frame, _ = damaged(name, lambda some: np.round(some[name] * 2.20462262, digits), "south", make=make)
    found = only(examine_columns(scene_of(frame, finding(name), reference=make(1, "2026-01-01"))), Cause.UNIT_CHANGE)
    assert claim(found, {}) == f"{name} was in another unit (pounds for kilograms) where site is south"


@pytest.mark.parametrize("name", ["price", "loan_amount", "monthlySalary"])
def test_money_is_in_no_unit_of_weight_whatever_its_factor(name):
    make = weighed(name, 2)
    for factor, told in ((2.20462262, "price was about 2."), (100.0, "100 times too large")):
        frame, _ = damaged(name, lambda some, factor=factor: np.round(some[name] * factor, 2), "south", make=make)
        found = examine_columns(scene_of(frame, finding(name), reference=make(1, "2026-01-01")))
        assert [told.replace("price", name) in claim(one, {}) for one in found] == [True]


def test_columns_of_factors_that_were_fitted_alike_are_one_cause():
    def times(column, factor):
        inverse = Inverse(kind="affine", scale=1 / factor, value=TIMES)
        return Hypothesis(cause=Cause.SCALE_CHANGE, columns=(column,), segment={"site": "south"}, inverse=inverse, start=DAY)

    assert [one.columns for one in joined([times("fee", 4.33), times("age", 4.45), times("temp", 9.0)])] == [("fee", "age"), ("temp",)]


def test_a_factor_beside_a_sum_is_not_told_alone():
    """Values may be larger although the factor is below one."""
    line = Inverse(kind="affine", scale=1 / 0.62, offset=-46 / 0.62, says="the value times 0.62 plus 46")
    told = Hypothesis(cause=Cause.SCALE_CHANGE, columns=("age",), inverse=line, start=DAY)
    assert claim(told, {}) == "age is on another scale (about the value times 0.62 plus 46)"
    assert claim(replace(told, inverse=replace(line, offset=0.0)), {}) == "age is about 1.61 times too small"


def windy(seed, start):
    """Return rows whose wind is in whole knots written as miles an hour, and which differs more between days than the unit makes."""
    frame = rows(seed, start)
    draw = np.random.default_rng(seed)
    mean = draw.uniform(3, 14, DAYS)[frame[WINDOW]]
    frame["wind"] = np.round(draw.poisson(mean) * 1.15078, 5)
    return frame


@pytest.mark.parametrize("segment", [None, "south"])
@pytest.mark.parametrize(
    ("factor", "says"), [(0.868976, "knots) for miles"), (1.609344, "kilometres for miles"), (0.44704, "metres per second")]
)
def test_few_different_values_tell_their_unit_however_much_days_differ(factor, says, segment):
    frame, hit = damaged("wind", lambda x: np.round(x["wind"] * factor, 4), segment, make=windy)
    found = examine_columns(scene_of(frame, finding("wind"), reference=windy(1, "2026-01-01")))
    best = max(found, key=lambda one: one.explained - one.parameters / 100)
    assert [one for one in found if one.cause is Cause.UNIT_CHANGE] == [best]
    assert says in best.inverse.says
    check_place_and_time(best, frame, hit, segment)


def test_new_values_that_no_unit_gives_are_in_no_other_unit():
    frame, _ = damaged("wind", lambda x: np.round(x["wind"] * 0.93 + 0.017, 4), make=windy)
    found = examine_columns(scene_of(frame, finding("wind"), reference=windy(1, "2026-01-01")))
    assert [one for one in found if one.cause is Cause.UNIT_CHANGE] == []


def test_a_season_beyond_the_range_on_the_same_digits_is_no_unit():
    """Degrees Fahrenheit of whole degrees Celsius: so are a hundred minus the value, and those of summer."""
    draws = [np.random.default_rng(seed) for seed in (1, 2)]
    reference, frame = rows(1, "2026-01-01"), rows(2, "2026-02-10")
    reference["warm"] = 1.8 * np.round(draws[0].normal(2, 5, len(reference)).clip(-12, 17)) + 32
    frame["warm"] = 1.8 * np.round(draws[1].normal(2, 5, len(frame)) + 22 * (frame[WINDOW] >= FIRST)) + 32
    found = examine_columns(scene_of(frame, finding("warm"), reference=reference))
    assert not [one for one in found if one.inverse and one.inverse.scale < 0]


def test_values_far_outside_tell_the_place_though_all_places_leave_the_range():
    def press(seed, start):
        frame, draw = rows(seed, start), np.random.default_rng(seed)
        return frame.assign(press=np.round(1015 + 4 * draw.standard_normal(len(frame)).clip(-2, 2), 1))

    frame, hit = damaged("press", lambda x: np.round(x["press"] * 0.02953, 2), "south", make=press)
    frame.loc[frame["site"].ne("south") & (frame[WINDOW] >= FIRST), "press"] -= 9  # a depression over all places
    found = examine_columns(scene_of(frame, finding("press"), reference=press(1, "2026-01-01")))
    told = next(one for one in found if one.cause is Cause.UNIT_CHANGE)
    assert told.inverse.says == "inches of mercury for hectopascals"
    check_place_and_time(told, frame, hit, "south")


@pytest.mark.parametrize("spell", [7.0, -7.0])
def test_a_spell_of_weather_over_all_places_does_not_hide_a_unit_of_one(spell):
    """A spell nearly twice as far as any of the reference: only the places beside it tell it from another factor."""

    def press(seed, start):
        frame, draw = rows(seed, start), np.random.default_rng(seed)
        day = (frame[TIME] - frame[TIME].min()) // pd.Timedelta(days=1)
        return frame.assign(press=np.round(1015 + 4 * np.sin(day / 4) + draw.standard_normal(len(frame)), 1))

    lifted = press(2, "2026-02-10")
    lifted.loc[lifted[WINDOW] >= FIRST, "press"] += spell
    frame, _ = damaged("press", lambda x: np.round(x["press"] * 0.02953, 2), "south", make=lambda *_: lifted)
    found = examine_columns(scene_of(frame, finding("press"), reference=press(1, "2026-01-01")))
    told = max(found, key=lambda one: one.explained - one.parameters / 100)
    assert (told.cause, told.inverse.says) == (Cause.UNIT_CHANGE, "inches of mercury for hectopascals")
