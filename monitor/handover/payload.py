"""What an orchestrator is told of a training set: what its manifest says, in short, and an id by which a repeat is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from monitor.case import Case
from monitor.handover.sets import TrainingSet
from monitor.retraining.writing import MANIFEST, TRAINING, WEIGHT

SAID = ("case", "task", "label", "features", "rows", "sources", "left_out", "incidents_left_out", "leakage", "cautions")
"""What is told just as the manifest says it."""
FIELDS = ("run", "status", "started", "finished", "rows", "message", "model_version")
"""What is read back of a run."""


def run_name(set_id: str, time: int) -> str:
    """Return what the run of a set is called: the same for each attempt to hand it over, another for each time that it is trained anew.

    >>> run_name("0123456789abcdef", 1), run_name("0123456789abcdef", 2)
    ('driftscope-0123456789abcdef', 'driftscope-0123456789abcdef-2')
    """
    return f"driftscope-{set_id}" if time < 2 else f"driftscope-{set_id}-{time}"


def payload_of(one: TrainingSet, case: Case, run: str) -> dict[str, Any]:
    """Return what is sent: the same each time for the same set and run."""
    manifest = one.manifest
    return {
        "event": "retrain",
        "id": one.id,
        "run": run,
        **{name: manifest[name] for name in SAID if name in manifest},
        "window": _windows(manifest.get("windows") or ()),
        "weights": manifest.get("weights", {}),
        "backtest": _tested(manifest.get("backtest")),
        "files": {
            "manifest": one.path(MANIFEST, case),
            "fingerprint": one.fingerprint,
            "training": one.path(TRAINING, case),
            "sha256": manifest["sha256"],
            "weight_column": WEIGHT,
            "relative_to": "the folder of the case, where a path is not absolute",
        },
        "data_fingerprints": manifest.get("fingerprints", {}),
        "seed": manifest.get("seed"),
        "answer": {"command": "driftscope retrain result CASE -", "json": list(FIELDS), "status": "success, failed or running"},
    }


def _windows(rows: Any) -> dict[str, Any]:
    """Return the first and the last window of each source, and how many rows are used in how many."""
    found: dict[str, Any] = {}
    for row in rows:
        one = found.setdefault(str(row["source"]), {"first": row["window"], "last": row["window"], "windows": 0, "rows": 0})
        one["first"], one["last"] = min(one["first"], row["window"]), max(one["last"], row["window"])
        one["windows"] += 1
        one["rows"] += int(row["used"])
    return found


def _tested(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if told is None else {name: told.get(name) for name in ("sentence", "against", "lead")}


def shortened(payload: Mapping[str, Any], most: int) -> str:
    """Return a payload as JSON of at most so many letters: of a wide set names of columns stand in its manifest alone."""
    for left_out in ((), ("leakage", "cautions"), ("features", "leakage", "cautions", "incidents_left_out", "left_out")):
        kept = {name: value for name, value in payload.items() if name not in left_out}
        more = {"only_in_manifest": list(left_out)} if left_out else {}
        text = json.dumps({**kept, **more}, allow_nan=False)
        if len(text) <= most:
            return text
    return json.dumps({name: payload[name] for name in ("event", "id", "run", "case", "rows", "files")}, allow_nan=False)
