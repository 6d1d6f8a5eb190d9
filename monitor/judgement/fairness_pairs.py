"""Gaps that the reference shows as well: of the two groups farthest apart, where neither side alone need be sure of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scipy import special

from monitor.analyses.fairness_groups import GapTrack, Pair
from monitor.stats.performance.disparity import Gap, between, gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Lasting:
    """A metric of the group `low` in parts of that of `high`: over all mature windows (`now`), and in the whole reference (`before`);
    `beyond` is how far, in bands, the interval of the surer side lies beyond the band."""

    low: GapTrack
    high: GapTrack
    now: Pair
    before: Pair
    beyond: float


def lasting_pairs(tracks: Sequence[GapTrack], *, edge: float, q: float) -> Iterator[Lasting]:
    """Yield, of each metric of an attribute and class, the two groups of production that lie farthest apart where they always did.

    Parameters
    ----------
    tracks : those that are judged, of all groups.
    edge : logarithm of the band.
    q : share of screens of groups alike on which any may be named.

    Notes
    -----
    Which two lie farthest apart is read off production: its interval allows for all pairs, that of the reference, whose rows had no part
    in it, only for the number of metrics. One of both has to lie beyond the band, the other side has to say the same within chance.
    """
    families: dict[tuple[str, str, str], list[GapTrack]] = {}
    for one in tracks:
        families.setdefault((one.attribute, one.klass, one.metric), []).append(one)
    for groups in families.values():
        found = None if len(groups) < 2 else _farthest(groups)
        if found is None:
            continue
        (low, high), scale, pairs = found, groups[0].scale, math.comb(len(groups), 2)
        now, before = (Pair(one=getattr(low, side).one, other=getattr(high, side).one) for side in ("pooled", "whole"))
        told = gap(now.one, now.other, scale), gap(before.one, before.other, scale)
        reach = [reach_of(q, len(families) * many) for many in (pairs, 1)]
        beyond = max(beyond_band(one, edge=edge, reach=each) for one, each in zip(told, reach, strict=True))
        if beyond > 1 and _alike(*told, edge=edge, reach=reach[1]):
            yield Lasting(low=low, high=high, now=now, before=before, beyond=beyond)


def _farthest(groups: Sequence[GapTrack]) -> tuple[GapTrack, GapTrack] | None:
    """Return the groups of the lowest and of the highest value over all mature windows, None where two have not rows enough."""
    found = between([one.pooled.one for one in groups], groups[0].scale)
    return None if found.few[0] else (groups[int(found.low[0])], groups[int(found.high[0])])


def _alike(now: Gap, before: Gap, *, edge: float, reach: float) -> bool:
    """Say whether both sides lie beyond the band to the same side, no farther from one another than chance lets them."""
    sizes = float(now.size[0]), float(before.size[0])
    apart = abs(sizes[0] - sizes[1]) <= reach * math.sqrt(float(now.variance[0] + before.variance[0]))
    return max(sizes) < -edge and apart


def reach_of(q: float, many: int) -> float:
    """Return how many standard errors the ends of an interval lie from its middle when so many are looked at (Bonferroni)."""
    return float(special.ndtri(1 - q / 2 / max(many, 1)))


def beyond_band(found: Gap, *, edge: float, reach: float) -> float:
    """Return how far the whole interval of a gap (1,) lies beyond the band, in bands: above 1 it does; 0 where nothing is known.

    Parameters
    ----------
    edge : logarithm of the band.
    reach : standard errors that the interval reaches.
    """
    if not math.isfinite(float(found.size[0])):
        return 0.0
    middle = float(found.size[0])
    low, high = (math.log(end) if end > 0 else -math.inf for end in (float(found.ratio_lower[0]), float(found.ratio_upper[0])))
    wider = reach / float(special.ndtri(0.975))
    low, high = middle - wider * max(middle - low, 0.0), middle + wider * max(high - middle, 0.0)
    return max(low, -high, 0.0) / edge
