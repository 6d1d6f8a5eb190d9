"""What examiners of columns share: the rows of both sides in order of time, where findings lie, and the stretch that a change holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.cause import Cause, Hypothesis, Inverse, Proof
from monitor.incidents.clock import to_utc
from monitor.incidents.lost import Codes, coded
from monitor.incidents.scene import TIME, WINDOW, Scene, Side
from monitor.judgement.finding import NO_TIME, Direction, Finding, FindingKind
from monitor.vocabulary import Kind, Role

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_ROWS = 400_000
"""Rows of a side that are looked at; of more, every k-th in order of time."""
FEWEST_ROWS = 30
"""Rows below which nothing is said of how values are distributed."""
NEAR = 3
"""Windows before and after those of a finding that what it found may reach at least."""
WATCHED = frozenset({Role.FEATURE, Role.SEGMENT, Role.PROTECTED})
"""Roles of columns whose values are looked into: what comes in, not what the model or the service makes of it."""
ANSWERS = frozenset({Role.PREDICTION, Role.SCORE})
"""What the model makes of it."""


@dataclass(frozen=True, kw_only=True)
class Area:
    """Where and when something holds: `rows` (n,) of production within it, `base` (m,) the rows of the reference of its segment.

    `first` and `last` are positions of production's rows in time; `opens`, `lasts`: it holds from the first row on, to the last.
    """

    segment: Mapping[str, str] = field(default_factory=dict)
    rows: Bools
    base: Bools
    first: int
    last: int
    opens: bool = False
    lasts: bool = False
    before: int = -1
    """Position of the last row of the segment before `first`; -1: none."""
    unlike: int | None = None
    """Position of the last row that the change would surely have altered, so that it had not begun; -1: none. None: it is `before`."""

    @property
    def unbegun(self) -> int:
        """Position of the last row that proves that it had not begun, from which on it may have; -1: none."""
        return self.first if self.opens else self.before if self.unlike is None else min(self.unlike, self.before)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What an area shows of a cause. `free`: choices made besides the segment; `rows` (n,) those concerned, all of the area if not given;
    `usual` the share of rows of the area that always are so, and concerned by nothing; `segment` where it says more than that of the area.
    """

    proof: Proof
    inverse: Inverse
    explained: float
    free: int = 0
    rows: Bools | None = None
    usual: float = 0.0
    segment: Mapping[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Windows `first` to `last` in which findings say that something happened to a column, with the keys of these findings."""

    first: int
    last: int
    keys: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, kw_only=True)
class Ground:
    """The rows of a scene in order of time, each side thinned to MOST_ROWS; what is looked into are inputs, or `answers` of the model."""

    scene: Scene
    answers: bool = False

    @cached_property
    def before(self) -> pd.DataFrame:
        """The rows of the reference."""
        return _in_time(self.scene.reference)

    @cached_property
    def now(self) -> pd.DataFrame:
        """The rows of production."""
        return _in_time(self.scene.production)

    @cached_property
    def times(self) -> NDArray[np.datetime64]:
        """Moments of production's rows, on the case's clock, (n,)."""
        return self.now[TIME].to_numpy()

    @cached_property
    def follows(self) -> bool:
        """Whether production begins right where the reference ends: within a tenth of the time of this."""
        old = self.before[TIME].to_numpy()
        if not len(old) or not len(self.times) or np.isnat(old[[0, -1]]).any() or np.isnat(self.times[0]):
            return False
        return bool(old[-1] <= self.times[0] <= old[-1] + (old[-1] - old[0]) / 10)

    @cached_property
    def windows(self) -> Ints:
        """Windows of production's rows, (n,)."""
        return self.now[WINDOW].to_numpy()

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Watched columns of numbers on both sides."""
        return tuple(name for name in self._watched(Kind.NUMERIC) if name in self.before and name in self.now)

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Watched columns of levels on both sides."""
        return tuple(name for name in self._watched(Kind.CATEGORICAL, Kind.BOOLEAN) if name in self.before and name in self.now)

    @cached_property
    def moments(self) -> tuple[str, ...]:
        """Watched columns of times on both sides, but that of the rows."""
        return tuple(name for name in self._watched(Kind.DATETIME) if name in self.before and name in self.now)

    @cached_property
    def watched(self) -> tuple[str, ...]:
        """Watched columns, be they on both sides or not."""
        return tuple(self._watched(Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN))

    def _watched(self, *kinds: Kind) -> Iterator[str]:
        for info in self.scene.workspace.columns.values():
            if info.kind in kinds and info.role in (ANSWERS if self.answers else WATCHED):
                yield info.name

    def is_watched(self, name: str) -> bool:
        """Say whether a column is one whose values are looked into."""
        return name in self.numbers or name in self.levels

    @cached_property
    def codes(self) -> Mapping[str, Codes]:
        """Of each place column: positions of the levels of rows before and now (-1: none), and the levels of both sides."""
        found = {name: coded(self.before[name], self.now[name]) for name in self.scene.places}
        return {name: one for name, one in found.items() if not _is_time(one[1], self.windows)}

    @cached_property
    def found(self) -> Mapping[str, tuple[Stretch, ...]]:
        """The stretches in which it was found that a watched column changed, by column."""
        by_column: dict[str, list[tuple[str, Finding]]] = {}
        derived = {one.name: one.column for one in self.scene.workspace.measured()}
        for key, finding in self.scene.findings(*(("predictions",) if self.answers else ("drift", "quality"))):
            column = derived.get(_column_of(finding.what), _column_of(finding.what))
            if finding.status in ("alert", "warning") and column in self.scene.workspace.columns:
                by_column.setdefault(column, []).append((key, finding))
        return {column: _stretches(found) for column, found in by_column.items()}

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """Watched columns that any finding of inputs or of their relations names."""
        named = {*self.found, *(name for names in self.named.values() for name in names)}
        return frozenset(named & {*self.numbers, *self.levels})

    def moved(self, column: str) -> Iterator[Bools]:
        """Yield the rows of production in windows in which the values of a column changed: more than that some do not arrive."""
        for stretch in self.found.get(column, ()):
            values = [one for one in stretch.findings if one.kind is not FindingKind.MISSING or one.direction is Direction.FEWER]
            if values:
                first, last = min(one.first for one in values), max(one.last for one in values)
                yield np.asarray((self.windows >= first) & (self.windows <= last))

    def found_windows(self, column: str) -> Iterator[Bools]:
        """Yield the rows of production in windows in which anything was found of a column."""
        yield from (self.inside(stretch) for stretch in self.found.get(column, ()))

    def inside(self, stretch: Stretch) -> Bools:
        """Say which rows of production lie in the windows of a stretch, (n,)."""
        return np.asarray((self.windows >= stretch.first) & (self.windows <= stretch.last))

    def around(self, inside: Bools) -> Bools:
        """Say which rows lie so near the windows of some rows that what happened in these may reach them, (n,)."""
        at = self.windows[inside]
        if not len(at):
            return inside
        reach = max(NEAR, int(at.max() - at.min()) + 1)
        return np.asarray((self.windows >= at.min() - reach) & (self.windows <= at.max() + reach))

    def segment_rows(self, segment: Mapping[str, str]) -> tuple[Bools, Bools]:
        """Return which rows before and now belong to a segment, (m,) and (n,)."""
        before, now = np.ones(len(self.before), dtype=bool), np.ones(len(self.now), dtype=bool)
        for name, level in segment.items():
            old, new, levels = self.codes[name]
            before, now = before & (old == levels.index(level)), now & (new == levels.index(level))
        return before, now

    def utc(self, position: int, *, after: bool = False) -> np.datetime64:
        """Return the moment of a row of production in UTC; `after`: the first moment after it."""
        if not 0 <= position < len(self.times):
            return NO_TIME
        moment = to_utc(self.times[position], self.scene.workspace.case.timezone)
        return np.datetime64(moment + np.timedelta64(1, "us") if after else moment)

    def evidence(self, columns: Iterable[str], area: Area) -> tuple[str, ...]:
        """Return the keys of the findings of columns, and of their relations, whose windows meet an area."""
        first, last = int(self.windows[area.first]), int(self.windows[area.last])
        stretches = [one for column in columns for one in self.found.get(column, ())]
        own = [key for one in stretches if one.first <= last and one.last >= first for key in one.keys]
        met = [(key, one) for key, one in self.related.items() if one.first <= last and one.last >= first]
        return tuple(dict.fromkeys((*own, *(key for key, one in met if self.named[key] & set(columns)))))

    @cached_property
    def related(self) -> Mapping[str, Finding]:
        """What was found of relations of columns, by key."""
        return {key: one for key, one in self.scene.findings("multivariate") if one.status in ("alert", "warning")}

    @cached_property
    def named(self) -> Mapping[str, frozenset[str]]:
        """Watched columns that each of these findings names."""
        labels = {name: self.scene.workspace.case.label(name) for name in (*self.numbers, *self.levels)}
        texts = {key: " ".join((one.what, one.note, *one.carried)) for key, one in self.related.items()}
        return {
            key: frozenset(name for name, label in labels.items() if label in texts[key] or name in one.levels_lost)
            for key, one in self.related.items()
        }

    def hypothesis(self, cause: Cause, columns: Sequence[str], area: Area, shown: Shown) -> Hypothesis:
        """Return the hypothesis of an area."""
        so = area.rows if shown.rows is None else shown.rows
        concerned = max(float(so.sum()) - shown.usual * float(area.rows.sum()), 0.0)
        span = area.last - area.first + 1
        thinned = len(self.scene.production) / len(self.now)
        timeless = bool(np.isnat(self.times[[area.first, area.last]]).any())
        return Hypothesis(
            cause=cause,
            columns=tuple(columns),
            segment=dict(area.segment if shown.segment is None else shown.segment),
            start=self.utc(area.first),
            end=NO_TIME if area.lasts else self.utc(area.last, after=True),
            onset_lower=self.utc(area.unbegun),
            onset_upper=self.utc(area.first),
            rows=round(concerned * thinned),
            share_rows=concerned / span,
            explained=float(np.clip(shown.explained, 0.0, 1.0)),
            parameters=len(area.segment) + shown.free,
            proof=shown.proof,
            inverse=shown.inverse,
            evidence=self.evidence(columns, area),
            answers=self.answers,
            held=(int(self.windows[area.first]), int(self.windows[area.last])) if timeless else None,
            ceased=timeless and not area.lasts,
        )


def _in_time(side: Side) -> pd.DataFrame:
    frame = side.frame
    order = np.lexsort((frame[TIME].to_numpy(), frame[WINDOW].to_numpy()))
    every = -(-len(order) // MOST_ROWS)
    return frame.iloc[order[::every]].reset_index(drop=True)


def _is_time(codes: Ints, windows: Ints) -> bool:
    """Say whether levels only tell the time: each window has one, the day of the week say, and no window is told from its rows by it."""
    known = codes >= 0
    table = np.zeros((int(windows.max(initial=0)) + 1, int(codes.max(initial=0)) + 2), dtype=np.int64)
    np.add.at(table, (windows[known], codes[known]), 1)
    rows = table.sum(axis=1)
    one = table.max(axis=1) >= 0.95 * rows
    return bool((rows > 0).sum() > 1 and one[rows > 0].mean() >= 0.9 and (table.sum(axis=0) > 0).sum() > 1)


def _column_of(what: str) -> str:
    """Return the column that a finding of drift or quality is about: "check~column" is a check of it."""
    return what.rpartition("~")[2] or what


def _stretches(found: Sequence[tuple[str, Finding]]) -> tuple[Stretch, ...]:
    """Return findings whose windows meet as one stretch each, in order of time."""
    stretches: list[Stretch] = []
    for key, finding in sorted(found, key=lambda one: one[1].first):
        if stretches and finding.first <= stretches[-1].last:
            last = stretches.pop()
            joined = Stretch(
                first=last.first, last=max(last.last, finding.last), keys=(*last.keys, key), findings=(*last.findings, finding)
            )
            stretches.append(joined)
        else:
            stretches.append(Stretch(first=finding.first, last=finding.last, keys=(key,), findings=(finding,)))
    return tuple(stretches)
