"""A fitted scikit-learn estimator, or one that behaves like it, as a Model of a case."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.case import Case
from monitor.errors import ModelError
from monitor.models.encoders import Origin, origins, with_none
from monitor.models.frames import readable
from monitor.models.hist_boosting import forest_of
from monitor.models.model import Encoding, Floats, Linear, Model, Unit, threshold_of
from monitor.vocabulary import Task

BOOSTERS = ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
_LOG_ODDS = (*BOOSTERS, "GradientBoostingClassifier", "LogisticRegression", "LogisticRegressionCV")
_LINEAR = (
    *("LogisticRegression", "LogisticRegressionCV", "LinearRegression", "Ridge", "RidgeCV", "RidgeClassifier", "RidgeClassifierCV"),
    *("Lasso", "LassoCV", "LassoLars", "ElasticNet", "ElasticNetCV", "HuberRegressor", "SGDRegressor", "LinearSVC", "LinearSVR"),
    *("PoissonRegressor", "GammaRegressor", "TweedieRegressor", "BayesianRidge", "ARDRegression", "QuantileRegressor"),
)
_SHAP_TREES = (
    *("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier", "ExtraTreesRegressor"),
    *("DecisionTreeClassifier", "DecisionTreeRegressor", "GradientBoostingClassifier", "GradientBoostingRegressor"),
)
_SEEN_THROUGH = (*BOOSTERS, *_LINEAR, *_SHAP_TREES)
"""Predictors that read numbers and whose inside is known; any other may take texts itself, and is explained from outside."""
_LOG_LINKS = ("PoissonRegressor", "GammaRegressor")
_LOG_LOSSES = ("poisson", "gamma")


def model_of(estimator: Any, case: Case, *, types_found: Sequence[str] = ()) -> Model:
    """Return a fitted estimator or pipeline as the model of a case.

    Raises
    ------
    ModelError
        It is no fitted predictor, or answers another question than the case asks.
    """
    if not hasattr(estimator, "predict"):
        raise ModelError(f"The model is a {type(estimator).__name__}, which predicts nothing (it has no method predict).")
    estimator = getattr(estimator, "best_estimator_", estimator)  # a search answers as the best that it found
    steps = list(getattr(estimator, "steps", [("", estimator)]))
    final, before = steps[-1][1], estimator[:-1] if len(steps) > 1 else None
    classes = class_names(getattr(estimator, "classes_", None), case)
    names = read_columns(estimator, case)
    sign = -1.0 if case.task is Task.BINARY and _flipped(estimator.classes_, classes) else 1.0
    unit = _unit(final, case.task)
    frame = _framed(estimator, names)
    kind = type(final).__name__
    encoding = _encoding(final, before, len(names), frame) if kind in _SEEN_THROUGH else None
    return Model(
        columns=names,
        task=case.task,
        description=_description(steps),
        unit=unit,
        margin=lambda rows: _margin(estimator, frame(rows), unit, classes, sign),
        chances=(lambda rows: _chances(estimator, frame(rows), classes, case.task)) if hasattr(estimator, "predict_proba") else None,
        answer=(lambda rows: np.asarray(estimator.predict(frame(rows)), dtype=np.float64)) if case.task is Task.REGRESSION else None,
        classes=classes,
        threshold=threshold_of(case),
        encoding=encoding,
        trees=forest_of(final, sign=sign) if encoding is not None and kind in BOOSTERS else None,
        linear=_linear(final, classes, case.task, sign) if encoding is not None and kind in _LINEAR else None,
        native=final if encoding is not None and kind in _SHAP_TREES else None,
        positive=0 if sign < 0 else 1,
        types_found=tuple(types_found),
        estimator=estimator,
    )


def read_columns(estimator: Any, case: Case, names: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the names of the columns that a model reads, in order: its own, else the case's features where their number fits.

    Raises
    ------
    ModelError
        Neither is known.
    """
    own = names if names is not None else getattr(estimator, "feature_names_in_", None)
    if own is not None:
        return tuple(str(name) for name in own)
    features, wanted = case.roles.features, getattr(estimator, "n_features_in_", None)
    if features is None:
        raise ModelError("The model does not know the names of its columns. Name them in [roles] features, in the order it was trained on.")
    if wanted is not None and wanted != len(features):
        raise ModelError(
            f"The model reads {wanted} columns without names, but [roles] features names {len(features)}. Name those, in order."
        )
    return features


def class_names(own: NDArray[Any] | Sequence[Any] | None, case: Case) -> tuple[Any, ...]:
    """Return the classes of a model: (negative, positive) of a binary case, all of a multiclass one, none of a regression.

    Raises
    ------
    ModelError
        The model has other classes than the case's task and positive class ask for.
    """
    found = tuple(one.item() if isinstance(one, np.generic) else one for one in (() if own is None else own))
    if case.task is Task.REGRESSION:
        if found:
            raise ModelError(f"The case is a regression, but the model tells classes apart ({_listed(found)}). Give [case] its task.")
        return ()
    if not found:
        raise ModelError(f'The case is {case.task}, but the model predicts numbers, not classes. Give [case] task = "regression".')
    if case.task is Task.MULTICLASS:
        return found
    if len(found) != 2:
        raise ModelError(f"The case is binary, but the model knows {len(found)} classes ({_listed(found)}).")
    positive = case.roles.positive_class
    if positive is None:
        return found
    place = next((i for i, one in enumerate(found) if same_class(one, positive)), None)
    if place is None:
        raise ModelError(f"[roles] positive_class is {positive!r}, but the classes of the model are {_listed(found)}.")
    return found if place == 1 else found[::-1]


def known_classes(case: Case, classes: Sequence[Any] = ()) -> Sequence[Any] | None:
    """Return the classes that a case speaks of where no model names them, in the order of its scores; None where it names none."""
    if classes or case.task is Task.REGRESSION:
        return list(classes) or None
    if case.task is Task.BINARY:
        positive = case.roles.positive_class
        return [0, 1] if positive is None else [_other(positive), positive]
    return list(case.roles.score) if isinstance(case.roles.score, Mapping) else None


def _other(positive: Any) -> Any:
    """Return a name of the class that is not the positive one."""
    if isinstance(positive, bool):
        return not positive
    return {0: 1, 1: 0}.get(positive, f"not {positive}")


def same_class(one: Any, other: Any) -> bool:
    """Say whether two values name one class: 1, 1.0, "1" and True may."""
    return bool(one == other) or str(one).lower() == str(other).lower()


def _listed(classes: Sequence[Any]) -> str:
    return ", ".join(repr(one) for one in classes[:5]) + (f" and {len(classes) - 5} more" if len(classes) > 5 else "")


def _flipped(own: NDArray[Any], classes: tuple[Any, ...]) -> bool:
    return not same_class(own[1], classes[1])


def _unit(final: Any, task: Task) -> Unit:
    name = type(final).__name__
    if task is Task.REGRESSION:
        logs = name in _LOG_LINKS or (name in BOOSTERS and final.loss in _LOG_LOSSES)
        return Unit.LOG_VALUE if logs else Unit.VALUE
    if name in _LOG_ODDS:
        return Unit.LOG_ODDS
    return Unit.PROBABILITY if hasattr(final, "predict_proba") else Unit.MARGIN


def _framed(estimator: Any, names: tuple[str, ...]) -> Callable[[pd.DataFrame], Any]:
    """Return what turns rows into what the estimator was trained on: a frame, or an array where it knows no names."""
    none = names if with_none(estimator) else ()
    if hasattr(estimator, "feature_names_in_"):
        return lambda rows: readable(rows, with_none=none)
    return lambda rows: readable(rows, with_none=none).to_numpy()


def _encoding(final: Any, before: Any, inputs: int, frame: Callable[[pd.DataFrame], Any]) -> Encoding | None:
    origin = np.arange(inputs) if before is None else origins(before, inputs)
    if origin is None:
        return None

    def encode(rows: pd.DataFrame) -> Any:
        return frame(rows) if before is None else before.transform(frame(rows))

    inner = getattr(final, "_preprocessor", None) if type(final).__name__ in BOOSTERS else None
    if inner is None:
        return _checked(origin, lambda rows: _dense(encode(rows)), final)
    mixed = origin[_remapped(final)]
    return _checked(mixed, lambda rows: _dense(inner.transform(encode(rows))), final)


def _checked(origin: Origin, encode: Callable[[pd.DataFrame], Floats], final: Any) -> Encoding | None:
    """Return the encoding, unless it was read wrongly: the number of its columns must be what the predictor was trained on."""
    return Encoding(encode, origin) if origin is not None and len(origin) == final.n_features_in_ else None


def _remapped(booster: Any) -> NDArray[np.int64]:
    """Return the order in which a booster with native categories keeps its columns: categories first."""
    categorical = np.asarray(booster.is_categorical_, dtype=bool)
    return np.concatenate([np.flatnonzero(categorical), np.flatnonzero(~categorical)])


def _dense(rows: Any) -> Floats:
    return np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows, dtype=np.float64)


def _margin(estimator: Any, rows: Any, unit: Unit, classes: tuple[Any, ...], sign: float) -> Floats:
    if unit is Unit.VALUE:
        found = estimator.predict(rows)
    elif unit is Unit.LOG_VALUE:
        found = np.log(estimator.predict(rows))
    elif unit is Unit.PROBABILITY:
        chances = estimator.predict_proba(rows)
        found = chances if len(classes) > 2 else chances[:, 1 if sign > 0 else 0]
        return _columns(found)
    else:
        found = estimator.decision_function(rows)
    return sign * _columns(found)


def _columns(values: Any) -> Floats:
    found = np.asarray(values, dtype=np.float64)
    return found[:, None] if found.ndim == 1 else found


def _chances(estimator: Any, rows: Any, classes: tuple[Any, ...], task: Task) -> Floats:
    found = np.asarray(estimator.predict_proba(rows), dtype=np.float64)
    return found if task is Task.MULTICLASS else found[:, 0 if _flipped(estimator.classes_, classes) else 1]


def _linear(final: Any, classes: tuple[Any, ...], task: Task, sign: float) -> Linear | None:
    weights = np.atleast_2d(np.asarray(final.coef_, dtype=np.float64))
    wanted = len(classes) if task is Task.MULTICLASS else 1
    return Linear(sign * weights) if len(weights) == wanted else None


def _description(steps: Sequence[tuple[str, Any]]) -> str:
    names = [type(step).__name__ for _, step in steps if step != "passthrough"]
    return names[-1] if len(names) == 1 else f"{names[-1]} after {', '.join(names[:-1])}"
