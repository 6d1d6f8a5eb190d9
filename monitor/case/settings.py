"""Files of the user's own settings: read only where nobody else could have written them, written whole and under a lock."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from monitor.case.writing import write_atomically
from monitor.errors import SettingError

MOST_BYTES = 4_000_000
"""Size from which a settings file is not one that this program wrote."""


def settings_folder() -> Path:
    """Return the user's folder of settings: $XDG_CONFIG_HOME (an absolute path) or ~/.config, then driftscope.

    Raises
    ------
    SettingError
        The user has no home folder.
    """
    named = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        folder = Path(named) if os.path.isabs(named) else Path.home() / ".config"
    except RuntimeError as error:
        raise SettingError("You have no home folder to keep settings in. Set XDG_CONFIG_HOME to a folder of yours.") from error
    return folder / "driftscope"


@dataclass(frozen=True, slots=True)
class Settings:
    """One file: its `name`, what people call it, and what holds while it cannot be relied on ("no case is trusted")."""

    name: str
    called: str
    without: str

    def path(self) -> Path:
        """Return where it is.

        Raises
        ------
        SettingError
            The user has no home folder.
        """
        return settings_folder() / self.name

    def read(self) -> bytes | None:
        """Return what it holds; None where there is none.

        Raises
        ------
        SettingError
            It cannot be read, is not this user's own, or others could have written to it.
        """
        path = self.path()
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe in its place must not be waited for
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingError(f"Your {self.called} '{path}' cannot be read: {error.strerror}. Until then {self.without}.") from error
        with os.fdopen(handle, "rb") as file:
            if wrong := _not_own(os.fstat(handle)):
                raise SettingError(f"Your {self.called} '{path}' {wrong}. They are not used: {self.without}.")
            return file.read(MOST_BYTES)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Let one writer at a time read and write it.

        Raises
        ------
        SettingError
            Its folder cannot be written to.
        """
        path = self.path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = os.open(path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise SettingError(f"Your {self.called} '{path}' cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def write(self, text: str) -> None:
        """Write it whole, for this user alone.

        Raises
        ------
        SettingError
            It cannot be written.
        """
        target = self.path().resolve()  # a link to where the user keeps settings stays a link
        try:
            write_atomically(target, text)
            target.chmod(0o600)
        except OSError as error:
            raise SettingError(f"Your {self.called} '{self.path()}' cannot be written: {error.strerror}.") from error


def _not_own(facts: os.stat_result) -> str:
    if not stat.S_ISREG(facts.st_mode):
        return "are no regular file"
    if facts.st_uid != os.getuid():
        return f"belong to another user (uid {facts.st_uid}, you are {os.getuid()})"
    if facts.st_mode & 0o022:
        return f"may be written to by others (mode {stat.S_IMODE(facts.st_mode):o}; make it 600, and look at what they say)"
    return f"have {facts.st_size:,} bytes, which this program never wrote" if facts.st_size > MOST_BYTES else ""
