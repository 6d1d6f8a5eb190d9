"""Numbers that could have either decimal sign ("53,456"): the other columns of the data say which of them these files write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from monitor.engine.columns import family
from monitor.engine.formats import parse_format
from monitor.engine.number_formats import NumberFormat
from monitor.engine.readings import Reading
from monitor.engine.source import Source


def as_others(readings: Mapping[str, Reading], sources: Mapping[str, Source]) -> dict[str, Reading]:
    """Return numbers that could have either decimal sign with the one that all others of the data have, where these have one."""
    signs = {_sign(reading) for reading in readings.values() if reading.rival is None and reading.type == "DOUBLE"} - {None}
    plain = {family(source.types[name]) for source in sources.values() if source.textual for name in source.types if name not in readings}
    signs |= {"point"} if plain & {"float", "decimal"} else set()
    if len(signs) != 1:
        return dict(readings)
    return {
        name: replace(one, format=one.rival, rival=one.format, type="DOUBLE") if one.rival and _sign(one) not in (None, *signs) else one
        for name, one in readings.items()
    }


def _sign(reading: Reading) -> str | None:
    """Return the decimal sign that numbers are read with."""
    found = parse_format(reading.format) if reading.format else None
    return found.decimal if isinstance(found, NumberFormat) else None
