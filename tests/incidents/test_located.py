"""Where and when at once."""

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.located import locate, time_of
from monitor.incidents.places import Localised, Where, when

START = pd.Timestamp("2026-03-02")


def rows(days, seed):
    rng = np.random.default_rng(seed)
    count = days * 150
    at = START + pd.to_timedelta(np.sort(rng.integers(0, days * 1440, count)), unit="min")
    frame = pd.DataFrame({"shop": rng.choice(list("abcde"), count), "channel": rng.choice(["app", "web"], count)}).astype("category")
    return frame.assign(**{"@time": at.astype("datetime64[us]")})


BEFORE, NOW = rows(30, 0), rows(30, 1)
AT = NOW["@time"].to_numpy()
BEGIN, STOP = np.datetime64("2026-03-12T09:00"), np.datetime64("2026-03-20T18:00")
MEANWHILE = (AT >= BEGIN) & (AT < STOP)


def noise(frame, rate, seed):
    return np.random.default_rng(seed).random(len(frame)) < rate


@pytest.mark.parametrize(("rate", "within"), [(0.0, 1.0), (0.05, 0.9), (0.2, 0.7)])
@pytest.mark.parametrize("segment", [{}, {"shop": "b"}, {"shop": "c", "channel": "web"}])
def test_place_and_time_are_told(segment, rate, within):
    inside = MEANWHILE & np.logical_and.reduce([np.ones(len(NOW), bool), *[(NOW[name] == level) for name, level in segment.items()]])
    got = locate(BEFORE, NOW, noise(BEFORE, rate, 2), noise(NOW, rate, 3) | inside & noise(NOW, within, 4), ("shop", "channel"))
    assert dict(got.place.segment) == segment
    assert got.place.where is (Where.SEGMENT if segment else Where.EVERYWHERE)
    assert abs(got.time.start - BEGIN) < np.timedelta64(10, "h")
    assert abs(got.time.end - STOP) < np.timedelta64(10, "h")


def test_nothing_is_nowhere_and_never():
    got = locate(BEFORE, NOW, noise(BEFORE, 0.2, 2), noise(NOW, 0.2, 3), ("shop", "channel"))
    assert (got.place.where, got.time) == (Where.NOT_LOCALISED, None)


def test_days_that_one_place_shares_are_no_news():
    """Shop a has good and bad days before and now, and more bad ones now by chance: its days are few."""

    def days_of(frame, bad_days):
        day = frame["@time"].dt.day_of_year.to_numpy()
        return np.where((frame["shop"] == "a") & np.isin(day % 10, bad_days), 0.6, 0.1)

    usual, now = noise(BEFORE, days_of(BEFORE, [1, 4, 7]), 5), noise(NOW, days_of(NOW, [0, 3, 5, 8]), 6)
    assert dict(locate(BEFORE, NOW, usual, now, ("shop", "channel")).place.segment) == {}


def test_known_rates_are_taken_as_given():
    got = when(NOW, MEANWHILE, before=0.0, within=1.0)
    assert got.start == AT[MEANWHILE][0]
    assert got.end == AT[~MEANWHILE & (AT > BEGIN)][0]


@pytest.mark.parametrize("seed", range(4))
def test_what_a_day_does_to_all_moves_no_onset(seed):
    """Half of the days are bad for all shops; shop b is worse from the 12th on, and bad days lie right before."""
    rng = np.random.default_rng(seed)

    def usual(frame, worse):
        day = frame["@time"].dt.day_of_year.to_numpy()
        return np.where(np.isin(day, worse), 0.4, 0.15)

    worse = [*rng.choice(np.arange(61, 91), 10, replace=False), 66, 67, 68, 69, 70]
    inside = (NOW["shop"] == "b").to_numpy() & (AT >= BEGIN)
    usual_now = usual(NOW, worse)
    now = rng.random(len(NOW)) < np.where(inside, usual_now + 0.3, usual_now)
    before = rng.random(len(BEFORE)) < usual(BEFORE, rng.choice(np.arange(61, 91), 10, replace=False))
    shop = Localised(where=Where.SEGMENT, segment={"shop": "b"})
    got = time_of(shop, BEFORE, NOW, before, now)
    assert abs(got.start - BEGIN) < np.timedelta64(36, "h")
    assert np.isnat(got.end)
