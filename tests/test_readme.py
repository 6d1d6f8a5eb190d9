"""The commands of the README run as they are written."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.__main__ import main

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
LINES = [line.split("  #")[0].strip() for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL) for line in block.splitlines()]
COMMANDS = [line for line in LINES if line.startswith(("driftscope ", "python "))]


def test_the_readme_shows_the_commands() -> None:
    assert {shlex.split(line)[1] for line in COMMANDS if line.startswith("driftscope")} == {
        "init",
        "app",
        "measure",
        "check",
        "report",
        "story",
        "trust",
    }


def test_its_commands_run_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    draw = np.random.default_rng(0)
    (tmp_path / "production").mkdir()
    for name, start in (("reference", "2024-01-01"), ("production/a", "2024-04-01"), ("production/b", "2024-05-01")):
        at = pd.date_range(start, periods=240, freq="1h").as_unit("us")
        amount, score = draw.normal(size=240), draw.random(240)
        columns = {"timestamp": at, "amount": amount, "age": draw.integers(18, 90, 240), "score": score, "prediction": score > 0.5}
        pd.DataFrame(columns).to_parquet(tmp_path / f"{name}.parquet")
    monkeypatch.setenv("DRIFTSCOPE_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    for line in COMMANDS:
        words = shlex.split(line)
        if words[1] == "app":  # the browser tests start it
            continue
        if words[0] == "python":
            subprocess.run([sys.executable, *words[1:]], env=environment, stdout=subprocess.DEVNULL, check=True)
            continue
        with pytest.raises(SystemExit) as left:  # in this process: starting Python anew takes longer than most of them
            main(words[1:])
        if left.value.code not in ((0, 1) if "check" in words else (0, None)):  # 1: something fired
            pytest.fail(f"{line}\n{capsys.readouterr().err}")
    assert all(
        (tmp_path / name).stat().st_size > 1000
        for name in ("drift.json", "predictions.csv", "joint.parquet", "results/drift.json", "loans.html", "board.pptx")
    )
