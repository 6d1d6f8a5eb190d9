from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cells import Cells
from monitor.engine.cutting import bucket_of, cut_levels, cut_numbers
from monitor.stats.counts.grouping import MOST_LEVELS, coarsen, coarsen_cells, coarsen_levels, group_counts
from monitor.stats.methods.divergences import js
from monitor.vocabulary import Kind

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
    least = 0.01 * sum(counts)
    heavy = [i for i in range(len(counts)) if counts[i] >= max(least, 1)]
    if len(heavy) <= MOST_LEVELS:
        assert all((groups == groups[i]).sum() == 1 for i in heavy)
    light = set(groups[:-2].tolist()) - {int(groups[i]) for i in heavy}
    assert len(light) <= max(1, sum(counts[i] for i in range(len(counts)) if i not in heavy) / max(least, 1))


def test_an_empty_reference_makes_a_single_group() -> None:
    assert coarsen([0, 0, 0, 0, 0], size=3).tolist() == [0, 0, 0, 1, 2]
    assert coarsen_levels([0, 0], size=0).tolist() == [0, 1]


def test_numbers_outside_and_between_the_values_of_the_reference_are_groups_of_their_own() -> None:
    values = np.repeat([0.0, 10, 20, 30], 10)
    cells = cut_numbers("x", Kind.NUMERIC, values, 0, 30)
    counts = np.bincount(np.searchsorted(cells.edges, values), minlength=cells.width)
    assert coarsen_cells(cells, counts).tolist() == [0, 1, 5, 2, 5, 3, 5, 4, 6, 7, 8]


def test_a_reference_without_values_has_one_group_for_all_numbers() -> None:
    cells = cut_numbers("x", Kind.NUMERIC, np.array([]), np.nan, np.nan)
    assert coarsen_cells(cells, np.zeros(3)).tolist() == [0, 1, 2]


@pytest.mark.parametrize(("mass", "groups"), [(0, 1), (2, 2), (20, 8), (40, 32)])
def test_buckets_are_put_together_as_far_as_they_are_light(mass: float, groups: int) -> None:
    counts = np.array([100 - mass, *np.full(32, mass / 32), 0, 0])
    assert len(set(coarsen_levels(counts, 33, buckets=32)[1:33].tolist())) == groups


def uniform(levels: int, rows: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, levels, rows)


def counted(cells: Cells, codes: np.ndarray) -> np.ndarray:
    place = {level: i for i, level in enumerate(cells.levels)}
    found = [place.get(str(code), len(cells.levels) + bucket_of(str(code), cells.buckets)) for code in codes.tolist()]
    return np.bincount(found, minlength=cells.width)


def js_of(reference: np.ndarray, production: np.ndarray) -> float:
    found, counts = np.unique(reference, return_counts=True)
    cells = cut_levels("c", Kind.CATEGORICAL, [(str(level), int(n)) for level, n in zip(found, counts, strict=True)])
    before, after = counted(cells, reference), counted(cells, production)
    groups = coarsen_cells(cells, before)
    return float(js(group_counts(before, groups), group_counts(after, groups))[0])


@pytest.mark.parametrize("levels", [500, 2_000, 10_000])
def test_one_law_over_many_levels_has_no_more_distance_than_chance(levels: int) -> None:
    assert js_of(uniform(levels, 6000, 1), uniform(levels, 700, 2)) < 0.13  # of 32 equal groups: .095 on average


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("levels", [150, 500])
def test_most_levels_vanishing_is_seen_whatever_the_number(levels: int, seed: int) -> None:
    law = np.random.default_rng(seed).permutation(10 * levels)[:levels]
    assert js_of(law[uniform(levels, 20_000, seed)], law[uniform(levels // 5, 10_000, seed + 1)]) > 0.13
