"""Delta and Iceberg tables in folders, read through deltalake and pyiceberg as they were at one version, without DuckDB's extensions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.engine.files import LONGEST_PATH
from monitor.engine.identifiers import first_line
from monitor.engine.servers import driver
from monitor.engine.store import Store, digest
from monitor.errors import DriftscopeError, SourceError

DELTA, ICEBERG = "_delta_log", "metadata"
MOST_METADATA = 10_000
"""Versions of an Iceberg table that are looked through for the last."""


@dataclass(frozen=True, slots=True)
class Lake:
    """A table at one version: its name in words, what tells it from every other, and its rows as they are written to a file."""

    told: str
    key: tuple[str, ...]
    schema: pa.Schema
    batches: Iterable[pa.RecordBatch]


def lake_of(folder: Path) -> str:
    """Return whether a folder is a Delta or an Iceberg table ("delta", "iceberg"); empty for any other."""
    if "\x00" in str(folder) or len(os.fsencode(folder)) > LONGEST_PATH or not os.path.isdir(folder):
        return ""
    if (folder / DELTA).is_dir():
        return "delta"
    found = folder / ICEBERG
    return "iceberg" if found.is_dir() and any(found.glob("*.metadata.json")) else ""


def import_lake(data: str, folder: Path, version: str, store: Store) -> tuple[Path, str, str]:
    """Write a version of a table into the store, once; return the file, its key and the version in words.

    Raises
    ------
    ExtensionMissingError
        What reads it is not installed.
    SourceError
        There is no such version, it cannot be read, or it leads out of its folder.
    """
    if version and not re.fullmatch(r"\d{1,20}", version):
        raise SourceError(
            f"{data}: '{version[:80]}' is no version of a table. Write folder::12, a version of Delta or a snapshot of Iceberg."
        )
    kind = lake_of(folder)
    try:
        lake = (_delta if kind == "delta" else _iceberg)(data, folder, int(version) if version else None)
        key = digest(kind, str(folder), lake.key)
        path = store.path("import", key, ".parquet")
        if not _whole(path):
            store.write(path, lambda temporary: _write(lake, temporary))
    except DriftscopeError:
        raise
    except _failures() as error:
        raise SourceError(
            f"{data}: '{folder.name}' cannot be read as {kind.title()}: {first_line(error)[:240]} Check the table."
        ) from error
    return path, key, lake.told


def _failures() -> tuple[type[Exception], ...]:
    """Return what the readers raise that are installed."""
    found: list[type[Exception]] = [OSError, ValueError, KeyError, TypeError, AttributeError, NotImplementedError, pa.ArrowException]
    for module, name in (("deltalake.exceptions", "DeltaError"), ("pyiceberg.exceptions", "NoSuchTableError")):
        try:
            found.append(getattr(driver(module, "lake"), name))
        except SourceError:
            continue
    return tuple(found)


def _whole(path: Path) -> bool:
    try:
        return int(pq.read_metadata(path).num_columns) > 0
    except (OSError, pa.ArrowInvalid):
        return False


def _write(lake: Lake, target: Path) -> None:
    with pq.ParquetWriter(target, lake.schema) as writer:
        for batch in lake.batches:
            writer.write_batch(batch)


def _delta(data: str, folder: Path, version: int | None) -> Lake:
    table = driver("deltalake", "lake").DeltaTable(str(folder), version=version)
    for uri in table.file_uris():
        _check_inside(data, folder, str(uri))
    dataset = table.to_pyarrow_dataset()
    number = int(table.version())
    last = [one["timestamp"] for one in table.history(1) if isinstance(one.get("timestamp"), int)]
    when = f" of {_moment(last[0])}" if last else ""
    return Lake(f"Delta version {number}{when}", (str(table.metadata().id), str(number)), dataset.schema, dataset.to_batches())


def _iceberg(data: str, folder: Path, snapshot: int | None) -> Lake:
    tables = driver("pyiceberg.table", "lake")
    files = driver("pyiceberg.io.pyarrow", "lake")

    class Inside(files.PyArrowFileIO):  # type: ignore[misc, name-defined]
        """Reads files of the table's folder and nothing else: paths in its metadata are somebody's words."""

        def new_input(self, location: str) -> Any:
            _check_inside(data, folder, location)
            return super().new_input(location)

    reader = Inside({})
    last = _last_metadata(data, folder)
    metadata = driver("pyiceberg.serializers", "lake").FromInputFile.table_metadata(reader.new_input(str(last)))
    table = tables.StaticTable(
        identifier=("static", folder.name),
        metadata=metadata,
        metadata_location=str(last),
        io=reader,
        catalog=driver("pyiceberg.catalog.noop", "lake").NoopCatalog("static"),
    )
    chosen = table.snapshot_by_id(snapshot) if snapshot is not None else table.current_snapshot()
    if chosen is None:
        known = ", ".join(str(one.snapshot_id) for one in table.snapshots()[-5:]) or "none"
        raise SourceError(f"{data}: '{folder.name}' has no snapshot {snapshot or ''}. Its last ones: {known}.")
    scan = table.scan(snapshot_id=chosen.snapshot_id)
    for task in scan.plan_files():
        _check_inside(data, folder, task.file.file_path)
    batches = scan.to_arrow_batch_reader()
    told = f"Iceberg snapshot {chosen.snapshot_id} of {_moment(chosen.timestamp_ms)}"
    return Lake(told, (str(metadata.table_uuid), str(chosen.snapshot_id)), batches.schema, batches)


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _last_metadata(data: str, folder: Path) -> Path:
    """Return the newest metadata of a table: by the number that its name begins with ("v3.", "00003-"), then by its time."""
    found = list((folder / ICEBERG).glob("*.metadata.json"))[:MOST_METADATA]
    numbered = [(int(match[1]), file) for file in found if (match := re.match(r"v?(\d+)", file.name)) is not None]
    if not numbered:
        raise SourceError(f"{data}: '{folder.name}' has no numbered metadata, so nobody can know which are the last. Check the table.")
    return max(numbered, key=lambda one: (one[0], one[1].stat().st_mtime_ns))[1]


def _check_inside(data: str, folder: Path, location: str) -> None:
    parts = urlsplit(location)
    path = Path(unquote(parts.path) if parts.scheme else location)
    whole = path if path.is_absolute() else folder / path
    if parts.scheme not in ("", "file") or not Path(os.path.realpath(whole)).is_relative_to(folder.resolve()):
        raise SourceError(
            f"{data}: the table '{folder.name}' names the file '{location[:200]}', which lies outside its folder; nothing is fetched from "
            "elsewhere. Copy the whole table, or export it to Parquet."
        )
