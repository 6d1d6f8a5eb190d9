"""Numbers that are likely to stand for "no value": -999 and its like, far from everything else that a column holds. Always a doubt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from monitor.engine.block_sample import sample_relation
from monitor.engine.check_kernel import SENTINELS
from monitor.engine.columns import NUMBERS, family
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.roles import ColumnFacts
from monitor.engine.workspace import Workspace

LIKELY = (*SENTINELS, 999.0, 99999999.0, 999999999.0)
"""Numbers that are looked at: those that are checked, and some that are too often meant for a check of every row."""
FEWEST = 5
"""Rows of a sample that have such a number at least: a single one is an odd value."""
SAMPLE = 20_000


def sentinel_doubts(workspace: Workspace, facts: Mapping[str, ColumnFacts]) -> Iterator[str]:
    """Yield what to say of each number that lies further from all others of its column than these lie from each other, or that alone is
    negative."""
    asked = [(name, value) for name, fact in facts.items() if _numeric(fact) for value in LIKELY if value in (fact.low, fact.high)]
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
        if many >= FEWEST and low is not None and (max(low - value, value - high) > high - low or value < 0 <= low):
            yield (
                f"{name}: {value:.10g} in {many / rows:.1%} of the rows lies far from all other values ({low:.6g} to {high:.6g}). "
                f"If it stands for a missing value, write missing = [{value:.10g}] under [data]; it is missing in every column then"
            )


def _numeric(fact: ColumnFacts) -> bool:
    return family(fact.type) in NUMBERS
