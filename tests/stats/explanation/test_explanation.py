"""Formulas of explanations against published and hand-worked values."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from scipy.special import expit, softmax

from monitor.stats.explanation.attributed import Attributed, signs, sum_groups, tilt
from monitor.stats.explanation.bins import cut_levels, cut_numbers, in_bins
from monitor.stats.explanation.nearest import nearest_rows
from monitor.stats.explanation.probability import in_probabilities, in_probability
from monitor.stats.explanation.ranking import ndcg, ndcg_p_value, ranks
from monitor.stats.explanation.waterfall import by_level, waterfall

FLAT = np.full(10, 0.1)
TEN = np.array([0.30, 0.20, 0.15, 0.10, 0.08, 0.06, 0.05, 0.03, 0.02, 0.01])
THREE = np.array([0.70, 0.50, 0.05])


@pytest.mark.parametrize(
    ("reference", "live", "expected"),
    [
        (THREE, [1, 2, 3], 0.6876396241226223),
        (THREE, [2, 3, 1], 0.9290566640617995),
        (THREE, [7, 5, 0.5], 1.0),
        (FLAT, np.arange(10), 1.0),
        (np.array([0.5, 0.3, 0.2, 0.0]), [0.5, 0.3, 0.2, 0.9], 0.6988659777677662),
        (TEN, -TEN, 0.5358297004768102),
    ],
)
def test_ndcg_is_that_of_the_published_examples(reference: np.ndarray, live: list[float], expected: float) -> None:
    assert ndcg(reference, np.asarray(live, dtype=float)) == pytest.approx(expected, abs=1e-12)


def test_ndcg_of_nothing_is_unknown() -> None:
    assert np.isnan(ndcg(np.zeros(3), np.ones(3)))


def test_shuffles_find_another_order_and_none_where_there_is_none() -> None:
    draw = np.random.default_rng(0)
    live = np.arange(40) >= 20
    same = np.abs(draw.normal(TEN, 0.05, (40, 10)))
    other = np.where(live[:, None], same[:, ::-1], same)
    rows = np.ones(40)
    assert ndcg_p_value(other, rows, live, seed=1) == pytest.approx(0.001, abs=0.002)
    p_values = [ndcg_p_value(np.abs(draw.normal(TEN, 0.05, (40, 10))), rows, live, seed=i, shuffles=99) for i in range(60)]
    assert 0.3 < np.mean(p_values) < 0.7


def test_places_count_from_the_most_important() -> None:
    assert ranks(np.array([0.0, 3.0, 3.0])).tolist() == [3, 1, 2]


def side(values: np.ndarray, raw: np.ndarray, window: list[int] | None = None, held: list[int] | None = None) -> Attributed:
    n = len(values)
    placed = np.zeros(n, dtype=np.int64) if window is None else np.array(window)
    return Attributed(values, raw, placed, np.array([n] if held is None else held), np.arange(n))


def f(x: np.ndarray) -> np.ndarray:
    return 2 * x[..., 0] - x[..., 1] + x[..., 0] * x[..., 1]


def shapley_of_two(rows: np.ndarray, background: np.ndarray) -> np.ndarray:
    """Brute force over the coalitions of two columns."""

    def value(kept: tuple[bool, bool]) -> np.ndarray:
        mixed = np.where(np.array(kept), rows[:, None, :], background[None, :, :])
        return f(mixed).mean(axis=1)

    v = {kept: value(kept) for kept in product((False, True), repeat=2)}
    first = ((v[True, False] - v[False, False]) + (v[True, True] - v[False, True])) / 2
    return np.column_stack([first, v[True, True] - v[False, False] - first])


def test_the_waterfall_adds_up_exactly() -> None:
    background = np.array([[0.0, 0.0], [1.0, 2.0]])
    a, b = np.array([[0.0, 1], [1, 1], [2, 0]]), np.array([[1.0, 1], [2, 2], [3, 0]])
    phi = shapley_of_two(a, background)
    assert phi == pytest.approx(np.array([[-1.75, -0.25], [1.25, -0.25], [3.5, -0.5]]))
    found = waterfall(side(phi, f(a)), side(shapley_of_two(b, background), f(b)))
    assert found.contributions == pytest.approx([3.0833333333, -0.0833333333])
    assert found.change == pytest.approx(3.0)
    assert abs(found.residual) < 1e-12


def test_each_window_counts_by_the_rows_that_it_holds() -> None:
    values = np.array([[1.0], [3.0], [10.0]])
    found = side(values, values[:, 0], window=[0, 0, 1], held=[30, 10])
    assert found.pooled().value == pytest.approx([(30 * 2 + 10 * 10) / 40])
    assert found.mean_raw() == pytest.approx(4.0)
    assert found.pooled(np.array([True, False])).value == pytest.approx([2.0])
    assert found.by_window().value.ravel() == pytest.approx([2.0, 10.0])


def test_counts_make_a_sample_agree_with_all_rows() -> None:
    draw = np.random.default_rng(0)
    logged = draw.normal(0, 1, 120)
    logged[5] = np.nan
    window = np.repeat([0, 1, 2], [50, 65, 5])
    count = tilt(logged, window, np.array([0.1, np.nan, 3.0]))
    known = np.isfinite(logged[:50])
    assert (count[:50] * np.where(known, logged[:50], 0)).sum() / count[:50][known].sum() == pytest.approx(0.1)
    assert count[5] == 1.0
    assert (count[50:] == 1).all()  # nothing is known of the second window, and the third has too few rows
    assert tilt(logged[:50], window[:50], np.array([40.0])).min() == pytest.approx(0.2)
    found = Attributed(logged[6:50, None], logged[6:50], window[6:50], np.array([500]), np.arange(44), count[6:50])
    assert found.weight.sum() == pytest.approx(500)
    assert found.by_window().value[0, 0] == pytest.approx(found.pooled().value[0])


def test_rows_of_one_stretch_of_time_make_means_less_certain() -> None:
    draw = np.random.default_rng(0)
    block = np.repeat(np.arange(50), 8)
    values = draw.normal(0, 1, 50)[block][:, None]
    alone = Attributed(values, values[:, 0], np.zeros(400, dtype=np.int64), np.array([400]), np.arange(400))
    together = Attributed(values, values[:, 0], np.zeros(400, dtype=np.int64), np.array([400]), block)
    for name in ("pooled", "by_window"):
        ratio = float(getattr(together, name)().variance.ravel()[0] / getattr(alone, name)().variance.ravel()[0])
        assert ratio == pytest.approx(8, rel=0.1)


def test_levels_of_a_segment_add_up_to_the_column() -> None:
    draw = np.random.default_rng(0)
    a, b = (side(v, v.sum(axis=1)) for v in (draw.normal(0, 1, (30, 3)), draw.normal(1, 1, (40, 3))))
    codes = draw.integers(0, 4, 30), draw.integers(0, 4, 40)
    parts = by_level(a, b, codes, 4)
    assert parts.shape == (4, 3)
    assert parts.sum(axis=0) == pytest.approx(waterfall(a, b).contributions)


def test_dummies_are_one_column() -> None:
    rows = np.array([[0.3, -0.1], [-0.2, 0.2]])
    assert np.abs(sum_groups(rows, [[0, 1]])).mean() == pytest.approx(0.1)


def test_a_sign_is_which_way_values_push() -> None:
    x = np.array([[1.0, 1.0, np.nan], [2.0, 1.0, 1.0], [3.0, 1.0, 2.0], [4.0, 1.0, 3.0]])
    found = signs(np.column_stack([-(x[:, 0] ** 3), x[:, 0], x[:, 0]]), x)
    assert found[0] == pytest.approx(-1.0)
    assert np.isnan(found[1])
    assert found[2] == pytest.approx(1.0)


def test_numbers_are_cut_at_tenths_of_both_sides_and_missing_ones_told() -> None:
    found = cut_numbers(np.arange(100.0), np.concatenate([np.arange(100.0, 200.0), [np.nan, -np.inf]]))
    assert found.ordered
    assert found.labels[0].startswith("up to ")
    assert found.labels[-1] == "missing"
    assert found.codes[1][100] == found.many - 1
    assert found.codes[1][101] == 0
    assert max(np.bincount(code).max() for code in found.codes) <= 22
    assert found.codes[0].max() < 6 <= found.codes[1][50]


def test_columns_without_a_value_or_with_one_have_a_bin() -> None:
    assert cut_numbers(np.full(3, np.nan), np.full(2, np.nan)).labels == ("missing",)
    assert cut_numbers(np.full(3, np.nan), np.array([1.0])).labels == ("1", "missing")
    assert cut_numbers(np.full(3, np.nan), np.array([np.inf])).labels == ("any", "missing")
    assert cut_numbers(np.full(3, 2.0), np.full(2, 2.0)).labels == ("2",)


def test_levels_beyond_the_commonest_share_a_bin_and_none_is_missing() -> None:
    many = np.array([f"level {i}" for i in range(30)] + [None, "missing"], dtype=object)
    found = cut_levels(many, np.array(["new", "new", None], dtype=object))
    assert "new" in found.labels
    assert found.labels[-2:] == ("other levels", "missing")
    assert found.many == 12
    assert found.codes[1][2] == found.many - 1
    assert cut_levels(np.array([None, "missing"], dtype=object), np.array([], dtype=object)).labels == ("'missing'", "missing")


def test_bins_hold_means_and_shares_of_rows() -> None:
    found = in_bins(np.array([1.0, 3.0, 5.0]), np.array([1.0, 1.0, 2.0]), np.array([0, 0, 2]), 3)
    assert found.mean[[0, 2]] == pytest.approx([2.0, 5.0])
    assert np.isnan(found.mean[1])
    assert found.share == pytest.approx([0.5, 0.0, 0.5])


def test_the_nearest_row_is_the_one_that_differs_least() -> None:
    numbers = np.array([[0.0], [1.0], [2.0], [np.nan]])
    codes = np.array([[0], [0], [1], [0]])
    order, distance = nearest_rows((np.array([0.9]), np.array([0])), numbers, codes, most=2)
    assert order.tolist() == [1, 0]
    assert distance[0] < distance[1] < 1
    alone, _ = nearest_rows((np.array([np.nan]), np.array([0])), numbers, codes, most=1)
    assert alone.tolist() == [3]


def test_parts_of_log_odds_add_up_to_the_probability() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(0, 1, (50, 4))
    raw = values.sum(axis=1) - 1.3
    found = in_probability(values, raw, -1.3)
    assert found.sum(axis=1) == pytest.approx(expit(raw) - expit(-1.3), abs=1e-12)
    assert (np.sign(found) == np.sign(values)).all()
    at_base = in_probability(np.array([[0.2, -0.2]]), np.array([-1.3]), -1.3)
    assert at_base.sum() == pytest.approx(0.0)
    assert at_base[0, 0] == pytest.approx(0.2 * expit(-1.3) * expit(1.3))


def test_parts_of_several_classes_add_up_to_the_probability_of_each_and_over_classes_to_nothing() -> None:
    draw = np.random.default_rng(4)
    values, base = draw.normal(0, 4, (200, 5, 4)), np.array([0.3, -1.0, 2.0, 0.0])
    raw = base + values.sum(axis=1)
    found = in_probabilities(values, raw, base)
    assert np.abs(raw - base).max() > 25
    assert found.sum(axis=1) == pytest.approx(softmax(raw, axis=1) - softmax(base), abs=1e-10)
    assert found.sum(axis=2) == pytest.approx(0, abs=1e-12)


def test_of_two_classes_it_is_what_one_score_tells() -> None:
    draw = np.random.default_rng(5)
    values = draw.normal(0, 1, (50, 3))
    raw = -0.4 + values.sum(axis=1)
    both = in_probabilities(np.stack([0 * values, values], axis=2), np.stack([0 * raw, raw], axis=1), np.array([0.0, -0.4]))
    assert both[:, :, 1] == pytest.approx(in_probability(values, raw, -0.4), abs=1e-10)
