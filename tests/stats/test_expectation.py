"""P-values and expected ends, by hand and by short simulations with fixed seeds."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.comparison import Layout
from monitor.stats.contrasts import Tally
from monitor.stats.expectation import Change, History, expected_upper, measure_change, simulate_null

CELLS = 12
GROUPS = np.array([*range(CELLS - 2), CELLS - 2, CELLS - 1])
SHARES = np.array([0.1] * 9 + [0.05, 0.0, 0.05])

UNSEEN = np.array([*SHARES[:9], 0.0, 0.0, 0.1])


def drawn(rng: np.random.Generator, windows: int, rows: int, shares: np.ndarray = SHARES) -> np.ndarray:
    return rng.multinomial(rows, shares, size=windows).astype(float)


def history(blocks: np.ndarray) -> History:
    return History(Tally(blocks), Tally(blocks))


def layout(*, ordered: bool, unseen: int = -1) -> Layout:
    return Layout(CELLS - 2, ordered, np.arange(CELLS - 2.0), GROUPS, unseen=unseen)


def change(reference: np.ndarray, windows: np.ndarray, *, ordered: bool = True) -> Change:
    return measure_change(history(reference), Tally(windows), layout(ordered=ordered))


def clustered(rng: np.random.Generator, windows: int) -> np.ndarray:
    """Windows of 500 rows in clusters of 25 that share their cell."""
    return 25 * drawn(rng, windows, 20)


def test_p_values_of_independent_rows_are_small_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    p = np.concatenate([change(drawn(rng, 30, 500), drawn(rng, 100, 500)).p_value for _ in range(40)])
    assert 0.002 < np.mean(p <= 0.05) <= 0.06
    assert np.mean(p <= 0.001) <= 0.003


def test_p_values_of_clustered_rows_allow_for_the_clusters() -> None:
    rng = np.random.default_rng(2)
    p = np.concatenate([change(clustered(rng, 40), clustered(rng, 100)).p_value for _ in range(40)])
    assert np.mean(p <= 0.05) <= 0.06
    assert np.mean(p <= 0.001) <= 0.003
    naive = np.concatenate([change(drawn(rng, 40, 500), clustered(rng, 100)).p_value for _ in range(5)])
    assert np.mean(naive <= 0.001) > 0.5  # what would be said if the reference's own windows were not asked


@pytest.mark.parametrize("ordered", [True, False])
def test_ten_points_are_found_in_five_hundred_rows(ordered: bool) -> None:
    rng = np.random.default_rng(3)
    moved = SHARES + np.array([0.1] + [-0.0125] * 8 + [0] * 3)
    assert np.mean(change(drawn(rng, 30, 500), drawn(rng, 50, 500, moved), ordered=ordered).p_value <= 1e-3) > 0.95


def test_missing_values_have_their_own_p_value() -> None:
    rng = np.random.default_rng(4)
    reference, windows = drawn(rng, 30, 500), drawn(rng, 2, 500)
    windows[1, -1] += 100
    found = change(reference, windows)
    assert found.p_missing[0] > 0.01 > 1e-6 > found.p_missing[1]
    assert found.questions.names[found.question[1]] == "missing"
    assert found.p_unseen.tolist() == [1.0, 1.0]


def test_unseen_levels_have_their_own_p_value_where_they_have_a_group() -> None:
    rng = np.random.default_rng(4)
    reference, windows = drawn(rng, 30, 500, UNSEEN), drawn(rng, 2, 500, UNSEEN)
    windows[1, 9] += 20
    found = measure_change(history(reference), Tally(windows), layout(ordered=False, unseen=9))
    assert found.p_unseen[0] == 1.0
    assert found.p_unseen[1] < 1e-6


def test_baseline_replaces_the_reference() -> None:
    rng = np.random.default_rng(5)
    reference, moved = drawn(rng, 30, 500), drawn(rng, 2, 500, [*np.roll(SHARES[:10], 3).tolist(), 0.0, 0.05])
    against_itself = measure_change(history(reference), Tally(moved[1:]), layout(ordered=False), baseline=Tally(moved[:1]))
    assert against_itself.p_value[0] > 0.001 > change(reference, moved[1:], ordered=False).p_value[0]


def total_variation(reference: np.ndarray, windows: np.ndarray) -> np.ndarray:
    left, right = (side / side.sum(axis=1, keepdims=True) for side in (reference, windows))
    return np.asarray(np.abs(left - right).sum(axis=1) / 2)


def upper(past: History, rows: np.ndarray, phi: float = 1.0) -> np.ndarray:
    null = simulate_null(past, rows, phi=np.full(len(rows), phi))
    simulated = [total_variation(null.baseline, windows) for windows in null.windows]
    return expected_upper(simulated, total_variation(past.windows.rest().counts, past.windows.counts), null)


def test_expected_end_is_passed_by_one_independent_window_in_a_hundred() -> None:
    rng = np.random.default_rng(6)
    past = history(drawn(rng, 40, 500))
    end = upper(past, np.full(3, 500.0))[0]
    seen = total_variation(past.total[None, :], drawn(rng, 4000, 500))
    assert 0.001 <= np.mean(seen > end) <= 0.02


def test_expected_end_holds_what_the_references_own_windows_do() -> None:
    rng = np.random.default_rng(7)
    past = history(clustered(rng, 40))
    end = upper(past, np.full(3, 500.0), phi=25.0)[0]
    assert np.mean(total_variation(past.total[None, :], clustered(rng, 4000)) > end) <= 0.02
    assert end > 3 * upper(history(drawn(rng, 40, 500)), np.full(3, 500.0))[0]


def test_expected_end_falls_with_the_rows() -> None:
    ends = upper(history(drawn(np.random.default_rng(8), 40, 500)), np.array([50.0, 500, 5000]))
    assert ends[0] > 2 * ends[1] > 3 * ends[2]


def test_few_reference_windows_leave_it_to_the_simulation() -> None:
    rng = np.random.default_rng(9)
    past = history(drawn(rng, 4, 500))
    assert upper(past, np.array([500.0]), phi=4.0)[0] == pytest.approx(2 * upper(past, np.array([500.0]))[0], rel=0.25)


def test_simulation_is_the_same_every_time() -> None:
    past = history(drawn(np.random.default_rng(10), 10, 500))
    first, again = (simulate_null(past, np.array([100.0, 900.0]), phi=np.ones(2)) for _ in range(2))
    assert np.array_equal(first.windows, again.windows)
    assert first.windows.mean(axis=(1,)).sum(axis=1) == pytest.approx(first.grid, rel=0.02)
