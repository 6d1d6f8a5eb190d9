"""Labels so far and the label-free estimate as one number.

Prediction-powered inference (Angelopoulos et al. 2023) corrects what is expected of all rows by what the labelled ones show; the estimate
without labels is then drawn towards it, the more the better it was in the past and the more the two agree.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.stats.estimation.expected import Ratio
from monitor.stats.performance.labelled import Bools, Floats

FEWEST = 2
"""Labelled rows below which nothing is said by them."""


@dataclass(frozen=True, slots=True)
class Told:
    """A number with its variance; nan where nothing is known."""

    value: float
    variance: float


@dataclass(frozen=True, slots=True)
class Blend:
    """Both as one: `value` with its `variance`, and the part that labels have in it, 0..1."""

    value: float
    variance: float
    weight: float


UNKNOWN = Told(float("nan"), float("nan"))


def ppi_mean(label: Floats, said: Floats, unlabelled: Floats, *, power: float = 1.0) -> Told:
    """Return the prediction-powered mean of labels, their predictions `said` (n,) and those of rows without a label (m,).

    >>> ppi_mean(np.array([1.0, 0.0]), np.array([0.5, 0.5]), np.array([0.5, 0.7])).value
    0.6
    """
    away = label - power * said
    value = float(power * unlabelled.mean() + away.mean())
    return Told(value, float(away.var() / len(label) + power**2 * unlabelled.var() / len(unlabelled)))


def ppi_power(label: Floats, said: Floats, unlabelled: Floats) -> float:
    """Return how much predictions are believed, the variance of the mean being least (Angelopoulos, Duchi, Zrnic 2023); 0..1 in use.

    The covariance and the variance of all predictions have n - 1 below.
    """
    n, many = len(label), len(unlabelled)
    spread = float(np.concatenate([said, unlabelled]).var(ddof=1))
    return float(np.cov(label, said)[0, 1]) / ((1 + n / many) * spread) if spread > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Sums:
    """What rows add to the numerator and the denominator of a metric, (n,) each: as `said` without labels, and as `true` for the rows that
    are `labelled`; `weight` of the labelled rows (1: drawn at random)."""

    said: tuple[Floats, Floats]
    true: tuple[Floats, Floats]
    labelled: Bools
    weight: Floats

    @classmethod
    def of_ratio(cls, ratio: Ratio, chance: Floats, label: Bools, labelled: Bools, weight: Floats) -> Sums:
        """Return those of a metric of yes-or-no labels."""
        return cls(ratio.given(chance), ratio.given(label.astype(float)), labelled, weight)


def ppi_ratio(found: Sums, noise: Floats) -> Told:
    """Return the prediction-powered ratio of sums over all rows, of which some are labelled.

    Parameters
    ----------
    noise : (n,) variance of what each row's label adds to the ratio's linear part, times the number of rows squared: what the variance is
        at least, for a few rows that happen to agree are no certainty.

    Notes
    -----
    How much predictions are believed (`power`, 0..1) makes the variance least; at 0 only labels count. The rows are all that there are:
    with every row labelled the variance is 0.
    """
    at = found.labelled
    n, many = int(at.sum()), len(at)
    if n < FEWEST:
        return UNKNOWN
    w = found.weight[at] / found.weight[at].mean()
    (top, bottom), (said_top, said_bottom) = (tuple(part[at] for part in pair) for pair in (found.true, found.said))
    start = _quotient(float(w @ top), float(w @ bottom))
    if start != start:
        start = _quotient(float(found.said[0].sum()), float(found.said[1].sum()))
    scale = float(found.said[1].mean())
    if start != start or scale <= 0:
        return UNKNOWN
    truth, believed = (top - start * bottom) / scale, (said_top - start * said_bottom) / scale
    power = _power(w, truth, believed)
    sums = [
        power * all_.mean() + float(w @ (now - power * then)) / n
        for all_, now, then in zip(found.said, (top, bottom), (said_top, said_bottom), strict=True)
    ]
    value = _quotient(*sums)
    left = w * (truth - power * believed)
    empirical = float(np.sum((left - left.mean()) ** 2)) / (n * max(n - 1, 1))
    least = float(noise.mean()) / n
    unseen = max(1 - n / many, 0.0)
    return Told(value, max(empirical, least) * unseen) if value == value else UNKNOWN


def _quotient(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")


def _power(w: Floats, truth: Floats, believed: Floats) -> float:
    a, b = w * (truth - truth.mean()), w * (believed - believed.mean())
    spread = float(b @ b)
    return float(np.clip(a @ b / spread, 0.0, 1.0)) if spread > 0 else 0.0


def blend(labels: Told, estimate: float, past: float) -> Blend:
    """Draw what labels say towards the estimate without labels.

    Parameters
    ----------
    labels : what labels so far say, with its variance v.
    estimate : that without labels.
    past : mean squared error of that estimator so far.

    Notes
    -----
    The estimate is as uncertain as t = max(past, (labels - estimate)^2 - v): where both contradict one another beyond chance, labels win.

    >>> round(blend(Told(0.80, 0.0016), 0.90, 0.0006).value, 6)
    0.816
    """
    if not np.isfinite(estimate):
        return Blend(labels.value, labels.variance, 1.0)
    if not np.isfinite(labels.value) or not np.isfinite(labels.variance):
        return Blend(estimate, past, 0.0)
    if labels.variance <= 0:
        return Blend(labels.value, 0.0, 1.0)
    doubt = max(past, (labels.value - estimate) ** 2 - labels.variance, 1e-300)
    one, other = 1 / labels.variance, 1 / doubt
    return Blend((labels.value * one + estimate * other) / (one + other), 1 / (one + other), one / (one + other))
