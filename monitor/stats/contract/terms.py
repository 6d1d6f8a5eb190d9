"""Terms of one column that what it shows suggests: the rules of Deequ (Schelter et al. 2018) where they hold on windows held out.

What Deequ proposes as equality of a mean or a standard deviation breaks on every other batch and is not copied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.contract.bounds import Bools, Floats, Ints, Tried, allowed_share, breaks, lower_end, share_bounds, tried, upper_end

MOST_ONCE, MOST_ONCE_OF_TOP = 0.1, 0.4
"""Share of levels that appear once, up to which all levels, or the commonest, are a list."""
COVERED = 0.9
"""Share of rows that the commonest levels hold together."""
MOST_OUTSIDE = 0.5
"""Share of rows outside of a list from which it says nothing of the others."""
PURE, MOST_SPELLS = 0.9, 12
"""Share of rows at the commonest level of their window, and spells of one level, by which levels follow each other."""
FEW = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05)
"""Shares of rows at other levels that are tried as what is allowed."""


@dataclass(frozen=True, slots=True)
class Range:
    """Ends of a range, None where nothing holds, with the checks that were made and broke."""

    low: float | None
    high: float | None
    checks: int
    broke: int


def range_of(low: Floats, high: Floats) -> Range:
    """Return the range that the smallest and largest values of windows (w,) suggest; windows without a value are nan."""
    if not np.isfinite(low).any():
        return Range(None, None, 0, 0)
    ends = lower_end(low, high), upper_end(low, high)
    return Range(ends[0].value, ends[1].value, max(one.checks for one in ends), sum(one.broke for one in ends))


@dataclass(frozen=True, slots=True)
class LevelList:
    """Levels to allow, and the share of rows that may lie outside; none where no list holds."""

    levels: tuple[str, ...]
    outside: float
    checks: int = 0
    broke: int = 0


NO_LIST = LevelList((), 0.0)


def level_list(levels: Mapping[str, Ints]) -> LevelList:
    """Return the list of levels that rows of windows (w,) by level suggest.

    All of them where at most a tenth appears once and windows held out hardly have others; else the commonest that hold nine tenths of
    the rows, where at most four tenths appear once. None where levels follow each other in long spells, as seasons and versions do: which
    comes next is not known.
    """
    if not levels:
        return NO_LIST
    names = list(levels)
    counts = np.array([levels[name] for name in names])  # (k, w)
    once = float((counts.sum(axis=1) == 1).mean())
    if _in_turn(counts):
        return NO_LIST
    if once <= MOST_ONCE:
        found = _others(counts)
        if found.value is not None:
            return LevelList(tuple(names), found.value, found.checks, found.broke)
    if once > MOST_ONCE_OF_TOP:
        return NO_LIST
    return _commonest(names, counts)


def _in_turn(counts: Ints) -> bool:
    """Say whether windows hold one level each, or nearly so, and a few spells of them are all that there is."""
    rows = counts.sum(axis=0)
    told = counts[:, rows > 0]
    if not told.shape[1] or float(told.max(axis=0).sum() / told.sum()) < PURE:
        return False
    spells = 1 + int((np.diff(told.argmax(axis=0)) != 0).sum())
    return bool(2 <= spells <= min(MOST_SPELLS, told.shape[1] // 3))


def _others(counts: Ints) -> Tried:
    def broken(allowed: float, made: Bools, other: Bools) -> tuple[int, int]:
        unseen = counts[:, made].sum(axis=1) == 0
        hits, known = counts[unseen][:, other].sum(axis=0), counts[:, other].sum(axis=0)
        return int(breaks(hits, known, allowed).sum()), int((known > 0).sum())

    return tried(counts.shape[1], FEW, broken)


def _commonest(names: Sequence[str], counts: Ints) -> LevelList:
    total = counts.sum(axis=1)
    order = np.argsort(-total, kind="stable")
    held = np.cumsum(total[order]) / max(total.sum(), 1)
    top = order[: int(np.searchsorted(held, COVERED)) + 1]
    if len(top) == len(names):
        return NO_LIST
    inside = np.isin(np.arange(len(names)), top)
    found = allowed_share(counts[~inside].sum(axis=0), counts.sum(axis=0))
    bound = 1 - share_bounds(float(held[len(top) - 1]), int(total.sum()))[0]
    if found.value is None or max(found.value, bound) > MOST_OUTSIDE:
        return NO_LIST
    return LevelList(tuple(names[i] for i in sorted(top)), max(found.value, bound), found.checks, found.broke)


_CLASSES = (("[A-Z]", str.isupper), ("[a-z]", str.islower), ("[0-9]", str.isdigit))


def pattern_of(values: Sequence[str], most: int = 3) -> str:
    r"""Return a regular expression that all values follow: classes of letters with their lengths, in at most so many forms; empty if none.

    Examples
    --------
    >>> pattern_of(["AB-12", "CD-345"]), pattern_of(["a", "1", "-", "B"])
    ('[A-Z]{2}-[0-9]{2,3}', '')
    """
    forms: dict[tuple[str, ...], list[list[int]]] = {}
    for value in values:
        parts = _parts(value)
        lengths = forms.setdefault(tuple(name for name, _ in parts), [])
        lengths.append([length for _, length in parts])
        if len(forms) > most:
            return ""
    written = [_written(names, np.array(lengths)) for names, lengths in forms.items() if names]
    return "|".join(sorted(written)) if len(written) == len(forms) else ""


def _parts(value: str) -> list[tuple[str, int]]:
    """Return the classes of letters of a text, each with how many follow each other."""
    found: list[tuple[str, int]] = []
    for letter in value:
        name = next((name for name, holds in _CLASSES if holds(letter) and letter.isascii()), _literal(letter))
        if found and found[-1][0] == name:
            found[-1] = (name, found[-1][1] + 1)
        else:
            found.append((name, 1))
    return found


def _literal(letter: str) -> str:
    return letter if letter in "-_/:, @" else re.escape(letter)


def _written(names: Sequence[str], lengths: NDArray[np.int64]) -> str:
    parts = []
    for name, low, high in zip(names, lengths.min(axis=0), lengths.max(axis=0), strict=True):
        size = "" if low == high == 1 else f"{{{low}}}" if low == high else f"{{{low},{high}}}"
        parts.append(f"{name}{size}")
    return "".join(parts)


def completeness_bound(present: int, rows: int, *, method: str = "wilson") -> float | None:
    """Return the share of values that a column has at least (Deequ: RetainCompleteness); None where it is not between 0.2 and 1.

    Examples
    --------
    >>> completeness_bound(10, 16, method="wald"), completeness_bound(10, 16), completeness_bound(16, 16)
    (0.38, 0.38, None)
    """
    share = present / max(rows, 1)
    return share_bounds(share, rows, method=method)[0] if 0.2 < share < 1 and not math.isclose(share, 1) else None
