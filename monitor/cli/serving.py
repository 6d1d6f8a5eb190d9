"""`driftscope app`: the workbench, served on this machine only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from monitor.errors import CaseError
from monitor.places import app_folder, demo_folder

CASES_VARIABLE = "DRIFTSCOPE_CASES"
"""What tells the screens where the cases are."""
CASE_FILE = "case.toml"


def serve(cases: Path | None, *, port: int | None, headless: bool) -> None:
    """Become the server of the screens; this process ends when the server does.

    Raises
    ------
    CaseError
        When there is no such folder.
    """
    folder = (cases or demo_folder()).expanduser().resolve()
    if folder.name == CASE_FILE:
        folder = folder.parent
    if not folder.is_dir():
        raise CaseError(f"There is no folder '{folder}'. Name a folder of cases, or let 'driftscope init' make a case.")
    home = app_folder()
    os.environ[CASES_VARIABLE] = str(folder)
    os.chdir(home)  # Streamlit reads .streamlit/config.toml of the folder it is started in
    sys.stdout.flush()
    # The server takes the place of this process, so that a signal to it reaches the server and none is left behind.
    os.execv(sys.executable, [sys.executable, *command(home, port=port, headless=headless)])  # noqa: S606 - no shell, fixed words


def command(home: Path, *, port: int | None, headless: bool) -> list[str]:
    """Return the arguments of Python that start the server."""
    words = ["-m", "streamlit", "run", str(home / "served.py")]
    words += ["--server.port", str(port)] if port is not None else []
    return words + (["--server.headless", "true"] if headless else [])
