"""Sliced distances and the distance of means and covariances: by hand, against scipy, and calibrated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from monitor.errors import MethodError
from monitor.stats.inference.bands import p_upper
from monitor.stats.multivariate.distances import directions, sliced
from monitor.stats.multivariate.encoding import fit_encoder
from monitor.stats.multivariate.joint import conditional_distances, distance_parts, gaussian_distance, gaussian_distance_out_of_fold
from monitor.stats.multivariate.moments import Moments, moments
from monitor.stats.multivariate.rows import Rows

MakeRows = Callable[..., Rows]


def test_one_slice_equals_scipy() -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(200, 1)).round(1), rng.normal(0.3, size=(150, 1)).round(1)
    result = sliced(a, b, (np.arange(200), np.arange(150)), np.ones((1, 1)), permutations=9)
    assert result.wasserstein.value == pytest.approx(stats.wasserstein_distance(a[:, 0], b[:, 0]), rel=1e-5)
    assert result.ks.value == pytest.approx(stats.ks_2samp(a[:, 0], b[:, 0]).statistic, rel=1e-5)
    assert result.energy.value == pytest.approx(stats.energy_distance(a[:, 0], b[:, 0]) ** 2, rel=1e-4)


def test_equal_clouds_are_at_distance_zero() -> None:
    z = np.random.default_rng(0).normal(size=(60, 3))
    result = sliced(z, z, (np.arange(60), np.arange(60)), directions(3), permutations=19)
    assert result.wasserstein.value == pytest.approx(0.0, abs=1e-6)
    assert result.wasserstein.p_value == 1.0
    assert result.blocks == 120


def test_directions_are_unit_repeatable_and_start_with_the_components() -> None:
    views = directions(4, slices=10, components=np.eye(4)[:2], seed=3)
    np.testing.assert_allclose(np.linalg.norm(views, axis=1), 1.0)
    np.testing.assert_array_equal(views[:2], np.eye(4)[:2])
    np.testing.assert_array_equal(views, directions(4, slices=10, components=np.eye(4)[:2], seed=3))


def test_blocks_move_as_one() -> None:
    """Without drift, rows that copy their block's value raise alarms at about the level asked for."""
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(60):
        z = np.repeat(rng.normal(size=(40, 2)), 10, axis=0)
        p = sliced(z[:300], z[300:], (np.arange(300) // 10, np.arange(100) // 10), directions(2, slices=4), permutations=39)
        alarms.append(p.wasserstein.p_value <= 0.1)
    assert np.mean(alarms) < 0.25


def test_a_shift_is_found() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(600, 3))
    z[400:, 1] += 1.0
    result = sliced(z[:400], z[400:], (np.arange(400) // 10, np.arange(200) // 10), directions(3, slices=16), permutations=99)
    assert max(result.wasserstein.p_value, result.ks.p_value, result.energy.p_value) == 0.01
    assert result.wasserstein.value > 2 * result.wasserstein.expected


def test_an_empty_side_is_refused() -> None:
    with pytest.raises(MethodError, match="rows on both sides, got 0 and 3"):
        sliced(np.zeros((0, 2)), np.zeros((3, 2)), (np.zeros(0, dtype=int), np.arange(3)), directions(2))


def test_gaussian_distance_of_a_shifted_mean_by_hand(make_rows: MakeRows) -> None:
    z = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    rows = make_rows(z)
    encoder = fit_encoder(rows)
    reference = moments(rows, encoder)
    assert gaussian_distance(reference, reference)[0] == pytest.approx(0.0, abs=1e-12)
    moved = moments(make_rows(z + 0.5), encoder)
    step = 0.5 * (moved.mean[0, 0] - reference.mean[0, 0]) / 0.5
    assert gaussian_distance(moved, reference)[0] == pytest.approx(step**2 / (2 * 1.01), rel=1e-2)


@pytest.mark.parametrize("share", [0.0, 0.8])
def test_a_joint_permutation_with_unchanged_columns_is_found(make_rows: MakeRows, share: float) -> None:
    """Half of 1,000 rows lose the relation between columns; rows are independent (0) or share their block (.8)."""
    rng = np.random.default_rng(4)
    mix = np.linalg.cholesky(np.full((10, 10), 0.65) + 0.35 * np.eye(10)).T
    blocks = np.repeat(rng.normal(size=(30 * 40, 10)) @ mix, 25, axis=0)
    z = np.sqrt(share) * blocks + np.sqrt(1 - share) * rng.normal(size=(30_000, 10)) @ mix
    for column in range(10):
        broken = np.arange(20_000, 30_000, 2)
        window = broken // 1000
        order = np.lexsort((rng.random(len(broken)), window))
        z[broken, column] = z[broken[order], column]
    reference = make_rows(z[:10_000], windows=10)
    encoder = fit_encoder(reference)
    learned, judged = moments(reference, encoder), moments(make_rows(z[10_000:], windows=20), encoder)
    expected = gaussian_distance_out_of_fold(learned)
    p = p_upper(gaussian_distance(judged, learned), judged.rows, expected, learned.rows, shape="distance")
    assert np.mean(p[:10] < 0.05) <= 0.1
    assert np.mean(p[10:] < 0.05) >= 0.9


def test_window_without_rows_has_no_distance(mixed_rows: Rows) -> None:
    encoder = fit_encoder(mixed_rows)
    some = moments(mixed_rows.take(mixed_rows.window > 0), encoder)
    assert np.isnan(gaussian_distance(some, some)).tolist() == [True, False, False, False]


def test_what_a_column_adds_is_the_distance_without_it_left_out() -> None:
    """The chain rule: the divergence of all columns less that of the others, a column of two dimensions too."""
    rng = np.random.default_rng(8)
    mix = rng.normal(size=(4, 4))
    sides = [rng.normal(size=(n, 4)) @ mix + shift for n, shift in ((400, 0.0), (300, 0.3))]
    owner = np.array([0, 1, 1, 2])

    def of(dimensions: list[int]) -> list[Moments]:
        parts = [side[:, dimensions] for side in sides]
        return [Moments(np.array([len(x)]), x.sum(axis=0)[None], (x.T @ x)[None]) for x in parts]

    reference, production = of([0, 1, 2, 3])
    found = conditional_distances(production, reference, owner)[0]
    for column, others in enumerate(([1, 2, 3], [0, 3], [0, 1, 2])):
        without, window = of(others)
        left = gaussian_distance(production, reference)[0] - gaussian_distance(window, without)[0]
        assert found[column] == pytest.approx(left, rel=0.1)  # the ridge is on all dimensions here, and on fewer there


def test_only_columns_whose_relation_changed_add_to_the_distance() -> None:
    rng = np.random.default_rng(9)

    def side(sign: float) -> Moments:
        x = rng.normal(size=(2000, 5))
        x[:, 1] = sign * 0.8 * x[:, 0] + 0.6 * x[:, 1]
        x[:, 3] = 0.9 * x[:, 2] + 0.4 * x[:, 3]
        return Moments(np.array([len(x)]), x.sum(axis=0)[None], (x.T @ x)[None])

    found = conditional_distances(side(-1), side(1), np.arange(5))[0]
    assert found[:2].min() > 0.5
    assert found[2:].max() < 0.02


def test_columns_that_move_together_make_most_of_the_distance() -> None:
    """Given each other two such columns say nothing new: alone they say all."""
    rng = np.random.default_rng(10)

    def side(shift: float) -> Moments:
        x = rng.normal(size=(2000, 4))
        x[:, 1] = 0.9 * x[:, 0] + 0.4 * x[:, 1]
        x[:, :2] += shift
        return Moments(np.array([len(x)]), x.sum(axis=0)[None], (x.T @ x)[None])

    found = distance_parts(side(2.0), side(0.0), np.arange(4))[0]
    assert found[:2].min() > 10 * found[2:].max()
