"""Numbers of few bits: the decimal that each was written for, so that they are the same numbers beside wider ones."""

from __future__ import annotations

import glob
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from monitor.engine.columns import FLOATS
from monitor.engine.identifiers import quote

HALF, FLOAT = "half", "float"
_PRECISE, _LEAST = 10, -14
"""Bits of a half float after its first, and the exponent of two of the smallest of full precision (IEEE 754, binary16)."""
_LARGEST = 65_504.0
_DIGITS = (3, 4, 5)
_CHOSEN = ((3, False), (5, True), (4, False), (5, False))
"""Digits that half floats are written with, tried in this order, and whether they have to be exact: 33.3125 was written for 33.3, but
2.0625 for itself. Five are always enough."""


def narrow_columns(connection: duckdb.DuckDBPyConnection, files: Sequence[Path], types: Mapping[str, str]) -> dict[str, str]:
    """Return the columns of Parquet files that are narrower than their `types`, as which they are read: half floats (DuckDB takes them for
    floats of 32 bits), and floats of 32 bits in some files where others hold wider numbers."""
    names = [glob.escape(str(file)) for file in files]
    found = connection.execute("SELECT name, duckdb_type, logical_type FROM parquet_schema(?) WHERE duckdb_type IS NOT NULL", [names])
    held: dict[str, set[str]] = defaultdict(set)
    for name, kind, logical in found.fetchall():
        if types.get(str(name)) in FLOATS:
            held[str(name)].add(HALF if logical == "Float16Type()" else str(kind))
    return {
        name: HALF if HALF in kinds else FLOAT for name, kinds in held.items() if HALF in kinds or ("FLOAT" in kinds and len(kinds) > 1)
    }


def as_written(name: str, width: str) -> str:
    """Return SQL of a column of numbers as DOUBLE of which some are narrow: 49.990001 of 32 bits is 49.99, and what no number of 32 bits is
    stays as it is. Of 16 bits 0.09998 is 0.1; no other number beside them is told more precisely than they can be."""
    x = f"CAST({quote(name)} AS DOUBLE)"
    single = f"TRY_CAST({x} AS FLOAT)"
    if width == FLOAT:
        return f"CASE WHEN CAST({single} AS DOUBLE) = {x} THEN CAST(CAST({single} AS VARCHAR) AS DOUBLE) ELSE {x} END"
    bit = f"pow(2, greatest(floor(log2(abs({x}))), {_LEAST}) - {_PRECISE})"
    half = f"(round_even({x} / {bit}, 0) * {bit})"
    digits = {places: f"CAST(format('{{:.{places - 1}e}}', {half}) AS DOUBLE)" for places in _DIGITS}
    near = {places: f"abs({text} - {half}) < {bit} / 2" for places, text in digits.items()}
    chosen = " ".join(f"WHEN {digits[places] + ' = ' + half if exact else near[places]} THEN {digits[places]}" for places, exact in _CHOSEN)
    # log2 of nothing is an error, and what is no half float stays as it is.
    return f"CASE WHEN {x} IS NULL OR {x} = 0 OR NOT abs({x}) <= {_LARGEST} THEN {x} {chosen} ELSE {half} END"
