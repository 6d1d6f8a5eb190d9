"""Imports that a case keeps: one file each beside it, as pins are (`monitor.export.shelf`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.shelf import Shelf, Unreadable, born
from monitor.imports.known import Read
from monitor.imports.table import IMPORTED, Reported, table_of

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What was read of one file: `file` is its name, `sha256` that of its bytes, `created` when it was imported, UTC."""

    id: str
    created: str
    tool: str
    file: str
    sha256: str
    rows: tuple[Reported, ...]
    version: str = ""
    notes: tuple[str, ...] = ()
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Imports:
    """The imports of a case in the order of their making, and the files that are not readable."""

    kept: tuple[Import, ...]
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """All numbers; the columns of `IMPORTED`."""
        return IMPORTED.check(_table(self.kept))


_SHELF = Shelf("import", TypeAdapter(Import), FORMAT, "imports")


def _table(imports: Sequence[Import]) -> pd.DataFrame:
    parts = []
    for one in imports:
        part = table_of(one.rows)
        part.insert(0, "import", one.id)
        part.insert(1, "number", range(len(part)))
        parts.append(part.assign(tool=one.tool, version=one.version or None, file=one.file))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(IMPORTED.columns))


def keep_import(case: Case, path: Path, read: Read) -> Import:
    """Keep what was read of a file.

    Raises
    ------
    SelectionError
        The same numbers are kept already.
    SourceError
        It cannot be written.
    """
    sha256, rows = hashlib.sha256(path.read_bytes()).hexdigest(), tuple(read.rows)
    same = next((one for one in list_imports(case).kept if one.tool == read.tool and one.rows == rows), None)
    if same is not None:
        raise SelectionError(f"'{path.name}' holds what '{same.file}' held, which was imported on {same.created[:10]} (import {same.id}).")
    now = born()
    told = {"tool": read.tool, "version": read.version, "notes": tuple(read.notes)}
    made = Import(id=now.id, created=now.created, file=path.name, sha256=sha256, rows=rows, **told)  # type: ignore[arg-type]
    _SHELF.keep(case, made)
    return made


def list_imports(case: Case) -> Imports:
    """Return the imports of a case."""
    found, unreadable = _SHELF.every(case)
    return Imports(tuple(found), tuple(unreadable))


def imports_stamp(case: Case) -> tuple[tuple[str, int, int], ...]:
    """Return what changes whenever an import of a case does."""
    return _SHELF.stamp(case)


def drop_import(case: Case, import_id: str) -> Path:
    """Take an import away: its file moves to the trash folder beside it; return where it is now.

    Raises
    ------
    SelectionError
        There is no such import.
    SourceError
        It cannot be moved.
    """
    return _SHELF.take_away(case, import_id)
