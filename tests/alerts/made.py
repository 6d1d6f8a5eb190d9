"""Incidents, rules and cases made by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from monitor.alerts.deciding import Situation, situation
from monitor.alerts.happening import Happening, with_records
from monitor.alerts.notices import list_notices
from monitor.alerts.targets import FILE
from monitor.case import Case, case_from
from monitor.export.incident_records import list_incidents
from monitor.incidents.record import Record
from monitor.judgement.finding import State
from monitor.vocabulary import Cause, Severity

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
RULE = {"name": "Severe", "when": "severity >= high", "target": "team"}


def case_with(root: Path, *rules: dict[str, Any], **sections: Any) -> Case:
    content = {"case": {"name": "Shop", "task": "none", "owner": "ops@example.org"}, "data": {"reference": "a", "production": "b"}}
    return case_from({**content, "alerts": list(rules), **sections}, root=root)


def happening(name: str = "a" * 16, **other: Any) -> Happening:
    told = {
        "id": name, "title": "Fare was 100 times too large", "severity": Severity.HIGH, "status": "alert", "state": State.NEW,
        "cause": Cause.UNIT_CHANGE, "columns": ("fare",), "start": "2026-03-01T00:00:00Z", "seen": "2026-03-02T00:00:00Z",
        "last_seen": "2026-03-04T00:00:00Z", "fresh": True, "findings": 40,
        "lines": {"Cause": "fare times 100", "Next": "Convert it back."},
    } | other  # fmt: skip
    record = Record(
        id=name, case="Shop", created="", cause=told["cause"], columns=told["columns"][:1000], start=told["start"], onset=told["start"]
    )
    return Happening(**{"record": record, **told})


def now(case: Case, *found: Happening, at: datetime = NOON) -> Situation:
    records = list_incidents(case).records
    return situation(case, with_records(found, records), list_notices(case)[0], records, at)


def write_targets(text: str) -> Path:
    path = FILE.path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path
