"""What grouped evidence is told as, and what people said of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.naming import SideNames
from monitor.case import WindowSize
from monitor.case.thresholds import IncidentThresholds
from monitor.incidents.answer import incidents_answer
from monitor.incidents.cause import Cause, Inverse, Proof
from monitor.incidents.grouping import Group
from monitor.incidents.incident import Severity
from monitor.incidents.judged import judge_incidents
from monitor.incidents.measure import MEASURED, IncidentsResult, Note
from monitor.incidents.record import By, Workflow, corrected, dismissed, explained, merged, opened, split
from monitor.incidents.story import story_of
from monitor.judgement.finding import State
from monitor.tables import Provenance
from tests.incidents.made import FARE, SCORE, WINDOWS, cause, found

WHO = By("somebody", "2026-04-01T00:00:00Z")
CENTS = cause(
    segment={"country": "FR"}, share_rows=0.2, evidence=("drift:fare",), rows=100, inverse=Inverse(kind="affine", scale=0.01),
    proof=Proof(measure="ks", before=0.9, after=0.02, rows=400),
)  # fmt: skip
LATER = cause(Cause.CLIPPED, columns=("age",), first=20, last=25)


def judged(*groups, records=()):
    empty = Provenance(fingerprints={}, selections={}, settings={}, seed=0, versions={}, sql=(), rows={}, started="", seconds=0.0)
    told = MEASURED.check(pd.DataFrame({"key": [], "weight": []}))
    result = IncidentsResult(
        analysis="incidents", case="shop", table=told, skipped=(), provenance=empty, groups=groups, effects=(None,) * len(groups),
        hypotheses=(), windows=WINDOWS, partial=np.zeros(len(WINDOWS), dtype=bool), size=WindowSize(1, "day"), timezone="UTC",
        called=SideNames("Reference", "Production"), labels={"fare": "Fare"}, owner="ops", analyses=("drift",),
        notes=(Note(np.datetime64("2026-03-06T09:00"), "deploy: v2"), Note(np.datetime64("2026-03-20"), "label")),
    )  # fmt: skip
    return judge_incidents(result, (IncidentThresholds(), tuple(records)))


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


def test_a_cause_given_by_hand_stays_when_another_is_measured():
    record = corrected(opened("shop", CENTS, WHO), Cause.RECODE, WHO)
    (again,) = judged(of(replace(CENTS, cause=Cause.OFFSET), FARE), records=[record]).incidents
    assert (again.cause, again.id) == (Cause.RECODE, record.id)


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


def test_an_incident_that_lasts_is_open():
    told = judged(of(replace(CENTS, end=np.datetime64("NaT")), FARE))
    assert (told.incidents[0].state, told.incidents[0].workflow) == (State.ONGOING, Workflow.OPENED)
    assert incidents_answer(told).headline == "Fare is 100 times too large where country is FR since 6 Mar."


def test_what_rows_prove_is_an_incident_though_no_analysis_saw_it():
    proven = replace(CENTS, evidence=())
    told = judged(of(proven))
    assert (told.incidents[0].status, told.incidents[0].evidence) == ("alert", ())
    assert judged(of(replace(proven, explained=0.6))).incidents == ()
    assert "100 rows concerned" in story_of(told.incidents[0], told).lines["Impact"]
