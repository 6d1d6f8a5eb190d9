"""The store of MLflow that a person names: a file of SQLite here, or an address in their own settings. Nothing else is asked."""

from __future__ import annotations

import logging
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from monitor.case.settings import Settings
from monitor.errors import ExtensionMissingError, SettingError, SourceError, nearest

FILE = Settings("mlflow.toml", "stores of MLflow", "no other machine is asked")
SQLITE = "sqlite:///"


class Address(BaseModel):
    """A store in the user's own settings: `uri` as MLflow takes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uri: str


_ADDRESSES = TypeAdapter(dict[str, Address])


@dataclass(frozen=True, slots=True)
class Store:
    """A store: its client; `file` of SQLite, None where it is an address that the user's settings name."""

    client: Any
    name: str
    file: Path | None

    def place(self, uri: str) -> Path | None:
        """Return where an artifact lies on this machine; None where it lies elsewhere and the settings name the store, so that it may.

        Raises
        ------
        SettingError
            It lies elsewhere, and the store is a file: the file alone would say who is asked.
        """
        parts = urlsplit(uri)
        if parts.scheme in ("", "file") and parts.netloc in ("", "localhost"):
            return Path(unquote(parts.path))
        if self.file is None:
            return None
        raise SettingError(
            f"The store '{self.name}' keeps artifacts at {parts.scheme}://{parts.hostname or ''}, which is not on this machine. "
            f"Name the store in your own settings '{FILE.path()}' ([name] uri = \"...\") and give that name."
        )


def open_store(name: str, *, new: bool) -> Store:
    """Open a store of MLflow.

    Parameters
    ----------
    name : path of a file of SQLite (or `sqlite:///path`), or a name in the user's own settings.
    new : whether a file that is not there is made.

    Raises
    ------
    ExtensionMissingError
        The extra `mlflow` is not installed.
    SettingError
        It is an address that the user's settings do not name, or there is no such name.
    SourceError
        There is no such file, or it is no store.
    """
    uri, file = _uri(name, new=new)
    # What it would tell its makers of each call; it is read when the package is imported.
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    try:
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError
    except ImportError as error:
        raise ExtensionMissingError(f"MLflow needs packages that are not installed: pip install 'driftscope[mlflow]' ({error}).") from error
    for noisy in ("mlflow", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)  # a file that is no store is told here
    except (MlflowException, SQLAlchemyError) as error:
        raise SourceError(f"'{name}' is no store of MLflow that can be opened: {str(error).splitlines()[0]}") from error
    return Store(client, name, file)


def _uri(name: str, *, new: bool) -> tuple[str, Path | None]:
    if "://" in name and not name.startswith(SQLITE):
        raise SettingError(
            f"'{urlsplit(name).scheme}://...' is not on this machine. Write it into your own settings '{FILE.path()}' "
            '([name] uri = "...") and give that name with --store.'
        )
    known = {} if name.startswith(SQLITE) else _named()
    if name in known:
        return known[name].uri, None
    path = Path(name.removeprefix(SQLITE)).absolute()
    if not path.is_file() and (not new or not path.parent.is_dir()):
        hint = nearest(name, known)
        raise SourceError(f"There is no file '{path}' and no store of that name in '{FILE.path()}'.{hint} Give a file of SQLite.")
    if any(letter in str(path) for letter in "?#%"):
        raise SourceError(f"'{path}' holds letters that an address of SQLite cannot (?, #, %). Give another file.")
    return f"{SQLITE}{path}", path


def _named() -> dict[str, Address]:
    content = FILE.read()
    if content is None:
        return {}
    try:
        return _ADDRESSES.validate_python(tomllib.loads(content.decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(f"Your stores of MLflow '{FILE.path()}' are not valid TOML: {error}.") from error
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise SettingError(
            f"Your stores of MLflow '{FILE.path()}': {where}: {error.errors()[0]['msg']}. Write [name] uri = \"...\"."
        ) from error
