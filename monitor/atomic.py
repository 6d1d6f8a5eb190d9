"""Files that are written whole or not at all: nobody ever reads half of one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONGEST_NAME = 80
"""Letters of a file's name that the temporary one repeats, so that it stays shorter than file systems allow (255 bytes)."""


@contextmanager
def replacing(path: Path, *, prefix: str | None = None, suffix: str = "", private: bool = False) -> Iterator[Path]:
    """Yield a new, empty file beside `path` to be written; after the block it is on the disk, and takes the place of `path` in one step.

    Where the block fails it is removed, and what stood at `path` stands there still.

    Parameters
    ----------
    prefix, suffix : what the temporary name begins and ends with; default ".NAME." and nothing.
    private : only its owner may read it (mode 600); else as other new files of the user.

    Raises
    ------
    OSError
        The folder is not there, or may not be written to.
    """
    begin = f".{path.name[:LONGEST_NAME]}." if prefix is None else prefix
    temporary = path.with_name(f"{begin}{secrets.token_hex(8)}{suffix}")
    os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600 if private else 0o666))
    try:
        yield temporary
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
