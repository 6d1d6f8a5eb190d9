"""Where a case keeps what somebody made by hand, one JSON file each, in a place that no cleaning of caches touches.

Records lie in `.driftscope/pins/` beside the case, or in the user's folder where the case cannot be written to. A file appears whole or not
at all; what is taken away moves to `trash/` inside; a file that cannot be read is reported and left alone.
"""

from __future__ import annotations

import fcntl
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from monitor.case import Case
from monitor.engine.store import OWN, digest, user_folder
from monitor.errors import SelectionError, SourceError
from monitor.export.files import json_bytes, moment_iso, plain, write_whole
from monitor.gate import Right, passing

TRASH = "trash"
_ID = re.compile(r"\d{8}T\d{12}-[0-9a-f]{8}")


class Record(Protocol):
    """A frozen dataclass that can be kept: `id` names its file, `format` the version of Driftscope's records that it was written by."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def id(self) -> str:
        """Name of its file."""

    @property
    def format(self) -> int:
        """Version of the form it has."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file on a shelf that cannot be read, and why. It is never deleted."""

    path: Path
    message: str


@dataclass(frozen=True, slots=True)
class Born:
    """What a new record is called and when it was made, UTC."""

    id: str
    created: str


def born() -> Born:
    """Return the id and the time of a new record."""
    now = datetime.now(UTC)
    return Born(f"{now:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}", moment_iso(now.replace(microsecond=0)))


def pins_folders(case: Case) -> tuple[Path, Path]:
    """Return where records may lie: beside the case (first) and in the user's folder."""
    return case.root / OWN / "pins", user_folder() / digest(str(case.root))[:16] / "pins"


@contextmanager
def alone(folder: Path, noun: str) -> Iterator[None]:
    """Let one writer at a time, on this machine, change what lies in a folder.

    Raises
    ------
    SourceError
        The folder cannot be written to.
    """
    try:
        # A link is not followed, and a pipe in its place is not waited for.
        lock = os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise SourceError(f"The {noun} cannot be changed in '{folder}': {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@dataclass(frozen=True, slots=True)
class Shelf(Generic[R]):
    """Records of one sort: what one is called (`noun`), how it is read, its newest `format`, the folder `inside` that of the pins, and what
    their `ids` look like."""

    noun: str
    adapter: TypeAdapter[R]
    format: int
    inside: str = ""
    ids: re.Pattern[str] = _ID

    def keep(self, case: Case, record: R) -> None:
        """Write a record (or replace the one with its id).

        Raises
        ------
        SourceError
            It cannot be written.
        """
        known = self._known(case, record.id)
        self._write(known or self._writable(case) / f"{record.id}.json", record)

    def change(self, case: Case, record_id: str, change: Callable[[R], R], *, new: R | None = None) -> R:
        """Change a record as it lies in its file now, and return it; nobody else changes one meanwhile.

        Parameters
        ----------
        new : what is changed where there is no such record yet.

        Raises
        ------
        SelectionError
            There is none with that id, or the change is refused.
        SourceError
            Its file cannot be read or written.
        """
        known = self._known(case, record_id)
        folder = self._writable(case) if known is None else known.parent
        with alone(folder, self.noun):
            path = folder / f"{record_id}.json"
            before = new if new is not None and not path.is_file() else self._read(self._path(case, record_id))
            changed = change(before)
            self._write(path, changed)
        return changed

    def one(self, case: Case, record_id: str) -> R:
        """Return a record.

        Raises
        ------
        SelectionError
            There is none with that id.
        SourceError
            Its file cannot be read.
        """
        return self._read(self._path(case, record_id))

    def every(self, case: Case, *, trashed: bool = False) -> tuple[Sequence[R], Sequence[Unreadable]]:
        """Return the records (or those that were taken away) in order of their making, and the files that are not readable."""
        found: dict[str, R] = {}
        unreadable: list[Unreadable] = []
        for path in self._files(case, trashed):
            try:
                read = self._read(path)
            except SourceError as error:
                unreadable.append(Unreadable(path, str(error)))
                continue
            found.setdefault(read.id, read)
        return tuple(found[key] for key in sorted(found)), tuple(unreadable)

    def stamp(self, case: Case) -> tuple[tuple[str, int, int], ...]:
        """Return what changes whenever a record does: name, moment and size of each file."""
        facts = ((path, path.stat()) for path in self._files(case, trashed=False))
        return tuple((str(path), fact.st_mtime_ns, fact.st_size) for path, fact in facts)

    def take_away(self, case: Case, record_id: str) -> Path:
        """Move a record to the trash folder beside it; return where it is now.

        Raises
        ------
        SelectionError
            There is no such record.
        SourceError
            It cannot be moved.
        """
        path = self._path(case, record_id)
        return self._move(path, path.parent / TRASH / path.name)

    def put_back(self, case: Case, record_id: str) -> Path:
        """Put a record back that was taken away; return where it is now.

        Raises
        ------
        SelectionError
            It is not in the trash, or is back already.
        SourceError
            It cannot be moved.
        """
        if self._known(case, record_id) is not None:
            raise SelectionError(f"The {self.noun} '{record_id}' is back already.")
        found = next((path for folder in self._folders(case) if (path := folder / TRASH / f"{record_id}.json").is_file()), None)
        if found is None:
            raise SelectionError(f"There is no {self.noun} '{record_id}' in the trash. It may have been put back in another window.")
        return self._move(found, found.parent.parent / found.name)

    def _folders(self, case: Case) -> tuple[Path, ...]:
        beside, users = (folder / self.inside for folder in pins_folders(case))
        links = (case.root / OWN, case.root / OWN / "pins", beside)  # a link in a case leads where its sender chose
        return (users,) if any(one.is_symlink() for one in links) else (beside, users)

    def _files(self, case: Case, trashed: bool) -> Iterator[Path]:
        for folder in (one / TRASH if trashed else one for one in self._folders(case)):
            if folder.is_dir():
                yield from sorted(path for path in folder.iterdir() if path.suffix == ".json" and not path.name.startswith("."))

    def _known(self, case: Case, record_id: str) -> Path | None:
        if not self.ids.fullmatch(record_id):
            raise SelectionError(f"'{record_id}' is not the id of a {self.noun}.")
        return next((path for folder in self._folders(case) if (path := folder / f"{record_id}.json").is_file()), None)

    def _path(self, case: Case, record_id: str) -> Path:
        found = self._known(case, record_id)
        if found is None:
            raise SelectionError(f"There is no {self.noun} '{record_id}'. It may have been taken away in another window.")
        return found

    def _writable(self, case: Case) -> Path:
        for folder in self._folders(case):
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError:
                continue  # a case on a read-only disk: the user's folder is next
            if os.access(folder, os.W_OK | os.X_OK):
                return folder
        raise SourceError(f"Nothing can be kept: neither of {', '.join(map(str, self._folders(case)))} can be written to.")

    def _write(self, path: Path, record: R) -> None:
        content = json_bytes(plain(asdict(record)))
        with passing(Right.WORK, f"kept the {self.noun}", path, content):
            write_whole(path, content)

    def _read(self, path: Path) -> R:
        try:
            read = self.adapter.validate_json(path.read_bytes())
        except OSError as error:
            raise SourceError(f"The {self.noun} '{path}' cannot be read: {error.strerror}.") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            at = f" at {where!r}" if where else ""
            raise SourceError(f"The {self.noun} '{path}' is damaged{at}: {first['msg']}. It was left as it is.") from error
        if read.format > self.format or read.id != path.stem:
            raise SourceError(f"The {self.noun} '{path}' was written by another version of Driftscope, or renamed. It was left as it is.")
        return read

    def _move(self, path: Path, target: Path) -> Path:
        back = path.parent.name == TRASH
        try:
            with passing(Right.WORK, f"{'put back' if back else 'took away'} the {self.noun}", target):
                target.parent.mkdir(exist_ok=True)
                os.replace(path, target)
        except OSError as error:
            raise SourceError(f"The {self.noun} '{path}' cannot be moved to '{target.parent}': {error.strerror}.") from error
        return target
