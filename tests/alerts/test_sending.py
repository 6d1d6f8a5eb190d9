"""Messages to a receiver on this machine: one for each incident, tried again where one failed, none before the rules are trusted."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.alerts.log import take, told_of
from monitor.alerts.notices import list_notices
from monitor.alerts.sending import tell
from monitor.alerts.targets import read_targets
from monitor.case import Case
from monitor.case.trust import trust_alerts
from monitor.errors import SettingError, SourceError
from monitor.export.incident_records import list_incidents
from monitor.judgement.finding import State
from monitor.vocabulary import Severity
from tests.alerts.made import NOON, RULE, case_with, happening, now, write_targets
from tests.alerts.receiver import Receiver

DAY = timedelta(days=1)


@pytest.fixture
def case(tmp_path: Path, receiver: Receiver) -> Case:
    write_targets(f'[team]\nurl = "{receiver.url}/hook"\n')
    made = case_with(tmp_path, {**RULE, "repeat": "1 day"}, {**RULE, "name": "Also severe"})
    trust_alerts(made)
    return made


def test_an_incident_is_one_message_however_many_alarms_and_runs(case: Case, receiver: Receiver) -> None:
    for findings in (40, 41, 400):
        tell(now(case, happening(findings=findings)))
    assert [one["act"] for one in receiver.bodies] == ["opened"]
    assert receiver.bodies[0]["title"] == "Fare was 100 times too large [high]"
    assert list_incidents(case).records[0].id == "a" * 16


def test_it_is_told_again_after_a_while_until_somebody_takes_it_and_once_when_it_is_over(case: Case, receiver: Receiver) -> None:
    tell(now(case, happening()))
    tell(now(case, happening(), at=NOON + DAY))
    take(case, list_incidents(case).records, "aaaa", "Ann")
    for later in (2, 3):
        tell(now(case, happening(state=State.ONGOING), at=NOON + later * DAY))
    for later in (4, 5):
        tell(now(case, happening(state=State.OVER), at=NOON + later * DAY))
    assert [one["act"] for one in receiver.bodies] == ["opened", "repeated", "over"]
    assert {one["id"] for one in receiver.bodies} == {receiver.bodies[0]["id"]}
    told = told_of(list_notices(case)[0], list_incidents(case).records)
    assert [(one.telling.done, one.taken_by) for one in told] == [(True, "Ann")] * 3


def test_what_failed_is_said_without_the_address_and_tried_by_the_next_run_alone(case: Case, receiver: Receiver) -> None:
    receiver.codes = [500]
    (failed,) = tell(now(case, happening()))
    assert failed.error == "webhook at 127.0.0.1 answered 500"
    (sent,) = tell(now(case, happening(), at=NOON + timedelta(minutes=5)))
    assert sent.sent
    tell(now(case, happening(), at=NOON + timedelta(minutes=10)))
    assert len(receiver.came) == 2
    assert [one.done for one in list_notices(case)[0][0].tellings] == [False, True]


@pytest.mark.parametrize(
    ("codes", "error"),
    [([302], "it moved; write its new address"), ([403], "the token in targets.toml is not accepted"), ([429], "too many messages")],
)
def test_a_refusal_is_said_and_no_redirect_is_followed(case: Case, receiver: Receiver, codes: list[int], error: str) -> None:
    receiver.codes = codes
    assert error in tell(now(case, happening()))[0].error
    assert len(receiver.came) == 1


def test_a_target_that_does_not_answer_is_left_after_its_time(case: Case, receiver: Receiver) -> None:
    write_targets(f'[team]\nurl = "{receiver.url}/secret-token"\nseconds = 0.2\n')
    receiver.wait = 0.5
    (failed,) = tell(now(case, happening()))
    assert "did not answer within 0.2 s" in failed.error
    assert "secret" not in failed.error


def test_nobody_there_is_said_without_the_token(case: Case) -> None:
    write_targets('[team]\nurl = "http://127.0.0.1:9/secret-token"\n')
    (failed,) = tell(now(case, happening()))
    assert failed.error == "webhook at 127.0.0.1 could not be reached"


def test_nothing_is_sent_before_the_rules_are_trusted_nor_when_they_changed(case: Case, receiver: Receiver, tmp_path: Path) -> None:
    other = case_with(tmp_path / "other", RULE)
    with pytest.raises(SettingError, match="you have not trusted its alert rules"):
        tell(now(other, happening()))
    changed = replace(case, alerts=(case.alerts[0].model_copy(update={"target": "boss"}),))
    with pytest.raises(SettingError, match="changed since you trusted them"):
        tell(now(changed, happening()))
    assert receiver.came == []


def test_nothing_is_sent_that_cannot_be_written_down(case: Case, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise SourceError("the disk is full")

    monkeypatch.setattr("monitor.alerts.sending.keep_notice", full)
    with pytest.raises(SourceError, match="disk is full"):
        tell(now(case, happening()))
    assert receiver.came == []


def test_an_unknown_target_is_told_with_the_nearest_and_the_others_are_sent(receiver: Receiver, tmp_path: Path) -> None:
    write_targets(f'[team]\nurl = "{receiver.url}"\n')
    case = case_with(tmp_path, {**RULE, "target": "taem"}, {**RULE, "name": "b"})
    trust_alerts(case)
    failed, sent = tell(now(case, happening()))
    assert "There is no target 'taem' among yours. Did you mean 'team'?" in failed.error
    assert sent.sent


def test_pagerduty_has_one_incident_that_is_resolved_when_ours_is_over(receiver: Receiver, tmp_path: Path) -> None:
    write_targets(f'[team]\nrouting_key = "R0"\nurl = "{receiver.url}/v2/enqueue"\napp = "https://drift.example"\n')
    case = case_with(tmp_path, RULE)
    trust_alerts(case)
    tell(now(case, happening()))
    tell(now(case, happening(state=State.OVER), at=NOON + DAY))
    opened, over = receiver.bodies
    assert (opened["event_action"], opened["payload"]["severity"], opened["payload"]["class"]) == ("trigger", "error", "unit_change")
    assert opened["links"][0]["href"].startswith("https://drift.example/incidents?case=")
    assert over == {"routing_key": "R0", "event_action": "resolve", "dedup_key": opened["dedup_key"]}


def test_alertmanager_keeps_its_labels_while_the_incident_lasts_and_is_told_the_end(receiver: Receiver, tmp_path: Path) -> None:
    write_targets(f'[team]\nkind = "alertmanager"\nurl = "{receiver.url}"\n')
    case = case_with(tmp_path, RULE)
    trust_alerts(case)
    tell(now(case, happening()))
    tell(now(case, happening(state=State.OVER, severity=Severity.CRITICAL), at=NOON + DAY))
    assert {path for path, _, _ in receiver.came} == {"/api/v2/alerts"}
    (opened,), (over,) = receiver.bodies
    assert opened["labels"] == over["labels"]
    assert (opened["startsAt"], over["endsAt"]) == ("2026-03-01T00:00:00Z", "2026-03-05T12:00:00Z")
    assert opened["endsAt"] > over["endsAt"]


def test_a_command_of_the_receivers_is_given_the_message_without_a_shell(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    script = f"import sys, pathlib; pathlib.Path({str(out)!r}).write_text(sys.stdin.read())"
    write_targets(f"[team]\ncommand = [{sys.executable!r}, '-c', {script!r}]\n".replace('"-c"', "'-c'"))
    case = case_with(tmp_path, RULE)
    trust_alerts(case)
    assert tell(now(case, happening(title="$(touch /tmp/x); `id`")))[0].sent
    assert "$(touch /tmp/x); `id`" in out.read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[a]\nurl = "ftp://secret"\nkind = "webhook"', "a target of kind webhook has an address that begins with https"),
        ('[a]\nulr = "http://secret"', "unknown key 'a.ulr'. Did you mean 'url'"),
        ("[a", "not valid TOML"),
        ('[a]\nkind = "pagerduty"', "needs routing_key"),
        ('[a]\nurl = "http://secret"\nheaders = { A = "b\\nc" }', "headers hold letters that no header can"),
    ],
)
def test_wrong_targets_are_told_without_what_is_secret(text: str, message: str) -> None:
    write_targets(text)
    with pytest.raises(SettingError, match=message) as refused:
        read_targets()
    assert "secret" not in str(refused.value)


def test_targets_that_others_may_write_are_not_used() -> None:
    write_targets('[a]\nurl = "http://x"').chmod(0o622)
    with pytest.raises(SettingError, match="may be written to by others"):
        read_targets()
