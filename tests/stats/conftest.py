"""Rows for the tests, simulated with a known structure."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from monitor.stats.multivariate.rows import Rows


def gaussian_rows(z: np.ndarray, *, windows: int = 1, blocks_per_window: int = 10, first_block: int = 0) -> Rows:
    """Numeric rows in order of time, cut in equal windows and blocks."""
    n, p = z.shape
    window = np.arange(n) * windows // n
    block = first_block + np.arange(n) * windows * blocks_per_window // n
    return Rows(z, tuple(f"x{i}" for i in range(p)), np.zeros((n, 0), dtype=np.int64), {}, block, window, windows)


@pytest.fixture
def make_rows() -> Callable[..., Rows]:
    return gaussian_rows


@pytest.fixture
def mixed_rows() -> Rows:
    """400 rows: two correlated numbers, one category that follows them, one that does not; some missing."""
    rng = np.random.default_rng(3)
    a = rng.normal(size=400)
    b = a + rng.normal(scale=0.5, size=400)
    kind = np.where(a > 0, 0, 1)
    kind[:10] = -1
    free = rng.integers(0, 3, 400)
    numeric = np.column_stack([a, b])
    numeric[5:25, 1] = np.nan
    levels = {"kind": ("high", "low"), "free": ("u", "v", "w")}
    return Rows(numeric, ("a", "b"), np.column_stack([kind, free]), levels, np.arange(400) // 20, np.arange(400) // 100, 4)
