"""Labels so far and estimate as one: worked values, and what must hold at the ends."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.estimation.blending import UNKNOWN, Sums, Told, blend, ppi_mean, ppi_power, ppi_ratio
from monitor.stats.inference.intervals import wilson
from monitor.stats.performance.labelled import Bools

LABEL, SAID = np.array([1.0, 0, 1, 1, 0]), np.array([0.8, 0.3, 0.6, 0.9, 0.2])
OTHERS = np.array([0.7, 0.4, 0.9, 0.1, 0.6, 0.5, 0.8, 0.2, 0.3, 0.5])


def test_prediction_powered_mean() -> None:
    found = ppi_mean(LABEL, SAID, OTHERS)
    assert found.value == pytest.approx(0.54)
    assert np.sqrt(found.variance) == pytest.approx(0.1388524397)
    ends = found.value + np.array([-1, 1]) * 1.6448536270 * np.sqrt(found.variance)
    assert ends == pytest.approx((0.3116080092, 0.7683919908))


def test_predictions_are_believed_as_far_as_they_vary_with_labels() -> None:
    assert ppi_power(LABEL, SAID, OTHERS) == pytest.approx(1.4701897, abs=1e-6)


@pytest.mark.parametrize(("estimate", "value"), [(0.90, 0.816), (0.82, 0.8145454545)])
def test_shrinkage(estimate: float, value: float) -> None:
    assert blend(Told(0.80, 0.0016), estimate, 0.0006).value == pytest.approx(value)


def test_without_one_of_both_the_other_counts_alone() -> None:
    assert blend(UNKNOWN, 0.7, 0.01).weight == 0.0
    assert blend(UNKNOWN, 0.7, 0.01).value == 0.7
    assert blend(Told(0.6, 0.01), float("nan"), 0.01).weight == 1.0
    assert blend(Told(0.6, 0.0), 0.9, 0.01).value == 0.6


def sums(labelled: Bools, weight: float = 1.0) -> Sums:
    rng = np.random.default_rng(5)
    n = len(labelled)
    chance = rng.random(n)
    label, ones = (rng.random(n) < chance).astype(float), np.ones(n)
    return Sums((chance, ones), (label, ones), labelled, np.full(n, weight))


def test_with_every_label_the_ratio_is_certain() -> None:
    found = ppi_ratio(every := sums(np.ones(50, dtype=bool)), np.full(50, 0.2))
    assert found.value == pytest.approx(every.true[0].mean())
    assert found.variance == 0.0


def test_no_weight_but_differing_ones_changes_anything() -> None:
    few = np.arange(50) < 20
    assert ppi_ratio(sums(few, 3.0), np.full(50, 0.2)) == ppi_ratio(sums(few), np.full(50, 0.2))


def test_labels_that_agree_are_no_certainty() -> None:
    n = 100
    one = Sums((np.full(n, 0.9), np.ones(n)), (np.ones(n), np.ones(n)), np.arange(n) < 10, np.ones(n))
    assert ppi_ratio(one, np.full(n, 0.09)).variance == pytest.approx(0.09 / 10 * 0.9)


def test_one_label_says_nothing() -> None:
    assert np.isnan(ppi_ratio(sums(np.arange(50) < 1), np.full(50, 0.2)).value)


@pytest.mark.parametrize(
    ("hits", "of", "ends"),
    [
        (0, 20, (0, 0.161125158)), (1, 20, (0.008881449, 0.236131193)), (10, 20, (0.299298008, 0.700701992)), (20, 20, (0.838874842, 1)),
        (90, 100, (0.825634338, 0.944770863)), (625, 1000, (0.594569605, 0.654473706)),
    ],
)  # fmt: skip
def test_wilson(hits: int, of: int, ends: tuple[float, float]) -> None:
    assert [float(end) for end in wilson(hits, of)] == pytest.approx(ends, abs=1e-9)
