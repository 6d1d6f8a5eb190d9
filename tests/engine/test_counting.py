from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.case import Case, WindowSize
from monitor.engine import Selection, build_cells, open_tables, open_workspace, profile
from monitor.engine.cutting import bucket_of
from monitor.errors import CancelledError, SelectionError
from monitor.profile import UNKNOWN, ColumnCounts, Profile

DAY = WindowSize(1, "day")
WHOLE = WindowSize(1, "whole")
PRODUCTION = Selection("production")


def rows(n: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    x[rng.random(n) < 0.1] = np.nan
    return pd.DataFrame(
        {
            "ts": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 5 * 86400, n), unit="s"),
            "x": x,
            "few": rng.integers(0, 5, n),
            "level": rng.choice(["a", "b", "c", None], n),
            "flag": rng.random(n) < 0.3,
        }
    )


def by_numpy(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    finite = np.isfinite(values)
    regular = np.bincount(np.searchsorted(edges, values[finite]), minlength=len(edges) + 1)
    return np.array([*regular, np.isinf(values).sum(), np.isnan(values).sum()])


def test_counts_equal_numpy_by_window() -> None:
    production = rows(3000, seed=1)
    production.loc[:40, "x"] = np.inf
    production.loc[41:60, "x"] = -np.inf
    with open_tables(rows(2000), production, roles={"timestamp": "ts"}) as workspace:
        found = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=DAY)
    counts = found.columns["x"]
    for position, (_, part) in enumerate(production.groupby(production.ts.dt.date)):
        x = part.x.to_numpy()
        assert counts.counts[position].tolist() == by_numpy(x, counts.cells.edges).tolist()
        assert counts.mean[position] == pytest.approx(x[np.isfinite(x)].mean(), rel=1e-12, abs=1e-13)
        assert counts.sd[position] == pytest.approx(x[np.isfinite(x)].std(), rel=1e-12)
        assert (counts.low[position], counts.high[position]) == (x[np.isfinite(x)].min(), x[np.isfinite(x)].max())


def test_few_values_have_one_cell_each() -> None:
    with open_tables(rows(500), rows(700, seed=1)) as workspace:
        found = profile(workspace, PRODUCTION, cells=build_cells(workspace, ["few"]), windows=WHOLE)
    expected = rows(700, seed=1).few.value_counts().sort_index().tolist()
    counts = found.columns["few"]
    assert counts.counts[0, 1:-2:2].tolist() == expected
    assert counts.counts[0].sum() == sum(expected)


def test_levels_unseen_in_the_reference_are_counted_and_named() -> None:
    reference = pd.DataFrame({"c": ["a"] * 3 + ["b"] * 2})
    production = pd.DataFrame({"c": ["b", "z", "z", None, "y"]})
    with open_tables(reference, production) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE).columns["c"]
    assert (counts.cells.levels, counts.cells.buckets) == (("a", "b"), 4)
    assert (counts.counts[0, :2].tolist(), counts.counts[0, 2:6].sum(), counts.counts[0, 6:].tolist()) == ([0, 1], 3, [0, 1])
    assert counts.counts[0, 2 + bucket_of("z", 4)] >= 2
    assert (counts.new_levels, counts.unseen.tolist(), counts.distinct.tolist()) == (({"z": 2, "y": 1},), [3], [3])


def test_the_known_tail_is_in_buckets_but_not_new() -> None:
    levels = [f"v{i:03d}" for i in range(300)]
    reference = pd.DataFrame({"c": levels + ["often"] * 254})
    with open_tables(reference, pd.DataFrame({"c": ["often", "v299", "new"]}), kinds={"c": "categorical"}) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE).columns["c"]
    assert (counts.cells.levels, len(counts.cells.known)) == (("often",), 301)
    assert (counts.counts[0, 0], counts.counts[0, 1:-2].sum(), counts.counts[0, -2:].tolist()) == (1, 2, [0, 0])
    assert (counts.new_levels, counts.unseen.tolist(), counts.seen_once.tolist()) == (({"new": 1},), [1], [1])


def test_all_new_rows_are_counted_though_only_a_hundred_levels_are_named() -> None:
    production = pd.DataFrame({"c": [f"new {i}" for i in range(150)] + ["a"]})
    with open_tables(pd.DataFrame({"c": ["a", "b"] * 20}), production, kinds={"c": "categorical"}) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE).columns["c"]
    assert (len(counts.new_levels[0]), counts.unseen.tolist(), counts.distinct.tolist()) == (100, [150], [151])


def test_rows_at_levels_that_no_other_window_has() -> None:
    days = pd.to_datetime(["2024-01-01"] * 3 + ["2024-01-02"] * 3)
    table = pd.DataFrame({"ts": days, "c": ["a", "a", "b", "b", "c", None]})
    with open_tables(table, table, roles={"timestamp": "ts"}, kinds={"c": "categorical"}) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=DAY).columns["c"]
    assert (counts.alone.tolist(), counts.distinct.tolist()) == ([2, 1], [2, 2])
    assert counts.take([[1], [0]]).alone.tolist() == [1, 2]
    assert (counts.take([[0]]).alone.tolist(), counts.take([[0]]).distinct.tolist()) == ([UNKNOWN], [2])
    assert (counts.take([[0, 1]]).alone.tolist(), counts.take([[0, 1]]).distinct.tolist()) == ([UNKNOWN], [UNKNOWN])


SAME = {
    "1 and 1.0": ([1, 2, 2], [1.0, 2.0, np.nan], ("2", "1")),
    "0.5 and 0.50": ([0.5, 0.5, 1.0], [Decimal("0.50"), Decimal("1.00"), None], ("0.5", "1")),
    "float and double": (np.array([0.1, 0.1, 0.7], dtype="float32"), [0.1, 0.7, np.nan], ("0.1", "0.7")),
    "true and 1": ([True, True, False], [1, 0, None], ("true", "false")),
    "1 and true": ([1, 1, 0], pd.array([True, False, None], "boolean"), ("true", "false")),
    "true and 1.0": ([True, True, False], [1.0, 0.0, np.nan], ("true", "false")),
    "true and text": ([True, True, False], ["True", "0", None], ("true", "false")),
    "number and text": ([1, 2, 2], ["1.0", "2", None], ("2", "1")),
}


@pytest.mark.parametrize(("before", "after", "levels"), SAME.values(), ids=SAME)
def test_one_level_whatever_its_type(before: object, after: object, levels: tuple[str, ...]) -> None:
    reference, production = (pd.DataFrame({"c": pd.Series(side)}) for side in (before, after))
    with open_tables(reference, production, kinds={"c": "categorical"}) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE).columns["c"]
    assert counts.cells.levels == levels
    assert (counts.counts[0, :2].tolist(), counts.unseen.tolist(), counts.missing.tolist()) == ([1, 1], [0], [1])


def test_texts_that_are_numbers_stay_texts_where_no_side_has_numbers() -> None:
    table = pd.DataFrame({"c": ["007", "7", "7.0"] * 20})
    with open_tables(table, table, kinds={"c": "categorical"}) as workspace:
        assert build_cells(workspace)["c"].levels == ("007", "7", "7.0")


def test_a_hundred_thousand_levels() -> None:
    reference = pd.DataFrame({"c": np.arange(100_000).astype(str)})
    with open_tables(reference, reference, kinds={"c": "categorical"}) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE).columns["c"]
    assert (counts.cells.levels, counts.cells.size, counts.counts.sum()) == ((), 32, 100_000)
    assert counts.counts[0, :32] == pytest.approx(np.full(32, 3125), rel=0.1)
    assert (counts.new_levels, counts.seen_once.tolist()) == (({},), [100_000])


def test_a_stored_profile_is_the_same(make_case: Callable[..., Case], tmp_path: Path) -> None:
    case = make_case(rows(300), rows(400, seed=3), roles={"timestamp": "ts"})
    found = []
    for _ in range(2):
        with open_workspace(case) as workspace:
            found.append(profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=DAY))
    assert_equal(*found)
    assert len(list((tmp_path / ".driftscope").glob("profile-*.npz"))) == 1


def test_excluded_rows_have_reasons() -> None:
    production = pd.DataFrame(
        {
            "ts": [pd.NaT, *pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-02", "2024-01-03"])],
            "x": [1, 2, 3, 4, 5],
            "v": list("aaaab"),
        }
    )
    chosen = Selection("production", datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 4, tzinfo=UTC), where="x < 4", model_version="a")
    with open_tables(production, production, roles={"timestamp": "ts", "model_version": "v"}) as workspace:
        found = profile(workspace, chosen, cells={}, windows=DAY)
    assert {part.reason: part.rows for part in found.excluded} == {
        "no timestamp": 1, "outside the period": 1, "other model version": 1, "outside the segment": 1
    }  # fmt: skip
    assert found.rows.tolist() == [1]


def test_rows_without_a_timestamp_count_in_the_whole() -> None:
    table = pd.DataFrame({"ts": [pd.NaT, pd.Timestamp("2024-01-01")], "x": [1.0, 2.0]})
    with open_tables(table, table, roles={"timestamp": "ts"}) as workspace:
        found = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE)
    assert (found.rows.tolist(), found.excluded, found.windows.ids) == ([2], (), ("whole",))


def test_row_windows_are_in_time_order_with_ties_in_file_order() -> None:
    times = pd.to_datetime(["2024-01-02", "2024-01-01", "2024-01-02", "2024-01-01", "2024-01-03"])
    table = pd.DataFrame({"ts": times, "x": [0, 1, 2, 3, 4]})
    with open_tables(table, table, roles={"timestamp": "ts"}) as workspace:
        found = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WindowSize(2, "rows"))
    assert found.windows.ids == ("rows-000001", "rows-000002", "rows-000003")
    assert found.columns["x"].counts[:, 1:10:2].tolist() == [[0, 1, 0, 1, 0], [1, 0, 1, 0, 0], [0, 0, 0, 0, 1]]


def test_row_windows_of_a_segment_number_its_rows_only() -> None:
    table = pd.DataFrame({"x": range(10)})
    with open_tables(table, table) as workspace:
        found = profile(workspace, Selection("production", where="x % 2 = 1"), cells={}, windows=WindowSize(3, "rows"))
    assert found.rows.tolist() == [3, 2]


@pytest.mark.parametrize(
    ("chosen", "size", "message"),
    [
        (PRODUCTION, DAY, "need the timestamp role"),
        (Selection.parse("2024-01-01..", data="production"), WHOLE, "need the timestamp role"),
        (Selection("production", where="x > 100"), WHOLE, "Nothing is selected"),
        (Selection("production", model_version="2"), WHOLE, "no column has the role model_version"),
    ],
)
def test_impossible_selections_say_why(chosen: Selection, size: WindowSize, message: str) -> None:
    table = pd.DataFrame({"x": [1.0, 2.0]})
    with open_tables(table, table) as workspace, pytest.raises(SelectionError, match=message):
        profile(workspace, chosen, cells={}, windows=size)


def test_too_many_windows_suggest_a_larger_size() -> None:
    table = pd.DataFrame({"ts": pd.date_range("2020-01-01", periods=6000, freq="h"), "x": 1.0})
    with (
        open_tables(table, table, roles={"timestamp": "ts"}) as workspace,
        pytest.raises(SelectionError, match=r"6,000 windows.*larger size"),
    ):
        profile(workspace, PRODUCTION, cells={}, windows=WindowSize(1, "hour"))


def test_many_windows_and_columns_fit_into_little_memory() -> None:
    n = 20_000
    table = pd.DataFrame({f"x{i}": np.random.default_rng(i).normal(size=n) for i in range(50)})
    table["ts"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(np.arange(n) % 365, unit="D")
    with open_tables(table, table, roles={"timestamp": "ts"}, memory_limit="500MB") as workspace:
        found = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=DAY)
    assert len(found.windows) == 365
    assert all(column.rows.sum() == n for column in found.columns.values())


def test_huge_values_do_not_break_the_count() -> None:
    table = pd.DataFrame({"x": [1e308, -1e308, 0.0, 1.0]})
    with open_tables(table, table) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE).columns["x"]
    assert counts.counts.tolist() == [[0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0]]


def test_progress_reaches_one_and_never_falls() -> None:
    told: list[float] = []
    with open_tables(rows(100), rows(100)) as workspace:
        profile(workspace, PRODUCTION, cells=build_cells(workspace), windows=WHOLE, progress=lambda share, _: told.append(share))
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_cancelled_work_stops() -> None:
    cancel = threading.Event()
    cancel.set()
    with open_tables(rows(100), rows(100)) as workspace:
        cells = build_cells(workspace)
        with pytest.raises(CancelledError, match=r"Cancelled while"):
            profile(workspace, PRODUCTION, cells=cells, windows=WHOLE, cancel=cancel)


def assert_equal(first: Profile, second: Profile) -> None:
    assert first.windows.ids == second.windows.ids
    assert first.windows.start.tolist() == second.windows.start.tolist()
    assert first.rows.tolist() == second.rows.tolist()
    assert list(first.columns) == list(second.columns)
    for name, counts in first.columns.items():
        assert_same_counts(counts, second.columns[name])


def assert_same_counts(first: ColumnCounts, second: ColumnCounts) -> None:
    for part in ("counts", "low", "high", "unseen", "seen_once"):
        np.testing.assert_array_equal(getattr(first, part), getattr(second, part))
    for part in ("top", "high", "low"):
        np.testing.assert_array_equal(getattr(first.sums, part), getattr(second.sums, part))
    assert first.new_levels == second.new_levels


NUMBERS = st.one_of(st.floats(-1e9, 1e9), st.floats(-10, 10), st.sampled_from([np.nan, np.inf, -np.inf, 0.0]))
TABLE = st.lists(
    st.tuples(st.integers(0, 6), NUMBERS, st.sampled_from(["a", "b", None, "new", ""]), st.booleans()), min_size=1, max_size=40
)


@settings(max_examples=12, deadline=None)
@given(TABLE, st.sampled_from([DAY, WindowSize(2, "day"), WindowSize(1, "week"), WindowSize(1, "month")]))
def test_profiles_of_disjoint_parts_add_up_to_the_whole(table: list[tuple[int, float, str | None, bool]], size: WindowSize) -> None:
    frame = pd.DataFrame(table, columns=["day", "x", "c", "first"])
    frame["c"] = frame["c"].astype("str")
    frame.loc[frame.c == "None", "c"] = None
    frame["ts"] = pd.Timestamp("2023-12-29") + pd.to_timedelta(frame.day, unit="D")
    reference = pd.DataFrame({"x": np.arange(-20, 20) / 4, "c": ["a", "b"] * 20, "ts": pd.Timestamp("2023-01-01"), "first": True})
    with open_tables(reference, frame, roles={"timestamp": "ts"}, kinds={"c": "categorical"}) as workspace:
        cells = build_cells(workspace, ["x", "c"])
        whole = profile(workspace, PRODUCTION, cells=cells, windows=size)
        parts = [
            profile(workspace, Selection("production", where=where), cells=cells, windows=size)
            for where, present in (("first", frame["first"].any()), ("NOT first", not frame["first"].all()))
            if present
        ]
    added = parts[0] + parts[1] if len(parts) == 2 else parts[0]
    assert_equal(whole, added)


@pytest.mark.parametrize("late", [[1.0, 0.0], [True, False]], ids=["floats", "booleans"])
def test_late_labels_of_another_type_are_the_same_levels(late: list[object]) -> None:
    reference, production = pd.DataFrame({"id": [1, 2, 3], "y": [1, 1, 0]}), pd.DataFrame({"id": [10, 11]})
    labels, roles = pd.DataFrame({"id": [10, 11], "y": late}), {"id": "id", "label": "y"}
    with open_tables(reference, production, labels=labels, roles=roles, kinds={"y": "categorical"}) as workspace:
        counts = profile(workspace, PRODUCTION, cells=build_cells(workspace, ["y"]), windows=WHOLE).columns["y"]
    assert (counts.counts[0, :2].tolist(), counts.unseen.tolist()) == ([1, 1], [0])
