"""What an incident is called: the cause, where and when, made of typed facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis, Inverse
from monitor.judgement.narration.dates import day, local
from monitor.judgement.narration.places import clean
from monitor.wording import list_text, number_text

FEW_NAMES = 2
"""Columns that a title names; of more the first, and how many others."""
SHOWN_LEVELS = 2


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a claim is made of: the columns as people call them, whether they are several, what undoes the change, and the segment."""

    names: tuple[str, ...]
    inverse: Inverse
    levels: tuple[str, ...] = ()

    @property
    def subject(self) -> str:
        """The columns as the subject of a sentence."""
        if len(self.names) <= FEW_NAMES:
            return list_text(self.names)
        return f"{self.names[0]} and {len(self.names) - 1} other columns"

    def verb(self, one: str, several: str) -> str:
        """Return the verb that agrees with the subject."""
        return f"{self.subject} {one if len(self.names) == 1 else several}"


def _unit(said: Spoken) -> str:
    told = f" ({clean(said.inverse.says)})" if said.inverse.says else ""
    return f"{said.verb('is', 'are')} in another unit{told}"


def _scaled(said: Spoken) -> str:
    return f"{said.verb('is', 'are')} {number_text(1 / said.inverse.scale)} times what it was"


def _shifted(said: Spoken) -> str:
    moved = -said.inverse.offset
    return f"{said.verb('is', 'are')} {number_text(abs(moved))} {'higher' if moved > 0 else 'lower'} than it was"


def _hours(said: Spoken) -> str:
    hours = said.inverse.offset
    return f"{said.verb('is', 'are')} that of {number_text(abs(hours))} hours {'earlier' if hours > 0 else 'later'}"


def _recoded(said: Spoken) -> str:
    pairs = [f"'{clean(now)}' for '{clean(before)}'" for now, before in said.inverse.levels.items()][:SHOWN_LEVELS]
    return f"{said.verb('is', 'are')} written otherwise" + (f" ({', '.join(pairs)})" if pairs else "")


def _schema(said: Spoken) -> str:
    if said.inverse.kind == "rename" and said.inverse.other:
        return f"{said.names[0]} is now called {clean(said.inverse.other)}"
    return f"{said.verb('has', 'have')} another name or type"


def _swapped(said: Spoken) -> str:
    return f"{list_text(said.names)} changed places"


def _plain(one: str, several: str) -> Callable[[Spoken], str]:
    return lambda said: said.verb(one, several)


def _fixed(text: str) -> Callable[[Spoken], str]:
    return lambda _: text


def _more_or_less(said: Spoken) -> str:
    return "Fewer rows arrive" if said.inverse.scale < 1 else "More rows arrive"


CLAIMS: Mapping[Cause, Callable[[Spoken], str]] = {
    Cause.UNIT_CHANGE: _unit,
    Cause.SCALE_CHANGE: _scaled,
    Cause.OFFSET: _shifted,
    Cause.TIME_SHIFT: _hours,
    Cause.STUCK_VALUE: _plain("repeats its last value", "repeat their last value"),
    Cause.DEFAULT_FILL: lambda said: f"{said.verb('is', 'are')} {clean(said.inverse.value) or 'a default'} where it was missing",
    Cause.CLIPPED: lambda said: f"{said.verb('is', 'are')} cut off at {clean(said.inverse.value) or 'a bound'}",
    Cause.ROUNDED: lambda said: f"{said.verb('is', 'are')} rounded" + (f" to {clean(said.inverse.value)}" if said.inverse.value else ""),
    Cause.MISSING_VALUES: _plain("is missing", "are missing"),
    Cause.RECODE: _recoded,
    Cause.NEW_LEVELS: _plain("has levels never seen before", "have levels never seen before"),
    Cause.SWAPPED_COLUMNS: _swapped,
    Cause.SCHEMA_CHANGE: _schema,
    Cause.LOST_COLUMN: _plain("is gone", "are gone"),
    Cause.DUPLICATED_ROWS: _fixed("Rows arrive more than once"),
    Cause.VOLUME_CHANGE: _more_or_less,
    Cause.TRAFFIC_BURST: _fixed("A burst of rows unlike any before"),
    Cause.ADVERSARIAL_BURST: _fixed("A burst of nearly alike rows that play against the model"),
    Cause.LABEL_DELAY: _fixed("Labels arrive later"),
    Cause.LABEL_CHANGE: _fixed("Labels moved at unchanged inputs"),
    Cause.CONCEPT_CHANGE: _fixed("Labels depend on inputs otherwise"),
    Cause.MIX_CHANGE: _fixed("The mix of rows changed"),
    Cause.SLOW_DRIFT: _plain("drifts slowly", "drift slowly"),
    Cause.SEASON: _plain("moved with the season", "moved with the season"),
    Cause.MODEL_VERSION: _fixed("Rows are scored by another version"),
    Cause.LATENCY: _fixed("Answers take longer"),
    Cause.ERRORS: _fixed("More calls fail"),
    Cause.COST: _fixed("Answers cost more"),
    Cause.FRESHNESS: _fixed("Data arrive late"),
}


def claim(cause: Hypothesis, labels: Mapping[str, str]) -> str:
    """Say what happened and where, without a time: "Air pressure is in another unit (inHg for mbar) where origin is EWR"."""
    names = tuple(clean(labels.get(name, name)) for name in cause.columns)
    told = CLAIMS[cause.cause](Spoken(names, cause.inverse or Inverse(kind="none")))
    where = segment_text(cause.segment, labels, cause.beside)
    return f"{told} where {where}" if where else told


def segment_text(segment: Mapping[str, str], labels: Mapping[str, str], beside: tuple[str, ...] = ()) -> str:
    """Say where: "origin is EWR and carrier is US"; `beside`, further levels of the only column; empty of all rows."""
    parts = [f"{clean(labels.get(name, name))} is {' or '.join(clean(one) for one in (level, *beside))}" for name, level in segment.items()]
    return " and ".join(parts)


def time_text(start: np.datetime64, end: np.datetime64, *, timezone: str, year: bool) -> str:
    """Say when, to the minute where it is not midnight: "since 14:00 on 4 Mar", "from 4 Mar to 13:00 on 9 Mar".

    >>> first, last = np.datetime64("2013-03-04T14:00"), np.datetime64("2013-03-09T00:00")
    >>> time_text(first, last, timezone="UTC", year=False), time_text(first, np.datetime64("NaT"), timezone="UTC", year=True)
    ('from 14:00 on 4 Mar to 8 Mar', 'since 14:00 on 4 Mar 2013')
    """
    first, last = (point_text(one, timezone, year=year, ends=ends) for one, ends in ((start, False), (end, True)))
    if not last:
        return f"since {first}" if first else ""
    if not first:
        return f"until {last}"
    return f"on {first}" if first == last else f"from {first} to {last}"


def point_text(moment: np.datetime64, timezone: str, *, year: bool, ends: bool = False) -> str:
    """Write a moment on a clock, empty for NaT; of an end at midnight the day before it."""
    told = local(moment, timezone)
    if told is None:
        return ""
    if told.hour or told.minute:
        return f"{told:%H:%M} on {day(told, year)}"
    before = local(moment - np.timedelta64(1, "us"), timezone) if ends else told
    return day(before or told, year)


def proof_text(cause: Hypothesis) -> str:
    """Say what is left of the change when the cause is taken away: "KS .91 -> .02 on 1,200 rows that it was not fitted on"."""
    proof = cause.proof
    if proof is None or math.isnan(proof.before) or math.isnan(proof.after):
        return ""
    name = PROOFS.get(proof.measure, proof.measure)
    return f"{name} {number_text(proof.before, 2)} → {number_text(proof.after, 2)} on {proof.rows:,} rows that it was not fitted on"


PROOFS: Mapping[str, str] = {"ks": "KS", "tv": "total variation", "share": "share", "ratio": "ratio", "auc": "AUC", "mean": "mean"}
