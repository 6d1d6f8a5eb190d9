"""Where a model over- and undershoots, along a column: on rows of which that is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.residuals import measure_residuals
from monitor.analyses.sides import Question
from monitor.engine import open_tables
from monitor.errors import MethodError


def rows(start: str, seed: int, off: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 4_000
    place, size, y = rng.choice(["a", "b"], n), rng.normal(0, 1, n), rng.normal(50, 5, n)
    p = y + rng.normal(0, 1, n) + np.where(place == "b", off, 0)
    return pd.DataFrame({"at": pd.date_range(start, periods=n, freq="10min"), "place": place, "size": size, "y": y, "p": p})


def test_the_level_where_predictions_are_too_high_is_told() -> None:
    roles = {"timestamp": "at", "prediction": "p", "label": "y"}
    with open_tables(rows("2026-01-05", 0, 0), rows("2026-03-02", 1, 3), roles=roles, task="regression", windows="1 week") as workspace:
        found = measure_residuals(workspace, Question(), "place").set_index(["side", "group"])
        quarters = measure_residuals(workspace, Question(), "size")
    assert found.loc[("production", "b"), "error"] == pytest.approx(3, abs=0.1)
    assert found.loc[("reference", "b"), "lower"] < 0 < found.loc[("reference", "b"), "upper"]
    assert found.loc[("production", "a"), "lower"] < 0.1
    assert quarters.groupby("side")["n"].sum().tolist() == [4_000, 4_000]
    assert quarters["group"].nunique() == 4


def test_classes_have_no_error_to_be_told() -> None:
    made = [rows(start, 0, 0).assign(p="x", y="y") for start in ("2026-01-05", "2026-03-02")]
    roles = {"timestamp": "at", "prediction": "p", "label": "y"}
    with (
        open_tables(*made, roles=roles, task="multiclass", windows="1 week") as workspace,
        pytest.raises(MethodError, match="predicted numbers"),
    ):
        measure_residuals(workspace, Question(), "place")
