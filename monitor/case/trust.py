"""Whom the receiver of cases trusts: the code and models of a case, by their hash, in the user's own settings.

A case folder is input from a stranger, so nothing in it can say that it may run. What may run is a line in a file of the user's: the
folder, and the sha256 of all that the case brings. When any of it changes the line no longer fits, and nothing runs.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.case.content import Content, content_of
from monitor.case.file import write_atomically
from monitor.case.model import Case
from monitor.errors import CaseError, SettingError

TRUST_FILE = "trust.json"
HASH_LETTERS = 12
MOST_BYTES = 4_000_000
"""Size from which the settings file is not one that this program wrote."""
RISK = (
    "Code of a case runs with all your rights: it can read and delete your files, use the network and start programs. "
    "Read it first, and trust it only if you know who wrote it."
)


class TrustState(StrEnum):
    """Where the receiver stands with what a case brings."""

    NOTHING = "nothing"
    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    CHANGED = "changed"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Trust:
    """What a case brings, whether it may run, and why not, as a sentence without its full stop."""

    state: TrustState
    content: Content
    reason: str = ""

    @property
    def given(self) -> bool:
        """Whether code and models of the case may run."""
        return self.state is TrustState.TRUSTED


class TrustedCase(BaseModel):
    """One line of the settings: a folder, the hash of what was trusted in it, the hash of each file, and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    files: dict[str, str]
    name: str
    at: datetime


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    trusted: tuple[TrustedCase, ...] = ()


def brought(content: Content) -> list[str]:
    """Say what a case brings, a line for each file: what it is, and the first letters of its hash or why it cannot be read."""
    found = [f"{path}: {_use(path, content)}, sha256 {digest[:HASH_LETTERS]}" for path, digest in content.files]
    apart = [f"{path}: model, holds no code, not looked at: {why}" for path, why in content.apart]
    return [*found, *apart, *(f"{path}: {why}" for path, why in content.problems)]


def _use(path: str, content: Content) -> str:
    if path in content.sources:
        return "Python code, runs"
    if path in content.runs:
        return "model, may run code when it is loaded"
    named = ", but may name types of other packages, which are loaded once you trust it" if path.lower().endswith(".skops") else ""
    return f"model, holds no code{named}"


def trust_file() -> Path:
    """Return where the user's trust is written: $XDG_CONFIG_HOME (an absolute path) or ~/.config, then driftscope/trust.json.

    Raises
    ------
    SettingError
        The user has no home folder.
    """
    named = os.environ.get("XDG_CONFIG_HOME", "")
    try:
        folder = Path(named) if os.path.isabs(named) else Path.home() / ".config"
    except RuntimeError as error:
        raise SettingError("You have no home folder to keep trust settings in. Set XDG_CONFIG_HOME to a folder of yours.") from error
    return folder / "driftscope" / TRUST_FILE


def trust_of(case: Case) -> Trust:
    """Say whether what a case brings may run. What cannot be known is not trusted."""
    content = content_of(case)
    if not content.files and not content.problems:
        return Trust(TrustState.NOTHING, content)
    try:
        known = _of_folder(trusted_cases(), content.root)
    except SettingError as error:
        return Trust(TrustState.UNREADABLE, content, str(error).rstrip("."))
    if known is None:
        return Trust(TrustState.UNKNOWN, content, "you have not trusted it")
    if known.digest != content.digest:
        return Trust(TrustState.CHANGED, content, f"it changed since you trusted it on {known.at:%Y-%m-%d}: {_changes(known, content)}")
    return Trust(TrustState.TRUSTED, content)


def _of_folder(known: tuple[TrustedCase, ...], root: Path) -> TrustedCase | None:
    return next((one for one in known if one.folder == str(root)), None)


def _changes(known: TrustedCase, content: Content) -> str:
    now = dict(content.files)
    changed = [f"'{path}' is another" for path in now if path in known.files and known.files[path] != now[path]]
    changed += [f"'{path}' is new" for path in now if path not in known.files]
    changed += [f"'{path}' is gone" for path in known.files if path not in now]
    more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
    return ", ".join(changed[:5]) + more if changed else "case.toml names other functions or another model"


def trust_case(case: Case) -> Trust:
    """Trust what a case brings, as it stands now, for this user.

    Raises
    ------
    CaseError
        It brings nothing that could run, or a file that cannot be read as it stands.
    SettingError
        The user's settings cannot be read or written.
    """
    content = content_of(case)
    if content.problems:
        raise CaseError("; ".join(f"'{path}' {why}" for path, why in content.problems) + ". Nothing of the case was trusted.")
    if not content.files:
        raise CaseError(f"The case '{case.name}' brings neither code nor a model: there is nothing to trust.")
    return trust_content(content, name=case.name)


def trust_content(content: Content, *, name: str) -> Trust:
    """Trust exactly what was read and shown before, whatever stands in the folder by now.

    Raises
    ------
    SettingError
        The user's settings cannot be read or written.
    """
    folder = str(content.root)
    line = TrustedCase(
        folder=folder, digest=content.digest, files=dict(content.files), name=name, at=datetime.now(UTC).replace(microsecond=0)
    )
    with _writing() as path:
        _write(path, (*(one for one in trusted_cases() if one.folder != folder), line))
    return Trust(TrustState.TRUSTED, content)


def revoke_trust(folder: Path) -> bool:
    """Take back the trust in a case folder; False where there was none. The folder need not exist any more.

    Raises
    ------
    SettingError
        The user's settings cannot be read or written.
    """
    gone = str(folder.resolve())
    with _writing() as path:
        known = trusted_cases()
        kept = tuple(one for one in known if one.folder != gone)
        if len(kept) < len(known):
            _write(path, kept)
    return len(kept) < len(known)


def trusted_cases() -> tuple[TrustedCase, ...]:
    """Return what the user trusts; nothing where nothing was ever trusted.

    Raises
    ------
    SettingError
        The settings cannot be read, are not this user's own, or others could have written to them.
    """
    path = trust_file()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe in its place must not be waited for
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise SettingError(f"Your trust settings '{path}' cannot be read: {error.strerror}. Until then no case is trusted.") from error
    with os.fdopen(handle, "rb") as file:
        _check_own(path, os.fstat(handle))
        text = file.read(MOST_BYTES)
    try:
        return _Settings.model_validate_json(text).trusted
    except ValidationError as error:
        what = error.errors()[0]["msg"]
        raise SettingError(
            f"Your trust settings '{path}' are damaged ({what}). Repair or delete them; until then no case is trusted."
        ) from error


def _check_own(path: Path, facts: os.stat_result) -> None:
    wrong = ""
    if not stat.S_ISREG(facts.st_mode):
        wrong = "are no regular file"
    elif facts.st_uid != os.getuid():
        wrong = f"belong to another user (uid {facts.st_uid}, you are {os.getuid()})"
    elif facts.st_mode & 0o022:
        wrong = f"may be written to by others (mode {stat.S_IMODE(facts.st_mode):o}; make it 600, and look at what they say)"
    elif facts.st_size > MOST_BYTES:
        wrong = f"have {facts.st_size:,} bytes, which this program never wrote"
    if wrong:
        raise SettingError(f"Your trust settings '{path}' {wrong}. They are not used: no case is trusted.")


@contextmanager
def _writing() -> Iterator[Path]:
    """Give the settings file to one writer at a time."""
    path = trust_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SettingError(f"Your trust settings '{path}' cannot be written: {error.strerror}.") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
    finally:
        os.close(lock)


def _write(path: Path, lines: tuple[TrustedCase, ...]) -> None:
    target = path.resolve()  # a link to where the user keeps settings stays a link
    try:
        write_atomically(target, _Settings(trusted=lines).model_dump_json(indent=2) + "\n")
        target.chmod(0o600)
    except OSError as error:
        raise SettingError(f"Your trust settings '{path}' cannot be written: {error.strerror}.") from error
