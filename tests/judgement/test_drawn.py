"""What charts draw of judged rows."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from monitor.judgement.drawn import with_limit_line, with_strength_of_runs
from monitor.stats.methods.catalogue import CATALOGUE

RESULT: Any = SimpleNamespace(catalogue=CATALOGUE)


def rows(method: str = "js", **columns: list[Any]) -> pd.DataFrame:
    usual = {"score": [0.1, 0.3, 0.3], "limit": [0.5, 0.5, 1.4], "run": [None, "r", None], "run_limit": [np.nan, 0.2, np.nan]}
    return pd.DataFrame({"method": method, "status": ["stable", "alert", "stable"], "strength": [0.2, 0.6, 0.9], **usual, **columns})


def test_the_limit_of_a_run_stands_over_its_windows() -> None:
    assert with_limit_line(rows(), RESULT)["limit"].tolist()[:2] == [0.5, 0.2]


def test_a_limit_that_no_score_can_reach_is_not_drawn() -> None:
    assert np.isnan(with_limit_line(rows(), RESULT)["limit"].iloc[2])


def test_windows_that_were_not_judged_have_no_limit() -> None:
    drawn = with_limit_line(rows(status=["not_judged", "alert", "stable"]), RESULT)
    assert np.isnan(drawn["limit"].iloc[0])


def test_scores_on_both_sides_have_a_limit_on_both() -> None:
    drawn = with_limit_line(rows("mean_shift", score=[-0.1, 0.3, 0.3]), RESULT)
    assert drawn["lower"].tolist()[:2] == [-0.5, -0.2]
    assert with_limit_line(rows(), RESULT)["lower"].isna().all()


def test_every_window_of_a_run_has_its_strength() -> None:
    run: Any = SimpleNamespace(id="r", strength=3.0)
    assert with_strength_of_runs(rows(), [run])["strength"].tolist() == [0.2, 3.0, 0.9]
