"""Hours in which no row has a value of a column that otherwise hardly ever lacks one: what a source that was silent leaves behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from monitor.engine import Selection, Workspace
from monitor.engine.hours import rows_by_hour
from monitor.vocabulary import Kind, Role

SELDOM = 0.05
"""Share of missing values up to which a column hardly ever lacks one: ten rows of an hour then lack it together once in 10^13 hours."""
LEAST_ROWS = 10
"""Rows of a day that lie in such hours, at least."""
BEYOND_CHANCE = 10
"""How many times as many rows lie in such hours, at least, as if values were missing by chance, row by row."""
HELD = 0.8
"""Part of the values that a day lacks which whole hours lack, at least: else values are missing here and there."""
MOST_COLUMNS, MOST_HOURS, MOST_LEVELS, MOST_SEGMENTS = 64, 5_000, 50, 8
ALIKE = 0.8
"""Part of the hours that columns share from which they are told as one."""


@dataclass(frozen=True, slots=True)
class Outage:
    """Columns (`names`, the one with most first) that lack values together in whole hours: rows by day in production (`days`) and in the
    reference (`own_days`); with `by` they are whole hours of some levels of that column. `hourly` is false where moments are days."""

    names: tuple[str, ...]
    days: Mapping[str, int]
    own_days: Mapping[str, int]
    by: str = ""
    hourly: bool = True

    @property
    def rows(self) -> int:
        """Rows of production that it concerns."""
        return sum(self.days.values())


def find_outages(workspace: Workspace, production: Selection, reference: Selection, columns: Sequence[str]) -> tuple[Outage, ...]:
    """Return the outages of production, the one of most rows first; `columns` are those that lack values somewhere, but seldom."""
    if not columns or not _at_hand(workspace, production) or not _at_hand(workspace, reference):
        return ()
    sides = [_Side.of(workspace, one, columns) for one in (production, reference)]
    if sides[0] is None:
        return ()
    found = {name: one for name in sides[0].names if (one := sides[0].blank(name)) is not None}
    own = {name: sides[1].blank(name) for name in found if name in sides[1].names} if sides[1] is not None else {}
    outages = []
    for names in _together({name: table for name, (table, _) in found.items()}):
        table, by = found[names[0]]
        days = _by_day(table, sides[0].hours[names[0]])
        before = own.get(names[0])
        own_days = _by_day(before[0], sides[1].hours[names[0]]) if before and sides[1] is not None else {}
        if days:
            outages.append(Outage(names, days, own_days, by, sides[0].hourly))
    return tuple(sorted(outages, key=lambda one: -one.rows))


def _at_hand(workspace: Workspace, selection: Selection) -> bool:
    """Say whether there are rows with a time to look at."""
    counted = workspace.counter is not None and workspace.counter.holds(selection.data)
    return workspace.schema.time(selection.data) is not None and workspace.kept is None and not counted


def _by_day(table: pd.Series[int], missing: pd.Series[int]) -> dict[str, int]:
    """Return rows by day, in the order of time, of days on which nearly all that is missing is so in whole hours; `table` has the rows of
    such hours, `missing` all rows without a value by hour."""
    days, every = (one.groupby(one.index.floor("D")).sum() for one in (table, missing))  # type: ignore[attr-defined]
    enough = days[(days >= LEAST_ROWS) & (days >= HELD * every.reindex(days.index))]
    return {day.strftime("%Y-%m-%d"): int(rows) for day, rows in enough.items()}  # type: ignore[attr-defined]


def _together(tables: Mapping[str, pd.Series[int]]) -> Iterator[tuple[str, ...]]:
    """Yield columns that lack values in about the same hours."""
    left = sorted(tables, key=lambda name: -int(tables[name].sum()))
    while left:
        first, hours = left[0], set(tables[left[0]].index)
        same = [name for name in left if len(hours & set(tables[name].index)) >= ALIKE * len(hours | set(tables[name].index))]
        yield (first, *(name for name in same if name != first))
        left = [name for name in left if name not in same]


@dataclass(frozen=True, slots=True)
class _Side:
    """Rows by hour in which some value is missing (`hours`: n and, by column, those without a value), and by hour and level of each of the
    segments; `lacking` the share of missing values by column."""

    names: tuple[str, ...]
    lacking: Mapping[str, float]
    hours: pd.DataFrame
    levels: Mapping[str, pd.DataFrame]

    @property
    def hourly(self) -> bool:
        """Whether there are times of day."""
        return bool((self.hours.index.hour != 0).any())  # type: ignore[attr-defined]

    @classmethod
    def of(cls, workspace: Workspace, selection: Selection, columns: Sequence[str]) -> _Side | None:
        """Count the rows of a selection; None where there is nothing to look at."""
        names = [name for name in columns if selection.data in workspace.columns[name].types][:MOST_COLUMNS]
        hours = rows_by_hour(workspace, selection, names) if names else pd.DataFrame()
        lacking = {name: float(hours[name].sum() / max(hours["n"].sum(), 1)) for name in names}
        hours = hours[(hours[names] > 0).any(axis=1)]
        if not len(hours) or len(hours) > MOST_HOURS:
            return None
        apart = [name for name in _segments(workspace) if selection.data in workspace.columns[name].types]
        return cls(tuple(names), lacking, hours, {by: rows_by_hour(workspace, selection, names, by, list(hours.index)) for by in apart})

    def blank(self, name: str) -> tuple[pd.Series[int], str] | None:
        """Return the rows by hour in which a column has no value at all, and the segment whose levels these are hours of."""
        found, of = self._whole(name, self.hours[name], self.hours["n"]), ""
        for by, table in self.levels.items():
            apart = self._whole(name, table[name], table["n"])
            if apart.sum() > found.sum():
                found, of = apart, by
        return (found, of) if found.sum() >= LEAST_ROWS else None

    def _whole(self, name: str, lacking: pd.Series[int], rows: pd.Series[int]) -> pd.Series[int]:
        """Return rows by hour in hours (of levels) without any value, none where as many are so by chance."""
        usual = self.lacking[name]
        whole = lacking[lacking == rows]
        by_chance = float((rows * usual**rows).sum())
        return whole.groupby(whole.index.get_level_values("hour")).sum() if whole.sum() >= BEYOND_CHANCE * by_chance else whole.iloc[:0]


def _segments(workspace: Workspace) -> list[str]:
    """Return the columns by whose levels sources may be silent: the case's segments, else texts of few levels."""
    named = [name for name in workspace.case.roles.segments if name in workspace.columns]
    few = [name for name, one in workspace.columns.items() if one.role is Role.FEATURE and one.kind is Kind.CATEGORICAL]
    return named or [name for name in few if name in workspace.facts and workspace.facts[name].distinct <= MOST_LEVELS][:MOST_SEGMENTS]
