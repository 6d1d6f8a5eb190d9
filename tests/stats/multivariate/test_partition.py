"""The k-means partition: counts are a partition of the rows, names say what is inside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from monitor.errors import MethodError
from monitor.stats.multivariate.encoding import fit_encoder
from monitor.stats.multivariate.partition import assign, cell_counts, fit_partition
from monitor.stats.multivariate.rows import Rows


def test_three_clear_clouds_are_found(make_rows: Callable[..., Rows]) -> None:
    rng = np.random.default_rng(0)
    centers = np.repeat([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]], [60, 30, 10], axis=0)
    rows = make_rows(centers + 0.1 * rng.normal(size=(100, 2)))
    encoder = fit_encoder(rows)
    partition = fit_partition(rows, encoder, cells=3, top=1)
    np.testing.assert_allclose(partition.share, [0.6, 0.3, 0.1])
    np.testing.assert_array_equal(assign(rows, encoder, partition), np.repeat([0, 1, 2], [60, 30, 10]))
    assert partition.names[1].startswith("x0 high (+1.5 sd)")


def test_counts_add_up_to_rows_and_reference_counts_to_shares(mixed_rows: Rows) -> None:
    encoder = fit_encoder(mixed_rows)
    partition = fit_partition(mixed_rows, encoder, cells=6)
    counts = cell_counts(mixed_rows, encoder, partition)
    np.testing.assert_array_equal(counts.sum(axis=1), mixed_rows.counts)
    np.testing.assert_allclose(counts.sum(axis=0) / 400, partition.share)
    assert (np.diff(partition.share) <= 0).all()


def test_names_give_the_level_with_both_shares(mixed_rows: Rows) -> None:
    partition = fit_partition(mixed_rows, fit_encoder(mixed_rows), cells=6, top=4)
    assert any("% against " in name for name in partition.names)
    assert all(name.count(", ") == 3 for name in partition.names)


def test_the_same_seed_gives_the_same_partition(mixed_rows: Rows) -> None:
    encoder = fit_encoder(mixed_rows)
    one, two = (fit_partition(mixed_rows, encoder, cells=5, seed=2) for _ in range(2))
    np.testing.assert_array_equal(one.centers, two.centers)


def test_fewer_distinct_rows_than_cells_give_fewer_cells(make_rows: Callable[..., Rows]) -> None:
    rows = make_rows(np.repeat([[0.0], [1.0]], 50, axis=0))
    assert len(fit_partition(rows, fit_encoder(rows), cells=8).share) == 2


def test_too_few_rows_are_refused(mixed_rows: Rows) -> None:
    with pytest.raises(MethodError, match="into 16 cells needs at least"):
        fit_partition(mixed_rows.take(np.arange(10)), fit_encoder(mixed_rows))
