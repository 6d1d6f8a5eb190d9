"""Expected metrics by hand, and their variance beside draws of labels."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.estimation.expected import Beliefs, expected_metrics, expected_value
from monitor.stats.estimation.expected_classes import ClassBeliefs, expected_of_classes
from monitor.stats.performance.labelled import Labelled


def one_window(n: int) -> Labelled:
    return Labelled(np.zeros(n, dtype=np.int64), 1, np.arange(n))


CHANCE = np.array([0.9, 0.7, 0.6, 0.4, 0.2, 0.1])
FOUND = dict(expected_metrics(Beliefs(one_window(6), CHANCE, CHANCE >= 0.5, CHANCE)))


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("true_positive", 2.2), ("false_positive", 0.8), ("false_negative", 0.7), ("true_negative", 2.3), ("accuracy", 0.75),
        ("precision", 0.7333333333), ("recall", 0.7586206897), ("f1", 0.7457627119), ("roc_auc", 0.8170189099),
    ],
)  # fmt: skip
def test_worked_example(metric: str, value: float) -> None:
    assert FOUND[metric].value[0] == pytest.approx(value, abs=1e-9)


def test_accuracy_varies_as_a_poisson_binomial_share() -> None:
    assert np.sqrt(FOUND["accuracy"].noise[0]) == pytest.approx(0.1691481928, abs=1e-9)


def test_value_is_what_the_cells_earn() -> None:
    gain = {"true_positive": 10.0, "false_positive": -2.0, "false_negative": -5.0, "true_negative": 1.0}
    found = expected_value(Beliefs(one_window(6), CHANCE, CHANCE >= 0.5, None), gain)
    assert found.value[0] == pytest.approx(2.2 * 10 - 0.8 * 2 - 0.7 * 5 + 2.3)


@pytest.mark.parametrize("metric", ["accuracy", "precision", "recall", "f1", "specificity", "brier", "roc_auc"])
def test_noise_is_the_variance_of_what_labels_make_of_a_metric(metric: str) -> None:
    rng = np.random.default_rng(3)
    n, draws = 400, 400
    score = rng.beta(2, 3, n)
    told = dict(expected_metrics(Beliefs(one_window(n), score, score >= 0.4, score)))[metric]
    window = np.repeat(np.arange(draws), n)
    rows = Labelled(window, draws, np.arange(n * draws))
    label = (rng.random(n * draws) < np.tile(score, draws)).astype(float)
    seen = dict(expected_metrics(Beliefs(rows, label, np.tile(score >= 0.4, draws), np.tile(score, draws))))[metric].value
    assert told.value[0] == pytest.approx(seen.mean(), abs=4 * seen.std() / np.sqrt(draws))
    assert np.sqrt(told.noise[0]) == pytest.approx(seen.std(), rel=0.2)


def test_nothing_is_expected_of_a_ratio_without_rows() -> None:
    found = dict(expected_metrics(Beliefs(one_window(3), np.full(3, 0.5), np.zeros(3, dtype=bool), None)))
    assert np.isnan(found["precision"].value[0])
    assert found["precision"].n[0] == 0


def test_two_classes_are_as_one() -> None:
    both = np.column_stack([1 - CHANCE, CHANCE])
    found = dict(expected_of_classes(ClassBeliefs(one_window(6), both, (CHANCE >= 0.5).astype(np.int64), both)))
    assert found["accuracy"].value[0] == pytest.approx(0.75)
    assert found["accuracy"].noise[0] == pytest.approx(FOUND["accuracy"].noise[0])
    assert found["macro_recall"].value[0] == pytest.approx((0.7586206897 + 2.3 / 3.1) / 2)
    assert found["roc_auc_ovr_macro"].value[0] == pytest.approx(0.8170189099)
    assert found["log_loss"].value[0] == pytest.approx(FOUND["log_loss"].value[0])
