"""Rows that incidents made wrong, as they were found: a model had better not learn from them."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.incident import Incident
from monitor.incidents.picture import place_of
from monitor.incidents.record import Answer
from monitor.judgement.narration.dates import local
from monitor.retraining.rows import Wrong

WRONG = frozenset(
    {
        Cause.UNIT_CHANGE, Cause.SCALE_CHANGE, Cause.OFFSET, Cause.TIME_SHIFT, Cause.STUCK_VALUE, Cause.DEFAULT_FILL, Cause.CLIPPED,
        Cause.ROUNDED, Cause.MISSING_VALUES, Cause.RECODE, Cause.SWAPPED_COLUMNS, Cause.SCHEMA_CHANGE, Cause.LOST_COLUMN,
        Cause.DUPLICATED_ROWS, Cause.TRAFFIC_BURST, Cause.ADVERSARIAL_BURST, Cause.LABEL_CHANGE, Cause.PIPELINE_FAILURE,
    }
)  # fmt: skip
"""Causes whose rows are not as the world is: of all others (a season, another mix, a slow service) they are true."""


BURSTS = frozenset({Cause.TRAFFIC_BURST, Cause.ADVERSARIAL_BURST})
"""Causes whose rows nobody wants, and are true."""
FALSE = WRONG - BURSTS
"""Causes that make values or labels false: rows of a burst are too many to learn from, but somebody sent them, and what became of them
cost what it cost."""


def wrong_rows(incidents: Iterable[Incident], timezone: str, causes: frozenset[Cause] = WRONG) -> tuple[Wrong, ...]:
    """Return what incidents made wrong: not those that people dismissed or know as no fault, nor such whose rows are true."""
    return tuple(
        Wrong(
            name=one.title,
            start=local(one.hypothesis.start, timezone),
            end=local(one.hypothesis.end, timezone),
            at=_at(one.hypothesis),
        )
        for one in making_wrong(incidents, causes)
    )


def wrong_beside(one: Incident, incidents: Iterable[Incident], timezone: str) -> tuple[Wrong, ...]:
    """Return the rows whose values or labels other incidents than this one made false."""
    mine = {one.id, *(each.id for each in one.absorbed)}
    return wrong_rows([each for each in incidents if each.id not in mine], timezone, FALSE)


def making_wrong(incidents: Iterable[Incident], causes: frozenset[Cause] = WRONG) -> tuple[Incident, ...]:
    """Return the incidents with one of these causes, each by itself where several are told as one: not those that people dismissed or know
    as no fault."""
    asked = (each for one in incidents if not _is_no_fault(one) for each in (one.alone or one, *one.absorbed))
    return tuple(one for one in asked if one.cause in causes and not _is_no_fault(one))


def _at(cause: Hypothesis) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the levels of the rows that are wrong: those of the segment, and of what is written otherwise or missing that itself."""
    found = [(name, (level, *cause.beside)) for name, level in place_of(cause).items()]
    if cause.cause is Cause.RECODE and cause.inverse is not None and cause.inverse.levels:
        found.append((cause.columns[0], tuple(cause.inverse.levels)))
    if cause.cause is Cause.MISSING_VALUES:
        found.append((cause.columns[0], ()))
    return tuple(found)


def _is_no_fault(one: Incident) -> bool:
    return one.record is not None and (one.record.answer is Answer.DISMISSED or bool(one.record.known_as))
