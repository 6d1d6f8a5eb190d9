"""Comparisons that are chosen by their name: which two periods, versions or files of the data there are to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.analyses.chosen_sides import SIDES
from monitor.case import WindowSize
from monitor.wording import day_text

Changes = Mapping[str, str | None]
UNITS = {"day": 1, "week": 7}
USUAL_DAYS = 7
"""Days of the last period where windows are not days, weeks or months."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
_CLEAR: Changes = {name: None for parts in SIDES.values() for part, name in parts.items() if part != "where"} | {"a": None}


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def text(self) -> str:
        """The period as people write it."""
        return day_text(self.first) if self.first == self.last else f"{day_text(self.first)} to {day_text(self.last)}"

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    def holds(self, other: Period) -> bool:
        """Say whether all of another period lies in it."""
        return self.first <= other.first and other.last <= self.last

    def moved(self, by: timedelta) -> Period:
        """Return the period that much later."""
        return Period(self.first + by, self.last + by)

    def years(self, by: int) -> Period:
        """Return the same days that many years later; 29 February becomes 28 February."""
        return Period(_year(self.first, by), _year(self.last, by))


def _year(day: date, by: int) -> date:
    short = day.month == 2 and day.day == 29
    return date(day.year + by, day.month, 28 if short else day.day)


@dataclass(frozen=True, slots=True)
class Held:
    """What there is to choose from, by data set: the days it spans, its model versions and its files."""

    days: Mapping[str, Period]
    versions: Mapping[str, Sequence[str]]
    files: Mapping[str, Sequence[str]]


def last_period(held: Period, size: WindowSize) -> Period:
    """Return the last complete window of a data set in whole days; the last week where windows are neither days, weeks nor months."""
    last = held.last
    if size.unit == "month":
        end = last if (last + DAY).day == 1 else last.replace(day=1) - DAY
        first = end.replace(day=1)
        for _ in range(size.count - 1):
            first = (first - DAY).replace(day=1)
        return Period(first, end)
    if size.unit == "hour":
        return Period(last, last)
    end = last - timedelta(days=(last.weekday() + 1) % 7) if size.unit == "week" else last
    return Period(end - timedelta(days=UNITS.get(size.unit, USUAL_DAYS) * (size.count if size.unit in UNITS else 1) - 1), end)


def presets(held: Held, asked: Period | None, size: WindowSize) -> dict[str, Changes]:
    """Return the comparisons that the data allow, by name: what of the address each changes.

    `asked` is the period of B that is looked at; where none is, it is the last complete window of production.
    """
    found: dict[str, Changes] = {"All of production against the reference": _CLEAR}
    if "production" in held.days:
        production = held.days["production"]
        found |= _periods(held, asked or last_period(production, size))
    return found | _versions(held) | _files(held)


def _periods(held: Held, b: Period) -> dict[str, Changes]:
    if not held.days["production"].holds(b):
        return {}
    found = {f"{b.text} against the reference": _of(b, None, "reference")}
    wanted = {"the period before": b.moved(-timedelta(days=b.days)), "the same weekday a week before": b.moved(-WEEK)}
    if b.days >= WEEK.days:
        del wanted["the same weekday a week before"]
    wanted["the same days a year before"] = b.years(-1)
    for name, a in wanted.items():
        data = next((data for data in ("production", "reference") if data in held.days and held.days[data].holds(a)), None)
        if data is not None:
            found[f"{b.text} against {name}"] = _of(b, a, data)
    season = _same_season(held, b)
    if season is not None and season != b.years(-1):
        found[f"{b.text} against the same days of the reference"] = _of(b, season, "reference")
    return found


def _same_season(held: Held, b: Period) -> Period | None:
    """Return the same days of a year in which the reference has them, the latest."""
    reference = held.days.get("reference")
    if reference is None:
        return None
    years = range(reference.last.year - b.first.year, reference.first.year - b.last.year - 1, -1)
    return next((moved for by in years if by != 0 and reference.holds(moved := b.years(by))), None)


def _of(b: Period, a: Period | None, data: str) -> Changes:
    days = {SIDES["a"]["from"]: a.first.isoformat(), SIDES["a"]["to"]: a.last.isoformat()} if a is not None else {}
    of_b = {SIDES["b"]["from"]: b.first.isoformat(), SIDES["b"]["to"]: b.last.isoformat()}
    return {**_CLEAR, **of_b, **days, SIDES["a"]["data"]: data if data != "reference" else None}


def _versions(held: Held) -> dict[str, Changes]:
    mine = held.versions.get("production", ())
    if len(mine) >= 2:
        pair, data = (mine[-2], mine[-1]), "production"
    else:
        before = [one for one in held.versions.get("reference", ()) if one not in mine]
        if not mine or not before:
            return {}
        pair, data = (before[-1], mine[-1]), "reference"
    changed = {SIDES["a"]["version"]: pair[0], SIDES["b"]["version"]: pair[1]}
    return {f"Version {pair[1]} against version {pair[0]}": {**_CLEAR, **changed, **_data(data)}}


def _files(held: Held) -> dict[str, Changes]:
    mine = held.files.get("production", ())
    if len(mine) < 2:
        return {}
    changed = {SIDES["a"]["file"]: mine[-2], SIDES["b"]["file"]: mine[-1]}
    return {f"File {mine[-1]} against file {mine[-2]}": {**_CLEAR, **changed, **_data("production")}}


def _data(data: str) -> Changes:
    return {SIDES["a"]["data"]: None if data == "reference" else data}
