"""Whom the receiver of cases trusts: the code and models of a case, by their hash, in the user's own settings.

A case folder is input from a stranger, so nothing in it can say that it may run. What may run is a line in a file of the user's: the
folder, and the sha256 of all that the case brings. When any of it changes the line no longer fits, and nothing runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.case.content import Content, content_of
from monitor.case.model import Case
from monitor.case.settings import Settings
from monitor.errors import CaseError, SettingError

TRUST_FILE = "trust.json"
HASH_LETTERS = 12
_FILE = Settings(TRUST_FILE, "trust settings", "no case is trusted")
SENDS = (
    "Alert rules decide what is sent, when, and to which of your targets; where these are is yours alone to say (targets.toml). "
    "Names and values of the data stand in what is sent."
)
HANDS_OVER = (
    "The case says which of your targets a training set is handed to, and when; where that is and what it does is yours alone to say "
    "(targets.toml). What a set is made of stands in what is sent: names of columns and incidents, numbers of rows, paths."
)
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
    """One line of the settings: a folder, the hash of what was trusted in it ("": no code and no model was), the hash of each file, that of
    the alert rules that may send (`alerts`; "": none may), that of who may be handed training sets (`retraining`), and when."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: str
    digest: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    files: dict[str, str] = Field(default_factory=dict)
    alerts: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    retraining: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
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
    return _FILE.path()


def trust_of(case: Case) -> Trust:
    """Say whether what a case brings may run. What cannot be known is not trusted."""
    content = content_of(case)
    if not content.files and not content.problems:
        return Trust(TrustState.NOTHING, content)
    try:
        known = _of_folder(trusted_cases(), content.root)
    except SettingError as error:
        return Trust(TrustState.UNREADABLE, content, str(error).rstrip("."))
    if known is None or not known.digest:
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
    """Trust what a case brings, as it stands now, for this user: its code and models, its alert rules, and who retrains.

    Raises
    ------
    CaseError
        It brings nothing that could run or send, or a file that cannot be read as it stands.
    SettingError
        The user's settings cannot be read or written.
    """
    content = content_of(case)
    if content.problems:
        raise CaseError("; ".join(f"'{path}' {why}" for path, why in content.problems) + ". Nothing of the case was trusted.")
    if not content.files and not case.alerts and case.retraining is None:
        raise CaseError(
            f"The case '{case.name}' brings neither code nor a model nor alert rules nor [retraining]: there is nothing to trust."
        )
    trust = trust_content(content, name=case.name) if content.files else Trust(TrustState.NOTHING, content)
    if case.alerts:
        trust_alerts(case)
    if case.retraining is not None:
        trust_retraining(case)
    return trust


def trust_content(content: Content, *, name: str) -> Trust:
    """Trust exactly what was read and shown before, whatever stands in the folder by now.

    Raises
    ------
    SettingError
        The user's settings cannot be read or written.
    """
    _keep(content.root, name, digest=content.digest, files=dict(content.files))
    return Trust(TrustState.TRUSTED, content)


def trust_alerts(case: Case) -> None:
    """Let the alert rules of a case send, as they are now.

    Raises
    ------
    SettingError
        The user's settings cannot be read or written.
    """
    _keep(case.root.resolve(), case.name, alerts=alerts_digest(case))


def sends(case: Case) -> str:
    """Say why nothing may be sent for a case, as a sentence without its full stop; empty where its rules, as they are now, are trusted."""
    try:
        known = _of_folder(trusted_cases(), case.root.resolve())
    except SettingError as error:
        return str(error).rstrip(".")
    if known is None or not known.alerts:
        return "you have not trusted its alert rules"
    return "" if known.alerts == alerts_digest(case) else f"its alert rules or owners changed since you trusted them on {known.at:%Y-%m-%d}"


def alerts_digest(case: Case) -> str:
    """Return the sha256 hex of all that a case says of who is told what: its name, owner, rules, and who is called."""
    owners = None if case.ownership is None else case.ownership.model_dump(mode="json")
    said = [case.name, case.owner, [one.model_dump(mode="json") for one in case.alerts], owners]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def trust_retraining(case: Case) -> None:
    """Let training sets of a case be handed to the target that it names, as it says it now.

    Raises
    ------
    SettingError
        The user's settings cannot be read or written.
    """
    _keep(case.root.resolve(), case.name, retraining=retraining_digest(case))


def hands_over(case: Case) -> str:
    """Say why no training set of a case may be handed over, as a sentence without its full stop; empty where it may."""
    if case.retraining is None:
        return 'it says nothing of retraining; write [retraining] target = "NAME" into case.toml'
    try:
        known = _of_folder(trusted_cases(), case.root.resolve())
    except SettingError as error:
        return str(error).rstrip(".")
    if known is None or not known.retraining:
        return "you have not trusted its [retraining]"
    return "" if known.retraining == retraining_digest(case) else f"its [retraining] changed since you trusted it on {known.at:%Y-%m-%d}"


def retraining_digest(case: Case) -> str:
    """Return the sha256 hex of all that a case says of who retrains it, and when: its name and its section."""
    said = None if case.retraining is None else case.retraining.model_dump(mode="json")
    return hashlib.sha256(json.dumps([case.name, said]).encode()).hexdigest()


def _keep(root: Path, name: str, **trusted: Any) -> None:
    """Write what is trusted of a folder; what else was stays."""
    folder, at = str(root), datetime.now(UTC).replace(microsecond=0)
    with _writing() as known:
        line = _of_folder(known, root) or TrustedCase(folder=folder, name=name, at=at)
        _write((*(one for one in known if one.folder != folder), line.model_copy(update={**trusted, "name": name, "at": at})))


def revoke_trust(folder: Path) -> bool:
    """Take back the trust in a case folder; False where there was none. The folder need not exist any more.

    Raises
    ------
    SettingError
        The user's settings cannot be read or written.
    """
    gone = str(folder.resolve())
    with _writing() as known:
        kept = tuple(one for one in known if one.folder != gone)
        if len(kept) < len(known):
            _write(kept)
    return len(kept) < len(known)


def trusted_cases() -> tuple[TrustedCase, ...]:
    """Return what the user trusts; nothing where nothing was ever trusted.

    Raises
    ------
    SettingError
        The settings cannot be read, are not this user's own, or others could have written to them.
    """
    text = _FILE.read()
    if text is None:
        return ()
    try:
        return _Settings.model_validate_json(text).trusted
    except ValidationError as error:
        what = error.errors()[0]["msg"]
        raise SettingError(
            f"Your trust settings '{_FILE.path()}' are damaged ({what}). Repair or delete them; until then no case is trusted."
        ) from error


@contextmanager
def _writing() -> Iterator[tuple[TrustedCase, ...]]:
    """Give what is trusted to one writer at a time."""
    with _FILE.writing():
        yield trusted_cases()


def _write(lines: tuple[TrustedCase, ...]) -> None:
    _FILE.write(_Settings(trusted=lines).model_dump_json(indent=2) + "\n")
