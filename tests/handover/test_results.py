"""What came of a training set: told by hand, answered by its target, or found among the runs of the pipelines."""

from __future__ import annotations

import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from monitor.case import load_case, trust_case
from monitor.cli.handing import result, send
from monitor.errors import SelectionError, SourceError
from monitor.handover.records import Outcome, list_handovers, list_trained
from monitor.handover.results import list_all_trained
from monitor.handover.words import retrained_text, standing_lines
from tests.alerts.made import write_targets
from tests.handover.made import built, case_at

PIPELINE = '[pipeline]\nruns = "runs.csv"\n'


@pytest.fixture
def run(tmp_path: Path) -> str:
    """Return the name of the run that a case (tmp_path/shop) asked for."""
    case_at(tmp_path / "shop", PIPELINE)
    set_id = built(tmp_path / "shop", tmp_path / "shop/sets")
    trust_case(load_case(tmp_path / "shop"))
    handed(tmp_path / "shop", "print('queued')")
    return f"driftscope-{set_id}"


def handed(place: Path, code: str, *, again: bool = False) -> None:
    write_targets(f"[train]\ncommand = {json.dumps([sys.executable, '-c', code])}\n")
    assert send(place, place / "sets", "", who="Ann", dry=False, again=again) == 0


def told(place: Path, monkeypatch: pytest.MonkeyPatch, *objects: dict[str, object], set_id: str = "") -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(json.dumps(one) for one in objects)))
    result(place, "-", set_id, who="Bob")


def test_a_run_is_told_while_it_goes_on_and_when_it_ended(
    tmp_path: Path, run: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "shop"
    told(place, monkeypatch, {"run": run, "status": "queued"})
    assert [one.outcome for one in list_trained(load_case(place))[0]] == [Outcome.RUNNING]
    ended = {"run": run, "status": "success", "started": "2026-03-01T10:00:00Z", "finished": "2026-03-01T11:00:00Z", "model_version": "v3"}
    told(place, monkeypatch, {**ended, "rows": 30})
    (one,) = list_trained(load_case(place))[0]
    assert (one.outcome, one.finished, one.model_version, one.rows, one.who) == (
        Outcome.SUCCEEDED, "2026-03-01T11:00:00Z", "v3", 30, "Bob",
    )  # fmt: skip
    assert "succeeded on 1 Mar 2026, 11:00, model version v3." in capsys.readouterr().out
    case = load_case(place)
    (line,) = standing_lines(case, list_handovers(case)[0], list_all_trained(case))
    assert "(30 rows) handed to 'train' on" in line
    assert line.endswith(": succeeded on 1 Mar 2026, 11:00, model version v3.")


def test_events_of_openlineage_tell_it_too(tmp_path: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    event = {"job": {"name": "train"}, "run": {"runId": run}, "eventTime": "2026-03-01T10:00:00Z", "eventType": "START"}
    told(tmp_path / "shop", monkeypatch, event)
    assert list_trained(load_case(tmp_path / "shop"))[0][0].outcome is Outcome.RUNNING
    outputs = [{"facets": {"version": {"datasetVersion": "v4"}}}]
    told(tmp_path / "shop", monkeypatch, event, {**event, "eventType": "FAIL", "eventTime": "2026-03-01T11:00:00Z", "outputs": outputs})
    (one,) = list_trained(load_case(tmp_path / "shop"))[0]
    assert (one.outcome, one.job, one.model_version) == (Outcome.FAILED, "train", "v4")


def test_runs_of_the_pipelines_are_read_without_being_told(tmp_path: Path, run: str) -> None:
    frame = pd.DataFrame(
        {"job": ["load", "train"], "run_id": ["1", run], "day": ["2026-03-01"] * 2, "status": "ok", "model_version": [None, "v5"]}
    )
    frame.to_csv(tmp_path / "shop/runs.csv", index=False)
    (one,) = list_all_trained(load_case(tmp_path / "shop"))
    assert (one.outcome, one.model_version, one.source) == (Outcome.SUCCEEDED, "v5", "runs of the pipelines")
    (tmp_path / "shop/runs.csv").write_text("nothing")
    assert list_all_trained(load_case(tmp_path / "shop")) == ()


def test_a_command_that_answers_with_its_run_has_told_it(tmp_path: Path, run: str) -> None:
    place = tmp_path / "shop"
    code = (
        "import json, sys; asked = json.load(sys.stdin); print(json.dumps({'run': asked['run'], 'status': 'done', 'model_version': 'v9'}))"
    )
    handed(place, code, again=True)
    (one,) = list_trained(load_case(place))[0]
    assert (one.run, one.model_version, one.source) == (f"{run}-2", "v9", "answer of 'train'")


def test_an_answer_that_says_only_that_it_was_taken_is_no_run(tmp_path: Path, run: str) -> None:
    handed(tmp_path / "shop", 'print(\'{"status": "ok"}\')', again=True)
    assert list_trained(load_case(tmp_path / "shop"))[0] == ()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"run": "driftscope-0123456789abcdef", "status": "ok"}', "names a training set of the case 'Shop'"),
        ('{"run": "x"}', "has no column for status"),
        ("[1]", "holds int where an object should be"),
        ("{", "cannot be read as JSON"),
        ("[]", "has no column for"),
        ('{"eventType": "START", "job": "train", "run": 7}', "has no run event of OpenLineage"),
        ('{"results": 1, "metadata": "x"}', "has no results of dbt"),
    ],
)
def test_what_is_no_run_of_a_set_is_refused(tmp_path: Path, run: str, monkeypatch: pytest.MonkeyPatch, text: str, why: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    with pytest.raises((SelectionError, SourceError)) as refused:
        result(tmp_path / "shop", "-", "", who="")
    assert why in str(refused.value)
    assert "[pipeline]" not in str(refused.value)


def test_a_run_that_cannot_name_its_set_is_told_by_the_set(tmp_path: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "shop"
    told(place, monkeypatch, {"id": 4711, "name": "train", "status": "failed", "error": "<b>out of memory"}, set_id=run[-16:][:6])
    (one,) = list_trained(load_case(place))[0]
    assert (one.set, one.run, one.outcome, one.message) == (run[-16:], "4711", Outcome.FAILED, "‹b›out of memory")
    with pytest.raises(SelectionError, match="No training sets begin with 'zz'"):
        result(place, "-", "zz", who="")


def test_records_that_came_with_a_case_are_checked(tmp_path: Path, run: str) -> None:
    case = load_case(tmp_path / "shop")
    (one,) = list_handovers(case)[0]
    with pytest.raises(SelectionError, match="at most 1,000 letters"):
        replace(one, place="x" * 2000)
    file = next((tmp_path / "shop/.driftscope/pins/handovers").glob("*.json"))
    file.write_text(file.read_text().replace('"created": "2', '"created": "nonsense2'))
    assert list_handovers(case)[0] == ()
    assert "damaged" in list_handovers(case)[1][0].message


def test_a_set_that_is_trained_again_is_waited_for_again(tmp_path: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "shop"
    told(place, monkeypatch, {"run": run, "status": "success", "finished": "2026-03-01T11:00:00Z"})
    handed(place, "", again=True)
    case = load_case(place)
    handovers, trained = list_handovers(case)[0], list_all_trained(case)
    assert standing_lines(case, handovers, trained)[0].endswith(": nothing came back yet; before: succeeded on 1 Mar 2026, 11:00.")
    assert retrained_text(handovers, trained, "UTC").endswith("nothing came back yet.")
    told(place, monkeypatch, {"run": f"{run}-2", "status": "failed", "finished": "2026-03-02T11:00:00Z", "message": "no memory"})
    trained = list_all_trained(case)
    assert retrained_text(handovers, trained, "UTC") == "Last retraining: failed on 2 Mar 2026, 11:00."
    assert "failed on 2 Mar 2026, 11:00: no memory; before: succeeded" in standing_lines(case, handovers, trained)[0]


def test_a_table_of_runs_is_read_and_each_time_as_it_is_written(tmp_path: Path, run: str) -> None:
    times = ["2026-03-01T10:00:00.5Z", "2026-03-02T10:00:00Z", "2026-03-03 10:00"]
    frame = pd.DataFrame({"job": "train", "run_id": [run, f"{run}-2", f"{run}-3"], "status": "ok", "finished": times})
    frame.to_csv(tmp_path / "told.csv", index=False)
    result(tmp_path / "shop", str(tmp_path / "told.csv"), "", who="Bob")
    assert [one.finished[:10] for one in list_trained(load_case(tmp_path / "shop"))[0]] == ["2026-03-03", "2026-03-02", "2026-03-01"]


def test_values_that_no_record_can_hold_are_left_out(tmp_path: Path, run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = {"run": run, "status": "ok", "rows": 1e999, "message": "\ud800 \x1b[31m", "model_version": ["v"], "started": {"at": 1}}
    told(tmp_path / "shop", monkeypatch, odd)
    (one,) = list_trained(load_case(tmp_path / "shop"))[0]
    assert (one.rows, one.message, one.model_version, one.started) == (None, "? [31m", "", "")
