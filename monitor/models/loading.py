"""The model file of a case, loaded so that a stranger's file cannot do anything but predict.

skops files are loaded after an audit of the types in them; ONNX and the native files of boosters hold no code; joblib and pickle run code
when they are loaded, and are loaded only where the receiver trusts the case (`driftscope trust`), from the very bytes that were hashed.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from monitor.case import Case, trust_of
from monitor.case.content import MOST_MODEL_BYTES, checked_file
from monitor.errors import CaseError, ModelError
from monitor.models.estimators import class_names, known_classes, model_of, read_columns
from monitor.models.frames import readable
from monitor.models.libraries import catboost_model, lightgbm_model, unreadable, xgboost_model
from monitor.models.model import Floats, Model, Unit, threshold_of
from monitor.models.onnx_files import onnx_model
from monitor.vocabulary import Task

PICKLES = (".joblib", ".pkl", ".pickle")
KNOWN_TYPES = frozenset(
    (
        "functools.partial",
        "numpy.dtype",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
        "sklearn.compose._column_transformer._RemainderColsList",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.feature_selection._univariate_selection.chi2",
        "sklearn.feature_selection._univariate_selection.f_classif",
        "sklearn.feature_selection._univariate_selection.f_regression",
        "sklearn.metrics._dist_metrics.EuclideanDistance64",
        "sklearn.neighbors._ball_tree.BallTree",
        "sklearn.neighbors._kd_tree.KDTree",
        "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
        "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
        "sklearn.tree._tree.Tree",
        "sklearn.utils._bunch.Bunch",
        "sklearn.utils.validation.check_array",
    )
)
"""Types of scikit-learn's own models that skops asks about and that hold numbers, no code of the file's."""


def load_model(case: Case) -> Model:
    """Load the model that a case names.

    Raises
    ------
    ModelError
        The case names none; the file is not there, damaged, of an unknown format, needs a package that is not installed, holds types that
        are not known to be harmless, runs code and is not trusted, or does not fit the case.
    """
    if case.model is None or not case.model.path:
        raise ModelError(f"The case '{case.name}' names no model file. Name it in case.toml: [model] path = \"model.skops\".")
    path = os.path.normpath(case.model.path)
    ending = Path(path).suffix.lower()
    load = _LOADERS.get(ending)
    if load is None:
        raise ModelError(f"The model '{path}' ends in '{ending}'. Readable are {', '.join(sorted(_LOADERS))}.")
    return load(_bytes_of(case, path), path, case)


@dataclass(frozen=True, slots=True)
class Audit:
    """The types in a skops file beyond those that skops itself takes for harmless: those that hold numbers of scikit-learn's own models
    (`known`), and all `others`, which are loaded only where the receiver trusts the case."""

    path: str
    known: tuple[str, ...]
    others: tuple[str, ...]


def audit_model(case: Case) -> Audit | None:
    """Say which types the skops file of a case holds, without loading anything of it; None where the case names no such file.

    Raises
    ------
    ModelError
        The file is not there, or damaged.
    """
    path = os.path.normpath(case.model.path) if case.model is not None and case.model.path else ""
    if Path(path).suffix.lower() != ".skops":
        return None
    found = _types_in(_bytes_of(case, path), path)
    return Audit(path, tuple(one for one in found if one in KNOWN_TYPES), tuple(one for one in found if one not in KNOWN_TYPES))


def _types_in(data: bytes, path: str) -> list[str]:
    import skops.io

    try:
        return list(skops.io.get_untrusted_types(data=data))
    except _DAMAGE as error:
        raise unreadable(path, "skops", error) from error


def _bytes_of(case: Case, path: str) -> bytes:
    try:
        file = checked_file(case.root.resolve(), path, most=MOST_MODEL_BYTES)
        return file.read_bytes()
    except CaseError as error:
        raise ModelError(f"The model '{path}' {error}.") from error
    except OSError as error:
        raise ModelError(f"The model '{path}' cannot be read: {error.strerror}.") from error


def callable_model(
    function: Callable[[pd.DataFrame], Any], case: Case, *, columns: Sequence[str] | None = None, classes: Sequence[Any] = ()
) -> Model:
    """Return a Python function as the model of a case: rows in; out the value, the probability of the positive class, or one per class.

    `columns` are what it reads (default: the case's features), `classes` of a multiclass case the order of its probabilities.

    Raises
    ------
    ModelError
        The columns or classes are not known.
    """
    names = read_columns(function, case, columns)
    known = class_names(known_classes(case, classes), case)

    def margin(rows: pd.DataFrame) -> Floats:
        found = np.asarray(function(readable(rows)), dtype=np.float64)
        return found[:, None] if found.ndim == 1 else found

    regression = case.task is Task.REGRESSION
    return Model(
        columns=names,
        task=case.task,
        description=f"Python function {getattr(function, '__name__', type(function).__name__)}",
        unit=Unit.VALUE if regression else Unit.PROBABILITY,
        margin=margin,
        chances=None if regression else (lambda rows: margin(rows) if case.task is Task.MULTICLASS else margin(rows)[:, 0]),
        answer=(lambda rows: margin(rows)[:, 0]) if regression else None,
        classes=known,
        threshold=threshold_of(case),
    )


def _skops(data: bytes, path: str, case: Case) -> Model:
    import skops.io

    found = _types_in(data, path)
    try:
        strange = [one for one in found if one not in KNOWN_TYPES]
        if strange and not _trusted(case, path, data):
            raise ModelError(
                f"The model '{path}' holds types that are not known to be harmless: {', '.join(strange)}. "
                f"Nothing of it was loaded. If you know who made it, read what it holds and run: driftscope trust {case.root}"
            )
        estimator = skops.io.loads(data, trusted=found)
    except _DAMAGE as error:
        raise unreadable(path, "skops", error) from error
    return model_of(estimator, case, types_found=found)


def _pickle(data: bytes, path: str, case: Case) -> Model:
    if not _trusted(case, path, data):
        reason = trust_of(case).reason or "you have not trusted it"
        raise ModelError(
            f"The model '{path}' is a pickle, which runs code when it is loaded, and {reason}. Nothing of it was loaded. "
            f"If you know who made it, run: driftscope trust {case.root}. A .skops or .onnx file needs no trust."
        )
    import joblib

    try:
        estimator = joblib.load(io.BytesIO(data))
    except (*_DAMAGE, ImportError) as error:
        raise unreadable(path, "joblib or pickle", error) from error
    return model_of(estimator, case)


def _trusted(case: Case, path: str, data: bytes) -> bool:
    """Say whether the receiver trusts the case, with a model of exactly these bytes."""
    trust = trust_of(case)
    return trust.given and dict(trust.content.files).get(path) == hashlib.sha256(data).hexdigest()


_DAMAGE = (ValueError, TypeError, KeyError, AttributeError, IndexError, OSError, EOFError, pickle.UnpicklingError, BadZipFile)
"""What libraries raise on a file that is not what it says."""


_LOADERS: Mapping[str, Callable[[bytes, str, Case], Model]] = {
    ".skops": _skops,
    ".onnx": onnx_model,
    ".txt": lightgbm_model,
    ".json": xgboost_model,
    ".ubj": xgboost_model,
    ".cbm": catboost_model,
    **dict.fromkeys(PICKLES, _pickle),
}
