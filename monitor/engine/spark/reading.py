"""The rows of a data set as parts: each is counted by one job of Spark, and what was counted is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.engine.files import stamp
from monitor.engine.partial import SCHEMA, Task
from monitor.engine.source import Source
from monitor.engine.spark.pieces import count_pieces, cut, folders
from monitor.engine.store import digest
from monitor.errors import SourceError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_MAGIC = b"PAR1"
_SORTS = {pa.string(): "string", pa.int32(): "int", pa.int64(): "bigint", pa.float64(): "double"}
COUNTED = ", ".join(f"`{field.name}` {_SORTS[field.type]}" for field in SCHEMA)
"""What workers hand over, as Spark writes its types."""
TASKS = 3
"""Tasks for each one that runs at a time: a slow one is made up for by the others."""


class Part(Protocol):
    """Some of the rows of a data set."""

    @property
    def key(self) -> str | None:
        """Digest of what it holds now; None where nobody can know that."""
        ...

    def counted(self, session: SparkSession, task: Task) -> DataFrame:
        """Return what each worker counts of the rows it is given (partial.SCHEMA), not added up."""
        ...


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some of a data set's Parquet files, which workers read themselves."""

    files: tuple[Path, ...]
    partitions: bool = False

    @property
    def key(self) -> str | None:
        """Digest of the files."""
        return digest(stamp(list(self.files)), self.partitions)

    def counted(self, session: SparkSession, task: Task) -> DataFrame:
        """Return what each worker counts of the row groups it is given."""
        pieces = cut(self.files, partitions=self.partitions, tasks=TASKS * session.sparkContext.defaultParallelism)
        places = session.range(0, len(pieces), 1, len(pieces))
        return places.mapInArrow(partial(count_pieces, pieces=pieces, task=task), COUNTED)


def file_parts(source: Source, wanted: Sequence[str], *, partitions: bool, most_bytes: int) -> list[FilePart]:
    """Cut the files of a data set into parts: neighbours, together at most so many bytes.

    Files that are added later leave all parts but the last as they were.

    Raises
    ------
    SourceError
        The data set is not made of Parquet files (or files that were imported to such), or two columns of a file differ in case only.
    """
    if not source.files or not all(_is_parquet(file) for file in source.files):
        raise SourceError(f"{source.data}: Spark reads files and tables of its own, and this is neither. Use --engine duckdb.")
    for file in source.files:
        _check_names(source.data, file)
    _check_there(source, wanted, partitions=partitions)
    parts: list[FilePart] = []
    held, size = list[Path](), 0
    for file in source.files:
        large = file.stat().st_size
        if held and size + large > most_bytes:
            parts.append(FilePart(tuple(held), partitions))
            held, size = [], 0
        held, size = [*held, file], size + large
    return [*parts, FilePart(tuple(held), partitions)]


def _is_parquet(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _check_names(data: str, file: Path) -> None:
    twice = [name for name, count in Counter(name.lower() for name in pq.read_schema(file).names).items() if count > 1]
    if twice:
        raise SourceError(f"{data}: '{file.name}' has several columns called '{twice[0]}'. Rename them, or use --engine duckdb.")


def _check_there(source: Source, wanted: Sequence[str], *, partitions: bool) -> None:
    """Refuse a column that no file has: it would be counted as missing everywhere."""
    there = {name.lower() for file in source.files for name in pq.read_schema(file).names}
    there |= {name.lower() for file in source.files if partitions for name, _ in folders(file)}
    lost = [name for name in wanted if name.lower() not in there]
    if lost:
        raise SourceError(f"{source.data}: no file has a column '{lost[0]}'. Use --engine duckdb.")
