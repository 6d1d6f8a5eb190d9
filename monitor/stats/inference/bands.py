"""Where a window's statistic is expected to lie without drift, learned from the reference's own windows.

The reference scores must come from windows that were compared with the rest of the reference (leave one out, out of
fold), never with a reference that contains them.

Model: score of window w = mean + between + within / sqrt(n_w); a production window is one more draw, so the band is
mean +- t(r - 1) sqrt(variance(n_w) (1 + 1/r)). Few reference windows give a wide band, fewer than 2 none (nan).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import NDArray

from monitor.errors import ContractError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shape = Literal["level", "distance"]
"""`level`: a mean or an AUC, whose expectation does not depend on the rows; `distance`: positive, falls towards 0 as rows grow
(it is judged on the logarithmic scale)."""


@dataclass(frozen=True, slots=True)
class Band:
    """Expected centre and limits by window, (w,) each, in units of the score; nan when there are < 2 reference windows."""

    center: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, slots=True)
class _Expected:
    center: Floats
    sd: Floats
    df: int


def band(
    reference: Floats,
    reference_rows: Ints,
    rows: Ints,
    *,
    coverage: float = 0.99,
    shape: Shape = "level",
    row_variance: float | None = None,
) -> Band:
    """Return the band that holds one more window with probability `coverage`, two-sided.

    Parameters
    ----------
    reference, reference_rows
        Scores (r,) of reference windows, nan ignored, and their rows.
    rows
        Rows of the windows to judge, (w,).
    row_variance
        Variance of the statistic by row (the score's variance is row_variance / rows plus the variation between
        windows). Unknown (None): windows with fewer rows than the reference's get all of the variation as if it came
        from rows, windows with more keep all of it: wide either way.
    """
    expected = _expected(reference, reference_rows, rows, shape, row_variance)
    reach = float(scipy.stats.t.ppf(0.5 + coverage / 2, expected.df)) * expected.sd if expected.df else expected.sd
    back = np.exp if shape == "distance" else np.asarray
    return Band(back(expected.center), back(expected.center - reach), back(expected.center + reach))


def p_upper(
    scores: Floats,
    rows: Ints,
    reference: Floats,
    reference_rows: Ints,
    *,
    shape: Shape = "level",
    row_variance: float | None = None,
) -> Floats:
    """Probability of a score at least as high without drift, (w,); nan when there are < 2 reference windows."""
    return np.asarray(scipy.stats.t.sf(*_standardised(scores, _expected(reference, reference_rows, rows, shape, row_variance), shape)))


def p_two_sided(
    scores: Floats,
    rows: Ints,
    reference: Floats,
    reference_rows: Ints,
    *,
    shape: Shape = "level",
    row_variance: float | None = None,
) -> Floats:
    """Probability of a score at least as far from the expected one without drift, (w,)."""
    t, df = _standardised(scores, _expected(reference, reference_rows, rows, shape, row_variance), shape)
    return np.asarray(2 * scipy.stats.t.sf(np.abs(t), df))


def _standardised(scores: Floats, expected: _Expected, shape: Shape) -> tuple[Floats, float]:
    distance = _scaled(scores, shape) - expected.center
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(distance == 0, 0.0, distance / expected.sd)
    return np.where(np.isnan(expected.sd), np.nan, t), float(expected.df) if expected.df else np.nan


def _expected(reference: Floats, reference_rows: Ints, rows: Ints, shape: Shape, row_variance: float | None) -> _Expected:
    if reference.shape != reference_rows.shape:
        raise ContractError(f"{reference.shape} reference scores do not fit {reference_rows.shape} row counts.")
    known = np.isfinite(reference) & (reference_rows > 0)
    r = int(known.sum())
    width = np.full(len(rows), np.nan)
    if r < 2:
        return _Expected(width, width, 0)
    scores, typical = _scaled(reference[known], shape), float(scipy.stats.hmean(reference_rows[known]))
    with np.errstate(divide="ignore"):
        smaller = np.maximum(typical / rows, 1.0)
    center = scores.mean() + (np.log(smaller) if shape == "distance" else 0.0 * smaller)
    total = float(scores.var(ddof=1))
    variance = total * smaller if shape == "level" else np.full(len(rows), total)
    if row_variance is not None:
        between = max(total - row_variance / typical, 0.0)
        variance = between + row_variance / np.maximum(rows, 1)
    return _Expected(center, np.sqrt(variance * (1 + 1 / r)), r - 1)


def _scaled(scores: Floats, shape: Shape) -> Floats:
    return np.log(np.maximum(scores, np.finfo(np.float64).tiny)) if shape == "distance" else np.asarray(scores, dtype=np.float64)
