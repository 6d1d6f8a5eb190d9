from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.methods import categories as levels


def test_entropy_change_in_bits() -> None:
    assert levels.entropy_change([8, 8], [[16, 0], [1, 1]]).tolist() == [-1.0, 0.0]


def test_cardinality_counts_occupied_levels_and_new_ones() -> None:
    assert levels.cardinality_change([3, 1, 0], [[1, 0, 0], [1, 1, 0]], np.array([0, 2])).tolist() == [-1, 2]


def test_top_share_follows_the_level_that_was_the_commonest_in_the_reference() -> None:
    assert levels.top_share([10, 30], [[30, 10], [10, 30]]) == pytest.approx([-0.5, 0])


def test_lost_levels_weighs_what_vanished_by_its_reference_share() -> None:
    assert levels.lost_levels([70, 29, 1], [[5, 5, 0], [5, 0, 5], [1, 1, 1]]) == pytest.approx([0.01, 0.29, 0])


def test_new_levels_is_a_share_of_rows_with_a_value() -> None:
    share = levels.new_levels([0, 5, 0], [10, 10, 0])
    assert share[:2].tolist() == [0, 0.5]
    assert np.isnan(share[2])


def test_became_constant_only_where_the_reference_varied() -> None:
    assert levels.became_constant([5, 5], [[9, 0], [8, 1]]).tolist() == [1, 0]
    assert levels.became_constant([5, 0], [[9, 0]]).tolist() == [0]


def test_sides_without_rows_are_undefined() -> None:
    for name in ("entropy_change", "cardinality_change", "top_share", "lost_levels", "became_constant"):
        assert np.isnan(getattr(levels, name)([1, 2], [[0, 0]])).all(), name
