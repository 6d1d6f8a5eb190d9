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
        "trust",
    }


def test_its_commands_run_one_after_the_other(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    (tmp_path / "production").mkdir()
    for name, start in (("reference", "2024-01-01"), ("production/a", "2024-04-01"), ("production/b", "2024-05-01")):
        at = pd.date_range(start, periods=600, freq="1h").as_unit("us")
        amount, score = draw.normal(size=600), draw.random(600)
        columns = {"timestamp": at, "amount": amount, "age": draw.integers(18, 90, 600), "score": score, "prediction": score > 0.5}
        pd.DataFrame(columns).to_parquet(tmp_path / f"{name}.parquet")
    environment = {**os.environ, "DRIFTSCOPE_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    for line in COMMANDS:
        words = shlex.split(line)
        if words[1] == "app":  # the browser tests start it
            continue
        words = [sys.executable, *(["-m", "monitor"] if words[0] == "driftscope" else []), *words[1:]]
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        if done.returncode > ("check" in words):  # 1: something fired
            pytest.fail(f"{line}\n{done.stderr}")
    assert all(
        (tmp_path / name).stat().st_size > 1000
        for name in ("drift.json", "predictions.csv", "joint.parquet", "results/drift.json", "loans.html")
    )
