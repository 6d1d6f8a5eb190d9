from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.cells import Cells
from monitor.engine.cutting import BUCKETS, FEW_BUCKETS, MOST_CELLS, bucket_of, cut_levels, cut_numbers, tolerance, unit_of
from monitor.vocabulary import Kind


def cut(values: np.ndarray) -> Cells:
    low, high = (float(values.min()), float(values.max())) if len(values) else (np.nan, np.nan)
    return cut_numbers("x", Kind.NUMERIC, values, low, high)


def counted(values: np.ndarray, cells: Cells) -> np.ndarray:
    return np.bincount(np.searchsorted(cells.edges, values), minlength=cells.size)


def test_few_values_have_a_cell_each_with_gaps_between_and_ends_outside() -> None:
    cells = cut(np.array([3.0, 1.0, 3.0, 2.0]))
    assert cells.atoms == pytest.approx([np.nan, 1, np.nan, 2, np.nan, 3, np.nan], nan_ok=True)
    assert counted(np.array([0.9, 1.0, 1.5, 2.0, 2.1, 2.2, 3.0, 3.1]), cells).tolist() == [1, 1, 1, 1, 2, 1, 1]


def test_few_rows_of_many_values_are_not_taken_for_few_values() -> None:
    draws = np.random.default_rng(0)
    values, later = (np.where(draws.random(n) < 0.75, 0.0, draws.lognormal(size=n)) for n in (150, 3000))
    cells = cut(values)
    assert cells.atoms[cells.single].tolist() == [0.0, values.max()]
    assert counted(later, cells)[cells.gaps].sum() == 0


def test_nothing_and_constants() -> None:
    assert cut(np.array([])).size == 1
    assert counted(np.array([4.99, 5.0, 5.01]), cut(np.full(4, 5.0))).tolist() == [1, 1, 1]


def test_quantiles_hold_equal_shares_within_the_range() -> None:
    values = np.random.default_rng(0).lognormal(size=50_000)
    cells = cut(values)
    assert cells.size == MOST_CELLS
    assert counted(values, cells)[[0, -1]].tolist() == [0, 0]
    assert counted(values, cells)[1:-1] == pytest.approx(np.full(MOST_CELLS - 2, 50_000 / (MOST_CELLS - 2)), abs=2)


def test_a_repeated_value_has_a_cell_of_its_own() -> None:
    values = np.concatenate([np.zeros(2000), np.random.default_rng(0).normal(size=8000)])
    cells = cut(values)
    assert counted(values, cells)[cells.single].tolist() == [2000]


@pytest.mark.parametrize("count", [100, 240])
def test_neighbouring_whole_numbers_keep_their_cells_with_gaps_while_there_is_room(count: int) -> None:
    values = np.repeat(np.arange(float(count)), 20)
    cells = cut(values)
    assert counted(values, cells)[cells.single].tolist() == [20] * count
    assert cells.gaps.sum() == (count - 1 if count == 100 else 0)


@settings(max_examples=60, deadline=None)
@given(arrays(np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6, width=32).map(lambda x: round(x, 1))))
def test_edges_ascend_and_hold_the_reference_between_them(values: np.ndarray) -> None:
    cells = cut(values)
    assert cells.size <= MOST_CELLS
    assert np.all(np.diff(cells.edges) > 0)
    counts = counted(values, cells)
    assert (counts.sum(), counts[0], counts[-1]) == (len(values), 0, 0)
    assert len(cells.atoms) == cells.size


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=20, unique=True))
def test_what_float32_cannot_tell_from_a_value_belongs_to_it_but_never_to_its_neighbour(values: list[float]) -> None:
    cells = cut(np.array(values))
    own = np.searchsorted(cells.edges, values)
    assert cells.atoms[own].tolist() == [value + 0.0 for value in values]
    short = np.array(values).astype(np.float32)
    alone = np.array([(short == one).sum() == 1 for one in short]) & (np.abs(values) > 1e-37) & (np.array(values) != np.trunc(values))
    assert np.searchsorted(cells.edges, short.astype(np.float64))[alone].tolist() == own[alone].tolist()


def test_large_whole_numbers_stay_apart() -> None:
    cells = cut(np.array([20240115.0]))
    assert counted(np.array([20240114.0, 20240115.0, 20240116.0]), cells).tolist() == [1, 1, 1]


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-45, 1e300, -1e300, 2.0**60])
def test_tolerance_never_loses_the_value(value: float) -> None:
    found = tolerance(np.array([value]))
    assert found.lower[0] < value <= found.upper[0]


def test_units_follow_what_most_values_do_not_a_few_markers() -> None:
    values = np.random.default_rng(0).normal(size=1000)
    assert unit_of(np.append(values, [9.2e18] * 20)) == pytest.approx(unit_of(values), rel=1.1)
    assert unit_of(np.array([])) == unit_of(np.array([0.0])) > 0


def test_few_levels_are_all_named_and_buckets_hold_new_ones_only() -> None:
    cells = cut_levels("c", Kind.CATEGORICAL, [("a", 9), ("b", 1)])
    assert (cells.levels, cells.buckets, cells.once) == (("a", "b"), FEW_BUCKETS, frozenset({"b"}))


def test_of_many_levels_only_common_ones_are_named() -> None:
    cells = cut_levels("c", Kind.CATEGORICAL, [("often", 2000), ("enough", 50), *((f"v{i}", 12) for i in range(500))])
    assert (cells.levels, cells.buckets, len(cells.known)) == (("often", "enough"), BUCKETS, 502)


def test_buckets_are_those_of_md5() -> None:
    digest = hashlib.md5("Zürich".encode(), usedforsecurity=False).digest()
    assert bucket_of("Zürich", 32) == int.from_bytes(digest[8:16], "little") % 32
