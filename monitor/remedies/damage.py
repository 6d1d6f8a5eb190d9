"""Values of columns with a change taken away, or done to values that are right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.cause import MOMENTS, Cause, Hypothesis, Inverse
from monitor.incidents.picture import undone

Floats = NDArray[np.float64]

CURVES: Mapping[str, Callable[[Floats], Floats]] = {
    "exp": np.exp, "exp10": lambda x: 10.0**x, "expm1": np.expm1, "log": np.log, "log10": np.log10, "square": np.square, "root": np.sqrt,
}  # fmt: skip
"""What undoes a curve, by the kind of its inverse."""
WAYS: Mapping[str, Callable[[Floats], Floats]] = {"rounded": np.round, "cut off": np.trunc, "rounded down": np.floor, "rounded up": np.ceil}
LOST = frozenset({"missing", "stuck", "clip", "round", "shift"})
"""Kinds of changes after which the true values are not in the row any more."""
STEADY, MOST_LEVELS = 0.98, 30
"""Share of rows that have the value of the others of their hour, in columns that go by the hour; levels that may have a clock."""


def mended(frame: pd.DataFrame, cause: Hypothesis, days: Floats) -> pd.DataFrame | None:
    """Return rows with the change of their columns taken away; None where nothing says how.

    Parameters
    ----------
    days : (n,) days of each row since the change began.
    """
    inverse = cause.inverse
    if inverse is None or inverse.kind in LOST:
        return None
    columns = [name for name in cause.columns if name in frame]
    if inverse.kind == "trend":
        return frame.assign(**{name: frame[name] - inverse.scale * days for name in columns})
    if inverse.kind == "swap":
        return frame.assign(**{columns[0]: frame[inverse.other], inverse.other: frame[columns[0]]}) if inverse.other in frame else None
    found = {name: _undone(frame, name, inverse) for name in columns}
    kept = {name: values for name, values in found.items() if values is not None}
    return frame.assign(**kept) if kept else None


def _undone(frame: pd.DataFrame, column: str, inverse: Inverse) -> pd.Series | None:
    if inverse.kind in CURVES:
        with np.errstate(all="ignore"):
            return pd.Series(CURVES[inverse.kind](frame[column].to_numpy(dtype=np.float64)), index=frame.index)
    return undone(frame, column, inverse)


def damaged(frame: pd.DataFrame, cause: Hypothesis, time: NDArray[np.datetime64]) -> pd.DataFrame | None:
    """Return rows whose values are right with the change done to them; None where it cannot be done to them.

    Parameters
    ----------
    time : (n,) of each row.
    """
    inverse = cause.inverse or Inverse(kind="missing" if cause.cause in (Cause.LOST_COLUMN, Cause.MISSING_VALUES) else "")
    columns = [name for name in cause.columns if name in frame]
    if inverse.kind not in LOST or not columns or inverse.value == MOMENTS:
        return None
    if inverse.kind == "shift":
        return shifted(frame, columns, time, int(inverse.offset))
    change = _changes(inverse)
    return frame.assign(**{name: _changed(frame[name], change) for name in columns})


def _changes(inverse: Inverse) -> Callable[[Floats], Floats] | None:
    if inverse.kind == "clip":
        cut = np.minimum if inverse.value == "upper" else np.maximum
        return lambda values: np.where(np.isnan(values), values, cut(values, inverse.offset))
    if inverse.kind == "round":
        return partial(_on_steps, WAYS.get(inverse.value, np.round), inverse.scale)
    if inverse.kind == "stuck" and inverse.value:
        return lambda values: np.full(len(values), float(inverse.value))
    return None


def _on_steps(way: Callable[[Floats], Floats], step: float, values: Floats) -> Floats:
    return np.asarray(way(values / step) * step)


def _changed(values: pd.Series, change: Callable[[Floats], Floats] | None) -> pd.Series:
    if change is None:
        number = pd.api.types.is_numeric_dtype(values.dtype)
        return pd.Series(np.nan if number else None, index=values.index, dtype=np.float64 if number else object)
    return pd.Series(change(values.to_numpy(dtype=np.float64)), index=values.index)


def shifted(frame: pd.DataFrame, columns: list[str], time: NDArray[np.datetime64], hours: int) -> pd.DataFrame | None:
    """Return rows with the values that stood some hours earlier (below 0: later) at their place; None where no place has a clock."""
    if np.isnat(time).any() or not len(frame):
        return None
    hour = time.astype("datetime64[h]").astype(np.int64)
    place = _place(frame, columns, hour)
    if place is None:
        return None
    key, wanted = (pd.MultiIndex.from_arrays([place, one]) for one in (hour, hour - hours))
    held = frame[columns].set_axis(key).loc[lambda one: ~one.index.duplicated()]
    found = held.reindex(wanted)
    there = wanted.isin(held.index)
    return frame.assign(**{name: np.where(there, found[name].to_numpy(), np.nan) for name in columns})


def _place(frame: pd.DataFrame, columns: list[str], hour: NDArray[np.int64]) -> NDArray[np.object_] | None:
    """Return the place of each row whose clock columns follow, the one of fewest levels that will do; None where none does."""
    levels = {name: frame[name].nunique() for name in frame.columns if not pd.api.types.is_float_dtype(frame[name].dtype)}
    few = sorted((n, str(name)) for name, n in levels.items() if 1 < n <= MOST_LEVELS)
    for name in ("", *(one for _, one in few)):
        place = np.asarray(frame[name].astype(str) if name else [""] * len(frame), dtype=object)
        first = frame[columns].groupby([place, hour]).transform("first")
        same = (frame[columns] == first) | frame[columns].isna()
        if same.to_numpy().mean() >= STEADY:
            return place
    return None
