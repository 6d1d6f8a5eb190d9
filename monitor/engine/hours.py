"""Rows by hour, and how many of them lack a value of each of some columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from monitor.case import WindowSize
from monitor.engine.identifiers import quote
from monitor.engine.rows import select_rows
from monitor.engine.running import fetch
from monitor.engine.selection import Selection
from monitor.engine.workspace import Workspace


def rows_by_hour(
    workspace: Workspace, selection: Selection, columns: Sequence[str], by: str = "", hours: Sequence[pd.Timestamp] = ()
) -> pd.DataFrame:
    """Return rows by hour of the case's time zone: `n`, and by column those without a value.

    Parameters
    ----------
    columns : those that are counted; the data set has them.
    by : a column whose levels are counted apart: the index is then the hour and the level.
    hours : the hours that are counted, all where none is named.

    Raises
    ------
    SelectionError
        There is no timestamp, or the rows are not at hand.
    """
    rows = select_rows(workspace, selection, WindowSize(1, "whole"), [*columns, *([by] if by else [])])
    hour = f"date_trunc('hour', {rows.local})"
    inner = rows.select([hour, *(f"({_lacks(workspace, name)})" for name in columns), *([quote(by)] if by else [])])
    lacking = ", ".join(f"CAST(count_if(x{i + 1}) AS BIGINT) AS c{i}" for i in range(len(columns)))
    level = f", CAST(x{len(columns) + 1} AS VARCHAR) AS level" if by else ""
    some = " AND list_contains(?, x0)" if hours else ""
    sql = f"SELECT x0 AS hour{level}, count(*) AS n, {lacking} FROM {inner} WHERE x0 IS NOT NULL{some} GROUP BY ALL ORDER BY ALL"
    with workspace.cursor() as cursor:
        found = fetch(cursor, sql, [*rows.parameters, *([list(hours)] if hours else [])], text="looking for hours without values")
    table = pd.DataFrame(found.to_pandas()).rename(columns={f"c{i}": name for i, name in enumerate(columns)})
    return table.set_index(["hour", "level"] if by else "hour")


def _lacks(workspace: Workspace, name: str) -> str:
    value = quote(name)
    return f"{value} IS NULL OR isnan({value})" if workspace.columns[name].type in ("DOUBLE", "FLOAT") else f"{value} IS NULL"
