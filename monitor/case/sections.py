"""The sections of case.toml as one checked model: what each holds, and what none may repeat or contradict."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from monitor.case.alerting import AlertSection, OwnershipSection
from monitor.case.data import DataSection, Roles
from monitor.case.goals import KpiSection, SloSection, ValueSection
from monitor.case.model import Annotation, PipelineSection
from monitor.case.own_code import MethodSection, MetricSection, ModelSection
from monitor.case.readiness import ReadinessSection
from monitor.case.retraining import RetrainingSection
from monitor.case.section import Section
from monitor.case.thresholds import Thresholds
from monitor.case.values import Count
from monitor.case.windows import WindowSize
from monitor.errors import nearest
from monitor.vocabulary import Kind, Task


class _CaseSection(Section):
    name: str = Field(min_length=1)
    task: Task
    description: str = ""
    owner: str = ""


class _WindowsSection(Section):
    size: str | None = None
    rows: Count | None = None
    timezone: str = "UTC"

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"timezone '{value}' is unknown; write one such as 'UTC' or 'America/New_York'") from error
        return value

    @model_validator(mode="after")
    def _one_size(self) -> _WindowsSection:
        if self.size is not None and self.rows is not None:
            raise ValueError("give either size or rows, not both")
        if self.size is not None:
            WindowSize.parse(self.size)
        return self


class CaseFile(Section):
    """All that a case.toml may hold."""

    case: _CaseSection
    data: DataSection
    roles: Roles = Roles()
    kinds: dict[str, Kind] = Field(default_factory=dict)
    labels: dict[str, str] = Field(default_factory=dict)
    formats: dict[str, str] = Field(default_factory=dict)
    model: ModelSection | None = None
    windows: _WindowsSection = _WindowsSection()
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
    segments: dict[str, str] = Field(default_factory=dict)

    @field_validator("metrics")
    @classmethod
    def _one_metric_of_each(cls, value: tuple[MetricSection, ...]) -> tuple[MetricSection, ...]:
        ids = [one.id for one in value]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two metrics have the id '{twice}'")
        problem = next((one.problem() for one in value if one.problem()), "")
        if problem:
            raise ValueError(problem)
        return value

    @field_validator("slo")
    @classmethod
    def _one_objective_of_each(cls, value: tuple[SloSection, ...]) -> tuple[SloSection, ...]:
        ids = [one.id for one in value]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two objectives are called '{twice.removeprefix('slo:')}'; give each a name of its own")
        problem = next((one.problem() for one in value if one.problem()), "")
        if problem:
            raise ValueError(problem)
        return value

    @field_validator("kpis")
    @classmethod
    def _one_tree(cls, value: tuple[KpiSection, ...]) -> tuple[KpiSection, ...]:
        parents = {one.name: one.parent for one in value}
        if len(parents) < len(value):
            raise ValueError("two goals have one name; give each a name of its own")
        for name, parent in parents.items():
            if parent and parent not in parents:
                raise ValueError(f"'{name}' serves '{parent}', which is no goal.{nearest(parent, parents)}")
            above, seen = parent, {name}
            while above:
                if above in seen:
                    raise ValueError(f"'{name}' serves itself by way of '{above}'; a goal at the top has no parent")
                seen.add(above)
                above = parents[above]
        return value

    @field_validator("alerts")
    @classmethod
    def _one_rule_of_each(cls, value: tuple[AlertSection, ...]) -> tuple[AlertSection, ...]:
        names = [one.name for one in value]
        twice = next((one for one in names if names.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two rules have the name '{twice}'; give each a name of its own")
        return value

    @field_validator("segments")
    @classmethod
    def _told(cls, value: dict[str, str]) -> dict[str, str]:
        empty = next((name for name, condition in value.items() if not name.strip() or not condition.strip()), None)
        if empty is not None:
            raise ValueError(f"'{empty}' has no condition; write one such as country = 'EE' AND device = 'ios'")
        return value

    @field_validator("methods")
    @classmethod
    def _one_of_each(cls, value: tuple[MethodSection, ...]) -> tuple[MethodSection, ...]:
        ids = [one.id for one in value]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two methods have the id '{twice}'")
        return value
