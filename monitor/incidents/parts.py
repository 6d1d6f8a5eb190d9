"""Groups of evidence on their way to incidents: what people said of each, and which are told as one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.evidence import INPUTS, of_segments
from monitor.incidents.grouping import Group
from monitor.incidents.memory import record_of, remembered, told_with
from monitor.incidents.record import Record, incident_id

if TYPE_CHECKING:
    from monitor.incidents.effect import Effect
    from monitor.incidents.result import IncidentsResult
    from monitor.incidents.ruled_out import RuledOut

OF_VALUES = frozenset(
    {
        Cause.UNIT_CHANGE, Cause.SCALE_CHANGE, Cause.OFFSET, Cause.TIME_SHIFT, Cause.STUCK_VALUE, Cause.DEFAULT_FILL, Cause.MISSING_VALUES,
        Cause.SWAPPED_COLUMNS,
    }
)  # fmt: skip
"""Causes that change the value of each row that they concern: of all others the claim is true of the place as a whole (a bound, another
spelling of one level), or is about rows and not about values."""


@dataclass(frozen=True, slots=True)
class Part:
    """One group on its way to an incident: its cause as it is told, what it did, what people said of it, and what they tell with it."""

    group: Group
    cause: Hypothesis
    effect: Effect | None
    record: Record | None
    not_it: tuple[RuledOut, ...] = ()
    absorbed: tuple[Part, ...] = ()


def by_hand_of(result: IncidentsResult, records: tuple[Record, ...]) -> list[Part]:
    """Return the groups with what people said of them; findings that were split off are groups of their own."""
    told = []
    for one, effect, not_it in zip(result.groups, result.effects, result.not_it or ((),) * len(result.groups), strict=True):
        cause = one.hypothesis or unknown_of(one, result)
        record = record_of(result.case, cause, records)
        off = frozenset() if record is None else frozenset(record.split_off)
        kept, rest = (tuple(each for each in one.evidence if (each.key in off) is apart) for apart in (False, True))
        if kept or not one.evidence:
            told_as = in_part(remembered(cause, record, one.beaten), effect)
            told.append(Part(replace(one, evidence=kept), told_as, effect, record, not_it))
        if rest:
            alone = Group(hypothesis=None, evidence=rest)
            unknown = unknown_of(alone, result)
            told.append(Part(alone, unknown, None, record_of(result.case, unknown, records)))
    return told


def in_part(cause: Hypothesis, effect: Effect | None) -> Hypothesis:
    """Return a cause that changes values with the share of the rows of its place and time that it changed, where these are not nearly all;
    of values that are missing as many as are, usual ones too."""
    if cause.cause not in OF_VALUES or cause.inverse is None or effect is None or not cause.rows or effect.nearly_all(cause.rows):
        return cause
    proof = cause.proof if cause.cause is Cause.MISSING_VALUES else None
    return replace(cause, partly=cause.rows / effect.rows if proof is None else proof.before)


def merged(parts: list[Part], records: tuple[Record, ...], case: str) -> list[Part]:
    """Return the parts with those taken in that are told with another, by hand or because they have one id."""
    into, ids = told_with(records), [id_of(one, case) for one in parts]
    homes = [into[name] if into.get(name) in ids else name for name in ids]
    found: dict[str, Part] = {}
    for name, home, one in sorted(zip(ids, homes, parts, strict=True), key=lambda each: each[0] != each[1]):
        known = found.get(home)
        found[home] = one if known is None else _joined(known, one, by_hand=name != home)
    return list(found.values())


def _joined(one: Part, other: Part, *, by_hand: bool) -> Part:
    """Return one part with another, which is remembered as it was where people put the two together, else with its evidence."""
    if by_hand:
        return replace(one, absorbed=(*one.absorbed, other))
    return replace(one, group=replace(one.group, evidence=(*one.group.evidence, *other.group.evidence)))


def id_of(one: Part, case: str) -> str:
    """Return the id that a part has as an incident."""
    return incident_id(case, one.cause) if one.record is None else one.record.id


def changed_by(one: Group) -> tuple[str, ...]:
    """Return the columns that alerts on inputs are about, strongest first."""
    return tuple(dict.fromkeys(name for each in one.evidence if each.alert and each.analysis in INPUTS for name in sorted(each.columns)))


def unknown_of(one: Group, result: IncidentsResult) -> Hypothesis:
    """Return what is known of evidence that no cause explains: its columns, and the time of what is strongest."""
    lead = one.lead
    first, last, strongest = lead.first, lead.last, lead.finding
    timed = not np.isnat(strongest.start)  # of windows without rows too
    last_end = strongest.end if timed else result.windows.end[last]
    timeless = bool(np.isnat(result.windows.start).any())
    within = result.rows[min(each.first for each in one.evidence) : max(each.last for each in one.evidence) + 1]
    return Hypothesis(
        cause=Cause.UNKNOWN,
        columns=changed_by(one) or tuple(dict.fromkeys(name for each in one.evidence for name in sorted(each.columns))),
        start=strongest.start if timed else result.windows.start[first],
        end=np.datetime64("NaT") if strongest.ongoing else last_end,
        onset_lower=strongest.onset_lower,
        onset_upper=strongest.onset_upper,
        rows=strongest.rows,
        share_rows=float((strongest.rows if of_segments(one.evidence) else within.sum()) / max(result.rows.sum(), 1)),
        evidence=tuple(each.key for each in one.evidence),
        held=(first, last) if timeless else None,
        ceased=timeless and last < len(result.windows) - 1,
    )
