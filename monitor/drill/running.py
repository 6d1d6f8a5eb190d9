"""A drill held: each kind put into the rows, the monitors asked, how soon each fires, and what stays invisible."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from monitor.analyses.sides import Question
from monitor.drill.bed import Bed
from monitor.drill.kinds import INJECTIONS, OF_INPUTS, Injection
from monitor.engine import Cancel, Progress, Workspace, open_workspace
from monitor.errors import SettingError, nearest
from monitor.judgement.finding import Finding
from monitor.judgement.narration.sentences import headline
from monitor.registry import REFUSALS, find_analysis
from monitor.stats.operations.catalogue import OPERATIONS
from monitor.vocabulary import Role
from monitor.watch import Watch
from monitor.wording import count_text, plural

ALARMS = frozenset({"warning", "alert"})
SIZES = (0.2, 1.0)
"""Shares of the rows that are hit: a part that is easily missed, and all."""
OF_ANSWERS = frozenset({"predictions", "performance"})
"""Monitors that changed inputs reach only through the answers of the model."""
OF_COLUMNS, SERVICE = frozenset({"drift", "quality"}), "operations"
OF_ROWS = frozenset({Role.ID, Role.TIMESTAMP})
"""Roles of columns that metrics of the service count rows by."""
LEAST_CHANGED, LEAST_ROWS = 0.05, 30
"""Share of the rows that are hit, and number of rows, that an incident has to reach: a label that 14 of 18,425 rows have, turned round, is
no test of whether changed labels are seen."""
AS_LOGGED = "no model file could be asked, and answers stay as they were logged"
Key = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a drill is of: `kinds` (none: all), `sizes` shares of rows, `segment` level by column, `on` what it is held on ("": the
    reference where it is long enough), `columns` that are hit before others."""

    kinds: tuple[str, ...] = ()
    sizes: tuple[float, ...] = SIZES
    segment: Mapping[str, str] | None = None
    on: str = ""
    columns: tuple[str, ...] = ()
    seed: int = 0

    def check(self) -> tuple[Injection, ...]:
        """Return the kinds.

        Raises
        ------
        SettingError
            A kind is unknown, or a size no share.
        """
        for name in self.kinds:
            if name not in INJECTIONS:
                raise SettingError(f"There is no incident '{name}' to drill.{nearest(name, INJECTIONS)} Use {', '.join(INJECTIONS)}.")
        for size in self.sizes:
            if not 0 < size <= 1:
                raise SettingError(f"A size is the share of rows that are hit, above 0 and at most 1, and not {size:g}.")
        return tuple(INJECTIONS[name] for name in self.kinds) or tuple(INJECTIONS.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one monitor made of one incident: `fired`, after how many `windows` (0: not), what it said; `why` it was not asked; `already`
    whether it alarmed of the same without the incident, or of something that began before it: it could not tell."""

    monitor: str
    fired: bool = False
    windows: int = 0
    said: str = ""
    why: str = ""
    already: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Drilled:
    """One incident put into the rows: its `size`, the `rows` that it concerns of all in its windows, the `columns` that it happened in,
    what each monitor made of it, `seconds` that took; `why` it could not be put there."""

    kind: Injection
    size: float
    rows: int = 0
    share: float = 0.0
    columns: tuple[str, ...] = ()
    cells: tuple[Cell, ...] = ()
    seconds: float = 0.0
    rescored: bool = False
    why: str = ""

    @property
    def seen(self) -> bool:
        """Whether any monitor fired."""
        return any(one.fired for one in self.cells)

    @property
    def blind(self) -> bool:
        """Whether nobody can tell if it would be seen: none fired, and one alarmed of the same before."""
        return not self.seen and any(one.already for one in self.cells)

    @property
    def invisible(self) -> bool:
        """Whether no monitor fired although each could have."""
        return bool(self.cells) and not self.seen and not self.blind


@dataclass(frozen=True, slots=True, kw_only=True)
class Drill:
    """A drill: what was put where and what came of it; `windows` how many each incident lasted, `on` what it was held on, `waiting` windows
    after it that were left away, for their labels are not in."""

    case: str
    on: str
    windows: int
    size: str
    segment: Mapping[str, str]
    drilled: tuple[Drilled, ...]
    rescores: bool
    seconds: float
    seed: int
    waiting: int = 0


def hold_drill(workspace: Workspace, asked: Asked, *, progress: Progress | None = None, cancel: Cancel | None = None) -> Drill:
    """Put each kind of incident into a copy of the rows and ask the monitors that could see it.

    Raises
    ------
    SettingError, SelectionError
        What is asked for cannot be, or there are too few windows.
    CancelledError
        It was called off.
    """
    kinds, watch, began = asked.check(), Watch(progress, cancel), time.perf_counter()
    watch.tell(0.0, "reading the rows")
    bed = Bed.of(workspace, on=asked.on, columns=asked.columns, seed=asked.seed)
    segment = dict(asked.segment or {})
    bed.hit(1.0, segment, np.random.default_rng(asked.seed))  # a segment without rows is told before any work
    monitors = tuple(dict.fromkeys(name for kind in kinds for name in kind.monitors))
    watch.tell(0.02, "asking the monitors before anything happened")
    found, steps = [], [(kind, size) for kind in kinds for size in sorted(asked.sizes)]
    with tempfile.TemporaryDirectory(prefix="driftscope-drill-") as folder:
        monitored = _Monitored(bed, Path(folder))
        usual = monitored.ask(bed.production, monitors)
        for at, (kind, size) in enumerate(steps):
            watch.tell(0.05 + 0.95 * at / len(steps), f"{kind.cause.value.replace('_', ' ')}, {size:.0%} of the rows")
            found.append(_drilled(monitored, kind, size, segment, (usual, asked.seed)))
    return Drill(
        case=workspace.case.name,
        on=bed.on,
        windows=len(bed.ids) - bed.start,
        size=str(workspace.case.windows),
        segment=segment,
        drilled=tuple(found),
        rescores=bed.model is not None,
        seconds=round(time.perf_counter() - began, 1),
        seed=asked.seed,
        waiting=bed.waiting,
    )


class _Alarm(NamedTuple):
    """An alarm: its headline, what it is of, and whether it began before the windows that are hit."""

    said: str
    what: str
    older: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a monitor found: its alarms in the drilled windows by key; or why it was not asked."""

    alarms: Mapping[Key, _Alarm]
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Monitored:
    """Rows of a drill, and the folder that copies of them are monitored in: what was counted of the reference is there for the next."""

    bed: Bed
    folder: Path

    def ask(self, frame: pd.DataFrame, monitors: Sequence[str]) -> dict[str, _Answer]:
        """Ask monitors of rows of production."""
        case = self.bed.written(self.folder, frame)
        with open_workspace(case, cache=self.folder / "cache") as workspace:
            return {name: _asked(workspace, name, self.bed.start) for name in monitors}


def _drilled(
    monitored: _Monitored, kind: Injection, size: float, segment: Mapping[str, str], given: tuple[Mapping[str, _Answer], int]
) -> Drilled:
    bed, (usual, seed) = monitored.bed, given
    began, rng = time.perf_counter(), np.random.default_rng([seed, list(INJECTIONS).index(kind.cause.value)])
    hit = bed.hit(size, segment, rng)
    put = kind.inject(bed, hit, rng)
    if put is None or not put.rows:
        looked = f": looked at {bed.looked_at()}" if kind.lacks in OF_INPUTS else ""
        return Drilled(kind=kind, size=size, why=f"{kind.lacks}{looked}" or "no row is hit")
    if why := _too_few(put.rows, int(hit.sum())):
        return Drilled(kind=kind, size=size, rows=put.rows, columns=put.columns, why=why)
    rescored = put.inputs is not None and bed.model is not None
    frame = put.frame if put.inputs is None else bed.rescored(put.frame, put.inputs)
    unanswered = put.inputs is not None and not rescored
    asked = [name for name in kind.monitors if not (unanswered and name in OF_ANSWERS)]
    found = monitored.ask(frame, asked)
    left_out = [Cell(monitor=name, why=AS_LOGGED) for name in kind.monitors if name not in asked]
    cells = (*_cells(monitored, frame, put.columns, found, usual), *left_out)
    return Drilled(
        kind=kind,
        size=size,
        rows=put.rows,
        share=put.rows / max(int((bed.window >= bed.start).sum()), 1),
        columns=put.columns,
        cells=cells,
        seconds=round(time.perf_counter() - began, 1),
        rescored=rescored,
    )


def _too_few(changed: int, hit: int) -> str:
    """Say that an incident reaches too few rows for its silence to mean anything; empty where it reaches enough."""
    if changed >= max(LEAST_CHANGED * hit, LEAST_ROWS):
        return ""
    told = f"{plural(changed, 'row')} of the {count_text(hit)} that are hit"
    return f"could not be tested: it reaches {told}, the only ones with what it changes"


def _cells(
    monitored: _Monitored, frame: pd.DataFrame, columns: Sequence[str], found: Mapping[str, _Answer], usual: Mapping[str, _Answer]
) -> Iterator[Cell]:
    """Yield what each monitor made of it, with the windows after which it fires: it is asked again on rows that end sooner."""
    monitors = tuple(found)
    new = {name: _new(found[name], usual[name]) for name in monitors}
    soon: dict[str, int] = {}
    bed = monitored.bed
    last = len(bed.ids) - bed.start
    for windows in range(1, last):
        left = [name for name in monitors if new[name] and name not in soon]
        if not left:
            break
        sooner = monitored.ask(_until(bed, frame, windows), left)
        soon |= {name: windows for name in left if set(_new(sooner[name], usual[name])) & set(new[name])}
    for name in monitors:
        said = next((one.said for one in new[name].values()), "")
        already = not new[name] and _alarmed_before(name, columns, found[name], usual[name], bed)
        windows = soon.get(name, last) if new[name] else 0
        yield Cell(monitor=name, fired=bool(new[name]), windows=windows, said=said, why=found[name].why, already=already)


def _new(found: _Answer, usual: _Answer) -> Mapping[Key, _Alarm]:
    """Return the alarms that the incident brought: what began before it is none of them."""
    return {key: one for key, one in found.alarms.items() if key not in usual.alarms and not one.older}


def _alarmed_before(monitor: str, columns: Sequence[str], found: _Answer, usual: _Answer, bed: Bed) -> bool:
    """Say whether a monitor alarms of what the incident is about for another reason."""
    return any((key in usual.alarms or one.older) and _is_about(monitor, one.what, columns, bed) for key, one in found.alarms.items())


def _is_about(monitor: str, what: str, columns: Sequence[str], bed: Bed) -> bool:
    """Say whether an alarm is about what an incident changes: a column of it, a metric made of one, or, of whole rows, their number; what
    is told of answers as a whole is about any."""
    if monitor in OF_COLUMNS:
        column = what.rpartition("~")[2]
        return column in columns or (column not in bed.kinds and not columns)
    metric = OPERATIONS.get(what)
    if monitor != SERVICE or metric is None or metric.needs is None:
        return monitor != SERVICE or not columns
    return getattr(bed.case.roles, metric.needs.value) in columns or (metric.needs in OF_ROWS and not columns)


def _until(bed: Bed, frame: pd.DataFrame, windows: int) -> pd.DataFrame:
    """Return the rows before the window so many after the first that is hit."""
    at = pd.to_datetime(frame[str(bed.case.roles.timestamp)])
    end = bed.time[bed.window >= bed.start + windows].min()
    sooner: pd.DataFrame = frame.loc[np.asarray(at < end)]
    return sooner


def _asked(workspace: Workspace, name: str, start: int) -> _Answer:
    row = find_analysis(name)
    if lacking := row.lacks(workspace.case):
        return _Answer({}, lacking)
    try:
        judged = row.run(workspace, Question())
    except REFUSALS as error:
        return _Answer({}, str(error))
    alarms = [one for one in judged.findings if one.status in ALARMS and one.last >= start]
    return _Answer({_key(one): _Alarm(headline(one, judged.names, judged.against), one.what, one.first < start) for one in alarms})


def _key(one: Finding) -> Key:
    return (one.what, one.kind.value, one.where, one.segment, one.version)
