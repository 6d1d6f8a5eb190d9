"""Incidents that people tell together are one consistent thing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.cause import Cause
from monitor.incidents.incident import Severity
from monitor.incidents.next_step import NEXT
from monitor.incidents.record import corrected as corrected_by
from monitor.incidents.record import measured, merged, opened
from monitor.incidents.story import story_of
from monitor.incidents.together import apart, spanned
from monitor.judgement.finding import State
from monitor.retraining.found import making_wrong, wrong_rows
from tests.incidents.made import DAYS, FARE, SCORE, WINDOWS, cause, found
from tests.incidents.test_judged import CENTS, WHO, judged, of

SLOW = replace(cause(Cause.LATENCY, columns=("latency_ms",), first=20), end=np.datetime64("NaT"), rows=600, share_rows=0.6)
LATENCY = found("latency_p95_ms", 20, 25, analysis="operations", columns=())
WORSE = found("roc_auc", 20, 25, analysis="performance", columns=())


def told_with(*, corrected: str = ""):
    """Return what is told of amounts in cents, with which answers that take longer are told; the cause of one may be corrected."""
    home, away = opened("shop", CENTS, WHO), opened("shop", SLOW, WHO)
    home = corrected_by(home, Cause.RECODE, WHO) if corrected == "home" else home
    away = corrected_by(away, Cause.ERRORS, WHO) if corrected == "away" else away
    return judged(of(CENTS, FARE, SCORE), of(SLOW, LATENCY, WORSE), records=[home, merged(away, home, WHO)]), home


def test_it_lasts_from_the_first_to_the_last_in_the_rows_of_all_and_is_as_bad_as_the_worst():
    told, home = told_with()
    (one,) = told.incidents
    row = told.table.iloc[0]
    assert (one.id, one.state, one.severity) == (home.id, State.ONGOING, Severity.CRITICAL)
    assert (row["start"], row["state"], row["rows"]) == (CENTS.start, "ongoing", 700)
    assert pd.isna(row["end"])
    assert row["segment"] is None
    assert one.title == (
        "Fare was 100 times too large where country is FR (with 1 incident told with it, since 6 Mar in all) from 6 Mar to 13 Mar"
    )
    assert "it goes on" in one.reasons
    lines = story_of(one, told).lines
    assert lines["Cause"].startswith("Fare was 100 times too large where country is FR from 6 Mar to 13 Mar; KS 0.9")
    assert lines["Failure"].startswith("score")
    assert lines["Impact"].startswith("700 rows concerned.")
    assert lines["Began"] == "6 Mar"
    assert told.findings[0].state is State.ONGOING
    assert lines["Next"].startswith("Convert back (divide by 100) at the source")
    assert lines["Next"].endswith(f"Answers take longer: {NEXT[Cause.LATENCY]}")


def test_an_earlier_one_that_is_told_with_it_moves_no_onset():
    early = replace(SLOW, start=DAYS[2])
    home, away = opened("shop", CENTS, WHO), opened("shop", early, WHO)
    told = judged(of(CENTS, FARE, SCORE), of(early, LATENCY, WORSE), records=[home, merged(away, home, WHO)])
    (one,) = told.incidents
    assert one.title.endswith("(with 1 incident told with it, since 3 Mar in all) from 6 Mar to 13 Mar")
    assert story_of(one, told).lines["Began"] == "6 Mar; the first of all 3 Mar"
    assert one.told.start == DAYS[2]


@pytest.mark.parametrize(("who", "kind"), [("home", Cause.RECODE), ("away", Cause.ERRORS), ("", Cause.UNIT_CHANGE)])
def test_its_cause_is_the_one_that_somebody_corrected(who, kind):
    told, home = told_with(corrected=who)
    (one,) = told.incidents
    assert (one.id, one.cause, one.told.start, one.told.ongoing) == (home.id, kind, CENTS.start, True)
    lines = story_of(one, told).lines
    told_of = "latency_p95_ms" if who == "away" else "score"
    assert lines["Failure"].startswith(told_of)
    kept = measured(home, one.recorded)
    assert (kept.columns, kept.start) == (home.columns, home.start)  # its record is found again as itself


def test_rows_that_may_be_of_both_are_told_as_at_least():
    always = replace(SLOW, start=DAYS[0], rows=3000, share_rows=1.0)
    assert not apart([CENTS, always])
    assert apart([replace(CENTS, segment={"country": "FR"}), replace(always, segment={"country": "DE"})])
    whole = spanned([CENTS, always])
    assert (whole.rows, whole.share_rows, whole.start, whole.cause) == (3000, 1.0, DAYS[0], Cause.UNIT_CHANGE)
    assert np.isnan(spanned([CENTS, replace(SLOW, start=WINDOWS.end[6])]).share_rows)
    home, away = opened("shop", CENTS, WHO), opened("shop", always, WHO)
    told = judged(of(CENTS, FARE, SCORE), of(always, LATENCY), records=[home, merged(away, home, WHO)])
    assert story_of(told.incidents[0], told).lines["Impact"].startswith("At least 3,000 rows concerned, at least 100% of all in that time.")


def test_rows_that_it_made_wrong_are_those_of_the_incident_that_did():
    away, other = opened("shop", CENTS, WHO), opened("shop", SLOW, WHO)
    told = judged(of(CENTS, FARE, SCORE), of(SLOW, LATENCY), records=[other, merged(away, other, WHO)])
    (one,) = told.incidents
    assert one.cause is Cause.LATENCY
    assert [each.cause for each in making_wrong(told.incidents)] == [Cause.UNIT_CHANGE]
    (wrong,) = wrong_rows(told.incidents, "UTC")
    assert (str(wrong.start), wrong.at) == ("2026-03-06 00:00:00", (("country", ("FR",)),))
