"""A model card as a CycloneDX 1.6 bill of materials (ECMA-424): what the model is, what was measured, what is not known."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
import pandas as pd

from monitor.case import Case
from monitor.export.files import moment_iso
from monitor.judgement.judged import Judged
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.window_texts import text_of
from monitor.stats.performance.catalogue import METRICS
from monitor.tables import Skipped
from monitor.vocabulary import Task
from monitor.wording import number_text

SPEC = "1.6"
TASKS: Mapping[Task, str] = {
    Task.BINARY: "binary classification",
    Task.MULTICLASS: "multiclass classification",
    Task.REGRESSION: "regression",
    Task.NONE: "none: data are watched without a model",
}
MOST = 20
"""Findings that stand as limits of the model."""
_MODEL, _DATA = "model", "data-"


def model_card(case: Case, found: Mapping[str, Judged], skipped: Sequence[Skipped] = ()) -> bytes:
    """Return the model card of a case as JSON; `found` is what each analysis found, by its name, `skipped` what could not be asked."""
    prints = {side: print_ for one in list(found.values())[:1] for side, print_ in one.provenance.fingerprints.items()}
    content = {
        "$schema": f"http://cyclonedx.org/schema/bom-{SPEC}.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps([case.name, prints], sort_keys=True))}",
        "version": 1,
        "metadata": {"timestamp": moment_iso(datetime.now(UTC).replace(microsecond=0)), "tools": {"components": [_tool()]}},
        "components": [_model(case, found, skipped), *(_data(side, print_) for side, print_ in prints.items())],
    }
    return (json.dumps(content, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode(errors="replace")


def _tool() -> dict[str, str]:
    try:
        return {"type": "application", "name": "driftscope", "version": version("driftscope")}
    except PackageNotFoundError:  # run from a checkout that is not installed
        return {"type": "application", "name": "driftscope"}


def _model(case: Case, found: Mapping[str, Judged], skipped: Sequence[Skipped]) -> dict[str, Any]:
    card = {
        "bom-ref": "model-card",
        "modelParameters": _parameters(case),
        "quantitativeAnalysis": {"performanceMetrics": list(_metrics(found.get("performance")))},
        "considerations": _considerations(case, found, skipped),
    }
    told = {"description": case.description.strip()} if case.description.strip() else {}
    own = {"hashes": hashes} if (hashes := _hashes(case)) else {}
    manager = {"manufacturer": {"contact": [{"email": case.owner}]}} if "@" in case.owner else {}
    return {"type": "machine-learning-model", "bom-ref": _MODEL, "name": case.name, **told, **own, **manager, "modelCard": card}


def _parameters(case: Case) -> dict[str, Any]:
    roles = case.roles
    outputs = [name for name in (roles.prediction, roles.score) if isinstance(name, str)]
    learned = {"approach": {"type": "supervised"}} if roles.label else {}
    return {
        **learned,
        "task": TASKS[case.task],
        "datasets": [{"ref": f"{_DATA}{side}"} for side in ("reference", "production")],
        "inputs": [{"format": f"column {name}"} for name in roles.features or ()],
        "outputs": [{"format": f"column {name}"} for name in outputs],
    }


def _hashes(case: Case) -> list[dict[str, str]]:
    """Return the hash of the model's file where it lies in the case; it is read as bytes and not loaded."""
    path = None if case.model is None else Path(case.root, case.model.path)
    if path is None or not path.is_file() or not path.resolve().is_relative_to(case.root.resolve()):
        return []
    with path.open("rb") as file:
        return [{"alg": "SHA-256", "content": hashlib.file_digest(file, "sha256").hexdigest()}]


def _data(side: str, print_: str) -> dict[str, Any]:
    about = {"type": "dataset", "name": side, "contents": {"properties": [{"name": "driftscope:fingerprint", "value": str(print_)}]}}
    return {"type": "data", "bom-ref": f"{_DATA}{side}", "name": side, "data": [about]}


def _metrics(judged: Judged | None) -> Iterator[dict[str, Any]]:
    """Yield every metric of all rows in the reference, and in the last whole window whose labels are in."""
    if not isinstance(judged, JudgedPerformance):
        return
    table = judged.table
    rows = table[table["segment"].isna() & table["value"].notna() & table["mature"].astype(bool)]
    short = dict(zip(judged.windows.ids, judged.partial.tolist(), strict=True))
    whole = rows[~rows["window"].map(short).astype(bool)]
    for (metric, klass), own in whole.groupby(["metric", whole["class"].fillna("")], sort=False):
        last = own.iloc[-1]
        title = METRICS[str(metric)].title if metric in METRICS else str(metric)
        name = f"{title} of class {klass}" if klass else title
        if pd.notna(last["reference_value"]):
            yield {"type": name, "value": _text(last["reference_value"]), "slice": "reference"}
        told = f"production, {text_of(judged, str(last['window']))}, {int(last['n_labelled']):,} labelled rows"
        yield {"type": name, "value": _text(last["value"]), "slice": told, **_interval(last)}


def _interval(row: Any) -> dict[str, Any]:
    ends = {"lowerBound": row["lower"], "upperBound": row["upper"]}
    known = {name: _text(value) for name, value in ends.items() if pd.notna(value) and np.isfinite(value)}
    return {"confidenceInterval": known} if known else {}


def _text(value: float) -> str:
    return number_text(float(value))


def _considerations(case: Case, found: Mapping[str, Judged], skipped: Sequence[Skipped]) -> dict[str, Any]:
    limits = [sentence(one, judged.names, judged.against) for judged in _named(found, "incidents") for one in judged.findings[:MOST]]
    unseen = [f"Not looked at: {one.what}: {one.message}" for one in skipped]
    fair = [
        {"groupAtRisk": one.label, "harms": sentence(one, judged.names, judged.against)}
        for judged in _named(found, "fairness")
        for one in judged.findings[:MOST]
    ]
    told: dict[str, Any] = {"technicalLimitations": [*limits, *unseen]}
    told |= {"users": [f"{goal.owner}: {goal.name}" for goal in case.kpis if goal.owner]} if any(one.owner for one in case.kpis) else {}
    return told | ({"fairnessAssessments": fair} if fair else {})


def _named(found: Mapping[str, Judged], name: str) -> list[Judged]:
    return [found[name]] if name in found else []
