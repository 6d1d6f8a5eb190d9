"""Which cause claims which finding."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.incidents.cause import Cause, Inverse
from monitor.incidents.evidence import between
from monitor.incidents.grouping import group, link
from tests.incidents.made import DAYS, FARE, SCORE, WINDOWS, cause, found


def test_a_cause_claims_what_follows_from_it_within_its_time():
    later = found("auc", 20, 25, analysis="performance", columns=())
    known, rest = group([cause()], [FARE, SCORE, later], WINDOWS)
    assert {one.key for one in known.evidence} == {"drift:fare", "predictions:score"}
    assert rest.hypothesis is None
    assert [one.key for one in rest.evidence] == ["performance:auc"]


def test_what_began_with_another_cause_that_stands_is_its_own():
    """A harmless change of an input that lasts claimed the losses of labels that turned later."""
    harmless = cause(last=28, explained=1.0, share_rows=0.3)
    labels = cause(Cause.CONCEPT_CHANGE, columns=("age",), segment={"shop": "south"}, first=15, last=28, explained=0.8, share_rows=0.3)
    labels = replace(labels, evidence=("segments:shop = 'south'",))
    loss = found("brier", 15, 28, analysis="performance", columns=())
    place = found("shop = 'south'", 15, 28, analysis="segments", columns=("shop",))
    fare, rest = group([harmless, labels], [replace(FARE, last=28), place, loss], WINDOWS)
    assert (fare.hypothesis.cause, {one.key for one in fare.evidence}) == (harmless.cause, {"drift:fare"})
    assert {one.key for one in rest.evidence} == {"segments:shop = 'south'", "performance:brier"}
    (alone,) = group([harmless], [replace(FARE, last=28), loss], WINDOWS)
    assert len(alone.evidence) == 2
    nothing = cause(columns=("age",), first=2, last=28, explained=1.0, share_rows=0.3)
    losses = [found(name, 15, 28, analysis="performance", columns=()) for name in "abcdefgh"]
    (told,) = group([nothing, replace(labels, explained=0.61)], [place, *losses], WINDOWS)  # asked second, for it explains less
    assert (told.hypothesis.cause, len(told.evidence)) == (Cause.CONCEPT_CHANGE, 9)
    weak = group([nothing, replace(labels, explained=0.31)], [place, *losses], WINDOWS)
    assert [len(one.evidence) for one in weak] == [8, 1]


def test_another_input_of_another_time_is_an_incident_of_its_own():
    other = found("age", 9, 20)
    groups = group([cause()], [FARE, other], WINDOWS)
    assert [len(one.evidence) for one in groups] == [1, 1]


def test_an_alert_on_another_input_at_the_same_time_is_an_incident_of_its_own():
    _, other = group([cause()], [FARE, found("age", 5, 12)], WINDOWS)
    assert [one.key for one in other.evidence] == ["drift:age"]
    (with_warning,) = group([cause()], [FARE, found("age", 5, 12, status="warning")], WINDOWS)
    assert len(with_warning.evidence) == 2


def test_columns_that_changed_places_are_not_told_of_one_of_them_again():
    """Rows that are unlike the reference, over the time of two causes, are no evidence that one of the two columns changed otherwise."""
    swapped = cause(Cause.SWAPPED_COLUMNS, columns=("fare", "age"), explained=1.0, share_rows=1.0)
    scaled = cause(Cause.SCALE_CHANGE, columns=("age",), explained=0.9, share_rows=1.0, evidence=("outliers:rows",))
    before = cause(columns=("income",), first=0, last=3)
    unlike = [FARE, found("age", 5, 12), found("income", 0, 3), found("rows", 0, 12, analysis="outliers", columns=())]
    groups = group([swapped, scaled, before], unlike, WINDOWS)
    assert [one.hypothesis and one.hypothesis.columns for one in groups] == [("fare", "age"), ("income",)]
    assert "outliers:rows" in {one.key for one in groups[0].evidence}
    other = replace(scaled, columns=("weight",))
    groups = group([swapped, other, before], [*unlike, found("weight", 5, 12)], WINDOWS)
    assert ("weight",) in [one.hypothesis and one.hypothesis.columns for one in groups]


def test_duplicates_are_no_change_of_volume_too():
    volume = cause(Cause.VOLUME_CHANGE, columns=("shop",))
    groups = group(
        [cause(Cause.DUPLICATED_ROWS, columns=("id",), evidence=("quality:ids",)), volume],
        [found("ids", 5, 12, analysis="quality")],
        WINDOWS,
    )
    assert [one.hypothesis.cause for one in groups] == [Cause.DUPLICATED_ROWS]


def test_a_few_rows_of_one_column_do_not_hide_what_happened_to_all_columns():
    weather = cause(Cause.TIME_SHIFT, columns=("wind", "rain", "fog"), last=28, explained=1.0, share_rows=1.0)
    gap = cause(Cause.MISSING_VALUES, columns=("wind",), first=20, last=20, evidence=("quality:wind",))
    groups = group([weather, gap], [found("wind", 20, 20, analysis="quality")], WINDOWS)
    assert {one.hypothesis.cause for one in groups} == {Cause.TIME_SHIFT, Cause.MISSING_VALUES}
    same = cause(Cause.MISSING_VALUES, columns=("wind", "rain"), last=28, explained=1.0, evidence=("quality:wind",))
    groups = group([replace(weather, explained=0.9), same], [found("wind", 5, 28, analysis="quality")], WINDOWS)
    assert [one.hypothesis.cause for one in groups] == [Cause.MISSING_VALUES]


def test_labels_beside_answers_that_moved_are_the_answers():
    auc, concept = found("auc", 5, 12, analysis="performance", columns=()), cause(Cause.CONCEPT_CHANGE, columns=("age",), explained=1.0)
    version = cause(Cause.MODEL_VERSION, columns=("score",), explained=0.7)
    (known,) = group([concept, version], [SCORE, auc], WINDOWS)
    assert known.hypothesis.cause is Cause.MODEL_VERSION
    elsewhere = replace(concept, segment={"shop": "north"}, share_rows=0.3)
    groups = group([elsewhere, replace(version, segment={"version": "v2"})], [SCORE, auc], WINDOWS)
    assert Cause.CONCEPT_CHANGE in {one.hypothesis.cause for one in groups}


def test_a_relation_to_a_column_that_changed_just_then_is_no_other_concept():
    auc, concept = found("auc", 5, 12, analysis="performance", columns=()), cause(Cause.CONCEPT_CHANGE, columns=("fare",), explained=1.0)
    (known,) = group([concept], [FARE, auc], WINDOWS)
    assert known.hypothesis is None
    assert len(known.evidence) == 2
    earlier = found("fare", 1, 12)
    assert Cause.CONCEPT_CHANGE in {one.hypothesis.cause for one in group([concept], [earlier, auc], WINDOWS) if one.hypothesis}


def test_labels_depend_on_nothing_else_where_rows_prove_that_an_input_is_damaged():
    mae, north = found("mae", 5, 8, analysis="performance", columns=()), {"shop": "north"}
    stuck = cause(Cause.STUCK_VALUE, columns=("fare",), segment=north, share_rows=0.1, explained=0.98)
    concept = cause(Cause.CONCEPT_CHANGE, columns=("age",), segment=north, share_rows=0.1, explained=1.0, last=28)
    (known,) = group([concept, stuck], [mae], WINDOWS)
    assert known.hypothesis is stuck
    later = replace(concept, start=DAYS[8])
    assert later in [one.hypothesis for one in group([later, stuck], [found("mae", 8, 28, analysis="performance", columns=())], WINDOWS)]
    elsewhere = replace(concept, segment={"shop": "south"})
    assert elsewhere in [one.hypothesis for one in group([elsewhere, stuck], [mae], WINDOWS)]
    answers = replace(concept, cause=Cause.MODEL_VERSION, columns=("score",))
    (known,) = group([answers, stuck], [mae], WINDOWS)
    assert known.hypothesis is stuck


def test_labels_depend_on_nothing_else_at_a_level_that_a_damage_wrote():
    mae = found("mae", 5, 28, analysis="performance", columns=())
    blanks = Inverse(kind="map", levels={"till ": "till"}, says="without blanks")
    recoded = cause(Cause.RECODE, columns=("desk",), segment={"shop": "north"}, share_rows=0.4, explained=1.0, last=28, inverse=blanks)
    concept = cause(Cause.CONCEPT_CHANGE, columns=("score",), segment={"desk": "till "}, share_rows=0.2, explained=1.0, last=28)
    (known,) = group([concept, recoded], [mae], WINDOWS)
    assert known.hypothesis is recoded
    other = replace(concept, segment={"desk": "door"})
    assert other in [one.hypothesis for one in group([other, recoded], [mae], WINDOWS)]


def test_rows_of_a_few_are_unlike_the_reference_and_their_place_is_worse():
    few = cause(segment={"shop": "north"}, share_rows=0.02, rows=100)
    place = found("shop = 'north'", 5, 12, analysis="segments", columns=("shop",))
    assert link(few, place, WINDOWS) > 0.5 > link(few, SCORE, WINDOWS)
    odd = found("support", 5, 12, analysis="outliers", columns=())
    odd = replace(odd, finding=replace(odd.finding, rows=110, before=0.001, after=0.02))
    assert link(few, odd, WINDOWS) > 0.5
    assert link(replace(few, rows=20), odd, WINDOWS) < 0.2


def test_a_condition_of_most_rows_is_no_place_of_its_own():
    most = found("age >= 18", 5, 12, analysis="segments", columns=("age",))
    most = replace(most, finding=replace(most.finding, share_rows=0.9))
    few = replace(most, finding=replace(most.finding, share_rows=0.2))
    everywhere = cause(Cause.RECODE, columns=("shop",))
    assert link(everywhere, most, WINDOWS) > 0
    assert link(everywhere, few, WINDOWS) == 0
    assert link(replace(everywhere, segment={"shop": "north"}), most, WINDOWS) == 0


def test_what_is_better_is_no_part_of_what_is_not_explained():
    better = found("auc", 5, 12, analysis="performance", columns=())
    better = replace(better, finding=replace(better.finding, note="better"))
    assert group([], [better], WINDOWS) == ()
    (rest,) = group([], [found("brier", 5, 12, analysis="performance", columns=()), better], WINDOWS)
    assert len(rest.evidence) == 1


def test_what_columns_give_to_answers_that_stay_is_no_incident():
    gives = found("fare", 5, 12, analysis="explanations")
    assert group([], [gives], WINDOWS) == ()
    assert len(group([], [gives, SCORE], WINDOWS)) == 1


def test_the_cause_that_explains_more_wins_and_the_other_is_named_as_beaten():
    offset = cause(Cause.OFFSET, explained=0.6, parameters=2)
    (known,) = group([offset, cause()], [FARE], WINDOWS)
    assert known.hypothesis.cause is Cause.UNIT_CHANGE
    assert known.beaten == (offset,)


def test_of_two_that_explain_as_much_the_one_with_fewer_choices_wins():
    free = cause(Cause.SCALE_CHANGE, parameters=2)
    (known,) = group([free, cause()], [FARE], WINDOWS)
    assert known.hypothesis.cause is Cause.UNIT_CHANGE


def test_a_change_of_rows_moves_every_column():
    burst = cause(Cause.TRAFFIC_BURST, columns=())
    (known,) = group([burst], [FARE, SCORE, found("age", 5, 12)], WINDOWS)
    assert len(known.evidence) == 3


def test_labels_move_no_input():
    assert link(cause(Cause.LABEL_CHANGE, columns=()), FARE, WINDOWS) == 0


def test_a_season_takes_along_what_moved_with_it_but_not_that_the_model_is_wrong():
    season = cause(Cause.SEASON, columns=("temp",), evidence=("drift:temp",))
    assert 0 < link(season, SCORE, WINDOWS) < link(season, found("temp", 5, 12), WINDOWS) == 1
    assert link(season, found("auc", 5, 12, analysis="performance", columns=()), WINDOWS) == 0


def test_what_nothing_explains_is_called_by_what_became_worse():
    better, worse = found("brier", 5, 12, analysis="performance", weight=3.0), found("auc", 5, 12, analysis="performance")
    (left,) = group([], [replace(better, finding=replace(better.finding, note="better")), worse], WINDOWS)
    assert left.lead is worse


def test_what_follows_from_a_season_need_not_last_as_long():
    season = cause(Cause.SEASON, columns=("temp",), first=2, last=25)
    (known,) = group([season], [found("temp", 2, 25), found("rows", 9, 10, analysis="outliers", columns=())], WINDOWS)
    assert len(known.evidence) == 2


def test_a_change_of_a_few_rows_moves_no_figure_of_all_rows():
    few, many = cause(share_rows=0.003), cause(share_rows=0.3)
    assert link(few, SCORE, WINDOWS) < 0.1 < link(many, SCORE, WINDOWS)
    assert link(few, FARE, WINDOWS) == link(many, FARE, WINDOWS)
    worse = found("fare >= 5", 5, 12, analysis="segments", columns=("fare",))
    assert link(few, worse, WINDOWS) < 0.1 < link(many, worse, WINDOWS)


@pytest.mark.parametrize("explained", [0.85, 0.5])
def test_a_cause_without_findings_stands_only_if_it_is_sure(explained):
    stuck = cause(Cause.STUCK_VALUE, columns=("age",), explained=explained)
    groups = group([cause(), stuck], [FARE], WINDOWS)
    assert (Cause.STUCK_VALUE in {one.hypothesis.cause for one in groups if one.hypothesis}) == (explained > 0.8)


def test_what_stands_still_in_a_small_place_that_is_watched_needs_no_finding():
    stuck = cause(Cause.STUCK_VALUE, segment={"shop": "north"}, share_rows=0.02, explained=0.95)
    assert group([stuck], [], WINDOWS) == ()
    watched = replace(stuck, watched=True)
    assert [one.hypothesis for one in group([watched], [], WINDOWS)] == [watched]
    assert group([replace(watched, cause=Cause.CONCEPT_CHANGE)], [], WINDOWS) == ()


def test_beside_few_days_rows_alone_prove_only_what_their_order_does():
    fog = cause(explained=1.0, share_rows=1.0)
    assert len(group([fog], [], WINDOWS)) == 1
    assert group([fog], [], WINDOWS, few_days=True) == ()
    assert len(group([replace(fog, cause=Cause.STUCK_VALUE)], [], WINDOWS, few_days=True)) == 1


def test_a_segment_of_other_columns_or_another_level_is_not_the_causes():
    french = cause(segment={"country": "FR"}, share_rows=0.3)

    def of(condition, *columns):
        return found(condition, 5, 12, analysis="segments", columns=columns)

    assert link(french, of("country = 'FR' and age < 3", "country", "age"), WINDOWS) > 0
    assert link(french, of("country = 'GB' and age < 3", "country", "age"), WINDOWS) == 0
    assert link(french, of("way = 'web'", "way"), WINDOWS) == 0


def test_a_change_of_concept_everywhere_takes_what_was_found_in_turn_and_leaves_a_place_its_own():
    level, auc = found("level", 3, 15, analysis="concept", columns=()), found("auc", 15, 28, analysis="performance", columns=())
    long, short = (
        found(f"shop = '{name}'", *ends, analysis="segments", columns=("shop",)) for name, ends in (("a", (4, 28)), ("b", (6, 8)))
    )
    better = replace(long, key="segments:better", finding=replace(long.finding, note="better"))
    every = cause(Cause.CONCEPT_CHANGE, columns=(), first=3, last=28, explained=0.5, share_rows=1.0, evidence=(level.key, auc.key))
    placed = cause(Cause.CONCEPT_CHANGE, columns=("shop",), first=6, last=8, segment={"shop": "b"}, share_rows=0.3, evidence=(short.key,))
    groups = group([every, placed], [level, auc, long, short, better], WINDOWS)
    told = {bool(one.hypothesis.segment): {each.key for each in one.evidence} for one in groups}
    assert told == {False: {level.key, auc.key, long.key}, True: {short.key}}
    stuck = cause(Cause.STUCK_VALUE, columns=("fare",), first=10, last=14, explained=0.9, share_rows=0.3)  # which rows alone show
    weak = replace(stuck, explained=0.6)
    assert {one.hypothesis.cause for one in group([every, stuck], [level, auc], WINDOWS)} == {Cause.CONCEPT_CHANGE, Cause.STUCK_VALUE}
    assert group([every, weak], [level, auc], WINDOWS)[0].beaten == ()


def test_warnings_that_no_cause_explains_are_no_incident():
    assert group([], [replace(FARE, finding=replace(FARE.finding, status="warning"))], WINDOWS) == ()


def test_windows_of_a_time_are_those_that_meet_it():
    assert between(WINDOWS, DAYS[3] + np.timedelta64(5, "h"), DAYS[5]) == (3, 4)
    assert between(WINDOWS, np.datetime64("NaT"), np.datetime64("NaT")) == (0, 29)
    assert between(WINDOWS, np.datetime64("2027-01-01"), np.datetime64("NaT")) is None


VERSION = cause(Cause.MODEL_VERSION, columns=("score",), segment={"version": "v2"}, evidence=("predictions:score",))


def dearer(**more):
    return cause(Cause.COST, columns=("cost",), evidence=("operations:cost",), **more)


@pytest.mark.parametrize(
    ("brought", "told"),
    [
        (dearer(), 1),
        (dearer(segment={"version": "v2"}), 1),
        (dearer(segment={"shop": "north"}), 2),
        (dearer(first=9), 2),
    ],
)
def test_what_a_version_costs_since_it_serves_is_told_with_it(brought, told):
    spent = found("cost", 9 if brought.start == DAYS[9] else 5, 12, analysis="operations", columns=("cost",))
    groups = group([VERSION, brought], [SCORE, spent], WINDOWS)
    assert len(groups) == told
    assert [one.brought for one in groups if one.brought] == ([(brought,)] if told == 1 else [])
    assert sum(len(one.evidence) for one in groups) == 2


def test_labels_of_a_burst_are_told_with_it_and_those_of_other_places_are_not():
    burst = cause(Cause.ADVERSARIAL_BURST, columns=("score",), segment={"shop": "north"}, evidence=("predictions:score",))
    labels = cause(Cause.CONCEPT_CHANGE, columns=("late",), segment={"shop": "north"}, share_rows=0.3)
    assert len(group([burst, labels], [SCORE], WINDOWS)) == 1
    assert len(group([burst, replace(labels, segment={"shop": "south"})], [SCORE], WINDOWS)) == 2


def test_what_is_unlike_a_few_days_as_a_whole_is_no_incident():
    odd = found("share", 9, 9, analysis="outliers", columns=())
    assert [len(group([], [odd], WINDOWS, few_days=short)) for short in (False, True)] == [1, 0]
    assert len(group([], [odd, found("age", 9, 9)], WINDOWS, few_days=True)) == 1
    warned = found("brier", odd.first, odd.last, analysis="performance", columns=(), status="warning")
    assert [len(group([], [odd, warned], WINDOWS, few_days=short)) for short in (False, True)] == [1, 0]


def test_all_columns_together_belong_to_the_changes_that_fill_their_time():
    first, last = cause(first=5, last=8), cause(columns=("age",), first=10, last=13, evidence=("drift:age",))
    joint = found("all", 5, 13, analysis="multivariate", columns=())
    seen = [found("fare", 5, 8), found("age", 10, 13), joint]
    assert sorted(len(one.evidence) for one in group([first, last], seen, WINDOWS)) == [1, 2]
    assert [one.evidence for one in group([first], [*seen[:1], joint], WINDOWS)][1] == (joint,)


def test_a_mix_is_not_told_of_levels_that_one_level_stands_for():
    away = cause(Cause.MIX_CHANGE, columns=("shop",), segment={"shop": "north"})
    filled = cause(Cause.DEFAULT_FILL, columns=("shop",))
    seen = [found("shop", 5, 12)]
    assert [one.hypothesis.cause for one in group([away, filled], seen, WINDOWS)] == [Cause.DEFAULT_FILL]


def test_the_same_rows_get_other_answers_is_not_told_of_answers_that_were_cut_off():
    other = cause(Cause.MODEL_VERSION, columns=("score",), evidence=("predictions:score",))
    cut = cause(Cause.CLIPPED, columns=("score",), evidence=("predictions:score",), answers=True)
    assert [one.hypothesis.cause for one in group([other, cut], [SCORE], WINDOWS)] == [Cause.CLIPPED]
    assert group([replace(cut, evidence=())], [], WINDOWS) == ()


def test_rows_lost_everywhere_move_no_shares():
    volume = cause(Cause.VOLUME_CHANGE, columns=(), explained=0.98)
    (known,) = group([volume, cause()], [FARE, SCORE], WINDOWS)
    assert known.hypothesis.cause is Cause.UNIT_CHANGE


def test_what_follows_begins_no_earlier_than_its_cause_may_have():
    early = found("score", 3, 12, analysis="predictions")
    assert link(cause(), early, WINDOWS) == 0.0
    assert link(cause(onset_lower=DAYS[4]), early, WINDOWS) > 0.0


def test_what_may_have_begun_with_its_cause_follows():
    auc = found("auc", 2, 12, analysis="performance", columns=())
    assert link(cause(), auc, WINDOWS) == 0
    assert link(cause(), replace(auc, finding=replace(auc.finding, onset_upper=DAYS[4])), WINDOWS) > 0
    assert link(cause(), replace(auc, finding=replace(auc.finding, onset_upper=DAYS[3])), WINDOWS) == 0


def test_what_got_better_follows_from_no_damage():
    recall = found("recall", 5, 12, analysis="performance", columns=(), status="warning")
    better = replace(recall, finding=replace(recall.finding, note="better"))
    assert link(cause(), recall, WINDOWS) > 0.0
    assert link(cause(), better, WINDOWS) == 0.0
