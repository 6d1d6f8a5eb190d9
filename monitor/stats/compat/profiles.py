"""What the compatibility profiles share: their verdicts, the declaration of their methods, and values without missing ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitor.errors import MethodError, nearest
from monitor.vocabulary import Kind

NUMBERS = frozenset({Kind.NUMERIC})
LEVELS = frozenset({Kind.CATEGORICAL, Kind.BOOLEAN})


@dataclass(frozen=True, slots=True)
class PeerMethod:
    """A method of another tool as that tool defines it; `id` is `<profile>.<the tool's own name>`.

    `threshold` is the tool's fixed one, nan where it derives one from the reference; `is_p_value`: the score is a p-value, so that small
    means drift.
    """

    id: str
    title: str
    kinds: frozenset[Kind]
    threshold: float
    is_p_value: bool
    summary: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the other tool would report of one window: its score, its threshold (nan: none) and whether it calls it drift.

    A two-sided method also has a `lower` threshold.
    """

    score: float
    threshold: float
    drifted: bool
    lower: float = float("nan")


def find(methods: Iterable[PeerMethod], name: str, kind: Kind) -> PeerMethod:
    """Return the method of that id; MethodError if there is none or it does not serve the kind."""
    known = {method.id: method for method in methods}
    if name not in known:
        raise MethodError(f"There is no method '{name}'.{nearest(name, known)} Known are: {', '.join(known)}.")
    if kind not in known[name].kinds:
        raise MethodError(f"Method '{name}' does not serve {kind} columns.")
    return known[name]


def is_there(values: ArrayLike, kind: Kind) -> NDArray[np.bool_]:
    """Say which values are not missing (nan or None), (n,); infinities are there."""
    array = np.asarray(values)
    if kind in NUMBERS:
        return np.asarray(~np.isnan(array.astype(float)))
    return np.fromiter((value is not None and value == value for value in array), dtype=bool, count=len(array))


def present(values: ArrayLike, kind: Kind) -> NDArray[Any]:
    """Return the values that are there: numbers without nan and infinities (integers stay integers), objects without None and nan."""
    array = np.asarray(values)
    if kind not in NUMBERS:
        return np.asarray(array.astype(object)[is_there(array, kind)])
    if array.dtype.kind in "iu":
        return array
    numbers = array.astype(float)
    return np.asarray(numbers[np.isfinite(numbers)])


def level_counts(reference: NDArray[Any]) -> Callable[[NDArray[Any]], NDArray[np.int64]]:
    """Return a function of production values giving the counts of both sides by level, (2, k); the reference is counted once."""
    left = Counter(reference.tolist())

    def against(production: NDArray[Any]) -> NDArray[np.int64]:
        right = Counter(production.tolist())
        return np.array([[side[level] for level in left | right] for side in (left, right)], dtype=np.int64)

    return against


def tally(reference: NDArray[Any], production: NDArray[Any]) -> NDArray[np.int64]:
    """Return the counts of both sides by distinct value, (2, k): sorted values for numbers, in order of appearance for objects."""
    if reference.dtype.kind not in "iuf":
        return level_counts(reference)(production)
    values, index = np.unique(np.concatenate([reference, production]), return_inverse=True)
    k = len(values)
    return np.array([np.bincount(index[: len(reference)], minlength=k), np.bincount(index[len(reference) :], minlength=k)])
