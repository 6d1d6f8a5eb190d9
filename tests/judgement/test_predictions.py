"""What is said of the model's answers, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.predictions import measure_predictions
from monitor.engine import open_tables
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.predictions import outside_words, placed_rows, predictions_answer
from monitor.judgement.thresholds import DriftThresholds

Judge = Callable[..., JudgedDrift]
ROLES = {"timestamp": "at", "score": "score", "segments": ["city"], "threshold": 0.5}


def rows(first: str, weeks: int, seed: int, *, level: float = 0.0) -> pd.DataFrame:
    """Return hourly scores; each week has a level of its own, drawn with sd 0.1 and `level` higher."""
    draw = np.random.default_rng(seed)
    own = np.repeat(draw.normal(0, 0.1, weeks), 168)
    score = np.clip(0.5 + own + level + draw.normal(0, 0.1, weeks * 168), 0, 1)
    at = pd.date_range(first, periods=weeks * 168, freq="1h").as_unit("us")
    return pd.DataFrame({"at": at, "score": score, "city": draw.choice(["Rome", "Bonn"], weeks * 168)})


@pytest.fixture
def judge(tmp_path_factory: pytest.TempPathFactory) -> Judge:
    def go(production: pd.DataFrame, by: str | None = None, **thresholds: Any) -> JudgedDrift:
        folder = tmp_path_factory.mktemp("cache")
        with open_tables(rows("2024-01-01", 12, 1), production, roles=ROLES, windows="1 week", cache=folder) as workspace:
            return judge_drift(measure_predictions(workspace, by=by), DriftThresholds(**thresholds))

    return go


def test_a_change_names_the_output_and_how_many_changed(judge: Judge) -> None:
    said = predictions_answer(judge(rows("2024-04-01", 4, 2, level=0.45)))
    assert said.startswith("The model answers differently: score ")
    assert said.endswith("1 of 1 output changed beyond what chance and the reference's own weeks explain.")


def test_a_window_outside_the_references_own_is_told_where_none_changed(judge: Judge) -> None:
    production = rows("2024-04-01", 4, 3)
    production.loc[168:335, "score"] = rows("2024-04-08", 1, 4)["score"].to_numpy() * 0.3 + 0.08
    judged = judge(production, q=1e-12)
    assert not judged.primary["status"].isin(["alert", "warning"]).any()
    assert "yet score (mean) was below all 12 reference weeks (" in predictions_answer(judged)
    assert "in 1 of 4 weeks, farthest in the week of 8 Apr 2024: 0.2" in outside_words(judged)


def test_within_the_references_own_windows_nothing_more_is_said(judge: Judge) -> None:
    quiet = rows("2024-04-01", 4, 5).assign(score=lambda table: 0.5 + (table["score"] - table["score"].mean()) * 0.2)
    judged = judge(quiet, q=1e-12)
    assert outside_words(judged) == ""
    assert predictions_answer(judged) == "The model's answers did not change beyond what chance and the reference's own weeks explain."


def test_levels_that_changed_are_counted_apart(judge: Judge) -> None:
    production = rows("2024-04-01", 4, 5)
    draw = np.random.default_rng(0)
    bonn = production["city"] == "Bonn"
    alike = draw.choice(rows("2024-01-01", 12, 1)["score"], len(production))
    production["score"] = np.where(bonn, alike, draw.uniform(0.9, 1, len(production)))
    assert "; 1 of 2 levels changed, most of all score · city = Rome" in predictions_answer(judge(production, by="city"))


def test_levels_that_did_not_change_are_told_too(judge: Judge) -> None:
    judged = judge(rows("2024-04-01", 4, 5), by="city", q=1e-12)
    assert predictions_answer(judged).endswith("; none of 2 levels changed by itself.")


def test_too_few_rows_are_said_as_for_any_drift(judge: Judge) -> None:
    assert predictions_answer(judge(rows("2024-04-01", 1, 2).head(20))).startswith("Nothing could be judged")


def test_one_row_a_window_whatever_the_methods(judge: Judge) -> None:
    placed = placed_rows(judge(rows("2024-04-01", 4, 5)), "score")
    assert placed["window"].tolist() == ["2024-W14", "2024-W15", "2024-W16", "2024-W17"]


def test_thresholds_of_an_output_hold_for_its_levels(judge: Judge) -> None:
    primary = judge(rows("2024-04-01", 4, 5), by="city", fixed={"score:js": 0.0}).primary
    assert set(primary["status"]) == {"alert"}
