"""Models as ONNX: a graph of known operations, run by onnxruntime (an optional extra). Explained from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from monitor.case import Case
from monitor.errors import ModelError
from monitor.models.estimators import class_names, known_classes, read_columns, same_class
from monitor.models.frames import readable
from monitor.models.libraries import columns, library, unreadable
from monitor.models.model import Floats, Model, Unit, threshold_of
from monitor.vocabulary import Task

_NUMBERS = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(int64)": np.int64, "tensor(int32)": np.int32}


def onnx_model(data: bytes, path: str, case: Case) -> Model:
    """Read an ONNX model: one input of all columns, in the order of [roles] features, or one input for each column.

    Raises
    ------
    ModelError
        It is no such file, or does not fit the case.
    ExtensionMissingError
        onnxruntime is not installed.
    """
    runtime = library("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 4
    try:
        session = runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except _failures(runtime) as error:
        raise unreadable(path, "ONNX", error) from error
    inputs = session.get_inputs()
    names = read_columns(session, case, [one.name for one in inputs] if len(inputs) > 1 else None)

    def ask(frame: pd.DataFrame) -> list[Any]:
        try:
            return list(session.run(None, _fed(inputs, names, readable(frame))))
        except _failures(runtime) as error:
            raise ModelError(f"The model '{path}' cannot read these rows: {str(error).strip()[:300]}") from error

    return _regression(case, names, ask) if case.task is Task.REGRESSION else _classifier(case, names, ask)


def _failures(runtime: Any) -> tuple[type[Exception], ...]:
    """Return what onnxruntime raises, which has no root of its own."""
    state = runtime.capi.onnxruntime_pybind11_state
    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NotImplemented,
        state.RuntimeException,
        ValueError,
    )


def _fed(inputs: list[Any], names: tuple[str, ...], frame: pd.DataFrame) -> dict[str, Any]:
    """Return rows as the graph reads them."""
    if len(inputs) == 1:
        return {inputs[0].name: np.column_stack([_as(frame[name], inputs[0].type) for name in names])}
    return {one.name: _as(frame[name], one.type)[:, None] for one, name in zip(inputs, names, strict=True)}


def _as(column: pd.Series, kind: str) -> Any:
    wanted = _NUMBERS.get(kind)
    if wanted is None:
        return column.astype(object).where(column.notna(), "").map(str).to_numpy(object)
    try:
        return column.to_numpy(np.float64, na_value=np.nan).astype(wanted)
    except (TypeError, ValueError) as error:
        raise ModelError(f"The model reads '{column.name}' as a number, but these rows hold text there: {str(error)[:100]}.") from error


def _regression(case: Case, names: tuple[str, ...], ask: Callable[[pd.DataFrame], list[Any]]) -> Model:
    def margin(frame: pd.DataFrame) -> Floats:
        return columns(np.asarray(ask(frame)[0]).reshape(len(frame), -1))

    return Model(
        columns=names, task=case.task, description="ONNX graph", unit=Unit.VALUE, margin=margin, answer=lambda rows: margin(rows)[:, 0]
    )


def _classifier(case: Case, names: tuple[str, ...], ask: Callable[[pd.DataFrame], list[Any]]) -> Model:
    classes = class_names(known_classes(case), case)

    def margin(frame: pd.DataFrame) -> Floats:
        found = _probabilities(ask(frame)[-1], classes)
        return found if case.task is Task.MULTICLASS else found[:, [1]]

    return Model(
        columns=names,
        task=case.task,
        description="ONNX graph",
        unit=Unit.PROBABILITY,
        margin=margin,
        chances=lambda rows: margin(rows) if case.task is Task.MULTICLASS else margin(rows)[:, 0],
        classes=classes,
        threshold=threshold_of(case),
    )


def _probabilities(output: Any, classes: tuple[Any, ...]) -> Floats:
    """Return (n, classes) in the case's order from what a classifier's graph gives: a table, or a map from class to probability by row."""
    if isinstance(output, list):
        keys = list(output[0])
        places = [next((key for key in keys if same_class(key, one)), keys[i]) for i, one in enumerate(classes)]
        return np.array([[row[key] for key in places] for row in output], dtype=np.float64)
    found = np.asarray(output, dtype=np.float64).reshape(len(output), -1)
    if found.shape[1] == 1 and len(classes) == 2:
        return np.column_stack([1 - found, found])
    if found.shape[1] != len(classes):
        raise ModelError(f"The graph gives {found.shape[1]} numbers for each row, but the case has {len(classes)} classes.")
    return found
