"""`driftscope run` and `fleet` as they are typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli import main, running
from monitor.cli.measuring import judge_everything
from monitor.cli.running import line_keys
from monitor.runs.lease import held
from tests.conftest import rows

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        told = capfd.readouterr()
        return int(ended.value.code or 0), told.out, told.err

    return go


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Judge by one analysis only, and return the list that says how often."""
    times: list[str] = []

    def few(workspace: Any, options: Any) -> Any:
        times.append(workspace.case.name)
        return judge_everything(workspace, options, ("drift",))

    monkeypatch.setattr(running, "judge_everything", few)
    return times


def line_of(out: str) -> dict[str, Any]:
    assert out.count("\n") == 1
    line: dict[str, Any] = json.loads(out)
    assert tuple(line) == line_keys()
    return line


def test_a_run_judges_what_is_new_once(shop: Path, run: Run, judged: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    code, said, _ = run("run", shop, "--out", out, "--report", "md")
    line = line_of(said)
    assert (code, line["exit"], line["status"], line["fired"] > 0) == (1, 1, "judged", True)
    names = {"shop.prom", "shop.openmetrics", "shop-findings.json", "shop-report.md"}
    assert {Path(one).name for one in line["written"]} == names == {one.name for one in out.iterdir()}
    assert (out / "shop.openmetrics").read_text().endswith("# EOF\n")
    assert json.loads((out / "shop-findings.json").read_text())["analysis"] == "check"
    code, said, err = run("run", shop, "--out", out, "--report", "md")
    again = line_of(said)
    assert (code, again["status"], len(judged)) == (1, "unchanged", 1)
    assert "Nothing is new since the last run." in err
    assert not {"shop-findings.json", "shop-report.md"} & {Path(one).name for one in again["written"]}
    (out / "shop-findings.json").unlink()
    assert line_of(run("run", shop, "--out", out)[1])["written"][-1].endswith("shop-findings.json")
    assert len(judged) == 1
    rows("2013-04-01", 700, 1).to_parquet(shop / "production.parquet")
    assert line_of(run("run", shop, "--quiet")[1])["status"] == "judged"
    assert len(judged) == 2
    code, told, _ = run("fleet", shop.parent, "--check")
    assert code == 1
    assert told.startswith("Alert: Shop: *late* orders (shop); ")


def test_what_could_not_be_done_is_in_the_line_and_in_the_fleet(shop: Path, run: Run, judged: list[str]) -> None:
    (shop / ".driftscope").mkdir()
    with held(shop / ".driftscope"):
        code, said, err = run("run", shop)
    assert (code, line_of(said)["status"]) == (2, "failed")
    assert "Another run is at it" in err
    with (shop / "case.toml").open("a") as file:
        file.write('\n[[alerts]]\nname = "Severe"\nwhen = "severity >= high"\ntarget = "team"\n')
    code, said, err = run("run", shop)
    assert (code, line_of(said)["status"]) == (2, "judged")
    assert "Nothing is sent: you have not trusted" in line_of(said)["alerts"]
    assert "Nobody is told of it: you have not trusted its alert rules." in run("fleet", shop.parent)[1]
    (shop / "case.toml").write_text((shop / "case.toml").read_text().replace("severity >= high", "column = wieght"))
    code, said, err = run("run", shop)
    assert (code, line_of(said)["error"].startswith("The rule 'Severe'")) == (2, True), said
    code, told, _ = run("fleet", shop.parent)
    assert code == 0
    assert "Run failed: " in told
    assert "wieght" in told
    assert run("run", shop, "--report", "md")[0] == 2
