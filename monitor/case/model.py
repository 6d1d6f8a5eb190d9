"""What a case says, as checked models: data, roles, kinds, model, own methods, annotations, thresholds."""

from __future__ import annotations

import codecs
import hashlib
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, TypeAdapter, field_validator, model_validator
from pydantic.dataclasses import dataclass

from monitor.case.alerting import AlertSection, OwnershipSection
from monitor.case.readiness import ReadinessSection
from monitor.case.section import Section
from monitor.case.thresholds import Thresholds
from monitor.case.values import Columns, Flag, Level, Markers, Number, Share, Size, Texts, listed
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
}
"""Fields of a case that no result depends on, each with the reason."""
JUDGES = frozenset({"thresholds"})
"""Fields on which a verdict depends, but nothing that is measured."""


class DataSection(Section):
    """Where the data sets are: paths, globs or tables, relative to the case folder."""

    reference: Texts
    production: Texts
    labels: Texts | None = None
    missing: Markers | None = None
    """Further texts and numbers that stand for a missing value, in every column; an empty list: not even the usual ones do."""
    partitions: Flag = False
    """Whether folders such as year=2024 are columns."""
    encoding: str = ""
    """Encoding of CSV and JSON files; empty: told by their bytes."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "".encode(value or "utf-8")
        except (LookupError, ValueError) as error:
            raise ValueError(f"'{value[:40]}' is no encoding of text that is known: write utf-8, cp1252, utf-16 or the like") from error
        return codecs.lookup(value).name if value else ""

    @field_validator("reference", "production", "labels")
    @classmethod
    def _named(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and (not value or not all(part.strip() for part in value)):
            raise ValueError("names no file: give a path, a glob or a table")
        return value


class Roles(Section):
    """Which column plays which role."""

    timestamp: str | None = None
    id: str | None = None
    prediction: str | None = None
    score: Columns | None = None
    label: str | None = None
    label_timestamp: str | None = None
    label_weight: str | None = None
    positive_class: Level | None = None
    threshold: Number | None = None
    features: Texts | None = None
    ignore: Texts = ()
    segments: Texts = ()
    protected: Texts = ()
    model_version: str | None = None
    latency_ms: str | None = None
    cost: str | None = None
    saturation: str | None = None
    status: str | None = None
    challenger_prediction: str | None = None
    challenger_score: Columns | None = None
    variant: str | None = None

    @model_validator(mode="after")
    def _one_single_role_each(self) -> Roles:
        seen: dict[str, Role] = {}
        for role, column in self.singles():
            if column in seen and {seen[column], role} & {Role.TIMESTAMP, Role.ID, Role.LABEL, Role.LABEL_TIMESTAMP}:
                raise ValueError(f"column '{column}' cannot be both {seen[column]} and {role}")
            seen.setdefault(column, role)
        return self

    def singles(self) -> list[tuple[Role, str]]:
        """List the roles that one column (or one per class) plays, with their columns."""
        found: list[tuple[Role, str]] = []
        for role in _SINGLE:
            value = getattr(self, role.value)
            names = value.values() if isinstance(value, dict) else () if value is None else (value,)
            found.extend((role, name) for name in names)
        return found

    def by_column(self) -> dict[str, Role]:
        """Return the main role of every column named here; a feature that is also a segment is a feature."""
        main: dict[str, Role] = {}
        several = ((Role.IGNORE, self.ignore), (Role.FEATURE, self.features or ()), (Role.SEGMENT, self.segments))
        named = [*self.singles(), *((role, name) for role, names in several for name in names)]
        for role, name in [*named, *((Role.PROTECTED, name) for name in self.protected)]:
            main.setdefault(name, role)
        return main

    def of(self, column: str) -> Role:
        """Return the main role of any column of the data."""
        rest = Role.FEATURE if self.features is None else Role.IGNORE
        return self.by_column().get(column, rest)


_SINGLE = (
    Role.TIMESTAMP,
    Role.ID,
    Role.LABEL,
    Role.LABEL_TIMESTAMP,
    Role.LABEL_WEIGHT,
    Role.PREDICTION,
    Role.SCORE,
    Role.MODEL_VERSION,
    Role.LATENCY_MS,
    Role.COST,
    Role.SATURATION,
    Role.STATUS,
    Role.CHALLENGER_PREDICTION,
    Role.CHALLENGER_SCORE,
    Role.VARIANT,
)


class ModelSection(Section):
    """The model file; `trust` asks the receiver to trust it, where loading it runs code. `attributions` says how columns of the data are
    called that hold what each column added to a prediction, such as "shap_{column}": they are taken as they are, and no model is needed."""

    path: str = ""
    trust: Flag = False
    attributions: str = ""

    @field_validator("attributions")
    @classmethod
    def _of_a_column(cls, value: str) -> str:
        if value and (value.count("{column}") != 1 or value == "{column}"):
            raise ValueError("is no pattern of names: write '{column}' once where the name of a column stands, such as 'shap_{column}'")
        return value

    @model_validator(mode="after")
    def _says_something(self) -> ModelSection:
        if not (self.path.strip() or self.attributions):
            raise ValueError("says nothing: give path (the model file) or attributions (how their columns are called)")
        return self

    def explained(self, column: str) -> str:
        """Return the column that an attribution column is about; empty if it is none.

        >>> ModelSection(attributions="shap_{column}").explained("shap_age"), ModelSection(path="m.onnx").explained("shap_age")
        ('age', '')
        """
        before, given, after = self.attributions.partition("{column}")
        named = bool(given) and len(column) > len(before) + len(after) and column.startswith(before) and column.endswith(after)
        return column[len(before) : len(column) - len(after)] if named else ""


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


class ValueSection(Section):
    """What a decision is worth, in money: of a row decided positive that is (`tp`) or is not (`fp`), and of one decided negative that is
    (`fn`) or is not (`tn`). Costs are negative. Each is a number, or the name of a column that holds it by row ("-amount": a cost)."""

    currency: str = ""
    tp: Number | str = 0.0
    fp: Number | str = 0.0
    fn: Number | str = 0.0
    tn: Number | str = 0.0

    @model_validator(mode="after")
    def _worth_something(self) -> ValueSection:
        if not any(self.parts()):
            raise ValueError("says nothing: give tp, fp, fn or tn, as numbers or names of columns")
        return self

    def parts(self) -> tuple[float | str, float | str, float | str, float | str]:
        """Return the values of true positives, false positives, false negatives and true negatives."""
        return self.tp, self.fp, self.fn, self.tn

    def columns(self) -> tuple[str, ...]:
        """Return the columns that it names."""
        return tuple(dict.fromkeys(one.removeprefix("-") for one in self.parts() if isinstance(one, str)))


class PipelineSection(Section):
    """The pipelines behind the data: `runs` is a file of their runs (or a pattern of them), `kind` how it is written; `feeds` the columns
    that a job fills, by job."""

    runs: str = Field(min_length=1)
    kind: Literal["table", "openlineage", "dbt"] = "table"
    feeds: dict[str, Texts] = Field(default_factory=dict)


class KpiSection(Section):
    """A goal: a `metric` of performance, of operations or of the case, the mean of a column ("column:NAME") or the share of rows without it
    ("missing:NAME"), its `target`, and how far beyond it (`tolerance`) is still no miss. `better` says which way is good where the metric
    does not; `parent` is the goal that it serves."""

    name: str = Field(min_length=1)
    metric: str = Field(min_length=1)
    target: Number
    tolerance: Size = 0.0
    owner: str = ""
    parent: str = ""
    better: Literal["more", "less", ""] = ""


_PERIOD = re.compile(r"(\d{1,3}) days?")


class SloSection(Section):
    """A service level objective: an `objective` share of good events over a `period` ("30 days"). Metric "availability": calls that are
    answered; "latency": calls answered within `threshold` milliseconds."""

    metric: Literal["availability", "latency"]
    objective: Share
    threshold: Size | None = None
    period: str = "30 days"
    name: str = ""

    def problem(self) -> str:
        """Say what is wrong with the fields; empty if nothing is."""
        if not 0 < self.objective < 1:
            return f"objective is a share of good events between 0 and 1, such as 0.999, not {self.objective:g}"
        if (self.metric == "latency") != (self.threshold is not None):
            return "a latency needs a threshold in milliseconds, an availability has none"
        if _PERIOD.fullmatch(self.period) is None or not self.span:
            return f"period is a number of days, such as '30 days', not '{self.period}'"
        return ""

    @property
    def span(self) -> timedelta:
        """The period."""
        return timedelta(days=int(self.period.split()[0]))

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or ("availability" if self.threshold is None else f"latency within {self.threshold:g} ms")

    @property
    def id(self) -> str:
        """Its name in tables."""
        return f"slo:{self.name or (self.metric if self.threshold is None else f'{self.metric}_{self.threshold:g}_ms')}"


def _function_inside(value: str) -> str:
    """Check that "file.py:name" lies in the case folder."""
    match = re.fullmatch(r"([^:]+\.py):([A-Za-z_]\w*)", value)
    if match is None:
        raise ValueError("is not 'file.py:function_name'")
    path = os.path.normpath(match[1])
    if os.path.isabs(path) or path.startswith(".."):
        raise ValueError("leads out of the case folder; put the file beside case.toml")
    return value


class MetricSection(Section):
    """A metric of the case's own: the sum of a `numerator` over labelled rows in parts of that of a `denominator` (default: their number).

    Both are SQL of one row (a number, or a condition that counts 1 where it holds); rows where one is null are left out. Or `function`,
    "file.py:name", is given the named `columns` and returns both, as arrays with an entry per row; it runs where it is trusted.
    `better` says which way is good; `floor` is the smallest change that matters, in its unit.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = ""
    numerator: str = ""
    denominator: str = ""
    function: str = ""
    columns: Texts = ()
    better: Literal["more", "less", ""] = ""
    floor: Size | None = None
    trust: Flag = False

    @field_validator("function")
    @classmethod
    def _inside(cls, value: str) -> str:
        return _function_inside(value) if value else value

    def problem(self) -> str:
        """Say what is wrong with the fields together; empty if nothing is."""
        if bool(self.numerator) == bool(self.function):
            return f"metric '{self.id}': give either a numerator in SQL or a function"
        if self.function and (self.denominator or not self.columns):
            return f"metric '{self.id}': a function returns the denominator too, and needs columns: the names of what it is given"
        return ""

    @property
    def place(self) -> tuple[str, str]:
        """Path of the file, relative to the case folder, and name of the function."""
        path, _, name = self.function.rpartition(":")
        return path, name


class MethodSection(Section):
    """A method of the case's own. `function` is "file.py:name"; the file lies in the case folder. `trust` asks the receiver to trust
    it; whether it runs is the receiver's own choice (`driftscope trust`).

    `kinds` of the columns it serves; `needs` what the function is given: counts of cells, or every value; `unit`, `low`, `high` and
    `floor` (the smallest score that matters) of its score; `summary` says in a sentence what it measures.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    function: str
    title: str = ""
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(listed)] = (Kind.NUMERIC,)
    needs: Literal["cells", "values"] = "values"
    unit: str = ""
    low: Number | None = None
    high: Number | None = None
    floor: Size | None = None
    summary: str = ""
    trust: Flag = False

    @field_validator("function")
    @classmethod
    def _inside(cls, value: str) -> str:
        return _function_inside(value)

    @field_validator("kinds")
    @classmethod
    def _measurable(cls, value: tuple[Kind, ...]) -> tuple[Kind, ...]:
        wrong = next((kind for kind in value if kind not in (Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN)), None)
        if wrong is not None or not value:
            raise ValueError("are numeric, categorical or boolean (a text or datetime is measured through its length, hour, ...)")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> MethodSection:
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low must be below high")
        return self

    @property
    def place(self) -> tuple[str, str]:
        """Path of the file, relative to the case folder, and name of the function."""
        path, _, name = self.function.rpartition(":")
        return path, name


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
