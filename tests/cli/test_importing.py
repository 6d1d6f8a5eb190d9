"""`driftscope import results` and `imported` as they are typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.cli import main

FILES = Path(__file__).parents[1] / "imports" / "files"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code or 0)


def test_results_are_kept_told_and_written(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("import", "results", shop, FILES / "evidently-report.json", "--window", "2013-04-01..2013-04-08") == 0
    told = capsys.readouterr().err
    assert "evidently-report.json: 14 numbers of evidently, " in told
    assert "no column of the case is called age, amount and country" in told
    assert run("import", "results", shop, FILES / "evidently-report.json", "--window", "2013-04-01..2013-04-08") == 0
    assert "holds what" in capsys.readouterr().err
    assert run("imported", shop, "--beside") == 0
    rows = json.loads(capsys.readouterr().out)["imported"]
    assert {row["start"] for row in rows} == {"2013-04-01T04:00:00Z"}
    assert {row["our_status"] for row in rows} == {None}
    assert run("imported", shop, "--drop", rows[0]["import"]) == 0
    assert run("imported", shop) == 2
    assert "Nothing was imported" in capsys.readouterr().err


def test_a_period_that_is_none_is_said(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for window, why in (("2013-04", "is no period"), ("2013-05-01..2013-04-01", "ends before it begins"), ("a..b", "is not a time")):
        assert run("import", "results", shop, FILES / "evidently-report.json", "--window", window) == 2
        assert why in capsys.readouterr().err
