"""case.toml: what a monitored model's data are, what their columns mean, how windows are cut."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomlkit
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from tomlkit.exceptions import TOMLKitError

from monitor.errors import CaseError, SelectionError, nearest
from monitor.vocabulary import Kind, Role, Task

CASE_FILE = "case.toml"
UNITS = ("hour", "day", "week", "month", "rows", "whole")


@dataclass(frozen=True, slots=True)
class WindowSize:
    """How long a window is: `count` hours, days, weeks, months or rows; or the whole selection."""

    count: int
    unit: str

    @classmethod
    def parse(cls, text: str | Mapping[str, int] | WindowSize) -> WindowSize:
        """Read "1 week", "2 days", "5000 rows", "whole" or {"rows": 5000}.

        Raises
        ------
        SelectionError
            When the text is none of these.

        >>> WindowSize.parse("2 days"), str(WindowSize.parse({"rows": 5000}))
        (WindowSize(count=2, unit='day'), '5000 rows')
        """
        if isinstance(text, WindowSize):
            return text
        if isinstance(text, Mapping):
            text = f"{text.get('rows')} rows" if set(text) == {"rows"} else str(dict(text))
        if text.strip().lower() == "whole":
            return cls(1, "whole")
        match = re.fullmatch(r"\s*(?:(\d{1,9})\s+)?(hour|day|week|month|row)s?\s*", text.lower())
        if match is None or int(match[1] or 1) == 0 or (match[2] == "row" and match[1] is None):
            raise SelectionError(
                f"Window size '{text}' is not understood. Write '<n> hour', '<n> day', '<n> week', '<n> month', '<n> rows' or 'whole'."
            )
        return cls(int(match[1] or 1), "rows" if match[2] == "row" else match[2])

    @property
    def calendar(self) -> bool:
        """Whether windows are cut on the calendar."""
        return self.unit in ("hour", "day", "week", "month")

    def __str__(self) -> str:
        """Return the text that `parse` reads back."""
        if self.unit == "whole":
            return "whole"
        return f"{self.count} {self.unit}" + ("s" if self.calendar and self.count > 1 else "")


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DataSection(_Section):
    """Where the data sets are: paths, globs or tables, relative to the case folder."""

    reference: Texts
    production: Texts
    labels: Texts | None = None

    @field_validator("reference", "production", "labels")
    @classmethod
    def _named(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and (not value or not all(part.strip() for part in value)):
            raise ValueError("names no file: give a path, a glob or a table")
        return value


class Roles(_Section):
    """Which column plays which role."""

    timestamp: str | None = None
    id: str | None = None
    prediction: str | None = None
    score: str | dict[str, str] | None = None
    label: str | None = None
    label_timestamp: str | None = None
    positive_class: int | float | bool | str | None = None
    threshold: float | None = None
    features: Texts | None = None
    ignore: Texts = ()
    segments: Texts = ()
    protected: Texts = ()
    model_version: str | None = None
    latency_ms: str | None = None
    cost: str | None = None
    status: str | None = None
    challenger_prediction: str | None = None
    challenger_score: str | dict[str, str] | None = None
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
    Role.PREDICTION,
    Role.SCORE,
    Role.MODEL_VERSION,
    Role.LATENCY_MS,
    Role.COST,
    Role.STATUS,
    Role.CHALLENGER_PREDICTION,
    Role.CHALLENGER_SCORE,
    Role.VARIANT,
)


class ModelSection(_Section):
    """The model file; `trust` says that a pickle may be loaded."""

    path: str
    trust: bool = False


class Annotation(_Section):
    """Something that happened: a deploy, an incident, labels that arrived. Naive times are on the case's clock."""

    start: datetime
    end: datetime | None = None
    kind: str = "note"
    text: str = Field(min_length=1)


class MethodSection(_Section):
    """A method of the case's own. `function` is "file.py:name"; the file lies in the case folder and is run only where `trust` is true.

    `kinds` of the columns it serves; `needs` what the function is given: counts of cells, or every value; `unit`, `low`, `high` and
    `floor` (the smallest score that matters) of its score; `summary` says in a sentence what it measures.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    function: str
    title: str = ""
    kinds: Annotated[tuple[Kind, ...], BeforeValidator(_listed)] = (Kind.NUMERIC,)
    needs: Literal["cells", "values"] = "values"
    unit: str = ""
    low: float | None = None
    high: float | None = None
    floor: float | None = Field(default=None, ge=0)
    summary: str = ""
    trust: bool = False

    @field_validator("function")
    @classmethod
    def _inside(cls, value: str) -> str:
        match = re.fullmatch(r"([^:]+\.py):([A-Za-z_]\w*)", value)
        if match is None:
            raise ValueError("is not 'file.py:function_name'")
        path = os.path.normpath(match[1])
        if os.path.isabs(path) or path.startswith(".."):
            raise ValueError("leads out of the case folder; put the file beside case.toml")
        return value

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


class _CaseSection(_Section):
    name: str = Field(min_length=1)
    task: Task
    description: str = ""
    owner: str = ""


class _WindowsSection(_Section):
    size: str | None = None
    rows: int | None = Field(default=None, gt=0)
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


class _File(_Section):
    case: _CaseSection
    data: DataSection
    roles: Roles = Roles()
    kinds: dict[str, Kind] = {}
    labels: dict[str, str] = {}
    model: ModelSection | None = None
    windows: _WindowsSection = _WindowsSection()
    thresholds: dict[str, Any] = {}
    annotations: tuple[Annotation, ...] = ()
    methods: tuple[MethodSection, ...] = ()

    @field_validator("methods")
    @classmethod
    def _one_of_each(cls, value: tuple[MethodSection, ...]) -> tuple[MethodSection, ...]:
        ids = [one.id for one in value]
        twice = next((one for one in ids if ids.count(one) > 1), None)
        if twice is not None:
            raise ValueError(f"two methods have the id '{twice}'")
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One monitored model, as its case.toml says. `root` is the folder that paths are relative to."""

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
    windows: WindowSize
    timezone: str = "UTC"
    thresholds: Mapping[str, Any]
    annotations: tuple[Annotation, ...] = ()
    methods: tuple[MethodSection, ...] = ()

    def utc(self, moment: datetime) -> datetime:
        """Return a moment as naive UTC; a naive one is read on the case's clock."""
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(self.timezone))
        return zoned.astimezone(UTC).replace(tzinfo=None)

    def incidents(self) -> tuple[tuple[datetime, datetime], ...]:
        """Return the periods, naive UTC, that are annotated as incidents (a day long if they have no end)."""
        marked = [note for note in self.annotations if note.kind == "incident"]
        return tuple((self.utc(note.start), self.utc(note.end or note.start + timedelta(days=1))) for note in marked)

    def label(self, column: str) -> str:
        """Return the label that people read for a column: the one of [labels], or its name."""
        return self.labels_text.get(column, column)


def load_case(place: Path | str) -> Case:
    """Read a case from its folder or its case.toml.

    Raises
    ------
    CaseError
        When the file is missing or not TOML, or a key or value is wrong; the text names the key and the nearest known one.
    """
    path = Path(place)
    path = path / CASE_FILE if path.is_dir() else path
    if not path.is_file():
        raise CaseError(f"There is no case at '{path}'. Write a {CASE_FILE} there, or let 'driftscope init' write one.")
    try:
        raw = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise CaseError(f"'{path}' is not valid TOML: {error}") from error
    return case_from(raw, root=path.resolve().parent)


def case_from(raw: Mapping[str, Any], *, root: Path) -> Case:
    """Check the content of a case file and return the case.

    Raises
    ------
    CaseError
        When a key or value is wrong.
    """
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        raise CaseError(f"{CASE_FILE} in '{root}': " + "; ".join(_complaint(dict(e)) for e in error.errors())) from error
    windows = (
        WindowSize(file.windows.rows, "rows")
        if file.windows.rows
        else WindowSize.parse(file.windows.size or ("1 week" if file.roles.timestamp else "whole"))
    )
    head = file.case
    return Case(
        root=root,
        name=head.name,
        task=head.task,
        description=head.description,
        owner=head.owner,
        data=file.data,
        roles=file.roles,
        kinds=file.kinds,
        labels_text=file.labels,
        model=file.model,
        windows=windows,
        timezone=file.windows.timezone,
        thresholds=file.thresholds,
        annotations=file.annotations,
        methods=file.methods,
    )


def _complaint(error: Mapping[str, Any]) -> str:
    where = [str(part) for part in error["loc"]]
    key = ".".join(where)
    if error["type"] == "extra_forbidden":
        known = _keys_at(where[:-1])
        return f"unknown key '{key}'.{nearest(where[-1], known)} Known keys there: {', '.join(known)}"
    if error["type"] == "missing":
        return f"key '{key}' is missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    value = error.get("input")
    seen = f" (seen: {value!r})" if isinstance(value, (str, int, float, bool)) else ""
    return f"{key}: {message}{seen}" if key else message


def _keys_at(where: list[str]) -> list[str]:
    model: type[BaseModel] = _File
    for part in (one for one in where if not one.isdigit()):
        field = model.model_fields.get(part)
        inner = _model_of(field.annotation) if field is not None else None
        if inner is None:
            return []
        model = inner
    return list(model.model_fields)


def _model_of(annotation: Any) -> type[BaseModel] | None:
    parts = get_args(annotation) if get_origin(annotation) in (Union, UnionType, tuple) else (annotation,)
    return next((part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)), None)


def save_case(case: Case) -> Path:
    """Write the case to its case.toml in one step, keeping the comments of the file that stands there."""
    path = case.root / CASE_FILE
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    _merge(document, _content(case))
    _merge_listed(document, "annotations", Annotation, case.annotations)
    _merge_listed(document, "methods", MethodSection, case.methods)
    write_atomically(path, tomlkit.dumps(document))
    return path


def write_atomically(path: Path, text: str) -> None:
    """Write a text file under a temporary name and move it into place, so that no half file is ever seen."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _content(case: Case) -> dict[str, Any]:
    sections: dict[str, dict[str, Any]] = {
        "case": {"name": case.name, "task": case.task.value, "description": case.description or None, "owner": case.owner or None},
        "data": case.data.model_dump(),
        "roles": case.roles.model_dump(),
        "kinds": {column: Kind(kind).value for column, kind in case.kinds.items()},
        "labels": dict(case.labels_text),
        "model": case.model.model_dump() if case.model else {},
        "windows": _window_content(case),
        "thresholds": dict(case.thresholds),
    }
    return {name: {key: _plain(key, value) for key, value in keys.items()} for name, keys in sections.items()}


def _window_content(case: Case) -> dict[str, Any]:
    rows = case.windows.unit == "rows"
    return {"size": None if rows else str(case.windows), "rows": case.windows.count if rows else None, "timezone": case.timezone}


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value) if value or key == "features" else None
    return value


def _merge(document: Any, content: Mapping[str, Mapping[str, Any]]) -> None:
    for name, keys in content.items():
        kept = {key: value for key, value in keys.items() if value is not None}
        if not kept:
            document.pop(name, None)
            continue
        table = document.setdefault(name, tomlkit.table())
        for key in [key for key in table if key not in kept]:
            table.remove(key)
        for key, value in kept.items():
            if key not in table or not _same(table[key], value):
                table[key] = value


def _merge_listed(document: Any, name: str, model: type[_Section], wanted: Sequence[_Section]) -> None:
    """Write `[[name]]` anew only where it says something else."""
    listed = document.get(name)
    if tuple(model.model_validate(one) for one in (listed.unwrap() if listed is not None else ())) == tuple(wanted):
        return
    document.pop(name, None)
    if wanted:
        tables = tomlkit.aot()
        for one in wanted:
            content = one.model_dump(exclude_defaults=True)
            tables.append(tomlkit.item({key: list(value) if isinstance(value, tuple) else value for key, value in content.items()}))
        document[name] = tables


def _same(old: Any, new: Any) -> bool:
    plain = old.unwrap() if hasattr(old, "unwrap") else old
    return (bool(plain == new or [plain] == new) and type(plain) is not bool) or plain is new
