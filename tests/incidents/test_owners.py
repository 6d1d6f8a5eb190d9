"""Who deals with an incident, on its page as in the message, and the job that it comes from."""

from dataclasses import replace

import numpy as np
import pytest

from monitor.alerts.backtest import backtest
from monitor.alerts.deciding import decide
from monitor.alerts.happening import happenings_of
from monitor.alerts.message import message_of
from monitor.incidents.cause import Cause
from monitor.incidents.grouping import group
from monitor.incidents.owners import owners_in
from monitor.incidents.record import corrected, opened, owned
from monitor.incidents.story import story_of
from monitor.judgement.finding import FindingKind
from monitor.judgement.narration.sentences import sentence
from tests.alerts.made import NOON, RULE, case_with, now
from tests.incidents.made import DAYS, FARE, SCORE, WINDOWS, cause, found
from tests.incidents.test_judged import WHO, judged, of

NULLS = cause(Cause.MISSING_VALUES, share_rows=0.5, rows=40, evidence=("drift:fare",))
SLOW = cause(Cause.LATENCY, columns=("latency_ms",), share_rows=0.5, evidence=("drift:fare",))
ANY = {**RULE, "when": ""}
OWNED = {"model": "ml", "data": "platform"}


def job(first=5, last=12, *, columns=("fare",), method="lost"):
    one = found(f"join~{method}", first, last, analysis="pipelines", columns=columns)
    told = replace(
        one.finding, kind=FindingKind.RUN, label="join", method=method, rows=24, note="timeout", start=DAYS[first], end=WINDOWS.end[last]
    )
    return replace(one, finding=told)


@pytest.mark.parametrize(
    ("hypothesis", "rule", "record", "owner"),
    [
        (NULLS, ANY, None, "platform"),
        (SLOW, ANY, None, "ml"),
        (replace(NULLS, answers=True), ANY, None, "ml"),
        (NULLS, {**ANY, "owner": "risk"}, None, "risk"),
        (NULLS, {**ANY, "owner": "risk"}, owned(opened("shop", NULLS, WHO), "ann", WHO), "ann"),
        (SLOW, ANY, corrected(opened("shop", SLOW, WHO), Cause.PIPELINE_FAILURE, WHO), "platform"),
    ],
)
def test_the_page_names_whom_the_message_names(tmp_path, hypothesis, rule, record, owner):
    case = case_with(tmp_path, rule, ownership=OWNED)
    lasts = replace(hypothesis, end=np.datetime64("NaT"))
    told = judged(of(lasts, FARE, SCORE), records=[record] if record else [], owners=owners_in(case))
    step = decide(case.alerts, now(case, *happenings_of(told, case)))[0]
    line = story_of(told.incidents[0], told).lines["Owner"]
    assert (line, told.table.loc[0, "owner"], message_of(step, case, NOON).lines["Owner"]) == (owner, owner, owner)


def test_a_rule_on_jobs_that_fail_is_about_what_one_of_them_brought(tmp_path):
    case = case_with(tmp_path, {**ANY, "when": "cause = pipeline_failure"}, ownership=OWNED)
    for evidence, told in (((FARE, job()), 1), ((FARE,), 0)):
        found = happenings_of(judged(of(NULLS, *evidence), owners=owners_in(case)), case)
        assert backtest(case.alerts[0], found, case).fired == told


def test_of_the_data_is_whose_owner_nobody_names_the_model_s(tmp_path):
    told = judged(of(NULLS, FARE), owners=owners_in(case_with(tmp_path)))
    assert story_of(told.incidents[0], told).lines["Owner"] == "ops@example.org"


def test_what_no_cause_explains_is_the_data_s_where_nothing_else_was_seen(tmp_path):
    owners = owners_in(case_with(tmp_path, ownership=OWNED))
    for evidence, owner in (((job(),), "platform"), ((job(), SCORE), "ml")):
        told = judged(of(None, *evidence), owners=owners)
        assert story_of(told.incidents[0], told).lines["Owner"] == owner


def test_a_job_that_failed_is_the_cause_and_what_it_brought_the_failure():
    told = judged(of(NULLS, FARE, SCORE, job()))
    lines = story_of(told.incidents[0], told).lines
    assert lines["Cause"] == "Job 'join' failed from 6 to 13 Mar: 8 days, 24 attempts, \"timeout\""
    assert lines["Failure"].startswith("Fare was missing from 6 Mar to 13 Mar. ")
    assert "Job 'join'" not in lines["Failure"]
    given = corrected(opened("shop", NULLS, WHO), Cause.PIPELINE_FAILURE, WHO)
    told = judged(of(NULLS, FARE, job()), records=[given])
    assert told.incidents[0].title == "A job that fills Fare failed from 6 Mar to 13 Mar"
    lines = story_of(told.incidents[0], told).lines
    assert (lines["Cause"][:17], lines["Failure"]) == ("Job 'join' failed", sentence(FARE.finding, told.names, told.against))


@pytest.mark.parametrize(
    ("hypothesis", "one"),
    [
        (NULLS, job(columns=("age",))),
        (replace(NULLS, start=DAYS[9]), job()),
        (replace(NULLS, cause=Cause.UNIT_CHANGE), job()),
        (NULLS, job(method="duration_s")),
        (cause(Cause.VOLUME_CHANGE, columns=(), more=True), job(columns=())),
        (replace(NULLS, start=np.datetime64("NaT")), job()),
    ],
)
def test_a_job_of_other_columns_or_another_time_is_no_cause(hypothesis, one):
    told = judged(of(hypothesis, FARE, one))
    assert not story_of(told.incidents[0], told).lines["Cause"].startswith("Job")


@pytest.mark.parametrize(
    "hypothesis",
    [
        cause(Cause.STUCK_VALUE, evidence=("drift:fare",)),
        cause(Cause.VOLUME_CHANGE, columns=(), more=False, evidence=("drift:fare",)),
        cause(Cause.FRESHNESS, columns=(), evidence=("drift:fare",)),
    ],
)
def test_stale_values_lost_rows_and_late_data_claim_the_job_that_failed_then(hypothesis):
    (one,) = group([hypothesis], [FARE, job(columns=())], WINDOWS)
    assert {each.analysis for each in one.evidence} == {"drift", "pipelines"}
    assert story_of((told := judged(one)).incidents[0], told).lines["Cause"].startswith("Job 'join' failed")
