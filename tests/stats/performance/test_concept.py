"""How labels depend on the cells of a column, beside the reference's own windows."""

from __future__ import annotations

import numpy as np

from monitor.stats.performance.concept import Cut, dependence

WINDOWS, ROWS = 40, 500


def cut(seed: int, *, more: float = 0.0, rare: bool = False) -> Cut:
    """500 rows of five cells in each of 40 windows; `more` is added to the chance of a label in cell 2; `rare`: a sixth in one window."""
    rng = np.random.default_rng(seed)
    code, window = rng.integers(0, 5, WINDOWS * ROWS), np.repeat(np.arange(WINDOWS), ROWS)
    label = (rng.random(len(code)) < 0.2 + more * (code == 2)).astype(float)
    if rare:
        code[:40] = 5
        label[:40] = 1.0
    return Cut(code, label, window, WINDOWS)


def test_roots_lie_where_wilson_and_hilferty_say_without_change() -> None:
    found = dependence(cut(0), cut(1))
    assert abs(found.root.mean() - (1 - found.root_variance.mean())) < 0.1
    assert 0.6 < found.root.var() / found.root_variance.mean() < 1.6


def test_own_windows_stand_beside_all_others() -> None:
    own = dependence(cut(0))
    assert abs(own.root.mean() - (1 - own.root_variance.mean())) < 0.1
    assert abs(own.square.mean()) < 0.001


def test_a_cell_that_moved_is_far() -> None:
    found = dependence(cut(0), cut(1, more=0.2))
    assert ((found.root - 1) / np.sqrt(found.root_variance)).mean() > 2.5


def test_a_cell_of_one_window_of_the_reference_says_nothing() -> None:
    found = dependence(cut(0, rare=True), cut(1, rare=True))
    assert found.rows[:, 5].max() == 0
