"""Text that each data set writes in its own way, so that no format holds for all: other decimal signs, dates in another order."""

from __future__ import annotations

from dataclasses import replace

from monitor.engine.formats import TimeFormat, mistakable, time_candidates
from monitor.engine.number_formats import number_candidates
from monitor.engine.readings import Reading
from monitor.engine.texts import Count, Texts

FITS = 0.95
"""A format holds where at least this share of a column's values has it; what does not is missing, and said."""


def numbers_apart(texts: Texts) -> Reading | None:
    """Return a reading that says how each data set writes its numbers, where none of the ways holds for all of them."""
    told: dict[str, None] = {}
    for alone in _each(texts):
        counted = max(alone.count(number_candidates(alone.looked_at())), key=lambda one: one.fits, default=None)
        if counted is None or not _holds(counted):
            return None
        told[counted.format.words] = None
    return Reading(apart=tuple(told)) if len(told) > 1 else None


def dates_apart(texts: Texts) -> Reading | None:
    """Return a reading that says in which order each data set writes day and month, where those of one are none of the other's."""
    found: list[TimeFormat] = []
    for alone in _each(texts):
        values = alone.looked_at()
        counted = [one for one in alone.count(alone.narrowed(time_candidates(values), values)) if _holds(one)]
        dates = [one for one in counted if isinstance(one.format, TimeFormat)]
        best = max(dates, key=lambda one: one.fits, default=None)
        if best is None or not isinstance(best.format, TimeFormat):
            return None
        found.append(best.format)
    swapped = any(mistakable(one, other) for one in found for other in found if one.words != other.words)
    return Reading(apart=tuple(dict.fromkeys(one.words for one in found))) if swapped else None


def _each(texts: Texts) -> list[Texts]:
    return [replace(texts, sources=(source,)) for source in texts.sources] if len(texts.sources) > 1 else []


def _holds(counted: Count) -> bool:
    return counted.fits > 0 and counted.fits >= FITS * counted.values
