from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stats.counts.quantiles import cell_quantiles

EDGES = np.arange(10.0, 100.0, 10.0)


@given(values=st.lists(st.integers(1, 99), min_size=1, max_size=60), at=st.floats(0, 1))
def test_a_quantile_is_within_a_cell_of_the_exact_one(values: list[int], at: float) -> None:
    exact = np.sort(np.array(values, dtype=float))
    counts = np.bincount(np.searchsorted(EDGES, exact), minlength=10)
    found = cell_quantiles(counts, EDGES, exact.min(), exact.max(), [at])[0, 0]
    neighbours = [np.quantile(exact, at, method=method) for method in ("lower", "higher", "inverted_cdf")]
    assert min(neighbours) - 10 <= found <= max(neighbours) + 10


def test_ends_are_the_extremes_and_an_empty_window_has_none() -> None:
    counts = np.zeros((2, 10))
    counts[0, [0, 9]] = 1, 3
    found = cell_quantiles(counts, EDGES, [4.0, np.nan], [95.0, np.nan], [0.0, 0.2, 1.0])
    assert found[0] == pytest.approx([4.0, 8.8, 95.0])
    assert np.isnan(found[1]).all()


def test_each_window_may_be_asked_for_shares_of_its_own() -> None:
    counts = np.ones((2, 10))
    assert cell_quantiles(counts, EDGES, [0, 0], [100, 100], [[0.25], [0.5]]).tolist() == [[25.0], [50.0]]
