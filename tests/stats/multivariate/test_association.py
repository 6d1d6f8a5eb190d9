"""Associations of pairs against scipy and by hand, and their change under a planted break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from monitor.stats.inference.bands import p_upper
from monitor.stats.multivariate.association import association_change, associations, bergsma_v
from monitor.stats.multivariate.rows import Floats, Rows

MakeRows = Callable[..., Rows]


def test_numeric_pair_is_spearman_over_rows_with_both(mixed_rows: Rows) -> None:
    result = associations(mixed_rows.as_window(0, 1))
    known = ~np.isnan(mixed_rows.numeric[:, 1])
    a, b = mixed_rows.numeric[known].T
    ranks_a = stats.rankdata(mixed_rows.numeric[:, 0])[known]
    assert result.value[0, 0, 1] == pytest.approx(np.corrcoef(ranks_a, stats.rankdata(b))[0, 1])
    assert result.value[0, 0, 1] == pytest.approx(stats.spearmanr(a, b).statistic, abs=1e-3)
    assert result.rows[0, 0, 1] == known.sum()


def of_pair(table: Floats) -> float:
    """Return the value of two columns of two levels with that contingency table."""
    margins = np.diag(table.sum(axis=1)), np.diag(table.sum(axis=0))
    value, rows = bergsma_v(np.block([[margins[0], table], [table.T, margins[1]]]), np.array([0, 0, 1, 1]), 2)
    assert rows[0, 1] == table.sum()
    return float(value[0, 1])


def test_bergsma_v_by_hand() -> None:
    assert of_pair(np.array([[10.0, 0.0], [0.0, 10.0]])) == pytest.approx(1.0)
    assert of_pair(np.array([[10.0, 10.0], [10.0, 10.0]])) == 0.0
    n, phi2 = 100.0, 0.16 - 1 / 99
    expected = np.sqrt(phi2 / (2 - 1 / 99 - 1))
    assert of_pair(np.array([[35.0, 15.0], [15.0, 35.0]]) * n / 100) == pytest.approx(expected)
    assert np.isnan(of_pair(np.array([[5.0, 5.0], [0.0, 0.0]])))


def test_mixed_pair_is_the_correlation_ratio_of_the_ranks(mixed_rows: Rows) -> None:
    value = associations(mixed_rows.as_window(0, 1)).value[0, 0, 2]
    kind, ranks = mixed_rows.categorical[:, 0], stats.rankdata(mixed_rows.numeric[:, 0])
    ranks, kind = ranks[kind >= 0], kind[kind >= 0]
    within = sum(np.sum((ranks[kind == k] - ranks[kind == k].mean()) ** 2) for k in (0, 1)) / (len(ranks) - 2)
    assert value == pytest.approx(np.sqrt(1 - within / ranks.var(ddof=1)))


def test_matrix_is_symmetric_and_unmoved_by_order_of_rows_and_levels(mixed_rows: Rows) -> None:
    before = associations(mixed_rows)
    np.testing.assert_allclose(before.value, before.value.swapaxes(1, 2))
    shuffled = mixed_rows.take(np.random.default_rng(0).permutation(len(mixed_rows)))
    shuffled.categorical[:, 1] = np.array([2, 0, 1, -1])[shuffled.categorical[:, 1]]
    np.testing.assert_allclose(associations(shuffled).value, before.value, atol=1e-12)


@pytest.mark.parametrize(("off", "known"), [(2, False), (20, True)])
def test_an_association_rests_on_rows_off_the_commonest_value(make_rows: MakeRows, off: int, known: bool) -> None:
    visibility = np.where(np.arange(800) < off, 4.0, 10.0)
    delay = np.random.default_rng(0).normal(size=800)
    delay[:off] += 9.0
    maker = np.where(np.arange(800) < off, 1, 2 * (np.arange(800) % 2))
    rows = make_rows(np.column_stack([visibility, delay]))
    result = associations(replace(rows, categorical=maker[:, None], levels={"maker": ("a", "rare", "b")}))
    assert np.isfinite(result.value[0, 0, [1, 2]]).tolist() == [known, known]
    assert np.isfinite(result.value[0, 1, 2])


def test_a_single_row_is_no_level_of_its_own(make_rows: MakeRows) -> None:
    """One row at one of the twelve rare values makes a correlation ratio of about .3; pooled with the other rare levels none."""
    visibility = np.where(np.arange(800) < 12, 4.0, 10.0)
    maker = np.arange(800) % 2
    maker[[0, *range(400, 410)]] = [2, *range(3, 13)]
    levels = {"maker": tuple(str(level) for level in range(13))}
    result = associations(replace(make_rows(visibility[:, None]), categorical=maker[:, None], levels=levels))
    assert result.value[0, 0, 1] < 0.15


def test_constant_column_has_no_association(make_rows: MakeRows) -> None:
    z = np.random.default_rng(0).normal(size=(50, 2))
    z[:, 1] = 3.0
    result = associations(make_rows(z))
    assert np.isnan(result.value[0, 0, 1])
    assert result.value[0, 1, 1] == 1.0


def test_broken_pair_is_found_and_the_others_are_not(make_rows: MakeRows) -> None:
    rng = np.random.default_rng(2)
    z = np.repeat(rng.normal(size=(7000, 1)), 4, axis=1) + rng.normal(size=(7000, 4))
    z[6000:, 3] = rng.permutation(z[6000:, 3])
    reference, window = make_rows(z[:6000], windows=6), make_rows(z[6000:])
    change = association_change(associations(reference), associations(reference.as_window(0, 1)), associations(window))
    broken = (change.first == 3) | (change.second == 3)
    assert (change.p_value[0, broken] < 1e-6).all()
    assert (change.p_value[0, ~broken] > 1e-3).all()
    assert ((change.lower <= change.change) & (change.change <= change.upper)).all()
    p = p_upper(change.overall, window.counts, change.overall_reference, reference.counts, shape="distance")
    assert p[0] < 0.01


def test_equal_windows_have_not_changed(mixed_rows: Rows) -> None:
    whole = associations(mixed_rows.as_window(0, 1))
    change = association_change(associations(mixed_rows), whole, whole)
    np.testing.assert_allclose(change.change, 0.0)
    np.testing.assert_allclose(change.p_value, 1.0)
