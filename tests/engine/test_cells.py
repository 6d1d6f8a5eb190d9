from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from monitor.case import Case, WindowSize
from monitor.engine import Selection, build_cells, open_tables, open_workspace, profile
from monitor.errors import ColumnMissingError
from monitor.profile import Cells


def values_of(cells: Cells) -> list[float]:
    return cells.atoms[np.isfinite(cells.atoms)].tolist()


def test_cells_do_not_depend_on_the_number_of_threads() -> None:
    n = 200_000
    table = pd.DataFrame({"x": np.random.default_rng(0).normal(size=n), "c": np.arange(n) % 7})
    edges = []
    for threads in (1, 2):
        with open_tables(table, table, threads=threads) as workspace:
            for path in workspace.store.folder.glob("cells-*"):
                path.unlink()
            edges.append(build_cells(workspace)["x"].edges)
    np.testing.assert_array_equal(*edges)


@pytest.mark.parametrize("values", [[None, None], [np.nan, np.nan], [np.inf, -np.inf], [5.0, 5.0]])
def test_columns_with_next_to_nothing(values: list[float | None]) -> None:
    table = pd.DataFrame({"x": pd.array(values, dtype="object").astype("float64")})
    with open_tables(table, table) as workspace:
        cells = build_cells(workspace)["x"]
    assert (cells.size, np.isnan(cells.low)) == ((3, False) if values[0] == 5.0 else (1, True))


def test_range_is_exact_and_finite() -> None:
    table = pd.DataFrame({"x": [np.nan, -np.inf, -2.5, 7.0, np.inf], "k": [1, 2, 3, 4, 5]})
    with open_tables(table, table) as workspace:
        cells = build_cells(workspace)
    assert (cells["x"].low, cells["x"].high, cells["k"].low, cells["k"].high) == (-2.5, 7.0, 1.0, 5.0)


def test_derived_columns_of_times_and_texts() -> None:
    ts = pd.Series(pd.to_datetime(["2024-01-01 10:00", "2024-01-02 11:30"] * 60))
    words = [f"note number {i} is here" for i in range(120)]
    table = pd.DataFrame({"ts": ts, "booked": ts - pd.Timedelta(hours=6), "note": words})
    with open_tables(table, table, roles={"timestamp": "ts"}) as workspace:
        cells = build_cells(workspace)
    assert list(cells) == ["booked (hour)", "booked (weekday)", "booked (lag, h)", "note (length)", "note (words)"]
    assert values_of(cells["booked (hour)"]) == [4.0, 5.0]
    assert cells["booked (weekday)"].levels == ("Monday", "Tuesday")
    assert values_of(cells["booked (lag, h)"]) == [-6.0]
    assert values_of(cells["note (words)"]) == [5.0]


def test_an_unknown_column_names_the_nearest() -> None:
    table = pd.DataFrame({"income": [1.0, 2.0]})
    with open_tables(table, table) as workspace, pytest.raises(ColumnMissingError, match=r"'incom'.*Did you mean 'income'"):
        build_cells(workspace, ["incom"])


def test_statistics_of_a_file_do_not_hide_what_is_no_number(make_case: Callable[..., Case]) -> None:
    table = pd.DataFrame({"x": [np.nan, -0.0, 7.0, np.inf], "y": [np.nan, 1.0, 2.0, 3.0]})
    with open_workspace(make_case(table, table)) as workspace:
        cells = build_cells(workspace)
        counts = profile(workspace, Selection(), cells=cells, windows=WindowSize(1, "whole")).columns
    assert [str(value) for value in (cells["x"].low, cells["x"].high, cells["y"].low)] == ["0.0", "7.0", "1.0"]
    # pandas writes NaN as null, which is missing all the same.
    assert (counts["x"].counts.tolist(), counts["y"].counts.tolist()) == ([[0, 1, 0, 1, 0, 0, 1, 1]], [[0, 1, 0, 1, 0, 1, 0, 0, 1]])
