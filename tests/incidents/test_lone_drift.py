"""One column that drifts away by itself, on rows that were damaged in a known way."""

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.cause import Cause
from monitor.incidents.columns import examine_columns
from monitor.incidents.scene import WINDOW
from tests.incidents.columns_made import DAYS, FIRST, finding, only, rows, scene_of


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
