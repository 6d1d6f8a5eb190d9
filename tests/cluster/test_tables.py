"""Rows that only Spark reads, on a real local cluster: counted as DuckDB counts the same rows from files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from monitor.case import Case
from monitor.engine import Selection, build_cells, count_rows, open_workspace, profile
from monitor.engine.spark import counter, open_with_spark, tables
from monitor.errors import SelectionError, SourceError
from tests.cluster.test_counting import ROLES
from tests.engine.conftest import MakeCase
from tests.engine.test_partial import DAY, LATER, WHOLE, assert_same, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

KINDS = {"note": "text"}


def files(root: Path, seed: int = 1) -> None:
    rows(1_000, 0).to_parquet(root / "reference.parquet")
    rows(1_200, 1).sample(frac=1.0, random_state=seed).to_parquet(root / "production.parquet", row_group_size=300)


SELECTIONS = ((Selection("production"), DAY), (LATER, WHOLE), (Selection("reference"), DAY))


def assert_alike(files: Case, held: Case, session: SparkSession, cache: Path, several: int = 3) -> None:
    """Check that Spark's tables have the cells and the counts of the same rows in files."""
    with open_workspace(files, cache=cache / "f") as one, open_with_spark(held, session, cache=cache / "t") as other:
        mine, theirs = build_cells(one), build_cells(other)
        assert list(mine) == list(theirs)
        assert all(cells.matches(theirs[name]) and cells.once == theirs[name].once for name, cells in mine.items())
        for selection, size in SELECTIONS[:several]:
            wanted = profile(one, selection, cells=mine, windows=size)
            assert_same(profile(other, selection, cells=theirs, windows=size), wanted)


@pytest.mark.parametrize(("batch", "partition"), [(1, 2**16), (7, 2**15), (10_000, 2**27)])
def test_the_same_cells_and_integers_whatever_the_batches_partitions_and_order(
    of_rows: Callable[..., SparkSession], tmp_path: Path, case_at: MakeCase, batch: int, partition: int
) -> None:
    files(tmp_path, batch)
    session = of_rows(batch=batch, partition=partition)
    data = {"reference": "spark.parquet::reference.parquet", "production": "spark.parquet::production.parquet"}
    plain, held = case_at(tmp_path, kinds=KINDS, **ROLES), case_at(tmp_path, data=data, kinds=KINDS, **ROLES)
    assert_alike(plain, held, session, tmp_path, several=3 if batch == 7 else 1)


def test_other_formats_and_views(session: SparkSession, tmp_path: Path, case_at: MakeCase) -> None:
    files(tmp_path)
    session.read.parquet(str(tmp_path / "reference.parquet")).createOrReplaceTempView("seen_before")
    session.read.parquet(str(tmp_path / "production.parquet")).repartition(5).write.orc(str(tmp_path / "served"))
    data = {"reference": "spark::seen_before", "production": "spark.orc::served"}
    assert_alike(case_at(tmp_path, kinds=KINDS, **ROLES), case_at(tmp_path, data=data, kinds=KINDS, **ROLES), session, tmp_path, several=1)


def test_a_table_is_counted_by_its_files_and_a_sample_is_kept_of_it(
    session: SparkSession, tmp_path: Path, case_at: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    files(tmp_path)
    session.read.parquet(str(tmp_path / "production.parquet")).repartition(3).write.parquet(str(tmp_path / "served"))
    monkeypatch.setattr(tables, "SAMPLE_ROWS", 400)
    monkeypatch.setattr(counter, "PART_BYTES", 1)
    case = case_at(tmp_path, data={"production": "spark.parquet::served"}, kinds=KINDS, **ROLES)
    with open_with_spark(case, session) as opened:
        assert 150 < opened.rows("production") < 800
        cells = build_cells(opened)
        assert len(opened.counter._parts(opened, "production", ["wide"])) == 3
        found = profile(opened, Selection("production"), cells=cells, windows=DAY)
        with pytest.raises(SelectionError, match="read by Spark alone"):
            count_rows(opened, Selection("production"))
    with open_workspace(case_at(tmp_path, kinds=KINDS, **ROLES)) as opened:
        assert_same(found, profile(opened, Selection("production"), cells=cells, windows=DAY))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("spark::no_such_table", "Spark failed while opening production"),
        ("spark::parquet.`/etc`", "is no name of a table"),
        ("spark.parket::served", "Did you mean 'parquet'"),
        ("spark.parquet::s3a://bucket/served", "DRIFTSCOPE_SERVERS=bucket"),
        ("spark.parquet::nowhere", "Spark failed while opening production"),
    ],
)
def test_what_is_no_table(session: SparkSession, tmp_path: Path, case_at: MakeCase, place: str, said: str) -> None:
    files(tmp_path)
    with pytest.raises(SourceError, match=said):
        open_with_spark(case_at(tmp_path, data={"production": place}, **ROLES), session)


def test_duckdb_says_who_reads_it(tmp_path: Path, case_at: MakeCase) -> None:
    files(tmp_path)
    with pytest.raises(SourceError, match="Count it with --engine spark"):
        open_workspace(case_at(tmp_path, data={"production": "spark::served"}, **ROLES))
