"""The two sides of a comparison, counted on the same cells: the reference with its own short blocks, production by window."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.baselines import Baseline, baseline_weights
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Selection, Split, Workspace, build_cells, finer, nest, profile, spans
from monitor.errors import SelectionError
from monitor.profile import ColumnCounts, Profile
from monitor.vocabulary import Role

Floats = NDArray[np.float64]
ENOUGH_WINDOWS = 8
"""Reference windows of the judged length from which they alone say how windows vary; fewer are cut into shorter blocks."""
ENOUGH_BLOCKS = 24
"""Blocks that a reference without windows of its own is cut into."""
CUT_SHORT = 0.75
ALL_REFERENCE, ALL_PRODUCTION = Selection("reference"), Selection("production")


@dataclass(frozen=True, slots=True)
class Part:
    """What a counted column stands for: an output of the model, in all rows or in a `segment` (`told` is its name for people).

    `version`: the version of the model whose rows it is of, where that is why it was cut. `production` and `reference` are conditions for
    the rows of the segment on either side, None where all rows are meant.
    """

    column: str
    segment: str = ""
    told: str = ""
    production: str | None = None
    reference: str | None = None
    version: str = ""

    def narrowed(self, question: Question) -> Question:
        """Return the question about the rows of this part only."""
        return replace(
            question,
            reference=_narrowed(question.reference, self.reference),
            production=_narrowed(question.production, self.production),
        )


def _narrowed(selection: Selection, condition: str | None) -> Selection:
    if condition is None:
        return selection
    return replace(selection, where=" AND ".join(f"({part}\n)" for part in (selection.where, condition) if part))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """What is compared: `blocks` of the reference with `groups` (positions of the blocks of each reference window), `production` by
    window, `spans` (w,) lengths of production windows in reference windows, and `baseline` (what each window is compared with).
    Where outputs were cut apart by the levels of a column, `parts` says what each counted column stands for, and `split` how. Windows are
    cut on the clock of `timezone`."""

    blocks: Profile
    groups: tuple[tuple[int, ...], ...]
    production: Profile
    spans: Floats
    baseline: Baseline
    size: WindowSize
    block_size: WindowSize
    parts: Mapping[str, Part] = field(default_factory=dict)
    split: Split | None = None
    timezone: str = "UTC"

    def part(self, column: str) -> Part:
        """Return what a counted column stands for."""
        return self.parts.get(column) or Part(column)

    @property
    def both(self) -> tuple[Profile, Profile]:
        """The blocks of the reference, and production."""
        return self.blocks, self.production

    def beside(self, other: Sides | None) -> Sides:
        """Return these columns and those of the other sides, counted in the same windows."""
        if other is None:
            return self
        pairs = zip(self.both, other.both, strict=True)
        blocks, production = (replace(mine, columns={**mine.columns, **theirs.columns}) for mine, theirs in pairs)
        return replace(self, blocks=blocks, production=production, parts={**self.parts, **other.parts})

    def split_of(self, side: str) -> Split | None:
        """Return how the "reference" or "production" was cut apart, if it was."""
        cut = side == "production" or any(part.reference is not None for part in self.parts.values())
        return self.split if cut else None

    @property
    def partial(self) -> NDArray[np.bool_]:
        """Which production windows are cut short, (w,)."""
        return cut_short(self.size, self.production.rows)

    def on_both_sides(self, column: str) -> bool:
        """Say whether a counted column has rows on both sides."""
        return bool(self.blocks.columns[column].counts.any() and self.production.columns[column].counts.any())

    def reference(self, column: str) -> ColumnCounts:
        """Return what each production window is compared with: one window for all, or one per window."""
        counts = self.blocks.columns[column]
        if self.baseline.weights is None:
            return counts.take([range(len(counts.counts))])
        windows = counts.take(self.groups)
        return _weighted(windows, self.production.columns[column], self.baseline.weights)


def _weighted(reference: ColumnCounts, production: ColumnCounts, weights: NDArray[np.bool_]) -> ColumnCounts:
    """Add up, for each production window, the windows of the time line (reference, then production) that it is compared with."""
    line = reference.followed_by(production)
    return line.take([np.flatnonzero(row).tolist() for row in weights])


def cut_short(size: WindowSize, rows: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Say which windows are cut short, (w,): the first or last of a calendar, with fewer than CUT_SHORT of the usual rows."""
    found = np.zeros(len(rows), dtype=bool)
    if size.calendar and len(rows) > 2:
        found[[0, -1]] = rows[[0, -1]] < CUT_SHORT * np.median(rows)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is compared with what, cut how, in which columns.

    `reference`, `production`: two sets of rows (default all of each); `windows`: how production is cut (default the case's windows);
    `against`: what each window is compared with ("reference", "previous", "weekday", "season", "rolling:N", "expanding");
    `columns`: names (default: every column with one of the `roles`); `seed` of everything that is drawn.
    """

    reference: Selection = ALL_REFERENCE
    production: Selection = ALL_PRODUCTION
    windows: WindowSize | str | None = None
    against: str = "reference"
    columns: tuple[str, ...] | None = None
    roles: tuple[Role, ...] = (Role.FEATURE, Role.SEGMENT, Role.PROTECTED)
    seed: int = 0

    def until(self, as_of: datetime | None) -> Question:
        """Return the question as it was at a moment: of the rows of production that were there then."""
        if as_of is None:
            return self
        end = as_of + timedelta(microseconds=1)
        asked = self.production
        return self if asked.end is not None and asked.end <= end else replace(self, production=replace(asked, end=end))


def gather(workspace: Workspace, question: Question, *, progress: Progress | None = None, cancel: Cancel | None = None) -> Sides:
    """Count both sides.

    Raises
    ------
    SelectionError
        A selection is empty or cannot be cut into such windows.
    ColumnMissingError
        A column cannot be measured.
    """
    windows = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    size = windows if windows.unit != "whole" else usual_windows(workspace)
    cells = build_cells(workspace, question.columns, roles=question.roles, seed=question.seed)
    watch: dict[str, Any] = {"progress": progress, "cancel": cancel}
    blocks, block_size = _blocks(workspace, question.reference, cells, size, watch)
    per_window = max(1, round(size.count / block_size.count)) if size.unit == "rows" else 1
    groups = tuple(tuple(group) for group in nest(blocks.windows, size, workspace.case.timezone, per_window=per_window))
    reference = blocks.take(groups, [str(position) for position in range(len(groups))])
    counted = profile(workspace, question.production, cells=cells, windows=windows, **watch)
    return Sides(
        blocks=blocks,
        groups=groups,
        production=counted,
        spans=spans(counted.windows, counted.rows, size, float(np.mean(reference.rows))),
        baseline=baseline_weights(question.against, reference.windows, counted.windows, workspace.case),
        size=windows,
        block_size=block_size,
        timezone=workspace.case.timezone,
    )


def usual_windows(workspace: Workspace) -> WindowSize:
    """Return the windows that the reference is cut into when production is taken as a whole."""
    size = workspace.case.windows
    if size.unit != "whole" and not (size.calendar and workspace.case.roles.timestamp is None):
        return size
    return WindowSize(max(1, -(-workspace.rows("reference") // ENOUGH_BLOCKS)), "rows")


def stretch_size(size: WindowSize, windows: int) -> WindowSize | None:
    """Return the shorter windows that say how a reference of few `windows` varies; None where the windows themselves have to.

    Days of a few weeks tell how weeks differ. Hours do not tell how days do: what the rows of a day have in common (weather, a campaign)
    shows in none of them, and all of it would be found as drift.
    """
    shorter = finer(size)
    return None if windows >= ENOUGH_WINDOWS or shorter is None or shorter.unit == "hour" else shorter


def _blocks(
    workspace: Workspace, reference: Selection, cells: Mapping[str, Any], size: WindowSize, watch: Mapping[str, Any]
) -> tuple[Profile, WindowSize]:
    blocks = profile(workspace, reference, cells=cells, windows=size, **watch)
    shorter = stretch_size(size, len(blocks.windows))
    if shorter is None:
        return blocks, size
    try:
        return profile(workspace, reference, cells=cells, windows=shorter, **watch), shorter
    except SelectionError:  # too many blocks: the windows themselves have to do
        return blocks, size
