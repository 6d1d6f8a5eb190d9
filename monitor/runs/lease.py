"""One run of a case at a time: a lease, which ends by itself when its owner does.

A file says who holds it until when. While the owner lives, it is renewed; when it was killed, another takes the lease: at once where it can
be seen that the process is gone (same machine, same boot, same processes), else when it has run out.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from monitor.errors import SourceError
from monitor.export.files import json_bytes, moment_iso, write_whole
from monitor.export.shelf import alone
from monitor.runs.own_files import read_own

NAME = "run.lease"
SECONDS = 300.0
"""How long a lease is good for: what another machine waits after the owner was cut off. It is renewed three times in that."""
LONGEST = timedelta(days=1)
"""A lease that claims more came from somewhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """Who is at it: `host` by name, `space` the boot and the set of processes that `pid` counts in, `born` when the process began (ticks,
    "" where the system does not say); moments are ISO 8601 in UTC."""

    owner: str
    host: str
    pid: int
    space: str = ""
    born: str = ""
    taken: str
    expires: str


_ADAPTER = TypeAdapter(Lease)


@dataclass(slots=True)
class Held:
    """A lease that this process holds; `lost` once somebody else took it, as after a machine that slept."""

    path: Path
    lease: Lease
    seconds: float
    lost: bool = False
    _done: threading.Event = field(default_factory=threading.Event)

    def check(self) -> None:
        """Raise if it is ours no more: what is written now could be older than what is there.

        Raises
        ------
        SourceError
        """
        if self.lost or (now := _read(self.path)) is None or now.owner != self.lease.owner:
            raise SourceError(f"Another run took '{self.path}' meanwhile: this one was stopped for too long. Its results were not kept.")

    def renew_until_done(self) -> None:
        """Renew it, three times in its length, until it is given back."""
        while not self._done.wait(self.seconds / 3):
            try:
                self._renew()
            except SourceError:
                continue  # a disk that is full for a moment; the next time, or somebody else takes it

    def _renew(self) -> None:
        with alone(self.path.parent, "lease"):
            now = _read(self.path)
            if now is None or now.owner != self.lease.owner:
                self.lost = True
                self._done.set()
                return
            _write(self.path, replace(now, expires=_after(self.seconds)))

    def give_back(self) -> None:
        """Let the next one have it."""
        self._done.set()
        with alone(self.path.parent, "lease"):
            now = _read(self.path)
            if now is not None and now.owner == self.lease.owner:
                self.path.unlink(missing_ok=True)


@contextmanager
def held(folder: Path, *, seconds: float = SECONDS) -> Iterator[Held]:
    """Hold the lease of a folder for as long as the block lasts.

    Raises
    ------
    SourceError
        Another run holds it, or it cannot be written.
    """
    path = folder / NAME
    lease = _own(seconds)
    with alone(folder, "lease"):
        before = _read(path)
        if before is not None and not is_dead(before):
            raise SourceError(
                f"Another run is at it since {before.taken} (process {before.pid} on {before.host}, '{path}'). Wait until it is done; "
                f"if that process was killed elsewhere, the lease runs out at {before.expires}."
            )
        _write(path, lease)
    mine = Held(path, lease, seconds)
    threading.Thread(target=mine.renew_until_done, name="lease", daemon=True).start()
    try:
        yield mine
    finally:
        mine.give_back()


def is_dead(one: Lease) -> bool:
    """Say whether nobody holds a lease any more: it ran out, its process is gone, or it never was one of ours."""
    now = datetime.now(UTC)
    try:
        expires = datetime.fromisoformat(one.expires)
    except ValueError:
        return True
    if expires.tzinfo is None or expires <= now or expires > now + LONGEST:
        return True
    return bool(one.space) and one.space == _space() and not _lives(one)


def _lives(one: Lease) -> bool:
    try:
        os.kill(one.pid, 0)
    except PermissionError:
        return True
    except (ProcessLookupError, OverflowError):
        return False
    return not one.born or one.born == _born(one.pid)


def _own(seconds: float) -> Lease:
    now = moment_iso(datetime.now(UTC).replace(microsecond=0))
    return Lease(
        owner=secrets.token_hex(8), host=socket.gethostname(), pid=os.getpid(), space=_space(), born=_born(os.getpid()), taken=now,
        expires=_after(seconds),
    )  # fmt: skip


def _after(seconds: float) -> str:
    return moment_iso(datetime.now(UTC) + timedelta(seconds=seconds))


def _space() -> str:
    """Return what a process number counts in: two containers of one name, or a machine that started again, have another. "" if unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def _born(pid: int) -> str:
    """Return when a process began: a number that is given again belongs to another process."""
    try:
        facts = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return facts.rpartition(")")[2].split()[19]  # field 22 of proc(5); the name in parentheses may hold blanks


def _read(path: Path) -> Lease | None:
    content = read_own(path)
    try:
        return None if content is None else _ADAPTER.validate_json(content)
    except ValidationError:
        return None  # damaged or foreign: as good as none


def _write(path: Path, lease: Lease) -> None:
    write_whole(path, json_bytes(asdict(lease)))
