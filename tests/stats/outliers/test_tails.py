"""Tails of columns: what is far out, rare, missing or beyond everything."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.tails import USUAL, fit_tails, robust_scale


def rows(numeric: np.ndarray, codes: np.ndarray | None = None, levels: tuple[str, ...] = ("a", "b", "c", "other")) -> Rows:
    n, nothing = len(numeric), np.zeros(len(numeric), dtype=np.int64)
    held = {} if codes is None else {"k": levels}
    categorical = np.zeros((n, 0), dtype=np.int64) if codes is None else codes[:, None]
    return Rows(numeric[:, None], ("x",), categorical, held, nothing, nothing, 1)


NONE = np.zeros((1, 0), dtype=np.int64)


@pytest.mark.parametrize(("value", "share"), [(50.0, 1.0), (100.0, 4 / 101), (1.0, 4 / 101), (101.0, 2 / 101), (0.0, 2 / 101)])
def test_a_tail_is_the_share_of_rows_as_far_out(value: float, share: float) -> None:
    tails = fit_tails(rows(np.arange(1.0, 101.0)))
    assert tails.shares(np.array([[value]]), NONE)[0, 0] == pytest.approx(share)


@pytest.mark.parametrize(("value", "share"), [(99.0, 2 / 100), (100.0, 1 / 100), (101.0, 0.0), (3.0, 3 / 100), (0.0, 0.0), (np.inf, 0.0)])
def test_the_share_that_is_told_is_counted_on_the_side_of_the_value(value: float, share: float) -> None:
    assert fit_tails(rows(np.arange(1.0, 101.0))).counted(np.array([[value]]), NONE)[0, 0] == pytest.approx(share, abs=0)


def test_the_share_that_is_told_of_a_column_with_one_tail() -> None:
    values = np.r_[np.zeros(900), np.full(50, np.nan), np.full(45, 1.0), np.full(5, 9.0)]
    tails = fit_tails(rows(values))
    found = tails.counted(np.array([[9.0], [0.5], [np.nan], [-1.0]]), np.zeros((4, 0), dtype=np.int64))[:, 0]
    assert found.tolist() == [0.005, 0.05, 0.05, 0.0]


def test_the_share_that_is_told_of_levels() -> None:
    codes = np.array([0] * 960 + [1] * 18 + [2] * 2 + [-1] * 20)
    found = fit_tails(rows(np.zeros(1000), codes)).counted(np.zeros((5, 1)), np.array([[0], [1], [2], [3], [-1]]))
    assert found[:, 1].tolist() == [1.0, 0.02, 0.002, 0.0, 0.02]


def test_ordinary_values_add_nothing_and_farther_ones_more() -> None:
    tails = fit_tails(rows(np.arange(1.0, 1001.0)))
    found = [tails.score(np.array([[value]]), NONE)[0] for value in (500.0, 980.0, 995.0, 1001.0, 3000.0, 1e9)]
    assert found[0] == 0.0
    assert np.all(np.diff(found[1:]) > 0)


def test_a_missing_value_counts_where_it_is_seldom() -> None:
    values = np.arange(1000.0)
    seldom = fit_tails(rows(np.where(values < 2, np.nan, values)))
    often = fit_tails(rows(np.where(values < 600, np.nan, values)))
    assert seldom.score(np.array([[np.nan]]), NONE)[0] > 1.0
    assert often.score(np.array([[np.nan]]), NONE)[0] == 0.0


def test_levels_count_by_how_rare_they_are_all_together() -> None:
    codes = np.array([0] * 980 + [1] * 18 + [2] * 2)
    tails = fit_tails(rows(np.zeros(1000), codes))
    found = [tails.shares(np.zeros((1, 1)), np.array([[code]]))[0, 1] for code in (0, 1, 2, 3, -1)]
    assert found == pytest.approx([1.0, 21 / 1001, 3 / 1001, 1 / 1001, 1 / 1001])


def test_a_thousand_equal_levels_are_all_ordinary() -> None:
    levels = (*(f"u{i}" for i in range(1000)), "other")
    tails = fit_tails(rows(np.zeros(3000), np.arange(3000) % 1000, levels))
    assert tails.shares(np.zeros((1, 1)), np.array([[7]]))[0, 1] > USUAL


@pytest.mark.parametrize("values", [np.full(9, 3.0), np.array([]), np.full(5, 1e300)])
def test_what_does_not_vary_has_a_scale_of_one(values: np.ndarray) -> None:
    assert robust_scale(np.sort(values)) == 1.0


@pytest.mark.parametrize("values", [np.full(50, np.nan), np.full(50, 5.0)])
def test_empty_and_constant_columns_have_scores(values: np.ndarray) -> None:
    tails = fit_tails(rows(values))
    found = tails.score(np.array([[5.0], [7.0], [np.nan], [np.inf]]), np.zeros((4, 0), dtype=np.int64))
    assert np.isfinite(found).all()
