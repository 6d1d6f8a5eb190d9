"""Reading a case from its case.toml and writing it back."""

from __future__ import annotations

import glob
import os
import stat
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import tomlkit
from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator
from tomlkit.exceptions import TOMLKitError

from monitor.case.alerting import AlertSection, OwnershipSection
from monitor.case.complaints import complaints
from monitor.case.data import DataSection, Roles
from monitor.case.goals import KpiSection, SloSection, ValueSection
from monitor.case.model import Annotation, Case, PipelineSection
from monitor.case.own_code import MethodSection, MetricSection, ModelSection
from monitor.case.readiness import ReadinessSection
from monitor.case.section import Section
from monitor.case.thresholds import Thresholds
from monitor.case.values import Count
from monitor.case.windows import WindowSize
from monitor.errors import CaseError, SettingError, nearest
from monitor.gate import Right, passing
from monitor.vocabulary import Kind, Task

CASE_FILE = "case.toml"
MOST_BYTES = 2_000_000
"""A case file larger than this is none: all columns of the widest table, named and labelled, take less."""
_THRESHOLDS = TypeAdapter(Thresholds)


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


class _File(Section):
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
    if path.stat().st_size > MOST_BYTES:
        raise CaseError(f"'{path}' has {path.stat().st_size / 1e6:.0f} MB; a case file has at most {MOST_BYTES / 1e6:.0f}. Is it one?")
    try:
        raw = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except OSError as error:
        raise CaseError(f"'{path}' cannot be read: {error.strerror}. Check its permissions.") from error
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise CaseError(f"'{path}' is not valid TOML: {error}") from error
    return case_from(raw, root=path.resolve().parent)


def case_from(raw: Mapping[str, Any], *, root: Path, called: str | None = None) -> Case:
    """Check the content of a case file and return the case; complaints call it `called` where it is no file.

    Raises
    ------
    CaseError
        When a key or value is wrong.
    """
    try:
        file = _File.model_validate(raw)
    except ValidationError as error:
        where = called or f"{CASE_FILE} in '{root}'"
        raise CaseError(f"{where}: {'; '.join(complaints(error, _File))}") from error
    windows = (
        WindowSize(file.windows.rows, "rows")
        if file.windows.rows
        else WindowSize.parse(file.windows.size or ("1 week" if file.roles.timestamp else "whole"))
    )
    head = file.case
    case = Case(
        root=root,
        name=head.name,
        task=head.task,
        description=head.description,
        owner=head.owner,
        data=file.data,
        roles=file.roles,
        kinds=file.kinds,
        labels_text=file.labels,
        formats=file.formats,
        model=file.model,
        windows=windows,
        timezone=file.windows.timezone,
        thresholds=file.thresholds,
        annotations=file.annotations,
        methods=file.methods,
        value=file.value,
        metrics=file.metrics,
        slo=file.slo,
        pipeline=file.pipeline,
        kpis=file.kpis,
        alerts=file.alerts,
        ownership=file.ownership,
        readiness=file.readiness,
        segments=file.segments,
    )
    case.check()
    return case


DAY_SECONDS = 86_400


def save_case(case: Case, *, right: Right = Right.OWN) -> Path:
    """Write the case to its case.toml in one step, keeping the comments of the file that stands there.

    Parameters
    ----------
    right : what it takes where people sign in.

    Raises
    ------
    AccessError
        Whoever asks has not that right.
    CaseError
        The case contradicts itself: it could not be read back.
    """
    case.check()
    path = case.root / CASE_FILE
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else tomlkit.document()
    _merge(document, _content(case))
    _merge_thresholds(document, case.thresholds)
    _merge_listed(document, "annotations", Annotation, case.annotations)
    _merge_listed(document, "methods", MethodSection, case.methods)
    _merge_listed(document, "metrics", MetricSection, case.metrics)
    _merge_listed(document, "slo", SloSection, case.slo)
    _merge_listed(document, "kpis", KpiSection, case.kpis)
    _merge_listed(document, "alerts", AlertSection, case.alerts)
    write_atomically(path, tomlkit.dumps(document), right=right)
    return path


def write_atomically(path: Path, text: str, *, right: Right = Right.OWN) -> None:
    """Write a text file under a temporary name and move it into place, so that no half file is ever seen.

    A file that is replaced keeps its permissions; a new one is its owner's alone (mode 600). Where people
    sign in, it takes the `right`.

    Raises
    ------
    AccessError
        Whoever asks has not that right.
    """
    with passing(right, f"wrote {path.name}", path, text.encode()):
        _write_atomically(path, text)


def _write_atomically(path: Path, text: str) -> None:
    for left in path.parent.glob(f".{glob.escape(path.name)}.*"):  # of a process that was killed, a day ago or more
        with suppress(FileNotFoundError):
            if left.stat().st_mtime < time.time() - DAY_SECONDS:
                left.unlink()
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.is_file():
            os.chmod(temporary, stat.S_IMODE(path.stat().st_mode))
        os.replace(temporary, path)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _content(case: Case) -> dict[str, Any]:
    sections: dict[str, dict[str, Any]] = {
        "case": {"name": case.name, "task": case.task.value, "description": case.description or None, "owner": case.owner or None},
        "data": case.data.model_dump(exclude_defaults=True),
        "roles": case.roles.model_dump(),
        "kinds": {column: Kind(kind).value for column, kind in case.kinds.items()},
        "labels": dict(case.labels_text),
        "formats": dict(case.formats),
        "model": case.model.model_dump(exclude_defaults=True) if case.model else {},
        "value": case.value.model_dump(exclude_defaults=True) if case.value else {},
        "pipeline": _pipeline_content(case),
        "ownership": case.ownership.model_dump(exclude_defaults=True) if case.ownership else {},
        "readiness": case.readiness.model_dump(exclude_defaults=True) if case.readiness else {},
        "windows": _window_content(case),
        "segments": dict(case.segments),
    }
    return {name: {key: _plain(key, value) for key, value in keys.items()} for name, keys in sections.items()}


def _pipeline_content(case: Case) -> dict[str, Any]:
    content = {} if case.pipeline is None else case.pipeline.model_dump(exclude_defaults=True)
    feeds = {job: list(columns) for job, columns in content.pop("feeds", {}).items()}
    return {**content, **({"feeds": feeds} if feeds else {})}


def _window_content(case: Case) -> dict[str, Any]:
    rows = case.windows.unit == "rows"
    return {"size": None if rows else str(case.windows), "rows": case.windows.count if rows else None, "timezone": case.timezone}


def _plain(key: str, value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value) if value or key in ("features", "missing") else None
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


def _merge_thresholds(document: Any, wanted: Thresholds) -> None:
    """Write `[thresholds]` anew only where it says something else; what is the default is left out."""
    written = document.get("thresholds")
    if written is not None and _THRESHOLDS.validate_python(written.unwrap()) == wanted:
        return
    document.pop("thresholds", None)
    content = settings_of(wanted)
    if content:
        document["thresholds"] = tomlkit.item(content)


def settings_of(thresholds: Thresholds) -> dict[str, Any]:
    """Return thresholds as `[thresholds]` of case.toml holds them, without what is the default."""
    groups = _THRESHOLDS.dump_python(thresholds, exclude_defaults=True)
    return {group: dict(keys) for group, keys in groups.items() if keys}


def thresholds_from(settings: Mapping[str, Any]) -> Thresholds:
    """Check `[thresholds]` and return them.

    Raises
    ------
    SettingError
        A group, a key or a value is wrong; the text names the key, what was seen and what is allowed.
    """
    try:
        return _THRESHOLDS.validate_python(settings)
    except ValidationError as error:
        raise SettingError("; ".join(complaints(error, Thresholds))) from error


def _merge_listed(document: Any, name: str, model: type[Section], wanted: Sequence[Section]) -> None:
    """Write `[[name]]` only where it says something else: what stays is left as it is written, what is gone is taken out."""
    listed = document.get(name)
    written = [model.model_validate(one) for one in (listed.unwrap() if listed is not None else ())]
    if written == list(wanted):
        return
    kept = [one for one in written if one in wanted]
    if kept != list(wanted)[: len(kept)]:  # in another order
        document.pop(name, None)
        kept, written = [], []
    for place in reversed([at for at, one in enumerate(written) if one not in wanted]):
        del listed[place]
    if not wanted:
        document.pop(name, None)
        return
    tables = document[name] if kept else tomlkit.aot()
    for one in wanted[len(kept) :]:
        tables.append(tomlkit.item(_listed_plain(one.model_dump(exclude_defaults=True))))
    if not kept:
        document[name] = tables


def _listed_plain(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return keys as TOML holds them; a group within them stands on its line."""
    found: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            found[key] = tomlkit.inline_table()
            found[key].update(_listed_plain(value))
        else:
            found[key] = list(value) if isinstance(value, tuple) else value
    return found


def _same(old: Any, new: Any) -> bool:
    plain = old.unwrap() if hasattr(old, "unwrap") else old
    return (bool(plain == new or [plain] == new) and type(plain) is not bool) or plain is new
