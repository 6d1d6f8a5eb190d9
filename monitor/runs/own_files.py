"""Files of a run beside its case, read as input like any other: no link is followed, no pipe waited for, nothing huge read."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from monitor.engine.store import OWN, digest, user_folder

LARGEST = 64 * 1024 * 1024
"""Bytes that a file of ours has at most; a stored run of 1,000 columns by 30 methods has 5 MB."""


def run_folders(root: Path) -> tuple[Path, ...]:
    """Return where a run of a case may have been kept, as `cache_folder` chooses it, without making anything."""
    own, user = root / OWN, user_folder() / digest(str(root))[:16]
    if os.environ.get("DRIFTSCOPE_CACHE") or "site-packages" in root.parts or own.is_symlink():
        return (user,)
    return (own, user)


def read_own(path: Path) -> bytes | None:
    """Return what a file holds; None where there is none, or it is no plain file of a size that we write."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(handle, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > LARGEST:
            return None
        return file.read(LARGEST)
