"""How wrong predicted numbers are expected to be (direct loss estimation): the loss of each row, learned from the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from monitor.stats.estimation.expected import Expected
from monitor.stats.performance.labelled import Floats, Labelled
from monitor.stats.performance.regression import Numbers

ROOTS = {"rmse": "mse", "rmsle": "msle"}
"""Metrics that are the root of a mean loss."""
SIZES = frozenset({"mae", "mse"})
"""Losses that grow as what is predicted does."""
VARIANCE = 2.0
"""Variance of a loss given its expectation m, in parts of m^2: that of a squared normal error."""


def losses(found: Numbers) -> dict[str, Floats]:
    """Return what each row adds to each metric, (n,); nan where it adds nothing."""
    y, p = found.label, found.prediction
    error = p - y
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(y != 0, np.abs(error / y), np.nan)
        logs = np.where((y > -1) & (p > -1), np.log1p(p) - np.log1p(y), np.nan)
    found_losses = {"mae": np.abs(error), "mse": error**2, "bias": error, "mape": share, "msle": logs**2}
    return {name: one for name, one in found_losses.items() if np.isfinite(one).any()}


def expected_losses(rows: Labelled, said: Mapping[str, Floats]) -> Iterator[tuple[str, Expected]]:
    """Yield every expected metric by its id, from the expected losses of rows, (n,) each."""
    square = said["mse"]
    found = {
        name: _mean(rows, one, square if name == "bias" else (VARIANCE if name != "mae" else VARIANCE / 2) * one**2)
        for name, one in said.items()
    }
    yield from ((name, one) for name, one in found.items() if name != "msle")
    for name, of in ROOTS.items():
        if of in found:
            yield name, _root(found[of])


def _mean(rows: Labelled, said: Floats, noise: Floats) -> Expected:
    n = rows.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        value = rows.total(said) / n
        around = rows.total(noise) / n**2
    influence = (said - np.nan_to_num(value)[rows.window]) / np.maximum(n, 1.0)[rows.window]
    return Expected(value, around, rows.variance(influence), n)


def _root(square: Expected) -> Expected:
    root = np.sqrt(square.value)
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = 1 / (4 * square.value)
    return Expected(root, square.noise * slope, square.spread * slope, square.n)
