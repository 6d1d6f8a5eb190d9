"""Why a model says what it says: attributions of rows to columns against a background, which add up before anybody sees them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from monitor.errors import ModelError
from monitor.models.model import Encoding, Floats, Model, Unit
from monitor.models.permutations import permutation_attributions
from monitor.stats.explanation.interventional import MOST_COLUMNS, tree_attributions
from monitor.vocabulary import Task
from monitor.watch import Cancel, Progress, Watch

TOLERANCE = 1e-5
"""Largest error of the sum of attributions that is shown, in parts of the largest margin (at least 1): beyond it an explainer is wrong."""
TREES = "exact interventional trees"
LINEAR = "exact linear"
SHAP_TREES = "shap interventional trees"
PERMUTATIONS = "permutations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Attributions of n rows to the d columns of the model, in `unit`.

    `values` (n, d), of a multiclass model (n, d, classes); `base` (classes,), one number else: the mean margin of the background;
    `raw` (n,) or (n, classes) the margin; base + the sum of values is raw up to `additivity_error`. `explainer` says how;
    `sampling_error` is the standard error of one attribution where they are estimated, else 0; `note` says why a better explainer was
    not used.
    """

    columns: tuple[str, ...]
    values: Floats
    base: Floats
    raw: Floats
    explainer: str
    additivity_error: float
    unit: Unit
    sampling_error: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    """Attributions (n, d, k) by an explainer, with their standard error."""

    values: Floats
    explainer: str
    sampling_error: float = 0.0


def explain(
    model: Model,
    rows: pd.DataFrame,
    background: pd.DataFrame,
    *,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Explanation:
    """Explain rows against a background: Shapley values of the model's columns, where columns left out take the background's values.

    Exact for histogram gradient boosting and linear models, also behind encoders; by shap where its sums are right; else from permutations.

    Raises
    ------
    ModelError
        There are no rows or no background, or no explainer's attributions add up to what the model says.
    CancelledError
        It was called off.
    """
    if not len(rows) or not len(background):
        raise ModelError("There is nothing to explain: no rows, or no background to explain them against.")
    watch = Watch(progress, cancel)
    watch.tell(0.0, "explaining")
    with threadpool_limits(limits=1):  # models are asked many times for few rows: their threads would wait for each other
        return _explained(model, model.rows(rows), model.rows(background), seed, watch)


def _explained(model: Model, rows: pd.DataFrame, background: pd.DataFrame, seed: int, watch: Watch) -> Explanation:
    """Use the best explainer whose attributions add up."""
    raw, base = model.margin(rows), model.margin(background).mean(axis=0)
    found, note = _inside(model, rows, background, watch), ""
    if found is not None and not _adds_up(found.values, base, raw):
        note = f"{found.explainer} was off by {_error(found.values, base, raw):.2g} {model.unit}"
        found = None
    if found is None:
        estimated = permutation_attributions(model.margin, rows, background, seed=seed, watch=watch)
        found = _Found(estimated.values, PERMUTATIONS, estimated.error)
    return _gated(model, found, base, raw, note)


def _inside(model: Model, rows: pd.DataFrame, background: pd.DataFrame, watch: Watch) -> _Found | None:
    """Explain from what is known of the inside of the model; None where too little is."""
    if model.encoding is None:
        return None
    here, there = model.encoding.encode(rows), model.encoding.encode(background)
    if model.linear is not None:
        parts = (here - there.mean(axis=0))[:, :, None] * model.linear.weights.T[None, :, :]
        return _Found(_summed(parts, model.encoding, len(model.columns)), LINEAR)
    if model.trees is not None and model.trees.most_columns <= MOST_COLUMNS:
        values = tree_attributions(
            model.trees, here, there, model.encoding.origin, tell=lambda share: watch.tell(share, "explaining"), columns=len(model.columns)
        )
        return _Found(values, TREES)
    if model.native is not None:
        return _Found(_summed(_by_shap(model, here, there, watch), model.encoding, len(model.columns)), SHAP_TREES)
    return None


def _summed(parts: Floats, encoding: Encoding, columns: int) -> Floats:
    """Sum attributions of encoded columns (n, p, k) to those of the original ones, (n, d, k)."""
    found = np.zeros((len(parts), columns, parts.shape[2]))
    for place, column in enumerate(encoding.origin):
        found[:, column] += parts[:, place]
    return found


def _by_shap(model: Model, rows: Floats, background: Floats, watch: Watch) -> Floats:
    """Return what shap's tree explainer says, (n, p, k); whether it adds up is looked at by who asked."""
    import shap

    explainer = shap.TreeExplainer(model.native, data=background, feature_perturbation="interventional")
    parts = []
    for start in range(0, len(rows), _AT_ONCE):
        watch.tell(start / len(rows), "explaining")
        parts.append(np.asarray(explainer.shap_values(rows[start : start + _AT_ONCE], check_additivity=False), dtype=np.float64))
    found = np.concatenate(parts)
    if found.ndim == 2:
        return found[:, :, None]
    return found[:, :, [model.positive]] if model.task is Task.BINARY else found


_AT_ONCE = 200


def _error(values: Floats, base: Floats, raw: Floats) -> float:
    return float(np.abs(base + values.sum(axis=1) - raw).max())


def _adds_up(values: Floats, base: Floats, raw: Floats) -> bool:
    return _error(values, base, raw) <= TOLERANCE * max(1.0, float(np.abs(raw).max()))


def _gated(model: Model, found: _Found, base: Floats, raw: Floats, note: str) -> Explanation:
    """Let attributions through that add up to the margin."""
    error = _error(found.values, base, raw)
    if not _adds_up(found.values, base, raw):
        raise ModelError(
            f"The attributions of the model ({model.description}) do not add up to what it says: they are off by {error:.2g} {model.unit} "
            f"({found.explainer}). They are not shown."
        )
    several = model.task is Task.MULTICLASS
    return Explanation(
        columns=model.columns,
        values=found.values if several else found.values[:, :, 0],
        base=base,
        raw=raw if several else raw[:, 0],
        explainer=found.explainer,
        additivity_error=error,
        unit=model.unit,
        sampling_error=found.sampling_error,
        note=note,
    )
