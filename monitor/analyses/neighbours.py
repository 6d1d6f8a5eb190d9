"""The reference rows that are nearest to one row, on the scales that outliers are measured on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.joint_sides import unique_labels
from monitor.analyses.outlier_rows import SAMPLED_ROWS, outlier_cells, plain_rows
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Selection, Workspace, open_matrix
from monitor.errors import SelectionError
from monitor.stats.outliers.members import robust_encoder

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NEAREST = 4


@dataclass(frozen=True, slots=True)
class Neighbours:
    """`place` (k, 2), file and row of the nearest reference rows, the nearest first, with `distance` (k,) to each; `among` is how many
    reference rows were looked at; `apart` are the columns that differ most from them, the largest first."""

    place: Ints
    distance: Floats
    among: int
    apart: tuple[str, ...]


def nearest_rows(workspace: Workspace, question: Question, side: Selection, place: tuple[int, int]) -> Neighbours:
    """Find the nearest reference rows of a row of a side.

    Raises
    ------
    SelectionError
        The row is not among those of the side.
    MethodError
        No column can be used.
    """
    cells, _ = outlier_cells(workspace, question)
    whole = WindowSize(1, "whole")
    matrix = open_matrix(workspace, question.reference, cells, windows=whole)
    own = open_matrix(workspace, side, cells, windows=whole)
    found = own.at(np.array([place], dtype=np.int64))
    if not len(found.window):
        raise SelectionError(f"Row {place[1]:,d} of file {place[0]:,d} is not among the rows that are looked at. Choose another row.")
    names = unique_labels(workspace.case, [m.name for m in (*matrix.numeric, *matrix.categorical)])
    sample = matrix.sample_evenly(SAMPLED_ROWS, seed=question.seed)
    rows, one = plain_rows(sample, matrix, names), plain_rows(found, own, names)
    encoder = robust_encoder(rows)
    off = encoder.encode(rows) - encoder.encode(one)
    distance = np.sqrt(np.einsum("ij,ij->i", off, off))
    if side.data == question.reference.data:
        distance[(sample.place == np.array(place)).all(axis=1)] = np.inf
    order = np.argsort(distance, kind="stable")[:NEAREST]
    order = order[np.isfinite(distance[order])]
    away = off[order]
    with np.errstate(invalid="ignore"):
        numbers = (rows.numeric[order] - one.numeric) / encoder.scale  # which are cut to the limit where rows are looked for
    away[:, : numbers.shape[1]] = np.where(np.isfinite(numbers), numbers, away[:, : numbers.shape[1]])
    size = np.zeros(len(encoder.names))
    np.add.at(size, encoder.owner, (away**2).mean(axis=0) if len(order) else np.zeros(off.shape[1]))
    apart = tuple(names[encoder.names[at]] for at in np.argsort(-size, kind="stable") if size[at] > 0)
    return Neighbours(sample.place[order], distance[order], len(rows), apart)
