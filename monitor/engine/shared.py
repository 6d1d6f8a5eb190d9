"""What two selections share, and what can be selected: model versions and files."""

from __future__ import annotations

from dataclasses import replace

from monitor.case import WindowSize
from monitor.engine.identifiers import quote
from monitor.engine.rows import columns_of, select_rows, version_column
from monitor.engine.running import fetch
from monitor.engine.selection import Selection, check_predicate
from monitor.engine.store import digest
from monitor.engine.workspace import Workspace
from monitor.errors import SelectionError

WHOLE_SIZE = WindowSize(1, "whole")
MOST_VERSIONS = 200


def count_rows(workspace: Workspace, selection: Selection) -> int:
    """Return the number of rows of a selection."""
    rows = select_rows(workspace, selection, WHOLE_SIZE, [])
    with workspace.cursor() as cursor:
        table = fetch(cursor, f"SELECT count(*) FROM {rows.relation} WHERE {rows.where}", rows.parameters, text="counting rows")
    return int(table.column(0)[0].as_py())


def shared_rows(workspace: Workspace, first: Selection, second: Selection) -> int:
    """Return the number of rows that both selections hold."""
    if first.data != second.data or _apart(first, second):
        return 0
    if first.left_out or second.left_out:
        raise SelectionError("Rows that are left out cannot be left out again. Compare plain selections.")
    return count_rows(workspace, first) - count_rows(workspace, replace(first, without=second))


def _apart(first: Selection, second: Selection) -> bool:
    """Say whether the selections cannot share a row, whatever the data."""
    before = first.end is not None and second.start is not None and first.end <= second.start
    after = second.end is not None and first.start is not None and second.end <= first.start
    pairs = ((first.file, second.file), (first.model_version, second.model_version))
    return before or after or any(a is not None and b is not None and a != b for a, b in pairs)


def chosen_by(workspace: Workspace, first: Selection, second: Selection) -> tuple[str, ...]:
    """Return the columns by which two selections differ on purpose: those that the condition of only one of them names."""
    if first.where == second.where:
        return ()
    named = [_named(workspace, one) for one in (first, second)]
    return tuple(sorted(named[0] | named[1]))


def _named(workspace: Workspace, selection: Selection) -> frozenset[str]:
    if not selection.where:
        return frozenset()
    with workspace.cursor() as cursor:
        return check_predicate(cursor, selection.where, columns_of(workspace, selection.data))


def model_versions(workspace: Workspace, data: str) -> tuple[str, ...]:
    """Return the model versions of a data set, at most 200, in order of their names; none where there is no such column."""
    role = workspace.case.roles.model_version
    if role is None or role not in workspace.source(data).types:
        return ()
    key = digest("model versions", workspace.fingerprint(data), role)
    stored = workspace.store.load("versions", key)
    if stored is not None:
        return tuple(stored[1])
    column = quote(version_column(workspace, data))
    distinct = f"SELECT DISTINCT CAST({column} AS VARCHAR) AS v FROM {workspace.relation(data)}"
    with workspace.cursor() as cursor:
        table = fetch(cursor, f"{distinct} WHERE v IS NOT NULL ORDER BY v LIMIT {MOST_VERSIONS}", text="listing the model versions")
    found = [str(one.as_py()) for one in table.column(0)]
    workspace.store.save("versions", key, {}, found)
    return tuple(found)


def file_names(workspace: Workspace, data: str) -> tuple[str, ...]:
    """Return the names of the files of a data set, as a selection names them; none where rows cannot be told apart by file."""
    return tuple(part.name for part in workspace.source(data).parts)
