"""When labels have to be there: rows that are old enough to be judged, and those whose label is late.

Whatever tells of the labels of an incident (its cause, what it did, remedies) asks `counting`, so that all speak of the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.label_maturity import in_by_share
from monitor.incidents.clock import to_utc
from monitor.incidents.scene import TIME, WINDOW, Scene, Side
from monitor.judgement.finding import NO_TIME

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

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
    return limit_of(_lag(scene, scene.reference)[scene.reference.frame[label].notna().to_numpy()])


def limit_of(lag: Floats) -> float:
    """Return the time after which nearly all labels were known, of the times that each took (nan: not kept); 0 where none is kept."""
    known = lag[np.isfinite(lag)]
    return float(np.quantile(known, LATE)) if len(known) else 0.0


def counting(age: Floats, limit: float, windows: tuple[Ints, Bools], *, kept: bool) -> Bools:
    """Say which rows are old enough for their labels to count, (n,): of younger ones the bad labels may be known first.

    Parameters
    ----------
    age : (n,) from each row to the last moment that the data know of, in the unit of `limit`; nan: a row without a time, which counts.
    windows : (n,) each row's window, in order of time, and whether it has a label, for where no moments of labels are `kept`.
    """
    if limit > 0:
        return np.asarray(~(age < limit))
    if kept:
        return np.ones(len(age), dtype=bool)
    window, labelled = windows
    size = int(window.max(initial=-1)) + 1
    return in_by_share(np.bincount(window[labelled], minlength=size), np.bincount(window, minlength=size))[window]


def _lag(scene: Scene, side: Side) -> Floats:
    """Return the days from a row to its label, nan where either moment is unknown."""
    stamp = scene.workspace.case.roles.label_timestamp
    if stamp is None or stamp not in side.frame:
        return np.full(len(side), np.nan)
    lag = side.frame[stamp].to_numpy() - side.frame[TIME].to_numpy()
    return np.where(np.isnat(lag), np.nan, lag.astype("timedelta64[us]").astype(np.float64) / _DAY)


def due_rows(scene: Scene, labelled: Bools) -> Bools:
    """Say which rows of production are old enough for their labels to count, (n,)."""
    roles, side = scene.workspace.case.roles, scene.production
    kept = roles.label_timestamp is not None and roles.label_timestamp in side.frame
    return counting(_age(scene, side), usual_limit(scene, roles.label or ""), (side.frame[WINDOW].to_numpy(), labelled), kept=kept)


def labelled_until(scene: Scene) -> np.datetime64:
    """Return the moment up to which labels that count are in, UTC: that of the last row with one, where later windows have none."""
    label, frame = scene.workspace.case.roles.label, scene.production.frame
    if label is None or label not in frame:
        return NO_TIME
    labelled = frame[label].notna().to_numpy()
    known = labelled & due_rows(scene, labelled) & frame[TIME].notna().to_numpy()
    if not known.any() or frame[WINDOW].to_numpy()[known].max() >= frame[WINDOW].max():
        return NO_TIME
    return to_utc(np.datetime64(frame.loc[known, TIME].max(), "us"), scene.workspace.case.timezone)


def lateness(scene: Scene, side: Side, label: str, limit: float) -> Lateness:
    """Say which rows are late: without a label though old enough, or with one that came after the limit."""
    lag, missing = _lag(scene, side), side.frame[label].isna().to_numpy()
    return Lateness(due=np.asarray(_age(scene, side) >= limit), late=np.asarray(missing | (lag > limit)))


def _age(scene: Scene, side: Side) -> Floats:
    """Return the days from a row to the last moment that the data of its side know of; inf where the row has no time."""
    time, seen = side.frame[TIME].to_numpy(), _seen(scene, side)
    if np.isnat(seen):
        return np.zeros(len(side))
    return np.where(np.isnat(time), np.inf, (seen - time).astype("timedelta64[us]").astype(np.float64) / _DAY)


def _seen(scene: Scene, side: Side) -> np.datetime64:
    """Return the last moment that the data of a side know of: up to it labels could arrive."""
    stamp = scene.workspace.case.roles.label_timestamp
    moments = [side.frame[name] for name in (TIME, stamp) if name is not None and name in side.frame]
    latest = [moment.max() for moment in moments if moment.notna().any()]
    return np.datetime64(max(latest), "us") if latest else np.datetime64("NaT")
