"""Shares of rows without a value, by column, in a sample of a data set."""

from __future__ import annotations

from monitor.engine.block_sample import SAMPLE_ROWS, sample_relation
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.store import digest
from monitor.engine.workspace import Workspace


def missing_shares(workspace: Workspace, data: str) -> dict[str, float]:
    """Return the share of rows (0..1) of a sample of a data set in which each of its columns has no value; NaN counts as none."""
    source = workspace.source(data)
    names = list(source.types)
    key = digest("missing", source.fingerprint)
    stored = workspace.store.load("missing", key)
    if stored is not None:
        return dict(stored[1])
    counted = ", ".join(f"count({_known(name, source.types[name])})" for name in names)
    relation = sample_relation(source, SAMPLE_ROWS)
    with workspace.cursor() as cursor, translated("counting missing values"), limited(cursor, "counting missing values"):
        rows, *known = cursor.execute(f"SELECT count(*), {counted} FROM {relation}").fetchall()[0]
    found = {name: 1 - int(count) / int(rows) for name, count in zip(names, known, strict=True)}
    workspace.store.save("missing", key, {}, found)
    return found


def _known(name: str, sql_type: str) -> str:
    column = quote(name)
    return f"CASE WHEN NOT isnan({column}) THEN 1 END" if sql_type in ("FLOAT", "DOUBLE") else column
