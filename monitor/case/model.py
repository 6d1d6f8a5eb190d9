"""What a case says, as checked models: data, roles, kinds, model, own methods, annotations, thresholds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter, field_validator
from pydantic.dataclasses import dataclass

from monitor.case.alerting import AlertSection, OwnershipSection
from monitor.case.data import DataSection, Roles
from monitor.case.goals import KpiSection, SloSection, ValueSection
from monitor.case.own_code import MethodSection, MetricSection, ModelSection
from monitor.case.readiness import ReadinessSection
from monitor.case.retraining import RetrainingSection
from monitor.case.section import Section
from monitor.case.thresholds import Thresholds
from monitor.case.values import Texts
from monitor.case.windows import FIRST_YEAR, LAST_YEAR, WindowSize
from monitor.errors import CaseError
from monitor.vocabulary import Kind, Role, Task

TOLD: Mapping[str, str] = {
    "description": "is shown beside results and is never part of one",
    "owner": "is who is told, not what is told",
    "kpis": "are goals that are read beside results and change none",
    "alerts": "say who is told of a result, and are never part of one",
    "ownership": "is who is asked, not what is answered",
    "readiness": "is what has to be shown of a model, not what is shown",
    "retraining": "says when a model is retrained and by whom, not what is measured of it",
}
"""Fields of a case that no result depends on, each with the reason."""
JUDGES = frozenset({"thresholds"})
"""Fields on which a verdict depends, but nothing that is measured."""


class Annotation(Section):
    """Something that happened: a deploy, an incident, labels that arrived. Naive times are on the case's clock."""

    start: datetime
    end: datetime | None = None
    kind: str = "note"
    text: str = Field(min_length=1)

    @field_validator("start", "end")
    @classmethod
    def _in_calendar(cls, value: datetime | None) -> datetime | None:
        if value is not None and not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"lies outside the years {FIRST_YEAR} to {LAST_YEAR}")
        return value


class PipelineSection(Section):
    """The pipelines behind the data: `runs` is a file of their runs (or a pattern of them), `kind` how it is written; `feeds` the columns
    that a job fills, by job."""

    runs: str = Field(min_length=1)
    kind: Literal["table", "openlineage", "dbt"] = "table"
    feeds: dict[str, Texts] = Field(default_factory=dict)


OUTPUTS = (Role.PREDICTION, Role.SCORE, Role.CHALLENGER_PREDICTION, Role.CHALLENGER_SCORE)
"""Roles of what a model answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One monitored model, as its case.toml says. `root` is the folder that paths are relative to, `segments` conditions by name."""

    root: Path
    name: str
    task: Task
    data: DataSection
    roles: Roles
    description: str = ""
    owner: str = ""
    kinds: Mapping[str, Kind]
    labels_text: Mapping[str, str]
    model: ModelSection | None = None
    formats: Mapping[str, str] = Field(default_factory=dict)
    windows: WindowSize
    timezone: str = "UTC"
    thresholds: Thresholds = Thresholds()
    annotations: tuple[Annotation, ...] = ()
    methods: tuple[MethodSection, ...] = ()
    value: ValueSection | None = None
    metrics: tuple[MetricSection, ...] = ()
    slo: tuple[SloSection, ...] = ()
    pipeline: PipelineSection | None = None
    kpis: tuple[KpiSection, ...] = ()
    alerts: tuple[AlertSection, ...] = ()
    ownership: OwnershipSection | None = None
    readiness: ReadinessSection | None = None
    retraining: RetrainingSection | None = None
    segments: Mapping[str, str] = Field(default_factory=dict)

    def code(self) -> tuple[MethodSection | MetricSection, ...]:
        """Return the own methods and metrics that are functions of Python files."""
        return (*self.methods, *(one for one in self.metrics if one.function))

    def utc(self, moment: datetime) -> datetime:
        """Return a moment as naive UTC; a naive one is read on the case's clock."""
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.timezone))
        return zoned.astimezone(UTC).replace(tzinfo=None)

    def incidents(self) -> tuple[tuple[datetime, datetime], ...]:
        """Return the periods, naive UTC, that are annotated as incidents (a day long if they have no end)."""
        marked = [note for note in self.annotations if note.kind == "incident"]
        return tuple((self.utc(note.start), self.utc(note.end or note.start + timedelta(days=1))) for note in marked)

    def role_of(self, column: str) -> Role:
        """Return the main role of any column of the data: columns of attributions are watched by no analysis of inputs."""
        role = self.roles.of(column)
        attribution = role is Role.FEATURE and self.model is not None and bool(self.model.explained(column))
        return Role.IGNORE if attribution and column not in (self.roles.features or ()) else role

    def label(self, column: str) -> str:
        """Return the label that people read for a column: the one of [labels], or its name."""
        return self.labels_text.get(column, column)

    def key(self, *, judged: bool = True) -> str:
        """Return a sha256 hex key of everything that a result of the case can depend on, where its data do not say it themselves.

        With `judged` false the key of what is measured, which no threshold changes. The order of keys counts: the first pattern of
        `drift.method` that fits a column is the one that holds.
        """
        left_out = {*TOLD, *(() if judged else JUDGES)}
        content = {name: value for name, value in _CASE.dump_python(self, mode="json").items() if name not in left_out}
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def check(self) -> None:
        """Check what no single field says.

        Raises
        ------
        CaseError
            A case that watches data only (task "none") names something of a model.
        """
        if self.task is not Task.NONE:
            return
        named = [f"roles.{role.value} = '{column}'" for role, column in self.roles.singles() if role in OUTPUTS]
        named += [f"roles.{name}" for name in ("threshold", "positive_class") if getattr(self.roles, name) is not None]
        named += ["[model]"] if self.model is not None else []
        if named:
            raise CaseError(
                f"The case '{self.name}' has task \"none\", which watches data without a model, but names {', '.join(named)}. "
                "Give the task of that model (binary, multiclass or regression), or take these out."
            )


_CASE = TypeAdapter(Case)
