"""What a data set holds, for those who choose from it: the time it spans, and the values of a column with their rows."""

from __future__ import annotations

from datetime import datetime

from monitor.engine.identifiers import quote
from monitor.engine.rows import columns_of
from monitor.engine.running import fetch
from monitor.engine.store import digest
from monitor.engine.windows import within_calendar
from monitor.engine.workspace import Workspace
from monitor.errors import ColumnMissingError, nearest

MOST_VALUES = 500


def time_span(workspace: Workspace, data: str) -> tuple[datetime, datetime] | None:
    """Return the first and the last moment of a data set on the case's clock, without a zone, of the years that windows are cut in (rows of
    others are counted as left out); None where it has no such times."""
    local = workspace.schema.time(data)
    if local is None:
        return None
    key = digest("time span of windows", workspace.fingerprint(data), local)
    stored = workspace.store.load("spans", key)
    if stored is None:
        with workspace.cursor() as cursor:
            sql = f"SELECT min({local}) AS a, max({local}) AS b FROM {workspace.relation(data)} WHERE {within_calendar(local)}"
            row = fetch(cursor, sql, text="looking for the first and last time").to_pylist()[0]
        found = [row[name].isoformat() if row[name] is not None else None for name in ("a", "b")]
        workspace.store.save("spans", key, {}, found)
        stored = ({}, found)
    first, last = stored[1]
    return (datetime.fromisoformat(first), datetime.fromisoformat(last)) if first and last else None


def value_counts(workspace: Workspace, data: str, column: str) -> dict[str, int]:
    """Return the values of a column as text with their rows, at most 500, the most frequent first; missing ones are left out.

    Raises
    ------
    ColumnMissingError
        The data set has no such column.
    """
    known = columns_of(workspace, data)
    if column not in known:
        raise ColumnMissingError(f"The {data} has no column '{column}'.{nearest(column, known)}")
    key = digest("value counts", workspace.fingerprint(data), column)
    stored = workspace.store.load("values", key)
    if stored is not None:
        return {str(name): int(n) for name, n in stored[1]}
    value = f"CAST({quote(column)} AS VARCHAR)"
    relation = workspace.relation(data, [column])
    sql = f"SELECT {value} AS v, count(*) AS n FROM {relation} WHERE v IS NOT NULL GROUP BY v ORDER BY n DESC, v LIMIT {MOST_VALUES}"
    with workspace.cursor() as cursor:
        table = fetch(cursor, sql, text="counting the values of a column")
    found = [(str(row["v"]), int(row["n"])) for row in table.to_pylist()]
    workspace.store.save("values", key, {}, found)
    return dict(found)
