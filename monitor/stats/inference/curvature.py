"""Questions that bend: an ordinary shift from window to window moves spread, ends and middle cells too, through its square.

A normal effect on the location of a column leaves effects like chi-squared or lognormal on its other questions, whose tails no normal law
knows; without what follows, spread alarmed 54 times too often at p < .001 where days share effects of .15 sd with AR(1) .6
(benchmarks/verdict, 60 windows of 5,000 rows), location and mean not once too often.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.questions import Answers, Ask, Questions

Floats = NDArray[np.float64]

BENT = 0.577
"""How far spread moves with the square of the location, 1/2 integral f^3 / (integral f^2)^2: .577 normal, .5 uniform, .667 exponential."""
DOUBT = 0.1
"""Uncertainty of BENT between these laws, as a standard deviation."""
CURVED: Mapping[Ask, float] = {Ask.CELL: 10.0, Ask.LOWEST: 30.0, Ask.HIGHEST: 30.0}
"""Standard deviation of what a shift does to the share of a cell, in parts of its square (ranks): ends, where laws differ most, bend most
(chosen on the tuning seeds of benchmarks/verdict)."""
FEWEST = 3
"""Reference windows from which the overdispersion of a share is estimated."""


def straightened(questions: Questions, found: Answers, total: Floats, reference: int) -> Answers:
    """Return answers without what the location of each window did to them, their variances with the doubt of it, shares on a scale on which
    the effects of windows are about normal.

    Parameters
    ----------
    total : (k,) counts of the reference; reference : how many of the windows are its own.
    """
    return _stabilised(questions, _net_of_shift(questions, found, total), total, reference)


def _moments(questions: Questions, total: Floats) -> tuple[Floats, Floats]:
    """Return mean and row-to-row variance of each question in the reference, (j,)."""
    rows = np.maximum(questions.rows(total[None, :])[0], 1.0)
    mean = total @ questions.weights.T / rows
    return mean, np.maximum(total @ (questions.weights**2).T / rows - mean**2, 0.0)


def _net_of_shift(questions: Questions, found: Answers, total: Floats) -> Answers:
    if Ask.LOCATION not in questions.asks:
        return found
    at, wide = questions.asks.index(Ask.LOCATION), questions.asks.index(Ask.SPREAD)
    share, variance_of_rows = _moments(questions, total)
    if variance_of_rows[wide] <= 0:
        return found
    x, variance, usual = found.x.copy(), found.variance.copy(), found.usual
    seen = np.isfinite(variance[at])
    sampling = np.where(seen, variance[at], 0.0)
    moved = np.where(seen, (x[at] ** 2 - sampling) * variance_of_rows[at] / usual[at], 0.0)  # squared shift of ranks, unbiased
    x[wide] -= BENT * moved * np.sqrt(usual[wide] / variance_of_rows[wide])
    far = np.maximum(moved, 0.0)
    variance[wide] += (DOUBT * far) ** 2 * usual[wide] / variance_of_rows[wide]
    for j, ask in enumerate(questions.asks):
        if ask in CURVED:
            p = min(share[j], 1 - share[j])
            variance[j] += (CURVED[ask] * far) ** 2 * usual[j] * p / max(1 - p, 1e-12)
    return Answers(x, variance, usual)


def _stabilised(questions: Questions, found: Answers, total: Floats, reference: int) -> Answers:
    """Put shares that vary more than independent rows on the scale asinh(sqrt(phi m)): effects on a share are of its own size (negative
    binomial; Anscombe 1948)."""
    x, share = found.x.copy(), _moments(questions, total)[0]
    for j in np.flatnonzero(questions.of_shares):
        seen = np.isfinite(found.variance[j, :reference])
        if seen.sum() < FEWEST or not 0 < share[j] < 1:
            continue
        mean, sign = found.usual[j] * min(share[j], 1 - share[j]), 1.0 if share[j] <= 0.5 else -1.0
        root = np.maximum(np.sqrt(mean) + sign * x[j] / 2, 0.0)
        phi = (float(np.var(root[:reference][seen] ** 2, ddof=1)) - float(mean)) / mean**2
        if phi > 0:
            scaled = np.arcsinh(np.sqrt(phi) * root) - np.arcsinh(np.sqrt(phi * mean))
            x[j] = sign * np.sqrt(1 + phi * mean) * 2 / np.sqrt(phi) * scaled
    return Answers(x, found.variance, found.usual)
