"""What is told, and what is not and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.alerts.deciding import Why, decide
from monitor.alerts.log import take
from monitor.alerts.notices import Act
from monitor.alerts.rules import check_rule, fires
from monitor.alerts.sending import tell
from monitor.alerts.words import step_text
from monitor.case import Case
from monitor.case.alerting import AlertSection
from monitor.case.trust import trust_alerts
from monitor.errors import SelectionError, SettingError
from monitor.export.incident_records import by, change_incident, list_incidents
from monitor.incidents.record import dismissed
from monitor.judgement.finding import State
from monitor.vocabulary import Cause, Severity
from tests.alerts.made import NOON, RULE, case_with, happening, now, write_targets

NIGHT = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(case: Case, *found, at=NOON):
    """Decide and tell; nothing leaves."""
    return [(one.step.act, one.step.target) for one in tell(now(case, *found, at=at), send=lambda *_: None) if one.sent]


@pytest.fixture
def ready(tmp_path: Path):
    write_targets('[team]\nurl = "http://x"\n[boss]\nurl = "http://x"\n')

    def made(*rules) -> Case:
        case = case_with(tmp_path, *rules)
        trust_alerts(case)
        return case

    return made


@pytest.mark.parametrize(
    ("when", "found"),
    [
        ("", True),
        ("severity >= high", True),
        ("severity >= critical", False),
        ("severity = low", False),
        ("cause in (recode, unit_change) and column = fare", True),
        ("cause = recode", False),
        ("segment = country", True),
        ("segment = \"country = 'FR'\"", True),
        ("segment = \"country = 'GB'\"", False),
        ("metric = recall", True),
        ("metric = brier", False),
        ("state = new", True),
        ("state = ongoing", False),
        ("state = over", False),
    ],
)
def test_a_rule_is_about_what_it_says(when: str, found: bool) -> None:
    one = happening(segment={"country": "FR"}, metrics=("recall",))
    assert fires(AlertSection.model_validate({**RULE, "when": when}).when, one) is found


def test_warnings_alone_and_what_is_over_or_settled_tell_nobody_unless_asked() -> None:
    any_, warned = (AlertSection.model_validate({"name": "a", "when": when}).when for when in ("", "status = warning"))
    quiet = happening(status="warning", severity=Severity.LOW)
    assert (fires(any_, quiet), fires(warned, quiet)) == (False, True)
    assert not fires(any_, happening(state=State.OVER))
    known = happening()
    assert not fires(any_, replace(known, record=dismissed(known.record, "a test", by("ann"))))


def test_over_night_a_new_incident_waits_and_is_told_though_it_is_none_by_then(ready) -> None:
    case = ready({**RULE, "when": "severity >= high and state = new", "quiet": "22:00-07:00"})
    (held,) = decide(case.alerts, now(case, happening(), at=NIGHT))
    assert (held.act, held.why, held.until) == (None, Why.QUIET, datetime(2026, 3, 5, 7, tzinfo=UTC))
    assert "waits for quiet hours to end (5 Mar 2026, 07:00)" in step_text(held, case)
    assert told(case, happening(), at=NIGHT) == []
    assert told(case, happening(state=State.ONGOING), at=NIGHT + 8 * HOUR) == [(Act.OPENED, "team")]


def test_what_is_loud_enough_waits_for_nobody(ready) -> None:
    case = ready({**RULE, "quiet": "22:00-07:00", "loud": "critical"})
    assert told(case, happening(), happening("b" * 16, severity=Severity.CRITICAL), at=NIGHT) == [(Act.OPENED, "team")]


def test_what_nobody_took_goes_to_others_once_and_they_hear_the_end(ready) -> None:
    case = ready({**RULE, "escalate_to": "boss", "escalate_after": "4 hours"})
    assert told(case, happening()) == [(Act.OPENED, "team")]
    assert told(case, happening(), at=NOON + 3 * HOUR) == []
    assert told(case, happening(), at=NOON + 4 * HOUR) == [(Act.ESCALATED, "boss")]
    assert told(case, happening(), at=NOON + 5 * HOUR) == []
    assert told(case, happening(state=State.OVER), at=NOON + 6 * HOUR) == [(Act.OVER, "team"), (Act.OVER, "boss")]


def test_what_somebody_took_goes_to_nobody_else(ready) -> None:
    case = ready({**RULE, "escalate_to": "boss", "escalate_after": "4 hours", "repeat": "1 hour"})
    told(case, happening())
    take(case, list_incidents(case).records, "a" * 16, "Ann")
    assert told(case, happening(), at=NOON + 9 * HOUR) == []
    elsewhere = case_with(case.root, {**RULE, "target": "boss"})
    trust_alerts(elsewhere)
    assert told(elsewhere, happening(), at=NOON + 9 * HOUR) == []
    with pytest.raises(SelectionError, match="is acknowledged already"):
        take(case, list_incidents(case).records, "a" * 16, "Ben")


def test_of_two_rules_with_one_target_one_speaks_and_each_of_two_targets_is_told(ready) -> None:
    case = ready(RULE, {**RULE, "name": "b"}, {**RULE, "name": "c", "target": "boss"})
    assert told(case, happening()) == [(Act.OPENED, "team"), (Act.OPENED, "boss")]


def test_more_columns_or_another_cause_are_the_incident_that_was_told(ready) -> None:
    case = ready(RULE)
    told(case, happening(cause=Cause.UNKNOWN))
    assert told(case, happening("b" * 16, cause=Cause.UNKNOWN, columns=("fare", "tip"), findings=99)) == []
    assert told(case, happening("c" * 16, cause=Cause.UNIT_CHANGE)) == []
    assert told(case, happening("d" * 16, columns=("age",))) == [(Act.OPENED, "team"), (Act.OVER, "team")]


def test_an_incident_that_is_not_found_any_more_or_was_dismissed_is_over(ready) -> None:
    case = ready(RULE)
    told(case, happening(), happening("b" * 16, columns=("age",)))
    change_incident(case, "b" * 16, lambda one: dismissed(one, "a test", by("ann")))
    assert told(case, happening("b" * 16, columns=("age",))) == [(Act.OVER, "team"), (Act.OVER, "team")]
    assert told(case) == []


@pytest.mark.parametrize(
    ("when", "message"),
    [
        ("column = far", "names the column 'far', which there is none of. Did you mean 'fare'"),
        ("metric = recal", "Did you mean 'recall'"),
        ("segment = contry", "Did you mean 'country'"),
    ],
)
def test_a_rule_about_what_is_not_there_is_told_with_the_nearest(tmp_path: Path, when: str, message: str) -> None:
    case = case_with(tmp_path, {**RULE, "when": when})
    with pytest.raises(SettingError, match=message):
        check_rule(case.alerts[0], case, ["fare", "country"])
