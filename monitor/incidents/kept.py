"""Measured incidents, kept beside the case for as long as nothing changes that they depend on.

They are pickled, and only what this user sealed (`monitor.case.seal`) is ever read: the file has a name that nobody else can make, and its
first letters seal what follows. What came with somebody else's case is neither found nor opened.
"""

from __future__ import annotations

import hmac
import pickle
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.analyses.recording import versions
from monitor.analyses.sides import Question
from monitor.case import Case, trust_of
from monitor.case.seal import sealed
from monitor.contract.file import CONTRACT_FILE
from monitor.engine import Workspace
from monitor.engine.store import content_hash, digest
from monitor.incidents.record import Record

if TYPE_CHECKING:
    from monitor.incidents.result import IncidentsResult

KIND = "incidents"
SEAL = 64
"""Letters of a seal."""


@cache
def program() -> str:
    """Return the sha256 hex of the text of this program."""
    root = Path(__file__).parents[1]
    return digest(*((path.relative_to(root).as_posix(), content_hash(path)) for path in sorted(root.rglob("*.py"))))


def kept_key(workspace: Workspace, question: Question | None = None, case: Case | None = None) -> str:
    """Return what incidents depend on, under the user's seal: program, data, case with its thresholds, files beside it, what of it is
    trusted to run, and what is asked."""
    case = case or workspace.case
    asked = question or Question()
    asked = replace(asked, windows=str(asked.windows or case.windows))
    trust = trust_of(case)
    prints = [workspace.fingerprint(data) for data in sorted(workspace.sources)]
    parts = (KIND, program(), versions(), prints, case.key(), _beside(case), trust.state.value, trust.content.digest, repr(asked))
    return sealed(digest(*parts))


def what_people_changed(records: Iterable[Record]) -> list[str]:
    """Return what people said of incidents that changes what they are: causes given, known faults, merges and splits."""
    said = [(one.id, one.corrected, one.known_as, one.merged_into, one.split_off) for one in records]
    return sorted(repr(one) for one in said if any(one[1:]))


def _beside(case: Case) -> list[tuple[str, str]]:
    """Return the files beside case.toml that analyses read, with their content."""
    names = [CONTRACT_FILE, *([case.pipeline.runs] if case.pipeline is not None else [])]
    inside = [path for name in names if not Path(name).is_absolute() for path in sorted(case.root.glob(name)) if path.is_file()]
    return [(path.relative_to(case.root).as_posix(), content_hash(path)) for path in inside]


def keep_incidents(workspace: Workspace, key: str, result: IncidentsResult) -> None:
    """Keep measured incidents."""
    keep_sealed(workspace, KIND, key, result)


def kept_incidents(workspace: Workspace, key: str) -> IncidentsResult | None:
    """Return measured incidents that were kept; None where none were."""
    found: IncidentsResult | None = kept_sealed(workspace, KIND, key)
    return found


def keep_sealed(workspace: Workspace, kind: str, key: str, result: object) -> None:
    """Keep what was found under a key that names all that it depends on."""
    if workspace.store.unchanged():
        data = pickle.dumps(result, protocol=pickle.HIGHEST_PROTOCOL)
        workspace.store.write(_path(workspace, kind, key), lambda path: _write(path, _seal(key, data).encode() + data))


def kept_sealed(workspace: Workspace, kind: str, key: str) -> Any:
    """Return what was kept; None where nothing was, or where it is not what this program kept for this user."""
    try:
        with _path(workspace, kind, key).open("rb") as file:
            text = file.read()
    except OSError:
        return None
    seal, data = text[:SEAL], text[SEAL:]
    if not hmac.compare_digest(seal, _seal(key, data).encode()):
        return None
    return pickle.loads(data)  # noqa: S301 - sealed by this user


def _seal(key: str, data: bytes) -> str:
    return sealed(f"{key} {sha256(data).hexdigest()}")


def _path(workspace: Workspace, kind: str, key: str) -> Path:
    return workspace.store.path(kind, key, ".sealed")


def _write(path: Path, text: bytes) -> None:
    path.write_bytes(text)
