"""Numbers that are likely to stand for "no value": -999 and its like, far from everything else that a column holds. Always a doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitor.engine.block_sample import sample_relation
from monitor.engine.check_kernel import SENTINELS
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import NUMBERS, family
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.workspace import Workspace

MINUS_ONE, NEAR = -1.0, 0.1
"""What many programs write for no number, and how far it lies from all others at least to be that, in parts of their range."""
LIKELY = (*SENTINELS, MINUS_ONE, 999.0, 99999999.0, 999999999.0, 32767.0, -32768.0, 2147483647.0, -2147483648.0)
"""Numbers that are looked at: those that are checked, and some that are too often meant for a check of every row (of integers of 16 and 32
bits the last)."""
HUGE = 1e15
"""Numbers beyond are looked at too: fill values of netCDF (9.97e36), the last floats (3.4e38, 1.8e308), integers of 64 bits."""
FEWEST = 5
"""Rows of a sample that have such a number at least: a single one is an odd value."""
SAMPLE = 20_000


def sentinel_doubts(workspace: Workspace, facts: Mapping[str, ColumnFacts]) -> Iterator[str]:
    """Yield what to say of each number that lies further from all others of its column than these lie from each other, or that alone is
    negative."""
    asked = [(name, value) for name, fact in facts.items() if _numeric(fact) for value in _odd_ends(fact)]
    if not asked:
        return
    source = workspace.source("reference")
    parts = []
    for name, value in asked:
        column = f"CAST({quote(name)} AS DOUBLE)"
        others = f"FILTER ({column} <> {value!r} AND isfinite({column}))"
        parts += [f"count(*) FILTER ({column} = {value!r})", f"min({column}) {others}", f"max({column}) {others}"]
    with workspace.cursor() as cursor, translated("looking for values that stand for none"), limited(cursor, "looking at numbers"):
        rows, *found = cursor.execute(f"SELECT count(*), {', '.join(parts)} FROM {sample_relation(source, SAMPLE)}").fetchall()[0]
    for (name, value), many, low, high in zip(asked, found[::3], found[1::3], found[2::3], strict=True):
        if many >= FEWEST and low is not None and _apart(value, low, high):
            yield (
                f"{name}: {_exact(value)} in {many / rows:.1%} of the rows lies far from all other values ({low:.6g} to {high:.6g}). "
                f"If it stands for a missing value, write missing = [{_exact(value)}] under [data]; it is missing in every column then"
            )


def _apart(value: float, low: float, high: float) -> bool:
    """Say whether a number lies apart from others, which lie from `low` to `high`; -1 beside 0, 1, 2 is one of them."""
    if value == MINUS_ONE:
        return high > low > 0 and low - value > NEAR * (high - low)
    return max(low - value, value - high) > high - low or value < 0 <= low


def _odd_ends(fact: ColumnFacts) -> list[float]:
    return [value for value in dict.fromkeys((fact.low, fact.high)) if value in LIKELY or abs(value) >= HUGE]


def _exact(value: float) -> str:
    short = f"{value:.10g}"
    return short if float(short) == value else repr(value)


def _numeric(fact: ColumnFacts) -> bool:
    return family(fact.type) in NUMBERS
