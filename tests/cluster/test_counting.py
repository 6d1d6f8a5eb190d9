"""What Spark counts are the integers that DuckDB counts, on a real local cluster."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.case import Case, WindowSize
from monitor.engine import Selection, Workspace, build_cells, open_workspace, profile
from monitor.engine.spark import SparkCounter, counter, pieces
from monitor.profile import Profile
from tests.engine.conftest import MakeCase
from tests.engine.test_partial import DAY, LATER, WHOLE, assert_same, rows

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ROLES = {"roles": {"timestamp": "ts"}, "windows": {"size": "1 day", "timezone": "Europe/Berlin"}}
ALL = Selection("production")


def both(case: Case, session: SparkSession, cache: Path, selection: Selection = ALL, size: WindowSize = DAY) -> tuple[Profile, Profile]:
    """Count a selection by DuckDB and by Spark, each with a cache of its own."""
    with open_workspace(case, cache=cache / "duckdb") as opened:
        expected = profile(opened, selection, cells=build_cells(opened), windows=size)
    with open_workspace(case, cache=cache / "spark") as opened:
        return expected, profile(on(opened, session), selection, cells=build_cells(opened), windows=size)


def on(workspace: Workspace, session: SparkSession) -> Workspace:
    return replace(workspace, counter=SparkCounter(session))


@pytest.mark.parametrize("groups", [150, 10_000])
def test_the_same_integers_whatever_the_row_groups_and_their_order(
    session: SparkSession, tmp_path: Path, case_at: MakeCase, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "SMALLEST_BYTES", 1)
    rows(2_000, 0).to_parquet(tmp_path / "reference.parquet")
    shuffled = rows(2_500, 1).sample(frac=1.0, random_state=groups)
    shuffled.to_parquet(tmp_path / "production.parquet", row_group_size=groups)
    case = case_at(tmp_path, kinds={"note": "text"}, **ROLES)
    assert_same(*both(case, session, tmp_path / "days"))
    assert_same(*both(case, session, tmp_path / "part", LATER, WHOLE))


def test_shuffled_partitions_of_files_whose_columns_differ(session: SparkSession, tmp_path: Path, case_at: MakeCase) -> None:
    every = rows(3_000, 1)
    every.to_parquet(tmp_path / "reference.parquet")
    folder = tmp_path / "days [1] 100%"
    folder.mkdir()
    every[:1_000].to_parquet(folder / "a.parquet")
    every[1_000:2_000].drop(columns="level").astype({"few": "float64"}).to_parquet(folder / "b é.parquet")
    every[2_000:].rename(columns={"wide": "WIDE"}).to_parquet(folder / "c'.parquet")
    case = case_at(tmp_path, data={"production": [f"{folder.name.replace('[1]', '[[]1]')}/*.parquet"]}, kinds={"note": "text"}, **ROLES)
    assert_same(*both(case, session, tmp_path))


def test_types_of_other_writers(session: SparkSession, tmp_path: Path, case_at: MakeCase) -> None:
    n = 400
    rng = np.random.default_rng(0)
    moments = np.datetime64("2024-03-01T00:00:00.123456789") + rng.integers(0, 10**15, n).astype("timedelta64[ns]")
    table = pa.table(
        {
            "ts": pa.array(moments, pa.timestamp("ns")),
            "zoned": pa.array(moments, pa.timestamp("ns", "UTC")),
            "day": pa.array(moments.astype("datetime64[D]"), pa.date32()),
            "u8": pa.array(rng.integers(0, 255, n), pa.uint8()),
            "u64": pa.array(rng.integers(0, 2**63, n, dtype=np.uint64) * np.uint64(2), pa.uint64()),
            "money": pa.array([None if i % 9 == 0 else round(i * 1.37, 2) for i in range(n)]).cast(pa.decimal128(12, 2)),
            "coded": pa.array(rng.choice(["x", "y", None], n).tolist()).dictionary_encode(),
            "a`b.c d": pa.array(rng.normal(size=n)),
            "short": pa.array(rng.normal(size=n), pa.float32()),
            "nothing": pa.nulls(n, pa.int32()),
            "half": pa.array(rng.normal(size=n).astype(np.float16)),
            "took": pa.array(rng.integers(0, 10**6, n), pa.duration("s")),
            "clock": pa.array(rng.integers(0, 86_399, n).astype("int32"), pa.time32("s")),
            "said": pa.array([f"2024-03-0{1 + i % 9} 0{i % 9}:30:00" for i in range(n)]),
        }
    )
    for name in ("reference", "production"):
        pq.write_table(table, tmp_path / f"{name}.parquet", version="2.6", row_group_size=150)
    assert_same(*both(case_at(tmp_path, **ROLES), session, tmp_path))


def test_times_as_spark_writes_them(session: SparkSession, tmp_path: Path, case_at: MakeCase) -> None:
    table = pa.table({"ts": pa.array(pd.date_range("2024-03-30", periods=500, freq="7min")), "x": np.arange(500.0)})
    for name in ("reference", "production"):
        pq.write_table(table, tmp_path / f"{name}.parquet", use_deprecated_int96_timestamps=True)
    assert_same(*both(case_at(tmp_path, **ROLES), session, tmp_path))


def test_text_files_and_folders_that_are_columns(session: SparkSession, tmp_path: Path, case_at: MakeCase) -> None:
    every = rows(800, 0).drop(columns="due")
    every.to_csv(tmp_path / "reference.csv", index=False)
    for name, part in (("a", every[:300]), ("b", every[300:])):
        folder = tmp_path / "by" / f"place={name}"
        folder.mkdir(parents=True)
        part.to_parquet(folder / "rows.parquet")
    data = {"reference": ["by/*/*.parquet"], "production": ["by/*/*.parquet"], "partitions": True}
    one, two = both(case_at(tmp_path, data=data, **ROLES), session, tmp_path / "folders")
    assert "place" in one.columns
    assert_same(one, two)
    text = {"reference": "reference.csv", "production": "reference.csv"}
    assert_same(*both(case_at(tmp_path, data=text, **ROLES), session, tmp_path / "text"))


def test_parts_that_were_counted_are_not_counted_again(
    session: SparkSession, tmp_path: Path, case_at: MakeCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counter, "PART_BYTES", 1)
    jobs: list[int] = []
    run = SparkCounter._run
    monkeypatch.setattr(SparkCounter, "_run", lambda self, part, plan, watch: (jobs.append(1), run(self, part, plan, watch))[1])
    every = rows(900, 1)
    every.to_parquet(tmp_path / "reference.parquet")
    for i in range(3):
        every[i * 300 : i * 300 + 300].to_parquet(tmp_path / f"day-{i}.parquet")
    with open_workspace(case_at(tmp_path, data={"production": ["day-[01].parquet"]}, **ROLES)) as opened:
        cells = build_cells(opened)
        profile(on(opened, session), ALL, cells=cells, windows=DAY)
    assert len(jobs) == 2
    with open_workspace(case_at(tmp_path, data={"production": ["day-*.parquet"]}, **ROLES)) as opened:
        found = profile(on(opened, session), ALL, cells=cells, windows=DAY)
    assert len(jobs) == 3
    with open_workspace(case_at(tmp_path, data={"production": ["day-*.parquet"]}, **ROLES), cache=tmp_path / "own") as opened:
        assert_same(found, profile(opened, ALL, cells=cells, windows=DAY))
