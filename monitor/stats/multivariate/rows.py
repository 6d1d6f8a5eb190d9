"""The rows that every formula on several columns takes: numbers, level codes, time blocks and windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.errors import ContractError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a table as arrays.

    `numeric` (n, p) float64 with nan for missing; `categorical` (n, c) int codes into `levels[name]`, -1 for
    missing; two sets of rows that are compared share `levels`. `block` (n,) is the id of the stretch of time that
    a row shares with its neighbours (an hour, a day): rows of one block are never split between folds nor between
    sides of a permutation, and blocks of two sets that are compared must not share ids unless they are the same
    stretch. `window` (n,) is the position 0..windows-1. No column may be a timestamp or an id.
    """

    numeric: Floats
    numeric_names: tuple[str, ...]
    categorical: Ints
    levels: Mapping[str, tuple[str, ...]]
    block: Ints
    window: Ints
    windows: int

    def __post_init__(self) -> None:
        """Check shapes and codes."""
        n = len(self.block)
        if self.numeric.shape != (n, len(self.numeric_names)) or self.categorical.shape != (n, len(self.levels)):
            raise ContractError(f"Rows do not fit their columns: {self.numeric.shape}, {self.categorical.shape} for {n} rows.")
        if self.window.shape != (n,) or (n and not 0 <= self.window.min() <= self.window.max() < self.windows):
            raise ContractError(f"Window positions must be in 0..{self.windows - 1}, one for each of {n} rows.")
        if n and any(codes.max() >= size for codes, size in zip(self.categorical.T, self.sizes, strict=True)):
            raise ContractError("A level code is not below the number of levels of its column.")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.block)

    @property
    def categorical_names(self) -> tuple[str, ...]:
        """Names of the categorical columns, in the order of `categorical`."""
        return tuple(self.levels)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all columns: numeric ones, then categorical ones."""
        return (*self.numeric_names, *self.levels)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each categorical column."""
        return tuple(len(levels) for levels in self.levels.values())

    @property
    def counts(self) -> Ints:
        """Rows by window, (windows,)."""
        return np.bincount(self.window, minlength=self.windows)

    def take(self, index: Ints | Bools) -> Rows:
        """Return the rows at positions or under a mask, (m,)."""
        return replace(
            self,
            numeric=self.numeric[index],
            categorical=self.categorical[index],
            block=self.block[index],
            window=self.window[index],
        )

    def only(self, window: int) -> Rows:
        """Return the rows of one window."""
        return self.take(self.window == window)

    def as_window(self, position: int, windows: int) -> Rows:
        """Return the same rows, all in one window."""
        return replace(self, window=np.full(len(self), position, dtype=np.int64), windows=windows)


def concatenate(parts: tuple[Rows, ...]) -> Rows:
    """Put sets of rows of the same columns below one another, windows and blocks as they are.

    Raises
    ------
    ContractError
        When the columns or levels differ.
    """
    first = parts[0]
    if any(part.names != first.names or dict(part.levels) != dict(first.levels) for part in parts):
        raise ContractError("Rows of different columns or levels cannot be put together.")
    return replace(
        first,
        numeric=np.concatenate([part.numeric for part in parts]),
        categorical=np.concatenate([part.categorical for part in parts]),
        block=np.concatenate([part.block for part in parts]),
        window=np.concatenate([part.window for part in parts]),
        windows=max(part.windows for part in parts),
    )


def subsample(rows: Rows, size: int, *, seed: int = 0) -> Rows:
    """Return at most `size` rows, drawn without replacement by a seeded generator, in their old order."""
    if len(rows) <= size:
        return rows
    index = np.random.default_rng(seed).choice(len(rows), size=size, replace=False)
    return rows.take(np.sort(index).astype(np.int64))
