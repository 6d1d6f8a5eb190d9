"""Training sets handed to receivers on this machine: once, as they were built, and never before the case is trusted."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from monitor.alerts.posting import DeliveryError
from monitor.alerts.targets import read_targets
from monitor.case import load_case, trust_case
from monitor.cli.handing import send
from monitor.cli.trusting import trust_command
from monitor.errors import DriftscopeError, SettingError, SourceError
from monitor.handover.asking import MOST_INPUTS, request_of
from monitor.handover.records import list_handovers
from monitor.handover.sets import last_set, read_set, remember_set
from monitor.retraining.writing import fingerprint_of
from tests.alerts.made import write_targets
from tests.alerts.receiver import Receiver
from tests.handover.made import built, case_at


@pytest.fixture
def place(tmp_path: Path) -> Path:
    case_at(tmp_path / "shop")
    built(tmp_path / "shop", tmp_path / "shop/sets/now")
    trust_case(load_case(tmp_path / "shop"))
    return tmp_path / "shop"


def sent(place: Path, **given: Any) -> int:
    return send(
        place, given.pop("folder", place / "sets/now"), given.pop("target", ""), **{"who": "Ann", "dry": False, "again": False, **given}
    )


def test_a_webhook_is_given_the_manifest_once_and_who_sent_it_is_kept(
    place: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}/secret-path"\nheaders = {{ X-Key = "${{TRAIN_KEY}}" }}\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TRAIN_KEY", "s3cret")
        assert (sent(place), sent(place)) == (0, 0)
    ((_, headers, body),) = receiver.came
    assert (headers["X-Key"], headers["Idempotency-Key"]) == ("s3cret", body["run"])
    assert body["run"] == f"driftscope-{body['id']}"
    assert body["files"]["manifest"] == "sets/now/manifest.json"
    assert (body["rows"], body["files"]["weight_column"]) == (30, "sample_weight")
    assert body["window"]["production"] == {"first": "2026-W10", "last": "2026-W11", "windows": 2, "rows": 20}
    assert body["sources"]["production"]["left_out"] == {"incident": 5}
    (record,) = list_handovers(load_case(place))[0]
    assert [(one.who, one.done, one.answer) for one in record.attempts] == [("Ann", True, "200")]
    assert "secret" not in record.place
    told = capsys.readouterr().out
    assert "handed over: Training set" in told
    assert "not sent again" in told


def test_again_is_another_run_of_the_same_set(place: Path, receiver: Receiver) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}"\n')
    receiver.codes = [200, 500]
    assert [sent(place), sent(place, again=True), sent(place, again=True)] == [0, 2, 0]
    first, failed, repeated = (body["run"] for body in receiver.bodies)
    assert (failed, repeated) == (f"{first}-2", f"{first}-2")
    assert len({body["id"] for body in receiver.bodies}) == 1


def test_github_is_asked_to_dispatch_a_workflow(place: Path, receiver: Receiver) -> None:
    write_targets(
        f'[train]\nurl = "{receiver.url}"\nrepository = "acme/models"\nworkflow = "train.yml"\nref = "prod"\n'
        'token = "t0ken"\ninputs = { stage = "dev" }\n'
    )
    receiver.codes = [204]
    assert sent(place) == 0
    ((path, headers, body),) = receiver.came
    assert path == "/repos/acme/models/actions/workflows/train.yml/dispatches"
    assert (headers["Authorization"], headers["X-GitHub-Api-Version"]) == ("Bearer t0ken", "2022-11-28")
    assert (body["ref"], body["inputs"]["stage"]) == ("prod", "dev")
    assert json.loads(body["inputs"]["payload"])["id"] == body["inputs"]["id"]


def test_a_set_too_wide_for_a_workflow_names_its_columns_in_the_manifest_alone(place: Path) -> None:
    write_targets('[train]\nrepository = "acme/models"\nworkflow = "train.yml"\ntoken = "t"\n')
    payload = {"event": "retrain", "id": "a", "run": "b", "case": "c", "rows": 1, "files": {}, "features": ["x" * 100] * 1000}
    inputs = request_of(payload, read_targets()["train"]).body["inputs"]
    assert len(inputs["payload"]) < MOST_INPUTS
    assert "features" in json.loads(inputs["payload"])["only_in_manifest"]


@pytest.mark.parametrize(
    ("given", "paths", "signed"),
    [
        (
            'api = "v1"\nusername = "ann"\npassword = "pw"',
            ["/api/v1/dags/re%2Ftrain/dagRuns"],
            "Basic " + base64.b64encode(b"ann:pw").decode(),
        ),
        ('token = "jwt"', ["/api/v2/dags/re%2Ftrain/dagRuns"], "Bearer jwt"),
        ('username = "ann"\npassword = "pw"', ["/auth/token", "/api/v2/dags/re%2Ftrain/dagRuns"], "Bearer of-ann"),
    ],
)
def test_airflow_is_asked_for_a_run_of_a_dag(place: Path, receiver: Receiver, given: str, paths: list[str], signed: str) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}/"\ndag = "re/train"\n{given}\n')
    receiver.answers = [{"access_token": "of-ann"}] if len(paths) > 1 else []
    receiver.answers.append({"dag_run_id": "x", "state": "queued", "conf": {}})
    assert sent(place) == 0
    assert [path for path, _, _ in receiver.came] == paths
    _, headers, body = receiver.came[-1]
    assert headers["Authorization"] == signed
    assert body["dag_run_id"] == body["conf"]["run"]
    assert ("logical_date" in body) == ("v1" not in given)
    assert "state queued" in list_handovers(load_case(place))[0][0].attempts[-1].answer


def test_airflow_that_has_the_run_already_is_no_failure(place: Path, receiver: Receiver) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}"\ndag = "train"\ntoken = "jwt"\n')
    receiver.codes = [409]
    assert sent(place) == 0
    assert "had a run of that name already" in list_handovers(load_case(place))[0][0].attempts[-1].answer


def test_a_command_reads_the_manifest_and_what_it_prints_is_kept(place: Path, tmp_path: Path) -> None:
    code = f"import sys; open({str(tmp_path / 'read.json')!r}, 'w').write(sys.stdin.read()); print('queued as 17')"
    write_targets(f"[train]\ncommand = {json.dumps([sys.executable, '-c', code])}\n")
    assert sent(place) == 0
    assert json.loads((tmp_path / "read.json").read_text())["event"] == "retrain"
    assert list_handovers(load_case(place))[0][0].attempts[-1].answer == "queued as 17"


@pytest.mark.parametrize(
    ("codes", "wait", "why"),
    [([500], 0.0, "webhook at 127.0.0.1 answered 500"), ([], 0.5, "did not answer within 0.2 s; it may have got there")],
)
def test_what_failed_is_told_and_sent_again_as_the_same_run(
    place: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str], codes: list[int], wait: float, why: str
) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}/secret"\nseconds = 0.2\n')
    receiver.codes, receiver.wait = codes, wait
    assert sent(place) == 2
    receiver.wait = 0.0
    write_targets(f'[train]\nurl = "{receiver.url}/secret"\n')
    assert sent(place) == 0
    told = capsys.readouterr().out
    assert why in told
    assert "secret" not in told
    assert len({body["run"] for body in receiver.bodies}) == 1
    assert [one.done for one in list_handovers(load_case(place))[0][0].attempts] == [False, True]


def test_an_answer_that_trickles_is_left_and_the_set_was_handed_over(place: Path, receiver: Receiver) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}"\nseconds = 0.2\n')
    receiver.trickle = 0.15
    assert sent(place) == 0


@pytest.mark.parametrize(
    ("command", "why"),
    [(["false"], "ended with code 1"), (["/not/there"], "cannot be started"), (["sleep", "5"], "did not end within 0.2 s")],
)
def test_a_command_that_fails_is_told(place: Path, capsys: pytest.CaptureFixture[str], command: list[str], why: str) -> None:
    write_targets(f"[train]\ncommand = {json.dumps(command)}\nseconds = 0.2\n")
    assert sent(place) == 2
    assert why in capsys.readouterr().out


def test_nothing_is_sent_before_it_is_trusted_nor_when_it_changed(place: Path, receiver: Receiver, tmp_path: Path) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}"\n[other]\nurl = "{receiver.url}"\n')
    case_at(tmp_path / "copy")
    built(tmp_path / "copy", tmp_path / "copy/sets/now")
    with pytest.raises(SettingError, match="you have not trusted its"):
        sent(tmp_path / "copy")
    file = place / "case.toml"
    file.write_text(file.read_text().replace('target = "train"', 'target = "other"'))
    with pytest.raises(SettingError, match="changed since you trusted it"):
        sent(place)
    file.write_text(file.read_text().split("[retraining]")[0])
    with pytest.raises(SettingError, match="says nothing of retraining"):
        sent(place, target="train")
    assert receiver.came == []


def test_targets_that_a_case_brings_are_not_read(place: Path, receiver: Receiver) -> None:
    (place / "targets.toml").write_text(f'[train]\nurl = "{receiver.url}"\n')
    with pytest.raises(SettingError, match=r"There is no target 'train' among yours\. You have none yet"):
        sent(place)
    assert receiver.came == []


@pytest.mark.parametrize(
    ("targets", "why"),
    [
        ('[trian]\nurl = "http://127.0.0.1:9"\n', "There is no target 'train' among yours. Did you mean 'trian'?"),
        ('[train]\nrouting_key = "k"\n', "is of kind pagerduty, which takes no training sets"),
        ('[train]\nurl = "http://127.0.0.1:9"\ntoken = "t"\n', "a target of kind webhook has no token"),
        ('[train]\nworkflow = "a.yml"\n', "a target of kind github needs repository and token"),
        ('[train]\nurl = "http://127.0.0.1:9"\ndag = "a"\npassword = "${NOT_SET_HERE}"\n', ""),
    ],
)
def test_a_target_that_cannot_take_it_is_told(place: Path, targets: str, why: str) -> None:
    write_targets(targets)
    if not why:
        assert sent(place) == 2
        assert "no variable 'NOT_SET_HERE'" in list_handovers(load_case(place))[0][0].attempts[-1].error
        return
    with pytest.raises(SettingError) as refused:
        sent(place)
    assert why in str(refused.value)


def change_manifest(folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**told, "label": "another"}))


def name_another(folder: Path) -> None:
    told = {**json.loads((folder / "manifest.json").read_text()), "id": "f" * 16}
    (folder / "manifest.json").write_text(json.dumps({**told, "fingerprint": fingerprint_of(told)}))


def change_rows(folder: Path) -> None:
    pd.read_parquet(folder / "training.parquet").assign(y=1.0).to_parquet(folder / "training.parquet")


def of_another_case(folder: Path) -> None:
    told = {**json.loads((folder / "manifest.json").read_text()), "case": "Bank"}
    (folder / "manifest.json").write_text(json.dumps({**told, "fingerprint": fingerprint_of(told)}))


def built_before(folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({key: value for key, value in told.items() if key not in ("fingerprint", "id")}))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (change_manifest, "changed since it was built: what it says has the fingerprint"),
        (change_rows, "training.parquet' changed since it was built: its sha256 is"),
        (name_another, "which is no name of these rows"),
        (of_another_case, "is a training set of the case 'Bank', not of 'Shop'"),
        (built_before, "does not say fingerprint and id: an older version built it"),
        (lambda folder: (folder / "training.parquet").unlink(), "There is no"),
        (lambda folder: (folder / "manifest.json").write_text("[1, 2"), "it is no JSON"),
        (lambda folder: (folder / "manifest.json").unlink(), "There is no training set in"),
    ],
)
def test_a_set_that_is_not_as_it_was_built_is_refused(place: Path, receiver: Receiver, change: Callable[[Path], Any], why: str) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}"\n')
    change(place / "sets/now")
    with pytest.raises(SourceError) as refused:
        sent(place)
    assert why in str(refused.value)
    assert receiver.came == []


def test_a_dry_run_shows_the_request_without_secrets_and_sends_nothing(
    place: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}/base"\ndag = "train"\ntoken = "s3cret"\nheaders = {{ X-Key = "s3cret" }}\n')
    assert sent(place, dry=True) == 0
    told = capsys.readouterr().out
    assert f"POST {receiver.url}/base/api/v2/dags/train/dagRuns" in told
    assert "Authorization: (your own)\n" in told
    assert "s3cret" not in told
    write_targets(f'[train]\nurl = "{receiver.url}/s3cret"\n')
    assert sent(place, dry=True) == 0
    assert "s3cret" not in capsys.readouterr().out
    assert receiver.came == []
    assert list_handovers(load_case(place))[0] == ()


def test_the_last_set_is_the_one_that_this_user_built(place: Path, tmp_path: Path) -> None:
    case = load_case(place)
    with pytest.raises(SourceError, match="You have built no training set"):
        send(place, None, "", who="", dry=False, again=False)
    remember_set(case, place / "sets/now")
    assert last_set(case) == place / "sets/now"
    assert last_set(replace(case, root=tmp_path)) is None
    assert read_set(case, place / "sets/now").rows == 30


def test_a_message_is_not_sent_to_who_trains(place: Path) -> None:
    from monitor.alerts.delivery import deliver

    write_targets('[train]\nrepository = "acme/models"\nworkflow = "train.yml"\ntoken = "t"\n')
    with pytest.raises(DeliveryError, match="takes training sets and no messages"):
        deliver(None, read_targets()["train"])  # type: ignore[arg-type]
    assert issubclass(DeliveryError, DriftscopeError)


def test_what_is_trusted_says_who_is_handed_what(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trust_command(place, listed=True, revoked=False)
    told = capsys.readouterr().out
    assert "training sets are handed to 'train'" in told
    assert "retraining: trusted" in told
    trust_command(place, listed=False, revoked=True)
    trust_command(place, listed=True, revoked=False)
    assert "retraining: nothing is handed over: you have not trusted its [retraining]" in capsys.readouterr().out


def test_a_workflow_that_lacks_the_inputs_is_told(place: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]) -> None:
    write_targets(f'[train]\nurl = "{receiver.url}"\nrepository = "acme/models"\nworkflow = "train.yml"\ntoken = "t0ken"\n')
    receiver.codes = [422]
    assert sent(place) == 2
    assert "lacks one of the inputs id, run and payload" in capsys.readouterr().out
