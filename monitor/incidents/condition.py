"""Which rows an incident concerns, as a condition that analysts can read and change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from monitor.case import Case
from monitor.engine.columns import ColumnInfo
from monitor.engine.identifiers import literal, quote
from monitor.incidents.cause import Cause, Hypothesis, predicate
from monitor.incidents.picture import place_of
from monitor.judgement.narration.dates import local

NAIVE = "TIMESTAMP"
"""Type of times that lie on the case's clock as they are."""


def rows_condition(cause: Hypothesis, case: Case, columns: Mapping[str, ColumnInfo]) -> str | None:
    """Return the SQL condition of the rows that a cause concerns: its segment, what is wrong in them, and its time where times are naive;
    None of all rows."""
    parts = [predicate(place_of(cause), quote, beside=cause.beside)]
    present = [name for name in cause.columns if name in columns and "production" in columns[name].types]
    if cause.cause is Cause.MISSING_VALUES:
        parts += [f"{quote(name)} IS NULL" for name in present[:1]]
    if cause.cause is Cause.RECODE and cause.inverse is not None and cause.inverse.levels and present:
        parts.append(f"{quote(present[0])} IN ({', '.join(literal(level) for level in cause.inverse.levels)})")
    stamp = case.roles.timestamp
    if stamp and columns[stamp].types.get("production") == NAIVE:
        parts += [f"{quote(stamp)} {sign} {literal(str(moment))}" for sign, moment in _ends(cause, case.timezone)]
    return " AND ".join(part for part in parts if part) or None


def _ends(cause: Hypothesis, timezone: str) -> list[tuple[str, object]]:
    ends: list[tuple[str, np.datetime64]] = [(">=", cause.start), ("<", cause.end)]
    return [(sign, told) for sign, moment in ends if (told := local(moment, timezone)) is not None]
