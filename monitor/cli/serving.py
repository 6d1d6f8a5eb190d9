"""`driftscope app`: the workbench, served on this machine only, or to those who sign in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from monitor.access import SERVER, ServerSettings, check_exposure, public_host, server_settings
from monitor.errors import CaseError
from monitor.places import app_folder, demo_folder

CASES_VARIABLE = "DRIFTSCOPE_CASES"
"""What tells the screens where the cases are."""
CASE_FILE = "case.toml"
HERE = "127.0.0.1"
"""Where it listens unless an address is given (.streamlit/config.toml)."""


def serve(cases: Path | None, *, port: int | None, headless: bool, address: str | None = None) -> None:
    """Become the server of the screens; this process ends when the server does.

    Raises
    ------
    CaseError
        When there is no such folder.
    SettingError
        When other machines could reach it and nobody signs in, or the settings of sign-in cannot be used.
    """
    settings = server_settings()
    if address is not None or settings is not None:
        check_exposure(address or HERE, settings)
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
    os.execv(sys.executable, [sys.executable, *command(home, port=port, headless=headless), *reached(address, settings)])  # noqa: S606 - no shell, fixed words


def command(home: Path, *, port: int | None, headless: bool) -> list[str]:
    """Return the arguments of Python that start the server."""
    words = ["-m", "streamlit", "run", str(home / "serve.py")]
    words += ["--server.port", str(port)] if port is not None else []
    return words + (["--server.headless", "true"] if headless else [])


def reached(address: str | None, settings: ServerSettings | None) -> list[str]:
    """Return the words by which the server listens elsewhere and lets people sign in; none where it does neither.

    The public address comes before the server's own checks of hosts and origins: a proxy passes the name on that people typed.
    """
    words = [] if address is None else ["--server.address", address]
    if settings is None:
        return words
    host, parts = public_host(settings), urlsplit(settings.auth.redirect_uri)
    words += ["--secrets.files", str(SERVER.path())]
    for one in dict.fromkeys(("localhost", "127.0.0.1", host)):
        words += ["--server.allowedHosts", one]
    return [*words, "--server.corsAllowedOrigins", f"{parts.scheme}://{parts.netloc}"]
