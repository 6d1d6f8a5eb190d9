"""What is remembered when an incident is measured again, or one like it is found: the record it has, and similar ones of the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from monitor.incidents.cause import Hypothesis
from monitor.incidents.record import Answer, Record, incident_id, to_moment

APART = np.timedelta64(36, "h")
"""How far the onsets of one incident may lie apart when it is measured again: a day, as onsets of noisy rows are known, and half of one."""
ALIKE = 0.5
"""Similarity from which a past incident is told."""
WEIGHTS = {"cause": 0.4, "columns": 0.3, "segment": 0.15, "shape": 0.15}
"""What each likeness counts: what happened first, then to what."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A past incident that is like another: `likeness` 0 to 1, and what they share (`cause`, `columns`, `segment`, `shape`)."""

    record: Record
    likeness: float
    shared: tuple[str, ...]


def record_of(case: str, found: Hypothesis, records: Sequence[Record]) -> Record | None:
    """Return the record of an incident that is measured again: the one with its id, else the nearest of the same columns and segment.

    The id holds the cause, and the next measurement may find another one for the same rows: these are one incident where columns and
    segment are the same and the onsets lie near each other.
    """
    mine = [one for one in records if one.case == case]
    known = next((one for one in mine if one.id == incident_id(case, found)), None)
    if known is not None:
        return known
    near = [(_apart(one, found), one) for one in mine if _same_place(one, found)]
    return min((pair for pair in near if pair[0] <= _allowed(found)), key=lambda pair: pair[0], default=(None, None))[1]


def known_before(found: Hypothesis, records: Sequence[Record]) -> Record | None:
    """Return the last record of an earlier incident of the same cause, columns and segment that is known as no fault."""
    alike = [one for one in records if one.known_as and one.told_cause is found.cause and _same_place(one, found)]
    before = [one for one in alike if one.start and (np.isnat(found.start) or to_moment(one.start) < found.start)]
    return max(before, key=lambda one: one.start, default=None)


def remembered(found: Hypothesis, record: Record | None, looked_at: Sequence[Hypothesis] = ()) -> Hypothesis:
    """Return an incident as it is told: with the cause that somebody gave, where somebody corrected it.

    What was fitted to the cause found says nothing of another one: that has its own figures where it was fitted to the same rows
    (`looked_at`: causes that were beaten), and else none.
    """
    if record is None or record.answer is not Answer.CORRECTED or found.cause is record.told_cause:
        return found
    given = next((one for one in looked_at if one.cause is record.told_cause and _same_rows(one, found)), None)
    told = replace(found, cause=record.told_cause, proof=None, inverse=None, more=None, parts=(), known_days=None)
    return told if given is None else replace(told, proof=given.proof, inverse=given.inverse, more=given.more, explained=given.explained)


def _same_rows(one: Hypothesis, other: Hypothesis) -> bool:
    place = [(set(each.columns), dict(each.segment), set(each.beside)) for each in (one, other)]
    return place[0] == place[1] and _near(one.start, other.start) and _near(one.end, other.end)


def _near(one: np.datetime64, other: np.datetime64) -> bool:
    return bool(np.isnat(one) and np.isnat(other)) or bool(abs(one - other) <= APART)


def similar(record: Record, records: Sequence[Record], *, most: int = 5) -> tuple[Similar, ...]:
    """Return past incidents that are like one: same cause, columns, segment and shape (how long, how many rows), the most alike first.

    Those that began after it, and those told with another, are left out.
    """
    past = [one for one in records if one.id != record.id and not one.merged_into and _before(one, record)]
    found = [_likeness(record, one) for one in past]
    return tuple(sorted((one for one in found if one.likeness >= ALIKE), key=lambda one: (-one.likeness, one.record.start))[:most])


def continues(found: Record, told: Record) -> bool:
    """Say whether an incident is one that was told before, under another id: its onset lies near, and cause, columns and segment are alike.

    The next measurement may find another cause, or that more columns are concerned.
    """
    apart = abs(to_moment(found.start) - to_moment(told.start))
    if not _overlap(found.columns, told.columns) or apart > APART:  # NaT is not
        return False
    same = set(found.columns) == set(told.columns) and _levels(found) == _levels(told)
    return same or _likeness(found, told).likeness >= ALIKE


def told_with(records: Sequence[Record]) -> dict[str, str]:
    """Return the record that each is told with by hand, by id; of chains the last one, and none of circles."""
    into = {one.id: one.merged_into for one in records if one.merged_into}
    return {name: last for name in into if (last := _last(name, into))}


def _last(name: str, into: dict[str, str]) -> str:
    seen = {name}
    while name in into:
        name = into[name]
        if name in seen:
            return ""
        seen.add(name)
    return name


def _same_place(record: Record, found: Hypothesis) -> bool:
    same_rows = dict(record.segment) == dict(found.segment) and set(record.beside) == set(found.beside)
    return same_rows and set(record.columns) == set(found.columns)


def _apart(record: Record, found: Hypothesis) -> np.timedelta64:
    """Return how far the onsets lie apart; a day and more than can be where either has none and the other does."""
    onsets = [to_moment(one) for one in (record.onset, record.start)]
    if np.isnat(found.start) or np.isnat(onsets[0]):
        return np.timedelta64(0, "us") if np.isnat(found.start) and np.isnat(onsets[0]) else np.timedelta64(10_000, "D")
    return min(abs(found.start - one) for one in onsets if not np.isnat(one))


def _allowed(found: Hypothesis) -> np.timedelta64:
    """Return how far onsets may lie apart: as far as the onset itself is known, and never less than a day and a half."""
    known = [one for one in (found.onset_lower, found.onset_upper) if not np.isnat(one)]
    return max([APART, *(abs(found.start - one) for one in known if not np.isnat(found.start))])


def _before(one: Record, record: Record) -> bool:
    first, second = to_moment(one.start), to_moment(record.start)
    return bool(np.isnat(second) or (not np.isnat(first) and first < second))


def _likeness(record: Record, past: Record) -> Similar:
    parts = {
        "cause": float(record.told_cause is past.told_cause),
        "columns": _overlap(record.columns, past.columns),
        "segment": _overlap(_levels(record), _levels(past)),
        "shape": _shape(record, past),
    }
    whole = sum(WEIGHTS[name] * part for name, part in parts.items())
    return Similar(past, whole, tuple(name for name, part in parts.items() if part >= ALIKE))


def _levels(record: Record) -> list[tuple[str, str]]:
    first = list(record.segment.items())
    return first + [(first[0][0], level) for level in record.beside] if first else []


def _overlap(first: Sequence[object], second: Sequence[object]) -> float:
    """Return the part of two lists that they share; two empty ones are the same."""
    either = set(first) | set(second)
    return len(set(first) & set(second)) / len(either) if either else 1.0


def _shape(record: Record, past: Record) -> float:
    """Return how alike two are in length and share of rows: 1 the same, a half where one is twice the other in both."""
    sizes = [(_hours(record), _hours(past)), (record.share_rows, past.share_rows)]
    known = [min(one, other) / max(one, other) for one, other in sizes if one and other]
    return float(np.mean(known)) if known else 0.0


def _hours(record: Record) -> float | None:
    span = to_moment(record.end) - to_moment(record.start)
    return None if np.isnat(span) else max(float(span / np.timedelta64(1, "h")), 0.0)
