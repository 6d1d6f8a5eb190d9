"""Runs made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.judgement.finding import State
from monitor.runs.stored import Incident, Number, Stored, case_hash, keep_run
from monitor.vocabulary import Severity, Status

NEW = Incident(id="a" * 16, title="Fare was 100 times too large", severity=Severity.HIGH, state=State.NEW)
SCORE = Number(family="driftscope_drift_score", labels=(("case", "Shop"), ("column", "fare"), ("method", "psi")), value="8.5", at=1.0)


def run_of(root: Path, name: str = "Shop", **other: Any) -> Stored:
    """Keep a run beside a case.toml (made where there is none), and return it."""
    folder = root / ".driftscope"
    folder.mkdir(parents=True, exist_ok=True)
    if not (root / "case.toml").exists():
        (root / "case.toml").write_text(f'[case]\nname = "{name}"\nowner = "ops"\n')
    told = {"case": name, "case_hash": case_hash(root), "judged": "2026-03-04T12:00:00Z", "looked": "2026-03-04T12:00:00Z",
            "status": Status.STABLE, "numbers": (SCORE,)} | other  # fmt: skip
    keep_run(folder, run := Stored(**told))
    return run
