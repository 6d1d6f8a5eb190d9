"""Parquet files that this machine and the workers both see: each worker reads the row groups it is told to, and counts them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.engine.partial import Task, count_part
from monitor.errors import SourceError

BATCH_ROWS = 65_536
SMALLEST_BYTES, LARGEST_BYTES = 2**24, 2**28
"""Bytes of a file that one task reads: fewer cost more to start, more leave a worker without work at the end."""
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring row groups of a file; `folders` are the columns that its folders are, if they are."""

    file: str
    groups: tuple[int, ...]
    folders: tuple[tuple[str, str | None], ...] = ()


def cut(files: Sequence[Path], *, partitions: bool, tasks: int) -> list[Piece]:
    """Cut files at their row groups into pieces of about a share of `tasks`."""
    every = [(file, pq.read_metadata(file)) for file in files]
    sizes = [[found.row_group(i).total_byte_size for i in range(found.num_row_groups)] for _, found in every]
    most = min(max(sum(map(sum, sizes)) // max(tasks, 1), SMALLEST_BYTES), LARGEST_BYTES)
    return [
        Piece(str(file), tuple(groups), folders(file) if partitions else ())
        for (file, _), own in zip(every, sizes, strict=True)
        for groups in _neighbours(own, most)
    ]


def _neighbours(sizes: Sequence[int], most: int) -> Iterator[list[int]]:
    """Yield neighbouring positions whose sizes add up to at most `most`, or one that is larger.

    >>> list(_neighbours([5, 5, 20, 1], 10))
    [[0, 1], [2], [3]]
    """
    held: list[int] = []
    for i, size in enumerate(sizes):
        if held and sum(sizes[j] for j in held) + size > most:
            yield held
            held = []
        held.append(i)
    if held:
        yield held


def folders(file: Path) -> tuple[tuple[str, str | None], ...]:
    """Return the columns that folders such as year=2024 are.

    >>> folders(Path("/d/year=2024/place=a%20b/rows.parquet"))
    (('year', '2024'), ('place', 'a b'))
    """
    pairs = [one.split("=", 1) for one in file.parts[:-1] if "=" in one]
    return tuple((name, None if value == _NO_VALUE else unquote(value)) for name, value in pairs)


def count_pieces(chosen: Iterable[pa.RecordBatch], pieces: Sequence[Piece], task: Task) -> Iterator[pa.RecordBatch]:
    """Count the pieces at the places that a worker is given."""
    places = (place for batch in chosen for place in batch.column(0).to_pylist())
    return count_part((batch for place in places for batch in _read(pieces[place], task)), task)


def _read(piece: Piece, task: Task) -> Iterator[pa.RecordBatch]:
    wanted = {name.lower() for name, _ in task.types}
    own = [(name, value) for name, value in piece.folders if name.lower() in wanted]
    try:
        with pq.ParquetFile(piece.file, coerce_int96_timestamp_unit="us") as file:
            within = [name for name in file.schema_arrow.names if name.lower() in wanted and name not in dict(own)]
            for batch in file.iter_batches(BATCH_ROWS, row_groups=list(piece.groups), columns=within, use_threads=False):
                yield _with(_plain(batch), own)
    except (OSError, pa.ArrowInvalid) as error:
        why = f"{type(error).__name__}: {str(error).splitlines()[0][:200]}"
        raise SourceError(f"A worker cannot read '{piece.file}' ({why}). Every worker has to see the files under the same path.") from error


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return columns as the types that DuckDB reads them as from a file: it knows neither half floats nor durations of Arrow."""
    for i, field in enumerate(batch.schema):
        wanted = pa.float32() if pa.types.is_float16(field.type) else pa.int64() if pa.types.is_duration(field.type) else None
        if wanted is not None:
            batch = batch.set_column(i, field.name, batch.column(i).cast(wanted))
    return batch


def _with(batch: pa.RecordBatch, columns: Sequence[tuple[str, str | None]]) -> pa.RecordBatch:
    for name, value in columns:
        batch = batch.append_column(name, pa.array([value] * batch.num_rows, pa.string()))
    return batch
