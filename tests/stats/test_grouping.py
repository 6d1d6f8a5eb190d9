from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.stats.grouping import coarsen, coarsen_levels, group_counts

COUNTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=254)


def test_equal_fine_cells_become_ten_equal_groups() -> None:
    groups = coarsen([7] * 200 + [0, 3], size=200)
    assert group_counts([7] * 200 + [0, 3], groups)[0].tolist() == [140.0] * 10 + [0.0, 3.0]


def test_a_heavy_atom_stays_alone() -> None:
    counts = [5] * 10 + [900] + [5] * 10 + [0, 0]
    groups = coarsen(counts, size=21)
    assert (groups == groups[10]).sum() == 1


@given(COUNTS)
def test_groups_are_adjacent_complete_and_about_as_many_as_asked_for(counts: list[int]) -> None:
    groups = coarsen([*counts, 1, 2], size=len(counts))
    regular = groups[:-2]
    assert set(np.diff(regular)) <= {0, 1}
    assert groups[0] == 0
    assert groups[-2:].tolist() == [regular[-1] + 1, regular[-1] + 2]
    assert regular[-1] < 21


@given(COUNTS)
def test_levels_are_kept_from_one_percent_on_and_none_is_lost(counts: list[int]) -> None:
    groups = coarsen_levels([*counts, 4, 5], size=len(counts))
    grouped = group_counts([*counts, 4, 5], groups)[0]
    assert grouped.sum() == sum(counts) + 9
    assert grouped[-2:].tolist() == [4, 5]
    assert len(grouped) <= 33
    alone = [i for i in range(len(counts)) if (groups == groups[i]).sum() == 1]
    assert all(counts[i] >= 0.01 * sum(counts) for i in alone) or len(alone) == len(counts) or max(groups) - len(alone) <= 2


def test_an_empty_reference_makes_a_single_group() -> None:
    assert coarsen([0, 0, 0, 0, 0], size=3).tolist() == [0, 0, 0, 1, 2]
    assert coarsen_levels([0, 0], size=0).tolist() == [0, 1]
