"""What grouped evidence is told as, and what people said of it."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.naming import SideNames
from monitor.case import WindowSize
from monitor.case.thresholds import IncidentThresholds
from monitor.export.incident_timeline import stretches_of
from monitor.export.postmortem import postmortem
from monitor.incidents.answer import incidents_answer
from monitor.incidents.cause import Cause, Inverse, Proof
from monitor.incidents.dated import told_from
from monitor.incidents.effect import Effect
from monitor.incidents.evidence import Timing
from monitor.incidents.grouping import Group
from monitor.incidents.incident import Severity
from monitor.incidents.judged import judge_incidents
from monitor.incidents.memory import remembered
from monitor.incidents.owners import Owners
from monitor.incidents.record import By, Workflow, corrected, dismissed, explained, merged, moved, opened, remedied, split
from monitor.incidents.result import MEASURED, IncidentsResult, Note
from monitor.incidents.ruled_out import RuledOut
from monitor.incidents.story import story_of
from monitor.incidents.told import time_of, told_evidence
from monitor.incidents.words import claim, proof_text
from monitor.judgement.finding import NO_TIME, FindingKind, State
from monitor.judgement.narration.sentences import sentence
from monitor.tables import Provenance
from tests.incidents.made import FARE, SCORE, WINDOWS, cause, found

WHO = By("somebody", "2026-04-01T00:00:00Z")
CENTS = cause(
    segment={"country": "FR"}, share_rows=0.2, evidence=("drift:fare",), rows=100, inverse=Inverse(kind="affine", scale=0.01),
    proof=Proof(measure="ks", before=0.9, after=0.02, rows=400),
)  # fmt: skip
LATER = cause(Cause.CLIPPED, columns=("age",), first=20, last=25)


def judged(*groups, records=(), not_it=(), owners=None, labelled_until=NO_TIME, effects=None):
    empty = Provenance(fingerprints={}, selections={}, settings={}, seed=0, versions={}, sql=(), rows={}, started="", seconds=0.0)
    told = MEASURED.check(pd.DataFrame({"key": [], "weight": []}))
    result = IncidentsResult(
        analysis="incidents", case="shop", table=told, skipped=(), provenance=empty, groups=groups,
        effects=effects or (None,) * len(groups),
        hypotheses=(), windows=WINDOWS, rows=np.full(len(WINDOWS), 100),
        partial=np.zeros(len(WINDOWS), dtype=bool), size=WindowSize(1, "day"), timezone="UTC",
        called=SideNames("Reference", "Production"), labels={"fare": "Fare"}, analyses=("drift",),
        not_it=not_it, labelled_until=labelled_until,
        notes=(Note(np.datetime64("2026-03-06T09:00"), "deploy: v2"), Note(np.datetime64("2026-03-20"), "label")),
    )  # fmt: skip
    return judge_incidents(result, (IncidentThresholds(), tuple(records), owners or Owners("ops")))


def of(hypothesis, *evidence, **more):
    return Group(hypothesis=hypothesis, evidence=evidence, **more)


def test_an_incident_is_told_with_cause_place_time_and_proof():
    told = judged(of(CENTS, FARE, SCORE))
    assert told.incidents[0].title == "Fare was 100 times too large where country is FR from 6 Mar to 13 Mar"
    lines = story_of(told.incidents[0], told).lines
    assert "KS 0.9 → 0.02 on 400 rows that it was not fitted on" in lines["Cause"]
    assert (lines["Owner"], lines["Beside"]) == ("ops", "deploy: v2")
    assert told.table.loc[0, ["cause", "segment", "status", "state"]].tolist() == ["unit_change", "country = 'FR'", "alert", "over"]


def test_what_no_cause_explains_is_told_by_its_strongest_finding():
    told = judged(of(None, FARE))
    assert told.incidents[0].cause is Cause.UNKNOWN
    assert "not known" in story_of(told.incidents[0], told).lines["Cause"]


@pytest.mark.parametrize(
    ("evidence", "severity"),
    [
        ((replace(FARE, finding=replace(FARE.finding, status="warning")), replace(SCORE, finding=replace(SCORE.finding, status="warning"))),
         Severity.LOW),
        ((FARE, SCORE), Severity.MEDIUM),
        ((FARE, found("roc_auc", 5, 12, analysis="performance", columns=())), Severity.HIGH),
    ],
)  # fmt: skip
def test_an_incident_is_the_more_severe_the_more_it_did(evidence, severity):
    assert judged(of(replace(CENTS, explained=0.6), *evidence)).incidents[0].severity is severity


def test_a_warning_of_one_analysis_is_no_incident():
    alone = replace(FARE, finding=replace(FARE.finding, status="warning"))
    told = judged(of(replace(CENTS, explained=0.6), alone))
    assert told.incidents == ()
    assert incidents_answer(told).headline.startswith("No incident")


def test_an_alarm_without_a_cause_that_is_over_and_moved_nothing_is_no_incident():
    holiday, weather = found("fare", 5, 5), found("rows", 5, 12, analysis="outliers", columns=())
    assert judged(of(None, holiday)).incidents == ()
    assert judged(of(None, weather)).incidents == ()
    assert len(judged(of(None, weather, found("fare", 5, 12))).incidents) == 1
    assert len(judged(of(None, holiday, found("score", 5, 5, analysis="predictions"))).incidents) == 1
    lasting = replace(holiday, finding=replace(holiday.finding, end=np.datetime64("NaT"), state=State.ONGOING), last=29)
    assert len(judged(of(None, replace(lasting, finding=replace(lasting.finding, last=29)))).incidents) == 1


def test_an_incident_of_a_segment_alone_concerns_its_rows_and_not_all_of_its_windows():
    worse = found("carrier = 'US'", 0, 29, analysis="segments", columns=("carrier",))
    told = judged(of(None, replace(worse, finding=replace(worse.finding, rows=300))))
    (one,) = told.incidents
    assert (one.hypothesis.rows, one.hypothesis.share_rows) == (300, 0.1)
    assert "it concerns most rows" not in one.reasons
    assert "10% of all production rows are of such segments." in story_of(one, told).lines["Impact"]


def test_a_cause_that_people_do_not_know_and_no_finding_shows_is_of_no_segment():
    alone = judged(of(replace(CENTS, explained=0.9)))
    record = corrected(opened("shop", CENTS, WHO), Cause.UNKNOWN, WHO)
    told = judged(of(replace(CENTS, explained=0.9)), records=(record,))
    assert len(alone.incidents) == 1
    assert told.incidents[0].title.startswith("Fare changed")
    assert "of such segments" not in story_of(told.incidents[0], told).lines["Impact"]


def test_a_cause_given_by_hand_stays_when_another_is_measured():
    record = corrected(opened("shop", CENTS, WHO), Cause.RECODE, WHO)
    (again,) = judged(of(replace(CENTS, cause=Cause.OFFSET), FARE), records=[record]).incidents
    assert (again.cause, again.id) == (Cause.RECODE, record.id)


@pytest.mark.parametrize("kind", [kind for kind in Cause if kind is not CENTS.cause])
def test_a_cause_given_by_hand_has_no_figure_that_nobody_fitted(kind):
    found = replace(CENTS, segment={})
    given = remembered(found, corrected(opened("shop", found, WHO), kind, WHO))
    assert (given.cause, given.proof, given.inverse) == (kind, None, None)
    said = claim(given, {"fare": "Fare"})
    assert not re.search(r"\d|More rows|More of|Fewer|None|one value each", said)


def test_a_cause_given_by_hand_that_was_fitted_to_the_same_rows_tells_what_was():
    other = replace(CENTS, cause=Cause.OFFSET, inverse=Inverse(kind="affine", offset=-3.5), explained=0.4)
    told = judged(of(CENTS, FARE, beaten=(other,)), records=[corrected(opened("shop", CENTS, WHO), Cause.OFFSET, WHO)]).incidents[0]
    assert told.claim == "Fare was about 3.5 higher than before where country is FR"
    assert told.hypothesis.explained == 0.4


def test_a_dismissed_incident_and_a_known_one_ask_nobody():
    lasts = replace(CENTS, end=np.datetime64("NaT"))
    for record in (dismissed(opened("shop", lasts, WHO), "a test", WHO), explained(opened("shop", lasts, WHO), "campaign", WHO)):
        told = judged(of(lasts, FARE), records=[record])
        assert told.incidents[0].settled
        assert told.findings[0].status == "warning"
    assert told.incidents[0].severity is Severity.LOW


def test_incidents_are_merged_and_split_by_hand():
    first, second = opened("shop", CENTS, WHO), opened("shop", LATER, WHO)
    groups = (of(CENTS, FARE, SCORE), of(LATER, found("age", 20, 25)))
    assert len(judged(*groups, records=[first, merged(second, first, WHO)]).incidents) == 1
    apart = judged(*groups, records=[split(first, (SCORE.key,), WHO)]).incidents
    assert sorted(len(one.evidence) for one in apart) == [1, 1, 1]


def test_what_is_told_with_another_is_named_in_it_and_keeps_it_open():
    lasts = replace(cause(Cause.LATENCY, columns=("latency_ms",), first=20), end=np.datetime64("NaT"))
    home, away = opened("shop", CENTS, WHO), opened("shop", lasts, WHO)
    slow = found("latency_p95_ms", 20, 25, analysis="operations", columns=())
    told = judged(of(CENTS, FARE, SCORE), of(lasts, slow), records=[home, merged(away, home, WHO)])
    (one,) = told.incidents
    assert (one.id, one.state, one.last) == (home.id, State.ONGOING, len(WINDOWS) - 1)
    assert story_of(one, told).lines["Told with it"] == "Answers take longer since 21 Mar"
    assert "Told with it, as people said: Answers take longer since 21 Mar" in postmortem(one, told).decode()
    assert (told.told_as(away.id), told.told_as(away.id[:6]), told.incident(away.id)) == (one, one, None)
    assert "Told with it: Answers take longer" in set(stretches_of(one, told).data["label"])


def test_an_incident_that_lasts_is_open():
    told = judged(of(replace(CENTS, end=np.datetime64("NaT")), FARE))
    assert (told.incidents[0].state, told.incidents[0].workflow) == (State.ONGOING, Workflow.OPENED)
    assert incidents_answer(told).headline == "Fare is 100 times too large where country is FR since 6 Mar."


@pytest.mark.parametrize(
    ("held", "ceased", "told"),
    [((4, 6), True, "from 5 Mar to 7 Mar 2026"), ((4, 4), True, "in 5 Mar 2026"), ((4, 29), False, "since 5 Mar 2026")],
)
def test_rows_without_times_are_told_by_the_names_of_their_windows(held, ceased, told):
    never = np.datetime64("NaT")
    (one,) = judged(of(replace(CENTS, start=never, end=never, held=held, ceased=ceased), FARE)).incidents
    assert one.title.endswith(told)
    assert (one.first, one.last, one.state is State.OVER) == (*held, ceased)


def test_what_rows_prove_is_an_incident_though_no_analysis_saw_it():
    proven = replace(CENTS, evidence=())
    told = judged(of(proven))
    assert (told.incidents[0].status, told.incidents[0].evidence) == ("alert", ())
    assert judged(of(replace(proven, explained=0.6))).incidents == ()
    assert "100 rows concerned" in story_of(told.incidents[0], told).lines["Impact"]


def test_what_an_incident_was_not_is_told_with_why():
    beaten = cause(Cause.OFFSET, explained=0.5)
    told = judged(
        of(CENTS, FARE, beaten=(beaten,)),
        not_it=((RuledOut(cause=Cause.MISSING_VALUES, now=0, before=0, rows=90, usual=80, column="fare"),),),
    )
    assert [dict(row) for row in story_of(told.incidents[0], told).beaten] == [
        {"Cause": claim(beaten, {"fare": "Fare"}), "Why not": "50% of the change is explained by it, 90% by the cause"},
        {"Cause": "Missing values in Fare", "Why not": "all of its 90 rows have a value"},
    ]


def not_it(*beaten, cause=CENTS, evidence=(FARE, SCORE), ruled=()):
    told = judged(of(cause, *evidence, beaten=beaten), not_it=(ruled,))
    return [tuple(row.values()) for row in story_of(told.incidents[0], told).beaten]


@pytest.mark.parametrize(
    ("mine", "other"),
    [
        (CENTS, replace(CENTS, segment={}, end=NO_TIME)),
        (CENTS, replace(CENTS, cause=Cause.SCALE_CHANGE, inverse=Inverse(kind="affine", scale=0.0098))),
        (cause(Cause.CONCEPT_CHANGE, columns=("age",)), cause(Cause.CONCEPT_CHANGE, columns=("fare",), segment={"country": "FR"})),
        (cause(Cause.RECODE), cause(Cause.NEW_LEVELS)),
        (cause(Cause.LOST_COLUMN), cause(Cause.MISSING_VALUES)),
    ],
)
def test_what_it_was_not_is_never_the_cause_in_another_place_or_by_another_name(mine, other):
    assert not_it(other, cause=mine) == []


def test_a_column_of_another_cause_is_none_of_it():
    gap = replace(cause(Cause.MISSING_VALUES), columns=("age", "fare"))
    assert not_it(replace(gap, columns=("age",)), cause=CENTS)[0][0] == "age was missing"
    missing = RuledOut(cause=Cause.MISSING_VALUES, now=0, before=0, rows=90, usual=80, column="fare")
    assert not_it(cause=cause(Cause.LOST_COLUMN), ruled=(missing,)) == []


def test_a_cause_that_explains_as_much_says_why_it_is_not_the_one():
    equal = cause(Cause.OFFSET, explained=0.9)
    ties = [replace(equal, start=WINDOWS.start[11]), replace(equal, parameters=2), equal]
    assert [not_it(one)[0][1].removeprefix("90% of the change is explained by it, 90% by the cause; ") for one in ties] == [
        "0 of the 2 findings follow from it, 2 from the cause",
        "it takes 2 more free choices",
        "what was found does not tell the two apart",
    ]


def test_a_long_headline_loses_the_place_and_never_half_of_a_word():
    long = replace(CENTS, segment={"country": "a very long name of a country that goes on and on and on"})
    assert incidents_answer(judged(of(long, FARE))).headline == "Fare was 100 times too large in one segment from 6 Mar to 13 Mar."


@pytest.mark.parametrize(("rows", "share"), [(50, " in 50% of rows"), (96, "")])
def test_a_title_says_the_share_where_only_a_part_of_the_rows_is_concerned(rows, share):
    part = replace(CENTS, rows=rows)
    told = judged(of(part, FARE), effects=(Effect(rows=100, share_rows=0.2),))
    assert told.incidents[0].title == f"Fare was 100 times too large{share} where country is FR from 6 Mar to 13 Mar"
    assert len(told.incidents[0].brief.split()) + len(told.incidents[0].when.split()) <= 15
    gap = Proof(measure="share", before=0.6, after=0.1, rows=100)
    missing = replace(part, cause=Cause.MISSING_VALUES, inverse=Inverse(kind="missing"), proof=gap)
    told = judged(of(missing, FARE), effects=(Effect(rows=100, share_rows=0.2),))
    assert ("Fare was missing in 60% of rows where" in told.incidents[0].title) == bool(share)  # usual ones too
    given = corrected(opened("shop", part, WHO), Cause.OFFSET, WHO)
    assert "% of rows" not in judged(of(part, FARE), records=[given], effects=(Effect(rows=100, share_rows=0.2),)).incidents[0].title


def test_a_headline_keeps_its_time_before_its_words_and_its_place_where_there_is_no_room_for_either():
    drift = cause(Cause.CONCEPT_CHANGE, columns=("age",), segment={"kind": "grocery"}, share_rows=0.2)
    auc = found("auc", 5, 12, analysis="performance", columns=())
    assert incidents_answer(judged(of(drift, auc))).headline == "Concept drift where kind is grocery from 6 Mar to 13 Mar."
    hour, burst = np.timedelta64(1, "h"), {"country": "GB", "kind": "clothing", "device": "android"}
    ring = replace(
        drift, cause=Cause.ADVERSARIAL_BURST, columns=(), segment=burst, start=drift.start + 20 * hour, end=drift.end + 11 * hour
    )
    assert incidents_answer(judged(of(ring, auc))).headline == "A burst of nearly alike rows (GB, clothing, android)."


def test_an_incident_says_when_it_could_be_known_and_how_long_people_took():
    who = opened("shop", CENTS, WHO)
    done = moved(moved(who, Workflow.ACKNOWLEDGED, By("ann", "2026-04-01T00:30:00Z")), Workflow.RESOLVED, By("ann", "2026-04-03T12:00:00Z"))
    told = judged(of(CENTS, FARE), records=[done])
    assert story_of(told.incidents[0], told).lines["Time"] == (
        "It could be known 24 hours after it began, was acknowledged 30 minutes after it was opened and was resolved 2.5 days after it was "
        "opened."
    )
    assert told.table.loc[0, "detected"] == WINDOWS.end[5]


def test_a_step_that_was_marked_with_the_click_that_opened_it_has_no_time_and_stands_after_it():
    at_once = moved(opened("shop", CENTS, WHO), Workflow.MITIGATED, WHO)
    earlier = moved(at_once, Workflow.RESOLVED, By("ann", "2025-01-01T00:00:00Z"))
    for record in (at_once, earlier):
        told = judged(of(CENTS, FARE), records=[record])
        assert story_of(told.incidents[0], told).lines["Time"] == "It could be known 24 hours after it began."
    told = judged(of(CENTS, FARE), records=[at_once])
    text = postmortem(told.incidents[0], told).decode()
    assert "It mitigated" not in text
    assert 0 < text.index("It was marked as opened") < text.index("It was marked as mitigated")
    told = judged(of(CENTS, FARE), records=[earlier])  # on another clock than the rows
    text = postmortem(told.incidents[0], told).decode()
    order = ("In the data:", "It ended.", "By people", "1 Jan 2025: It was marked as resolved")
    assert list(map(text.index, order)) == sorted(map(text.index, order))


@pytest.mark.parametrize(("last", "worse"), [(6, False), (12, True)])
def test_a_segment_that_is_worse_for_two_days_of_eight_does_not_make_the_model_worse(last, worse):
    place = found("shop = 'north'", 5, last, analysis="segments", columns=("shop",))
    mix = cause(Cause.MIX_CHANGE, columns=("shop",), segment={"shop": "north"}, share_rows=0.3, rows=300)
    told = judged(of(mix, found("shop", 5, 12), place))
    assert ("the model became worse" in told.incidents[0].reasons) == worse


def test_what_failed_of_a_concept_is_what_became_worse_and_is_told_once():
    auc = found("roc_auc", 5, 12, analysis="performance", columns=())
    told = judged(of(cause(Cause.CONCEPT_CHANGE, columns=("age",), share_rows=0.2, rows=100), auc))
    lines = story_of(told.incidents[0], told).lines
    assert lines["Failure"] == sentence(auc.finding, told.names, told.against)
    assert lines["Impact"] == "100 rows concerned, 20% of all in that time."


@pytest.mark.parametrize(
    ("stand_in", "measured", "failed"),
    [(True, True, "score"), (False, True, "Fare raises predictions"), (True, False, "Fare raises a stand-in's predictions")],
)
def test_what_a_stand_in_would_answer_is_not_told_where_the_answers_themselves_are_known(stand_in, measured, failed):
    why = found("Fare", 5, 12, analysis="explanations", columns=("fare",))
    added = replace(why.finding, kind=FindingKind.ATTRIBUTION, method="contribution", after=0.014, stand_in=stand_in, state=State.ONGOING)
    told = judged(of(CENTS, replace(why, finding=added), SCORE))
    known = Effect(rows=100, share_rows=0.2, before=0.2, now=0.3, part=0.02) if measured else None
    lines = story_of(replace(told.incidents[0], effect=known), told).lines
    assert lines["Failure"].startswith(failed)
    assert ("by 0.014" in lines["Failure"]) is not (stand_in and measured)


def test_what_began_before_it_did_not_follow_from_it():
    early, longer = found("auc", 3, 11, analysis="performance", columns=()), found("score", 5, 13, analysis="predictions")
    doubt = found("pca", 4, 12, analysis="multivariate")
    doubt = replace(doubt, finding=replace(doubt.finding, onset_upper=WINDOWS.start[6]))
    told = judged(of(CENTS, FARE, early, longer, doubt))
    one = told.incidents[0]
    assert [time_of(each, one, told) for each in (FARE, early, longer, doubt)] == ["", Timing.BEFORE, Timing.LONGER, ""]
    assert list(told_evidence(one, told).values())[-1] is early
    lines = story_of(one, told).lines
    assert "auc" not in lines["Failure"] + lines["Impact"]
    assert "the model became worse" not in one.reasons
    assert stretches_of(one, told).data["label"].str.endswith("(began before it)").sum() == 1


def test_what_labels_show_lasts_as_far_as_they_are_in():
    auc = found("roc_auc", 5, 12, analysis="performance", columns=())
    lasting = replace(cause(Cause.CONCEPT_CHANGE, columns=("age",), share_rows=0.2, rows=100), end=np.datetime64("NaT"))
    told = judged(of(lasting, auc), of(replace(CENTS, end=np.datetime64("NaT")), FARE), labelled_until=np.datetime64("2026-03-19T21:00"))
    one, cents = sorted(told.incidents, key=lambda each: each.cause is not Cause.CONCEPT_CHANGE)
    assert (one.title.endswith(" since 6 Mar"), one.lasts) == (True, "to 19 Mar at least")
    assert "it goes on" not in one.reasons
    assert told.table.set_index("incident")["known_until"].notna().to_dict() == {one.id: True, cents.id: False}
    assert "It goes on" not in postmortem(one, told).decode()
    assert story_of(one, told).lines["Impact"].startswith("100 rows concerned if it went on")
    assert str(stretches_of(one, told).data["end"].iloc[0])[:10] == "2026-03-19"
    earlier = judged(of(replace(lasting, shown_until=WINDOWS.end[12]), auc), labelled_until=WINDOWS.end[20])
    assert earlier.incidents[0].lasts == "to 14 Mar at least"
    assert "labels are in to 22 Mar" in story_of(earlier.incidents[0], earlier).lines["Lasts"]
    assert (cents.lasts, cents.title[-6:]) == ("", " 6 Mar")  # whatever labels do
    assert judged(of(replace(lasting, end=WINDOWS.end[12]), auc), labelled_until=WINDOWS.end[20]).incidents[0].lasts == ""


@pytest.mark.parametrize(
    ("first", "lower", "upper", "told"),
    [
        ("2026-03-09T21:35", "2026-03-01T15:43", "2026-03-10T18:25", "2026-03-09"),  # rows from that day on are counted
        ("2026-03-09T23:41", "2026-03-09T23:30", "2026-03-10T00:12", "2026-03-10"),
        ("2026-03-09T07:28", "2026-03-09T02:00", "2026-03-10T07:46", "2026-03-09T07:00"),
    ],
)
def test_an_onset_in_doubt_is_told_by_the_day_that_its_rows_begin(first, lower, upper, told):
    first, lower, upper, told = map(np.datetime64, (first, lower, upper, told))
    assert told_from(replace(CENTS, start=first, onset_lower=lower, onset_upper=upper), "UTC") == told


def test_labels_prove_a_cause_by_shares_that_are_read_at_once():
    proof = Proof(measure="labels", before=0.0043, after=0.0002, rows=4359, share=0.0067)
    assert proof_text(replace(CENTS, proof=proof)) == (
        "0.67% of 4,359 labelled rows are positive; expected were 0.24% without the change and 0.65% with it"
    )


def test_one_like_one_that_is_known_says_so_and_is_as_severe_as_it_was():
    season = explained(opened("shop", CENTS, WHO), "campaign", WHO)
    again = replace(CENTS, start=WINDOWS.start[20], end=WINDOWS.end[25])
    told = judged(
        of(again, found("fare", 20, 25), SCORE), records=[replace(season, onset="2026-03-06T00:00:00Z", start="2026-03-06T00:00:00Z")]
    )
    assert "known as campaign" in story_of(told.incidents[0], told).lines["Known"]
    assert told.incidents[0].severity is not Severity.LOW


def test_bars_are_drawn_from_the_onset_and_deploys_are_marks():
    hour = np.timedelta64(1, "h")
    exact = replace(CENTS, start=CENTS.start + 9 * hour, end=CENTS.end - 5 * hour)
    told = judged(of(exact, FARE))
    chart = stretches_of(told.incidents[0], told)
    bars = chart.data.set_index("status")
    assert bars.index.tolist() == ["incident", "alert", "note"]
    assert str(bars.loc["alert", "start"])[:16] == "2026-03-06 09:00"
    assert str(bars.loc["alert", "end"])[:16] == "2026-03-13 19:00"
    assert bars.loc["note", "label"] == "deploy: v2"


def test_findings_are_counted_as_they_are_told_wherever_they_are_counted():
    many = [found(f"column {n}", 5, 12, columns=("fare",)) for n in range(40)]
    twice = replace(many[0], key="quality:again", analysis="quality")
    told = judged(of(CENTS, *many, twice))
    one = told.incidents[0]
    assert (len(one.evidence), len(told_evidence(one, told)), told.summary["findings"]) == (41, 40, 40)
    assert "40 findings" in incidents_answer(told).doubt
    chart = stretches_of(one, told)
    bars = int(chart.data["status"].eq("alert").sum())
    assert chart.title.endswith(f"40 findings belong to it; {bars} of them are drawn.")
    assert chart.data["status"].eq("note").sum() == 1  # which no finding crowds out


def test_a_postmortem_tells_what_is_known_and_asks_the_rest():
    who = remedied(opened("shop", CENTS, WHO), "converted back", WHO, helped=True)
    told = judged(of(CENTS, FARE), records=[who])
    text = postmortem(told.incidents[0], told).decode()
    assert text.index("6 Mar 2026: It began.") < text.index("It could be known") < text.index("13 Mar 2026: It ended.")
    assert "converted back (it helped)." in text
    assert "is this the cause? Nobody confirmed it yet." in text
    assert "what was done, when" not in text
    assert "What is done first with such a cause: Convert back" in text
    tried = postmortem(told.incidents[0], told, then="Convert back, which gains 3 points.").decode()
    assert "What follows from the options that were tried: Convert back, which gains 3 points." in tried
    alone = judged(of(CENTS, FARE))
    asked, answered = (postmortem(alone.incidents[0], alone, then=then).decode() for then in ("", "Convert back."))
    assert ("which options were tried on its rows" in asked, "options that were tried" in asked) == (True, False)
    assert ("which options were tried on its rows" in answered, "options that were tried" in answered) == (False, True)


def test_rows_that_lack_are_a_share_of_those_expected():
    less = replace(
        CENTS, cause=Cause.VOLUME_CHANGE, columns=(), inverse=None, more=False, segment={}, rows=168, share_rows=0.17, proof=None
    )
    told = judged(of(less, FARE))
    assert (
        sentence(told.findings[0], told.names, told.against) == "Fewer rows arrived, from 6 Mar to 13 Mar, 17% of the rows expected then."
    )
    assert story_of(told.incidents[0], told).lines["Impact"].startswith("168 rows fewer than expected, 17% of these.")


def test_of_equally_severe_incidents_what_goes_on_comes_first_then_what_concerns_more_rows():
    few = replace(CENTS, explained=0.6, columns=("age",), rows=20)
    lasting = replace(few, columns=("size",), end=np.datetime64("NaT", "us"), share_rows=0.01, rows=5)
    loud = [replace(one, weight=9.0) for one in (FARE, SCORE)]
    told = judged(
        of(None, found("tax", 5, 12), SCORE), of(few, *loud), of(replace(CENTS, explained=0.6), FARE, SCORE), of(lasting, FARE, SCORE)
    )
    assert {one.severity for one in told.incidents} == {Severity.MEDIUM}
    assert [one.hypothesis.columns for one in told.incidents] == [("size",), ("fare",), ("age",), ("tax",)]


def test_a_unit_comes_before_an_offset_of_more_rows():
    offset = cause(Cause.OFFSET, columns=("age",), first=4, last=11, rows=900, share_rows=0.3)
    unit = cause(Cause.UNIT_CHANGE, first=5, last=12, rows=300, share_rows=0.3)
    told = judged(of(offset, found("age", 4, 11)), of(unit, FARE))
    assert len({one.severity for one in told.incidents}) == 1
    assert [one.cause for one in told.incidents] == [Cause.UNIT_CHANGE, Cause.OFFSET]


def test_an_incident_says_of_what_no_sign_was_seen_although_it_was_looked_for():
    told = judged(of(CENTS, FARE, SCORE))
    seen = np.ones(len(WINDOWS), dtype=bool)
    late = np.arange(len(WINDOWS)) > 20  # after it was over
    looked = {"drift": seen, "predictions": seen, "performance": late, "operations": seen, "fairness": seen}
    told = replace(told, result=replace(told.result, looked=looked))
    assert story_of(told.incidents[0], told).lines["Silent"] == (
        "all rows together show no sign of a slower, failing or dearer service or a gap between groups; "
        "nothing could be judged then of a worse metric"
    )
    assert "Silent" not in story_of(told.incidents[0], judged(of(CENTS, FARE, SCORE))).lines
