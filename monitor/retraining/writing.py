"""A training set as files: Parquet with its weights, and a manifest that says what it is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.recording import versions
from monitor.engine import Workspace
from monitor.engine.outputs import make_folder
from monitor.engine.store import content_hash, digest
from monitor.export.files import json_bytes, write_whole
from monitor.retraining.backtest import Backtest
from monitor.retraining.plan import Plan
from monitor.retraining.triggers import Trigger
from monitor.retraining.words import backtest_text

TRAINING, MANIFEST = "training.parquet", "manifest.json"
WEIGHT, SOURCE = "sample_weight", "source"
ID_LETTERS = 16
"""Letters of the id of a training set."""


def training_table(plan: Plan) -> pd.DataFrame:
    """Return the rows that a model learns from: id, time, features, label, `sample_weight` and `source`."""
    one, roles = plan.history, plan.history.case.roles
    named = [name for name in (roles.id, roles.timestamp, *one.features, roles.label) if name and name in one.frame]
    table = one.frame.loc[one.used, list(dict.fromkeys(named))].reset_index(drop=True)
    source = np.where(one.production[one.used], "production", "reference")
    return table.assign(**{WEIGHT: plan.weight[one.used], SOURCE: source})


def manifest(plan: Plan, workspace: Workspace, tested: Backtest | None, rules: tuple[Trigger, ...] = ()) -> dict[str, Any]:
    """Return what a training set is made of, as plain values."""
    one, choice = plan.history, plan.choice
    windows = plan.by_window
    used = windows[windows["used"] > 0]
    told: dict[str, Any] = {
        "case": one.case.name,
        "task": one.case.task.value,
        "label": one.case.roles.label,
        "features": list(one.features),
        "rows": plan.rows,
        "sources": plan.counts(),
        "windows": used[["source", "window", "rows", "used"]].to_dict("records"),
        "until": one.windows[-1] if one.windows else None,
        "left_out": [[str(first), str(last)] for first, last in choice.left_out],
        "incidents_left_out": [one.name for one in choice.wrong],
        "weights": {
            "column": WEIGHT,
            "method": "density ratio toward the latest windows" if plan.weighted else "all 1",
            "auc": None if plan.likeness is None else plan.likeness.auc,
            "rows_worth": None if plan.likeness is None else plan.likeness.worth,
        },
        "leakage": dict(plan.leaks),
        "cautions": list(plan.cautions()),
        "fingerprints": {name: workspace.fingerprint(name) for name in ("reference", "production")},
        "seed": choice.seed,
        "versions": versions(),
    }
    if tested is not None:
        told["backtest"] = _tested(tested)
    if rules:
        told["triggers"] = [_rule(one) for one in rules]
    return told


def _rule(one: Trigger) -> dict[str, Any]:
    why = {"why": one.why} if one.why else {}
    return {"rule": one.name, "own": one.own, "fired": list(one.fired), "tested": one.tested, "gain": _plain(one.gain), **why}


def _tested(tested: Backtest) -> dict[str, Any]:
    names = ("value", "challenger", "difference", "lower", "upper", "p_value", "n")
    metrics = {metric: {name: _plain(float(getattr(one, name)[0])) for name in names} for metric, one in tested.found.items()}
    trials = [
        {"until": str(trial.until), "first": trial.windows[0], "last": trial.windows[-1], "learned": trial.learned, "tested": trial.rows}
        for trial in tested.trials
    ]
    return {
        "sentence": backtest_text(tested), "against": tested.base, "lead": tested.lead, "metrics": metrics, "trials": trials,
        "recipe": "of the case" if tested.recipe.own is not None else f"trees: {tested.recipe.why}",
    }  # fmt: skip


def _plain(value: float) -> float | None:
    return value if np.isfinite(value) else None


def write_plan(folder: Path, told: dict[str, Any]) -> Path:
    """Write the manifest alone.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    make_folder(folder)
    return write_whole(folder / "plan.json", json_bytes(told))


def write_training(folder: Path, plan: Plan, told: dict[str, Any]) -> tuple[Path, Path]:
    """Write the rows and their manifest, which names the file by its hash, the set by an `id` that the same rows have again, and what it
    says by a `fingerprint`.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    make_folder(folder)
    file = folder / TRAINING
    training_table(plan).to_parquet(file, index=False)
    sha256 = content_hash(file)
    content = {**told, "id": set_id(plan.history.case.name, sha256), "file": TRAINING, "sha256": sha256}
    sealed = {**content, "fingerprint": fingerprint_of(content)}
    return file, write_whole(folder / MANIFEST, json.dumps(sealed, indent=1, allow_nan=False).encode() + b"\n")


def set_id(case: str, sha256: str) -> str:
    """Return what a training set of a case is called everywhere: that of the same rows with the same weights is the same."""
    return digest("training set", case, sha256)[:ID_LETTERS]


def fingerprint_of(content: Mapping[str, Any]) -> str:
    """Return the sha256 hex of all that a manifest says, but for the fingerprint itself, whatever the order of its keys.

    >>> fingerprint_of({"a": 1, "b": [0.1]}) == fingerprint_of({"b": [0.1], "a": 1, "fingerprint": "x"})
    True
    """
    said = {name: value for name, value in content.items() if name != "fingerprint"}
    return hashlib.sha256(json.dumps(said, sort_keys=True, allow_nan=False).encode()).hexdigest()
