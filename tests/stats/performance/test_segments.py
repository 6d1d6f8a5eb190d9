"""The cube of segments beside sums taken one by one, and the search on rows with a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.performance import cube
from monitor.stats.performance.cube import Axis, Cells, build_cube
from monitor.stats.performance.segment_search import search
from monitor.stats.performance.segments import Part, Segment, Sides, Sums, contrasts

SIZE, COLUMNS, WINDOWS = 4, 5, 12


def axis() -> Axis:
    return Axis(SIZE, np.eye(SIZE), np.eye(SIZE))


def cells(seed: int, *, wrong: bool = False, rows: int = 12_000) -> Cells:
    """Rows of five columns; where column 1 is 2 and column 3 is 0 the loss is 1 higher from the fifth window on, if it is `wrong`."""
    rng = np.random.default_rng(seed)
    codes = rng.integers(0, SIZE, (COLUMNS, rows)).astype(np.int32)
    window = np.sort(rng.integers(0, WINDOWS, rows))
    loss = rng.normal(0, 1, rows) + wrong * ((codes[1] == 2) & (codes[3] == 0) & (window >= 4))
    return Cells(codes, window, WINDOWS, np.array([np.ones(rows), loss, loss**2]), np.arange(rows))


def sides(*, wrong: bool) -> Sides:
    return Sides(tuple(axis() for _ in range(COLUMNS)), cells(0), cells(1, wrong=wrong), np.ones(WINDOWS, dtype=bool))


@pytest.mark.parametrize("most", [10**7, 1])
def test_blocks_of_columns_and_single_pairs_add_up_alike(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(cube, "MOST_CELLS", most)
    rows = cells(3, rows=500)
    made = build_cube(rows, tuple(axis() for _ in range(COLUMNS)))
    assert set(made.pairs) == {(i, j) for i in range(COLUMNS) for j in range(i + 1, COLUMNS)}
    for (i, j), sums in made.pairs.items():
        here = (rows.codes[i] == 1) & (rows.codes[j] == 3) & (rows.window == 7)
        assert sums[:, 1, 3, 7] == pytest.approx(rows.values[:, here].sum(axis=1))
    assert made.single[4].sum(axis=1) == pytest.approx(made.whole)


def test_the_pair_that_got_worse_is_picked_first() -> None:
    found = search(sides(wrong=True), most=5, rounds=3, q=1e-3)
    assert found.picks[0].segment == Segment((Part(1, 2), Part(3, 0)))
    assert found.picks[0].z > 8
    assert found.singles == COLUMNS * SIZE
    assert all(abs(one.z) < 5 for one in found.picks[1:])  # its neighbours are not named for its rows


def test_nothing_is_far_where_nothing_changed() -> None:
    found = search(sides(wrong=False), most=5, rounds=3, q=1e-3)
    assert min(one.q_value for one in found.picks) > 0.01


def test_a_single_column_is_named_where_the_rest_of_it_moved_too() -> None:
    made = sides(wrong=False)
    late = (made.production.codes[2] == 1) & (made.production.window >= 4)
    loss = made.production.values[1] + 0.8 * late
    moved = Cells(
        made.production.codes, made.production.window, WINDOWS, np.array([np.ones(len(loss)), loss, loss**2]), made.production.block
    )
    found = search(Sides(made.axes, made.reference, moved, made.usable), most=3, rounds=1, q=1e-3)
    assert found.picks[0].segment == Segment((Part(2, 1),))


def test_other_rows_that_do_not_vary_are_not_subtracted() -> None:
    n, w = 400.0, 6
    whole = np.array([[10 * n] * w, [0.0] * w, [10 * n] * w])
    inside = np.array([[[n] * w], [[40.0] * w], [[n] * w]])
    whole[1] += 40.0
    before, after = contrasts(Sums(inside, whole), Sums(inside, whole), np.ones(w, dtype=bool))
    assert after.variance[0] == pytest.approx(before.variance[0])
    assert after.variance[0, 0] == pytest.approx((n * (1 - 0.01) + 100 * 1.0) / (n + 100) / n, rel=0.02)


def test_rows_that_hang_together_count_as_fewer() -> None:
    made = sides(wrong=False)
    segment = Segment((Part(0, 1),))
    hour = made.reference.window * 10 + np.arange(made.reference.codes.shape[1]) % 10
    rng = np.random.default_rng(5)
    loss = rng.normal(0, 1, WINDOWS * 10)[hour]
    alike = Cells(made.reference.codes, made.reference.window, WINDOWS, np.array([np.ones(len(loss)), loss, loss**2]), hour)
    apart = Cells(alike.codes, alike.window, WINDOWS, alike.values, np.arange(len(loss)))
    ratio = [Sides(made.axes, one, one, made.usable).contrast(segment, 0)[0].variance.mean() for one in (alike, apart)]
    assert ratio[0] > 10 * ratio[1]
