"""The two sides of a comparison of whole rows: the reference cut into windows of its own, production by window, as arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.baselines import baseline_weights
from monitor.analyses.sides import Question, stretch_size, usual_windows
from monitor.analyses.turning import without_turning
from monitor.case import Case, WindowSize
from monitor.engine import Cancel, Matrix, MatrixRows, Progress, Workspace, build_cells, open_matrix
from monitor.errors import MethodError, SelectionError
from monitor.profile import Cells, Windows
from monitor.stats.multivariate.encoding import Encoder, fit_encoder
from monitor.stats.multivariate.moments import Moments, empty_moments, moments
from monitor.stats.multivariate.rows import Rows, concatenate, subsample
from monitor.tables import Skipped
from monitor.vocabulary import OTHER

Ints = NDArray[np.int64]

STRETCHES = 12
SAMPLED_ROWS = 200_000
"""Rows that are sampled in all; methods that need rows, not sums, see these."""
PER_WINDOW = (200, 4_000)
ENCODER_ROWS = 20_000
FOLDS = 20
MOST_LEVELS = 8
MOST_DIMENSIONS = 256
MOST_PRODUCTS = 64_000_000
"""Numbers that the sums of products of all windows may take (8 bytes each)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JointSides:
    """What is compared, on one line of windows: the `count` reference windows first, then those of production.

    `names` label -> column of all columns, in the order of `sampled.names`; `line` sums and products of all rows by window; `sampled` rows
    of every window with `place` (n, 2), the file and row each came from; `baselines` the positions on the line that each window is
    compared with (a reference window never with itself); `sliding` whether that differs from window to window.
    """

    reference: Matrix
    production: Matrix
    reference_windows: Windows
    names: Mapping[str, str]
    encoder: Encoder
    line: Moments
    sampled: Rows
    place: Ints
    count: int
    baselines: tuple[tuple[int, ...], ...]
    against: str
    sliding: bool
    skipped: tuple[Skipped, ...]

    @property
    def windows(self) -> Windows:
        """Windows of production."""
        return self.production.windows

    @property
    def reference_rows(self) -> Rows:
        """Sampled rows of the reference, in its own windows."""
        return replace(self.sampled.take(self.sampled.window < self.count), windows=self.count)

    @property
    def production_rows(self) -> Rows:
        """Sampled rows of production, in its windows."""
        rows = self.sampled.take(self.sampled.window >= self.count)
        return replace(rows, window=rows.window - self.count, windows=len(self.windows))


def gather_rows(workspace: Workspace, question: Question, *, progress: Progress | None = None, cancel: Cancel | None = None) -> JointSides:
    """Read both sides: sums and products of all rows in a stream, and a sample of rows.

    Raises
    ------
    MethodError
        Fewer than two columns vary, or there are too many for so many windows.
    SelectionError
        A selection is empty or cannot be cut into such windows.
    """
    windows, size = window_sizes(workspace, question)
    cells, turning = without_turning(
        workspace, question, build_cells(workspace, question.columns, roles=question.roles, seed=question.seed)
    )
    cells, skipped = _usable(cells)
    production = open_matrix(workspace, question.production, cells, windows=windows, progress=_part(progress, 0.25, 0.5), cancel=cancel)
    reference, groups = _reference(workspace, question, cells, size, _part(progress, 0.0, 0.25), cancel)
    own = _grouped(reference.windows, groups)
    per_window = int(np.clip(SAMPLED_ROWS // (len(own) + len(production.windows)), *PER_WINDOW))
    labels = unique_labels(workspace.case, [m.name for m in (*reference.numeric, *reference.categorical)])
    stretch = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    per_block = -(-per_window * len(groups) // len(stretch))
    samples = reference.sample(per_block, seed=question.seed), production.sample(per_window, seed=question.seed)
    rows = [_rows(part, matrix, cells, labels) for part, matrix in zip(samples, (reference, production), strict=True)]
    rows[0] = replace(rows[0], window=stretch[rows[0].window], windows=len(groups))
    encoder = _encoder(rows[0], len(own) + len(production.windows), question.seed)
    line = _joined(_moments(reference, cells, labels, encoder).take(groups), _moments(production, cells, labels, encoder))
    baselines, described = line_baselines(question.against, own, production.windows, workspace.case)
    return JointSides(
        reference=reference,
        production=production,
        reference_windows=own,
        names=labels,
        encoder=encoder,
        line=line,
        sampled=_on_one_line(rows[0], rows[1]),
        place=np.concatenate([part.place for part in samples]),
        count=len(own),
        baselines=baselines,
        against=described,
        sliding=question.against != "reference",
        skipped=(*skipped, *turning),
    )


def window_sizes(workspace: Workspace, question: Question) -> tuple[WindowSize, WindowSize]:
    """Return how production is cut, and how the reference is."""
    windows = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    return windows, windows if windows.unit != "whole" else usual_windows(workspace)


def _part(progress: Progress | None, start: float, end: float) -> Progress | None:
    if progress is None:
        return None
    return lambda share, text: progress(start + share * (end - start), text)


def _usable(cells: Mapping[str, Cells]) -> tuple[dict[str, Cells], tuple[Skipped, ...]]:
    """Leave out columns that are constant in the reference, and those none of whose levels is frequent enough to be counted by name."""
    kept = {name: one for name, one in cells.items() if (one.low < one.high if one.numeric else len(one.levels) > 0 and len(one.known) > 1)}
    skipped = tuple(_unrelated(name, one) for name, one in cells.items() if name not in kept)
    if len(kept) < 2:
        raise MethodError(f"Joint drift needs at least 2 columns that vary in the reference, got {len(kept)} of {len(cells)}.")
    return kept, skipped


def _unrelated(name: str, cells: Cells) -> Skipped:
    if cells.numeric or len(cells.known) < 2:
        return Skipped(name, "constant", f"'{name}' is constant (or empty) in the reference, so that it has no relation to other columns.")
    why = f"each of its {len(cells.known):,} levels is too rare in the reference"
    return Skipped(name, "rare_levels", f"How '{name}' is related to other columns was not looked at: {why}.")


def _reference(
    workspace: Workspace, question: Question, cells: Mapping[str, Cells], size: WindowSize, progress: Progress | None, cancel: Cancel | None
) -> tuple[Matrix, list[list[int]]]:
    """Cut the reference into windows of the size; where they are few, into stretches of shorter ones."""
    usual = open_matrix(workspace, question.reference, cells, windows=size, progress=progress, cancel=cancel)
    shorter = stretch_size(size, len(usual.windows))
    alone = [[position] for position in range(len(usual.windows))]
    if shorter is None or question.against != "reference":
        return usual, alone
    try:
        blocks = open_matrix(workspace, question.reference, cells, windows=shorter, progress=progress, cancel=cancel)
    except SelectionError:  # too many blocks: the windows themselves have to do
        return usual, alone
    parts = np.array_split(np.arange(len(blocks.windows)), min(STRETCHES, len(blocks.windows)))
    return blocks, [part.tolist() for part in parts]


def _grouped(windows: Windows, groups: list[list[int]]) -> Windows:
    ids = tuple(windows.ids[group[0]] if len(group) == 1 else f"{windows.ids[group[0]]}..{windows.ids[group[-1]]}" for group in groups)
    return Windows(ids, windows.start[[group[0] for group in groups]], windows.end[[group[-1] for group in groups]])


def unique_labels(case: Case, names: list[str]) -> dict[str, str]:
    """Return label -> name, with the name added where two columns share a label."""
    labels = [case.label(name) for name in names]
    return {label if labels.count(label) == 1 else f"{label} ({name})": name for label, name in zip(labels, names, strict=True)}


def _rows(part: MatrixRows, matrix: Matrix, cells: Mapping[str, Cells], labels: Mapping[str, str]) -> Rows:
    """Return rows whose rare and new levels are one level, `other`."""
    titles = list(labels)
    levels = {label: (*cells[labels[label]].levels, OTHER) for label in titles[len(matrix.numeric) :]}
    most = np.array([len(one) - 1 for one in levels.values()], dtype=np.int64)
    return Rows(
        numeric=part.numeric,
        numeric_names=tuple(titles[: len(matrix.numeric)]),
        categorical=np.minimum(part.categorical, most),
        levels=levels,
        block=part.block if len(part.block) == len(part.window) else np.zeros(len(part.window), dtype=np.int64),
        window=part.window,
        windows=len(matrix.windows),
    )


def _encoder(reference: Rows, windows: int, seed: int) -> Encoder:
    room = int(min(MOST_DIMENSIONS, np.sqrt(MOST_PRODUCTS / windows)))
    p, c = len(reference.numeric_names), len(reference.levels)
    if p + 2 * c > room:
        raise MethodError(f"{p + c} columns in {windows} windows are more than joint drift can hold. Name fewer columns or larger windows.")
    levels = min(MOST_LEVELS, (room - p) // c - 2) if c else MOST_LEVELS
    return fit_encoder(subsample(reference, ENCODER_ROWS, seed=seed), max_levels=max(levels, 1))


def _moments(matrix: Matrix, cells: Mapping[str, Cells], labels: Mapping[str, str], encoder: Encoder) -> Moments:
    total = empty_moments(len(matrix.windows), len(encoder.owner))
    for batch in matrix.batches():
        total = total + moments(_rows(batch, matrix, cells, labels), encoder)
    return total


def _joined(first: Moments, second: Moments) -> Moments:
    return Moments(
        np.concatenate([first.rows, second.rows]),
        np.concatenate([first.total, second.total]),
        np.concatenate([first.products, second.products]),
    )


def _on_one_line(reference: Rows, production: Rows) -> Rows:
    windows = reference.windows + production.windows
    later = int(reference.block.max(initial=-1)) + 1
    moved = replace(production, block=production.block + later, window=production.window + reference.windows, windows=windows)
    return concatenate((replace(reference, windows=windows), moved))


def line_baselines(against: str, reference: Windows, production: Windows, case: Case) -> tuple[tuple[tuple[int, ...], ...], str]:
    """Return the positions on the line (reference, then production) that each window is compared with, and what that is in words.

    A reference window is never compared with itself: it is left out with its neighbours (a twentieth of the reference).
    """
    r = len(reference)
    chosen = baseline_weights(against, reference, production, case)
    if chosen.weights is None:
        fold = np.arange(r) * min(FOLDS, r) // r
        own = [tuple(np.flatnonzero(fold != part).tolist()) for part in fold]
        return (*own, *([tuple(range(r))] * len(production))), chosen.described
    nothing = Windows((), reference.start[:0], reference.end[:0])
    before = baseline_weights(against, nothing, reference, case).weights
    rows = [*(before if before is not None else []), *chosen.weights]
    return tuple(tuple(np.flatnonzero(row).tolist()) for row in rows), chosen.described
