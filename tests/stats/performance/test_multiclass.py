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


def test_means_are_over_the_same_classes_in_every_window(drawn: Classes) -> None:
    assert drawn.decision is not None
    window = (drawn.label == 2).astype(np.int64) * (np.arange(900) % 2)  # the first window has all classes, the second one of them
    rows = Labelled(window, 2, np.arange(900))
    told = {(name, klass): one for name, klass, one in multiclass_metrics(Classes(rows, NAMES, drawn.label, drawn.decision, None))}
    first = window == 0
    expected = metrics.f1_score(drawn.label[first], drawn.decision[first], average="macro")
    for name in ("macro_f1", "macro_recall", "macro_precision", "balanced_accuracy"):
        assert told[name, ""].reason.tolist() == ["", "lacks_a_class"]
    assert told["macro_f1", ""].value[0] == pytest.approx(expected)


def test_a_class_of_few_rows_counts_and_one_never_decided_has_a_precision_of_0() -> None:
    label = np.repeat([0, 1, 2], [60, 35, 5])
    decision = np.where(np.arange(100) % 3 == 0, 1, 0)
    found = Classes(Labelled(np.zeros(100, dtype=np.int64), 1, np.arange(100)), NAMES, label, decision, None)
    told = {(name, klass): one for name, klass, one in multiclass_metrics(found)}
    for name, average in (
        ("macro_precision", metrics.precision_score),
        ("macro_recall", metrics.recall_score),
        ("macro_f1", metrics.f1_score),
    ):
        assert told[name, ""].value[0] == pytest.approx(average(label, decision, average="macro", zero_division=0))
    assert told["recall", "c"].reason.tolist() == ["too_few_rows"]


def test_a_class_without_a_score_leaves_its_rows_out_of_metrics_of_scores(drawn: Classes) -> None:
    assert drawn.score is not None
    odd = np.where(np.arange(900) % 50 == 0, 3, drawn.label)
    score = np.column_stack([drawn.score, np.zeros(900)])
    part = Classes(drawn.rows, (*NAMES, "d"), odd, None, score, usual=(0, 1, 2), scored=(0, 1, 2))
    told = {(name, klass): one.value[0] for name, klass, one in multiclass_metrics(part)}
    kept = odd < 3
    assert told["log_loss", ""] == pytest.approx(metrics.log_loss(drawn.label[kept], drawn.score[kept]))
    assert told["roc_auc_ovr_macro", ""] == pytest.approx(metrics.roc_auc_score(drawn.label[kept], drawn.score[kept], multi_class="ovr"))
    assert ("roc_auc", "d") not in told
