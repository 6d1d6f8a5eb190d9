from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.case import WindowSize
from monitor.engine import Selection, Workspace, build_cells, open_workspace, profile
from monitor.engine.assembling import plan_counting, profile_of
from monitor.engine.partial import added, count_part
from monitor.engine.running import Watch
from monitor.errors import SelectionError
from monitor.profile import ColumnCounts, Profile
from tests.engine.conftest import MakeCase

DAY, WHOLE = WindowSize(1, "day"), WindowSize(1, "whole")
LATER = Selection("production", where="f < 60 OR f IS NULL")


def rows(n: int, seed: int) -> pd.DataFrame:
    """Return numbers with all that can be odd about them, levels of few and many names, texts, times with gaps."""
    rng = np.random.default_rng(seed)
    wide = rng.lognormal(0, 3, n) * rng.choice([-1, 1, 1e9], n)
    wide[:6] = [np.nan, np.inf, -np.inf, 1e300, -1e300, 0.0]
    stamp = pd.Series(pd.Timestamp("2024-03-30 23:00", tz="UTC") + pd.to_timedelta(rng.integers(0, 4 * 86_400, n), unit="s"))
    stamp[rng.random(n) < 0.01] = pd.NaT
    return pd.DataFrame(
        {
            "ts": stamp,
            "wide": wide,
            "f": rng.normal(50, 10, n).astype(np.float32),
            "few": pd.array(rng.integers(0, 5 + seed, n), dtype="Int16"),
            "level": rng.choice(["a", "b", "ü", "", None], n),
            "many": [f"id-{i}" for i in rng.zipf(1.5, n) % 5_000],
            "flag": rng.random(n) < 0.3,
            "note": rng.choice(["two words", "some more words here", None], n),
            "due": pd.Timestamp("2024-05-01") + pd.to_timedelta(rng.integers(0, 1000, n), unit="h"),
        }
    )


@pytest.fixture
def workspace(make_case: MakeCase) -> Iterator[Workspace]:
    windows = {"size": "1 day", "timezone": "Europe/Berlin"}
    case = make_case(rows(4_000, 0), rows(6_000, 1), roles={"timestamp": "ts"}, kinds={"note": "text"}, windows=windows)
    with open_workspace(case) as opened:
        yield opened


def in_parts(workspace: Workspace, selection: Selection, size: WindowSize, *, batch: int, parts: int) -> Profile:
    """Count shuffled rows in several parts, each cut into batches."""
    plan = plan_counting(workspace, selection, build_cells(workspace), size)
    table = pq.read_table(workspace.source("production").files[0], columns=[name for name, _ in plan.task.types])
    at = np.array_split(np.random.default_rng(batch).permutation(table.num_rows), parts)
    counted = [pa.Table.from_batches(count_part(table.take(one).to_batches(max_chunksize=batch), plan.task)) for one in at]
    with workspace.cursor() as cursor:
        return profile_of(cursor, added(counted), plan, Watch())


def assert_same(one: Profile, two: Profile) -> None:
    """Check that two profiles are the same integers and the same numbers to the last bit."""
    assert one.windows.ids == two.windows.ids
    assert np.array_equal(one.windows.start, two.windows.start)
    assert np.array_equal(one.windows.end, two.windows.end)
    assert one.rows.tolist() == two.rows.tolist()
    assert sorted((part.reason, part.rows) for part in one.excluded) == sorted((part.reason, part.rows) for part in two.excluded)
    assert list(one.columns) == list(two.columns)
    for name, mine in one.columns.items():
        assert_same_column(mine, two.columns[name])


def assert_same_column(one: ColumnCounts, two: ColumnCounts) -> None:
    for name in ("counts", "low", "high", "unseen", "seen_once", "distinct", "alone"):
        assert np.array_equal(getattr(one, name), getattr(two, name), equal_nan=name in ("low", "high")), (one.cells.column, name)
    for name in ("top", "high", "low"):
        assert np.array_equal(getattr(one.sums, name), getattr(two.sums, name)), (one.cells.column, name)
    assert one.new_levels == two.new_levels


@pytest.mark.parametrize(("batch", "parts"), [(1, 2), (7, 3), (10_000, 1), (500, 40)])
@pytest.mark.parametrize(("selection", "size"), [(Selection("production"), DAY), (LATER, WHOLE)])
def test_the_same_profile_whatever_the_parts_batches_and_order(
    workspace: Workspace, selection: Selection, size: WindowSize, batch: int, parts: int
) -> None:
    expected = profile(workspace, selection, cells=build_cells(workspace), windows=size)
    assert sum(part.rows for part in expected.excluded) > 0
    assert_same(in_parts(workspace, selection, size, batch=batch, parts=parts), expected)


def test_no_row_that_is_selected(workspace: Workspace) -> None:
    with pytest.raises(SelectionError, match="Nothing is selected"):
        in_parts(workspace, Selection("production", where="f > 1e9"), WHOLE, batch=500, parts=2)


def test_what_one_row_does_not_tell_is_refused(workspace: Workspace) -> None:
    for selection, size, said in (
        (Selection("production"), WindowSize(100, "rows"), "need the order of all rows"),
        (Selection("production", file="production.parquet"), DAY, "told apart by file only with --engine duckdb"),
    ):
        with pytest.raises(SelectionError, match=said):
            plan_counting(workspace, selection, build_cells(workspace), size)
