"""The log of what was changed by whom: a line of JSON each, a file a month, beside the server's settings and never in a case."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from monitor.access.people import Person
from monitor.case.settings import settings_folder
from monitor.errors import AccessError

FORMAT = 1
FOLDER = "audit"


@dataclass(frozen=True, slots=True)
class Log:
    """The folder of the log, "" for the one beside the settings."""

    named: str = ""

    def folder(self) -> Path:
        """Return where the files are.

        Raises
        ------
        SettingError
            The user has no home folder.
        """
        return Path(self.named).expanduser() if self.named else settings_folder() / FOLDER

    def note(self, person: Person, act: str, what: str, *, file: str = "", sha256: str = "") -> None:
        """Add a line; it is on the disk when this returns.

        Raises
        ------
        AccessError
            It cannot be written.
        """
        now = datetime.now(UTC)
        line = {
            "format": FORMAT, "at": f"{now:%Y-%m-%dT%H:%M:%S.%f}Z", "who": person.id, "role": person.role, "act": act, "what": what,
            "file": file, "sha256": sha256,
        }  # fmt: skip
        path = self.folder() / f"{now:%Y-%m}.jsonl"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _append(path, (json.dumps(line) + "\n").encode())
        except OSError as error:
            raise AccessError(
                f"The log of changes '{path}' cannot be written: {error.strerror}. Nothing was changed: what is not noted is not done."
            ) from error


def _append(path: Path, line: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.write(handle, line)
        os.fsync(handle)
    finally:
        os.close(handle)
