"""An earlier version instead of the one that serves: where it answered the same rows, or rows like them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.errors import ColumnMissingError, ModelError
from monitor.incidents.cause import Cause
from monitor.models.reproduce import reproduce
from monitor.remedies.gains import apart, blocks_of, gains_beside, gains_of
from monitor.remedies.ground import FEWEST, Ground
from monitor.remedies.kinds import REMOVES, SERVICE, Basis, Remedy, Why
from monitor.remedies.option import Option, Tried
from monitor.retraining.rows import level_text

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
ASKED = 5_000
"""Rows of the earlier version by which it is seen whether the model file is that version."""
FINE = "ok"
"""What calls that went well are told as, where nothing is commoner."""


def roll_back(ground: Ground) -> Option:
    """Return what the earlier version would have brought."""
    cause = ground.cause.cause
    option = Option(remedy=Remedy.ROLLBACK, basis=Basis.NONE, removes=REMOVES.get(cause) is Remedy.ROLLBACK)
    name = ground.history.case.roles.model_version
    if name is None or name not in ground.history.frame:
        return option.because(Why.NO_VERSION)
    version = np.asarray(ground.history.frame[name].map(level_text, na_action="ignore").astype(object), dtype=object)
    now = _commonest(version[ground.hit])
    then = _earlier(ground, version, now)
    if now is None or then is None:
        return option.because(Why.NO_VERSION if now is None or cause is Cause.MODEL_VERSION else Why.SAME_VERSION)
    option = replace(option, told=then)
    if cause in SERVICE:
        served = ((version == now) & ground.before).sum() >= FEWEST  # as it should, before anything happened: it is not what happened
        option = replace(option, removes=option.removes and not served)
        return _served(ground, option, (version == now) & ground.hit, version == then)
    mine = ground.hit & (version == now) & ground.used & np.isfinite(ground.history.score)
    if mine.sum() < FEWEST:
        return option.because(Why.FEW_LABELS)
    return _same_rows(ground, option, mine, version == then) or _other_rows(ground, option, mine, version == then)


def _commonest(version: NDArray[np.object_]) -> str | None:
    known = pd.Series(version).dropna()
    return None if known.empty else str(known.value_counts().index[0])


def _earlier(ground: Ground, version: NDArray[np.object_], now: str | None) -> str | None:
    """Return the version that served the place before, the last windows first; None where it is the same."""
    before = np.flatnonzero(ground.before & ~pd.isna(version))
    last = before[np.argsort(ground.history.time[before], kind="stable")][-ASKED:]
    then = _commonest(version[last])
    return None if then == now else then


def _same_rows(ground: Ground, option: Option, mine: Bools, theirs: Bools) -> Option | None:
    """Score the rows concerned by the model file, where it says what the earlier version said; None where it does not."""
    if ground.model is None or not _is_that_version(ground, theirs):
        return None
    rows = ground.spread(mine)
    said = ground.decided(ground.asked(ground.history.frame.loc[rows]))
    found = option.tried(Basis.SIMULATED, gains_of(ground.truth(rows), ground.served.take(rows), said))
    moved = float(np.nanmean(np.abs(said.score - ground.served.score[rows])))
    return replace(found, moved=moved, answers=Tried(rows, said.spread(rows)))


def _is_that_version(ground: Ground, theirs: Bools) -> bool:
    rows = ground.spread(theirs & np.isfinite(ground.history.score), ASKED)
    if not rows.any() or ground.model is None:
        return False
    try:
        return reproduce(ground.model, ground.history.frame.loc[rows], score=ground.history.score[rows]).reproduced
    except (ModelError, ColumnMissingError):
        return False


def _other_rows(ground: Ground, option: Option, mine: Bools, theirs: Bools) -> Option:
    """Compare with rows that the earlier version answered in the same place at the same time."""
    usable = theirs & ground.used & np.isfinite(ground.history.score)
    rows = _together(ground, mine, usable & ground.around)
    if rows is None:
        return option.because(Why.NO_OVERLAP)
    return option.tried(Basis.BESIDE, gains_beside(*((ground.truth(one), ground.served.take(one)) for one in rows)))


def _together(ground: Ground, mine: Bools, theirs: Bools) -> tuple[Bools, Bools] | None:
    """Return the rows of both versions in the time in which both served; None where these are too few."""
    time = ground.history.time
    if not mine.any() or not theirs.any():
        return None
    low, high = max(time[mine].min(), time[theirs].min()), min(time[mine].max(), time[theirs].max())
    both = (time >= low) & (time <= high)
    rows = mine & both, theirs & both
    return rows if min(one.sum() for one in rows) >= FEWEST else None


def _served(ground: Ground, option: Option, mine: Bools, theirs: Bools) -> Option:
    """Compare how calls went: with those that the earlier version answered in the same place at the same time, else before."""
    metric, values = _service(ground)
    if values is None:
        return option.because(Why.NOT_ANSWERS)
    ours, other = _together(ground, mine, theirs & ground.around) or (mine, theirs & ground.around & ground.before)
    found = apart(metric, (values[ours], values[other]), (blocks_of(ground.history.time[ours]), blocks_of(ground.history.time[other])))
    return option.because(Why.FEW_ROWS) if found is None else option.tried(Basis.BESIDE, (found,))


def _service(ground: Ground) -> tuple[str, Floats | None]:
    """Return what a cause moves in the service, by row."""
    roles, frame = ground.history.case.roles, ground.history.frame
    if ground.cause.cause is Cause.ERRORS:
        name = roles.status
        if name is None or name not in frame:
            return "error_share", None
        texts = frame[name].astype(str)
        usual = texts[~ground.history.production]
        return "error_share", np.asarray(texts != (usual.mode().iloc[0] if len(usual) else FINE), dtype=np.float64)
    name, metric = (roles.cost, "cost") if ground.cause.cause is Cause.COST else (roles.latency_ms, "latency_ms")
    return metric, None if name is None or name not in frame else pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=np.float64)
