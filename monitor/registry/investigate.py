"""Rows of analyses: what happened."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from monitor.analyses.sides import Question
from monitor.engine import Workspace
from monitor.export.finding_pins import incident_pin
from monitor.export.incident_records import list_incidents
from monitor.incidents.answer import incidents_answer
from monitor.incidents.judged import JUDGED as INCIDENTS_TABLE
from monitor.incidents.judged import judge_incidents
from monitor.incidents.kept import keep_incidents, kept_incidents, kept_key
from monitor.incidents.owners import owners_in
from monitor.registry.analysis import Analysis, Keeping, drawn


def _looking_for_causes(workspace: Workspace, question: Question | None = None, **options: Any) -> Any:
    """Measure incidents; what looks for causes learns models, which nothing else waits for."""
    return import_module("monitor.incidents.measure").measure_incidents(workspace, question, **options)


ROWS = (
    Analysis(
        name="incidents",
        title="Incidents",
        section="Investigate",
        icon=":material/crisis_alert:",
        work="Looking for causes",
        question="What happened, where, since when, and what did it do?",
        measure=_looking_for_causes,
        judge=judge_incidents,
        thresholds=lambda case: (case.thresholds.incidents, list_incidents(case).records, owners_in(case)),
        answer=incidents_answer,
        pin=incident_pin,
        report=drawn("incident_section"),
        look=lambda one: {"incident": one.what},
        table=INCIDENTS_TABLE,
        noun="incident",
        rank=0,
        of_others=True,
        keeping=Keeping(key=kept_key, load=kept_incidents, keep=keep_incidents),
    ),
)
