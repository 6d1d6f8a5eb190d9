"""What outliers are measured on: the reference as a sample of rows in stretches of time, and what was learned from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.joint_sides import unique_labels
from monitor.analyses.sides import ENOUGH_WINDOWS, Question, usual_windows
from monitor.analyses.turning import without_turning
from monitor.case import WindowSize
from monitor.engine import Cancel, Matrix, MatrixRows, Progress, Workspace, build_cells, finer, nest, open_matrix
from monitor.errors import MethodError, SelectionError
from monitor.profile import Cells, Windows
from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.ensemble import FOLDS, Ensemble, fit_ensemble
from monitor.tables import Skipped
from monitor.vocabulary import OTHER

Ints = NDArray[np.int64]

SAMPLED_ROWS = 20_000
"""Reference rows that are learned from and calibrate."""
STRETCHES = 40
"""Stretches of time that the reference is cut into, each held out whole."""
OWN_WINDOWS = 12
"""Parts that a reference with few windows of the judged length is cut into."""
MANY_WINDOWS = 30
"""Windows of the reference from which on no shorter ones are looked at: a quarter of weeks cannot tell a bad one from luck."""
ROWS_IN_SHORT = 100
"""Rows that shorter windows hold at least to be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A line of windows with the position of each row's (n,) on it."""

    windows: Windows
    window: Ints
    size: WindowSize


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The reference: `rows` sampled, `stretch` (n,) that each was held out with; `own` its windows of the judged length (or parts of it,
    where these are few), `short` shorter ones, where they say more; `names` maps the label of each column to its name, in the order of
    `rows.names`."""

    matrix: Matrix
    rows: Rows
    stretch: Ints
    own: Cut
    short: Cut | None
    names: Mapping[str, str]
    ensemble: Ensemble


def outlier_cells(workspace: Workspace, question: Question) -> tuple[dict[str, Cells], tuple[Skipped, ...]]:
    """Return the cells of the columns that rows are looked at by; those without any value in the reference are left out, and said.

    Raises
    ------
    MethodError
        No column is left.
    """
    cells, turning = without_turning(
        workspace, question, build_cells(workspace, question.columns, roles=question.roles, seed=question.seed)
    )
    kept = {name: one for name, one in cells.items() if (one.low <= one.high if one.numeric else len(one.levels))}
    skipped = tuple(Skipped(name, "empty", f"'{name}' has no value in the reference.") for name in cells if name not in kept)
    if not kept:
        raise MethodError("Outliers need at least one column with values in the reference. Check the features on the page Set-up.")
    return kept, (*skipped, *turning)


def learn_reference(
    workspace: Workspace,
    question: Question,
    cells: Mapping[str, Cells],
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Learned:
    """Read a sample of the reference and learn what is usual in it.

    Raises
    ------
    MethodError
        The reference has too few rows.
    SelectionError
        It is empty, or cannot be cut into such windows.
    """
    matrix, size = _reference(workspace, question, cells, cancel)
    names = unique_labels(workspace.case, [m.name for m in (*matrix.numeric, *matrix.categorical)])
    sample = matrix.sample_evenly(SAMPLED_ROWS, seed=question.seed)
    if progress is not None:
        progress(0.1, "learning what is usual")
    rows, stretch = plain_rows(sample, matrix, names), _stretches(sample, len(matrix.windows))
    few = np.median(np.bincount(sample.window, minlength=len(matrix.windows))) < ROWS_IN_SHORT
    return Learned(
        matrix=matrix,
        rows=rows,
        stretch=stretch,
        own=_own(matrix, sample, size, workspace.case.timezone),
        short=None if few or matrix.size == size else Cut(windows=matrix.windows, window=sample.window, size=matrix.size),
        names=names,
        ensemble=fit_ensemble(rows, stretch, seed=question.seed),
    )


def own_size(workspace: Workspace, question: Question) -> WindowSize:
    """Return how the reference is cut: as production is, where that is not taken as a whole."""
    windows = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    return windows if windows.unit != "whole" else usual_windows(workspace)


def _reference(workspace: Workspace, question: Question, cells: Mapping[str, Cells], cancel: Cancel | None) -> tuple[Matrix, WindowSize]:
    """Cut the reference into windows; where these are few, into shorter ones. Return it with the size that was asked for."""
    size = own_size(workspace, question)
    usual = open_matrix(workspace, question.reference, cells, windows=size, cancel=cancel)
    shorter = finer(size)
    if len(usual.windows) >= MANY_WINDOWS or shorter is None:
        return usual, size
    try:
        return open_matrix(workspace, question.reference, cells, windows=shorter, cancel=cancel), size
    except SelectionError:  # too many of them: the windows themselves have to do
        return usual, size


def _own(matrix: Matrix, sample: MatrixRows, size: WindowSize, timezone: str) -> Cut:
    """Return the reference's windows of the judged length; parts of it in their place, where they are fewer than ENOUGH_WINDOWS."""
    per_window = max(size.count // matrix.size.count, 1) if size.unit == "rows" else 1
    groups = (
        nest(matrix.windows, size, timezone, per_window=per_window) if matrix.size != size else [[i] for i in range(len(matrix.windows))]
    )
    if len(groups) < ENOUGH_WINDOWS:
        parts = np.array_split(np.arange(len(matrix.windows)), min(OWN_WINDOWS, len(matrix.windows)))
        groups = [part.tolist() for part in parts]
    known = matrix.windows
    ids = tuple(known.ids[g[0]] if len(g) == 1 else f"{known.ids[g[0]]}..{known.ids[g[-1]]}" for g in groups)
    place = np.repeat(np.arange(len(groups)), [len(one) for one in groups])
    windows = Windows(ids, known.start[[g[0] for g in groups]], known.end[[g[-1] for g in groups]])
    return Cut(windows=windows, window=place[sample.window], size=size)


def _stretches(sample: MatrixRows, windows: int) -> Ints:
    """Return the stretch of time of each row: windows in order, or shorter blocks where these are few, put together to about STRETCHES."""
    known, place = np.unique(sample.window if windows >= 2 * FOLDS else sample.block, return_inverse=True)
    return np.asarray(place * min(STRETCHES, len(known)) // max(len(known), 1), dtype=np.int64)


def plain_rows(part: MatrixRows, matrix: Matrix, names: Mapping[str, str]) -> Rows:
    """Return rows for formulas; a level that the reference does not have is one of its own, OTHER."""
    titles, p, n = list(names), len(matrix.numeric), len(part.window)
    levels = {label: (*matrix.levels[names[label]], OTHER) for label in titles[p:]}
    nothing = np.zeros(n, dtype=np.int64)
    block = part.block if len(part.block) == n else nothing
    return Rows(part.numeric, tuple(titles[:p]), part.categorical, levels, block, nothing, 1)
