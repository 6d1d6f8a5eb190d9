"""What happened to the values of columns, on rows that were damaged in a known way."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from monitor.cells import CellPlace, PlaceKind
from monitor.incidents.cause import TIMES, Cause, Hypothesis, Inverse
from monitor.incidents.columns import examine_answers, examine_columns
from monitor.incidents.scene import TIME, WINDOW, Side
from monitor.incidents.within.joined import joined
from monitor.incidents.within.samples import samples_of
from monitor.incidents.within.schema import numbers_of
from monitor.incidents.words import claim
from monitor.judgement.finding import Direction, Finding, FindingKind
from monitor.vocabulary import Kind, Role, Task

DAYS, PER_DAY = 40, 60
DAY = np.datetime64("2026-02-10", "us")
FIRST, LAST = 15, 30
"""Days of production in which something happens."""


def rows(seed, start, per_day=PER_DAY):
    draw = np.random.default_rng(seed)
    n = DAYS * per_day
    time = np.datetime64(start) + (np.arange(n) * (86400 // per_day)).astype("timedelta64[s]")
    begin = draw.uniform(5, 15, n)
    frame = pd.DataFrame(
        {
            "temp": np.round(draw.normal(60, 9, n), 1),
            "begin": begin,
            "finish": begin + draw.uniform(3, 8, n),
            "fee": 0.0,
            "age": np.where(draw.random(n) < 0.2, np.nan, draw.integers(0, 30, n).astype(float)),
            "site": draw.choice(["north", "south", "west"], n, p=[0.5, 0.3, 0.2]),
            "colour": draw.choice(["red", "green", "blue"], n, p=[0.6, 0.3, 0.1]),
            TIME: time,
            WINDOW: np.arange(n) // per_day,
        }
    )
    return frame.astype({"site": "category", "colour": "category"})


def finding(column, kind=FindingKind.VALUE, direction=Direction.CHANGED):
    place = CellPlace(PlaceKind.MISSING) if kind is FindingKind.MISSING else None
    return Finding(
        what=column,
        label=column,
        kind=kind,
        status="alert",
        state="over",
        first=FIRST,
        last=LAST,
        window="a",
        last_window="b",
        windows=LAST - FIRST + 1,
        judged=DAYS,
        direction=direction,
        place=place,
    )


def scene_of(production, *findings, reference=None, segments=()):
    reference = rows(1, "2026-01-01") if reference is None else reference
    kinds = {"site": Kind.CATEGORICAL, "colour": Kind.CATEGORICAL, "promised": Kind.DATETIME}
    columns = {
        name: SimpleNamespace(
            name=name, role=Role.FEATURE, kind=kinds.get(name, Kind.NUMERIC), types=dict.fromkeys(_sides(name, reference, production))
        )
        for name in dict.fromkeys((*reference, *production))
        if not name.startswith("@")
    }
    roles = SimpleNamespace(score="chance", prediction="stopped", positive_class=None, segments=segments)
    case = SimpleNamespace(timezone="UTC", label=lambda name: name, roles=roles, task=Task.BINARY, value=None)
    return SimpleNamespace(
        workspace=SimpleNamespace(columns=columns, case=case, measured=lambda: ()),
        reference=Side(frame=reference, windows=None),
        production=Side(frame=production, windows=None),
        places=("site", "colour"),
        findings=lambda *analyses: ((f"drift:{one.id}", one) for one in findings if "drift" in analyses),
    )


def _sides(name, reference, production):
    return [side for side, frame in (("reference", reference), ("production", production)) if name in frame]


def damaged(column, change, segment=None, make=rows):
    """Return production with `change` (of the frame of the rows concerned) written to columns, and which rows these are."""
    frame = make(2, "2026-02-10")
    hit = (frame[WINDOW] >= FIRST) & (frame[WINDOW] <= LAST)
    if segment:
        hit &= frame["site"] == segment
    for name in [column] if isinstance(column, str) else column:
        new = change(frame[hit])
        frame[name] = frame[name].astype(object) if frame[name].dtype == "category" else frame[name]
        frame.loc[hit, name] = new[name] if isinstance(new, pd.DataFrame) else new
        frame[name] = frame[name].astype("category") if frame[name].dtype == object else frame[name]
    return frame, hit


def only(hypotheses, cause):
    assert {one.cause for one in hypotheses} == {cause}, hypotheses
    return hypotheses[0]


def check_place_and_time(found, frame, hit, segment):
    assert dict(found.segment) == ({"site": segment} if segment else {})
    assert abs(found.start - frame[TIME][hit].iloc[0].to_datetime64()) <= np.timedelta64(6, "h")
    assert abs(found.end - frame[TIME][hit].iloc[-1].to_datetime64()) <= np.timedelta64(6, "h")


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


def test_a_default_of_few_rows_in_one_place_is_found_where_it_never_was():
    def seldom(seed, start):
        frame, draw = rows(seed, start, per_day=240), np.random.default_rng(seed)
        return frame.assign(age=np.where(draw.random(len(frame)) < 0.06, np.nan, draw.integers(1, 30, len(frame)).astype(float)))

    frame, hit = damaged("age", lambda some: some["age"].fillna(-1.0), "west", make=seldom)
    assert (frame.loc[frame[WINDOW].between(FIRST, LAST), "age"] == -1.0).mean() < 0.02
    found = only(examine_columns(scene_of(frame, finding("age"), reference=seldom(1, "2026-01-01"))), Cause.DEFAULT_FILL)
    check_place_and_time(found, frame, hit, "west")


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


@pytest.mark.parametrize("segment", [None, "south"])
def test_columns_that_fail_together_are_one_cause(segment):
    frame, hit = damaged(["temp", "age"], lambda x: np.nan, segment)
    findings = [finding(name, FindingKind.MISSING, Direction.MORE) for name in ("temp", "age")]
    found = only(examine_columns(scene_of(frame, *findings)), Cause.MISSING_VALUES)
    assert found.columns == ("temp", "age")
    assert found.rows == hit.sum()
    assert len(found.evidence) == 2
    check_place_and_time(found, frame, hit, segment)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (str.upper, "another case"),
        (lambda x: f" {x}", "blanks around the level"),
        (lambda x: f"c_{x}", "a part added or cut"),
        ({"red": "1", "green": "2", "blue": "3"}.get, "other names"),
    ],
)
def test_levels_under_other_names_are_mapped_back(change, says):
    frame, hit = damaged("colour", lambda x: x["colour"].astype(str).map(change), "north")
    found = only(examine_columns(scene_of(frame, finding("colour", FindingKind.UNSEEN))), Cause.RECODE)
    assert dict(found.inverse.levels) == {change(level): level for level in ("red", "green", "blue")}
    assert found.inverse.says == says
    check_place_and_time(found, frame, hit, "north")


@pytest.mark.parametrize(
    ("cause", "change", "altered"),
    [
        (Cause.CLIPPED, lambda x: x["temp"].clip(upper=65.0), lambda x: x["temp"] > 65),
        (Cause.CLIPPED, lambda x: x["temp"].clip(lower=52.0), lambda x: x["temp"] < 52),
        (Cause.ROUNDED, lambda x: x["temp"].round(), lambda x: x["temp"] % 1 != 0),
    ],
)
def test_rows_that_a_change_leaves_alone_do_not_bound_its_onset(cause, change, altered):
    """Before it lie four hours of rows that it would not have altered: they prove nothing."""
    frame, hit = damaged("temp", change)
    time, begin = frame[TIME], frame[TIME][hit].iloc[0]
    quiet = (time >= begin - pd.Timedelta("4h")) & (time < begin)
    frame.loc[quiet, "temp"] = frame["temp"][~hit & ~altered(frame)].to_numpy()[: quiet.sum()]
    found = next(one for one in examine_columns(scene_of(frame, finding("temp"))) if one.cause is cause)
    last = time[altered(frame) & (time < begin)].max()
    assert found.onset_lower <= last.to_datetime64() < begin.to_datetime64()
    assert found.onset_lower >= (begin - pd.Timedelta("1D")).to_datetime64()


def test_rows_of_other_levels_say_nothing_of_when_one_was_renamed():
    frame, hit = damaged("colour", lambda x: x["colour"].astype(str).replace("blue", "Blue"))
    found = only(examine_columns(scene_of(frame, finding("colour", FindingKind.UNSEEN))), Cause.RECODE)
    last = frame[TIME][(frame["colour"] == "blue") & (frame[TIME] < frame[TIME][hit].iloc[0])].max()
    assert (found.onset_lower, found.onset_upper) == (last.to_datetime64(), frame[TIME][frame["colour"] == "Blue"].min().to_datetime64())


def test_levels_that_nobody_knows_have_no_map():
    frame, _ = damaged("colour", lambda x: np.resize(["pink", "grey"], len(x)), "north")
    only(examine_columns(scene_of(frame, finding("colour", FindingKind.UNSEEN))), Cause.NEW_LEVELS)


def test_a_rare_level_before_new_ones_is_not_their_onset():
    """Levels that the reference had once say how often one is new by chance: such a one a day before does not date the others."""

    def shops(seed, start):
        frame, draw = rows(seed, start), np.random.default_rng(seed)
        return frame.assign(colour=np.char.add("s", np.minimum(draw.geometric(0.02, len(frame)), 400).astype(str)))

    frame, reference = shops(2, "2026-02-10"), shops(1, "2026-01-01").astype({"colour": "category"})
    new = (frame[WINDOW] >= FIRST) & (np.random.default_rng(3).random(len(frame)) < 0.2)
    new |= frame.index.isin(frame.index[frame[WINDOW] == FIRST][:3])
    frame.loc[new, "colour"] = "n" + (frame.index[new] % 7).astype(str)
    early = frame.index[frame[WINDOW] == FIRST - 1][-16]
    frame.loc[early, "colour"] = "s401"
    found = only(
        examine_columns(scene_of(frame.astype({"colour": "category"}), finding("colour", FindingKind.UNSEEN), reference=reference)),
        Cause.NEW_LEVELS,
    )
    assert found.start == frame.loc[new, TIME].iloc[0].to_datetime64()


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


def test_another_value_of_a_schedule_stands_still_for_no_fault():
    """Three flights a day where four were usual, in every row of a destination."""
    frame, _ = damaged("flights", lambda x: 3.0, "south", make=scheduled)
    assert examine_columns(scene_of(frame, reference=scheduled(1, "2026-01-01"))) == ()


def scheduled(seed, start):
    frame = rows(seed, start)
    return frame.assign(flights=np.random.default_rng(seed).choice([4.0, 3.0, 5.0], len(frame), p=[0.7, 0.15, 0.15]))


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


def weather(seed, start):
    """Return rows whose temperature and wind go by the hour of each site."""
    frame = rows(seed, start, per_day=240)
    draw = np.random.default_rng(seed)
    hour = (frame[TIME] - frame[TIME].iloc[0]).dt.total_seconds().to_numpy().astype(int) // 3600
    series = np.round(60 + 10 * np.sin(2 * np.pi * np.arange(hour[-1] + 1) / 24)[:, None] + draw.normal(0, 3, (hour[-1] + 1, 3)), 2)
    frame["temp"] = series[hour, frame["site"].cat.codes]
    frame["wind"] = np.round(draw.gamma(2, 3, series.shape), 1)[hour, frame["site"].cat.codes]
    return frame, series, hour


@pytest.mark.parametrize("last", [DAYS, 30])
def test_values_of_some_hours_earlier_need_no_finding(last):
    (reference, _, _), (frame, series, hour) = weather(1, "2026-01-01"), weather(2, "2026-02-10")
    late = (hour >= 24 * FIRST + 7) & (hour < 24 * last)
    frame.loc[late, "temp"] = series[hour[late] - 4, frame["site"].cat.codes[late]]
    found = only(examine_columns(scene_of(frame, reference=reference)), Cause.TIME_SHIFT)
    assert (found.inverse.offset, found.columns) == (4.0, ("temp",))
    assert abs(found.start - frame[TIME][late].iloc[0].to_datetime64()) <= np.timedelta64(1, "h")
    assert found.ongoing == (last == DAYS)


@pytest.mark.parametrize("site", [None, "south"])
def test_one_of_the_series_that_places_send_once_an_hour_is_late(site):
    hours, sites = DAYS * 24, ("north", "south", "west")

    def sent(seed, start):
        draw, time = np.random.default_rng(seed), np.datetime64(start) + np.repeat(np.arange(hours), 3).astype("timedelta64[h]")
        temp = 60 + 9 * np.sin(np.arange(hours) / 4)[:, None] + draw.normal(0, 2, (hours, 3))
        frame = pd.DataFrame({"temp": np.round(temp, 1).ravel(), "load": draw.poisson(9, hours * 3).astype(float)})
        frame["colour"] = pd.Categorical(draw.choice(["red", "blue"], len(frame)))
        return frame.assign(site=pd.Categorical(sites * hours), **{TIME: time, WINDOW: np.arange(hours * 3) // 72}), np.round(temp, 1)

    (reference, _), (frame, temp) = sent(1, "2026-01-01"), sent(2, "2026-02-10")
    shown = np.vstack((temp[:399], temp[393:-6]))
    late = (np.arange(hours * 3) >= 399 * 3) & (frame["site"].isin([site or one for one in sites])).to_numpy()
    frame.loc[late, "temp"] = shown.ravel()[late]
    found = only(examine_columns(scene_of(frame, reference=reference)), Cause.TIME_SHIFT)
    assert (found.inverse.offset, found.columns, dict(found.segment)) == (6.0, ("temp",), {} if site is None else {"site": site})
    assert found.start == frame[TIME][late].iloc[0].to_datetime64()


def test_a_timetable_that_is_that_of_the_day_before_is_no_late_clock():
    def timed(seed, start):
        frame, draw = rows(seed, start, per_day=720), np.random.default_rng(seed)
        sites = pd.Categorical(draw.choice([f"s{at:02}" for at in range(12)], len(frame)))
        planned = draw.integers(1, 40, (DAYS, 12)).astype(float)
        planned[20] = planned[21] = planned[19]
        return frame.assign(site=sites, planned=planned[frame[WINDOW], sites.codes])

    found = examine_columns(scene_of(timed(2, "2026-02-10"), reference=timed(1, "2026-01-01")))
    assert Cause.TIME_SHIFT not in {one.cause for one in found}


@pytest.mark.parametrize("every", [1, 3])
def test_what_stands_still_repeats_no_other_hour(every):
    reference, frame = (one[(hour % every == 0)] for one, _, hour in (weather(1, "2026-01-01"), weather(2, "2026-02-10")))
    still = frame[TIME].between(*np.quantile(frame[TIME], [0.4, 0.5])) & (frame["site"] == "west")
    frame, reference = frame.assign(wind=frame["wind"].mask(still, 3.3)).reset_index(drop=True), reference.reset_index(drop=True)
    assert Cause.TIME_SHIFT not in {one.cause for one in examine_columns(scene_of(frame, reference=reference))}


def test_a_clock_that_was_put_forward_shows_one_hour_later_and_not_23_earlier():
    (reference, _, before), (frame, _, hour) = weather(1, "2026-01-01"), weather(2, "2026-02-10")
    reference["temp"], frame["temp"] = before % 24.0, hour % 24.0
    late = hour >= 24 * FIRST
    frame.loc[late, "temp"] = (hour[late] + 1) % 24.0
    found = only(examine_columns(scene_of(frame, reference=reference)), Cause.TIME_SHIFT)
    assert claim(found, {}) == "temp is that of 1 hour later"


def test_one_level_for_all_stands_in_place_of_others_unless_the_others_stay_away():
    frame, hit = damaged("colour", lambda x: np.full(len(x), "red"), "south")
    found = only(examine_columns(scene_of(frame, finding("colour"))), Cause.DEFAULT_FILL)
    assert (dict(found.segment), claim(found, {})) == ({"site": "south"}, "colour was red in place of other values where site is south")
    away = frame[~hit | rows(2, "2026-02-10")["colour"].eq("red")].reset_index(drop=True)
    assert examine_columns(scene_of(away, finding("colour"))) == ()


def answered(change):
    """Return what is told of answers that are `change`d from FIRST on; "temp" is what the model answers."""
    frame = rows(2, "2026-02-10")
    hit = frame[WINDOW] >= FIRST
    frame.loc[hit, "temp"] = change(frame.loc[hit, "temp"])
    found = finding("temp")
    scene = scene_of(frame)
    scene.workspace.columns["temp"].role = Role.PREDICTION
    scene.findings = lambda *analyses: [(f"predictions:{found.id}", found)] if "predictions" in analyses else []
    return examine_answers(scene)


def test_what_is_done_to_answers_is_told_and_what_inputs_may_do_is_not():
    (cut,) = answered(lambda x: x.clip(upper=63.0))
    assert (claim(cut, {}), cut.answers) == ("temp is cut off at 63", True)
    assert only(answered(lambda x: x / 100), Cause.UNIT_CHANGE).inverse.scale == 100.0
    assert answered(lambda x: x * 1.8 + 32) == ()
    assert answered(lambda x: x + 20) == ()


def test_levels_that_changed_places_are_named_with_what_they_were():
    places = {"red": "green", "green": "blue", "blue": "red"}

    def many(seed, start):
        return rows(seed, start, 300)

    frame, hit = damaged("colour", lambda x: x["colour"].astype(str).map(places), "south", make=many)
    found = next(one for one in examine_columns(scene_of(frame, finding("colour"))) if one.cause is Cause.RECODE)
    assert found.inverse.levels == {now: was for was, now in places.items()}
    assert claim(found, {}).startswith("colour had levels that changed places ('green' for 'red'")
    check_place_and_time(found, frame, hit, "south")


@pytest.mark.parametrize("shares", [[0.3, 0.6, 0.1], [0.2, 0.3, 0.5], [0.45, 0.35, 0.2], [0.267, 0.133, 0.6]])
def test_more_of_one_level_is_no_change_of_places(shares):
    draw = np.random.default_rng(5)
    frame, _ = damaged("colour", lambda x: draw.choice(["red", "green", "blue"], len(x), p=shares))
    assert not [one for one in examine_columns(scene_of(frame, finding("colour"))) if one.cause is Cause.RECODE]


def decided(frame, threshold, seed=0):
    chance = np.random.default_rng(seed).beta(2, 8, len(frame)).round(3)
    return frame.assign(chance=chance, stopped=(chance >= threshold).astype(float))


@pytest.mark.parametrize("segment", [None, "south"])
def test_decisions_at_another_threshold_are_no_other_labels(segment):
    reference = decided(rows(1, "2026-01-01"), 0.3, 1)
    frame = decided(rows(2, "2026-02-10"), 0.3)
    hit = (frame[WINDOW] >= FIRST) & (frame[WINDOW] <= LAST) & ((frame["site"] == segment) | (segment is None))
    frame.loc[hit, "stopped"] = (frame.loc[hit, "chance"] >= 0.25).astype(float)
    found = only(examine_answers(scene_of(frame, reference=reference)), Cause.THRESHOLD_CHANGE)
    assert claim(found, {}).startswith("Decisions followed another threshold (0.25 instead of 0.3)")
    assert found.rows == int((hit & (frame["chance"] >= 0.25) & (frame["chance"] < 0.3)).sum())
    check_place_and_time(found, frame, hit & (frame["chance"] >= 0.25) & (frame["chance"] < 0.3), segment)


def test_decisions_that_never_followed_a_threshold_follow_no_other():
    draw = np.random.default_rng(3)
    reference, frame = (decided(rows(seed, start), 0.3, seed) for seed, start in ((1, "2026-01-01"), (2, "2026-02-10")))
    for one in (reference, frame):
        one["stopped"] = np.where(draw.random(len(one)) < 0.05, 1 - one["stopped"], one["stopped"])
    assert examine_answers(scene_of(frame, reference=reference)) == ()
    assert examine_answers(scene_of(decided(rows(2, "2026-02-10"), 0.3), reference=decided(rows(1, "2026-01-01"), 0.3, 1))) == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(chance=np.nan),
        lambda frame: frame.assign(stopped=np.nan),
        lambda frame: frame.assign(stopped=0.0),
        lambda frame: frame.assign(chance=frame["chance"].astype(str).astype("category")),
    ],
)
def test_without_scores_or_decisions_there_is_no_threshold(change):
    reference, frame = decided(rows(1, "2026-01-01"), 0.3, 1), decided(rows(2, "2026-02-10"), 0.25)
    assert examine_answers(scene_of(frame, reference=change(reference))) == ()
    assert examine_answers(scene_of(change(frame), reference=reference)) == ()


def test_few_rows_beside_a_long_reference_tell_how_far_its_factors_are_apart():
    draw = np.random.default_rng(0)
    base, few = draw.normal(1000, 3, 400_000), draw.normal(1000, 3, 40) / 33.86389
    ground = SimpleNamespace(before=pd.DataFrame({"x": base}), now=pd.DataFrame({"x": few}))
    found = samples_of(ground, "x", SimpleNamespace(segment={}, base=np.ones(len(base), dtype=bool), rows=np.ones(len(few), dtype=bool)))
    assert 0 < found.usual_factor < 0.01


@pytest.mark.parametrize("unfound", [False, True])
def test_a_column_that_drifts_away_from_the_others(unfound):
    """Days share what moves both, and a drift from what the other says need move no figure of one alone."""
    draw = np.random.default_rng(0)
    reference, frame = rows(1, "2026-01-01"), rows(2, "2026-02-10")
    for one in (reference, frame):
        one["dew"] = one["temp"] - 10 + draw.normal(0, 2, len(one))
    frame["dew"] += 0.4 * np.maximum(frame[WINDOW] - FIRST, 0)
    findings = () if unfound else (finding("dew"), finding("temp"))
    found = only(examine_columns(scene_of(frame, *findings, reference=reference)), Cause.SLOW_DRIFT)
    assert found.columns == ("dew",)
    assert found.inverse.scale == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("unfound", [False, True])
def test_a_season_of_all_columns_is_no_drift_of_one(unfound):
    draw = np.random.default_rng(0)
    reference, frame = rows(1, "2026-01-01"), rows(2, "2026-02-10")
    frame["temp"] += 0.4 * frame[WINDOW]
    for one in (reference, frame):
        one["dew"] = one["temp"] - 10 + draw.normal(0, 2, len(one))
    findings = () if unfound else (finding("dew"), finding("temp"))
    assert not examine_columns(scene_of(frame, *findings, reference=reference))


@pytest.mark.parametrize("column", ["fare", "day"])
def test_a_column_that_goes_with_none_drifts_by_itself_unless_rows_of_a_day_share_it(column):
    reference, frame = rows(1, "2026-01-01"), rows(2, "2026-02-10")
    for seed, one in enumerate((reference, frame)):
        draw = np.random.default_rng(seed)
        one["fare"] = draw.lognormal(3, 0.5, len(one))
        one["day"] = draw.normal(0, 1, DAYS)[one[WINDOW]] + draw.normal(0, 1, len(one))
    frame["fare"] *= 1 + 0.05 * np.maximum(frame[WINDOW] - FIRST, 0)
    frame["day"] += 0.3 * np.maximum(frame[WINDOW] - FIRST, 0)
    found = [one for one in examine_columns(scene_of(frame, finding(column), reference=reference)) if one.cause is Cause.SLOW_DRIFT]
    assert [one.columns for one in found] == ([("fare",)] if column == "fare" else [])


@pytest.mark.parametrize("wander", [0.0, 1.0])
def test_one_sensor_drifts_beside_the_others_without_a_finding_unless_all_wander(wander):
    names, draw = [f"s{at}" for at in range(12)], np.random.default_rng(3)
    moved = wander * np.cumsum(draw.normal(0, 1, (2 * DAYS, 12)), axis=0)

    def sent(seed, start, day):
        frame = rows(seed, start, per_day=144)
        noise, weather = np.random.default_rng(seed), np.repeat(5 * np.sin(np.arange(DAYS)), 144)
        frame["site"] = pd.Categorical(np.tile(names, DAYS * 12))
        frame["temp"] = weather + noise.normal(0, 1, len(frame)) + moved[frame[WINDOW] + day, frame["site"].cat.codes]
        return frame

    reference, frame = sent(1, "2026-01-01", 0), sent(2, "2026-02-10", DAYS)
    frame["temp"] += 0.3 * np.maximum(frame[WINDOW] - FIRST, 0) * (frame["site"] == "s4")
    found = examine_columns(scene_of(frame, reference=reference, segments=("site",)))
    told = [(one.columns, dict(one.segment)) for one in found if one.cause is Cause.SLOW_DRIFT]
    assert told == ([] if wander else [(("temp",), {"site": "s4"})])


@pytest.mark.parametrize(("minutes", "told"), [(0.5, []), (10, [(("hour",), {"site": "a"})])])
def test_a_timetable_that_moves_by_minutes_is_no_drift(minutes, told):
    """Ten trips of each site, at the same hours of each day: of those of one each day is some minutes later."""
    reference, frame = rows(1, "2026-01-01", per_day=40), rows(2, "2026-02-10", per_day=40)
    for seed, one in enumerate((reference, frame)):
        one["site"] = pd.Categorical(np.tile(list("abcd"), len(one) // 4))
        one["hour"] = np.tile(np.repeat(np.linspace(5, 22, 10), 4), DAYS) + np.random.default_rng(seed).normal(0, 0.01, len(one))
    frame["hour"] += minutes / 60 * np.maximum(frame[WINDOW] - FIRST, 0) * (frame["site"] == "a")
    found = examine_columns(scene_of(frame, reference=reference, segments=("site",)))
    assert [(one.columns, dict(one.segment)) for one in found if one.cause is Cause.SLOW_DRIFT] == told


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


def test_times_of_one_place_that_are_two_hours_later_are_told_as_that():
    def promised(seed, start):
        frame = rows(seed, start)
        wait = pd.to_timedelta(np.random.default_rng(seed).uniform(20, 40, len(frame)), unit="min")
        return frame.assign(promised=(frame[TIME] + wait).astype("datetime64[us]"))

    frame, hit = damaged("promised", lambda some: some["promised"] + pd.Timedelta(hours=2), "south", make=promised)
    found = only(examine_columns(scene_of(frame, finding("promised"), reference=promised(1, "2026-01-01"))), Cause.TIME_SHIFT)
    check_place_and_time(found, frame, hit, "south")
    assert claim(found, {}).startswith("promised was 2 hours later than before")


def test_rows_that_always_lack_a_value_are_not_concerned():
    draw = np.random.default_rng(7)
    frame, hit = damaged("age", lambda x: x["age"].where(draw.random(len(x)) < 0.6))
    found = only(examine_columns(scene_of(frame, finding("age", FindingKind.MISSING, Direction.MORE))), Cause.MISSING_VALUES)
    assert found.rows == pytest.approx(0.8 * 0.4 * hit.sum(), rel=0.1)
    assert found.share_rows == pytest.approx(0.32, rel=0.1)


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


def test_a_day_that_runs_late_by_what_drift_found_is_a_shift_of_hours():
    """Every row has a value of its own, so that no hour repeats another."""
    draw = np.random.default_rng(3)
    tables = []
    for start, since, by in (("2026-01-01", 0, 0), ("2026-02-10", 15, 6)):
        made = rows(1 if by == 0 else 2, start, per_day=96)
        hour = (made[TIME] - made[TIME].iloc[0]).dt.total_seconds().to_numpy() / 3600
        late = np.where(made[WINDOW] >= since, by, 0)
        made["temp"] = 60 + 9 * np.sin(2 * np.pi * (hour - late) / 24) + draw.normal(0, 3, len(made))
        tables.append(made)
    told = replace(finding("temp", FindingKind.CLOCK, Direction.HIGHER), first=15, last=DAYS - 1, state="ongoing", before=0.0, after=6.0)
    found = only(examine_columns(scene_of(tables[1], told, reference=tables[0])), Cause.TIME_SHIFT)
    assert (found.columns, found.inverse.offset, found.ongoing) == (("temp",), 6.0, True)
    assert found.start == np.datetime64("2026-02-25")
    assert found.explained > 0.7
    assert claim(found, {}) == "temp is that of 6 hours earlier"
