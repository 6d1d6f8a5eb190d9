"""An incident as a folder that stands by itself: slices of the data, the case, versions, and each number with how it is computed again.

What is verified is read as data and nothing else: no model, no Python file, no other path, and conditions only where they are plain ones.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.analyses.recording import versions
from monitor.case import CASE_FILE, Case, Thresholds, load_case, save_case
from monitor.case.content import checked_file
from monitor.case.data import DataSection, Roles
from monitor.engine import Selection, Workspace, open_workspace, sample
from monitor.engine.outputs import make_folder
from monitor.errors import CaseError, DriftscopeError, SettingError, SourceError
from monitor.export.capsule_effects import Measured, measured_on, moment_of
from monitor.export.capsule_facts import Checked, Facts, check_facts, check_story, recipe_of
from monitor.export.capsule_numbers import MOST_ROWS, Kitchen, Number, Recipe
from monitor.export.capsule_story import Telling, check_telling, count_of
from monitor.export.files import json_bytes, plain, records, write_whole
from monitor.incidents.cause import Hypothesis
from monitor.incidents.effect_rows import Extent
from monitor.incidents.incident import Incident
from monitor.incidents.judged import JudgedIncidents, row_of
from monitor.incidents.story import story_of
from monitor.vocabulary import Role

FORMAT = 3
FIRST, SECOND = 1, 2
"""Earlier formats: the first holds no facts, so that its title is compared with what is told in words alone, the second nothing that lines
of the story are made of."""
MANIFEST, STORY = "manifest.json", "incident.json"
REFERENCE, PRODUCTION = "reference.parquet", "production.parquet"
FILES = (CASE_FILE, REFERENCE, PRODUCTION, STORY)
MOST_TEXT, MOST_DATA = 4_000_000, 8 * 2**30
"""Bytes of a text file, and of a slice, from which they are not read."""


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _File(_Told):
    name: str = Field(max_length=100)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class _Manifest(_Told):
    format: int
    incident: str = Field(max_length=100)
    title: str = Field(max_length=4000)
    fingerprints: dict[str, str]
    versions: dict[str, str]
    files: tuple[_File, ...] = Field(max_length=len(FILES))
    facts: Facts | None = None
    telling: Telling | None = None
    recipe: Recipe
    numbers: tuple[Number, ...] = Field(max_length=10_000)


def write_capsule(one: Incident, judged: JudgedIncidents, workspace: Workspace, folder: Path) -> int:
    """Write an incident as a capsule into a folder that is empty or not there; return how many numbers it holds.

    Raises
    ------
    SettingError, SourceError
        The folder holds something else, or cannot be written.
    """
    empty_folder(folder)
    one = one.alone or one  # of several that are told as one, the one whose cause it has
    without = () if one.effect is None else one.effect.without
    names = _columns(one.hypothesis, workspace, without)
    for file, selection in ((REFERENCE, Selection("reference")), (PRODUCTION, _meanwhile(one, judged))):
        known = [name for name in names if workspace.columns[name].late or selection.data in workspace.columns[name].types]
        pq.write_table(sample(workspace, selection, known, rows=MOST_ROWS), folder / file)
    case = _own_case(workspace, names, folder, judged.owners.model)
    row = records(pd.DataFrame([row_of(one, judged.result, judged.owners)]))[0]
    story = {"incident": row, "story": dict(story_of(one, judged).lines)}
    write_whole(folder / STORY, json_bytes(plain(story)))
    with tempfile.TemporaryDirectory() as cache, open_workspace(case, cache=Path(cache)) as capsule:
        facts = Facts.of(one.hypothesis, judged)
        recipe = recipe_of(facts.hypothesis(one.hypothesis.inverse), case, capsule)
        numbers = tuple(Kitchen(capsule, recipe).numbers())
        moment = moment_of(workspace)
        effect = measured_on(capsule, one.hypothesis, moment, without)
        telling = Telling.of(one, judged, Measured(effect, moment, count_of({each.name: each.value for each in numbers})))
    manifest = _Manifest(
        format=FORMAT,
        incident=one.id,
        title=one.title,
        fingerprints=dict(judged.provenance.fingerprints),
        versions=versions(),
        files=tuple(_File(name=name, sha256=_hash(folder / name)) for name in FILES),
        facts=facts,
        telling=telling,
        recipe=recipe,
        numbers=numbers,
    )
    write_whole(folder / MANIFEST, json_bytes(manifest.model_dump(mode="json")))
    return len(numbers)


def empty_folder(folder: Path) -> None:
    """Make a folder for a capsule, unless it is there and empty.

    Raises
    ------
    SettingError, SourceError
        It holds something, or cannot be made.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SettingError(f"'{folder}' is not an empty folder. Name a new one: a capsule holds nothing else.")
    make_folder(folder)


def _meanwhile(one: Incident, judged: JudgedIncidents) -> Selection:
    """Return all rows of the windows that an incident meets; all of production where these have no time."""
    start, end = judged.windows.start[one.first], judged.windows.end[one.last]
    if np.isnat(start) or np.isnat(end):
        return Selection("production")
    first, last = (moment.astype("datetime64[us]").astype(datetime).replace(tzinfo=UTC) for moment in (start, end))
    return Selection("production", start=first, end=last)


def _columns(cause: Hypothesis, workspace: Workspace, without: Sequence[Extent]) -> tuple[str, ...]:
    """Return the columns that a capsule holds: what the incident is about and where, where others are that share its rows, and what plays a
    role beside features."""
    about = (*cause.columns, *cause.segment, *([cause.inverse.other] if cause.inverse else []))
    about += tuple(name for each in without for name in each.segment)
    about += workspace.case.value.columns() if workspace.case.value is not None else ()
    roles = [name for name, info in workspace.columns.items() if info.role in _HELD]
    return tuple(name for name in dict.fromkeys((*about, *roles)) if name in workspace.columns)


_HELD = frozenset({Role.TIMESTAMP, Role.ID, Role.PREDICTION, Role.SCORE, Role.LABEL, Role.LABEL_TIMESTAMP, Role.MODEL_VERSION})


def _own_case(workspace: Workspace, names: Sequence[str], folder: Path, owner: str) -> Case:
    """Write the case of a capsule: the same roles of fewer columns, and nothing that runs or leads elsewhere."""
    case, roles = workspace.case, workspace.case.roles.model_dump()
    kept = {role: _kept(column, names) if role not in _SET else column for role, column in roles.items()}
    features = [name for name in names if workspace.columns[name].role in (Role.FEATURE, Role.SEGMENT, Role.PROTECTED)]
    own = Case(
        root=folder,
        name=case.name,
        task=case.task,
        data=DataSection(reference=(REFERENCE,), production=(PRODUCTION,)),
        roles=Roles(**{**kept, "features": features}),
        owner=owner,
        value=case.value,
        kinds={name: workspace.columns[name].kind for name in names},
        labels_text={name: text for name, text in case.labels_text.items() if name in names},
        windows=case.windows,
        timezone=case.timezone,
        annotations=case.annotations,
    )
    save_case(own)
    return load_case(folder)


_SET = ("positive_class", "threshold")


def _kept(column: Any, names: Sequence[str]) -> Any:
    """Return what of a role lies in a capsule."""
    if isinstance(column, dict):
        return column if set(column.values()) <= set(names) else None
    if isinstance(column, (list, tuple)):
        return tuple(one for one in column if one in names)
    return column if column in names else None


def _hash(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def verify_capsule(folder: Path) -> Iterator[Checked]:
    """Compute everything again; yield what holds and what does not.

    Raises
    ------
    SourceError, SettingError
        The folder is no capsule, or one of a later version.
    """
    manifest = _read(folder)
    changed = [_checked(folder, one) for one in manifest.files]
    lost = [Checked(name, "is not named in the manifest") for name in FILES if name not in {one.name for one in manifest.files}]
    yield from (*changed, *lost)
    try:
        case = _safe_case(folder)
    except DriftscopeError as error:
        yield Checked(CASE_FILE, f"cannot be used: {error}")
        return
    with tempfile.TemporaryDirectory() as cache:  # what lies in the folder as a cache is not believed
        try:
            workspace = open_workspace(case, cache=Path(cache))
        except DriftscopeError as error:
            yield Checked("data", f"cannot be read: {error}")
            return
        with workspace:
            yield from check_story(_story(folder), manifest.incident, manifest.title, manifest.facts)
            if manifest.facts is not None:
                yield from check_facts(manifest.facts, (manifest.title, manifest.recipe), workspace)
            kitchen = Kitchen(workspace, manifest.recipe)
            yield from _story_again(manifest, folder, kitchen)
            yield from (_again(kitchen, number) for number in manifest.numbers)
            if manifest.facts is not None:
                named = {one.name for one in manifest.numbers}
                lacking = (one.name for one in kitchen.numbers() if one.name not in named)
                yield from (Checked(name, "is not in the manifest, though its data give it") for name in lacking)


def _story_again(manifest: _Manifest, folder: Path, kitchen: Kitchen) -> Iterator[Checked]:
    """Say whether what is told beside the title is what the manifest makes, and its slices give."""
    if manifest.facts is None or manifest.telling is None:
        return
    rows = count_of({each.name: each.value for each in kitchen.numbers() if each.analysis == "rows"})
    cause = manifest.facts.hypothesis(manifest.recipe.inverse)
    told, named = (manifest.facts, manifest.telling), (manifest.incident, manifest.title)
    yield from check_telling(told, named, _story(folder), kitchen.workspace, rows, cause)


def _read(folder: Path) -> _Manifest:
    try:
        text = checked_file(folder.resolve(), MANIFEST, most=MOST_TEXT).read_text(encoding="utf-8")
    except (CaseError, OSError, UnicodeDecodeError) as error:
        raise SourceError(f"'{folder}' is no capsule: its {MANIFEST} {error}. Make one with: driftscope capsule CASE INCIDENT.") from error
    try:
        told = json.loads(text)
        number = told.get("format") if isinstance(told, dict) else None
        if number not in (FIRST, SECOND, FORMAT):
            raise SettingError(f"The capsule '{folder}' has the format {number!r}; this version reads {FORMAT}. Verify it with its own.")
        manifest = _Manifest.model_validate(told)
        if number != FIRST and manifest.facts is None:
            raise ValueError("it says nothing of cause, columns, segment and times (facts)")
        if number == FORMAT and manifest.telling is None:
            raise ValueError("it says nothing of what severity, owner and impact are made of (telling)")
        return manifest
    except (ValueError, RecursionError, ValidationError) as error:
        if isinstance(error, SettingError):
            raise
        raise SourceError(f"The {MANIFEST} of '{folder}' cannot be read: {str(error)[:300]}.") from error


def _checked(folder: Path, file: _File) -> Checked:
    if file.name not in FILES:
        return Checked(file.name[:100], "is no file of a capsule")
    try:
        place = checked_file(folder.resolve(), file.name, most=MOST_DATA if file.name.endswith(".parquet") else MOST_TEXT)
    except CaseError as error:
        return Checked(file.name, str(error))
    return Checked(file.name, "" if _hash(place) == file.sha256 else "was changed: it is not the file that the manifest was made of")


def _safe_case(folder: Path) -> Case:
    """Return the case of a capsule, if it reads its own slices and brings nothing that runs.

    Raises
    ------
    CaseError
        It names other data, or a model, methods, metrics or pipelines.
    """
    root = folder.resolve()
    for name, most in ((CASE_FILE, MOST_TEXT), (REFERENCE, MOST_DATA), (PRODUCTION, MOST_DATA)):
        try:
            checked_file(root, name, most=most)
        except CaseError as error:
            raise CaseError(f"{name} {error}") from error
    case = load_case(root)
    if case.data != DataSection(reference=(REFERENCE,), production=(PRODUCTION,)):
        raise CaseError(f"it reads other data than {REFERENCE} and {PRODUCTION} beside it")
    brought = {"[model]": case.model, "[[methods]]": case.methods, "[[metrics]]": case.metrics, "[pipeline]": case.pipeline}
    if named := [name for name, one in brought.items() if one]:
        raise CaseError(f"it brings {', '.join(named)}, and a capsule brings nothing that runs")
    return replace(case, segments={}, thresholds=Thresholds())


def _story(folder: Path) -> bytes:
    """Return what is told in words; nothing where that cannot be read, which is told as a fault of the file."""
    try:
        return checked_file(folder.resolve(), STORY, most=MOST_TEXT).read_bytes()
    except (CaseError, OSError):
        return b""


def _again(kitchen: Kitchen, number: Number) -> Checked:
    try:
        value = kitchen.again(number)
    except DriftscopeError as error:
        return Checked(number.name, f"cannot be computed: {error}")
    return Checked(number.name, "" if number.holds(value) else f"is {value:.10g}; the capsule says {number.value:.10g}")
