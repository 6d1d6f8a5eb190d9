"""The reconstruction error exactly as NannyML computes and judges it, for teams that move here."""

from __future__ import annotations

import numpy as np

from monitor.analyses.joint_series import Series
from monitor.analyses.joint_sides import window_sizes
from monitor.analyses.sides import Question
from monitor.engine import Matrix, MatrixRows, Workspace, build_cells, open_matrix
from monitor.errors import MethodError
from monitor.stats.compat.nannyml_reconstruction import (
    Reconstruction,
    fit_reconstruction,
    reconstruction_error,
    reconstruction_thresholds,
    reconstruction_windows,
)
from monitor.stats.multivariate.rows import Rows

METHOD = "nannyml.pca_reconstruction"
MOST_VALUES = 50_000_000
"""Values of the reference that are held at once to fit; a larger reference is refused, for a sample would not be the same number."""
UNSEEN = "unseen in the reference"


def measure_profile(workspace: Workspace, question: Question) -> Series:
    """Fit on all rows of the reference, score every row of production.

    Raises
    ------
    MethodError
        The reference is too large to be held at once.
    """
    cells = build_cells(workspace, question.columns, roles=question.roles, seed=question.seed)
    size, cut = window_sizes(workspace, question)
    reference = open_matrix(workspace, question.reference, cells, windows=cut)
    rows = int(reference.rows.sum())
    if rows * len(cells) > MOST_VALUES:
        raise MethodError(f"'{METHOD}' needs all values of the reference at once; {rows:,} rows x {len(cells)} are too many.")
    whole = _rows(reference, list(reference.batches()))
    model = fit_reconstruction(whole)
    before = reconstruction_windows(reconstruction_error(whole, model), whole.window, whole.windows).value
    production = open_matrix(workspace, question.production, cells, windows=size)
    score = _score(production, model)
    limits = reconstruction_thresholds(before)
    return Series(
        method=METHOD,
        score=score,
        rows=production.rows,
        reference=before,
        reference_rows=reference.rows,
        limits=np.tile([limits.lower, limits.upper], (len(score), 1)),
        verdict=(score < limits.lower) | (score > limits.upper),
    )


def _score(production: Matrix, model: Reconstruction) -> np.ndarray:
    windows, errors = [], []
    for batch in production.batches():
        rows = _rows(production, [batch])
        errors.append(reconstruction_error(rows, model))
        windows.append(rows.window)
    return reconstruction_windows(np.concatenate(errors), np.concatenate(windows), len(production.windows)).value


def _rows(matrix: Matrix, parts: list[MatrixRows]) -> Rows:
    """Return rows with every level of the reference; levels it never had are one further level, of frequency zero."""
    numeric = np.concatenate([part.numeric for part in parts])
    window = np.concatenate([part.window for part in parts])
    return Rows(
        numeric=np.where(np.isfinite(numeric), numeric, np.nan),
        numeric_names=tuple(m.name for m in matrix.numeric),
        categorical=np.concatenate([part.categorical for part in parts]),
        levels={m.name: (*matrix.levels[m.name], UNSEEN) for m in matrix.categorical},
        block=np.zeros(len(window), dtype=np.int64),
        window=window,
        windows=len(matrix.windows),
    )
