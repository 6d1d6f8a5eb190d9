"""A case that names who retrains it, and a training set of a few rows, written as `retrain build` writes it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from monitor.case import load_case
from monitor.retraining import writing

TEXT = '[case]\nname = "Shop"\ntask = "binary"\n[data]\nreference = "r.parquet"\nproduction = "p.parquet"\n[retraining]\ntarget = "train"\n'
TOLD: dict[str, Any] = {
    "case": "Shop", "task": "binary", "label": "y", "features": ["a"], "rows": 30,
    "sources": {
        "reference": {"rows": 10, "used": 10, "left_out": {}},
        "production": {"rows": 25, "used": 20, "left_out": {"incident": 5}},
    },
    "windows": [
        {"source": "reference", "window": "2026-W01", "rows": 10, "used": 10},
        {"source": "production", "window": "2026-W10", "rows": 15, "used": 10},
        {"source": "production", "window": "2026-W11", "rows": 10, "used": 10},
    ],
    "until": "2026-W12",
    "left_out": [], "incidents_left_out": [], "weights": {"column": "sample_weight", "method": "all 1"}, "leakage": {}, "cautions": [],
    "fingerprints": {"reference": "1", "production": "2"}, "seed": 0,
}  # fmt: skip


def case_at(root: Path, more: str = "") -> None:
    root.mkdir()
    (root / "case.toml").write_text(TEXT + more, encoding="utf-8")


def built(root: Path, folder: Path, **other: Any) -> str:
    """Write a set of the case, and return its id."""
    rows = pd.DataFrame({"a": range(30), "y": [0.0, 1.0] * 15, "sample_weight": 1.0})
    plan = SimpleNamespace(history=SimpleNamespace(case=load_case(root)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writing, "training_table", lambda _plan: rows)
        writing.write_training(folder, plan, {**TOLD, **other})  # type: ignore[arg-type]
    return writing.set_id(plan.history.case.name, writing.content_hash(folder / "training.parquet"))
