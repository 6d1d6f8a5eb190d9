"""Bounds that data suggest: intervals of shares as Deequ writes them, ends of ranges, and how often windows held out break them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from monitor.stats.inference.intervals import Z, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MOST_BROKEN = 0.01
"""A suggestion is kept only if less than this share of the windows that were held out breaks it."""
FOLDS = 5
"""Stretches of time of which each is held out once."""
MARGINS = (0.0, 0.1, 0.25, 0.5, 1.0)
"""Parts of a range by which its ends are moved out, the smallest first."""
LOOSER = (1.0, 1.25, 1.5, 2.0)
"""Times the largest share of a window that are tried as what is allowed."""
SURE = 0.95
RARE = 1e-5
"""How likely rows without change take a window beyond an end: a contract asks some dozens of ends of every day, for months."""
LIMIT, LIMIT_WINDOWS = 0.1, 3
"""Share of the windows that reach the same outermost value, and how many at least (two of rounded numbers may by chance), from which it is
a limit, which nothing lies beyond."""


def share_bounds(share: float, n: int, *, method: str = "wilson") -> tuple[float, float]:
    """Return the 95 % interval of a share among n rows, the lower end cut and the upper rounded up to two decimals, as Deequ writes it.

    Examples
    --------
    >>> share_bounds(0.9, 100), share_bounds(0.9, 100, method="wald"), share_bounds(1, 20)
    ((0.82, 0.95), (0.84, 0.96), (0.83, 1.0))
    """
    if method == "wald":
        half = Z * math.sqrt(share * (1 - share) / n)
        low, high = max(share - half, 0.0), min(share + half, 1.0)
    else:
        low, high = (min(max(float(end), 0.0), 1.0) for end in wilson(share * n, n))
    return math.floor(low * 100 + 1e-9) / 100, math.ceil(high * 100 - 1e-9) / 100


def breaks(hits: Ints, known: Ints, allowed: float | Floats) -> Bools:
    """Say which windows (w,) break a clause: more rows than allowed do, and not by chance (one-sided 95 %, Clopper and Pearson 1934).

    Examples
    --------
    >>> breaks(np.array([1, 1, 0]), np.array([10, 10, 10]), np.array([0.0, 0.05, 0.0])).tolist()
    [True, False, False]
    """
    hits, known = np.asarray(hits, dtype=float), np.asarray(known, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        lowest = np.where(hits > 0, special.betaincinv(np.maximum(hits, 1), known - hits + 1, 1 - SURE), 0.0)
        return np.asarray((hits > allowed * known) & (lowest > allowed))


@dataclass(frozen=True, slots=True)
class Tried:
    """What came out of trying: the value that is suggested (None: none held), `checks` made and how many `broke`."""

    value: float | None
    checks: int = 0
    broke: int = 0


def folds(windows: int, count: int = FOLDS) -> Ints:
    """Return the stretch that each window (w,) belongs to.

    Examples
    --------
    >>> folds(10).tolist()
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    """
    return np.asarray(np.arange(windows) * count // max(windows, 1), dtype=np.int64)


def held_out(windows: int) -> Iterator[tuple[Bools, Bools]]:
    """Yield which windows a suggestion is made from, and on which it is tried, for each stretch."""
    fold = folds(windows)
    for one in np.unique(fold):
        yield fold != one, fold == one


def tried(windows: int, candidates: Sequence[float], broken: Callable[[float, Bools, Bools], tuple[int, int]]) -> Tried:
    """Return the first candidate, the strictest, that windows held out keep; none where too few windows could be tried.

    Parameters
    ----------
    broken : (candidate, made from, tried on) -> how many of how many windows break it.
    """
    for candidate in candidates:
        counted = [broken(candidate, made, other) for made, other in held_out(windows)]
        broke, checks = (sum(one[i] for one in counted) for i in (0, 1))
        if checks >= FOLDS and broke < MOST_BROKEN * checks:
            return Tried(candidate, checks, broke)
    return Tried(None)


def lower_end(low: Floats, high: Floats) -> Tried:
    """Return the smallest value to allow: that of the reference, moved out as far as windows held out ask; nan entries have no value.

    Of what is never negative, 0 is as far as it is moved. Without a limit it is moved to where one window in 100,000 goes (`rare_end`):
    that none of sixty went beyond what all of them had says little of the next sixty.
    """

    def end(margin: float, part: Bools) -> float:
        least, most = np.nanmin(low[part], initial=np.inf), np.nanmax(high[part], initial=-np.inf)
        moved = float(min(least - margin * (most - least), rare_end(low[part])))
        return max(moved, 0.0) if least >= 0 else moved

    def broken(margin: float, made: Bools, other: Bools) -> tuple[int, int]:
        known = np.isfinite(low[other])
        if not np.isfinite(low[made]).any():
            return 0, 0  # nothing was learned that could be tried
        return int((low[other][known] < end(margin, made)).sum()), int(known.sum())

    found = tried(len(low), MARGINS, broken)
    if found.value is None:
        return found
    return Tried(rounded_out(end(found.value, np.ones(len(low), dtype=bool)), up=False), found.checks, found.broke)


def rare_end(low: Floats) -> float:
    """Return what the smallest value of a window is below with the chance RARE, by the law of Gumbel (1958, by moments: Coles 2001, 3.1);
    the smallest itself where many windows reach it. nan entries have no value.

    Examples
    --------
    >>> rare_end(np.array([1.0, 1.0, 1.0, 2.0])), round(rare_end(np.linspace(10, 20, 50)), 1)
    (1.0, -10.1)
    >>> rare_end(np.array([1e200, 2e200])) < 1e200
    True
    """
    known = low[np.isfinite(low)]
    if not len(known) or (known == known.min()).sum() >= max(LIMIT * len(known), LIMIT_WINDOWS):
        return float(known.min(initial=np.inf))
    unit = max(float(np.abs(known).max()), 1.0)  # squares of huge numbers are none
    scale = float((known / unit).std()) * math.sqrt(6) / math.pi
    return (float((known / unit).mean()) + scale * (np.euler_gamma + math.log(-math.log1p(-RARE)))) * unit


def upper_end(low: Floats, high: Floats) -> Tried:
    """Return the largest value to allow, as `lower_end`."""
    found = lower_end(-high, -low)
    return found if found.value is None else Tried(-found.value + 0.0, found.checks, found.broke)


def rounded_out(value: float, *, up: bool, digits: int = 4) -> float:
    """Return a value of few digits beyond another.

    Examples
    --------
    >>> rounded_out(1234.56, up=True), rounded_out(-0.123456, up=False), rounded_out(80.0, up=False)
    (1235.0, -0.1235, 80.0)
    """
    if value == 0 or not math.isfinite(value):
        return value
    step = 10.0 ** (math.floor(math.log10(abs(value))) - digits + 1)
    whole = (math.ceil if up else math.floor)(round(value / step, 6))
    return float(f"{whole * step:.{digits}g}")


def allowed_share(hits: Ints, known: Ints) -> Tried:
    """Return the share of rows that may fail: none where none does; the Wilson bound of the whole; else what windows show at most.

    More than 98 % is no term at all.
    """
    asked = int((known > 0).sum())
    if not hits.any():
        return Tried(0.0, asked, 0) if asked >= FOLDS else Tried(None)

    def bound(looser: float, part: Bools) -> float:
        of, n = int(hits[part].sum()), int(known[part].sum())
        if looser == 0:
            return 1 - share_bounds(1 - of / max(n, 1), max(n, 1))[0]
        with np.errstate(invalid="ignore", divide="ignore"):
            return float(np.nanmax(np.where(known[part] > 0, hits[part] / known[part], np.nan))) * looser

    def broken(looser: float, made: Bools, other: Bools) -> tuple[int, int]:
        allowed = bound(looser, made)
        return int(breaks(hits[other], known[other], allowed).sum()), int((known[other] > 0).sum())

    found = tried(len(hits), (0.0, *LOOSER), broken)
    if found.value is None:
        return found
    allowed = math.ceil(bound(found.value, np.ones(len(hits), dtype=bool)) * 1000 - 1e-9) / 1000
    return Tried(None) if allowed > 0.98 else Tried(allowed, found.checks, found.broke)
