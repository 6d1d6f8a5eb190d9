"""Quantiles from log-bucket counts beside exact ones; counts that add up (golden E5, E6)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.stats.operations.quantiles import ALPHA, BucketCounts, bucket_values, buckets


@pytest.mark.parametrize(
    ("x", "bucket", "value"), [(10, 116, 10.0746967), (42, 187, 41.6822066), (100, 231, 100.4945677), (1000, 346, 1002.4280085)]
)
def test_buckets_of_the_paper(x: float, bucket: int, value: float) -> None:
    assert buckets(np.array([float(x)])).tolist() == [bucket]
    assert bucket_values(np.array([bucket]))[0] == pytest.approx(value, abs=1e-7)


@given(arrays(np.float64, st.integers(1, 400), elements=st.floats(1e-6, 1e9)), st.sampled_from([0.5, 0.95, 0.99]))
def test_no_quantile_is_more_than_one_percent_off(values: np.ndarray, q: float) -> None:
    found = BucketCounts.of(values, np.zeros(len(values), dtype=np.int64), 1).quantile(q)[0]
    exact = np.quantile(values, q, method="inverted_cdf")
    assert found == pytest.approx(exact, rel=ALPHA * 1.0001)


@given(arrays(np.float64, 200, elements=st.floats(0, 1e6)), st.integers(0, 200))
def test_counts_of_two_parts_add_up_to_those_of_the_whole(values: np.ndarray, cut: int) -> None:
    window = np.arange(200) % 3
    whole = BucketCounts.of(values, window, 3)
    parts = BucketCounts.of(values[:cut], window[:cut], 3) + BucketCounts.of(values[cut:], window[cut:], 3)
    assert whole.bucket.tolist() == parts.bucket.tolist()
    assert whole.count.tolist() == parts.count.tolist()


def test_quantiles_of_latencies_merged_over_hours_stay_near() -> None:
    rng = np.random.default_rng(0)
    x = rng.lognormal(np.log(42), 0.32, 300_000)
    x[::100] *= rng.uniform(5, 8, 3_000)
    hours = [BucketCounts.of(part, np.zeros(len(part), dtype=np.int64), 1) for part in np.split(x, 300)]
    merged = hours[0]
    for one in hours[1:]:
        merged = merged + one
    for q in (0.5, 0.95, 0.99, 0.999):
        assert merged.quantile(q)[0] == pytest.approx(np.quantile(x, q), rel=0.01)


def test_windows_without_values_have_no_quantile() -> None:
    counts = BucketCounts.of(np.array([5.0, np.nan, 0.0]), np.array([0, 1, 2]), 3)
    assert np.isnan(counts.quantile(0.5)).tolist() == [False, True, False]
    assert counts.quantile(0.5)[2] == 0.0
    assert np.isnan(BucketCounts.of(np.array([np.nan]), np.array([0]), 1).quantile(0.5)).all()


def test_intervals_cover_the_true_quantile() -> None:
    rng = np.random.default_rng(3)
    x = rng.exponential(100, (400, 300))
    counts = BucketCounts.of(x.ravel(), np.repeat(np.arange(400), 300), 400)
    low, high = counts.interval(0.95)
    truth = -100 * np.log(0.05)
    assert 0.92 <= float(((low <= truth * 1.01) & (high >= truth * 0.99)).mean()) <= 1.0
