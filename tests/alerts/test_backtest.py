"""What a rule would have done, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.alerts.backtest import backtest
from monitor.alerts.happening import Said, happenings_of
from monitor.case.alerting import AlertSection
from monitor.export.incident_records import by
from monitor.incidents.record import confirmed, corrected, dismissed, explained
from monitor.judgement.finding import State
from monitor.vocabulary import Cause, Severity
from tests.alerts.made import RULE, case_with, happening
from tests.incidents.made import FARE
from tests.incidents.test_judged import CENTS, judged, of

OVER = happening(state=State.OVER)
CONFIRMED = replace(OVER, record=confirmed(OVER.record, by("ann")))
REFUSED = replace(happening("b" * 16), record=dismissed(OVER.record, "a test", by("ann")))


def tried(**other):
    return AlertSection.model_validate({**RULE, **other})


def test_each_incident_counts_once_with_what_people_said(tmp_path: Path) -> None:
    tested = backtest(tried(), (CONFIRMED, REFUSED, happening("c" * 16, severity=Severity.LOW)), case_with(tmp_path))
    assert (tested.fired, tested.said, tested.messages) == (2, {Said.CONFIRMED: 1, Said.REFUSED: 1}, 3)
    more = "1 more message would have said that they went on or were over."
    assert tested.sentence == f"Would have fired 2 times: 1 confirmed, 1 refused. {more}"


def test_a_cause_that_people_corrected_is_not_confirmed_and_fired_no_rule_in_the_past(tmp_path: Path) -> None:
    wrong = replace(OVER, cause=Cause.RECODE, record=corrected(OVER.record, Cause.RECODE, by("ann")))
    case = case_with(tmp_path)
    assert ": 1 with a cause that people corrected." in backtest(tried(), (wrong,), case).sentence
    assert backtest(tried(), (wrong,), case).table.loc[0, ["said", "cause"]].tolist() == ["corrected", "unit_change"]
    found = backtest(tried(when="cause = unit_change"), (wrong, replace(CONFIRMED, id="c" * 16)), case)
    assert ": 1 confirmed, 1 with a cause that people corrected." in found.sentence
    meant = backtest(tried(when="cause = recode"), (wrong,), case)
    missed = "Would have missed 1 incident whose cause people corrected, 1 of them to one that it is about."
    assert meant.sentence == f"Would never have fired, in 1 incident. {missed}"
    season = replace(CONFIRMED, record=explained(CONFIRMED.record, "season", by("ann")))
    assert ": 1 refused." in backtest(tried(), (season,), case).sentence


def test_repetitions_last_until_it_is_over_and_quiet_hours_move_the_first(tmp_path: Path) -> None:
    row = backtest(tried(repeat="6 hours", quiet="22:00-07:00", over=False), (OVER,), case_with(tmp_path)).table.iloc[0]
    assert (row["told"], row["waited_hours"]) == ("2026-03-02T07:00:00Z", 7.0)
    assert row["messages"] == 1 + 6  # 41 hours on, every 6


def test_a_rule_that_misses_what_people_confirmed_says_so(tmp_path: Path) -> None:
    told = backtest(tried(when="cause = recode"), (CONFIRMED,), case_with(tmp_path)).sentence
    assert told == "Would never have fired, in 1 incident. Would have missed 1 incident whose cause people confirmed."
    assert backtest(tried(), (), case_with(tmp_path)).sentence == "Would never have fired, for there was no incident."


def test_judged_incidents_are_what_rules_see(tmp_path: Path) -> None:
    (one,) = happenings_of(judged(of(CENTS, FARE)), case_with(tmp_path))
    assert (one.severity, one.state, one.seen, one.last_seen) == (
        Severity.MEDIUM, State.OVER, "2026-03-07T00:00:00Z", "2026-03-14T00:00:00Z",
    )  # fmt: skip
    assert backtest(tried(when="segment = country and column = fare"), (one,), case_with(tmp_path)).fired == 1
