"""The members as one score, calibrated on rows that were held out in stretches of time.

A score counts by its rank among the held-out rows, so that members with any unit and any law weigh alike. What one member alone is sure of
the others must not dilute: a level never seen, or two numbers that do not belong together, are ordinary to most of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from monitor.errors import MethodError
from monitor.stats.multivariate.rows import Floats, Ints, Rows, subsample
from monitor.stats.outliers.conformal import conformal_p_values
from monitor.stats.outliers.members import MEMBERS, Members, fit_members

FOLDS = 5
LEAST_ROWS = 20
"""Rows below which nothing can be learned of what is usual."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Scores of held-out rows: `members` (n, 4), each column in order, and of the same rows together `ensemble` (n,), in order."""

    members: Floats
    ensemble: Floats

    def __len__(self) -> int:
        """Return the number of held-out rows."""
        return len(self.ensemble)

    def member_p_values(self, scores: Floats) -> Floats:
        """Return by row and member the share of held-out rows that score as high, (m, 4)."""
        return np.column_stack([conformal_p_values(one, known) for one, known in zip(scores.T, self.members.T, strict=True)])

    def p_values(self, together: Floats) -> Floats:
        """Return the same of the ensemble's scores, (m,)."""
        return conformal_p_values(together, self.ensemble)


def combined(p_values: Floats) -> Floats:
    """Return the ensemble's score of rows by the p-values of its members (m, 4): minus the logarithm of their harmonic mean, above 0, (m,).

    Wilson (2019), The harmonic mean p-value for combining dependent tests, PNAS 116; what such a score is worth is calibrated all the same.

    >>> combined(np.array([[0.1, 0.1], [0.01, 1.0]])).round(2).tolist()
    [2.3, 3.92]
    """
    return np.asarray(np.log(np.mean(1.0 / p_values, axis=1)))


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows with the scores of the members and their p-values, (n, 4) each, and those of the ensemble, (n,) each."""

    members: Floats
    member_p_values: Floats
    together: Floats
    p_values: Floats


@dataclass(frozen=True, slots=True)
class Ensemble:
    """Members learned from all rows, and what their scores are worth; `held_out` are the rows themselves, each scored by members that did
    not learn from its stretch of time."""

    members: Members
    calibration: Calibration
    held_out: Scored

    def score(self, numeric: Floats, categorical: Ints) -> Scored:
        """Score rows given as numbers (n, p) and level codes (n, c)."""
        members = self.members.score(numeric, categorical)
        beside = self.calibration.member_p_values(members)
        together = combined(beside)
        return Scored(members, beside, together, self.calibration.p_values(together))


def fit_ensemble(rows: Rows, stretch: Ints, *, seed: int = 0) -> Ensemble:
    """Learn the members and calibrate them: each row is scored by members that saw no row of its stretch of time.

    Parameters
    ----------
    stretch : (n,) ids of stretches of time from 0 on; those with the same remainder by FOLDS are held out together.

    Raises
    ------
    MethodError
        There are fewer than LEAST_ROWS rows.
    """
    n = len(rows)
    if n < LEAST_ROWS:
        raise MethodError(f"Outliers need at least {LEAST_ROWS} reference rows to say what is usual, got {n}.")
    with threadpool_limits(limits=1):  # short products: threads that wait for each other cost more than they save
        return _fitted(rows, stretch, seed)


def _fitted(rows: Rows, stretch: Ints, seed: int) -> Ensemble:
    n = len(rows)
    fold = stretch % FOLDS if len(np.unique(stretch % FOLDS)) > 1 else np.arange(n) * FOLDS // n
    scores = np.zeros((n, len(MEMBERS)))
    for one in np.unique(fold):
        out = fold == one
        scores[out] = fit_members(rows.take(~out), seed=seed).score(rows.numeric[out], rows.categorical[out])
    own = np.column_stack([_own_shares(one) for one in scores.T])
    together = combined(own)
    # As many rows as the folds had: members that learned from more would find everything a little more usual.
    members = fit_members(subsample(rows, n - n // FOLDS, seed=seed), seed=seed)
    held_out = Scored(scores, own, together, _own_shares(together))
    return Ensemble(members, Calibration(np.sort(scores, axis=0), np.sort(together)), held_out)


def _own_shares(scores: Floats) -> Floats:
    """Return the share of all that score as high as each, itself among them, (n,)."""
    ordered = np.sort(scores)
    return np.asarray((len(scores) - np.searchsorted(ordered, scores, side="left")) / len(scores))
