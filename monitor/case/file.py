"""Reading a case from its case.toml."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from pydantic import ValidationError
from tomlkit.exceptions import TOMLKitError

from monitor.case.complaints import complaints
from monitor.case.model import Case
from monitor.case.sections import CaseFile
from monitor.case.windows import WindowSize
from monitor.errors import CaseError

CASE_FILE = "case.toml"
MOST_BYTES = 2_000_000
"""A case file larger than this is none: all columns of the widest table, named and labelled, take less."""


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
        file = CaseFile.model_validate(raw)
    except ValidationError as error:
        where = called or f"{CASE_FILE} in '{root}'"
        raise CaseError(f"{where}: {'; '.join(complaints(error, CaseFile))}") from error
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
        retraining=file.retraining,
        segments=file.segments,
    )
    case.check()
    return case
