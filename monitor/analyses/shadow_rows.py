"""The rows that a challenger and the model in charge are compared on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.arms import arms_wanted
from monitor.analyses.duel import Models
from monitor.analyses.labels import Answers, Known, read_side
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Cancel, OutcomeRows, Progress, Wanted, Workspace
from monitor.stats.performance.maturity import MATURE, Arrival

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read: rows of both sides with what both models answered, segments and arms."""

    workspace: Workspace
    question: Question
    size: WindowSize
    models: Models | None
    cancel: Cancel | None

    @property
    def answers(self) -> Answers:
        """The answers of the model in charge."""
        return Answers.of(self.workspace) if self.models is None else self.models.current

    @property
    def segments(self) -> tuple[str, ...]:
        """Columns that cut rows into segments."""
        roles = self.workspace.case.roles
        return tuple(name for name in roles.segments if name in self.workspace.columns)

    @property
    def version(self) -> str:
        """The column that names the version which answered; "" where none does, or no challenger is compared."""
        name = self.workspace.case.roles.model_version or ""
        known = self.models is not None and name in self.workspace.columns
        return name if known and "production" in self.workspace.columns[name].types else ""

    def production(self, progress: Progress | None) -> Known:
        """Read production, with nothing said yet of when labels were known."""
        cut = Wanted(levels=(*self.segments, *([self.version] if self.version else [])))
        also = cut if self.models is None else self.models.wanted.also(cut)
        also = also.also(arms_wanted(self.workspace)) if self.workspace.case.roles.variant else also
        read = read_side(
            self.workspace, self.answers, self.question.production, self.size, by=None, also=also, progress=progress, cancel=self.cancel
        )
        nothing = np.zeros(len(read.window))
        return Known(read=read, labelled=nothing.astype(bool), age=nothing, delay=nothing)

    def reference(self) -> OutcomeRows | None:
        """Read the reference where it holds the answers of both models."""
        if self.models is None:
            return None
        wanted = self.models.wanted.also(self.answers.wanted(None))
        data = self.question.reference.data
        have = {name for name, info in self.workspace.columns.items() if data in info.types}
        if not {*wanted.numbers, *wanted.levels} - {self.answers.weight} <= have:
            return None
        size = WindowSize.parse("whole")
        return read_side(self.workspace, self.answers, self.question.reference, size, by=None, also=self.models.wanted, cancel=self.cancel)


def ripe_rows(known: Known, curve: Arrival, mature: Bools) -> Bools:
    """Return the rows whose labels are in, (n,): by their age where it is known when labels come, else by their window."""
    inside = known.read.window >= 0
    if len(curve.delay) and np.isfinite(known.age).any():
        return np.asarray(inside & (np.nan_to_num(curve.at(known.age), nan=1.0) >= MATURE))
    return np.asarray(inside & mature[known.read.window])
