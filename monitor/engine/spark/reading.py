"""The rows of a data set as parts that Spark reads: each is counted by one job, and kept once it was."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.engine.files import stamp
from monitor.engine.source import Source
from monitor.engine.spark.session import complaints
from monitor.engine.store import digest
from monitor.errors import SourceError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_MAGIC = b"PAR1"
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows that Spark reads: `rows` with columns x0, x1 ..., which are those called `names`. (Not every name of a file is one to Spark.)"""

    rows: DataFrame
    names: tuple[str, ...]


def chosen(frame: DataFrame, wanted: Sequence[str]) -> Frame:
    """Return those of the wanted columns that a frame has, whatever the case of their letters; without any, rows alone."""
    from pyspark.sql import functions

    places = {name.lower(): i for i, name in enumerate(frame.columns)}
    names = [name for name in wanted if name.lower() in places]
    if not names:
        return Frame(frame.select(functions.lit(1).alias("x0")), (_NOTHING,))
    plain = frame.toDF(*(f"c{i}" for i in range(len(frame.columns))))
    columns = [functions.col(f"c{places[name.lower()]}").alias(f"x{i}") for i, name in enumerate(names)]
    return Frame(plain.select(*columns), tuple(names))


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a data set's files, all with the same columns."""

    files: tuple[Path, ...]
    partitions: bool = False

    @property
    def key(self) -> str:
        """Digest of what it holds."""
        return digest(stamp(list(self.files)), self.partitions)

    def unchanged(self, key: str) -> bool:
        """Say whether its files are still what they were."""
        return self.key == key

    def frame(self, session: SparkSession, wanted: Sequence[str]) -> Frame:
        """Return those of the wanted columns that it has."""
        reader = session.read.option("__globPaths__", "false")
        if self.partitions:
            reader = reader.option("basePath", f"file:{_base(self.files)}")
        with complaints("opening files"):
            frame = reader.parquet(*(f"file:{file}" for file in self.files))
        return chosen(frame, wanted)


def parts_of(source: Source, wanted: Sequence[str], *, partitions: bool, most_bytes: int) -> list[Part]:
    """Cut the files of a data set into parts: neighbours with the same columns, together at most so many bytes.

    Files that are added later leave all parts but the last as they were.

    Raises
    ------
    SourceError
        The data set is not made of Parquet files (or files that were imported to such), or two columns of a file differ in case only.
    """
    if not source.files or not all(_is_parquet(file) for file in source.files):
        raise SourceError(f"{source.data}: Spark reads files and tables of its own, and this is neither. Use --engine duckdb.")
    parts: list[Part] = []
    held, size, columns = list[Path](), 0, None
    for file in source.files:
        own, large = pq.read_schema(file).remove_metadata(), file.stat().st_size
        _check_names(source.data, file, own)
        if held and (own != columns or size + large > most_bytes):
            parts.append(Part(tuple(held), partitions))
            held, size = [], 0
        held, size, columns = [*held, file], size + large, own
    parts.append(Part(tuple(held), partitions))
    _check_there(source, wanted, parts)
    return parts


def _is_parquet(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def _check_names(data: str, file: Path, columns: pa.Schema) -> None:
    twice = [name for name, count in Counter(name.lower() for name in columns.names).items() if count > 1]
    if twice:
        raise SourceError(f"{data}: '{file.name}' has several columns called '{twice[0]}'. Rename them, or use --engine duckdb.")


def _check_there(source: Source, wanted: Sequence[str], parts: Sequence[Part]) -> None:
    """Refuse a column that no file has: it would be counted as missing everywhere."""
    there = {name.lower() for part in parts for name in pq.read_schema(part.files[0]).names}
    there |= {key.lower() for part in parts if part.partitions for key in _keys(part.files[0])}
    lost = [name for name in wanted if name.lower() not in there]
    if lost:
        raise SourceError(f"{source.data}: no file has a column '{lost[0]}' that Spark could read. Use --engine duckdb.")


def _keys(file: Path) -> Iterator[str]:
    return (one.partition("=")[0] for one in file.parts[:-1] if "=" in one)


def _base(files: Sequence[Path]) -> str:
    """Return the folder in which folders such as year=2024 lie."""
    parts = Path(os.path.commonpath([file.parent for file in files])).parts
    plain = next((i for i, one in enumerate(parts) if "=" in one), len(parts))
    return str(Path(*parts[:plain]))
