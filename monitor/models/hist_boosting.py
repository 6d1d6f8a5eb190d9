"""The trees of scikit-learn's histogram gradient boosting, out of its node arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.stats.explanation.trees import Forest, Tree

Bools = NDArray[np.bool_]

CATEGORIES = 256
"""Codes of categories that a split may name."""
_WORD = 32
"""Bits of one number of a set of categories."""


def forest_of(booster: Any, *, sign: float = 1.0) -> Forest:
    """Return the trees of a fitted HistGradientBoosting model on its encoded rows; `sign` -1 turns a binary margin round."""
    known, place = booster._bin_mapper.make_known_categories_bitsets()
    trees = [(_tree(one, _members(known), place, sign), k) for step in booster._predictors for k, one in enumerate(step)]
    return Forest(tuple(tree for tree, _ in trees), tuple(k for _, k in trees), sign * np.ravel(booster._baseline_prediction).astype(float))


def _tree(predictor: Any, known: Bools, place: NDArray[Any], sign: float) -> Tree:
    nodes = predictor.nodes
    leaf, categorical = nodes["is_leaf"].astype(bool), nodes["is_categorical"].astype(bool)
    codes, missing_left = np.full(len(nodes), -1), nodes["missing_go_to_left"].astype(bool)
    codes[categorical] = np.arange(categorical.sum())
    return Tree(
        feature=nodes["feature_idx"].astype(np.int64),
        threshold=nodes["num_threshold"].astype(np.float64),
        missing_left=missing_left,
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=np.where(leaf, -1, nodes["right"].astype(np.int64)),
        value=sign * nodes["value"].astype(np.float64),
        codes=codes,
        left_codes=_left_codes(nodes[categorical], _members(predictor.raw_left_cat_bitsets), known, place),
    )


def _left_codes(nodes: NDArray[Any], left: Bools, known: Bools, place: NDArray[Any]) -> Bools:
    """Say by split of categories which codes go left, (c, 256); a code that training never saw goes as a missing value does."""
    if not len(nodes):
        return np.zeros((0, CATEGORIES), dtype=np.bool_)
    seen = known[place[nodes["feature_idx"]]]
    return np.where(left[nodes["bitset_idx"]] | seen, left[nodes["bitset_idx"]], nodes["missing_go_to_left"].astype(bool)[:, None])


def _members(bitsets: NDArray[Any]) -> Bools:
    """Turn sets (c, 8) of 32-bit numbers into (c, 256) memberships."""
    bits = (bitsets[:, :, None] >> np.arange(_WORD, dtype=np.uint32)) & 1
    return np.asarray(bits.reshape(len(bitsets), CATEGORIES).astype(bool))
