"""Times and series that run early or late, on rows that were damaged in a known way."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.cause import Cause
from monitor.incidents.columns import examine_columns
from monitor.incidents.scene import TIME, WINDOW
from monitor.incidents.words import claim
from monitor.judgement.finding import Direction, FindingKind
from tests.incidents.columns_made import DAYS, FIRST, check_place_and_time, damaged, finding, only, rows, scene_of, weather


def test_another_value_of_a_schedule_stands_still_for_no_fault():
    """Three flights a day where four were usual, in every row of a destination."""
    frame, _ = damaged("flights", lambda x: 3.0, "south", make=scheduled)
    assert examine_columns(scene_of(frame, reference=scheduled(1, "2026-01-01"))) == ()


def scheduled(seed, start):
    frame = rows(seed, start)
    return frame.assign(flights=np.random.default_rng(seed).choice([4.0, 3.0, 5.0], len(frame), p=[0.7, 0.15, 0.15]))


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


def test_times_of_one_place_that_are_two_hours_later_are_told_as_that():
    def promised(seed, start):
        frame = rows(seed, start)
        wait = pd.to_timedelta(np.random.default_rng(seed).uniform(20, 40, len(frame)), unit="min")
        return frame.assign(promised=(frame[TIME] + wait).astype("datetime64[us]"))

    frame, hit = damaged("promised", lambda some: some["promised"] + pd.Timedelta(hours=2), "south", make=promised)
    found = only(examine_columns(scene_of(frame, finding("promised"), reference=promised(1, "2026-01-01"))), Cause.TIME_SHIFT)
    check_place_and_time(found, frame, hit, "south")
    assert claim(found, {}).startswith("promised was 2 hours later than before")


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
