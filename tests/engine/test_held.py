"""What a data set holds to choose from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
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
