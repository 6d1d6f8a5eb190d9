"""Decision trees as arrays: which way a row goes at each node, and what each leaf asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_NUMERIC = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """One tree of t nodes, all arrays (t,); node 0 is the root.

    A row goes left where its `feature` is at most `threshold`; where it is missing (nan), as `missing_left` says. A split by categories has
    its row of `left_codes` (c, w) in `codes` (-1: a split of numbers), which says of each code whether it goes left (the last speaks for
    all beyond); a negative code is missing. `left` is -1 at leaves, whose output is `value`.
    """

    feature: Ints
    threshold: Floats
    missing_left: Bools
    left: Ints
    right: Ints
    value: Floats
    codes: Ints
    left_codes: Bools

    def goes_left(self, rows: Floats) -> Bools:
        """Say for each node and row (n, p) whether it would go left there, (t, n); False at leaves."""
        found = np.zeros((len(self.feature), len(rows)), dtype=np.bool_)
        for node in np.flatnonzero(self.left >= 0):
            found[node] = self._goes_left(int(node), rows[:, self.feature[node]])
        return found

    def _goes_left(self, node: int, values: Floats) -> Bools:
        if self.codes[node] == _NUMERIC:
            return np.asarray(np.where(np.isnan(values), self.missing_left[node], values <= self.threshold[node]))
        known = values >= 0  # nan is not
        code = np.minimum(np.where(known, values, 0).astype(np.int64), self.left_codes.shape[1] - 1)
        return np.asarray(np.where(known, self.left_codes[self.codes[node], code], self.missing_left[node]))

    def leaves(self, player: Ints) -> Iterator[Leaf]:
        """Walk the leaves that are reached over a split; `player` (p,) is the column that each feature belongs to."""
        stack: list[tuple[int, tuple[tuple[int, bool], ...]]] = [(0, ())]
        while stack:
            node, path = stack.pop()
            if self.left[node] >= 0:
                stack.append((int(self.right[node]), (*path, (node, False))))
                stack.append((int(self.left[node]), (*path, (node, True))))
            elif path:
                asked = [int(player[self.feature[one]]) for one, _ in path]
                columns = tuple(dict.fromkeys(asked))
                steps = tuple((one, left, columns.index(column)) for (one, left), column in zip(path, asked, strict=True))
                yield Leaf(float(self.value[node]), columns, steps)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a leaf gives and asks: `steps` (node, whether left, position in `columns`) from the root down; each column stands once."""

    value: float
    columns: tuple[int, ...]
    steps: tuple[tuple[int, bool, int], ...]

    def met(self, goes_left: Bools) -> NDArray[np.uint64]:
        """Return for each row of `goes_left` (t, n) which columns meet all that the leaf asks of them: bit i for column i, (n,)."""
        failed = np.zeros(goes_left.shape[1], dtype=np.uint64)
        for node, left, position in self.steps:
            failed |= (goes_left[node] != left).astype(np.uint64) << np.uint64(position)
        return failed ^ np.uint64((1 << len(self.columns)) - 1)


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees that add up: the margin of class `of[i]` (one number: 0) is its `base` (k,) plus the sum of its trees' leaves."""

    trees: tuple[Tree, ...]
    of: tuple[int, ...]
    base: Floats

    @property
    def most_columns(self) -> int:
        """Depth of the deepest leaf, which no path's number of columns exceeds."""
        return max((len(leaf.steps) for tree in self.trees for leaf in tree.leaves(np.arange(tree.feature.max() + 1))), default=0)

    def turned(self) -> Forest:
        """Return the trees of the opposite margin."""
        return replace(self, trees=tuple(replace(tree, value=-tree.value) for tree in self.trees), base=-self.base)

    def margin(self, rows: Floats) -> Floats:
        """Return the margin of encoded rows (n, p), (n, k)."""
        found = np.tile(self.base, (len(rows), 1))
        for tree, out in zip(self.trees, self.of, strict=True):
            found[:, out] += _value(tree, rows)
        return found


def _value(tree: Tree, rows: Floats) -> Floats:
    goes_left = tree.goes_left(rows)
    node, every = np.zeros(len(rows), dtype=np.int64), np.arange(len(rows))
    while (inner := tree.left[node] >= 0).any():
        below = np.where(goes_left[node, every], tree.left[node], tree.right[node])
        node = np.where(inner, below, node)
    return np.asarray(tree.value[node])
