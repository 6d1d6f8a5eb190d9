"""The whole round on a case whose world turned: a set is built, handed over, trained, and the next plan knows it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from monitor.case import load_case, trust_case
from monitor.cli.handing import result, send
from monitor.cli.retraining import Asked, retrain
from monitor.errors import SettingError
from monitor.handover.sets import TrainingSet
from tests.alerts.made import write_targets
from tests.retraining.test_retraining import folder

MORE = (
    '[retraining]\ntarget = "train"\n[[retraining.triggers]]\nname = "Ranks worse"\nmetric = "roc_auc"\nbeyond = 0.2\nrunning = 2\n'
    '[[retraining.triggers]]\nname = "Dear"\ncost = 10\n'
)
ASKED = Asked(weights="none", left_out=(), reference=True, test=False, seed=0, quiet=True)


def test_the_next_plan_knows_what_was_trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    place = folder(more=MORE)
    retrain(place, tmp_path / "set", ASKED, build=True)
    told = capsys.readouterr().out
    assert "Rule 'Ranks worse' would have fired 4 times: week of 9 Mar 2026, week of 16 Mar 2026, week of 23 Mar 2026 and" in told
    assert "Rule 'Dear' was not replayed: what decisions are worth is not known of the reference" in told
    trust_case(load_case(place))
    write_targets(f"[train]\ncommand = {json.dumps([sys.executable, '-c', 'print(4711)'])}\n")
    assert send(place, None, "", who="Ann", dry=False, again=False) == 0
    one = TrainingSet(tmp_path / "set", json.loads((tmp_path / "set/manifest.json").read_text()))
    assert (one.last, one.until) == ("2026-W14", "2026-W14")
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"run": f"driftscope-{one.id}", "status": "success", "model_version": "v2"})))
    result(place, "-", "", who="Ann")
    capsys.readouterr()
    retrain(place, tmp_path / "plan", ASKED, build=False)
    told = capsys.readouterr().out
    assert "(0 since the last retraining)" in told
    assert f"Training set {one.id} ({one.rows:,d} rows) handed to 'train' on" in told
    assert "model version v2." in told
    plan = json.loads((tmp_path / "plan/plan.json").read_text())
    assert [(run["set"], run["model_version"]) for run in plan["retrained"]] == [(one.id, "v2")]
    assert [rule["rule"] for rule in plan["triggers"] if rule["own"]] == ["Ranks worse", "Dear"]


def test_the_same_rows_are_the_same_set_and_a_set_is_built_though_nothing_can_be_noted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def cannot(*_: object) -> None:
        raise SettingError("Your training sets cannot be written.")

    place = folder()
    retrain(place, tmp_path / "one", ASKED, build=True)
    monkeypatch.setattr("monitor.cli.retraining.remember_set", cannot)
    retrain(place, tmp_path / "two", ASKED, build=True)
    first, second = (json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("one", "two"))
    assert first == second
    assert "finds the set all the same" in capsys.readouterr().err
