"""Causes of whole rows, labels, model and service, on rows of a shop in which one thing happened, or none."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.bursts import examine_bursts
from monitor.incidents.cause import Cause
from monitor.incidents.dated import parts_text
from monitor.incidents.delays import examine_delays
from monitor.incidents.labels import examine_labels
from monitor.incidents.rows import examine_rows
from monitor.incidents.seasons import examine_seasons
from monitor.incidents.serving import examine_serving
from monitor.incidents.titles import title_of
from monitor.incidents.versions import examine_versions
from monitor.incidents.volumes import examine_volumes
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.finding import Direction, FindingKind
from monitor.models import Reproduction
from monitor.vocabulary import Task
from tests.incidents.shop_rows import BEFORE, Found, between, finding, moment, now, rows, scene

ALL = (
    examine_rows,
    examine_volumes,
    examine_bursts,
    examine_delays,
    examine_labels,
    examine_versions,
    examine_serving,
    examine_seasons,
)
HOURS = np.timedelta64(12, "h")
SAME_AS_ID = {"operations": finding("duplicates_share", FindingKind.OPERATION, 5, 14, direction=Direction.HIGHER)}
REQUESTS = {"operations": finding("requests", FindingKind.OPERATION, 5, 14, direction=Direction.LOWER)}
WORSE = {"segments": finding("a segment", FindingKind.SEGMENT, 5)}


def first(found):
    """Return the hypothesis that says most."""
    return max(found, key=lambda one: one.explained)


def place(found):
    return dict(found.segment), found.beside


def near(told, day, within=HOURS):
    return abs(told - moment(day)) <= within


def test_nothing_is_told_of_rows_that_nothing_found():
    assert [examine(scene(now())) for examine in ALL] == [()] * len(ALL)


def test_nothing_is_told_where_something_was_found_and_rows_do_not_show_it():
    alarmed = scene(
        now(),
        drift=Found((finding("shop", FindingKind.VALUE, 5), finding("weight", FindingKind.VALUE, 5))),
        quality=finding("duplicate_ids", FindingKind.QUALITY, 5),
        segments=finding("shop = 'far'", FindingKind.SEGMENT, 5),
        predictions=finding("score", FindingKind.VALUE, 5),
        operations=Found(
            tuple(
                finding(what, FindingKind.OPERATION, 5, direction=Direction.HIGHER)
                for what in ("requests", "label_lag_days", "latency_p95_ms", "cost_per_1000", "error_share")
            )
        ),
    )
    assert [one.cause for examine in ALL for one in examine(alarmed)] == []


# ---------------------------------------------------------------- rows


@pytest.mark.parametrize(("shops", "beside"), [(["west"], 0), (["west", "far"], 1)])
def test_rows_that_came_twice_are_told_with_their_levels(shops, beside):
    frame = now()
    twice = frame[frame["shop"].isin(shops) & between(frame, 5, 15)]
    (told,) = examine_rows(scene(pd.concat([frame, twice]), **SAME_AS_ID))
    assert (told.cause, told.columns, told.rows) == (Cause.DUPLICATED_ROWS, ("order",), len(twice))
    assert {told.segment["shop"], *told.beside} == set(shops)
    assert near(told.start, 5)
    assert near(told.end, 15)
    assert told.explained == 1.0
    assert told.share_rows == pytest.approx(len(twice) / (between(frame, 5, 15).sum() + len(twice)), rel=0.02)


def test_rows_that_came_twice_are_found_without_an_id():
    frame = now()
    made = scene(pd.concat([frame, frame[between(frame, 5, 15)]]), without=("order",), **SAME_AS_ID)
    (told,) = examine_rows(made)
    assert (place(told), told.columns, told.rows) == (({}, ()), (), int(between(frame, 5, 15).sum()))


def test_a_level_whose_rows_do_not_arrive_is_a_change_of_volume():
    frame = now()
    gone = (frame["shop"] == "south") & between(frame, 5, 15)
    told = first(examine_volumes(scene(frame[~gone], **REQUESTS)))
    assert (told.cause, place(told)) == (Cause.VOLUME_CHANGE, ({"shop": "south"}, ()))
    assert near(told.start, 5)
    assert near(told.end, 15)
    assert told.rows == pytest.approx(gone.sum(), rel=0.1)


def test_a_level_that_takes_the_rows_of_all_others_is_a_change_of_mix():
    frame = now()
    inside = between(frame, 5)
    taken = inside & (frame["shop"] != "west") & (np.random.default_rng(3).random(len(frame)) < 0.2)
    spare = rows(frame["at"].min(), seed=9, a_day=1500)
    more = (
        spare[(spare["shop"] == "west") & between(spare, 5)]
        .sample(int(taken.sum()), random_state=0)
        .assign(order=lambda one: "m" + one["order"])
    )
    told = first(examine_volumes(scene(pd.concat([frame[~taken], more]), drift=finding("shop", FindingKind.VALUE, 5))))
    assert (told.cause, place(told), told.ongoing) == (Cause.MIX_CHANGE, ({"shop": "west"}, ()), True)
    assert near(told.start, 5)


def test_a_mix_explains_its_own_column_though_another_moved_a_little_by_itself():
    frame = now()
    west = frame["shop"].eq("west") | (np.random.default_rng(3).random(len(frame)) < 0.3)
    mixed = frame.assign(shop=frame["shop"].mask(between(frame, 5) & west, "west"))
    mixed["far"] += 0.15 * between(frame, 5)
    drift = Found((finding("shop", FindingKind.VALUE, 5), finding("far", FindingKind.VALUE, 5)))
    told = first(examine_volumes(scene(mixed, drift=drift)))
    assert (told.cause, place(told)) == (Cause.MIX_CHANGE, ({"shop": "west"}, ()))
    assert told.explained > 0.7
    assert told.proof.measure == "level"
    assert (told.proof.before, told.proof.after) == pytest.approx((0.1, 0.37), abs=0.03)


@pytest.mark.parametrize(("kept", "told"), [(0.4, True), (0.95, False)])
def test_all_rows_are_told_of_where_they_are_far_fewer(kept, told):
    frame = now()
    gone = between(frame, 5, 15) & (np.random.default_rng(3).random(len(frame)) > kept)
    found = [one for one in examine_volumes(scene(frame[~gone], **REQUESTS)) if not one.segment]
    assert [one.cause for one in found] == ([Cause.VOLUME_CHANGE] if told else [])
    assert all(near(one.start, 5) and near(one.end, 15) for one in found)


# ---------------------------------------------------------------- bursts


def burst(count, start, hours):
    """Return rows of which each column was drawn on its own."""
    rng = np.random.default_rng(5)
    drawn = pd.DataFrame({name: BEFORE[name].to_numpy()[rng.integers(0, len(BEFORE), count)] for name in BEFORE})
    at = pd.Timestamp(moment(start)) + pd.to_timedelta(rng.integers(0, hours * 60, count), unit="min")
    return drawn.assign(at=at, order=[f"b{i}" for i in range(count)])


def test_a_burst_of_rows_that_do_not_belong_together_is_told_with_its_minutes():
    found = {"operations": finding("requests", FindingKind.OPERATION, 9, 9, direction=Direction.HIGHER)}
    (told,) = examine_bursts(scene(pd.concat([now(), burst(1500, 9.5, 3)]), **found))
    assert told.cause is Cause.TRAFFIC_BURST
    assert near(told.start, 9.5, np.timedelta64(3, "m"))
    assert near(told.end, 9.5 + 3 / 24, np.timedelta64(3, "m"))
    assert told.rows == pytest.approx(1500, rel=0.05)
    assert told.proof.after < told.proof.before / 2
    assert told.explained > 0.9


def test_many_rows_like_all_others_are_a_burst_that_says_less():
    usual = rows(pd.Timestamp(moment(9)), days=1, seed=7, a_day=1500)
    usual["at"] = pd.Timestamp(moment(9.5)) + (usual["at"] - usual["at"].dt.floor("D")) / 8
    found = {"operations": finding("requests", FindingKind.OPERATION, 9, 9, direction=Direction.HIGHER)}
    (told,) = examine_bursts(scene(pd.concat([now(), usual]), **found))
    assert told.cause is Cause.TRAFFIC_BURST
    assert told.explained < 0.7


@pytest.mark.parametrize("without", [(), ("order",)])
def test_rows_sent_on_purpose_are_told_with_what_they_share(without):
    frame = now()
    copies = pd.concat([frame[(frame["shop"] == "far") & (frame["channel"] == "web")].head(1)] * 300, ignore_index=True)
    at = pd.Timestamp(moment(9.5)) + pd.to_timedelta(np.arange(300), unit="min")
    copies = copies.assign(at=at, order=[f"c{i}" for i in range(300)])
    alarm = finding("near_duplicates", FindingKind.ADVERSARY, 9, 9, before=0.0, after=300.0)
    table = pd.DataFrame({"run": [alarm.id], "ids": [None if without else json.dumps(copies["order"].tolist())]})
    told = first(examine_bursts(scene(pd.concat([frame, copies]), without=without, adversaries=Found((alarm,), table))))
    assert (told.cause, place(told)) == (Cause.ADVERSARIAL_BURST, ({"shop": "far", "channel": "web"}, ()))
    if not without:
        assert told.rows == 300
        assert told.start == at[0].to_datetime64()


# ---------------------------------------------------------------- labels


@pytest.mark.parametrize("stamped", [True, False])
def test_labels_that_come_late_are_told_with_their_segment(stamped):
    frame = now()
    late = ((frame["channel"] == "desk") & between(frame, 5)).to_numpy()
    last = frame["at"].max() + pd.Timedelta(days=1)
    known = frame["known"].where(~late, frame["known"] + pd.Timedelta(days=12))
    frame = frame.assign(known=known.where(known <= last), late=frame["late"].where(known <= last))
    before = BEFORE if stamped else BEFORE.assign(late=BEFORE["late"].where(BEFORE.index % 50 > 0))
    found = {"operations": finding("label_lag_days", FindingKind.OPERATION, 5, direction=Direction.HIGHER)}
    (told,) = examine_delays(scene(frame, before, without=() if stamped else ("known",), **found))
    assert (told.cause, told.columns, place(told)) == (Cause.LABEL_DELAY, ("late",), ({"channel": "desk"}, ()))
    assert told.ongoing
    assert told.start >= moment(5)
    assert near(told.start, 5) or not stamped


@pytest.mark.parametrize(("share", "told"), [(1.0, [{"channel": "desk"}]), (0.6, [])])
def test_rows_of_one_level_prove_that_its_labels_come_late_where_no_figure_of_all_rows_shows_it(share, told):
    """Nearly all of its labels, for whole windows: of more than half as many, chance and days decide."""
    frame = now()
    late = (frame["channel"] == "desk") & between(frame, 5) & (np.random.default_rng(6).random(len(frame)) < share)
    last = frame["at"].max() + pd.Timedelta(days=1)
    known = frame["known"].where(~late, frame["known"] + pd.Timedelta(days=12))
    found = examine_delays(scene(frame.assign(known=known.where(known <= last), late=frame["late"].where(known <= last))))
    assert [dict(one.segment) for one in found] == told
    assert all(near(one.start, 5) for one in found)


def test_labels_of_a_few_days_that_do_not_say_where_are_those_of_the_place_that_all_days_show():
    """Two days on which other labels were late too are no delay of all labels beside that of one channel."""
    frame = now()
    desk = (frame["channel"] == "desk") & between(frame, 5)
    others = between(frame, 5, 7) & (np.random.default_rng(4).random(len(frame)) < 0.15)
    frame = frame.assign(known=frame["known"].where(~(desk | others), frame["known"] + pd.Timedelta(days=12)))
    last = frame["at"].max() + pd.Timedelta(days=1)
    frame = frame.assign(known=frame["known"].where(frame["known"] <= last), late=frame["late"].where(frame["known"] <= last))
    lag = finding("label_lag_days", FindingKind.OPERATION, 5, direction=Direction.HIGHER)
    days = replace(lag, what="label_on_time_share", last=6, last_window="2026-04-06", direction=Direction.LOWER)
    (told,) = examine_delays(scene(frame, operations=Found((lag, days))))
    assert (place(told), len(told.evidence)) == (({"channel": "desk"}, ()), 2)


@pytest.mark.parametrize(
    ("part", "words"), [(None, "No label has arrived since 30 Mar"), ("desk", "No label has arrived where channel is desk")]
)
def test_labels_that_never_come_are_not_told_to_come_later(part, words):
    frame = now()
    gone = (frame["channel"] == part).to_numpy() if part else np.ones(len(frame), dtype=bool)
    frame = frame.assign(late=frame["late"].where(~gone), known=frame["known"].where(~gone))
    found = {"operations": finding("label_share", FindingKind.OPERATION, 0, direction=Direction.LOWER)}
    (told,) = examine_delays(scene(frame, **found))
    assert title_of(told, {}, timezone="UTC", year=False).startswith(words)
    assert told.start > moment(0)  # its first row, by which it is not dated: none came before


def of_three(frame, seed):
    """Return rows whose label is one of three classes, by weight, and an answer that is the commonest class at that weight."""
    draw = np.random.default_rng(seed)
    likely = np.array(["a", "b", "c"])[np.clip(frame["weight"].to_numpy(), 0, 2.9).astype(int)]
    return frame.assign(said=likely, late=np.where(draw.random(len(frame)) < 0.6, likely, draw.choice(["a", "b", "c"], len(frame))))


@pytest.mark.parametrize("share", [0.6, 0.0])
def test_labels_of_one_class_that_become_another_in_one_place_are_a_change_of_labels(share):
    frame = of_three(now(), 1)
    hit = (frame["shop"] == "south") & (frame["late"] == "c") & between(frame, 5) & (np.random.default_rng(4).random(len(frame)) < share)
    made = scene(
        frame.assign(late=frame["late"].mask(hit, "a")),
        of_three(BEFORE, 2),
        performance=finding("base_rate~c", FindingKind.METRIC, 5, status="warning"),
    )
    case = made.workspace.case
    case.task, case.roles = Task.MULTICLASS, case.roles.model_copy(update={"prediction": "said", "score": None})
    found = examine_labels(made)
    if not share:
        assert found == ()
        return
    told = first(found)
    assert (told.cause, told.columns, dict(told.segment)) == (Cause.LABEL_CHANGE, ("late",), {"shop": "south"})
    assert near(told.start, 5)


def turned(frame, inside, share):
    chosen = inside & (np.random.default_rng(4).random(len(frame)) < share)
    return frame.assign(late=np.where(chosen, np.where(frame["late"] == "1", "0", "1"), frame["late"]))


@pytest.mark.parametrize(("segment", "share"), [({"shop": "east"}, 0.3), ({"shop": "north", "channel": "app"}, 0.45)])
def test_labels_turned_round_at_all_inputs_are_a_change_of_labels(segment, share):
    frame = now()
    inside = np.logical_and.reduce([frame[name] == level for name, level in segment.items()]) & between(frame, 5)
    told = first(examine_labels(scene(turned(frame, inside, share), **WORSE)))
    assert (told.cause, told.columns, dict(told.segment)) == (Cause.LABEL_CHANGE, ("late",), segment)
    assert near(told.start, 5, np.timedelta64(4, "D"))


def test_labels_that_depend_on_an_input_otherwise_are_a_change_of_concept():
    frame = now()
    inside = ((frame["shop"] == "east") & between(frame, 5)).to_numpy()
    other = np.where(np.random.default_rng(4).random(len(frame)) < 1 / (1 + np.exp(1.5 * frame["far"])), "1", "0")
    told = first(examine_labels(scene(frame.assign(late=np.where(inside, other, frame["late"])), **WORSE)))
    assert (told.cause, dict(told.segment)) == (Cause.CONCEPT_CHANGE, {"shop": "east"})
    assert told.columns[0] in ("far", "score")
    assert near(told.start, 5, np.timedelta64(3, "D"))


def of_labels(first, turn, last):
    """What analyses of labels find in turn: more of them than inputs let expect, then worse ranking."""
    return {
        "concept": finding("level", FindingKind.CONCEPT, first, turn, method="level"),
        "performance": finding("roc_auc", FindingKind.METRIC, turn, last, note="worse"),
    }


def drawn(frame, more):
    """Draw labels anew with log-odds that are so much higher in each row."""
    chance = 1 / (1 + np.exp(-(np.log(frame["score"] / (1 - frame["score"])) + more)))
    return frame.assign(late=np.where(np.random.default_rng(5).random(len(frame)) < chance, "1", "0"))


def test_what_was_found_in_turn_of_labels_of_all_rows_is_one_change_of_concept_in_parts():
    frame = now()
    frame = drawn(frame, np.select([between(frame, 4, 14), between(frame, 14, 24)], [0.9, -0.9], 0.0))
    told = next(one for one in examine_labels(scene(frame, **of_labels(4, 14, 23))) if one.parts)
    assert (told.cause, told.columns, dict(told.segment)) == (Cause.CONCEPT_CHANGE, (), {})
    assert [one.off > 0 for one in told.parts] == [True, False]
    assert near(told.start, 4, np.timedelta64(1, "D"))
    assert near(told.parts[1].start, 14, np.timedelta64(2, "D"))
    assert near(told.end, 24, np.timedelta64(2, "D"))
    assert told.known_days is None  # a reference of February is of that time of year
    text = parts_text(told, "UTC", year=False)
    assert text.count("expected") == 2


def test_labels_as_expected_are_no_change_of_concept_whatever_was_found():
    assert not [one for one in examine_labels(scene(now(), **of_labels(4, 14, 23))) if one.everywhere]


def test_a_reference_without_such_a_time_of_year_leaves_a_season_in_doubt():
    later = pd.Timedelta(days=120)
    frame = now()
    frame = drawn(frame, np.where(between(frame, 0, 28), 0.9, 0.0)).assign(at=frame["at"] + later, known=frame["known"] + later)
    found = {name: replace(one, first=0, last=27) for name, one in of_labels(0, 14, 27).items()}
    told = next(one for one in examine_labels(scene(frame, **found)) if one.parts)
    assert [str(moment)[:10] for moment in told.known_days] == ["2026-03-02", "2026-03-29"]


# ---------------------------------------------------------------- model and service


def test_a_version_that_scores_otherwise_is_told():
    frame = now()
    served = between(frame, 5) & (np.random.default_rng(4).random(len(frame)) < 0.4)
    logit = np.log(frame["score"] / (1 - frame["score"])) + 0.7
    frame = frame.assign(version=np.where(served, "v2", "v1"), score=frame["score"].where(~served, 1 / (1 + np.exp(-logit))))
    (told,) = examine_versions(scene(frame, predictions=finding("score", FindingKind.VALUE, 5)))
    assert (told.cause, told.columns, dict(told.segment)) == (Cause.MODEL_VERSION, ("score",), {"version": "v2"})
    assert near(told.start, 5)
    assert told.ongoing
    assert told.share_rows == pytest.approx(0.4, abs=0.03)
    assert told.explained > 0.7
    (alone,) = examine_versions(scene(frame))  # days differ more than versions, which rows of the same days tell apart
    assert (dict(alone.segment), alone.evidence) == ({"version": "v2"}, ())


def test_a_version_that_scores_as_before_is_none():
    frame = now()
    frame = frame.assign(version=np.where(between(frame, 5), "v2", "v1"))
    assert examine_versions(scene(frame, predictions=finding("score", FindingKind.VALUE, 5))) == ()
    assert examine_versions(scene(frame)) == ()


def test_scores_that_inputs_did_not_get_before_are_another_model_without_its_name():
    frame = now()
    served = between(frame, 5) & (frame["channel"] == "app")
    frame = frame.assign(score=frame["score"].where(~served, frame["score"] / 3))
    found = scene(frame, BEFORE, without=("version",), predictions=finding("score", FindingKind.VALUE, 5))
    (told,) = examine_versions(found)
    assert (told.cause, dict(told.segment)) == (Cause.MODEL_VERSION, {"channel": "app"})
    assert near(told.start, 5)


def test_scores_are_no_other_models_where_the_model_says_them_or_a_day_of_the_reference_was_as_strange():
    """Weather that was never learned gives scores that inputs did not tell; the model that was asked again says them all the same."""
    frame = now()
    frame = frame.assign(score=frame["score"].where(~(between(frame, 5, 6) & (frame["channel"] == "app")), frame["score"] / 3))
    found = finding("score", FindingKind.VALUE, 5, 5)
    assert [one.cause for one in examine_versions(scene(frame, BEFORE, without=("version",), predictions=found))] == [Cause.MODEL_VERSION]
    same = Reproduction(
        what="score",
        n=2000,
        left_out=0,
        decimals=None,
        share_equal=1.0,
        largest_difference=0.0,
        correlation=1.0,
        window=None,
        first_share=0.0,
    )
    assert _of_a_model(frame, found, same) == ()
    assert len(_of_a_model(frame, found, replace(same, share_equal=0.98))) == 1
    day = BEFORE["at"].dt.floor("D")
    strange = BEFORE.assign(score=BEFORE["score"].where(day != sorted(day.unique())[9], BEFORE["score"] / 3))
    assert examine_versions(scene(frame, strange, without=("version",), predictions=found)) == ()


def _of_a_model(frame, found, says):
    looked = scene(frame, BEFORE, without=("version",), predictions=found)
    looked.judged["explanations"] = JudgedExplanations(
        table=pd.DataFrame(), findings=(), result=SimpleNamespace(reproductions=(None, says)), thresholds=None
    )
    return examine_versions(looked)


@pytest.mark.parametrize("seen", [5, 1])
def test_slow_calls_are_told_of_their_segment_and_dear_ones_follow(seen):
    """Where it was seen in longer windows, the version that serves all since, and some before, is no part of the place."""
    frame = now()
    slow = ((frame["shop"] == "east") & between(frame, 5, 15)).to_numpy()
    ms = np.where(slow, frame["ms"] * 4, frame["ms"])
    frame = frame.assign(ms=ms, cost=ms / 1000, version=np.where(between(frame, 5) | (frame.index % 5 == 0), "r2", "r1"))
    names = ("latency_p95_ms", "cost_per_1000")
    alarms = tuple(finding(what, FindingKind.OPERATION, seen, 14, direction=Direction.HIGHER) for what in names)
    (told,) = examine_serving(scene(frame, operations=Found(alarms)))
    assert (told.cause, told.columns, place(told)) == (Cause.LATENCY, ("ms", "cost"), ({"shop": "east"}, ()))
    assert near(told.start, 5)
    assert near(told.end, 15)


def test_calls_that_fail_are_errors():
    frame = now()
    failed = ((frame["channel"] == "web") & between(frame, 5) & (np.random.default_rng(4).random(len(frame)) < 0.3)).to_numpy()
    frame = frame.assign(status=np.where(failed, "error", "ok"))
    found = scene(frame, operations=finding("error_share", FindingKind.OPERATION, 5, direction=Direction.HIGHER))
    (told,) = examine_serving(found)
    assert (told.cause, told.columns, place(told)) == (Cause.ERRORS, ("status",), ({"channel": "web"}, ()))
    assert told.ongoing


# ---------------------------------------------------------------- seasons


def warmer(frame, step):
    """Return rows whose size and far are shared by those of a day, and go up with the days (`step`: at once, in the middle)."""
    day = ((frame["at"] - frame["at"].min().floor("D")) / pd.Timedelta(days=1)).astype(int)
    rng = np.random.default_rng(int(frame["at"].min().toordinal()))
    luck = rng.normal(0, 1, int(day.max()) + 1)[day]
    start = (frame["at"] - BEFORE["at"].min()) / pd.Timedelta(days=1)
    up = np.where(start > 42, 8.0, 0.0) if step else 0.1 * start
    return frame.assign(size=frame["size"] / 5 + luck + up, far=frame["far"] + luck + up)


@pytest.mark.parametrize(("step", "told"), [(False, True), (True, False)])
def test_columns_that_drift_together_and_slowly_are_the_season(step, told):
    drifts = Found((finding("size", FindingKind.VALUE, 14), finding("far", FindingKind.VALUE, 14)))
    found = examine_seasons(scene(warmer(now(), step), warmer(BEFORE, step), drift=drifts))
    assert [(one.cause, set(one.columns)) for one in found] == ([(Cause.SEASON, {"size", "far"})] if told else [])
