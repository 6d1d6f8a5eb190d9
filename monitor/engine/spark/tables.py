"""Rows that only Spark reads: a table of its catalogs, or a folder in a format that it knows, wherever that lies.

A case names one as `spark::catalog.schema.table` or `spark.FORMAT::PATH`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from monitor.engine.partial import Task, count_part
from monitor.engine.servers import check_allowed
from monitor.engine.spark.reading import COUNTED
from monitor.engine.spark.session import complaints
from monitor.engine.store import digest
from monitor.errors import SourceError, nearest

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

SCHEME = "spark"
FORMATS = ("parquet", "orc", "json", "avro", "delta")
SAMPLE_ROWS, MOST_ROWS = 50_000, 200_000
"""Rows that tell what columns are and where numbers are cut, and how many there are at most where many rows are alike."""
_NAME = re.compile(r"[\w-]+(\.[\w-]+){0,3}")
_ATOMIC = ("boolean", "tinyint", "smallint", "int", "bigint", "float", "double", "decimal", "string", "date", "timestamp", "timestamp_ntz")


def is_table(place: str) -> bool:
    """Say whether a place of a case is one that Spark reads."""
    return place.partition("::")[0].partition(".")[0] == SCHEME and "::" in place


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of a table: where it is, its bytes, when it was changed and its rows."""

    path: str
    size: int
    changed: str
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """A data set that Spark reads; `files` are what it is made of, None where that cannot be known (a view, a table of another database).

    `moment` stands for its content where its files cannot.
    """

    data: str
    format: str
    name: str
    files: tuple[HeldFile, ...] | None
    rows: int
    moment: str

    @property
    def fingerprint(self) -> str:
        """Digest of its content, or of when it was read."""
        return digest("table", self.format, self.name, self.moment if self.files is None else [repr(one) for one in self.files])

    def frame(self, session: SparkSession) -> DataFrame:
        """Return its rows."""
        return _frame(session, self.format, self.name)

    def parts(self, most_bytes: int) -> list[TablePart]:
        """Cut it into parts of neighbouring files, together at most so many bytes."""
        if self.files is None:
            return [TablePart(self)]
        groups: list[list[HeldFile]] = [[]]
        for file in self.files:
            if groups[-1] and sum(one.size for one in groups[-1]) + file.size > most_bytes:
                groups.append([])
            groups[-1].append(file)
        return [TablePart(self, tuple(group)) for group in groups]

    def sample(self, session: SparkSession) -> pa.Table:
        """Return about 50,000 of its rows, the same whatever the partitions and their order: those with some hashes of their values."""
        from pyspark.sql import functions

        frame = self.frame(session)
        columns = [_column(name) for name, sort in frame.dtypes if sort.partition("(")[0] in _ATOMIC]
        hashed = functions.xxhash64(*columns) if columns else functions.lit(0)
        step = max(self.rows // SAMPLE_ROWS, 1)
        with complaints("sampling a table"):
            found = frame.where(functions.pmod(hashed, functions.lit(step)) == 0).orderBy(hashed).limit(MOST_ROWS).toArrow()
            # Few different rows, none of which has such a hash.
            return found if found.num_rows else frame.orderBy(hashed).limit(SAMPLE_ROWS).toArrow()


@dataclass(frozen=True, slots=True)
class TablePart:
    """Some of a table's files, or all of a table that is made of none."""

    table: Table
    files: tuple[HeldFile, ...] | None = None

    @property
    def key(self) -> str | None:
        """Digest of what it holds."""
        return None if self.files is None else replace(self.table, files=self.files).fingerprint

    def counted(self, session: SparkSession, task: Task) -> DataFrame:
        """Return what each worker counts of the rows that Spark reads for it."""
        frame = self.table.frame(session)
        if self.files is not None and self.files != self.table.files:
            frame = frame.where(frame["_metadata"]["file_path"].isin([file.path for file in self.files]))
        rows, names = _chosen(frame, [name for name, _ in task.types])
        return rows.mapInArrow(partial(count_named, names=names, task=task), COUNTED)


def open_table(session: SparkSession, data: str, place: str, root: Path, moment: str) -> Table:
    """Look at a table that a case names.

    Raises
    ------
    SourceError
        It is no name or format, lies on another machine that the user has not allowed, or has no rows.
    """
    sort, _, name = place.partition("::")
    format_ = sort.partition(".")[2]
    if format_:
        name = _path(data, format_, name, root)
    elif not _NAME.fullmatch(name):
        raise SourceError(f"{data}: '{name[:80]}' is no name of a table. Write spark::catalog.schema.table, or spark.parquet::PATH.")
    with complaints(f"opening {data}"):
        frame = _frame(session, format_, name)
        files = _files(frame)
        rows = frame.count() if files is None else sum(one.rows for one in files)
    if not rows:
        raise SourceError(f"{data}: the table '{place[:200]}' has {len(frame.columns)} columns but no rows.")
    return Table(data, format_, name, files, rows, moment)


def _path(data: str, format_: str, path: str, root: Path) -> str:
    if format_ not in FORMATS:
        raise SourceError(f"{data}: '{format_[:80]}' is no format here.{nearest(format_, FORMATS)} Use {', '.join(FORMATS)}.")
    if "://" in path:
        check_allowed(data, path)
        return path
    return f"file:{(root / path).resolve()}"


def _frame(session: SparkSession, format_: str, name: str) -> DataFrame:
    return session.read.format(format_).load(name) if format_ else session.table(name)


def _files(frame: DataFrame) -> tuple[HeldFile, ...] | None:
    """Return the files that a frame is read from, by their paths; None where it is not read from files."""
    from pyspark.errors import AnalysisException

    try:
        told = frame.select("_metadata.file_path", "_metadata.file_size", "_metadata.file_modification_time")
    except AnalysisException:
        return None
    rows = told.groupBy(*told.columns).count().toArrow().to_pylist()
    return tuple(HeldFile(path, int(size), str(changed), int(n)) for path, size, changed, n in sorted(tuple(one.values()) for one in rows))


def _column(name: str) -> Column:
    from pyspark.sql import functions

    return functions.col(f"`{name.replace('`', '``')}`")


def _chosen(frame: DataFrame, wanted: Sequence[str]) -> tuple[DataFrame, tuple[str, ...]]:
    """Return those of the wanted columns that a frame has under plain names, and what they are called; without any, rows alone."""
    from pyspark.sql import functions

    places = {name.lower(): i for i, name in enumerate(frame.columns)}
    names = tuple(name for name in wanted if name.lower() in places)
    if not names:
        return frame.select(functions.lit(1).alias("x0")), ("nothing",)
    plain = frame.toDF(*(f"c{i}" for i in range(len(frame.columns))))
    return plain.select(*(functions.col(f"c{places[name.lower()]}").alias(f"x{i}") for i, name in enumerate(names))), names


def count_named(batches: Iterable[pa.RecordBatch], names: Sequence[str], task: Task) -> Iterator[pa.RecordBatch]:
    """Count the rows that a worker is given, whose columns have these names."""
    return count_part((batch.rename_columns(list(names)) for batch in batches), task)
