"""What a data set holds to choose from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.engine import open_workspace, time_span, value_counts
from monitor.errors import ColumnMissingError
from tests.engine.conftest import MakeCase


def write(folder: Path) -> None:
    ts = pd.date_range("2024-01-01", periods=6, freq="1h", tz="UTC")
    pd.DataFrame({"ts": ts, "city": ["b", "a", "b", None, "c'\"", "a"], "n": [1, 2, 1, 1, 3, 3]}).to_parquet(folder / "reference.parquet")
    pd.DataFrame({"ts": ts[:2], "city": ["a", "a"], "n": [1, 1]}).to_parquet(folder / "production.parquet")


def test_span_and_values_are_counted_once_and_kept(tmp_path: Path, case_at: MakeCase) -> None:
    write(tmp_path)
    case = case_at(tmp_path, roles={"timestamp": "ts"})
    for _ in range(2):
        with open_workspace(case) as workspace:
            assert time_span(workspace, "reference") == tuple(map(datetime.fromisoformat, ("2024-01-01T00:00", "2024-01-01T05:00")))
            assert list(value_counts(workspace, "reference", "city").items()) == [("a", 2), ("b", 2), ("c'\"", 1)]
            assert value_counts(workspace, "reference", "n") == {"1": 3, "3": 2, "2": 1}
            assert value_counts(workspace, "production", "city") == {"a": 2}


def test_a_column_that_is_not_there_is_named(tmp_path: Path, case_at: MakeCase) -> None:
    write(tmp_path)
    with open_workspace(case_at(tmp_path, roles={"timestamp": "ts"})) as workspace, pytest.raises(ColumnMissingError, match="'city'"):
        value_counts(workspace, "reference", "citi")


def test_without_times_there_is_no_span(tmp_path: Path, case_at: MakeCase) -> None:
    write(tmp_path)
    with open_workspace(case_at(tmp_path, roles={})) as workspace:
        assert time_span(workspace, "production") is None


@pytest.mark.parametrize("odd", ["10000-01-01", "290000-01-01", "0001-01-01", "-0044-03-15", "9999-12-31"])
@pytest.mark.parametrize("seconds", [False, True], ids=["times", "Unix seconds"])
def test_a_moment_of_no_window_is_not_in_the_span(odd: str, seconds: bool, tmp_path: Path, case_at: MakeCase) -> None:
    """One row beyond the years that Python knows stops no page."""
    times = pd.date_range("2024-01-01", periods=6, freq="1h").to_numpy().astype("datetime64[s]")
    both = np.append(times, np.datetime64(odd, "s"))
    for name, values in (("reference", times), ("production", both)):
        column = pa.array(values.astype("int64") if seconds else values.astype("datetime64[us]"))
        pq.write_table(pa.table({"ts": column, "n": range(len(values))}), tmp_path / f"{name}.parquet")
    with open_workspace(case_at(tmp_path, roles={"timestamp": "ts"})) as workspace:
        assert time_span(workspace, "production") == time_span(workspace, "reference")
