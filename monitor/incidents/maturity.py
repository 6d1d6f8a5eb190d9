"""When labels have to be there: rows that are old enough to be judged, and those whose label is late."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.scene import TIME, Scene, Side

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

LATE = 0.98
"""Share of the reference's labels that are there after the time from which a row is said to be late."""
_DAY = 86_400e6
"""Microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """Which rows are old enough to be judged (`due`), and which of them are `late`."""

    due: Bools
    late: Bools


def comparable(scene: Scene) -> bool:
    """Say whether the reference's labels have a time where those of production have one: else nobody knows how late is usual."""
    kept = [bool(np.isfinite(_lag(scene, side)).any()) for side in (scene.reference, scene.production)]
    return kept[0] or not kept[1]


def usual_limit(scene: Scene, label: str) -> float:
    """Return the days after which nearly all labels of the reference were known; 0 where the moment is not kept."""
    lag = _lag(scene, scene.reference)
    known = lag[np.isfinite(lag) & scene.reference.frame[label].notna().to_numpy()]
    return float(np.quantile(known, LATE)) if len(known) else 0.0


def _lag(scene: Scene, side: Side) -> Floats:
    """Return the days from a row to its label, nan where either moment is unknown."""
    stamp = scene.workspace.case.roles.label_timestamp
    if stamp is None or stamp not in side.frame:
        return np.full(len(side), np.nan)
    lag = side.frame[stamp].to_numpy() - side.frame[TIME].to_numpy()
    return np.where(np.isnat(lag), np.nan, lag.astype("timedelta64[us]").astype(np.float64) / _DAY)


def lateness(scene: Scene, side: Side, label: str, limit: float) -> Lateness:
    """Say which rows are late: without a label though old enough, or with one that came after the limit."""
    time, lag = side.frame[TIME].to_numpy(), _lag(scene, side)
    seen = _seen(scene, side)
    age = (
        np.zeros(len(side))
        if np.isnat(seen)
        else np.where(np.isnat(time), np.inf, (seen - time).astype("timedelta64[us]").astype(np.float64) / _DAY)
    )
    missing = side.frame[label].isna().to_numpy()
    return Lateness(due=np.asarray(age >= limit), late=np.asarray(missing | (lag > limit)))


def _seen(scene: Scene, side: Side) -> np.datetime64:
    """Return the last moment that the data of a side know of: up to it labels could arrive."""
    stamp = scene.workspace.case.roles.label_timestamp
    moments = [side.frame[name] for name in (TIME, stamp) if name is not None and name in side.frame]
    latest = [moment.max() for moment in moments if moment.notna().any()]
    return np.datetime64(max(latest), "us") if latest else np.datetime64("NaT")
