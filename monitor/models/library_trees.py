"""The trees of LightGBM and XGBoost, out of what they say of their models in JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from monitor.stats.explanation.trees import Forest, Tree

_NO_CATEGORY = -1


@dataclass(frozen=True, slots=True)
class _Named:
    """The codes that a split names, and whether these go left; all others go the other way."""

    codes: Sequence[int]
    go_left: bool


@dataclass(slots=True)
class _Nodes:
    """A tree that is being written down node by node."""

    feature: list[int] = field(default_factory=list)
    threshold: list[float] = field(default_factory=list)
    missing_left: list[bool] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    right: list[int] = field(default_factory=list)
    value: list[float] = field(default_factory=list)
    categories: dict[int, _Named] = field(default_factory=dict)

    def add(self) -> int:
        """Add a leaf of value 0 and return its place."""
        self.feature.append(0)
        self.threshold.append(0.0)
        self.missing_left.append(False)
        self.left.append(-1)
        self.right.append(-1)
        self.value.append(0.0)
        return len(self.feature) - 1

    def tree(self) -> Tree:
        """Return the finished tree."""
        codes = np.full(len(self.feature), _NO_CATEGORY)
        codes[list(self.categories)] = np.arange(len(self.categories))
        largest = max((max(named.codes, default=0) for named in self.categories.values()), default=0)
        sets = np.zeros((len(self.categories), largest + 2), dtype=np.bool_)  # the last place speaks for all codes beyond
        for place, named in enumerate(self.categories.values()):
            sets[place] = not named.go_left
            sets[place, list(named.codes)] = named.go_left
        return Tree(
            feature=np.array(self.feature, dtype=np.int64),
            threshold=np.array(self.threshold, dtype=np.float64),
            missing_left=np.array(self.missing_left, dtype=np.bool_),
            left=np.array(self.left, dtype=np.int64),
            right=np.array(self.right, dtype=np.int64),
            value=np.array(self.value, dtype=np.float64),
            codes=codes,
            left_codes=sets,
        )


def lightgbm_trees(dump: Mapping[str, Any]) -> Forest | None:
    """Return the trees of `Booster.dump_model()`; None where one treats zeros as missing, which a threshold cannot say."""
    classes = int(dump["num_tree_per_iteration"])
    trees = []
    for one in dump["tree_info"]:
        nodes = _Nodes()
        stack = [(one["tree_structure"], nodes.add())]
        while stack:
            node, place = stack.pop()
            if "leaf_value" in node:
                nodes.value[place] = float(node["leaf_value"])
                continue
            if node["missing_type"] == "Zero":
                return None
            _lightgbm_split(nodes, place, node)
            stack += [(node["left_child"], nodes.left[place]), (node["right_child"], nodes.right[place])]
        trees.append(nodes.tree())
    return Forest(tuple(trees), tuple(i % classes for i in range(len(trees))), np.zeros(classes))


def _lightgbm_split(nodes: _Nodes, place: int, node: Mapping[str, Any]) -> None:
    nodes.feature[place], nodes.left[place], nodes.right[place] = int(node["split_feature"]), nodes.add(), nodes.add()
    if node["decision_type"] == "==":
        nodes.categories[place] = _Named([int(code) for code in str(node["threshold"]).split("||")], go_left=True)
        return
    nodes.threshold[place] = float(node["threshold"])
    # Without missing values in training LightGBM reads them as 0.
    nodes.missing_left[place] = node["default_left"] if node["missing_type"] == "NaN" else nodes.threshold[place] >= 0.0


def xgboost_trees(booster: Mapping[str, Any], classes: int) -> Forest | None:
    """Return the trees of a booster's JSON for rows in single precision; None of other kinds than plain trees."""
    if booster["name"] != "gbtree":
        return None
    model = booster["model"]
    return Forest(tuple(_xgboost_tree(one) for one in model["trees"]), tuple(int(one) for one in model["tree_info"]), np.zeros(classes))


def _xgboost_tree(one: Mapping[str, Any]) -> Tree:
    nodes = _Nodes()
    for _ in one["left_children"]:
        nodes.add()
    nodes.feature = [int(feature) for feature in one["split_indices"]]
    nodes.left, nodes.right = list(one["left_children"]), list(one["right_children"])
    conditions = np.array(one["split_conditions"], dtype=np.float32)
    # "Below the condition goes left", in single precision, is "at most the number just below it".
    nodes.threshold = np.nextafter(conditions, np.float32(-np.inf)).astype(np.float64).tolist()
    nodes.value = [float(value) if left < 0 else 0.0 for value, left in zip(conditions, nodes.left, strict=True)]
    nodes.missing_left = [bool(left) for left in one["default_left"]]
    nodes.categories = {place: _Named(codes, go_left=False) for place, codes in _segments(one).items()}
    return nodes.tree()


def _segments(one: Mapping[str, Any]) -> dict[int, Sequence[int]]:
    """Return the codes that go right at each split of categories."""
    starts, sizes, codes = one["categories_segments"], one["categories_sizes"], one["categories"]
    found = zip(one["categories_nodes"], starts, sizes, strict=True)
    return {int(node): [int(code) for code in codes[start : start + size]] for node, start, size in found}
