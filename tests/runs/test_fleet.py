"""Many cases by what their last runs left: on a line each, over HTTP."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from monitor.errors import CaseError, SettingError
from monitor.runs.fleet import Stand, fleet_of
from monitor.runs.serving import roots_of, server_of
from monitor.runs.stored import stored_run
from monitor.runs.words import ago_text, fleet_headline, new_text
from monitor.vocabulary import Status
from tests.runs.made import NEW, run_of

NOON = datetime(2026, 3, 4, 13, tzinfo=UTC)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    run_of(tmp_path / "right", "Right")
    run_of(tmp_path / "wrong", "Wrong", status=Status.ALERT, fired=1, incidents=(NEW,), label_share=0.5)
    run_of(tmp_path / "failed", "Failed", error="no rows", failed="2026-03-04T12:30:00Z")
    run_of(tmp_path / "old", "Old", looked="2026-03-01T12:00:00Z")
    run_of(tmp_path / "changed", "Before", case_hash="0")
    (tmp_path / "changed" / "case.toml").write_text('[case]\nname = "After"\n[ownership]\nmodel = "Ann"\n')
    for name, text in (("new", '[case]\nname = "New"\n'), ("broken", "[case")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "case.toml").write_text(text)
    return tmp_path


def test_the_most_pressing_comes_first_and_what_is_doubtful_is_said(cases: Path) -> None:
    rows = fleet_of(cases, now=NOON)
    assert [(one.name, one.stand) for one in rows] == [
        ("Wrong", Stand.ALERT), ("Failed", Stand.FAILED), ("broken", Stand.FAILED), ("New", Stand.NEVER),
        ("After", Stand.STABLE), ("Old", Stand.STABLE), ("Right", Stand.STABLE),
    ]  # fmt: skip
    notes = {one.name: one.note for one in rows}
    assert notes["Failed"] == "The last run failed: no rows"
    assert notes["broken"].startswith("case.toml cannot be read: ")
    assert notes["After"] == "case.toml changed since it was judged."
    assert notes["Old"] == "No run since 73 hours."
    assert notes["Right"] == ""
    assert {one.name for one in rows if one.pressing} == {"Wrong", "Failed", "broken", "Old"}
    assert (new_text(rows[0]), ago_text(rows[0], NOON)) == ("Fare was 100 times too large", "1 h ago")
    assert fleet_headline(rows) == "1 of 7 cases needs attention."
    with pytest.raises(CaseError, match="There is no folder"):
        fleet_of(cases / "nowhere")


def test_what_came_with_a_case_is_not_believed_to_be_of_another(tmp_path: Path) -> None:
    run_of(tmp_path, "Mine")
    kept = stored_run(tmp_path, numbers=True)
    assert kept is not None
    assert {sample.labels["case"] for family in kept.families() for sample in family.samples} == {"Mine"}
    file = tmp_path / ".driftscope" / "run.json"
    good, numbers = json.loads(file.read_text()), tmp_path / ".driftscope" / "run-numbers.json"
    numbers.write_text(numbers.read_text().replace("driftscope_drift_score", "up"))
    assert stored_run(tmp_path, numbers=True) == replace(kept, numbers=())
    for wrong in ({"looked": "noon"}, {"label_share": 2}, {"format": 99}):
        file.write_text(json.dumps({**good, **wrong}))
        assert stored_run(tmp_path) is None
    file.unlink()
    file.symlink_to(tmp_path / "case.toml")
    assert stored_run(tmp_path) is None


def test_runs_are_served_as_they_lie_there(cases: Path) -> None:
    with server_of(roots_of([cases]), "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        answer = requests.get(f"{base}/metrics", timeout=10)
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert 'driftscope_drift_score{case="Wrong",column="fare",method="psi"} 8.5\n' in answer.text
        assert 'driftscope_incidents{case="Wrong",severity="high",state="new"} 1\n' in answer.text
        assert 'driftscope_run_failed{case="Failed"} 1\n' in answer.text
        assert answer.text.count("# TYPE driftscope_drift_score gauge") == 1
        run_of(cases / "new", "New", fired=3)
        assert requests.get(f"{base}/healthz", timeout=10).text == "ok: 7 cases, 6 with a run\n"
        assert requests.get(base, timeout=10).status_code == 404
        with pytest.raises(SettingError, match="Nothing can listen at"):
            server_of((), "127.0.0.1", server.server_port)
        server.shutdown()
    with pytest.raises(CaseError, match="There is no case in"):
        roots_of([cases / "new" / ".driftscope"])
