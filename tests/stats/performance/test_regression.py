"""Metrics of predicted numbers beside scikit-learn, and their intervals beside what many draws do."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.regression import Numbers, regression_metrics
from monitor.vocabulary import Task

PEERS = {
    "mae": metrics.mean_absolute_error,
    "mse": metrics.mean_squared_error,
    "rmse": metrics.root_mean_squared_error,
    "mape": metrics.mean_absolute_percentage_error,
    "rmsle": metrics.root_mean_squared_log_error,
    "r2": metrics.r2_score,
    "median_ae": metrics.median_absolute_error,
}


def draw(seed: int, n: int, windows: int = 1) -> Numbers:
    rng = np.random.default_rng(seed)
    label = rng.gamma(2.0, 3.0, n)
    prediction = np.abs(label + rng.normal(0.3, 1.5, n))
    return Numbers(Labelled(np.arange(n) % windows, windows, np.arange(n)), label, prediction)


@pytest.mark.parametrize("name", PEERS)
def test_values_are_those_of_scikit_learn(name: str) -> None:
    drawn = draw(0, 900, windows=3)
    told = dict(regression_metrics(drawn))[name]
    for window in range(3):
        own = drawn.rows.window == window
        assert told.value[window] == pytest.approx(PEERS[name](drawn.label[own], drawn.prediction[own]))


def test_every_metric_of_the_catalogue_is_told() -> None:
    assert set(dict(regression_metrics(draw(0, 100)))) == {one.id for one in METRICS.values() if Task.REGRESSION in one.tasks}


@pytest.fixture(scope="module")
def told() -> list[dict[str, Estimate]]:
    """What is told of very many rows, and then of 200 draws of 300 rows each."""
    return [dict(regression_metrics(draw(99, 400_000))), *(dict(regression_metrics(draw(seed, 300))) for seed in range(200))]


@pytest.mark.parametrize("name", ["mae", "rmse", "r2", "bias", "median_ae", "smape"])
def test_intervals_hold_what_they_should(told: list[dict[str, Estimate]], name: str) -> None:
    truth, drawn = told[0][name].value[0], [one[name] for one in told[1:]]
    held = np.mean([one.lower[0] <= truth <= one.upper[0] for one in drawn])
    assert 0.9 <= held <= 0.99  # 95 %, of 200 draws


def test_labels_of_zero_leave_the_percentage_out() -> None:
    n = 30
    told = dict(regression_metrics(Numbers(Labelled(np.zeros(n, dtype=np.int64), 1, np.arange(n)), np.zeros(n), np.ones(n))))
    assert told["mape"].reason.tolist() == ["labels_are_zero"]
    assert told["r2"].reason.tolist() == ["labels_are_constant"]
    assert told["bias"].value.tolist() == [1.0]
