"""A model registered in MLflow beside a case: do its columns fit, and are its versions those that are logged?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.engine import Selection, Workspace, model_versions, sample
from monitor.errors import SelectionError, SourceError, nearest
from monitor.export.mlflow_store import Store
from monitor.tables import Contract
from monitor.vocabulary import Role

FITS, MISSING, OPTIONAL, TYPE, EXTRA = "fits", "missing", "missing_optional", "type", "extra"
SIGNATURE = Contract(
    "signature",
    ("column",),
    {
        "column": "of the model's signature or, as a feature, of the case",
        "model_type": "type in the signature; null where the model does not take it",
        "required": "whether the model needs it",
        "case_kind": "kind in the case; null where production has no such column",
        "verdict": "fits, missing, missing_optional, type (MLflow would refuse the values), extra (a feature that the model does not take)",
        "message": "what MLflow says of a type; null where it fits",
    },
)
ROWS = 1000
"""Rows of production, drawn by their ids, whose values MLflow is asked about."""
MOST_BYTES = 20_000_000
_DESCRIPTION = "MLmodel"


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version: its number, aliases, the run that made it, and when it was registered (milliseconds since 1970)."""

    version: str
    aliases: tuple[str, ...]
    run: str
    created: int
    source: str

    @property
    def names(self) -> frozenset[str]:
        """Every name it has in the store."""
        return frozenset({self.version, *self.aliases, self.run} - {""})


@dataclass(frozen=True, slots=True)
class Compared:
    """A registered model beside a case: `table` keeps `SIGNATURE`; `logged` maps each version that production names to the registered one
    that has exactly this name (None: none has)."""

    version: Version
    versions: tuple[Version, ...]
    table: pd.DataFrame
    logged: Mapping[str, str | None]
    rows: int

    @property
    def fits(self) -> bool:
        """Whether the model would take rows of production."""
        return not self.table["verdict"].isin((MISSING, TYPE)).any()


def compare_model(store: Store, name: str, workspace: Workspace, version: str = "") -> Compared:
    """Compare a registered model with the columns of production.

    Parameters
    ----------
    version : number or alias; default the newest.

    Raises
    ------
    SelectionError
        There is no such model or version.
    SourceError
        It has no signature, or what it says of itself cannot be read.
    """
    versions = _versions(store, name)
    chosen = _chosen(versions, name, version)
    inputs = _inputs(store, name, chosen)
    columns = list(workspace.source("production").types)
    rows = _rows(workspace, [one["name"] for one in inputs if one["name"] in columns])
    table = SIGNATURE.check(_table(inputs, columns, workspace, rows))
    return Compared(chosen, tuple(versions), table, _logged(workspace, versions), len(rows))


def _versions(store: Store, name: str) -> list[Version]:
    from mlflow.exceptions import MlflowException

    try:
        aliases: dict[str, list[str]] = {}
        for alias, number in store.client.get_registered_model(name).aliases.items():
            aliases.setdefault(str(number), []).append(str(alias))
        quoted = '"' if "'" in name else "'"
        found = store.client.search_model_versions(f"name={quoted}{name}{quoted}")
    except MlflowException as error:
        known = [one.name for one in store.client.search_registered_models(max_results=100)]
        hint = f"{nearest(name, known)} Registered: {', '.join(known[:10]) or 'none'}."
        raise SelectionError(f"The store '{store.name}' has no registered model '{name}'.{hint}") from error
    versions = [
        Version(str(one.version), tuple(aliases.get(str(one.version), ())), one.run_id or "", int(one.creation_timestamp or 0), one.source)
        for one in found
    ]
    return sorted(versions, key=lambda one: int(one.version))


def _chosen(versions: Sequence[Version], name: str, version: str) -> Version:
    found = [one for one in versions if not version or version in (one.version, *one.aliases)]
    if not found:
        known = ", ".join("/".join((one.version, *one.aliases)) for one in versions) or "none"
        raise SelectionError(f"The model '{name}' has no version '{version}'. Registered: {known}.")
    return found[-1]


def _inputs(store: Store, name: str, version: Version) -> list[dict[str, Any]]:
    """Return the columns that a version takes, from its description; nothing of the model is loaded."""
    import yaml

    path = _folder(store, name, version) / _DESCRIPTION
    try:
        if path.stat().st_size > MOST_BYTES:
            raise SourceError(f"'{path}' is too large for the description of a model.")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found = json.loads((content.get("signature") or {}).get("inputs") or "[]")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"Version {version.version} of '{name}': its description '{path}' cannot be read: {error}.") from error
    except (yaml.YAMLError, json.JSONDecodeError, AttributeError, RecursionError) as error:
        raise SourceError(f"Version {version.version} of '{name}': '{path}' is no description of a model: {error}.") from error
    named = [one for one in found if isinstance(one, dict) and isinstance(one.get("name"), str)]
    if not named:
        raise SourceError(f"Version {version.version} of '{name}' says no columns by name: log the model with a signature of a table.")
    return named


def _folder(store: Store, name: str, version: Version) -> Path:
    """Return where a version lies on this machine; of a store that the user's settings name it is fetched."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        uri = str(store.client.get_model_version_download_uri(name, version.version))
        if uri.startswith("models:/"):
            uri = str(store.client.get_logged_model(uri.removeprefix("models:/")).artifact_location)
        place = store.place(uri)
        return Path(download_artifacts(f"{uri}/{_DESCRIPTION}")).parent if place is None else place
    except MlflowException as error:
        raise SourceError(f"Version {version.version} of '{name}' cannot be found: {str(error).splitlines()[0]}") from error


def _rows(workspace: Workspace, columns: Sequence[str]) -> pd.DataFrame:
    drawn: pd.DataFrame = sample(workspace, Selection("production"), columns, rows=ROWS).to_pandas()
    return drawn


def _table(inputs: Sequence[Mapping[str, Any]], columns: Sequence[str], workspace: Workspace, rows: pd.DataFrame) -> pd.DataFrame:
    found: list[tuple[str, str | None, bool | None, str | None, str, str | None]] = []
    for one in inputs:
        name, required = one["name"], bool(one.get("required", True))
        why = _refusal(one, rows) if name in rows else None
        verdict = (MISSING if required else OPTIONAL) if name not in columns else FITS if why is None else TYPE
        found.append((name, str(one.get("type")), required, _kind(workspace, name), verdict, why))
    taken = {one["name"] for one in inputs}
    extra = [name for name, info in workspace.columns.items() if info.role is Role.FEATURE and name not in taken and name in columns]
    found += [(name, None, None, _kind(workspace, name), EXTRA, None) for name in extra]
    return pd.DataFrame(found, columns=list(SIGNATURE.columns))


def _kind(workspace: Workspace, name: str) -> str | None:
    info = workspace.columns.get(name)
    return None if info is None or info.kind is None else str(info.kind)


def _refusal(one: Mapping[str, Any], rows: pd.DataFrame) -> str | None:
    """Return why MLflow would refuse the values of a column; None where it takes them."""
    from mlflow.exceptions import MlflowException
    from mlflow.models import validate_schema
    from mlflow.types import Schema

    try:
        validate_schema(rows[[one["name"]]], Schema.from_json(json.dumps([dict(one)])))
    except MlflowException as error:
        return " ".join(str(error).split())
    return None


def _logged(workspace: Workspace, versions: Sequence[Version]) -> dict[str, str | None]:
    """Return the versions that production names, each with the registered one of exactly that name."""
    if workspace.case.roles.model_version is None:
        return {}
    return {name: next((one.version for one in versions if name in one.names), None) for name in model_versions(workspace, "production")}
