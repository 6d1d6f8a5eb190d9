"""How surprising a fact is: rows that the reference never had, against how often its own windows did the same to the rest of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]

FLOOR = 0.001
"""Share of rows that a window of the reference is taken to have had all the same, where none had any: one row in a thousand."""
SOFT_FLOOR = 0.2
"""The same of values just beyond the reference's farthest: the hottest of its days is a chance, and much of the next hotter one lies beyond
it (days of weather, benchmarks/verdict: a fifth of the rows in the median)."""
MEMORY_WINDOWS = 20.0
"""Reference windows from which half of what a run's length says is believed: to know how long events last takes several of them."""
AT_ONCE = 1_000_000
"""Probabilities that are worked out together."""
REACH = 30.0
"""Standard deviations above the mean up to which a number of rows is looked for: beyond lies less than 1e-12 of an exponential tail, the
longest that a share drawn from a beta law has."""
ROUNDING = 1e-9
"""Part of a probability by which a sum of others may miss it."""
INDEX = 3.0
"""Tail index of shares beyond the largest that is known: a tail with a finite variance, but no more."""


def event_p(share: Floats, largest: Floats, windows: int, *, as_large: Floats, together: Floats | float = 1.0) -> Floats:
    """Return the p-value of a `share` (w,) of rows that the reference's `windows` never had.

    (1 + k) / (R + 1), k = `as_large` (w,) the number of reference windows with at least that share; beyond the `largest` (w,) of them
    that of none, times a power tail: (largest / share)^(INDEX together) / (R + 1), `together` (w,) how many windows the share rests on.

    Examples
    --------
    >>> event_p(np.array([0.0, 0.5]), np.full(2, 0.001), 9, as_large=np.zeros(2)).round(10).tolist()
    [1.0, 8e-10]
    """
    beyond = np.minimum(largest / np.maximum(share, 1e-300), 1.0) ** (INDEX * np.asarray(together))
    return np.asarray(np.where(share <= 0, 1.0, np.where(share > largest, beyond, 1.0 + as_large) / (windows + 1)))


def chance_p(rows: Floats, of: Floats, *, once: float, known: float) -> Floats:
    """Return the probability of at least so many `rows` (w,) of `of` (w,) at what `known` rows of the reference never had.

    The share of such rows is not known either: what was seen in one row only (`once`) estimates it (Good 1953), with the uncertainty of
    that count: Beta(once + 1, known - once). For a value beyond the largest of `known` ones that is exact: 1 / (known + 1) for one row.

    Examples
    --------
    >>> chance_p(np.array([0.0, 1.0]), np.array([1.0, 1.0]), once=0, known=99).round(6).tolist()
    [1.0, 0.01]
    """
    p, some = np.ones(len(rows)), rows > 0
    if some.any():
        p[some] = beta_binomial_tail(rows[some], of[some], once + 1, max(known - once, 1.0))
    return p


def beta_binomial_tail(rows: Floats, of: Floats, a: float, b: float) -> Floats:
    """Return the probability of at least so many `rows` (w,) of `of` (w,), whose share is drawn from Beta(a, b).

    As scipy.stats.betabinom.sf(rows - 1, of, a, b), which sums one window after the other.

    Examples
    --------
    >>> beta_binomial_tail(np.array([0.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0]), 1.0, 1.0).round(12).tolist()
    [1.0, 0.5, 0.333333333333]
    """
    below, many = np.zeros(len(rows)), rows.astype(np.int64)
    ends = np.cumsum(many)
    for part in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(ends // AT_ONCE)) + 1):
        count = many[part]
        k = (np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)).astype(np.float64)
        n = np.repeat(of[part], count)
        terms = np.exp(_log_beta_binomial(k, n, a, b))
        below[part] = np.bincount(np.repeat(np.arange(len(part)), count), terms, len(part))
    return np.asarray(np.clip(1.0 - below, 0.0, 1.0))


def _log_beta_binomial(k: Floats, n: Floats | float, a: float, b: float) -> Floats:
    return np.asarray(special.betaln(k + a, n - k + b) - special.betaln(a, b) - np.log(n + 1) - special.betaln(n - k + 1, k + 1))


def rows_needed(p: float, of: Floats, *, once: float, known: float) -> Floats:
    """Return the number of rows from which `chance_p` is at most `p`, (w,); infinite where that of all of them is more.

    Examples
    --------
    >>> rows_needed(0.01, np.array([1.0, 0.0]), once=0, known=99), rows_needed(0.001, np.array([1.0]), once=0, known=99)
    (array([ 1., inf]), array([inf]))
    """
    a, b = once + 1, max(known - once, 1.0)
    sizes, place = np.unique(of, return_inverse=True)
    return np.array([_least(p, float(n), a, b) for n in sizes])[place]


def _least(p: float, n: float, a: float, b: float) -> float:
    mean, total = n * a / (a + b), a + b
    most = np.ceil(mean + REACH * np.sqrt(mean * b * (total + n) / (total * (total + 1))))
    k = np.arange(min(most, n) + 1)
    at_most = np.cumsum(np.exp(_log_beta_binomial(k, n, a, b)))
    found = int(np.searchsorted(at_most, 1 - p * (1 + ROUNDING))) + 1
    return float(found) if found <= n else np.inf


def all_rows_p(of: Floats, *, once: float, known: float) -> Floats:
    """Return `chance_p` of all of `of` (w,) rows.

    Examples
    --------
    >>> all_rows_p(np.array([1.0, 2.0]), once=0, known=9).round(6).tolist()
    [0.1, 0.018182]
    >>> chance_p(np.array([1.0, 2.0]), np.array([1.0, 2.0]), once=0, known=9).round(6).tolist()
    [0.1, 0.018182]
    """
    a, b = once + 1, max(known - once, 1.0)
    return np.asarray(np.exp(special.betaln(a + of, b) - special.betaln(a, b)))


def record_p(own: Floats, far: Floats) -> Floats:
    """Return the p-value that the farthest value of a window lies as `far` (w,) from the middle, beside `own` (r,), those of the reference.

    Beyond the record, (1 / (R + 1)) P(Y > log(far / record)). The larger half of the record, log distances beyond its middle one summing to
    S, is taken as k exponentials (a power tail: Hill 1975); a new one from the same law, whose index is not known, is Y with
    P(Y > y) = (1 + y / S)^-k. The tail is never taken to be lighter than of index INDEX.

    Examples
    --------
    >>> record_p(np.array([1.0, 1.0, 1.0]), np.array([1.0, 10.0])).round(6).tolist()
    [1.0, 0.00025]
    """
    if len(own) < 2 or np.sort(own)[::-1][min(-(-len(own) // 2), len(own) - 1)] <= 0:
        return np.ones(len(far))
    y = np.log(np.maximum(far / own.max(), 1.0))
    return np.asarray(np.where(y > 0, np.maximum(tail_beyond(own, far), np.exp(-INDEX * y)) / (len(own) + 1), 1.0))


def outside_all(windows: int) -> float:
    """Return how probable it is that a further window lies outside of all of so many, were they alike: 2 / (R + 1), at most 1.

    Each of R + 1 numbers in any order is as likely the largest, and as likely the smallest.

    >>> outside_all(19), outside_all(0)
    (0.1, 1.0)
    """
    return min(2.0 / (windows + 1), 1.0)


def tail_beyond(own: Floats, far: Floats) -> Floats:
    """Return how probable it is that what lies beyond the record `own` (r,) lies as `far` (w,) from the middle, by the record's own tail.

    P(Y > log(far / record)) as in `record_p`, with nothing taken for granted: 1 where fewer than half of the record lies beyond the middle
    at all, for then nobody knows how far its events go (rain on one of nine days).

    Examples
    --------
    >>> tail_beyond(np.array([0.0, 0.0, 0.0, 0.07]), np.array([0.6])).tolist()
    [1.0]
    >>> tail_beyond(np.array([1.0, 1.0, 1.0]), np.array([2.0])).tolist()
    [0.0]
    """
    ordered = np.sort(own)[::-1]
    k = min(-(-len(own) // 2), len(own) - 1)
    if k < 1 or ordered[k] <= 0:
        return np.ones(len(far))
    spread = float(np.log(ordered[:k] / ordered[k]).sum())
    y = np.log(np.maximum(far / ordered[0], 1.0))
    return np.asarray((1 + y / spread) ** -k if spread > 0 else (y <= 0).astype(float))


def windows_together(length: int, known: int) -> float:
    """Return how many independent windows a run of that length is worth beside `known` reference windows.

    A fact that stays is one event and not L of them, but each doubling of its length makes it rarer: by half an event where the reference
    is long, by next to nothing where it is too short to know how long events last.

    >>> windows_together(1, 10), windows_together(4, 20)
    (1.0, 1.5)
    """
    return float(1.0 + 0.5 * np.log2(max(length, 1)) * known / (known + MEMORY_WINDOWS))


def share_needed(p: float, largest: float, windows: int, *, together: float = 1.0) -> float:
    """Return the share of rows from which a window (or so many `together`) has a p-value of at most `p` by events; it may exceed 1."""
    return largest * times_needed(p, windows, together=together)


def times_needed(p: float, windows: int, *, together: float = 1.0) -> float:
    """Return how many times the largest share of the reference's windows that is."""
    return 1.0 if p * (windows + 1) >= 1 else float(max((windows + 1) * p, 1e-300) ** (-1 / (INDEX * together)))
