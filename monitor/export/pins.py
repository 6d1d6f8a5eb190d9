"""Pinned findings: what somebody kept, one JSON file each, in a place that no cleaning of caches touches.

They lie in `.driftscope/pins/` beside the case, or in the user's folder where the case cannot be written to. A file appears whole
or not at all; a pin that is taken away moves to `trash/` inside; a file that cannot be read is reported and left alone.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from monitor.case import Case
from monitor.engine.store import digest, user_folder
from monitor.errors import SelectionError, SourceError
from monitor.export.files import json_bytes, moment_iso, plain, provenance_record, records, write_whole
from monitor.export.results import as_result
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.findings import Finding
from monitor.judgement.joint_findings import JointFinding, joint_sentence, joint_when
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.sentences import baseline_words, headline, sentence
from monitor.tables import Provenance

FORMAT = 1
_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")
TRASH = "trash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A finding that somebody kept, with all that is needed to read it without the data.

    `created` is UTC; `view` the query of the address that shows it again; `finding` its fields; `rows` the rows of the table behind
    it; `charts` complete Vega-Lite specifications.
    """

    id: str
    created: str
    case: str
    title: str
    sentence: str
    analysis: str
    comment: str = ""
    view: str = ""
    finding: Mapping[str, Any] = field(default_factory=dict)
    rows: tuple[Mapping[str, Any], ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    charts: tuple[Mapping[str, Any], ...] = ()
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file among the pins that cannot be read, and why. It is never deleted."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Pins:
    """The pins of a case, the newest first, and the files that are not readable."""

    pins: tuple[Pin, ...]
    unreadable: tuple[Unreadable, ...] = ()


@dataclass(frozen=True, slots=True)
class _Counted:
    used: int
    excluded: Mapping[str, int] = field(default_factory=dict)


_ADAPTER = TypeAdapter(Pin)
_PROVENANCE = TypeAdapter(Provenance)
_ROWS = TypeAdapter(dict[str, _Counted])


def drift_pin(finding: Finding, judged: JudgedDrift, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()) -> Pin:
    """Return a pin of a finding on drift; `pin` keeps it."""
    rows = judged.table[judged.table["column"] == finding.column]
    result = as_result(judged)
    return new_pin(
        case=result.case,
        title=headline(finding),
        sentence=sentence(finding, against=baseline_words(judged)),
        analysis=result.analysis,
        comment=comment,
        view=view,
        finding=plain(asdict(finding)),
        rows=tuple(records(rows)),
        provenance=provenance_record(result.provenance),
        charts=tuple(charts),
    )


def joint_pin(
    finding: JointFinding, judged: JudgedMultivariate, *, view: str = "", comment: str = "", charts: Sequence[Mapping[str, Any]] = ()
) -> Pin:
    """Return a pin of a finding on joint drift; `pin` keeps it."""
    result = as_result(judged)
    return new_pin(
        case=result.case,
        title=f"{finding.title} {joint_when(finding)}",
        sentence=joint_sentence(finding),
        analysis=result.analysis,
        comment=comment,
        view=view,
        finding=plain(asdict(finding)),
        rows=tuple(records(judged.of(finding.method).assign(expected=judged.of(finding.method)["upper"]))),
        provenance=provenance_record(result.provenance),
        charts=tuple(charts),
    )


def new_pin(**parts: Any) -> Pin:
    """Return a pin with an id and a time of its own; `parts` are its other fields."""
    now = datetime.now(UTC)
    return Pin(id=f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}", created=moment_iso(now.replace(microsecond=0)), **parts)


def pin(case: Case, kept: Pin) -> Pin:
    """Keep a pin (or replace the one with its id).

    Raises
    ------
    SourceError
        When it cannot be written.
    """
    _check_id(kept.id)
    known = next((path for path in _paths(case, kept.id) if path.is_file()), None)
    path = known or _writable(case) / f"{kept.id}.json"
    write_whole(path, json_bytes(plain(asdict(kept))))
    return kept


def list_pins(case: Case, *, trashed: bool = False) -> Pins:
    """Return the pins of a case (or those that were taken away), the newest first."""
    found: dict[str, Pin] = {}
    unreadable: list[Unreadable] = []
    for path in _files(case, TRASH if trashed else ""):
        try:
            read = _read(path)
        except SourceError as error:
            unreadable.append(Unreadable(path, str(error)))
            continue
        found.setdefault(read.id, read)
    return Pins(tuple(sorted(found.values(), key=lambda one: one.id, reverse=True)), tuple(unreadable))


def comment(case: Case, pin_id: str, text: str) -> Pin:
    """Write a comment on a pin, in place of the one it has.

    Raises
    ------
    SelectionError
        When there is no such pin.
    SourceError
        When its file cannot be read or written.
    """
    path = _path(case, pin_id)
    changed = replace(_read(path), comment=text)
    write_whole(path, json_bytes(plain(asdict(changed))))
    return changed


def unpin(case: Case, pin_id: str) -> Path:
    """Take a pin away: its file moves to the trash folder beside it; return where it is now.

    Raises
    ------
    SelectionError
        When there is no such pin.
    SourceError
        When it cannot be moved.
    """
    path = _path(case, pin_id)
    return _move(path, path.parent / TRASH / path.name)


def put_back(case: Case, pin_id: str) -> Path:
    """Put a pin back that was taken away; return where it is now.

    Raises
    ------
    SelectionError
        When it is not in the trash, or is back already.
    SourceError
        When it cannot be moved.
    """
    _check_id(pin_id)
    if any(path.is_file() for path in _paths(case, pin_id)):
        raise SelectionError(f"The pin '{pin_id}' is back already.")
    found = next((path for folder in pins_folders(case) if (path := folder / TRASH / f"{pin_id}.json").is_file()), None)
    if found is None:
        raise SelectionError(f"There is no pin '{pin_id}' in the trash. It may have been put back in another window.")
    return _move(found, found.parent.parent / found.name)


def _move(path: Path, target: Path) -> Path:
    try:
        target.parent.mkdir(exist_ok=True)
        os.replace(path, target)
    except OSError as error:
        raise SourceError(f"The pin '{path}' cannot be moved to '{target.parent}': {error.strerror}.") from error
    return target


def provenance_of(kept: Pin) -> Provenance | None:
    """Return where a pin's numbers come from; None when it does not say so, or not as this version writes it."""
    sql = kept.provenance.get("sql", ())
    steps = [(one.get("step"), one.get("sql")) for one in sql if isinstance(one, Mapping)] if isinstance(sql, Sequence) else []
    try:
        _ROWS.validate_python(kept.provenance.get("rows"))
        return _PROVENANCE.validate_python({**kept.provenance, "sql": steps})
    except ValidationError:
        return None


def pins_folders(case: Case) -> tuple[Path, Path]:
    """Return where pins may lie: beside the case, and in the user's folder."""
    return case.root / ".driftscope" / "pins", user_folder() / digest(str(case.root))[:16] / "pins"


def _writable(case: Case) -> Path:
    for folder in pins_folders(case):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue  # a case on a read-only disk: the user's folder is next
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    raise SourceError(f"Nothing can be pinned: neither of {', '.join(map(str, pins_folders(case)))} can be written to.")


def _files(case: Case, inside: str = "") -> Iterator[Path]:
    for folder in (one / inside for one in pins_folders(case)):
        if folder.is_dir():
            yield from sorted(path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith("."))


def _paths(case: Case, pin_id: str) -> tuple[Path, ...]:
    return tuple(folder / f"{pin_id}.json" for folder in pins_folders(case))


def _path(case: Case, pin_id: str) -> Path:
    _check_id(pin_id)
    found = next((path for path in _paths(case, pin_id) if path.is_file()), None)
    if found is None:
        raise SelectionError(f"There is no pin '{pin_id}'. It may have been taken away in another window.")
    return found


def _check_id(pin_id: str) -> None:
    if not _ID.fullmatch(pin_id):
        raise SelectionError(f"'{pin_id}' is not the id of a pin.")


def _read(path: Path) -> Pin:
    try:
        read = _ADAPTER.validate_json(path.read_bytes())
    except OSError as error:
        raise SourceError(f"The pin '{path}' cannot be read: {error.strerror}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise SourceError(
            f"The pin '{path}' is damaged{f' at {where!r}' if where else ''}: {first['msg']}. It was left as it is."
        ) from error
    if read.format > FORMAT or read.id != path.stem:
        raise SourceError(f"The pin '{path}' was written by another version of Driftscope, or renamed. It was left as it is.")
    return read


def pins_json(pins: Sequence[Pin]) -> bytes:
    """Return pins as one JSON file, everything inside."""
    return json_bytes({"pins": [plain(asdict(one)) for one in pins]})
