"""Where something went wrong, by hand and by chance."""

import numpy as np
import pytest

from monitor.stats.causes.scan import Leaves, all_cells, best_places, chance, everything, excess_llr, parts_of
from monitor.stats.causes.scan import ranked as ranked_of

HAND = Leaves(
    codes=np.array([[0, 0], [0, 1], [1, 0], [1, 1]]),
    bad=np.array([10.0, 40.0, 11.0, 9.0]),
    rows=np.full(4, 100.0),
    bad_before=np.full(4, 10_000.0),
    rows_before=np.full(4, 100_000.0),
)
"""Cells of d (A, B) and e (x, y): a tenth of all rows was bad before."""


def ranked(leaves):
    return ranked_of(all_cells(leaves))


def test_the_evidence_is_as_worked_by_hand():
    places = (everything(HAND), *best_places(all_cells(HAND), 20))
    got = {(place.columns, place.levels): place.llr for place in places}
    wanted = {((), ()): 9.173105155, ((0,), (0,)): 15.814536594, ((1,), (1,)): 14.908313203, ((0, 1), (0, 1)): 25.451774445}
    assert {key: got[key] for key in wanted} == pytest.approx(wanted, rel=1e-4)


def test_the_surest_cell_comes_first():
    first = ranked(HAND)[0]
    assert (first.columns, first.levels, first.bad) == ((0, 1), (0, 1), 40.0)


def test_less_than_usual_is_no_evidence():
    assert excess_llr(np.array([3.0, 0.0]), np.array([10.0, 0.0])).tolist() == [0.0, 0.0]


def _levels(rates, *, rows=200.0):
    """Return one column of levels with these rates now, .1 before."""
    rate = np.array(rates)
    count = np.full(len(rate), rows)
    return Leaves(np.arange(len(rate))[:, None], rate * count, count, 0.1 * count * 50, count * 50)


def test_levels_that_share_it_are_told_together():
    first = ranked(_levels([0.1, 0.6, 0.1, 0.6, 0.1, 0.1]))[0]
    assert {part.levels for part in parts_of(first)} == {(1,), (3,)}
    assert first.bad == pytest.approx(240)


def test_a_level_that_is_not_known_is_in_no_predicate():
    leaves = Leaves(np.array([[-1], [0]]), np.array([90.0, 10.0]), np.full(2, 100.0), np.full(2, 10.0), np.full(2, 100.0))
    assert [place.levels for place in ranked(leaves) if place.columns] == []


def _chance(leaves):
    whole = everything(leaves)
    return chance(ranked(leaves)[0], all_cells(leaves), max(0.0, whole.bad - whole.expected) / whole.rows)


def test_chance_of_one_level_is_small_and_of_all_levels_is_not():
    assert _chance(_levels([0.1, 0.5, 0.1, 0.1])) == 0.01
    assert _chance(_levels([0.45, 0.5, 0.47, 0.44])) > 0.05


def test_chance_is_seldom_small_where_nothing_happened():
    rng = np.random.default_rng(1)
    said = 0
    for _ in range(40):
        codes = rng.integers(0, (4, 6), (2000, 2))
        bad = (rng.random(2000) < 0.2).astype(float)
        before = (np.arange(2000) < 1000).astype(float)
        leaves = Leaves(codes, bad * (1 - before), 1 - before, bad * before, before)
        said += _chance(leaves) <= 0.05
    assert said <= 5


def test_a_predicate_is_as_wide_as_what_is_bad():
    """A quarter of y is bad beyond (A, y) as well: it is not A that makes it bad."""
    rows = np.full(4, 1000.0)
    leaves = Leaves(HAND.codes, np.array([100.0, 900.0, 100.0, 250.0]), rows, rows * 5, rows * 50)
    both, wide = best_places(all_cells(leaves), 1)[0], ranked(leaves)[0]
    assert (both.columns, wide.columns, wide.levels) == ((0, 1), (1,), (1,))


def test_an_alternative_within_an_alternative_says_nothing_new():
    codes = np.array([[a, b, c] for a in range(2) for b in range(2) for c in range(2)])
    hit = (codes[:, 0] == 1) & (codes[:, 1] == 1)
    leaves = Leaves(codes, np.where(hit, 80.0, 10.0), np.full(8, 100.0), np.full(8, 500.0), np.full(8, 5000.0))
    first, *others = ranked(leaves)
    assert first.columns == (0, 1)
    assert not any(one.within(other) for one in others for other in others if one is not other)
