"""Text that is not meant as text: numbers in clothes, dates in any order, markers of missing values. Decided once, on all values of all
data sets of a case, said, and changeable ([formats] and [data] missing)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import duckdb

from monitor.case import Case
from monitor.engine.apart import FITS, dates_apart, numbers_apart
from monitor.engine.columns import NUMBERS, family
from monitor.engine.decimal_signs import as_others
from monitor.engine.formats import (
    CERTAIN_MARKERS,
    LIKELY,
    MARKERS,
    Format,
    IsoFormat,
    TimeFormat,
    TruthFormat,
    joined,
    mistakable,
    named_candidates,
    parse_format,
    time_candidates,
)
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.month_names import plain_format
from monitor.engine.narrow import HALF, as_written
from monitor.engine.number_formats import NumberFormat, bare_candidates, number_candidates
from monitor.engine.readings import Reading, ambiguous, as_number, notes_of, written
from monitor.engine.scales import two_scales
from monitor.engine.source import Source
from monitor.engine.sources import retyped
from monitor.engine.store import Store, digest
from monitor.engine.texts import MOST_MARKERS, Count, Texts
from monitor.engine.zones import offsets_in_part, uncertain_names
from monitor.errors import CaseError, DatesUndecidedError, SourceError
from monitor.tables import Skipped
from monitor.vocabulary import Kind, Role

MANY_NUMBERS = 20
"""From so many different numbers on, a few odd texts among them are markers rather than levels beside levels such as 1, 2, 3+."""
ALL_DAYS = 20
"""Dates have from so many different days of the month on those of a calendar, where in another order they have at most half as many: what
changes seldom is the year."""
_NAMES = frozenset({Role.ID, Role.MODEL_VERSION, Role.STATUS, Role.VARIANT, Role.CURRENCY})


def read_texts(
    case: Case, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], store: Store
) -> tuple[dict[str, Source], dict[str, Reading], list[Skipped]]:
    """Return the data sets with their text read as what it means, what was decided by column, and a note for each that is not plain.

    Raises
    ------
    SourceError
        A format of the case fits no value, or the timestamp could be read in two ways (DatesUndecidedError).
    """
    for name, words in case.formats.items():
        _told(name, words)
    readings = _decided(case, connection, sources, store)
    undecided = readings.get(str(case.roles.timestamp))
    if undecided is not None and undecided.undecided:
        name = str(case.roles.timestamp)
        raise DatesUndecidedError(f"The timestamp: {ambiguous(name, undecided)}", {name: undecided.choices})
    changing = {name: reading for name, reading in readings.items() if reading.changes}
    if undecided is not None and undecided.apart:
        raise SourceError(f"The timestamp: {notes_of(str(case.roles.timestamp), undecided)[0].message}")
    halves = frozenset(name for source in sources.values() for name, width in source.narrow.items() if width == HALF)
    read = {data: _read(connection, _as_narrow(source, halves), changing, store) for data, source in sources.items()}
    return read, readings, [note for name, reading in readings.items() for note in notes_of(name, reading)]


def _decided(case: Case, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source], store: Store) -> dict[str, Reading]:
    columns = dict.fromkeys(name for source in sources.values() for name in source.types)
    prints = sorted((data, source.fingerprint) for data, source in sources.items())
    kinds = {name: kind.value for name, kind in case.kinds.items()}
    roles = {name: case.roles.of(name).value for name in columns if case.roles.of(name) in _NAMES}
    key = digest("readings", "offsets in part, signs of others", prints, kinds, roles, dict(case.formats), case.data.missing)
    stored = store.load("readings", key)
    if stored is not None:
        return {name: _thawed(facts) for name, facts in stored[1].items()}
    with translated("deciding how text is read"), limited(connection, "deciding how text is read"):
        decided = {name: _scaled(_decide(case, name, connection, sources), name, connection, sources) for name in columns}
    found = as_others({name: reading for name, reading in decided.items() if reading is not None}, sources)
    store.save("readings", key, {}, {name: asdict(reading) for name, reading in found.items()})
    return found


def _thawed(facts: Mapping[str, Any]) -> Reading:
    lists = {name: tuple(facts.get(name, ())) for name in ("markers", "odd", "apart", "scales", "zones", "offsets")}
    return Reading(**{**facts, **lists})


def _decide(case: Case, name: str, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> Reading | None:
    told = case.data.missing
    # 20240115 is a number to a reader of CSV; where the case says how a date is written it is read so.
    dated = "%" in case.formats.get(name, "")
    holding = tuple(source for source in sources.values() if written(source.types.get(name, "BLOB"), dated=dated))
    texts = Texts(name, connection, holding, tuple(dict.fromkeys((*MARKERS, *(told or ())))) if told != () else ())
    numeric = any(family(source.types.get(name, "BLOB")) in NUMBERS for source in sources.values())
    markers = tuple(marker for marker in told or () if as_number(marker) is not None) if numeric else ()
    given = Reading(markers=markers) if markers else None
    if not holding:
        return given
    if name in case.formats:
        return _as_told(case.formats[name], texts)
    found = _guessed(texts, case.kinds.get(name), case.roles.of(name), mixed=not numeric)
    if found is None and case.kinds.get(name) in (None, Kind.BOOLEAN) and case.roles.of(name) is not Role.ID:
        found = _truth(texts, beside=any(family(source.types.get(name, "BLOB")) == "boolean" for source in sources.values()))
    if found is not None and any(family(source.types.get(name, "BLOB")) in ("float", "decimal") for source in sources.values()):
        found = _as_elsewhere(found)
    return found or _marked(texts, told) or given


def _scaled(found: Reading | None, name: str, connection: duckdb.DuckDBPyConnection, sources: Mapping[str, Source]) -> Reading | None:
    if found is None or found.format is None:
        return found
    return replace(found, scales=two_scales(found.format, name, connection, sources))


def _as_elsewhere(found: Reading) -> Reading:
    """Return a reading without the other sign where a file or data set has numbers with a decimal point that are no thousands."""
    return replace(found, rival=None) if found.format == "number" and found.rival == "decimal comma" else found


def _guessed(texts: Texts, kind: Kind | None, role: Role, *, mixed: bool) -> Reading | None:
    """Return how texts are read; None if as texts. `mixed`: also as numbers of which some have a unit and some not, as columns of text are
    written; where one data set holds plain numbers, units in some rows of the other are a change that has to be told."""
    if role in _NAMES or kind in (Kind.CATEGORICAL, Kind.BOOLEAN, Kind.TEXT):
        return None
    values = texts.looked_at()
    if kind is not Kind.NUMERIC:
        candidates = time_candidates(values)
        found = _of_unknown_zone(texts, values) or _date(texts, texts.narrowed(candidates, values), offsets_in_part(values))
        found = found or (dates_apart(texts) if candidates else None)
        if found is not None:
            return found
    if kind is Kind.DATETIME:
        return None
    for proposed in (number_candidates, bare_candidates) if mixed else (number_candidates,):
        found = _number(texts, texts.narrowed(proposed(values), values), values)
        if found is not None:
            return found
    return numbers_apart(texts)


def _date(texts: Texts, candidates: Sequence[Format], offsets: tuple[str, ...]) -> Reading | None:
    counted = sorted(texts.count(candidates), key=lambda one: -one.fits) if candidates else []
    if not counted or not counted[0].fits:
        return None
    counted = _without_years_as_days(texts, counted)
    best, rival = counted[0], _rival(counted[0], counted)
    own = _own_markers(texts, best)
    if _too_few(best, own):
        best, rival = _several(texts, counted)
        own = {}
        if _too_few(best, own):
            return None
    markers = (*texts.used(texts.markers), *own)
    if isinstance(best.format, IsoFormat) and not markers and not best.misfits and not texts.dateless and not offsets:
        return None  # read as what it is, without a copy
    return replace(_reading(texts, replace(best, values=best.values - sum(own.values())), markers, rival), offsets=offsets)


def _of_unknown_zone(texts: Texts, values: Sequence[str]) -> Reading | None:
    """Return how times are written whose zone is told by a name that is no certain one."""
    names = uncertain_names(values)
    candidates = texts.narrowed(named_candidates(values, names), values) if names else []
    counted = sorted(texts.count(candidates), key=lambda one: -one.fits) if candidates else []
    if not counted or _too_few(counted[0], {}):
        return None
    return replace(_reading(texts, counted[0], texts.used(texts.markers), _rival(counted[0], counted)), zones=tuple(names))


def _without_years_as_days(texts: Texts, counted: Sequence[Count]) -> list[Count]:
    """Return the orders without those that take a year of two digits for the day (25-01-05), where it is certain which of them it is."""
    short = [one for one in counted if one.fits and isinstance(one.format, TimeFormat) and "%y" in one.format.words]
    if not any(_mistakable(one.format, other.format) for one in short for other in short if one is not other):
        return list(counted)
    days = {one.format: texts.days_of_month(one.format) for one in short}
    wrong = {
        other.format
        for one in short
        for other in short
        if one.format.words.startswith("%y") != other.format.words.startswith("%y")
        and _mistakable(one.format, other.format)
        and other.fits <= one.fits
        and days[one.format] >= max(ALL_DAYS, 2 * days[other.format])
    }
    return [one for one in counted if one.format not in wrong]


def _too_few(best: Count, own: Mapping[str, int]) -> bool:
    return best.misfits - sum(own.values()) > (1 - FITS) * (best.values - sum(own.values()))


def _rival(best: Count, counted: Sequence[Count]) -> Count | None:
    """Return the other order of day and month that as many values have."""
    alike = (one for one in counted if one is not best and one.fits == best.fits)
    return next((one for one in alike if _mistakable(best.format, one.format)), None)


def _mistakable(one: Format, other: Format) -> bool:
    return isinstance(one, TimeFormat) and isinstance(other, TimeFormat) and mistakable(one, other)


def _several(texts: Texts, counted: Sequence[Count]) -> tuple[Count, Count | None]:
    """Return how many values have one of several orders of day, month and year: files of two systems write them in two ways. Orders that
    can be mistaken for each other are not taken together."""
    taken: list[Count] = []
    for one in counted:
        if one.fits and isinstance(one.format, TimeFormat) and not any(_mistakable(one.format, other.format) for other in taken):
            taken.append(one)
    if len(taken) < 2:
        return counted[0], None
    rivals = [(one, rival) for one in taken if (rival := _rival(one, counted)) is not None]
    formats = [one.format for one in taken if isinstance(one.format, TimeFormat)]
    best = texts.count([joined(formats)])[0]
    if not rivals:
        return best, None
    first, other = rivals[0]
    swapped = [format_ if format_ is not first.format else other.format for format_ in formats]
    return best, replace(best, format=joined([one for one in swapped if isinstance(one, TimeFormat)]))


def _number(texts: Texts, candidates: Sequence[Format], values: Sequence[str]) -> Reading | None:
    counted = sorted(texts.count(candidates), key=lambda one: -one.fits) if candidates else []
    if not counted or counted[0].fits < LIKELY * counted[0].values:
        return None
    best, rival = counted[0], None
    if len(counted) > 1 and counted[1].fits == best.fits:
        best, rival = _grouped(counted, values)
    own = _own_markers(texts, best)
    misfits = best.misfits - sum(own.values())
    if misfits > (1 - FITS) * (best.values - sum(own.values())):
        return None
    markers = (*texts.used(texts.markers), *own)
    if best.format == NumberFormat() and not markers and rival is None and not _needs(best, values):
        return None
    return _reading(texts, replace(best, values=best.fits + misfits), markers, rival)


def _truth(texts: Texts, *, beside: bool) -> Reading | None:
    """Return true and false with markers of missing values among them as such, and those that a file of text has `beside` a data set that
    has them as such. A marker of one's own (n.v.) may be a third answer: it stays a level."""
    if not {value.lower() for value in texts.looked_at()} <= {"true", "false"}:
        return None
    markers, found = texts.used(texts.markers), texts.count([TruthFormat()])[0]
    if not found.fits or found.misfits or not (markers or (beside and texts.imported)):
        return None
    return _reading(texts, found, markers, None)


def _needs(best: Count, values: Sequence[str]) -> bool:
    """Whether the plain text of a number is not enough for DuckDB."""
    return any(as_number(value) is None for value in values) and best.fits > 0


_POINT = re.compile(r"[0-9]\.[0-9]")
"""A point among digits, not that of a unit (Tsd.)."""


def _grouped(counted: Sequence[Count], values: Sequence[str]) -> tuple[Count, Count | None]:
    """Choose between decimal point and comma where all values have both: groups of three digits are thousands."""
    point, comma = sorted(counted[:2], key=lambda one: isinstance(one.format, NumberFormat) and one.format.decimal == "comma")
    if any("," in value for value in values):
        return point, comma
    if not any(_POINT.search(value) for value in values):
        return point, None
    dressed = isinstance(point.format, NumberFormat) and not point.format.plain
    return (comma, point) if dressed else (point, comma)


def _own_markers(texts: Texts, best: Count) -> dict[str, int]:
    """Return the few texts without digits that stand among many different numbers, with their rows."""
    if best.misfits == 0 or not texts.markers:
        return {}
    others = texts.others(best.format)
    few = len(others) <= MOST_MARKERS and not any(char.isdigit() for text, _ in others for char in text)
    return dict(others) if few and texts.distinct(best.format) > MANY_NUMBERS else {}


def _reading(texts: Texts, best: Count, markers: Sequence[str], rival: Count | None) -> Reading:
    odd = tuple(text[:40] for text, _ in texts.others(best.format) if text not in markers) if best.misfits else ()
    return Reading(best.format.words, best.type, tuple(markers), odd, best.misfits, rival.format.words if rival else None)


def _told(column: str, words: str) -> Format:
    try:
        return parse_format(words)
    except ValueError as error:
        raise CaseError(f"[formats] {column}: {error}.") from error


def _as_told(words: str, texts: Texts) -> Reading:
    told = _told(texts.column, words)
    tried: list[Format] = [told, IsoFormat(zoned=True)] if isinstance(told, IsoFormat) else [told]
    if isinstance(told, TimeFormat):
        tried += [TimeFormat((plain_format(one),)) for one in told.formats if plain_format(one) != one]
    found = max(texts.count(tried), key=lambda one: one.fits)
    if found.values and not found.fits:
        examples = ", ".join(repr(text[:40]) for text, _ in texts.others(told))
        raise SourceError(
            f'[formats] {texts.column} = "{words}" fits none of the {found.values:,} values of that column (such as {examples}). '
            "Correct the format, or take the line out."
        )
    return _reading(texts, found, texts.used(texts.markers), None)


def _marked(texts: Texts, told: tuple[str, ...] | None) -> Reading | None:
    """Return the reading of text that stays text, without the markers that are nobody's level."""
    certain = () if told == () else (*(told or ()), *(CERTAIN_MARKERS if texts.imported else ()))
    used = texts.used(certain) if certain else ()
    return Reading(markers=used) if used else None


def _as_narrow(source: Source, halves: frozenset[str]) -> Source:
    """Return a data set whose numbers are read as half floats where another has such: 29.99 and 29.98 are one to them."""
    wide = (name for name in halves & source.types.keys() if family(source.types[name]) in ("float", "decimal"))
    return replace(source, narrow={**source.narrow, **dict.fromkeys(wide, HALF)})


def _read(connection: duckdb.DuckDBPyConnection, source: Source, readings: Mapping[str, Reading], store: Store) -> Source:
    replaced, unread = {}, {}
    for name, sql_type in source.types.items():
        sql = as_written(name, source.narrow[name]) if name in source.narrow else quote(name)
        if name in readings:
            sql = readings[name].sql(name, sql_type)
            unread[name] = readings[name].unread_sql(name, sql_type)
        if sql != quote(name):
            replaced[name] = sql
    return retyped(connection, source, replaced, store, unread={name: odd for name, odd in unread.items() if odd}) if replaced else source
