"""The one way in which a result goes to a file that somebody named."""

from __future__ import annotations

from pathlib import Path

from monitor.engine.outputs import check_output
from monitor.export.files import write_whole


def write_output(out: Path, content: bytes) -> Path:
    """Write a result in one step, never over what a case is made of.

    Raises
    ------
    CaseError, SettingError
        A case would lose something by it, or read it as its data (`check_output`).
    SourceError
        It is a folder, or cannot be written.
    """
    check_output(out)
    return write_whole(out, content)
