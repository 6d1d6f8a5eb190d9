"""The groups of a protected attribute, and the metrics of each beside those of all other rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Side
from monitor.engine import Levels
from monitor.stats.performance.disparity import Scale, scale_of
from monitor.stats.performance.estimates import Estimate
from monitor.wording import number_text

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Found = Mapping[tuple[str, str], Estimate]
Measure = Callable[[Side, Bools], Found]

MOST_GROUPS = 12
"""Groups of an attribute that are told: the commonest; the rows of all stand on the other side of each."""
RANGES = 4
UNLABELLED = frozenset({"selection_rate"})
"""Metrics that need no label: they are told of all rows, and no window has to wait for them."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups by name; `reference` and `production` (n,) say which of them each row belongs to: -1 none (its value is missing), len(names)
    one of the rare ones that are not told."""

    names: tuple[str, ...]
    reference: Ints
    production: Ints


def groups_of(reference: Levels, production: Levels, *, numeric: bool) -> Groups:
    """Return the groups that the rows of both sides belong to: levels, or of many numbers the quarters of the reference."""
    known = dict.fromkeys((*reference.names, *production.names))
    if numeric and len(known) > MOST_GROUPS:
        return _ranges(reference, production)
    count = dict.fromkeys(known, 0)
    for side in (reference, production):
        rows = np.bincount(side.code[side.code >= 0], minlength=len(side.names))
        for name, n in zip(side.names, rows.tolist(), strict=True):
            count[name] += n
    names = tuple(sorted(sorted((name for name in count if count[name]), key=lambda name: -count[name])[:MOST_GROUPS]))
    return Groups(names, *(_coded(side, names) for side in (reference, production)))


def _coded(side: Levels, names: tuple[str, ...]) -> Ints:
    lookup = np.array([*(names.index(name) if name in names else len(names) for name in side.names), -1], dtype=np.int64)
    return np.asarray(lookup[side.code])


def _ranges(reference: Levels, production: Levels) -> Groups:
    numbers = [np.array([*(float(name) for name in side.names), np.nan])[side.code] for side in (reference, production)]
    cut = np.unique(np.nanquantile(numbers[0], np.arange(1, RANGES) / RANGES))
    middle = (f"{number_text(a, 4)} to {number_text(b, 4)}" for a, b in pairwise(cut))
    names = (f"≤ {number_text(cut[0], 4)}", *middle, f"> {number_text(cut[-1], 4)}")
    return Groups(names, *(np.where(np.isfinite(side), np.searchsorted(cut, side, side="left"), -1) for side in numbers))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A metric of a group (`one`) beside that of all other rows with a known group (`other`), by window."""

    one: Estimate
    other: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class GapTrack:
    """One metric of one group and class: in production by window and in all of its mature windows together (`pooled`), in the reference's
    own windows and in the whole reference."""

    attribute: str
    label: str
    group: str
    klass: str
    metric: str
    production: Pair
    pooled: Pair
    own: Pair
    whole: Pair

    @property
    def scale(self) -> Scale:
        """How the group is compared."""
        return scale_of(self.metric)

    @property
    def name(self) -> str:
        """Its name among the others."""
        return "~".join(part for part in (self.metric, self.klass, self.attribute, self.group) if part)


def gap_tracks(attribute: tuple[str, str], groups: Groups, outcome: Outcome, sides: tuple[Side, Side], mature: Bools) -> Iterator[GapTrack]:
    """Yield every metric of every group.

    Parameters
    ----------
    attribute : name and label of the column.
    mature : (w,) windows of production whose labels are in.
    """
    reference, production = sides
    ripe = Side(production.known, np.where((production.window >= 0) & mature[production.window], 0, -1), 1)
    every = Side(production.known, np.where(production.window >= 0, 0, -1), 1)
    whole = Side(reference.known, np.where(reference.window >= 0, 0, -1), 1)
    codes = groups.production, groups.reference
    found = {
        "production": _pairs(outcome, (production, production), codes[0], len(groups.names)),
        "pooled": _pairs(outcome, (ripe, every), codes[0], len(groups.names)),
        "own": _pairs(outcome, (reference, reference), codes[1], len(groups.names)),
        "whole": _pairs(outcome, (whole, whole), codes[1], len(groups.names)),
    }
    for place, group in enumerate(groups.names):
        for metric, klass in found["production"][place]:
            told = {name: pairs[place].get((metric, klass)) for name, pairs in found.items()}
            pairs = {name: pair for name, pair in told.items() if pair is not None}
            if len(pairs) == len(told):
                yield GapTrack(attribute=attribute[0], label=attribute[1], group=group, klass=klass, metric=metric, **pairs)


def _pairs(outcome: Outcome, sides: tuple[Side, Side], code: Ints, many: int) -> list[dict[tuple[str, str], Pair]]:
    """Return every metric of each group beside all others; `sides` of metrics that need labels, and of those that do not."""
    ways: list[tuple[Measure, Side]] = [(outcome.found, sides[0])] if outcome.answers.label else []
    ways.append((outcome.decisions, sides[1]))
    told = [_by_group(measure, side, code, many) for measure, side in ways]
    pairs = []
    for place in range(many):
        others = (code >= 0) & (code != place)
        rest = {key: one for measure, side in ways for key, one in measure(side, others).items()}
        mine = {key: one for part in told for key, one in part[place].items()}
        pairs.append({key: Pair(one=one, other=rest[key]) for key, one in mine.items() if key in rest})
    return pairs


def _by_group(measure: Measure, side: Side, code: Ints, many: int) -> list[Found]:
    """Measure all groups at once: a group's windows are windows of their own."""
    kept = (code >= 0) & (code < many)
    window = np.where(side.window >= 0, np.where(kept, code, 0) * side.windows + side.window, -1)
    read = replace(side.known.read, block=side.known.read.block * (many + 2) + code)
    apart = Side(replace(side.known, read=read), window, many * side.windows)
    parts = {key: _parted(one, many) for key, one in measure(apart, kept).items()}
    return [{key: groups[place] for key, groups in parts.items()} for place in range(many)]


def _parted(one: Estimate, many: int) -> list[Estimate]:
    parts = {name: np.split(getattr(one, name), many) for name in Estimate.__slots__}
    return [Estimate(**{name: values[place] for name, values in parts.items()}) for place in range(many)]
