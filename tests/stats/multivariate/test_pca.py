"""Principal components from moments: hand-worked, exact sums, and agreement of the two ways to compute them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from monitor.errors import MethodError
from monitor.stats.multivariate.encoding import fit_encoder
from monitor.stats.multivariate.moments import moments
from monitor.stats.multivariate.pca import fit_pca, loadings_text, pca_out_of_fold, pca_windows, project, scores
from monitor.stats.multivariate.rows import Rows, concatenate

MakeRows = Callable[..., Rows]


def test_two_equal_columns_leave_nothing_outside(make_rows: MakeRows) -> None:
    x = np.array([-1.0, 1.0, -1.0, 1.0])
    rows = make_rows(np.column_stack([x, x]))
    encoder = fit_encoder(rows)
    model = fit_pca(moments(rows, encoder))
    np.testing.assert_allclose(np.abs(model.components), [[np.sqrt(0.5)] * 2])
    np.testing.assert_allclose(model.explained, [1.0, 0.0], atol=1e-12)
    swapped = make_rows(np.column_stack([x, -x]))
    result = pca_windows(moments(swapped, encoder), model, encoder.owner)
    np.testing.assert_allclose(result.residual, 2.0 / rows.numeric.std() ** 2 * 1.0, rtol=1e-9)
    np.testing.assert_allclose(result.contributions, [[1.0, 1.0]], rtol=1e-9)
    np.testing.assert_allclose(result.t2, 0.0, atol=1e-12)


def test_components_equal_scikit_learn(mixed_rows: Rows) -> None:
    encoder = fit_encoder(mixed_rows)
    z = encoder.encode(mixed_rows)
    model = fit_pca(moments(mixed_rows, encoder), explained=0.8)
    theirs = PCA(n_components=0.8).fit(z)
    np.testing.assert_allclose(np.abs(model.components), np.abs(theirs.components_), atol=1e-9)
    np.testing.assert_allclose(project(z, model)[:, 0] ** 2, theirs.transform(z)[:, 0] ** 2, atol=1e-9)


def test_windows_from_moments_equal_means_of_rows(mixed_rows: Rows) -> None:
    encoder = fit_encoder(mixed_rows)
    by_window = moments(mixed_rows, encoder)
    model = fit_pca(by_window)
    result = pca_windows(by_window, model, encoder.owner)
    rows = scores(encoder.encode(mixed_rows), model)
    expected = [np.mean(rows.residual[mixed_rows.window == w] ** 2) for w in range(4)]
    np.testing.assert_allclose(result.residual, expected, rtol=1e-9)
    expected = [np.mean(rows.t2[mixed_rows.window == w]) / len(model.variance) for w in range(4)]
    np.testing.assert_allclose(result.t2, expected, rtol=1e-9)
    assert result.contributions.shape == (4, len(mixed_rows.names))
    np.testing.assert_allclose(result.contributions.sum(axis=1), result.residual, rtol=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 1), min_size=400, max_size=400), st.randoms(use_true_random=False))
def test_moments_add_up_in_any_order(parts: list[int], random: object) -> None:
    rng = np.random.default_rng(sum(parts))
    levels = {"k": ("a", "b", "c")}
    rows = Rows(
        rng.integers(-50, 50, (400, 3)).astype(float),
        ("x", "y", "z"),
        rng.integers(-1, 3, (400, 1)),
        levels,
        np.arange(400),
        rng.integers(0, 3, 400),
        3,
    )
    encoder = fit_encoder(rows)
    mask = np.array(parts, dtype=bool)
    whole, merged = moments(rows, encoder), moments(rows.take(mask), encoder) + moments(rows.take(~mask), encoder)
    np.testing.assert_array_equal(whole.rows, merged.rows)
    np.testing.assert_allclose(whole.products, merged.products, rtol=1e-9, atol=1e-9)


def test_out_of_fold_model_has_not_seen_the_window(make_rows: MakeRows) -> None:
    rows = make_rows(np.random.default_rng(0).normal(size=(600, 8)), windows=6)
    encoder = fit_encoder(rows)
    by_window = moments(rows, encoder)
    model = fit_pca(by_window)
    held_out = pca_out_of_fold(by_window, model, encoder.owner)
    rest = fit_pca(by_window.whole(np.arange(6) != 2), components=len(model.variance))
    np.testing.assert_allclose(held_out.residual[2], pca_windows(by_window, rest, encoder.owner).residual[2])
    assert held_out.residual.mean() > pca_windows(by_window, model, encoder.owner).residual.mean()


def test_shift_along_the_components_is_seen_by_t2_and_not_by_the_residual(make_rows: MakeRows) -> None:
    rng = np.random.default_rng(1)
    z = np.repeat(rng.normal(size=(4000, 1)), 4, axis=1) + 0.3 * rng.normal(size=(4000, 4))
    reference = make_rows(z[:2000], windows=10)
    shifted = make_rows(z[2000:] + 2.0)
    encoder = fit_encoder(reference)
    model = fit_pca(moments(reference, encoder))
    before = pca_out_of_fold(moments(reference, encoder), model, encoder.owner)
    after = pca_windows(moments(shifted, encoder), model, encoder.owner)
    assert before.residual.min() * 0.9 < after.residual[0] < before.residual.max() * 1.1
    assert after.t2[0] > 3 * before.t2.max()
    assert after.shift[0] == pytest.approx(after.component_shift[0] @ after.component_shift[0] / len(model.variance))


def test_loadings_name_the_columns(mixed_rows: Rows) -> None:
    encoder = fit_encoder(mixed_rows)
    text = loadings_text(fit_pca(moments(mixed_rows, encoder)), encoder, top=4)[0]
    assert "a" in text
    assert "kind = " in text


def test_one_reference_window_has_no_out_of_fold_score(mixed_rows: Rows) -> None:
    encoder = fit_encoder(mixed_rows)
    whole = moments(mixed_rows, encoder).whole()
    assert np.isnan(pca_out_of_fold(whole, fit_pca(whole), encoder.owner).residual).all()


def test_constant_columns_are_refused(make_rows: MakeRows) -> None:
    rows = make_rows(np.ones((5, 2)))
    with pytest.raises(MethodError, match="all are constant"):
        fit_pca(moments(rows, fit_encoder(rows)))


def test_encoding_gives_every_column_variance_one_whatever_its_kind(mixed_rows: Rows) -> None:
    z = fit_encoder(mixed_rows).encode(mixed_rows)
    owner = fit_encoder(mixed_rows).owner
    by_column = np.bincount(owner, z.var(axis=0))
    np.testing.assert_allclose(by_column[[0, 3]], 1.0, rtol=0.05)
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=0.02)


def test_rows_put_together_keep_their_columns(mixed_rows: Rows) -> None:
    assert concatenate((mixed_rows, mixed_rows)).counts.tolist() == [200] * 4
