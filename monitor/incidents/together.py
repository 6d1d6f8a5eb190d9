"""Incidents that people tell together: one thing with one cause, that lasts from the first to the last of them, as bad as the worst."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, predicate
from monitor.incidents.incident import GOES_ON, Incident, Severity
from monitor.incidents.record import Answer
from monitor.incidents.titles import when_of
from monitor.judgement.finding import NO_TIME, State
from monitor.vocabulary import Status
from monitor.wording import plural

Ends = tuple[np.datetime64, np.datetime64]


def told_together(home: Incident, others: tuple[Incident, ...], timezone: str, *, year: bool) -> Incident:
    """Return an incident with those that are told with it.

    Its cause, evidence, figures and the onset in its title are those of the one whose cause somebody corrected, else its own (of an unknown
    one that of the first known); it lasts from the first to the last, is in the worst state and as severe as the most severe; its rows are
    all rows concerned. What is known as no fault stays as low as it is.
    """
    if not others:
        return home
    parts = (home, *others)
    lead = _leading(parts)
    rest = tuple(each for each in parts if each is not lead)
    span = spanned([each.hypothesis for each in (lead, *rest)])
    when = when_of(span, timezone, year=year)
    known = home.record is not None and bool(home.record.known_as)
    worst = home if known else max((lead, *rest), key=lambda each: tuple(Severity).index(each.severity))
    lasting = [each.state for each in (lead, *rest) if each.state is not State.OVER]
    evidence = {each.key: each for part in (lead, *rest) for each in part.evidence}
    return replace(
        lead,
        id=home.id,
        record=home.record,
        first=min(each.first for each in parts),
        last=max(each.last for each in parts),
        state=lasting[0] if lasting else State.OVER,
        status=Status.ALERT.value if any(each.status == Status.ALERT.value for each in parts) else lead.status,
        severity=worst.severity,
        reasons=_reasons((worst,) if known else (lead, worst), goes_on=bool(lasting) and not known),
        evidence=tuple(evidence.values()),
        links={key: link for part in (*reversed(rest), lead) for key, link in part.links.items()},
        claim=f"{lead.claim} ({with_others(len(rest), '' if when == lead.when else when)})",
        brief=f"{lead.brief or lead.claim} and more",
        detected=min((each.detected for each in parts if not np.isnat(each.detected)), default=lead.detected),
        absorbed=rest,
        alone=replace(lead, id=home.id, record=home.record),
        span=span,
        at_least=not apart([each.hypothesis for each in parts]),
        own=home.hypothesis,
        **_lasting([each for each in parts if each.state is not State.OVER]),
    )


def with_others(count: int, when: str) -> str:
    """Say behind a title that others are told with it, and of what time all of them are where that is not its own.

    >>> with_others(1, "since 1 Mar")
    'with 1 incident told with it, since 1 Mar in all'
    """
    return f"with {plural(count, 'incident')} told with it{f', {when} in all' if when else ''}"


def _lasting(parts: Sequence[Incident]) -> dict[str, Any]:
    """Return up to when labels tell that incidents last that did not end; nothing where others than labels show that one goes on."""
    if not parts or any(np.isnat(each.known_until) for each in parts):
        return {"known_until": NO_TIME, "lasts": ""}
    longest = max(parts, key=lambda each: each.known_until)
    return {"known_until": longest.known_until, "lasts": longest.lasts}


def _leading(parts: Sequence[Incident]) -> Incident:
    """Return the incident whose cause is told: one that somebody corrected, else the first whose cause is known."""
    known = [each for each in parts if _corrected(each)] or [each for each in parts if each.cause is not Cause.UNKNOWN]
    return known[0] if known else parts[0]


def _corrected(one: Incident) -> bool:
    return one.record is not None and one.record.answer is Answer.CORRECTED


def _reasons(some: Sequence[Incident], *, goes_on: bool) -> tuple[str, ...]:
    told = [reason for one in some for reason in one.reasons]
    return tuple(dict.fromkeys((*told, *([GOES_ON] if goes_on else []))))


def spanned(parts: Sequence[Hypothesis]) -> Hypothesis:
    """Return the first cause as it is told of all: from the first onset to the last end, in the rows of all.

    Where rows may belong to several, `rows` is how many there are at least; their share is known where one of them lasts as long as all.
    """
    lead = parts[0]
    first = min(parts, key=lambda one: (not np.isnat(one.start), one.start))  # one without an onset began before all
    end = np.datetime64("NaT") if any(one.ongoing for one in parts) else max(one.end for one in parts)
    rows = sum(one.rows for one in parts) if apart(parts) else max(one.rows for one in parts)
    total = [one.rows / one.share_rows for one in parts if _same(_ends(one), (first.start, end)) and one.share_rows > 0 and one.rows]
    return replace(
        lead,
        columns=tuple(dict.fromkeys(name for one in parts for name in one.columns)),
        start=first.start,
        end=end,
        onset_lower=first.onset_lower,
        onset_upper=first.onset_upper,
        rows=rows,
        share_rows=min(rows / total[0], 1.0) if total else float("nan"),
    )


def apart(parts: Sequence[Hypothesis]) -> bool:
    """Say whether no row belongs to two of some incidents: they lie in other times, or at other levels of a column."""
    return all(_other_time(one, other) or _other_place(one, other) for one, other in combinations(parts, 2))


def _other_time(one: Hypothesis, other: Hypothesis) -> bool:
    before = not np.isnat(one.end) and not np.isnat(other.start) and one.end <= other.start
    after = not np.isnat(other.end) and not np.isnat(one.start) and other.end <= one.start
    return bool(before or after)


def _other_place(one: Hypothesis, other: Hypothesis) -> bool:
    shared = set(one.segment) & set(other.segment)
    return any(not {one.segment[name], *one.beside} & {other.segment[name], *other.beside} for name in shared)


def _ends(one: Hypothesis) -> Ends:
    return one.start, one.end


def _same(one: Ends, other: Ends) -> bool:
    return all(a == b or (np.isnat(a) and np.isnat(b)) for a, b in zip(one, other, strict=True))


def place_condition(one: Incident) -> str | None:
    """Return the condition of the rows that an incident concerns, of all that is told with it; None of all rows."""
    parts = [each.hypothesis for each in (one.alone or one, *one.absorbed)]
    found = list(dict.fromkeys(predicate(each.segment, beside=each.beside) for each in parts))
    if None in found:
        return None
    return found[0] if len(found) == 1 else " OR ".join(f"({each})" for each in found)
