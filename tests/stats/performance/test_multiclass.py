"""Metrics of several classes beside scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics

from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.multiclass import Classes, multiclass_metrics

NAMES = ("a", "b", "c")


@pytest.fixture(scope="module")
def drawn() -> Classes:
    rng = np.random.default_rng(3)
    n = 900
    score = rng.dirichlet([1.0, 2.0, 0.5], n)
    label = np.array([rng.choice(3, p=p) for p in score])
    return Classes(Labelled(np.zeros(n, dtype=np.int64), 1, np.arange(n)), NAMES, label, score.argmax(axis=1), score)


def test_values_are_those_of_scikit_learn(drawn: Classes) -> None:
    told = {(name, klass): one.value[0] for name, klass, one in multiclass_metrics(drawn)}
    y, d = drawn.label, drawn.decision
    assert d is not None
    expected = {
        "accuracy": metrics.accuracy_score(y, d),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, d),
        "macro_precision": metrics.precision_score(y, d, average="macro"),
        "macro_recall": metrics.recall_score(y, d, average="macro"),
        "macro_f1": metrics.f1_score(y, d, average="macro"),
        "weighted_f1": metrics.f1_score(y, d, average="weighted"),
        "log_loss": metrics.log_loss(y, drawn.score),
        "roc_auc_ovr_macro": metrics.roc_auc_score(y, drawn.score, multi_class="ovr"),
    }
    assert {name: told[name, ""] for name in expected} == pytest.approx(expected)
    assert told["recall", "b"] == pytest.approx(metrics.recall_score(y == 1, d == 1))


def test_a_class_that_a_window_lacks_leaves_the_mean_area_undefined(drawn: Classes) -> None:
    assert drawn.score is not None
    kept = drawn.label != 2
    part = Classes(drawn.rows.take(kept), NAMES, drawn.label[kept], None, drawn.score[kept])
    told = {(name, klass): one for name, klass, one in multiclass_metrics(part)}
    assert told["roc_auc_ovr_macro", ""].reason.tolist() == ["one_class"]
    assert told["roc_auc", "a"].reason.tolist() == [""]
