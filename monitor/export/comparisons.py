"""Pinned comparisons: named choices of the global bar that a case keeps, one JSON file each, beside its pinned findings.

They lie in `comparisons/` inside the folder of pins. A file appears whole or not at all; a comparison that is taken away moves to `trash/`
inside; a file that cannot be read is reported and left alone.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from monitor.case import Case
from monitor.errors import SelectionError, SourceError
from monitor.export.files import json_bytes, moment_iso, write_whole
from monitor.export.pins import TRASH, Unreadable, pins_folders

FORMAT = 1
LONGEST_NAME = 80
_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A named comparison: `choices` are names and values of the address, without the case; `created` is UTC."""

    id: str
    created: str
    name: str
    choices: Mapping[str, str]
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The comparisons of a case in order of their names, and the files that are not readable."""

    kept: tuple[Comparison, ...]
    unreadable: tuple[Unreadable, ...] = ()

    def named(self, name: str) -> Comparison | None:
        """Return the comparison of that name."""
        return next((one for one in self.kept if one.name == name), None)


_ADAPTER = TypeAdapter(Comparison)


def pin_comparison(case: Case, name: str, choices: Mapping[str, str]) -> Comparison:
    """Keep the choices of the bar under a name.

    Raises
    ------
    SelectionError
        The name is empty, too long or taken.
    SourceError
        It cannot be written.
    """
    known, title = list_comparisons(case), " ".join(name.split())
    if not title or len(title) > LONGEST_NAME:
        raise SelectionError(f"Give the comparison a name of 1 to {LONGEST_NAME} letters.")
    if known.named(title) is not None:
        raise SelectionError(f"There is a comparison called '{title}'. Choose another name, or unpin that one first.")
    now = datetime.now(UTC)
    made = Comparison(
        id=f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}",
        created=moment_iso(now.replace(microsecond=0)),
        name=title,
        choices={str(key): str(value) for key, value in choices.items()},
    )
    write_whole(_writable(case) / f"{made.id}.json", json_bytes(asdict(made)))
    return made


def list_comparisons(case: Case) -> Comparisons:
    """Return the comparisons of a case."""
    found: dict[str, Comparison] = {}
    unreadable = []
    for folder in _folders(case):
        for path in sorted(folder.glob("[0-9]*.json")) if folder.is_dir() else ():
            try:
                read = _read(path)
            except SourceError as error:
                unreadable.append(Unreadable(path, str(error)))
                continue
            found.setdefault(read.id, read)
    return Comparisons(tuple(sorted(found.values(), key=lambda one: (one.name.casefold(), one.id))), tuple(unreadable))


def unpin_comparison(case: Case, comparison_id: str) -> Path:
    """Take a comparison away: its file moves to the trash folder beside it; return where it is now.

    Raises
    ------
    SelectionError
        There is no such comparison.
    SourceError
        It cannot be moved.
    """
    if not _ID.fullmatch(comparison_id):
        raise SelectionError(f"'{comparison_id}' is not the id of a comparison.")
    path = next((path for folder in _folders(case) if (path := folder / f"{comparison_id}.json").is_file()), None)
    if path is None:
        raise SelectionError("There is no such comparison. It may have been taken away in another window.")
    target = path.parent / TRASH / path.name
    try:
        target.parent.mkdir(exist_ok=True)
        os.replace(path, target)
    except OSError as error:
        raise SourceError(f"The comparison '{path}' cannot be moved to '{target.parent}': {error.strerror}.") from error
    return target


def _folders(case: Case) -> tuple[Path, ...]:
    return tuple(folder / "comparisons" for folder in pins_folders(case))


def _writable(case: Case) -> Path:
    for folder in _folders(case):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue  # a case on a read-only disk: the user's folder is next
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise SourceError(f"Nothing can be pinned: neither of {', '.join(map(str, _folders(case)))} can be written to.")


def _read(path: Path) -> Comparison:
    try:
        read = _ADAPTER.validate_json(path.read_bytes())
    except OSError as error:
        raise SourceError(f"The comparison '{path}' cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        raise SourceError(f"The comparison '{path}' is damaged: {error.errors()[0]['msg']}. It was left as it is.") from error
    if read.format > FORMAT or read.id != path.stem:
        raise SourceError(f"The comparison '{path}' was written by another version of Driftscope, or renamed. It was left as it is.")
    return read
