"""Which column each encoded number is made of: scikit-learn's transformers, walked from the end of a pipeline to its start.

Only transformers whose every output is made of one input are walked; whatever mixes columns, or is not known here, gives None, and the
model is then explained from outside.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Origin = Ints | None


def origins(step: Any, inputs: int) -> Origin:
    """Return for each output of a fitted transformer the position of its one input, (outputs,), or None where that is not known."""
    if step is None or step == "passthrough":
        return np.arange(inputs)
    if isinstance(step, str):
        return np.zeros(0, dtype=np.int64)
    walk = _WALKS.get(type(step).__name__)
    return walk(step, inputs) if walk is not None and type(step).__module__.startswith("sklearn.") else None


def _same(step: Any, inputs: int) -> Origin:
    return np.arange(inputs)


def _imputer(step: Any, inputs: int) -> Origin:
    statistics = getattr(step, "statistics_", None)
    kept = np.arange(inputs)
    if statistics is not None and not step.keep_empty_features:
        gone = np.array([isinstance(one, float) and np.isnan(one) for one in statistics.tolist()])
        kept = kept[~gone]
    return np.concatenate([kept, step.indicator_.features_]) if step.add_indicator else kept


def _one_hot(step: Any, inputs: int) -> Origin:
    return np.repeat(np.arange(inputs), np.asarray(step._n_features_outs, dtype=np.int64))


def _bins(step: Any, inputs: int) -> Origin:
    return np.arange(inputs) if step.encode == "ordinal" else np.repeat(np.arange(inputs), step.n_bins_)


def _target(step: Any, inputs: int) -> Origin:
    several = len(step.classes_) if step.target_type_ == "multiclass" else 1
    return np.repeat(np.arange(inputs), several)


def _chosen(step: Any, inputs: int) -> Origin:
    return np.asarray(step.get_support(indices=True))


def _indicator(step: Any, inputs: int) -> Origin:
    return np.asarray(step.features_)


def _function(step: Any, inputs: int) -> Origin:
    return np.arange(inputs) if step.func is None else None


def _pipeline(step: Any, inputs: int) -> Origin:
    found: Origin = np.arange(inputs)
    for _, one in step.steps:
        made = origins(one, len(found)) if found is not None else None
        found = None if made is None or found is None else found[made]
    return found


def _columns(step: Any, inputs: int) -> Origin:
    width = max((part.stop for part in step.output_indices_.values()), default=0)
    found = np.full(width, -1)
    for name, transformer, columns in step.transformers_:
        place = step.output_indices_[name]
        chosen = _positions(step, columns)
        made = origins(transformer, len(chosen))
        if made is None or len(made) != place.stop - place.start:
            return None
        found[place] = chosen[made]
    return found


def _positions(step: Any, columns: Any) -> Ints:
    """Return the positions of what a part of a ColumnTransformer reads, named in one of scikit-learn's many ways."""
    if isinstance(columns, slice) and not isinstance(columns.start or columns.stop or 0, str):
        return np.arange(step.n_features_in_)[columns]
    named = np.atleast_1d(np.asarray(columns, dtype=object)).tolist() if not isinstance(columns, slice) else _named_slice(step, columns)
    if all(isinstance(one, (bool, np.bool_)) for one in named) and named:
        return np.flatnonzero(np.asarray(named, dtype=bool))
    names = [str(one) for one in getattr(step, "feature_names_in_", ())]
    return np.array([names.index(one) if isinstance(one, str) else int(one) % step.n_features_in_ for one in named], dtype=np.int64)


def _named_slice(step: Any, columns: slice) -> list[str]:
    names = [str(one) for one in step.feature_names_in_]
    start = names.index(columns.start) if columns.start else 0
    return names[start : names.index(columns.stop) + 1 if columns.stop else None]


def _union(step: Any, inputs: int) -> Origin:
    parts = [origins(one, inputs) for _, one in step.transformer_list]
    return None if any(part is None for part in parts) else np.concatenate([part for part in parts if part is not None])


_WALKS: Mapping[str, Callable[[Any, int], Origin]] = {
    **dict.fromkeys(("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler"), _same),
    **dict.fromkeys(("PowerTransformer", "QuantileTransformer", "OrdinalEncoder", "Binarizer"), _same),
    **dict.fromkeys(("SelectKBest", "SelectPercentile", "SelectFromModel", "VarianceThreshold", "RFE", "RFECV"), _chosen),
    "SimpleImputer": _imputer,
    "OneHotEncoder": _one_hot,
    "KBinsDiscretizer": _bins,
    "TargetEncoder": _target,
    "MissingIndicator": _indicator,
    "FunctionTransformer": _function,
    "Pipeline": _pipeline,
    "ColumnTransformer": _columns,
    "FeatureUnion": _union,
}


_FITTED_INSIDE = ("estimator_", "best_estimator_", "regressor_", "estimator")
"""Where scikit-learn's wrappers keep the one estimator that they fitted, or were given fitted."""


def with_none(step: Any) -> bool:
    """Say whether a transformer, or one within it, learned None as a category: missing texts are then None to it."""
    categories = getattr(step, "categories_", ())
    if any(one is None for levels in categories for one in levels.tolist()):
        return True
    inner = [one for _, one in getattr(step, "steps", ())] + [one for _, one in getattr(step, "transformer_list", ())]
    inner += [part[1] for part in getattr(step, "transformers_", ())]
    inner += [getattr(step, name, None) for name in _FITTED_INSIDE]
    for name in ("estimators_", "calibrated_classifiers_"):
        inner += list(np.ravel(np.asarray(getattr(step, name, ()), dtype=object)))
    return any(with_none(one) for one in inner if one is not None)
