"""Distances beside scipy, on data that leave the range of the reference in every way."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from monitor.engine.cutting import cut_numbers
from monitor.engine.kernel import count_numbers
from monitor.profile import ColumnCounts
from monitor.stats.counts.comparison import Comparison
from monitor.stats.methods.transport import energy, wasserstein
from monitor.vocabulary import Kind

R = np.random.default_rng(0)
NORMAL = R.normal(size=3000)
PAIRS = {
    "one value to another": (np.zeros(1), np.full(1, 2.0)),
    "beyond the top": (NORMAL, R.normal(5, 1, 1000)),
    "beyond the bottom": (NORMAL, R.normal(-9, 2, 1000)),
    "two percent far on both sides": (NORMAL, np.concatenate([R.normal(size=980), np.repeat([1e5, -1e5], 10)])),
    "ten times as wide": (NORMAL, R.normal(0, 10, 3000)),
    "uniform below a constant": (np.full(1000, 5.0), R.uniform(4, 5, 1000)),
    "between few values": (R.choice([0.0, 10, 20, 30], 3000), R.uniform(0, 30, 1000)),
    "whole numbers far below": (R.integers(0, 10, 3000).astype(float), R.integers(-110, -100, 1000).astype(float)),
    "no change": (NORMAL, NORMAL),
}


def counted(*samples: np.ndarray) -> list[ColumnCounts]:
    cells = cut_numbers("x", Kind.NUMERIC, samples[0], float(samples[0].min()), float(samples[0].max()))
    batches = [pa.record_batch({"w": np.zeros(len(one), dtype=np.int64), "x": one}) for one in samples]
    return [count_numbers([batch], [cells], np.array([0]), threads=1)[0] for batch in batches]


@pytest.mark.parametrize(("reference", "production"), PAIRS.values(), ids=PAIRS)
def test_as_scipy_on_every_value(reference: np.ndarray, production: np.ndarray) -> None:
    comparison = Comparison.of(*counted(reference, production))
    assert wasserstein(comparison)[0] == pytest.approx(stats.wasserstein_distance(reference, production), rel=0.04, abs=1e-9)
    assert energy(comparison)[0] == pytest.approx(stats.energy_distance(reference, production), rel=0.04, abs=1e-9)


def test_two_sides_that_both_leave_the_range() -> None:
    cells, first, second = counted(NORMAL, R.normal(6, 2, 2000), R.normal(9, 1, 2000))
    comparison = Comparison.of(first, second)
    assert cells.counts[0, -3] == 0
    assert wasserstein(comparison)[0] == pytest.approx(3, rel=0.05)


def test_a_side_without_rows_has_no_distance() -> None:
    first, second = counted(NORMAL, np.array([np.nan]))
    assert np.isnan(wasserstein(Comparison.of(first, second))).all()
    assert np.isnan(energy(Comparison.of(first, second))).all()
