"""A training set as it was built: found again, and refused where anything of it is not as it was."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from monitor.case import Case
from monitor.case.settings import Settings
from monitor.engine.store import content_hash
from monitor.errors import SettingError, SourceError
from monitor.retraining.writing import MANIFEST, TRAINING, WEIGHT, fingerprint_of, set_id

MOST_BYTES = 50_000_000
"""A manifest larger than this is none: one of 20,000 columns and as many windows takes a tenth."""
AGAIN = "Build it again with 'driftscope retrain build CASE --out DIR'."
_LAST = Settings("training_sets.json", "training sets", "name the folder of the set")


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A set that was built and is as it was: its `folder` and what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def id(self) -> str:
        """What it is called everywhere."""
        return str(self.manifest["id"])

    @property
    def fingerprint(self) -> str:
        """Hash of all that its manifest says."""
        return str(self.manifest["fingerprint"])

    @property
    def rows(self) -> int:
        """Rows that a model learns from."""
        return int(self.manifest["rows"])

    @property
    def last(self) -> str:
        """The last window of production that is learned from; empty where none is."""
        used = (str(row["window"]) for row in self.manifest.get("windows") or () if row["source"] == "production" and row["used"])
        return max(used, default="")

    @property
    def until(self) -> str:
        """The last window of production that there was when it was built; empty where there was none."""
        return str(self.manifest.get("until") or "")

    def path(self, name: str, case: Case) -> str:
        """Return where one of its files is: from the case's folder where it lies inside, else the whole path."""
        file, root = (self.folder / name).resolve(), case.root.resolve()
        return file.relative_to(root).as_posix() if file.is_relative_to(root) else str(file)


def read_set(case: Case, folder: Path, *, rows: bool = True) -> TrainingSet:
    """Read a set and check that neither its manifest nor its rows (unless `rows` is false: they are read whole for that) changed since it
    was built, and that it is of this case.

    Raises
    ------
    SourceError
        It is not there, cannot be read, is of another case, or is not as it was.
    """
    file = folder / MANIFEST
    manifest = _manifest(file)
    if (of := str(manifest.get("case"))) != case.name:
        raise SourceError(f"'{file}' is a training set of the case '{of[:80]}', not of '{case.name}'. Name the folder of its own.")
    wanted, seen = str(manifest["fingerprint"]), fingerprint_of(manifest)
    if wanted != seen:
        raise SourceError(f"'{file}' changed since it was built: what it says has the fingerprint {seen[:12]}, not {wanted[:12]}. {AGAIN}")
    if rows:
        _check_rows(folder / TRAINING, manifest)
    if manifest.get("id") != set_id(case.name, str(manifest["sha256"])):
        raise SourceError(f"'{file}' calls the set '{str(manifest.get('id'))[:80]}', which is no name of these rows. {AGAIN}")
    return TrainingSet(folder, manifest)


def _manifest(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise SourceError(f"'{file}' has {file.stat().st_size / 1e6:.0f} MB; a manifest has at most {MOST_BYTES / 1e6:.0f}. Is it one?")
        found = json.loads(file.read_bytes())
    except FileNotFoundError as error:
        raise SourceError(f"There is no training set in '{file.parent}': it has no {MANIFEST}. {AGAIN}") from error
    except OSError as error:
        raise SourceError(f"'{file}' cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise SourceError(f"'{file}' is not the manifest of a training set: it is no JSON. {AGAIN}") from error
    lacking = [name for name in ("fingerprint", "sha256", "rows", "id") if not isinstance(found, dict) or name not in found]
    if lacking:
        raise SourceError(f"'{file}' does not say {' and '.join(lacking)}: an older version built it, or it is no training set. {AGAIN}")
    return dict(found)


def _check_rows(file: Path, manifest: Mapping[str, Any]) -> None:
    try:
        seen = content_hash(file)
        told = pq.read_metadata(file)
        names = pq.read_schema(file).names
    except FileNotFoundError as error:
        raise SourceError(f"There is no '{file}' beside the manifest that names it. {AGAIN}") from error
    except (OSError, pa.ArrowException) as error:
        raise SourceError(f"'{file}' cannot be read as Parquet: {error}. {AGAIN}") from error
    if seen != manifest["sha256"]:
        raise SourceError(f"'{file}' changed since it was built: its sha256 is {seen[:12]}, not {str(manifest['sha256'])[:12]}. {AGAIN}")
    if told.num_rows != manifest["rows"] or WEIGHT not in names:
        raise SourceError(f"'{file}' is not what its manifest says: {told.num_rows:,} rows with {len(names)} columns. {AGAIN}")


def remember_set(case: Case, folder: Path) -> None:
    """Note, in the user's own settings, where the last set of a case was built.

    Raises
    ------
    SettingError
        The user's settings cannot be read or written.
    """
    with _LAST.writing():
        known = {**_remembered(), os.path.realpath(case.root): os.path.realpath(folder)}
        _LAST.write(json.dumps(known, indent=1) + "\n")


def last_set(case: Case) -> Path | None:
    """Return where this user built the last set of a case; None where none was. What came with a case says nothing of it.

    Raises
    ------
    SettingError
        The user's settings cannot be relied on.
    """
    found = _remembered().get(os.path.realpath(case.root))
    return None if found is None else Path(found)


def _remembered() -> dict[str, str]:
    text = _LAST.read()
    try:
        found = {} if text is None else json.loads(text)
    except ValueError as error:
        raise SettingError(f"Your training sets '{_LAST.path()}' are damaged: delete the file, and name the folder of the set.") from error
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
