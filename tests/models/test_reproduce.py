"""What a model says against what was logged: equal, rounded, skewed, of sister models."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from monitor.errors import ModelError
from monitor.models import Model, callable_model, reproduce
from tests.models.conftest import CaseOf

ROWS = pd.DataFrame({"a": np.linspace(0.01, 0.99, 200)})
WINDOWS = np.repeat(["2024-W01", "2024-W02", "2024-W03", "2024-W04"], 50)


@pytest.fixture
def model(case_of: CaseOf) -> Model:
    return callable_model(lambda rows: np.square(rows["a"]), case_of(threshold=0.25), columns=["a"])


def logged() -> NDArray[np.float64]:
    return np.square(ROWS["a"].to_numpy())


def test_what_was_logged_is_said_again(model: Model) -> None:
    found = reproduce(model, ROWS, score=logged(), window=WINDOWS)
    assert (found.reproduced, found.share_equal, found.window, found.n) == (True, 1.0, None, 200)


@pytest.mark.parametrize("decimals", [2, 4])
def test_rounding_of_the_log_is_no_difference(model: Model, decimals: int) -> None:
    found = reproduce(model, ROWS, score=logged().round(decimals))
    assert (found.reproduced, found.decimals) == (True, decimals)
    assert 0 < found.largest_difference <= 0.5 * 10**-decimals


def test_few_round_numbers_are_no_rounding(model: Model) -> None:
    assert not reproduce(model, ROWS[:3], score=np.array([0.5, 0.5, 0.25])).reproduced


def test_single_precision_is_no_difference(model: Model) -> None:
    assert reproduce(model, ROWS, score=logged().astype(np.float32)).reproduced


def test_the_first_window_of_a_skew_is_named(model: Model) -> None:
    score = logged().round(4)
    score[WINDOWS >= "2024-W03"] += 0.01
    found = reproduce(model, ROWS, score=score, window=WINDOWS)
    assert (found.reproduced, found.share_equal, found.window, found.first_share) == (False, 0.5, "2024-W03", 1.0)
    assert found.largest_difference == pytest.approx(0.01, abs=1e-4)


def test_scores_of_sister_models_are_alike(model: Model) -> None:
    found = reproduce(model, ROWS, score=logged() * 0.9 + np.random.default_rng(0).normal(0, 0.05, 200))
    assert (found.reproduced, found.alike) == (False, True)
    assert not reproduce(model, ROWS, score=np.random.default_rng(0).random(200)).alike


def test_rows_without_a_score_are_left_out(model: Model) -> None:
    score = logged()
    score[:20] = np.nan
    found = reproduce(model, ROWS, score=score)
    assert (found.n, found.left_out, found.reproduced) == (180, 20, True)
    nothing = reproduce(model, ROWS, score=np.full(200, np.nan))
    assert (nothing.n, nothing.left_out, nothing.reproduced, nothing.window) == (0, 200, False, None)


@pytest.mark.parametrize("kind", [int, float, str, bool])
def test_predictions_are_compared_as_classes(model: Model, kind: type) -> None:
    said = pd.Series(logged() >= 0.25).astype(int).map(kind)
    found = reproduce(model, ROWS, prediction=said)
    assert (found.what, found.reproduced) == ("prediction", True)
    assert np.isnan(found.largest_difference)


def test_a_missing_prediction_is_left_out(model: Model) -> None:
    said = pd.Series(logged() >= 0.25).astype(float).where(ROWS.index >= 10)
    assert (reproduce(model, ROWS, prediction=said).left_out, reproduce(model, ROWS, prediction=said).n) == (10, 190)


def test_values_of_a_regression_are_compared_as_numbers(case_of: CaseOf) -> None:
    model = callable_model(lambda rows: 100 * rows["a"], case_of("regression"), columns=["a"])
    assert reproduce(model, ROWS, prediction=(100 * ROWS["a"]).round(1)).decimals == 1
    assert not reproduce(model, ROWS, prediction=100 * ROWS["a"] + 1).reproduced


def test_nothing_to_compare_with_is_said(model: Model) -> None:
    with pytest.raises(ModelError, match="no score or prediction was logged"):
        reproduce(model, ROWS)
