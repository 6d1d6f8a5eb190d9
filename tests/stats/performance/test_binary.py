"""Metrics of decisions and scores beside scikit-learn and numbers worked by hand (Wilson, DeLong)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics

from monitor.stats.inference.intervals import wilson
from monitor.stats.performance.binary import Binary, binary_metrics
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import FEWEST, Estimate
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.ranking import roc_auc
from monitor.vocabulary import Task

PEERS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], float]] = {
    "accuracy": lambda y, d, _: metrics.accuracy_score(y, d),
    "balanced_accuracy": lambda y, d, _: metrics.balanced_accuracy_score(y, d),
    "precision": lambda y, d, _: metrics.precision_score(y, d),
    "recall": lambda y, d, _: metrics.recall_score(y, d),
    "f1": lambda y, d, _: metrics.f1_score(y, d),
    "mcc": lambda y, d, _: metrics.matthews_corrcoef(y, d),
    "cohen_kappa": lambda y, d, _: metrics.cohen_kappa_score(y, d),
    "roc_auc": lambda y, _, s: metrics.roc_auc_score(y, s),
    "average_precision": lambda y, _, s: metrics.average_precision_score(y, s),
    "log_loss": lambda y, _, s: metrics.log_loss(y, s),
    "brier": lambda y, _, s: metrics.brier_score_loss(y, s),
}


def alone(n: int) -> Labelled:
    """Rows of one window, each a block of its own."""
    return Labelled(np.zeros(n, dtype=np.int64), 1, np.arange(n))


@pytest.fixture(scope="module")
def drawn() -> Binary:
    """Four windows of 1,500 rows, ties among the scores."""
    rng = np.random.default_rng(5)
    n = 6_000
    score = rng.beta(1, 5, n).round(2)
    return Binary(
        Labelled(np.arange(n) % 4, 4, np.arange(n)),
        rng.random(n) < score,
        score >= 0.3,
        score,
        np.full((4, n), [[5.0], [-1.0], [-2.0], [0.0]]),
    )


@pytest.fixture(scope="module")
def found(drawn: Binary) -> dict[str, Estimate]:
    return dict(binary_metrics(drawn))


@pytest.mark.parametrize("name", PEERS)
def test_values_are_those_of_scikit_learn(name: str, drawn: Binary, found: dict[str, Estimate]) -> None:
    assert drawn.decision is not None
    assert drawn.score is not None
    for window in range(4):
        own = drawn.rows.window == window
        assert found[name].value[window] == pytest.approx(PEERS[name](drawn.label[own], drawn.decision[own], drawn.score[own]))


def test_every_metric_of_the_catalogue_has_an_interval_that_holds_it(found: dict[str, Estimate]) -> None:
    assert set(found) == {one.id for one in METRICS.values() if Task.BINARY in one.tasks}
    for name, one in found.items():
        assert (one.lower < one.value).all(), name
        assert (one.value < one.upper).all(), name
        assert (one.n >= FEWEST).all(), name


@pytest.mark.parametrize(
    ("k", "n", "lower", "upper"),
    [(0, 20, 0.0, 0.161125158), (1, 20, 0.008881449, 0.236131193), (20, 20, 0.838874842, 1.0), (625, 1000, 0.594569605, 0.654473706)],
)
def test_wilson(k: int, n: int, lower: float, upper: float) -> None:
    assert np.array(wilson(k, n)) == pytest.approx([lower, upper], abs=1e-9)


def test_few_rows_of_a_class_are_too_few_to_rank() -> None:
    label = np.tile(np.arange(10) < 4, 5)
    told = roc_auc(Labelled(np.repeat(np.arange(5), 10), 5, np.arange(50)), label, np.linspace(0, 1, 50))
    assert set(told.reason) == {"too_few_rows"}
    assert np.isnan(told.value).all()


def test_the_interval_of_an_area_is_delongs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.stats.performance.estimates.FEWEST", 1)
    label = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0]) == 1
    score = np.array([0.9, 0.8, 0.4, 0.6, 0.7, 0.3, 0.2, 0.5, 0.4, 0.1])
    one = roc_auc(alone(10), label, score)
    assert [one.value[0], one.lower[0], one.upper[0]] == pytest.approx([0.8541666667, 0.4388271591, 0.9777137528], abs=1e-8)


def test_what_is_not_defined_says_why() -> None:
    n = 40
    none = dict(binary_metrics(Binary(alone(n), np.zeros(n, dtype=bool), np.zeros(n, dtype=bool), np.linspace(0, 1, n))))
    assert none["recall"].reason.tolist() == ["no_positives"]
    assert none["precision"].reason.tolist() == ["none_predicted"]
    assert none["roc_auc"].reason.tolist() == ["one_class"]
    assert none["specificity"].value.tolist() == [1.0]


def test_scores_that_are_no_probabilities_still_rank() -> None:
    rng = np.random.default_rng(1)
    label = rng.random(200) < 0.4
    told = dict(binary_metrics(Binary(alone(200), label, None, label * 3.0 + rng.normal(size=200))))
    assert told["roc_auc"].reason.tolist() == [""]
    assert told["log_loss"].reason.tolist() == ["score_is_no_probability"]


def test_perfect_decisions_are_not_certain() -> None:
    label = np.arange(60) % 3 == 0
    told = dict(binary_metrics(Binary(alone(60), label, label, None)))
    for name in ("accuracy", "recall", "mcc", "cohen_kappa"):
        assert told[name].value[0] == 1.0
        assert 0 < told[name].lower[0] < 1.0
        assert told[name].variance[0] > 0


def test_rows_of_one_hour_that_agree_widen_the_interval() -> None:
    rng = np.random.default_rng(2)
    hour = np.repeat(np.arange(100), 30)
    hit = np.repeat(rng.random(100) < 0.5, 30)  # all rows of an hour share their luck
    label = np.ones(3_000, dtype=bool)
    loose, tight = (
        dict(binary_metrics(Binary(Labelled(np.zeros(3_000, dtype=np.int64), 1, block), label, hit, None)))["recall"]
        for block in (hour, np.arange(3_000))
    )
    ratio = (loose.upper - loose.lower) / (tight.upper - tight.lower)
    assert ratio[0] == pytest.approx(np.sqrt(30), rel=0.1)
