"""Both sides as coded rows, with what the kinds of concerted behaviour are looked for in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.performance_rows import cut_reference
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Cancel, CodedRows, Cut, Measured, Progress, Selection, Workspace, build_cells, cut_columns, read_coded
from monitor.engine.windows import NO_TIME
from monitor.profile import Cells, Windows
from monitor.stats.adversaries.alike import fingerprints
from monitor.stats.adversaries.clock import told_by_clock
from monitor.vocabulary import Role

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ROLES = (Role.FEATURE, Role.SEGMENT)
UNIQUE = 0.5
"""Levels in parts of the reference's rows from which a column is a key: no two rows are alike in it."""
MANY_LEVELS = 50
"""Levels of a segment column beyond which each is few rows, and one with many of them stands out."""
TOLD_LEVELS = 4
"""Levels that rows are described by, those that are rarest in the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A number by window, (w,) as `value` and (r,) in the reference's own windows as `own`, of a `kind`.

    `base` (w,) and `own_base` (r,) are what numbers are taken relative to, so that windows of any length can be compared; `floor` what a
    window of the reference is taken to have had all the same, relative to that. `rows` (w,) that the number rests on (of shares), as
    `own_rows` (r,). `event` whether single events make it, else it varies as a share does. Rows that come at
    some rate, about `clump` of them together, are judged as counts; 0 where they are not.
    """

    name: str
    kind: str
    value: Floats
    own: Floats
    base: Floats
    own_base: Floats
    floor: float
    rows: Ints
    own_rows: Ints
    event: bool = True
    clump: float = 0.0
    exposed: tuple[Floats, Floats] | None = None
    """Of such: what is expected of the reference's windows and of production's but for a rate."""
    side: str = ""

    @property
    def relative(self) -> Floats:
        """The number relative to its base, (w,)."""
        return self.value / np.maximum(self.base, 1e-300)

    @property
    def largest(self) -> float:
        """The largest relative number of the reference's own windows, the floor at least."""
        return float(max((self.own / np.maximum(self.own_base, 1e-300)).max(initial=0.0), self.floor))

    @property
    def usual(self) -> float:
        """The mean of the reference's own windows."""
        return float(np.mean(self.own)) if len(self.own) else float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Rows of production that made a number large: positions `rows` in what was read, in windows `first` to `last`, of a track.

    `excess` is the number that they made, `expected` the rows that chance would have; `levels` what they share (column, level); `told` the
    combinations that they have with their rows, `column` that which varies.
    """

    track: str
    kind: str
    first: int
    last: int
    rows: Ints
    excess: float
    expected: float
    levels: tuple[tuple[str, str], ...] = ()
    told: dict[str, int] = field(default_factory=dict)
    column: str = ""


@dataclass(frozen=True)  # without slots, so that what is worked out of it is worked out once
class Coded:
    """Both sides: `reference` with the window of each row among its `own` windows, `production`, and how columns were cut."""

    reference: CodedRows
    own_window: Ints
    own: Windows
    production: CodedRows
    cuts: tuple[Cut, ...]
    told: tuple[str, ...] = ()
    """Columns whose values `identity` of both sides tells apart."""

    @cached_property
    def own_rows(self) -> Ints:
        """Rows of the reference's own windows, (r,)."""
        return np.bincount(self.own_window, minlength=len(self.own))

    @property
    def usual_rows(self) -> float:
        """Rows of a usual window of the reference."""
        return float(np.median(self.own_rows)) if len(self.own_rows) else 1.0

    @property
    def bases(self) -> tuple[Floats, Floats]:
        """Rows of the windows of production and of the reference, of short ones those of a usual one."""
        usual = max(self.usual_rows, 1.0)
        return np.maximum(self.production.rows, usual).astype(float), np.maximum(self.own_rows, usual).astype(float)

    @property
    def timed(self) -> bool:
        """Whether rows have a time on both sides."""
        return bool((self.reference.moment != NO_TIME).any() and (self.production.moment != NO_TIME).any())

    @cached_property
    def clock(self) -> frozenset[int]:
        """Positions of columns that the clock tells."""
        known = self.reference.moment != NO_TIME
        if not known.any():
            return frozenset()
        moment = self.reference.moment[known]
        return frozenset(i for i, codes in enumerate(self.reference.codes) if told_by_clock(codes[known], moment))

    @cached_property
    def keys(self) -> frozenset[int]:
        """Positions of columns of which nearly every row has its own level."""
        most = UNIQUE * max(len(self.own_window), 1)
        return frozenset(i for i, cut in enumerate(self.cuts) if not cut.numeric and len(cut.levels) > max(most, 2))

    @cached_property
    def kept(self) -> Ints:
        """Positions of the columns in which rows are compared."""
        return np.array([i for i in range(len(self.cuts)) if i not in self.clock | self.keys], dtype=np.int64)

    @property
    def numeric(self) -> Bools:
        """Which of the kept columns are numbers."""
        return np.array([self.cuts[i].numeric for i in self.kept], dtype=bool)

    @cached_property
    def cells(self) -> tuple[Ints, Ints]:
        """The cell of each row in all kept columns, numbered for both sides together."""
        both = [fingerprints(one.codes[self.kept]) for one in (self.reference, self.production)]
        place = np.unique(np.concatenate(both), return_inverse=True)[1]
        return place[: len(both[0])], place[len(both[0]) :]

    def shared(self, rows: Ints) -> tuple[tuple[str, str], ...]:
        """Return the levels that rows of production all have, those that are rarest in the reference first."""
        found = []
        for i, cut in enumerate(self.cuts):
            codes = self.production.codes[i, rows]
            if cut.numeric or i in self.clock or not len(codes) or not 0 <= codes[0] < len(cut.levels) or (codes != codes[0]).any():
                continue
            usual = float((self.reference.codes[i] == codes[0]).mean())
            found.append((usual, cut.measured.column, cut.levels[codes[0]]))
        return tuple((column, level) for _, column, level in sorted(found)[:TOLD_LEVELS])


def read_sides(
    workspace: Workspace,
    question: Question,
    size: WindowSize,
    score: Measured | None,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Coded:
    """Read both sides on the same cells.

    Raises
    ------
    SelectionError, ColumnMissingError, CancelledError
    """
    measured = workspace.measured(question.columns, roles=ROLES)
    cells = cells_of(workspace, question)
    cuts = cut_columns(workspace, measured, cells, workspace.rows("reference"))
    told = _told_apart(workspace, cuts)

    def read(selection: Selection, of: WindowSize) -> CodedRows:
        return read_coded(workspace, selection, of, cuts, also=(score, told), cancel=cancel)

    reference, own_window, own = cut_reference(workspace, read, question.reference, size)
    production = read_coded(workspace, question.production, size, cuts, also=(score, told), progress=progress, cancel=cancel)
    return Coded(reference, own_window, own, production, cuts, told)


def _told_apart(workspace: Workspace, cuts: Sequence[Cut]) -> tuple[str, ...]:
    """Return the columns whose values are counted one by one: the id, and segment columns of many values (customers, cards, devices), also
    where these look like numbers."""
    roles, both = workspace.case.roles, {"reference", "production"}
    few = {cut.measured.column for cut in cuts if not cut.numeric and len(cut.levels) <= MANY_LEVELS}
    wanted = [roles.id, *(name for name in roles.segments if name not in few)]
    return tuple(dict.fromkeys(name for name in wanted if name and set(workspace.schema.info(name).types) >= both))


def cells_of(workspace: Workspace, question: Question) -> dict[str, Cells]:
    """Return the cells of the columns that are looked at."""
    return dict(build_cells(workspace, question.columns, roles=ROLES, seed=question.seed))


def tables_by(windows: Ints, values: Ints, count: int) -> tuple[Ints, Ints, Ints]:
    """Return the windows, values and rows of each pair that there is."""
    low = int(values.min(initial=0))
    width = int(values.max(initial=0)) - low + 1
    pair, rows = np.unique(windows * width + (values - low), return_counts=True)
    return pair // width, pair % width + low, rows


def sequence_max(at: Ints, values: Floats | Ints, count: int) -> Floats:
    """Return the largest value of each of `count` places, 0 where there is none.

    >>> sequence_max(np.array([0, 0, 2]), np.array([1.0, 4.0, 3.0]), 3).tolist()
    [4.0, 0.0, 3.0]
    """
    found = np.zeros(count)
    np.maximum.at(found, at, values)
    return found


def levels_text(levels: Sequence[tuple[str, str]]) -> str:
    """Write levels as a condition.

    >>> levels_text([("country", "GB"), ("device", "it's")])
    "country = 'GB' and device = 'it''s'"
    """
    quoted = [
        (column if column.isidentifier() else '"' + column.replace('"', '""') + '"', level.replace("'", "''")) for column, level in levels
    ]
    return " and ".join(f"{column} = '{level}'" for column, level in quoted)
