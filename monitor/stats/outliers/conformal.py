"""What a score is worth beside held-out rows: conformal p-values, and what they cannot say."""

from __future__ import annotations

import math

import numpy as np

from monitor.stats.multivariate.rows import Bools, Floats, Ints


def conformal_p_values(scores: Floats, calibration: Floats) -> Floats:
    """Return the share of rows without change that score as high, p = (1 + #{calibration >= s}) / (n + 1), (m,).

    Bates et al. (2023), Testing for outliers with conformal p-values, Ann. Stat. 51. Larger scores are more unlike.

    Parameters
    ----------
    scores : (m,)
    calibration : (n,) scores of held-out rows, in any order.

    >>> cal = np.arange(1, 10) / 10
    >>> conformal_p_values(np.array([0.95, 0.85, 0.05, 0.5]), cal).tolist()
    [0.1, 0.2, 1.0, 0.6]
    """
    ordered = np.sort(calibration)
    n = len(ordered)
    return np.asarray((1.0 + n - np.searchsorted(ordered, scores, side="left")) / (n + 1.0))


def rows_to_certify(calibration: int, rows: int, q: float) -> int:
    """Return how many of `rows` rows have to score beyond all calibration rows before any can be called an outlier with a share q of
    errors: a p-value is never below 1 / (n + 1).

    >>> rows_to_certify(1_000, 10_000, 0.1), rows_to_certify(1_000, 10_000, 0.05), rows_to_certify(10_000, 10_000, 0.1)
    (100, 200, 10)
    """
    return max(math.ceil(round(rows / ((calibration + 1) * q), 9)), 1)


def reachable_share(share: float, calibration: int) -> float:
    """Return the share of rows without change that p <= share flags: the next smaller one that so many calibration rows can say.

    >>> reachable_share(0.01, 999), round(reachable_share(0.01, 285), 4), reachable_share(0.01, 50)
    (0.01, 0.007, 0.0)
    """
    return math.floor(round(share * (calibration + 1), 9)) / (calibration + 1)


def held_out_shares(flagged: Bools, stretch: Ints) -> Floats:
    """Return the share of flagged rows of each stretch of time, (s,)."""
    return np.asarray(np.bincount(stretch, weights=flagged.astype(float)) / np.maximum(np.bincount(stretch), 1))
