"""A small judged case: `age` moves up by a standard deviation in the second half of production, `city` stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.case import Case
from monitor.engine import open_tables
from monitor.judgement.drift import JudgedDrift, judge_drift

NAME = "=age | <b>`x`</b> [l](http://e.org)"


def table(start: str, days: int, shift: float, seed: int) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    rows = days * 40
    moved = np.where(np.arange(rows) >= rows / 2, shift, 0.0)
    return pd.DataFrame(
        {
            "at": pd.date_range(start, periods=rows, freq="36min"),
            NAME: draw.normal(40, 10, rows) + moved,
            "city": draw.choice(["Oslo", "Rome"], rows),
        }
    )


@pytest.fixture(scope="session")
def judged(tmp_path_factory: pytest.TempPathFactory) -> JudgedDrift:
    """Return the judged drift of a case whose first column has a hostile name."""
    made = {"roles": {"timestamp": "at"}, "name": "small", "windows": "1 week", "cache": tmp_path_factory.mktemp("cache")}
    with open_tables(table("2024-01-01", 84, 0, 1), table("2024-03-25", 56, 10, 2), **made) as workspace:
        return judge_drift(measure_drift(workspace, Question()))


@pytest.fixture
def case(judged: JudgedDrift, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Case:
    """Return a case in a folder of its own."""
    monkeypatch.setenv("DRIFTSCOPE_CACHE", str(tmp_path / "user"))
    root = tmp_path / "case"
    root.mkdir()
    (root / "case.toml").write_text('[case]\nname = "small"\ntask = "binary"\n[data]\nreference = "r"\nproduction = "p"\n')
    from monitor.case import load_case

    return replace(load_case(root), owner="someone@example.org")
