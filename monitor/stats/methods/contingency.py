"""Two-sample tests on unordered cells, vectorised over windows.

`reference` (k,) or (w, k) and `production` (w, k) are counts; cells empty on both sides of a window are dropped (they carry no
information and would only add degrees of freedom). Both samples are treated as samples: a one-sample test that takes the reference as exact
rejects far too often. A side without rows gives nan.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from monitor.stats.methods.outcomes import Outcomes

Floats = NDArray[np.float64]


def _tables(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return the 2 x k table of each window, (w, 2, k)."""
    right = np.atleast_2d(np.asarray(production, dtype=float))
    left = np.broadcast_to(np.atleast_2d(np.asarray(reference, dtype=float)), right.shape)
    return np.stack([left, right], axis=1)


def _expected(tables: Floats) -> Floats:
    rows, cells = tables.sum(axis=2, keepdims=True), tables.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(rows * cells / tables.sum(axis=(1, 2), keepdims=True))


def _upper_tail(score: Floats, tables: Floats) -> Outcomes:
    """Chi-squared p-value with (occupied cells - 1) degrees of freedom; 1 where only one cell is occupied, nan where a side is empty."""
    df = (tables.sum(axis=1) > 0).sum(axis=1) - 1
    usable = (tables.sum(axis=2) > 0).all(axis=1)
    p = np.where(df > 0, special.chdtrc(np.maximum(df, 1), np.maximum(score, 0.0)), 1.0)
    return Outcomes(np.where(usable, score, np.nan), np.where(usable, p, np.nan))


def chi2(reference: ArrayLike, production: ArrayLike, *, yates: bool = False) -> Outcomes:
    """Return Pearson's two-sample chi-squared statistic and its p-value; `yates` corrects windows with two occupied cells.

    >>> chi2([10, 20], [[20, 10]]).score.round(4).tolist()
    [6.6667]
    """
    tables = _tables(reference, production)
    expected = _expected(tables)
    distance = np.abs(tables - expected)
    if yates:
        two = ((tables.sum(axis=1) > 0).sum(axis=1) == 2)[:, None, None]
        distance = np.where(two, np.maximum(distance - 0.5, 0.0), distance)
    terms = np.divide(distance**2, expected, out=np.zeros_like(expected), where=expected > 0)
    return _upper_tail(terms.sum(axis=(1, 2)), tables)


def g(reference: ArrayLike, production: ArrayLike) -> Outcomes:
    """Return the likelihood-ratio statistic G = 2 sum O ln(O/E) and its p-value.

    Source: Woolf (1957), Annals of Human Genetics 21.
    """
    tables = _tables(reference, production)
    expected = _expected(tables)
    ratio = np.divide(tables, expected, out=np.ones_like(tables), where=(expected > 0) & (tables > 0))
    return _upper_tail(np.maximum(2 * (tables * np.log(ratio)).sum(axis=(1, 2)), 0.0), tables)


def cramers_v(reference: ArrayLike, production: ArrayLike) -> Floats:
    """Return Cramer's V between the side (reference or production) and the cell, sqrt(chi2 / N), in [0, 1]."""
    tables = _tables(reference, production)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.minimum(np.sqrt(chi2(reference, production).score / tables.sum(axis=(1, 2))), 1.0))


def fisher(reference: ArrayLike, production: ArrayLike) -> Outcomes:
    """Return Fisher's exact test of the share of the first cell against all the others: odds ratio and two-sided p-value.

    The odds ratio (production over reference; 1 = no change) has half a row added to each field where one is 0 (Haldane-Anscombe).
    The p-value adds up the probabilities of all tables no likelier than the one seen.
    """
    tables = _tables(reference, production)
    fields = np.stack([tables[:, ::-1, 0], tables[:, ::-1, 1:].sum(axis=2)], axis=2)
    usable = (fields.sum(axis=2) > 0).all(axis=1)
    padded = fields + 0.5 * (fields == 0).any(axis=(1, 2))[:, None, None]
    odds = padded[:, 0, 0] * padded[:, 1, 1] / (padded[:, 0, 1] * padded[:, 1, 0])
    p = np.array([_fisher_p(table) if good else np.nan for table, good in zip(fields, usable, strict=True)])
    return Outcomes(np.where(usable, odds, np.nan), p)


def _fisher_p(table: Floats) -> float:
    from scipy import stats

    return float(stats.fisher_exact(table.astype(np.int64)).pvalue)


def share_change(reference_hits: ArrayLike, reference_rows: ArrayLike, production_hits: ArrayLike, production_rows: ArrayLike) -> Outcomes:
    """Return the change of a share (production minus reference, in [-1, 1]) and the p-value of the pooled two-proportion test.

    All arguments (w,) or broadcast to it. Equal shares, both 0 or 1 included, give p = 1; a side without rows gives nan.

    >>> share_change(10, 100, [10, 30], [100, 100]).score.round(2).tolist()
    [0.0, 0.2]
    """
    hits, rows = np.asarray(reference_hits, dtype=float), np.asarray(reference_rows, dtype=float)
    hits_now, rows_now = np.asarray(production_hits, dtype=float), np.asarray(production_rows, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        change = hits_now / rows_now - hits / rows
        pooled = (hits + hits_now) / (rows + rows_now)
        error = np.sqrt(pooled * (1 - pooled) * (1 / rows + 1 / rows_now))
        z = np.where(error > 0, np.abs(change) / error, np.where(np.isnan(change), np.nan, 0.0))
    return Outcomes(np.asarray(change), np.asarray(np.minimum(2 * special.ndtr(-z), 1.0)))
