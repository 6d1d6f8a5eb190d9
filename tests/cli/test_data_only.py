"""Every command on a case that watches data without a model."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from monitor.cli import main


@pytest.fixture
def data_only(shop: Path) -> Path:
    for name in ("reference", "production"):
        pd.read_parquet(shop / f"{name}.parquet").drop(columns="score").to_parquet(shop / f"{name}.parquet")
    text = (shop / "case.toml").read_text().replace('"binary"', '"none"')
    (shop / "case.toml").write_text(text.replace('score = "score"\n', "").replace("threshold = 0.4\n", ""))
    return shop


def ended(*arguments: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return int(stop.value.code or 0)


@pytest.mark.parametrize("analysis", ["drift", "multivariate"])
def test_its_data_are_measured(data_only: Path, tmp_path: Path, analysis: str) -> None:
    assert ended("measure", analysis, data_only, "--quiet", "--out", tmp_path / "out.json") == 0
    assert json.loads((tmp_path / "out.json").read_text())["table"]


def test_predictions_are_refused_with_what_to_do(data_only: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert ended("measure", "predictions", data_only, "--quiet", "--out", "-") == 2
    told = capfd.readouterr()
    assert told.out == ""
    assert 'watches data without a model (task "none"). To watch one, name its prediction or score in [roles], and its task.' in told.err


def test_it_is_checked_reported_and_profiled(data_only: Path, tmp_path: Path) -> None:
    assert ended("check", data_only, "--quiet") == 1
    assert ended("report", data_only, "--quiet", "--out", tmp_path / "report.md") == 0
    assert "Weight (kg)" in (tmp_path / "report.md").read_text()
    assert ended("profile", data_only, "--quiet", "--out", tmp_path / "profile") == 0
