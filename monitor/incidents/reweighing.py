"""What moves because shares of rows moved: the reference, weighed as production is mixed, beside production."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.cause import Proof
from monitor.incidents.scene import Scene, in_segment
from monitor.vocabulary import Kind, Role

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

_MOST_ROWS = 20_000
_BINS = 20
_LEVELS = 50


def moved_before_and_after(scene: Scene, segment: Mapping[str, str], inside: Bools, told: Collection[str]) -> tuple[float, Proof]:
    """Return which share of the distances of columns is gone when the reference holds as much of a segment as production does, 0..1, and
    the proof: the total variation that went down most, or the segment's own share where no other column owes it half of its distance.

    Columns that are `told` of (that drift) and those of the segment itself ask for an explanation.
    """
    now = _sampled(scene.production.frame[inside])
    then = _sampled(scene.reference.frame)
    mine_now, mine_then = in_segment(now, segment), in_segment(then, segment)
    weight = _weights(mine_now, mine_then)
    plain = np.full(len(then), 1.0 / max(len(then), 1))
    left = [_Distance(1.0 / max(len(now), 1), 0.0, 0.0, own=True)]  # a segment's own share is always explained, however little moved
    for name in _columns(scene):
        if not (name in told or name in segment) or name not in now or name not in then:
            continue
        a, b, size = _codes(then[name], now[name])
        noise = float(np.sqrt(size / max(min(len(now), len(then)), 1)) / 2)
        before, after = (_distance(a, part, b, size) for part in (plain, weight))
        if before > noise:
            left.append(_Distance(before, after, noise, own=name in segment))
    gone = 1.0 - sum(max(one.after - one.noise, 0.0) for one in left) / sum(one.before - one.noise for one in left)
    best = max(left, key=lambda one: (not one.own, one.before - one.after))
    if best.own or best.after > best.before / 2:
        proof = Proof(measure="level", before=float(mine_then.mean()), after=float(mine_now.mean()), rows=len(now))
    else:
        proof = Proof(measure="tv", before=best.before, after=best.after, rows=len(now))
    return float(np.clip(gone, 0.0, 1.0)), proof


@dataclass(frozen=True, slots=True)
class _Distance:
    """Total variation of a column from the reference, `before` it is reweighed and `after`, and what chance makes; `own`: the segment's."""

    before: float
    after: float
    noise: float
    own: bool


def _columns(scene: Scene) -> list[str]:
    kinds = (Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN)
    return [info.name for info in scene.workspace.columns.values() if info.role is Role.FEATURE and info.kind in kinds]


def _sampled(frame: pd.DataFrame) -> pd.DataFrame:
    """Return evenly spaced rows."""
    step = max(len(frame) // _MOST_ROWS, 1)
    return frame.iloc[::step]


def _weights(now: Bools, then: Bools) -> Floats:
    """Return weights of rows of the reference, of sum 1, that give a segment the share that it has now."""
    share = float(now.mean()) if len(now) else 0.0
    weight = np.where(then, share / max(int(then.sum()), 1), (1.0 - share) / max(int((~then).sum()), 1))
    return np.asarray(weight / max(weight.sum(), 1e-12))


def _codes(then: pd.Series, now: pd.Series) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Return the cells of both sides on one scale, missing as a cell of its own, and how many there are."""
    if isinstance(then.dtype, pd.CategoricalDtype):
        common = list(then.value_counts().index[:_LEVELS])
        place = {level: i for i, level in enumerate(common)}
        last = len(common)
        one, other = (np.asarray(side.astype(object).map(place).fillna(last), dtype=np.int64) for side in (then, now))
        return one, other, last + 1
    known = then.dropna().to_numpy()
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    one, other = (
        np.asarray(np.where(side.isna(), len(edges) + 1, np.searchsorted(edges, side.to_numpy(), side="right")), dtype=np.int64)
        for side in (then, now)
    )
    return one, other, len(edges) + 2


def _distance(then: NDArray[np.int64], weight: Floats, now: NDArray[np.int64], size: int) -> float:
    """Return the total variation between weighted cells and cells."""
    p = np.bincount(then, weights=weight, minlength=size)
    q = np.bincount(now, minlength=size) / max(len(now), 1)
    return float(np.abs(p - q).sum() / 2)


def distance_within(scene: Scene, like: Bools, hit: Bools, told: Collection[str]) -> float:
    """Return the largest total variation of columns that are told of, of the rows hit beside rows of the reference that are `like` them."""
    now = _sampled(scene.production.frame[hit])
    then = _sampled(scene.reference.frame[like])
    if not len(now) or not len(then):
        return 0.0
    farthest = 0.0
    for name in _columns(scene):
        if name in told and name in now and name in then:
            a, b, size = _codes(then[name], now[name])
            noise = float(np.sqrt(size / min(len(now), len(then))) / 2)
            farthest = max(farthest, _distance(a, np.full(len(a), 1.0 / len(a)), b, size) - noise)
    return farthest
