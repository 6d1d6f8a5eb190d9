"""The case as one part of its data sees it: what it says of columns that only other parts have is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from monitor.case import Case, Roles
from monitor.engine.opening import open_workspace
from monitor.engine.workspace import Workspace
from monitor.errors import CaseError

Told = TypeVar("Told")


def alone(case: Case) -> Case:
    """Return the case with the reference on both sides: what it is cut by, whatever files of production there are."""
    return fitted(replace(case, data=case.data.model_copy(update={"production": case.data.reference, "labels": None})))


def fitted(case: Case) -> Case:
    """Return a case without what it says of columns that its data do not have."""
    bare = replace(case, roles=Roles(), kinds={}, labels_text={}, formats={}, value=None)
    with open_workspace(bare) as workspace:
        names = {name for source in workspace.sources.values() for name in source.types}
    known = {name: value for name in Roles.model_fields if (value := _within(name, getattr(case.roles, name), names)) is not None}
    kinds, texts, formats = _of(case.kinds, names), _of(case.labels_text, names), _of(case.formats, names)
    value = case.value if case.value and set(case.value.columns()) <= names else None
    return replace(case, roles=Roles(**known), value=value, kinds=kinds, labels_text=texts, formats=formats)


def _of(told: Mapping[str, Told], names: set[str]) -> dict[str, Told]:
    return {name: value for name, value in told.items() if name in names}


def _within(field_name: str, value: Any, names: set[str]) -> Any:
    """Return the columns of a role that there are, None for none."""
    if field_name in ("positive_class", "threshold"):
        return value
    if isinstance(value, tuple):
        return tuple(name for name in value if name in names)
    columns = set(value.values()) if isinstance(value, Mapping) else {value}
    return value if columns <= names else None


def place_of(case: Case, file: Path) -> str:
    """Return what a case calls a file: its path in the folder of the case, or the whole of it outside."""
    return file.relative_to(case.root).as_posix() if file.is_relative_to(case.root) else str(file)


def open_file(case: Case, place: str) -> Workspace:
    """Open a case with one file as production."""
    one = replace(case, data=case.data.model_copy(update={"production": (place,)}))
    try:
        return open_workspace(one)
    except CaseError:  # a column that only other files have
        return open_workspace(fitted(one))
