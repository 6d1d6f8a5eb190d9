"""The input mended: rows concerned scored again, or, where their true values are lost, what the damage costs where they are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.engine import sample
from monitor.errors import ColumnMissingError, ModelError
from monitor.incidents.cause import Cause
from monitor.incidents.within.schema import read_numbers
from monitor.remedies.damage import damaged, mended, shifted
from monitor.remedies.gains import gains_beside, gains_of
from monitor.remedies.ground import DAY, FEWEST, Ground
from monitor.remedies.kinds import REMOVES, Basis, Remedy, Why
from monitor.remedies.option import Option, Tried
from monitor.retraining.rows import MOST_ROWS

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def patch(ground: Ground) -> Option:
    """Return what mending the input would have brought."""
    cause = ground.cause
    plain = Option(remedy=Remedy.PATCH, basis=Basis.NONE, removes=REMOVES.get(cause.cause) is Remedy.PATCH)
    if not plain.removes:
        return plain.because(Why.NOT_INPUT)
    if cause.cause is Cause.DUPLICATED_ROWS:
        return plain.because(Why.COPIES)
    if ground.model is None:
        return _beside(ground, plain) or plain.because(Why.NO_MODEL, ground.why_no_model)
    try:
        return _scored_again(ground, plain) or _on_reference(ground, plain) or plain.because(Why.NO_INVERSE)
    except (ModelError, ColumnMissingError) as error:
        return plain.because(Why.NO_MODEL, str(error))


def _scored_again(ground: Ground, plain: Option) -> Option | None:
    """Score the rows concerned as they came and mended; None where their values cannot be mended."""
    rows = ground.spread(ground.hit & ground.used)
    if rows.sum() < FEWEST:
        return plain.because(Why.FEW_LABELS)
    frame = ground.history.frame.loc[rows]
    back = _mended(ground, rows, frame)
    if back is None:
        return None
    answers = [ground.decided(ground.asked(one)) for one in (frame, back)]
    found = plain.tried(Basis.SIMULATED, gains_of(ground.truth(rows), *answers), moved=_moved(answers[0].score, answers[1].score))
    return replace(found, answers=Tried(rows, answers[1].spread(rows)))


def _mended(ground: Ground, rows: Bools, frame: pd.DataFrame) -> pd.DataFrame | None:
    cause, time = ground.cause, ground.history.time
    if cause.cause is Cause.SCHEMA_CHANGE:
        back = mended(frame, cause, np.zeros(len(frame)))
        texts = _read_again(ground, rows)
        return back if not texts else (frame if back is None else back).assign(**texts)
    if cause.inverse is not None and cause.inverse.kind == "shift":  # later rows of the same place hold the true values
        whole = ground.history.production & ~np.isnat(time)
        back = shifted(ground.history.frame.loc[whole], list(cause.columns), time[whole], -int(cause.inverse.offset))
        return None if back is None else back.loc[frame.index]
    return mended(frame, cause, (time[rows] - ground.begun) / DAY)


def _read_again(ground: Ground, rows: Bools) -> Mapping[str, Floats]:
    """Return the numbers of columns that came as text, read out of it, for some rows."""
    history, side = ground.history, ground.production
    names = [name for name in ground.cause.columns if name in history.features and side.data in ground.workspace.columns[name].types]
    size = history.case.windows if ground.workspace.schema.time(side.data) else WindowSize(1, "whole")
    table = sample(ground.workspace, side, names, rows=MOST_ROWS, seed=ground.seed, windows=size).to_pandas()
    mine = rows[history.production]
    found = {name: read_numbers(table.loc[mine, name]) for name in names if table[name].dtype == object}
    return {name: values for name, values in found.items() if np.isfinite(values).any()}


def _on_reference(ground: Ground, plain: Option) -> Option | None:
    """Do the damage to rows of the reference in the same place and score them as they are and damaged; None where it cannot be done."""
    rows = ground.spread(ground.alike & ground.used)
    if rows.sum() < FEWEST:
        rows = ground.spread(~ground.history.production & ground.used)
    if rows.sum() < FEWEST:
        return plain.because(Why.FEW_LABELS)
    frame = ground.history.frame.loc[rows]
    worse = damaged(frame, ground.cause, ground.history.time[rows])
    if worse is None:
        return None
    answers = [ground.decided(ground.asked(one)) for one in (worse, frame)]
    return plain.tried(Basis.ON_REFERENCE, gains_of(ground.truth(rows), *answers), moved=_moved(answers[0].score, answers[1].score))


def _beside(ground: Ground, plain: Option) -> Option | None:
    """Compare the rows concerned with those of the same place in the reference, where no model can be asked; None where that shows no loss:
    other things may have changed as well."""
    answered = ground.used & np.isfinite(ground.history.score)
    sides = ground.hit & answered, ground.alike & answered
    if min(one.sum() for one in sides) < FEWEST:
        return None
    gains = gains_beside(*((ground.truth(one), ground.served.take(one)) for one in sides))
    found = plain.tried(Basis.BESIDE, gains)
    return None if found.hurts or not found.gains else found


def _moved(first: Floats, second: Floats) -> float:
    """Return the mean distance between two answers."""
    return float(np.nanmean(np.abs(first - second)))
