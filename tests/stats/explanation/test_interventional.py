"""Trees are explained exactly, whatever their shape; the golden A7 to A9."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from monitor.stats.explanation.interventional import leaf_shares, sets_of, tree_attributions
from monitor.stats.explanation.trees import Forest, Tree
from tests.stats.explanation.brute_force import shapley


def stump(feature: int, threshold: float, low: float, high: float) -> Tree:
    return Tree(
        feature=np.array([feature, 0, 0]),
        threshold=np.array([threshold, 0.0, 0.0]),
        missing_left=np.array([True, False, False]),
        left=np.array([1, -1, -1]),
        right=np.array([2, -1, -1]),
        value=np.array([0.0, low, high]),
        codes=np.full(3, -1),
        left_codes=np.zeros((0, 1), dtype=bool),
    )


def random_tree(draw: np.random.Generator, features: int, leaves: int) -> Tree:
    """Grow a tree by splitting a random leaf again and again; some splits are of categories."""
    left, right = [-1], [-1]
    while len(left) < 2 * leaves - 1:
        leaf = draw.choice([i for i, one in enumerate(left) if one < 0])
        left[leaf], right[leaf] = len(left), len(left) + 1
        left += [-1, -1]
        right += [-1, -1]
    n = len(left)
    feature = draw.integers(0, features, n)
    codes = np.where((np.array(left) >= 0) & (feature == 0), 0, -1)
    codes[codes == 0] = np.arange((codes == 0).sum())
    return Tree(
        feature=feature,
        threshold=draw.normal(size=n),
        missing_left=draw.random(n) < 0.5,
        left=np.array(left),
        right=np.array(right),
        value=draw.normal(size=n),
        codes=codes,
        left_codes=draw.random((max((codes >= 0).sum(), 1), 6)) < 0.5,
    )


def random_rows(draw: np.random.Generator, n: int, features: int) -> Any:
    rows = np.where(draw.random((n, features)) < 0.15, np.nan, draw.normal(size=(n, features)))
    rows[:, 0] = np.where(draw.random(n) < 0.15, np.nan, draw.integers(-1, 9, n))
    return rows


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("features", "leaves", "players"), [(5, 12, None), (9, 40, None), (6, 25, [0, 1, 1, 2, 2, 2])])
def test_random_trees_equal_all_coalitions(seed: int, features: int, leaves: int, players: list[int] | None) -> None:
    draw = np.random.default_rng(seed)
    forest = Forest((random_tree(draw, features, leaves), random_tree(draw, features, leaves)), (0, 1), draw.normal(size=2))
    rows, background = random_rows(draw, 4, features), random_rows(draw, 7, features)
    owner = np.arange(features) if players is None else np.array(players)
    found = tree_attributions(forest, rows, background, owner)
    groups = [np.flatnonzero(owner == column) for column in range(owner.max() + 1)]

    def margin(mixed: pd.DataFrame) -> Any:
        encoded = np.empty((len(mixed), features))
        for column, places in zip(mixed, groups, strict=True):
            encoded[:, places] = np.array(mixed[column].tolist())
        return forest.margin(encoded)

    as_tuples = [pd.DataFrame({i: list(map(tuple, one[:, places])) for i, places in enumerate(groups)}) for one in (rows, background)]
    assert found == pytest.approx(shapley(margin, *as_tuples), abs=1e-12)


def test_sums_are_the_margin_above_the_background() -> None:
    draw = np.random.default_rng(0)
    forest = Forest(tuple(random_tree(draw, 30, 80) for _ in range(5)), (0,) * 5, np.array([1.5]))
    rows, background = random_rows(draw, 300, 30), random_rows(draw, 40, 30)
    found = tree_attributions(forest, rows, background, np.arange(30))
    assert found.sum(axis=1) == pytest.approx(forest.margin(rows) - forest.margin(background).mean(axis=0), abs=1e-10)


def test_waterfall_of_the_golden_a7() -> None:
    # f = 2 x1 - x2 + x1 x2 on the values that rows and background have, as a table of leaves
    rows = pd.DataFrame([(0, 1), (1, 1), (2, 0), (1, 1), (2, 2), (3, 0)], columns=["x1", "x2"], dtype=float)
    background = pd.DataFrame([(0, 0), (1, 2)], columns=["x1", "x2"], dtype=float)
    forest = Forest((grid({(i, j): 2.0 * i - j + i * j for i in range(4) for j in range(3)}),), (0,), np.zeros(1))
    found = tree_attributions(forest, rows.to_numpy(), background.to_numpy(), np.arange(2))[:, :, 0]
    assert found[:3] == pytest.approx(np.array([(-1.75, -0.25), (1.25, -0.25), (3.5, -0.5)]))
    assert found[3:] == pytest.approx(np.array([(1.25, -0.25), (5.0, 0.0), (6.0, -1.0)]))
    change = found[3:].mean(axis=0) - found[:3].mean(axis=0)
    assert change == pytest.approx([3.0833333333, -0.0833333333])
    assert change.sum() == pytest.approx(3.0)


def grid(values: dict[tuple[int, int], float]) -> Tree:
    """Return a tree whose leaves are the cells of a table: first x1 is found, then x2."""
    feature: list[int] = []
    threshold: list[float] = []
    left: list[int] = []
    right: list[int] = []
    value: list[float] = []

    def add(f: int, at: float, v: float) -> int:
        feature.append(f)
        threshold.append(at)
        left.append(-1)
        right.append(-1)
        value.append(v)
        return len(feature) - 1

    def grow(x1: list[int], x2: list[int]) -> int:
        if len(x1) == len(x2) == 1:
            return add(0, 0.0, values[x1[0], x2[0]])
        split = 0 if len(x1) > 1 else 1
        options = x1 if split == 0 else x2
        here = add(split, options[0] + 0.5, 0.0)
        low, high = ([options[0]], x2), (options[1:], x2)
        left[here] = grow(*low) if split == 0 else grow(x1, [options[0]])
        right[here] = grow(*high) if split == 0 else grow(x1, options[1:])
        return here

    grow([0, 1, 2, 3], [0, 1, 2])
    n = len(feature)
    return Tree(
        feature=np.array(feature),
        threshold=np.array(threshold),
        missing_left=np.zeros(n, dtype=bool),
        left=np.array(left),
        right=np.array(right),
        value=np.array(value),
        codes=np.full(n, -1),
        left_codes=np.zeros((0, 1), dtype=bool),
    )


def test_a_column_that_decides_nothing_gets_nothing() -> None:
    forest = Forest((stump(1, 0.0, -1.0, 2.0),), (0,), np.zeros(1))
    found = tree_attributions(forest, np.array([[5.0, 1.0], [5.0, np.nan]]), np.array([[0.0, -1.0]]), np.arange(2), columns=3)
    assert found[:, :, 0].tolist() == [[0.0, 3.0, 0.0], [0.0, 0.0, 0.0]]


def test_sets_are_the_same_by_table_and_by_sorting() -> None:
    masks = np.array([3, 1, 3, 0], dtype=np.uint64)
    for found in (sets_of(masks, 2), sets_of(masks, 40)):
        assert (found.mask.tolist(), found.count.tolist(), found.of.tolist()) == ([0, 1, 3], [1.0, 1.0, 2.0], [2, 1, 2, 0])


def test_a_path_of_many_columns_is_weighed_exactly() -> None:
    # 40 columns, all met by the row alone: each has the same share of 1
    full, none = np.array([(1 << 40) - 1], dtype=np.uint64), np.array([0], dtype=np.uint64)
    assert leaf_shares(full, none, np.ones(1), 40)[:, 0] == pytest.approx(np.full(40, 1 / 40))


def test_shares_are_the_same_however_many_pairs_are_worked_out_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(1)
    ours, theirs = (draw.integers(0, 256, n).astype(np.uint64) for n in (50, 9))
    whole = leaf_shares(ours, theirs, np.full(9, 1 / 9), 8)
    monkeypatch.setattr("monitor.stats.explanation.interventional._PAIRS", 20)
    assert np.array_equal(leaf_shares(ours, theirs, np.full(9, 1 / 9), 8), whole)


def test_progress_is_told_and_may_end_the_work() -> None:
    told: list[float] = []
    forest = Forest((stump(0, 0.0, 0.0, 1.0),) * 4, (0,) * 4, np.zeros(1))
    tree_attributions(forest, np.ones((2, 1)), np.zeros((2, 1)), np.arange(1), tell=told.append)
    assert told == [0.0, 0.25, 0.5, 0.75]


def test_the_golden_a8_on_which_shap_is_wrong_by_16() -> None:
    draw = np.random.default_rng(0)
    rows = pd.DataFrame({"A": draw.integers(0, 5, 1000)})
    fitted = HistGradientBoostingRegressor(categorical_features=[0]).fit(rows, rows["A"] ** 2)
    from monitor.models.hist_boosting import forest_of

    encoded = fitted._preprocessor.transform(rows)
    found = tree_attributions(forest_of(fitted), encoded, encoded[:50], np.arange(1))[:, 0, 0]
    said = fitted.predict(rows)
    assert found + said[:50].mean() == pytest.approx(said, abs=1e-9)
