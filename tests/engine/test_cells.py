from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.case import Case, WindowSize
from monitor.engine import Selection, build_cells, open_tables, open_workspace, profile
from monitor.engine.cells import MOST_CELLS, cut
from monitor.errors import ColumnMissingError
from monitor.profile import is_atom


def counted(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1)


def test_few_values_are_upper_edges() -> None:
    assert cut(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [1.0, 2.0, 3.0]
    assert cut(np.array([])).tolist() == []
    assert cut(np.array([7.0] * 5)).tolist() == [7.0]


def test_quantiles_hold_equal_shares() -> None:
    values = np.random.default_rng(0).lognormal(size=50_000)
    edges = cut(values)
    assert len(edges) == MOST_CELLS - 1
    assert counted(values, edges) == pytest.approx(np.full(MOST_CELLS, 50_000 / MOST_CELLS), abs=2)


def test_a_repeated_value_has_a_cell_of_its_own() -> None:
    values = np.concatenate([np.zeros(2000), np.random.default_rng(0).normal(size=8000)])
    edges = cut(values)
    cell = np.searchsorted(edges, 0.0)
    assert is_atom(edges[cell - 1 : cell], edges[cell : cell + 1]).all()
    assert counted(values, edges)[cell] == 2000


def test_a_hundred_neighbouring_whole_numbers_keep_their_cells() -> None:
    values = np.repeat(np.arange(100.0), 20)
    assert counted(values, cut(values))[1:101].tolist() == [20] * 100
    assert set(np.arange(1.0, 100.0)) <= set(cut(values))


@settings(max_examples=40, deadline=None)
@given(arrays(np.float64, st.integers(0, 400), elements=st.floats(-1e6, 1e6, width=32).map(lambda x: round(x, 1))))
def test_edges_ascend_and_are_finite_and_not_too_many(values: np.ndarray) -> None:
    edges = cut(values)
    assert len(edges) < MOST_CELLS
    assert np.all(np.diff(edges) > 0)
    assert counted(values, edges).sum() == len(values)


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
    assert cells.edges.tolist() == ([5.0] if values[0] == 5.0 else [])
    assert np.isnan(cells.low) == (values[0] != 5.0)


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
    assert cells["booked (hour)"].edges.tolist() == [4.0, 5.0]
    assert cells["booked (weekday)"].levels == ("Monday", "Tuesday")
    assert cells["booked (lag, h)"].edges.tolist() == [-6.0]
    assert cells["note (words)"].edges.tolist() == [5.0]


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
    assert (counts["x"].counts.tolist(), counts["y"].counts.tolist()) == ([[1, 1, 0, 1, 1]], [[1, 1, 1, 0, 0, 1]])
