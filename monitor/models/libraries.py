"""Models in the files that LightGBM, XGBoost and CatBoost write themselves: numbers, no code. Each library is an optional extra."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from monitor.case import Case
from monitor.errors import ExtensionMissingError, ModelError
from monitor.models.estimators import class_names, known_classes, read_columns, same_class
from monitor.models.frames import readable
from monitor.models.library_trees import lightgbm_trees, xgboost_trees
from monitor.models.model import Encoding, Floats, Model, Unit, threshold_of
from monitor.stats.explanation.trees import Forest
from monitor.vocabulary import Task

_LIGHTGBM_LOGS = ("poisson", "gamma", "tweedie")
_XGBOOST_LOGS = ("count:poisson", "reg:gamma", "reg:tweedie")


def library(name: str) -> Any:
    """Import an optional package, whose extra has its name.

    Raises
    ------
    ExtensionMissingError
        It is not installed; the message names the extra that brings it.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise ExtensionMissingError(
            f"This model needs the package {name}, which is not installed here. Run: pip install 'driftscope[{name}]'"
        ) from error


def lightgbm_model(data: bytes, path: str, case: Case) -> Model:
    """Read a model that LightGBM saved as text.

    Raises
    ------
    ModelError
        It is no such file, or does not fit the case.
    ExtensionMissingError
        LightGBM is not installed.
    """
    lightgbm = library("lightgbm")
    try:
        text = data.decode()
        booster = lightgbm.Booster(model_str=text)
    except (UnicodeDecodeError, ValueError, TypeError, lightgbm.basic.LightGBMError) as error:
        raise unreadable(path, "LightGBM", error) from error
    objective = next((line.split("=", 1)[1].split()[0] for line in text.splitlines() if line.startswith("objective=")), "")
    names = read_columns(booster, case, booster.feature_name())
    categorical = sorted(int(place) for place in booster.params.get("categorical_feature") or ())
    levels = dict(zip(categorical, booster.pandas_categorical or (), strict=False))
    encoding = _encoding(names, levels)

    def margin(frame: pd.DataFrame) -> Floats:
        return columns(booster.predict(encoding.encode(frame), raw_score=True, num_threads=1))

    model = from_margin(case, names, margin, description="LightGBM", logs=objective in _LIGHTGBM_LOGS)
    return _opened(model, case, encoding, lightgbm_trees(booster.dump_model()))


def xgboost_model(data: bytes, path: str, case: Case) -> Model:
    """Read a model that XGBoost saved as JSON or UBJSON.

    Raises
    ------
    ModelError
        It is no such file, or does not fit the case.
    ExtensionMissingError
        XGBoost is not installed.
    """
    xgboost = library("xgboost")
    try:
        booster = xgboost.Booster({"nthread": 1})
        booster.load_model(bytearray(data))
        learner = json.loads(booster.save_raw("json"))["learner"]
    except (ValueError, KeyError, TypeError, xgboost.core.XGBoostError) as error:
        raise unreadable(path, "XGBoost", error) from error
    kinds = list(booster.feature_types or ())
    names = read_columns(booster, case, booster.feature_names)
    encoding = _encoding(names, _xgboost_levels(learner, names, kinds, path), single=True)

    def margin(frame: pd.DataFrame) -> Floats:
        rows = xgboost.DMatrix(
            encoding.encode(frame), feature_names=booster.feature_names, feature_types=kinds or None, enable_categorical=True
        )
        return columns(booster.predict(rows, output_margin=True))

    model = from_margin(case, names, margin, description="XGBoost", logs=learner["objective"]["name"] in _XGBOOST_LOGS)
    return _opened(
        model, case, encoding, xgboost_trees(learner["gradient_booster"], max(1, int(learner["learner_model_param"]["num_class"])))
    )


def _xgboost_levels(learner: Mapping[str, Any], names: Sequence[str], kinds: Sequence[str], path: str) -> dict[int, list[Any]]:
    """Return the levels of each categorical column by its position; XGBoost keeps them since version 3.1."""
    kept = learner["gradient_booster"].get("model", {}).get("cats", {}).get("enc", [])
    places = [i for i, kind in enumerate(kinds) if kind == "c"]
    found = {place: _spelled(kept[place], names[place], path) if place < len(kept) else [] for place in places}
    for place, levels in found.items():
        if not levels:
            raise ModelError(
                f"The model '{path}' reads '{names[place]}' as a category, but does not say which level has which code "
                "(XGBoost does since version 3.1). Save it again with a newer XGBoost, or use a .skops file."
            )
    return found


def _spelled(kept: Mapping[str, Any], name: str, path: str) -> list[Any]:
    """Return levels as XGBoost keeps them: letters end to end with where each word starts, or numbers.

    Its Python package (3.1, 3.2) counts where words start in letters but keeps so many bytes: of levels beyond ASCII the last are cut, and
    its other packages count bytes, so that nothing in the file tells where a word starts.
    """
    values, starts = kept.get("values", []), kept.get("offsets")
    if starts is None:
        return list(values)
    letters = bytes(one % 256 for one in values)
    if not letters.isascii():
        raise ModelError(
            f"The model '{path}' reads '{name}' as a category whose levels have letters beyond ASCII "
            f"('{letters[:30].decode(errors='backslashreplace')}...'): XGBoost cuts such levels short when it saves them, so which level "
            "has which code cannot be told. Train it on levels in ASCII or on codes of your own, or use a .skops file."
        )
    return [letters[start:end].decode("ascii") for start, end in pairwise(starts)]


def catboost_model(data: bytes, path: str, case: Case) -> Model:
    """Read a model that CatBoost saved as cbm. It is explained from outside: only CatBoost knows what it makes of categories.

    Raises
    ------
    ModelError
        It is no such file, or does not fit the case.
    ExtensionMissingError
        CatBoost is not installed.
    """
    catboost = library("catboost")
    booster = catboost.CatBoost()
    try:
        booster.load_model(blob=data)
    except (ValueError, TypeError, catboost.CatBoostError) as error:
        raise unreadable(path, "CatBoost", error) from error
    names = read_columns(booster, case, booster.feature_names_)
    categories = [names[place] for place in booster.get_cat_feature_indices()]

    def margin(frame: pd.DataFrame) -> Floats:
        clean = readable(frame)
        texts = {name: clean[name].astype(object).map(_text, na_action="ignore").fillna("nan") for name in categories}
        return columns(booster.predict(clean.assign(**texts), prediction_type="RawFormulaVal", thread_count=1))

    return _opened(from_margin(case, names, margin, description="CatBoost"), case, None, None)


def _text(value: Any) -> str:
    """Return a level as CatBoost was taught it: whole numbers without decimals."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def from_margin(
    case: Case, names: tuple[str, ...], margin: Callable[[pd.DataFrame], Floats], *, description: str, logs: bool = False
) -> Model:
    """Return a model of which the margin is known: log-odds of classes, or a value (its logarithm where `logs`)."""
    if case.task is Task.REGRESSION:
        unit = Unit.LOG_VALUE if logs else Unit.VALUE
        return Model(
            columns=names, task=case.task, description=description, unit=unit, margin=margin, answer=lambda rows: _value(margin(rows), unit)
        )
    several = case.task is Task.MULTICLASS
    return Model(
        columns=names,
        task=case.task,
        description=description,
        unit=Unit.LOG_ODDS,
        margin=margin,
        chances=lambda rows: _softmax(margin(rows)) if several else _logistic(margin(rows)[:, 0]),
        classes=class_names(known_classes(case), case),
        threshold=threshold_of(case),
    )


def _opened(model: Model, case: Case, encoding: Encoding | None, forest: Forest | None) -> Model:
    """Add what is known of the inside of a model, and turn it round where the case's positive class is the model's class 0."""
    if encoding is not None and forest is not None:
        nothing = pd.DataFrame({name: [np.nan] for name in model.columns})
        model = replace(model, encoding=encoding, trees=_with_base(forest, encoding.encode(nothing), model.margin(nothing)))
    if case.task is not Task.BINARY or case.roles.positive_class is None or not same_class(case.roles.positive_class, _first(case)):
        return model
    trees = None if model.trees is None else model.trees.turned()
    margin = model.margin
    return replace(model, margin=lambda rows: -margin(rows), chances=lambda rows: _logistic(-margin(rows)[:, 0]), trees=trees)


def _first(case: Case) -> Any:
    """Return the class that libraries, which number classes from 0, call 0: the case's positive class where it is 0 or false."""
    return False if isinstance(case.roles.positive_class, bool) else 0


def _with_base(forest: Forest, row: Floats, margin: Floats) -> Forest:
    """Give trees the constant that their library adds, seen on one row."""
    return replace(forest, base=forest.base + (margin - forest.margin(row))[0])


def _encoding(names: Sequence[str], levels: Mapping[int, Sequence[Any]], *, single: bool = False) -> Encoding:
    """Return how rows become numbers: as they are (in single precision where the library compares so), categories by their code."""

    def encode(frame: pd.DataFrame) -> Floats:
        clean = readable(frame)
        parts = [_codes(clean[name], levels[i]) if i in levels else _number(clean[name]) for i, name in enumerate(names)]
        found = np.column_stack(parts)
        return found.astype(np.float32).astype(np.float64) if single else found

    return Encoding(encode, np.arange(len(names)))


def _codes(column: pd.Series, levels: Sequence[Any]) -> Floats:
    """Return the position of each value among the levels, nan where it is none of them."""
    places = {level: float(code) for code, level in enumerate(levels)}
    return column.astype(object).map(lambda value: places.get(value, np.nan), na_action="ignore").to_numpy(np.float64)


def _number(column: pd.Series) -> Floats:
    try:
        return column.to_numpy(np.float64, na_value=np.nan)
    except (TypeError, ValueError) as error:
        raise ModelError(f"The model reads '{column.name}' as a number, but these rows hold text there: {str(error)[:100]}.") from error


def columns(values: Any) -> Floats:
    """Return margins as (n, k)."""
    found = np.asarray(values, dtype=np.float64)
    return found[:, None] if found.ndim == 1 else found


def _value(margin: Floats, unit: Unit) -> Floats:
    return np.exp(margin[:, 0]) if unit is Unit.LOG_VALUE else margin[:, 0]


def _logistic(margin: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-margin)))


def _softmax(margin: Floats) -> Floats:
    powers = np.exp(margin - margin.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def unreadable(path: str, kind: str, error: Exception) -> ModelError:
    """Return the error of a file that is not what its ending says."""
    if isinstance(error, ModelError):
        return error
    return ModelError(f"The model '{path}' cannot be loaded as {kind}: {type(error).__name__}: {str(error).strip()[:300]}")
