"""Does the model say what was logged? Where not, what serves rows is not what is looked at here: training-serving skew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.errors import ModelError
from monitor.models.estimators import same_class
from monitor.models.model import Floats, Model
from monitor.vocabulary import Task

Bools = NDArray[np.bool_]

ENOUGH_EQUAL = 0.999
"""Share of rows from which the model is said to reproduce what was logged: the rest may have been corrected after they were scored."""
ALIKE = 0.8
"""Correlation from which scores that differ are those of a model of the same kind and data, as out-of-fold scores are."""
_FEWEST_DECIMALS = 2
"""Decimals to which probabilities are rounded at least; coarser ones cannot tell two models apart."""
_FINE = 4
_MOST_DECIMALS = 9
_ENOUGH_VALUES = 20
_SINGLE = 1e-6
"""Relative error of numbers that were kept in single precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduction:
    """How the model's answers compare with the logged ones on `n` rows (`left_out` had none).

    `what` was compared ("score" or "prediction"), after rounding to `decimals` where what was logged is rounded; `share_equal` in [0, 1];
    `largest_difference` in units of the score (nan for classes), `correlation` of both (nan where it is not defined); `window` the first
    with a difference, with `first_share` of its rows unequal; None where all is equal.
    """

    what: str
    n: int
    left_out: int
    decimals: int | None
    share_equal: float
    largest_difference: float
    correlation: float
    window: str | None
    first_share: float

    @property
    def reproduced(self) -> bool:
        """Whether the model says what was logged."""
        return self.n > 0 and self.share_equal >= ENOUGH_EQUAL

    @property
    def alike(self) -> bool:
        """Whether scores differ as those of sister models do: out-of-fold scores of a reference are made by others on purpose."""
        return not self.reproduced and self.correlation >= ALIKE


def reproduce(
    model: Model,
    rows: pd.DataFrame,
    *,
    score: Floats | None = None,
    prediction: Iterable[Any] | None = None,
    window: Iterable[str] | None = None,
) -> Reproduction:
    """Compare the model's answers on rows with the logged `score` (n,) or (n, classes), else with the logged `prediction` (n,).

    `window` (n,) are the ids of the rows' windows, in order of time. Rows without a logged answer are left out.

    Raises
    ------
    ModelError
        Neither was logged, or the model gives nothing that could be compared.
    """
    windows = np.array([""] * len(rows) if window is None else list(window), dtype=object)
    if score is not None and (model.chances is not None or model.task is Task.REGRESSION):
        return _scores(model, rows, np.asarray(score, dtype=np.float64), windows)
    if prediction is None:
        raise ModelError("There is nothing to compare the model with: no score or prediction was logged that it gives too.")
    logged = pd.Series(prediction if isinstance(prediction, pd.Series) else list(prediction)).reset_index(drop=True)
    if model.task is Task.REGRESSION:
        return _scores(model, rows, logged.to_numpy(np.float64, na_value=np.nan), windows, what="prediction")
    kept = logged.notna().to_numpy()
    said = model.predict(rows.loc[kept]) if kept.any() else np.zeros(0, dtype=object)
    equal = np.array([_same_answer(one, other, model) for one, other in zip(said, logged[kept], strict=True)], dtype=bool)
    return _compared("prediction", equal, np.full(len(equal), np.nan), np.nan, windows[kept], int((~kept).sum()))


def _same_answer(said: Any, logged: Any, model: Model) -> bool:
    """Say whether a logged class is the one said; a binary log may say true and false instead of its classes."""
    if isinstance(logged, (bool, np.bool_)) and len(model.classes) == 2:
        return bool(logged) == same_class(said, model.classes[1])
    return same_class(said, logged) or _as_number(said) == _as_number(logged)


def _as_number(value: Any) -> float | str:
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _scores(model: Model, rows: pd.DataFrame, logged: Floats, windows: NDArray[Any], what: str = "score") -> Reproduction:
    kept = np.asarray(np.isfinite(logged).reshape(len(rows), -1).all(axis=1))
    there = logged[kept]
    if not kept.any():
        return _compared(what, np.zeros(0, bool), np.zeros(0), np.nan, windows[kept], int((~kept).sum()))
    said = (model.predict if model.task is Task.REGRESSION else model.probability)(rows.loc[kept])
    decimals = _decimals(there, fewest=0 if model.task is Task.REGRESSION else _FEWEST_DECIMALS)
    difference = np.abs(said - there).reshape(len(there), -1).max(axis=1)
    allowed = _SINGLE * np.maximum(1.0, np.abs(there).reshape(len(there), -1).max(axis=1)) + (
        0 if decimals is None else 0.5 * 10.0**-decimals
    )
    return _compared(
        what, difference <= allowed, difference, _correlation(said, there), windows[kept], int((~kept).sum()), decimals=decimals
    )


def _decimals(logged: Floats, *, fewest: int) -> int | None:
    """Return the decimals that all logged numbers were rounded to, at least `fewest`, or None.

    A few numbers are round by chance: below 20 different ones only fine rounding counts.
    """
    fewest = fewest if len(np.unique(logged)) >= _ENOUGH_VALUES else max(fewest, _FINE)
    return next((d for d in range(fewest, _MOST_DECIMALS) if (np.abs(np.round(logged, d) - logged) <= 1e-3 * 10.0**-d).all()), None)


def _correlation(said: Floats, logged: Floats) -> float:
    one, other = said.ravel(), logged.ravel()
    if len(one) < 3 or one.std() == 0 or other.std() == 0:
        return float("nan")
    return float(np.corrcoef(one, other)[0, 1])


def _compared(
    what: str, equal: Bools, difference: Floats, correlation: float, windows: NDArray[Any], left_out: int, *, decimals: int | None = None
) -> Reproduction:
    first = windows[~equal][0] if not equal.all() else None
    return Reproduction(
        what=what,
        n=len(equal),
        left_out=left_out,
        decimals=decimals,
        share_equal=float(equal.mean()) if len(equal) else float("nan"),
        largest_difference=float(difference.max()) if len(difference) else float("nan"),
        correlation=correlation,
        window=None if first is None else str(first),
        first_share=float((~equal[windows == first]).mean()) if first is not None else 0.0,
    )
