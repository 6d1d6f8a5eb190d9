"""Immutable files beside the case: each is named by a hash of what it was made from and appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import math
import os
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.atomic import replacing

FORMAT = 10
"""Raised whenever the meaning of a stored file changes: older files are then simply not found."""
TEMPORARY = ".tmp-"
ASIDE = ".aside-"
"""What begins the name of a folder that lay where a file of ours belongs."""
OWN = ".driftscope"
"""Folder of a case for what is computed and kept."""
DAY_SECONDS = 86_400
_DAMAGED = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, KeyError, TypeError, IndexError, NotImplementedError, struct.error)
"""What reading a file raises that is not what was written."""


def digest(*parts: object) -> str:
    """Return a sha256 hex key of anything that JSON can hold (other objects by their text)."""
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def content_hash(path: Path) -> str:
    """Return the sha256 hex of all bytes of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def user_folder() -> Path:
    """Return the user's folder for what belongs to no case folder."""
    environment = os.environ.get("DRIFTSCOPE_CACHE")
    return Path(environment) if environment else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "driftscope"


def cache_folder(root: Path, given: Path | None = None) -> Path:
    """Return the writable folder for computed files: the given one, DRIFTSCOPE_CACHE, the case's own or the user's.

    A case among installed packages (the demo) keeps nothing there: an upgrade would take it along.
    """
    environment = os.environ.get("DRIFTSCOPE_CACHE")
    user = user_folder() / digest(str(root))[:16]
    wished = given or (user if environment else None)
    own = [] if "site-packages" in root.parts else [root / OWN]
    for folder in [wished] if wished else [*own, user]:
        if _usable(folder):
            return folder.resolve()
    folder = Path(tempfile.gettempdir()) / f"driftscope-{os.getuid()}" / digest(str(root))[:16]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder.resolve()


def _usable(folder: Path) -> bool:
    if folder.name == OWN and folder.is_symlink():
        return False  # a case that came from somebody else may not choose where we write
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK | os.X_OK)


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of immutable files; nothing is kept of data that are no longer what they were (`unchanged`) when they were opened."""

    folder: Path
    unchanged: Callable[[], bool] = lambda: True

    def clean(self, older_than_seconds: float = DAY_SECONDS) -> None:
        """Remove what interrupted writers left behind, once it is old enough that nobody writes it any more."""
        limit = time.time() - older_than_seconds
        for path in self.folder.glob(f"{TEMPORARY}*"):
            try:
                if path.is_file() and path.stat().st_mtime < limit:
                    path.unlink()
            except FileNotFoundError:
                continue  # another process cleaned it first

    def path(self, kind: str, key: str, suffix: str) -> Path:
        """Return where the file of that kind and key is or would be."""
        return self.folder / f"{kind}-{FORMAT}-{key[:40]}{suffix}"

    def write(self, path: Path, make: Callable[[Path], None]) -> Path:
        """Let `make` write a temporary file, then move it into place in one step; a folder that lies there is put aside."""
        if path.is_dir() and not path.is_symlink():
            path.rename(path.with_name(f"{ASIDE}{path.name}-{os.urandom(4).hex()}"))
        with replacing(path, prefix=TEMPORARY, suffix=path.suffix, private=True) as temporary:
            make(temporary)
        return path

    def save(self, kind: str, key: str, arrays: Mapping[str, NDArray[Any]], facts: Any) -> None:
        """Save arrays and JSON facts as one file: those of one type end to end, for each in a file costs as much as a thousand numbers."""
        if not self.unchanged():
            return
        flat: dict[str, list[NDArray[Any]]] = {}
        for array in arrays.values():
            flat.setdefault(array.dtype.str, []).append(array.ravel())
        index = [(name, array.dtype.str, array.shape) for name, array in arrays.items()]
        text = np.frombuffer(json.dumps({"index": index, "facts": facts}).encode(), dtype=np.uint8)
        packed = {sort: np.concatenate(parts) for sort, parts in flat.items()}
        self.write(self.path(kind, key, ".npz"), lambda path: np.savez(path, allow_pickle=False, **packed, facts=text))

    def load(self, kind: str, key: str) -> tuple[dict[str, NDArray[Any]], Any] | None:
        """Read arrays and facts back, or nothing when they were never saved, are damaged or may not be read."""
        path = self.path(kind, key, ".npz")
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                flat = {name: file[name] for name in file.files}
            told = json.loads(flat.pop("facts").tobytes())
            return _unpacked(flat, told["index"]), told["facts"]
        except (OSError, *_DAMAGED):
            return None


def _unpacked(flat: Mapping[str, NDArray[Any]], index: Sequence[tuple[str, str, Sequence[int]]]) -> dict[str, NDArray[Any]]:
    """Return the arrays, by name, that lie end to end in those of their type."""
    taken, arrays = dict.fromkeys(flat, 0), {}
    for name, sort, shape in index:
        start, size = taken[sort], math.prod(shape)
        arrays[name], taken[sort] = flat[sort][start : start + size].reshape(shape), start + size
    return arrays
