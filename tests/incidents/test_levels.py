"""Levels, answers and decisions that became others, on rows that were damaged in a known way."""

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.cause import Cause
from monitor.incidents.columns import examine_answers, examine_columns
from monitor.incidents.scene import TIME, WINDOW
from monitor.incidents.words import claim
from monitor.judgement.finding import FindingKind
from monitor.vocabulary import Role
from tests.incidents.columns_made import FIRST, LAST, check_place_and_time, damaged, finding, only, rows, scene_of


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


@pytest.mark.parametrize(
    ("others", "claimed"), [((), "colour is NA instead of missing"), (("mauve",), "colour has levels never seen before")]
)
def test_a_new_level_in_place_of_missing_values_is_a_default_where_it_is_the_only_one(others, claimed):
    reference, frame = rows(1, "2026-01-01"), rows(2, "2026-02-10")
    for seed, one in enumerate((reference, frame)):
        one["colour"] = one["colour"].astype(object).where(np.random.default_rng(seed).random(len(one)) > 0.15)
    late = frame[WINDOW] >= FIRST
    frame.loc[late & frame["colour"].isna(), "colour"] = "NA"
    for other in others:
        frame.loc[late & (np.random.default_rng(5).random(len(frame)) < 0.1), "colour"] = other
    sides = [one.astype({"colour": "category"}) for one in (frame, reference)]
    found = examine_columns(scene_of(sides[0], finding("colour", FindingKind.UNSEEN), reference=sides[1]))
    assert claim(max(found, key=lambda one: one.explained), {}).startswith(claimed)


def test_half_of_the_rows_under_other_names_are_mapped_back():
    frame = rows(2, "2026-02-10")
    part = (frame[WINDOW] >= FIRST) & (np.random.default_rng(5).random(len(frame)) < 0.5)
    frame["colour"] = ("c-" + frame["colour"].astype(str)).where(part, frame["colour"].astype(str)).astype("category")
    found = only(examine_columns(scene_of(frame, finding("colour", FindingKind.UNSEEN))), Cause.RECODE)
    assert dict(found.inverse.levels) == {f"c-{one}": one for one in ("red", "green", "blue")}
    assert found.rows == part.sum()


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
