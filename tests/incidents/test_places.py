"""Where what is bad lies in rows."""

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.places import Where, localise, told_by_day

PLACES = ("shop", "channel", "day")


def rows(count, seed):
    rng = np.random.default_rng(seed)
    shop = rng.choice(["north", "south", "east", "west", "far"], count, p=[0.35, 0.3, 0.2, 0.1, 0.05])
    frame = {"shop": shop, "channel": rng.choice(["app", "web", "desk"], count), "day": rng.integers(0, 7, count).astype(str)}
    return pd.DataFrame(frame).astype("category")


BEFORE, NOW = rows(6000, 0), rows(5000, 1)


def found(bad_before, bad_now, places=PLACES, **given):
    return localise(BEFORE, NOW, bad_before, bad_now, places, **given)


def noise(frame, rate, seed=2):
    return np.random.default_rng(seed).random(len(frame)) < rate


@pytest.mark.parametrize(
    ("segment", "rate"),
    [({"shop": "far"}, 0.0), ({"shop": "north"}, 0.2), ({"shop": "west", "channel": "app"}, 0.1), ({"channel": "desk"}, 0.05)],
)
def test_a_segment_is_told_whole_and_without_more(segment, rate):
    inside = np.logical_and.reduce([(NOW[name] == level).to_numpy() for name, level in segment.items()])
    got = found(noise(BEFORE, rate), noise(NOW, rate, 3) | inside & noise(NOW, 0.8, 4))
    assert (got.where, dict(got.segment), got.beside) == (Where.SEGMENT, segment, ())
    assert got.rows == inside.sum()
    assert got.p_value <= 0.05
    assert got.share > 0.9
    assert (got.are(NOW) == inside).all()
    assert [len(step.segment) for step in got.chain] == list(range(len(segment) + 1))


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3])
@pytest.mark.parametrize("more", [0.15, 0.5, 1.0])
def test_a_change_of_all_rows_has_no_segment(rate, more):
    got = found(noise(BEFORE, rate), noise(NOW, rate, 3) | noise(NOW, more, 4))
    assert (got.where, dict(got.segment)) == (Where.EVERYWHERE, {})
    assert got.rows == len(NOW)


def test_what_is_worst_somewhere_and_bad_elsewhere_has_no_segment():
    worst = (NOW["shop"] == "north").to_numpy()
    got = found(noise(BEFORE, 0.05), noise(NOW, 0.3, 3) | worst & noise(NOW, 0.6, 4))
    assert got.where is not Where.SEGMENT
    assert dict(got.alternatives[0].segment) == {"shop": "north"}


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.4])
def test_nothing_more_than_usual_is_not_localised(rate):
    assert found(noise(BEFORE, rate), noise(NOW, rate, 3)).where is Where.NOT_LOCALISED


def test_two_levels_of_one_column_are_told_together():
    got = found(noise(BEFORE, 0.02), NOW["shop"].isin(["south", "west"]).to_numpy())
    assert dict(got.segment) == {"shop": "south"}
    assert got.beside == ("west",)
    assert got.rows == NOW["shop"].isin(["south", "west"]).sum()
    assert got.are(NOW).sum() == got.rows


def test_a_level_that_the_reference_never_had_can_be_the_place():
    now = NOW.assign(shop=NOW["shop"].astype(str).replace("far", "new").astype("category"))
    bad = (now["shop"] == "new").to_numpy()
    assert dict(localise(BEFORE, now, np.zeros(len(BEFORE)), bad, PLACES).segment) == {"shop": "new"}


def test_losses_are_weighed_in_their_own_unit():
    rng = np.random.default_rng(5)
    loss = [rng.exponential(0.003, len(frame)) for frame in (BEFORE, NOW)]
    loss[1] *= np.where((NOW["channel"] == "web").to_numpy(), 2, 1)
    got = found(*loss)
    web = (NOW["channel"] == "web").to_numpy()
    assert dict(got.segment) == {"channel": "web"}
    assert got.bad == pytest.approx(loss[1][web].sum())
    assert got.expected == pytest.approx(loss[0][(BEFORE["channel"] == "web").to_numpy()].mean() * web.sum(), rel=0.02)
    assert dict(found(loss[0], rng.exponential(0.003, len(NOW))).segment) == {}


def test_a_row_without_a_level_is_in_no_segment():
    now = NOW.assign(shop=NOW["shop"].where(NOW["shop"] != "north"))
    got = localise(BEFORE, now, noise(BEFORE, 0.01), now["shop"].isna().to_numpy(), PLACES)
    assert got.where is not Where.SEGMENT


@pytest.mark.parametrize("places", [(), ("shop",)])
def test_few_rows_or_no_columns_are_an_answer(places):
    none = np.zeros(0)
    assert localise(BEFORE[:0], NOW[:0], none, none, places).where is Where.NOT_LOCALISED
    assert localise(BEFORE[:0], NOW[:3], none, np.ones(3), places).where is not Where.SEGMENT


def test_a_weekday_says_when_and_not_where():
    at = pd.date_range("2026-03-02", periods=28 * 50, freq="28.8min")
    now = pd.DataFrame({"@time": at, "weekday": at.day_name(), "shop": np.tile(["a", "b"], 700)})
    assert told_by_day(now, "weekday")
    assert not told_by_day(now, "shop")
    assert not told_by_day(now[::50], "shop")
    bad = (now["weekday"] == "Sunday").to_numpy()
    assert localise(now, now, np.zeros(len(now)), bad, ("weekday", "shop")).where is Where.EVERYWHERE


def test_of_many_rows_a_sample_is_scanned_and_all_are_counted():
    now = pd.concat([NOW] * 25, ignore_index=True)
    far = (now["shop"] == "far").to_numpy()
    got = localise(now, now, np.zeros(len(now)), far, PLACES)
    assert (dict(got.segment), got.rows, got.bad) == ({"shop": "far"}, far.sum(), far.sum())


def test_what_never_was_needs_no_second_column():
    """Levels that never were bad before do not make a predicate surer by being named as well."""
    now = NOW.assign(shop=NOW["shop"].astype(str).replace("far", "new").astype("category"))
    bad = (now["shop"] == "new").to_numpy()
    wide = pd.Categorical(np.where(np.arange(len(now)) % 100 == 0, "odd", "usual"))
    usual = BEFORE.assign(state=pd.Categorical(np.where(np.arange(len(BEFORE)) % 100 == 0, "odd", "usual")))
    got = localise(usual, now.assign(state=wide), np.zeros(len(BEFORE)), bad, (*PLACES, "state"))
    assert dict(got.segment) == {"shop": "new"}


def test_levels_that_are_not_as_bad_as_each_other_are_not_one_place():
    rate = NOW["shop"].astype(str).map({"south": 0.9, "west": 0.4}).fillna(0.0).to_numpy(dtype=float)
    bad = np.random.default_rng(6).random(len(NOW)) < rate
    assert found(np.zeros(len(BEFORE)), bad).where is Where.NOT_LOCALISED
