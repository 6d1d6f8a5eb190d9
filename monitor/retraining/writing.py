"""A training set as files: Parquet with its weights, and a manifest that says what it is made of."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.recording import versions
from monitor.engine import Workspace
from monitor.export.files import json_bytes, write_whole
from monitor.retraining.backtest import Backtest
from monitor.retraining.plan import Plan
from monitor.retraining.triggers import Trigger
from monitor.retraining.words import backtest_text

TRAINING, MANIFEST = "training.parquet", "manifest.json"
WEIGHT, SOURCE = "sample_weight", "source"


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
        told["triggers"] = [{"rule": r.name, "fired": list(r.fired), "tested": r.tested, "gain": _plain(r.gain)} for r in rules]
    return told


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
    folder.mkdir(parents=True, exist_ok=True)
    return write_whole(folder / "plan.json", json_bytes(told))


def write_training(folder: Path, plan: Plan, told: dict[str, Any]) -> tuple[Path, Path]:
    """Write the rows and their manifest, which names the file by its hash.

    Raises
    ------
    SourceError
        The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / TRAINING
    training_table(plan).to_parquet(file, index=False)
    content = {**told, "file": TRAINING, "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}
    return file, write_whole(folder / MANIFEST, json.dumps(content, indent=1, allow_nan=False).encode() + b"\n")
