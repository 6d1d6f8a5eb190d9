from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.engine import kernel
from monitor.engine.kernel import count_numbers
from monitor.profile import Cells, ColumnCounts
from monitor.vocabulary import Kind

CELLS = Cells("x", Kind.NUMERIC, np.array([-1.0, 0.0, 2.5]), (), center=1.0, low=-0.5, high=2.0, unit=2.0**-40)
values_or_none = st.one_of(st.none(), st.just(float("nan")), st.sampled_from([-np.inf, np.inf, -1.0, -0.0, 0.0, 2.5]), st.floats(-10, 10))


def count(keys: list[int], values: list[float | None], *, batch: int = 1000, threads: int = 2, cells: Cells = CELLS) -> ColumnCounts:
    table = pa.table({"w": pa.array(keys, pa.int64()), "x": pa.array(values, pa.float64())})
    return count_numbers(table.to_batches(max_chunksize=batch), [cells], np.unique(keys), threads=threads)[0]


def test_by_hand() -> None:
    found = count([7, 7, 7, 9, 9, 9, 9], [0.0, 0.5, None, np.inf, np.nan, -3.0, 2.5])
    assert found.counts.tolist() == [[0, 1, 1, 0, 0, 1], [1, 0, 1, 0, 1, 1]]  # three cells and what is above; infinite; missing
    assert found.total.tolist() == [-1.0 - 0.5, -4.0 + 1.5]
    assert found.squares.tolist() == [1.0 + 0.25, 16.0 + 2.25]
    assert (found.low.tolist(), found.high.tolist()) == ([0.0, -3.0], [0.5, 2.5])
    assert (found.below.rows.tolist(), found.below.mean[1], found.above.rows.tolist()) == ([0, 1], -3.0, [0, 0])


def test_a_window_without_a_finite_value() -> None:
    found = count([1, 2, 2], [1.0, None, -np.inf])
    assert found.counts[1].tolist() == [0, 0, 0, 0, 1, 1]
    assert np.isnan([found.low[1], found.high[1]]).all()
    assert found.total[1] == found.squares[1] == 0.0


@pytest.mark.parametrize("rows", [0, 10**9])
def test_infinities_are_told_apart_where_the_reference_has_such(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(kernel, "ROWS_TO_SORT", rows)
    found = count([1, 1, 1, 1, 2, 2], [np.inf, -np.inf, -np.inf, None, np.nan, 0.5], cells=replace(CELLS, signed=True))
    assert found.counts.tolist() == [[0, 0, 0, 0, 2, 1, 1], [0, 0, 1, 0, 0, 0, 1]]
    assert (found.infinite.tolist(), found.finite.tolist()) == ([3, 0], [0, 1])


@given(st.lists(st.tuples(st.integers(0, 4), values_or_none), min_size=1, max_size=60), st.integers(1, 20))
def test_sorting_and_looking_up_agree(rows: list[tuple[int, float | None]], batch: int) -> None:
    keys, values = [key for key, _ in rows], [value for _, value in rows]
    answers = []
    for limit in (0, 10**9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(kernel, "ROWS_TO_SORT", limit)
            answers.append(count(keys, values, batch=batch))
    assert answers[0].counts.tolist() == answers[1].counts.tolist()
    assert answers[0].rows.tolist() == [keys.count(key) for key in np.unique(keys)]
    for part in ("total", "squares", "low", "high"):
        assert getattr(answers[0], part) == pytest.approx(getattr(answers[1], part), nan_ok=True, rel=1e-12, abs=1e-12)


def assert_same_sums(one: ColumnCounts, two: ColumnCounts) -> None:
    assert one.counts.tolist() == two.counts.tolist()
    for part in ("top", "high", "low"):
        assert getattr(one.sums, part).tolist() == getattr(two.sums, part).tolist()


def test_the_same_sums_however_many_threads_count_in_whatever_batches_and_order() -> None:
    rng = np.random.default_rng(0)
    keys, values = rng.integers(0, 7, 20_000), rng.lognormal(0, 3, 20_000) * rng.choice([-1, 1, 1e6], 20_000)
    order = rng.permutation(20_000)
    one = count(keys.tolist(), values.tolist(), batch=900, threads=1)
    for batch, threads, rows in ((900, 4, slice(None)), (20_000, 1, slice(None)), (37, 2, order)):
        assert_same_sums(one, count(keys[rows].tolist(), values[rows].tolist(), batch=batch, threads=threads))
    for key in range(7):
        own = values[keys == key]
        assert one.mean[key] == pytest.approx(own.mean(), rel=1e-12)
        assert one.sd[key] == pytest.approx(own.std(), rel=1e-9)
        assert one.below.mean[key] == pytest.approx(own[own <= -1.0].mean(), rel=1e-12)
        assert one.above.mean[key] == pytest.approx(own[own > 2.5].mean(), rel=1e-12)


def test_windows_added_up_are_the_window_of_all_rows() -> None:
    rng = np.random.default_rng(1)
    keys, values = rng.integers(0, 40, 5_000), rng.standard_cauchy(5_000) * 100
    parts = count(keys.tolist(), values.tolist()).take([range(40)])
    assert_same_sums(parts, count([0] * 5_000, values.tolist()))


def test_markers_far_outside_neither_overflow_nor_swallow_the_rest() -> None:
    found = count([1, 1, 1, 2], [9.2e18, 9.2e18, 1.5, 1.5])
    assert found.mean.tolist() == pytest.approx([2 * 9.2e18 / 3, 1.5])
    assert found.above.mean[0] == 9.2e18


def test_squares_beyond_all_numbers_are_infinite_without_a_warning() -> None:
    found = count([1] * 3, [1e200, -1e200, 1.0])
    assert found.squares.tolist() == [np.inf]
    assert found.high.tolist() == [1e200]


def test_a_column_of_one_cell() -> None:
    cells = Cells("x", Kind.NUMERIC, np.array([]), ())
    batch = pa.record_batch({"w": [0, 0, 1], "x": pa.array([None, 3.0, 4.0])})
    assert count_numbers([batch], [cells], np.array([0, 1]), threads=1)[0].counts.tolist() == [[1, 0, 1], [1, 0, 0]]
