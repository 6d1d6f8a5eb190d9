"""What is said of ids: which are repeated, and how many labels belong to no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.store import digest
from monitor.tables import Skipped

if TYPE_CHECKING:
    from monitor.engine.workspace import Workspace


def notes_on_ids(workspace: Workspace) -> tuple[Skipped, ...]:
    """Say which ids are repeated, and how many labels belong to no row."""
    return (*_repeated_ids(workspace), *_unknown_ids(workspace))


def _repeated_ids(workspace: Workspace) -> list[Skipped]:
    name = workspace.case.roles.id
    notes = []
    for data, source in workspace.sources.items():
        if name is None or name not in source.types:
            continue
        repeated = _repeated(workspace, data, name)
        if repeated:
            use = "the latest label counts" if data == "labels" else "every row counts"
            notes.append(Skipped(name, "repeated_id", f"{data}: {repeated:,} rows repeat an id that another row has; {use}."))
    return notes


def _unknown_ids(workspace: Workspace) -> list[Skipped]:
    """Say how many labels have an id that no row has."""
    name = workspace.case.roles.id
    if name is None or "labels" not in workspace.sources:
        return []
    held = [source for data, source in workspace.sources.items() if data != "labels" and name in source.types]
    labels = workspace.source("labels")
    key = digest("unknown ids", labels.fingerprint, *(source.fingerprint for source in held), name)
    stored = workspace.store.load("ids", key)
    if stored is None:
        column = quote(name)
        known = " UNION ALL ".join(f"SELECT CAST({column} AS VARCHAR) AS i FROM {source.relation}" for source in held)
        with translated("looking for the rows of labels"), limited(workspace.connection, "looking for the rows of labels"):
            sql = f"SELECT count(*) FROM {labels.relation} AS l ANTI JOIN ({known}) AS d ON CAST(l.{column} AS VARCHAR) = d.i"
            row = workspace.connection.execute(sql).fetchone() if held else None
        stored = ({}, {"unknown": int(row[0]) if row else 0})
        workspace.store.save("ids", key, *stored)
    unknown = int(stored[1]["unknown"])
    message = f"labels: {unknown:,} rows have an id that is neither in the reference nor in production; they count for nothing."
    return [Skipped(name, "unknown_id", message)] if unknown else []


def _repeated(workspace: Workspace, data: str, name: str) -> int:
    source = workspace.source(data)
    key = digest("repeated ids", source.fingerprint, name)
    known = workspace.store.load("ids", key)
    if known is not None:
        return int(known[1]["repeated"])
    column = quote(name)
    with translated("counting repeated ids"), limited(workspace.connection, "counting repeated ids"):
        row = workspace.connection.execute(f"SELECT count({column}) - count(DISTINCT {column}) FROM {source.relation}").fetchone()
    repeated = int(row[0]) if row else 0
    workspace.store.save("ids", key, {}, {"repeated": repeated})
    return repeated
