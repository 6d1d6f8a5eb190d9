"""The rows that performance is measured on: both sides, in windows of a size, with what was known at a moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.labels import NOTHING_ELSE, Answers, Known, known_at, read_side
from monitor.analyses.sides import Question, stretch_size, usual_windows
from monitor.analyses.stray_rows import without_stray
from monitor.case import WindowSize
from monitor.engine import Cancel, OutcomeRows, Progress, Selection, Wanted, Workspace
from monitor.errors import SelectionError
from monitor.profile import Windows
from monitor.stats.performance.labelled import Labelled

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

STRETCHES = 12
"""Parts that a reference with few windows of the judged length is cut into."""


@dataclass(frozen=True, slots=True)
class Side:
    """Rows of one side in `windows` windows: `window` (n,) position of each."""

    known: Known
    window: Ints
    windows: int

    def of(self, kept: Bools) -> tuple[Labelled, Bools]:
        """Return the labelled rows among those kept."""
        rows = kept & self.known.labelled & (self.window >= 0)
        weight = None if self.known.weight is None else self.known.weight[rows]
        return Labelled.weighed(self.window[rows], self.windows, self.known.read.block[rows], weight), rows


@dataclass(frozen=True, slots=True)
class Reads:
    """Rows of both sides: `window` (n,) says in which of the reference's `own` windows each of its rows lies."""

    reference: OutcomeRows
    window: Ints
    own: Windows
    production: OutcomeRows

    def sides(self, answers: Answers, moment: int) -> tuple[Side, Side]:
        """Return both with what was known at a moment."""
        known = known_at(answers, self.reference, moment), known_at(answers, self.production, moment)
        first, second = without_stray(answers, known)
        return Side(first, self.window, len(self.own)), Side(second, self.production.window, len(self.production.windows))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is read; `also` besides what performance needs."""

    workspace: Workspace
    answers: Answers
    question: Question
    by: str | None
    cancel: Cancel | None
    also: Wanted = NOTHING_ELSE

    def read(self, size: WindowSize, progress: Progress | None = None) -> Reads:
        """Read both sides in windows of a size."""
        production = self._side(self.question.production, size, progress)
        return Reads(*self._reference(size), production)

    def _side(self, selection: Selection, size: WindowSize, progress: Progress | None = None) -> OutcomeRows:
        return read_side(self.workspace, self.answers, selection, size, by=self.by, also=self.also, progress=progress, cancel=self.cancel)

    def _reference(self, size: WindowSize) -> tuple[OutcomeRows, Ints, Windows]:
        return cut_reference(self.workspace, self._side, self.question.reference, size)


class InWindows(Protocol):
    """Rows that know their window."""

    @property
    def windows(self) -> Windows:
        """The windows."""
        ...

    @property
    def window(self) -> Ints:
        """Position of each row's window, (n,)."""
        ...


Read = TypeVar("Read", bound=InWindows)


def cut_reference(
    workspace: Workspace, read: Callable[[Selection, WindowSize], Read], selection: Selection, size: WindowSize
) -> tuple[Read, Ints, Windows]:
    """Read the reference and cut it into windows of the size; where they are few, into stretches of shorter ones."""
    size = size if size.unit != "whole" else usual_windows(workspace)
    usual = read(selection, size)
    shorter = stretch_size(size, len(usual.windows))
    if shorter is None:
        return usual, usual.window, usual.windows
    try:
        blocks = read(selection, shorter)
    except SelectionError:  # too many blocks: the windows themselves have to do
        return usual, usual.window, usual.windows
    parts = np.array_split(np.arange(len(blocks.windows)), min(STRETCHES, len(blocks.windows)))
    stretch = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    ids = tuple(f"{blocks.windows.ids[part[0]]}..{blocks.windows.ids[part[-1]]}" for part in parts)
    own = Windows(ids, blocks.windows.start[[part[0] for part in parts]], blocks.windows.end[[part[-1] for part in parts]])
    return blocks, stretch[blocks.window], own
