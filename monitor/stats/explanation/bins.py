"""Values of a column in a few bins that both sides share, and what a column adds to the prediction in each of them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monitor.wording import number_text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]

BINS = 10
"""Bins of a number, and levels that have one of their own."""
MISSING, OTHER = "missing", "other levels"


@dataclass(frozen=True, slots=True)
class Bins:
    """Bins of one column: their `labels` in order, whether that is one of size (`ordered`), and the bin of each row of both sides."""

    labels: tuple[str, ...]
    ordered: bool
    codes: tuple[Ints, Ints]

    @property
    def many(self) -> int:
        """Number of bins."""
        return len(self.labels)


def cut_numbers(reference: Floats, production: Floats) -> Bins:
    """Cut numbers (nan missing) at tenths of both sides together; few different values have a bin each.

    >>> cut_numbers(np.array([1.0, 1.0, 2.0]), np.array([2.0, np.nan, 9.0])).labels
    ('1', '2', '9', 'missing')
    """
    both = np.concatenate([reference, production])
    present = both[np.isfinite(both)]
    known = np.unique(present)
    few = len(known) <= BINS
    edges = known if few else np.unique(np.quantile(present, np.arange(1, BINS) / BINS, method="nearest"))
    told = _distinct(edges)
    labels = [*told, f"above {told[-1]}"] if few and told else _ranges(told)
    codes = [np.where(np.isnan(side), len(labels), np.searchsorted(edges, side, side="left")) for side in (reference, production)]
    return _used([*labels, MISSING], (codes[0], codes[1]), ordered=True)


def _ranges(told: list[str]) -> list[str]:
    inner = [f"{low} to {high}" for low, high in pairwise(told)]
    return [f"up to {told[0]}", *inner, f"above {told[-1]}"] if told else ["any"]


def _distinct(edges: Floats) -> list[str]:
    """Write numbers with as many digits as it takes to tell them apart."""
    forms = ([number_text(float(edge), digits) for edge in edges] for digits in range(3, 16))
    return next((told for told in forms if len(set(told)) == len(told)), [repr(float(edge)) for edge in edges])


def cut_levels(reference: Objects, production: Objects) -> Bins:
    """Give the commonest levels of both sides a bin each, the rest one together; None is missing."""
    names, place = np.unique(np.array([_text(one) for one in (*reference, *production)], dtype=str), return_inverse=True)
    counts = np.bincount(place, minlength=len(names)).astype(float)
    lost = np.array([one is None for one in (*reference, *production)], dtype=bool)
    counts[np.unique(place[lost])] = -1
    order = [int(i) for i in np.argsort(-counts, kind="stable") if counts[i] > 0][:BINS]
    bin_of = np.full(len(names), len(order), dtype=np.int64)
    bin_of[order] = np.arange(len(order))
    codes = np.where(lost, len(order) + 1, bin_of[place])
    labels = [*(str(names[i]) for i in order), OTHER, MISSING]
    return _used(labels, (codes[: len(reference)], codes[len(reference) :]), ordered=False)


def _text(value: object) -> str:
    return "" if value is None else f"={value}"


def _used(labels: list[str], codes: tuple[Ints, Ints], *, ordered: bool) -> Bins:
    """Leave out bins that no row of either side is in."""
    used = np.unique(np.concatenate(codes)).astype(np.int64)
    place = np.zeros(len(labels), dtype=np.int64)
    place[used] = np.arange(len(used))
    return Bins(tuple(_label(labels[i]) for i in used), ordered, (place[codes[0]], place[codes[1]]))


def _label(told: str) -> str:
    """Take the mark of a level away; one that is called as a bin is stands in quotes."""
    level = told.removeprefix("=")
    return f"'{level}'" if level != told and level in (MISSING, OTHER) else level


@dataclass(frozen=True, slots=True)
class InBins:
    """What a column adds in each bin, (k,): `mean` attribution (nan where no row is) and the `share` of rows there."""

    mean: Floats
    share: Floats


def in_bins(values: Floats, weight: Floats, codes: Ints, many: int) -> InBins:
    """Average attributions (n,) by bin, each row by its weight (n,)."""
    rows = np.bincount(codes, weight, many)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(codes, weight * values, many) / rows
    return InBins(mean, rows / max(float(rows.sum()), 1e-300))
