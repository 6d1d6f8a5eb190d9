"""Where it is looked for what happened: the rows of both sides as arrays, their windows, and what every analysis found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Levels, OutcomeRows, Selection, Wanted, Workspace, read_outcomes
from monitor.engine.windows import NO_TIME as NO_MOMENT
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.profile import Windows
from monitor.vocabulary import Kind, Role

TIME, WINDOW = "@time", "@window"
"""Columns of a side: the moment of a row on the case's clock (NaT: none), and the position of its window."""
NUMBERS = frozenset({Kind.NUMERIC})
LEVELS = frozenset({Kind.CATEGORICAL, Kind.BOOLEAN})
FEWEST_DAYS = 14
"""Days of a reference that hold each weekday twice."""
MOST_LEVELS = 200
"""Levels up to which a column may say where something happened."""


def key_of(analysis: str, finding: Finding) -> str:
    """Return what a finding is called as evidence."""
    return f"{analysis}:{finding.id}"


@dataclass(frozen=True, kw_only=True)
class Side:
    """All rows of one side: `frame` has a column of float64 for each number, a category for each column of levels, TIME and WINDOW."""

    frame: pd.DataFrame
    windows: Windows

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.frame)

    def are(self, segment: Mapping[str, str], beside: Sequence[str] = ()) -> NDArray[np.bool_]:
        """Say which rows belong to a segment, (n,); `beside`: further levels of its only column."""
        return in_segment(self.frame, segment, beside)

    def within(self, first: int, last: int) -> NDArray[np.bool_]:
        """Say which rows lie in the windows at positions `first` to `last`, (n,)."""
        window = self.frame[WINDOW].to_numpy()
        return np.asarray((window >= first) & (window <= last))


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What is looked at: the data of a case, what is compared with what, and `judged`, what every analysis found there, by its name."""

    workspace: Workspace
    question: Question
    judged: Mapping[str, Judged]

    @property
    def size(self) -> WindowSize:
        """How production is cut."""
        given = self.question.windows
        return self.workspace.case.windows if given is None else WindowSize.parse(given)

    @cached_property
    def reference(self) -> Side:
        """The rows of the reference."""
        return self._read(self.question.reference)

    @cached_property
    def production(self) -> Side:
        """The rows of production."""
        return self._read(self.question.production)

    @property
    def few_days(self) -> bool:
        """Whether the reference holds so few days that a new weather cannot be told from something new; not without times."""
        return 0 < int(self.reference.frame[TIME].dropna().dt.floor("D").nunique()) < FEWEST_DAYS

    def findings(self, *analyses: str) -> Iterator[tuple[str, Finding]]:
        """Yield the key and the finding of what some analyses (none named: all) found."""
        for name in analyses or self.judged:
            if name in self.judged:
                yield from ((key_of(name, finding), finding) for finding in self.judged[name].findings)

    @cached_property
    def places(self) -> tuple[str, ...]:
        """Columns of few levels by which rows of production can be told apart, some of them new: where something may have happened."""
        both = (self.reference.frame, self.production.frame)
        named = [info.name for info in self.workspace.columns.values() if info.kind in LEVELS and _sets_apart(info.role)]
        known = [name for name in named if all(name in frame for frame in both)]
        few = [name for name in known if all(1 <= frame[name].nunique() <= MOST_LEVELS for frame in both)]
        return tuple(name for name in few if both[1][name].nunique() > 1)

    def _read(self, selection: Selection) -> Side:
        kinds = [info for info in self.workspace.columns.values() if selection.data in info.types]
        wanted = Wanted(
            numbers=tuple(one.name for one in kinds if one.kind in NUMBERS and one.role is not Role.ID),
            levels=tuple(one.name for one in kinds if one.kind in LEVELS or one.role is Role.ID),
            moments=tuple(one.name for one in kinds if one.kind is Kind.DATETIME),
        )
        read = read_outcomes(self.workspace, selection, self.size, wanted)
        return Side(frame=_frame(read, self.workspace.case.roles.timestamp), windows=read.windows)


def in_segment(frame: pd.DataFrame, segment: Mapping[str, str], beside: Sequence[str] = ()) -> NDArray[np.bool_]:
    """Say which rows of a frame belong to a segment, (n,); `beside`: further levels of its only column."""
    found = np.ones(len(frame), dtype=bool)
    for name, level in segment.items():
        found &= frame[name].isin((level, *beside)).to_numpy(dtype=bool)
    return found


def _sets_apart(role: Role) -> bool:
    return role in (Role.FEATURE, Role.SEGMENT, Role.PROTECTED, Role.MODEL_VERSION, Role.STATUS, Role.VARIANT, Role.CURRENCY)


def _frame(read: OutcomeRows, timestamp: str | None) -> pd.DataFrame:
    levels = {name: _levels(one) for name, one in read.levels.items()}
    moments = {name: _times(moment) for name, moment in read.moments.items()}
    time = moments.get(timestamp or "", np.full(len(read.window), np.datetime64("NaT"), dtype="datetime64[us]"))
    return pd.DataFrame({**read.numbers, **levels, **moments, TIME: time, WINDOW: read.window})


def _levels(levels: Levels) -> pd.Categorical[str]:
    return pd.Categorical.from_codes(levels.code.tolist(), categories=pd.Index(levels.names, dtype=object))


def _times(moment: NDArray[np.int64]) -> NDArray[np.datetime64]:
    return np.where(moment == NO_MOMENT, np.datetime64("NaT"), moment.astype("datetime64[us]"))
