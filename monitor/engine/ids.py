"""What is said of ids: which are repeated, and how many labels belong to no row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.engine.columns import NUMBERS, family
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.store import digest
from monitor.tables import Skipped

if TYPE_CHECKING:
    from monitor.engine.workspace import Workspace


def id_text(column: str, sql_type: str) -> str:
    """Return SQL of an id as the text that it is compared by where the other side has another type: 7, 7.0, "7.0" and "007" are one."""
    sort, text = family(sql_type), f"CAST({column} AS VARCHAR)"
    if sort == "integer":
        return text
    if sort in NUMBERS:
        return (
            f"CASE WHEN {column} = trunc({column}) AND abs({column}) < 1e15 THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE {text} END"
        )
    whole = f"CAST(TRY_CAST(regexp_extract({text}, '^[0-9]+') AS BIGINT) AS VARCHAR)"
    return f"CASE WHEN regexp_full_match({text}, '[0-9]{{1,18}}([.]0+)?') THEN {whole} ELSE {text} END"


def same_id(one: tuple[str, str], other: tuple[str, str]) -> str:
    """Return SQL of whether two ids, each with its SQL type, are one; as they are where both have one type, so that a join stays quick."""
    (first, sort), (second, other_sort) = one, other
    alike = {("number" if family(each) in NUMBERS else family(each)) for each in (sort, other_sort)}
    return f"{first} = {second}" if len(alike) == 1 else f"{id_text(first, sort)} = {id_text(second, other_sort)}"


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
    key = digest("unknown ids as text", labels.fingerprint, *(source.fingerprint for source in held), name)
    stored = workspace.store.load("ids", key)
    if stored is None:
        column = quote(name)
        known = " UNION ALL ".join(f"SELECT {id_text(column, source.types[name])} AS i FROM {source.relation}" for source in held)
        sought = id_text(f"l.{column}", labels.types[name])
        with translated("looking for the rows of labels"), limited(workspace.connection, "looking for the rows of labels"):
            sql = f"SELECT count(*) FROM {labels.relation} AS l ANTI JOIN ({known}) AS d ON {sought} = d.i"
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
