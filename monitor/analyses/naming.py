"""What the two sides of a comparison are called: "the reference" and "production" only where that is what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.analyses.condition_words import where_words
from monitor.analyses.sides import Question
from monitor.engine import Selection
from monitor.wording import day_text, moment_text

LEGEND = 44
"""Letters of a side's words that a legend or a sentence has room for."""


@dataclass(frozen=True, slots=True)
class SideNames:
    """`legend_a`, `legend_b` stand in legends; `a`, `b` inside a sentence ("the reference", "production", or "A", "B" where the sides are
    other rows than these two); `told_a` where the sentence has to speak for itself; `beside` says that B is no later than A: then they
    differ, and nothing changed since."""

    legend_a: str = "Reference"
    legend_b: str = "Production"
    a: str = "the reference"
    b: str = "production"
    told_a: str = "the reference"
    beside: bool = False

    @property
    def rows_a(self) -> str:
        """The heading of a number of rows of A."""
        return "Reference rows" if self.a == "the reference" else "Rows of A"

    @property
    def rows_b(self) -> str:
        """The heading of a number of rows of B."""
        return "Production rows" if self.b == "production" else "Rows of B"


PLAIN = SideNames()


def side_names(question: Question, timezone: str) -> SideNames:
    """Name the sides of a question, times on the case's clock."""
    a, b = question.reference, question.production
    shared = a.where if a.where == b.where else None
    first, second = (_capital(_short(selection_words(one, timezone, shared=shared, whole=("reference", "production")))) for one in (a, b))
    if (a.data, b.data) == ("reference", "production"):
        return SideNames(first, second)
    beside = a.data == b.data and not _later(b, a)
    return SideNames(f"A: {_lowered(first)}", f"B: {_lowered(second)}", "A", "B", f"A ({_lowered(first)})", beside)


def _later(one: Selection, other: Selection) -> bool:
    """Say whether all rows that were asked for are later than those of another selection of the same data."""
    if one.without is not None or other.without is not None:  # they were asked for on both sides
        return False
    return one.start is not None and other.end is not None and one.start >= other.end


def selection_words(
    selection: Selection,
    timezone: str,
    *,
    shared: str | None = None,
    whole: tuple[str, str] = ("the reference set", "all of production"),
    label: Callable[[str], str] = str,
) -> str:
    """Write a selection for people, without the condition `shared` that both sides have; `label` says what a column is called.

    >>> selection_words(Selection.parse("2013-07", data="production"), "UTC"), selection_words(Selection(), "UTC")
    ('production, 1 Jul to 31 Jul 2013', 'all of production')
    """
    parts = [_period(selection, ZoneInfo(timezone))]
    parts += [f"version {selection.model_version}"] if selection.model_version is not None else []
    parts += [f"file {selection.file}"] if selection.file is not None else []
    parts += [where_words(" ".join(selection.where.split()), label)] if selection.where and selection.where != shared else []
    said = [part for part in parts if part]
    if not said:
        return whole[0] if selection.data == "reference" else whole[1]
    return ", ".join([selection.data, *said])


def _period(selection: Selection, zone: ZoneInfo) -> str:
    first, last = _local(selection.start, zone, last=False), _local(selection.end, zone, last=True)
    if first is None or last is None:
        return f"from {_moment(first)} on" if first else f"up to {_moment(last)}" if last else ""
    if _moment(first) == _moment(last):
        return _moment(first)
    days = first == _midnight(first) and last == _midnight(last)
    begun = day_text(first).removesuffix(f" {last.year:04d}") if days else _moment(first)  # of two days of a year the last tells it
    return f"{begun} to {_moment(last)}"


def _local(bound: datetime | None, zone: ZoneInfo, *, last: bool) -> datetime | None:
    """Return a bound on the local clock; of an end at midnight the day before it, which is the last that belongs to it."""
    local = None if bound is None else bound.astimezone(zone)
    return local - timedelta(days=1) if local is not None and last and local == _midnight(local) else local


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _moment(local: datetime | None) -> str:
    return "" if local is None else day_text(local) if local == _midnight(local) else moment_text(local)


def _short(words: str) -> str:
    return words if len(words) <= LEGEND else f"{words[: LEGEND - 1].rstrip()}…"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]
