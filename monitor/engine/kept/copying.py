"""Rows that are copied into a store: the reference, labels, and what is chosen of production."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.atomic import replacing
from monitor.case import Case
from monitor.engine.identifiers import literal, quote, translated
from monitor.engine.kept.fitting import place_of
from monitor.engine.opening import open_workspace
from monitor.engine.store import digest
from monitor.engine.workspace import Workspace


def copy_reference(workspace: Workspace, folder: Path) -> tuple[str, ...]:
    """Copy the reference as it is read, file by file: it is what everything is compared with, and does not grow."""
    source = workspace.source("reference")
    keys = [row[0] for row in workspace.connection.execute(f"SELECT DISTINCT file_index FROM {source.relation} ORDER BY 1").fetchall()]
    names, columns = [], ", ".join(map(quote, source.types))
    for key in keys:
        name = f"{int(key):05d}.parquet"
        # Read by rows in their order: cells rest on a sample that knows places.
        sql = f"SELECT {columns} FROM {source.relation} WHERE file_index = {int(key)}"
        write_rows(workspace, sql, folder / name)
        names.append(name)
    for path in folder.glob("*.parquet"):
        if path.name not in names:
            path.unlink()
    return tuple(names)


def write_rows(workspace: Workspace, sql: str, path: Path) -> None:
    """Write rows as a file in one step; the workspace may write into its own store only, so the file is moved from there."""
    made = workspace.store.path("kept", digest(str(path), os.getpid()), ".parquet")
    try:
        with translated("writing the store"):
            workspace.connection.execute(f"COPY ({sql}) TO {literal(str(made))} (FORMAT parquet, COMPRESSION zstd)")
        with replacing(path) as temporary:
            shutil.copyfile(made, temporary)
    finally:
        made.unlink(missing_ok=True)


def save_table(table: pa.Table, path: Path) -> None:
    """Write a table as a file in one step."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def copy_labels(case: Case, file: Path, target: Path) -> None:
    """Copy the columns of a file of labels that are needed."""
    place = place_of(case, file)
    alone = replace(
        case,
        data=case.data.model_copy(update={"production": case.data.reference, "labels": (place,)}),
        kinds={},
        labels_text={},
        formats={},
    )
    with open_workspace(replace(alone, value=None)) as workspace:
        source = workspace.source("labels")
        roles = case.roles
        wanted = [name for name in (roles.id, roles.label, roles.label_timestamp, roles.label_weight) if name in source.types]
        write_rows(workspace, f"SELECT {', '.join(quote(str(name)) for name in wanted)} FROM {source.relation}", target)
