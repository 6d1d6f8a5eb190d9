"""A page as PDF, printed by the browser of this machine; nothing is fetched, and where there is no browser that is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from monitor.errors import ExtensionMissingError, SourceError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge")
"""Browsers that print without a window, by the names that their programs have."""
VARIABLE = "DRIFTSCOPE_BROWSER"
"""Environment variable that names the program of a browser that stands elsewhere."""
SECONDS = 120
_QUIET = (
    "--headless", "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
    "--no-first-run", "--no-default-browser-check", "--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer",
)  # fmt: skip


def browser() -> str | None:
    """Return the program of a browser that can print, or None."""
    named = os.environ.get(VARIABLE)
    return shutil.which(named) if named else next((found for one in BROWSERS if (found := shutil.which(one))), None)


def check_browser() -> str:
    """Return the program of a browser that can print.

    Raises
    ------
    ExtensionMissingError
        There is none.
    """
    found = browser()
    if found is None:
        raise ExtensionMissingError(
            f"A PDF is printed by Chromium, Chrome or Edge, and none is on this machine. Install one, name its program in {VARIABLE}, or "
            "write .html and print that from any browser."
        )
    return found


def to_pdf(page: bytes) -> bytes:
    """Return a self-contained HTML page as PDF.

    Raises
    ------
    ExtensionMissingError
        There is no browser on this machine.
    SourceError
        The browser printed nothing.
    """
    program = check_browser()
    with tempfile.TemporaryDirectory(prefix="driftscope-pdf-") as folder:
        source, target = Path(folder, "page.html"), Path(folder, "page.pdf")
        source.write_bytes(page)
        places = (f"--user-data-dir={folder}/browser", f"--print-to-pdf={target}", source.as_uri())
        own = ("--no-sandbox",) if os.geteuid() == 0 else ()  # Chromium has no sandbox for root
        try:
            # The program is one of a fixed list or the user's own choice; the page is ours and runs nothing.
            subprocess.run([program, *_QUIET, *own, *places], check=True, capture_output=True, timeout=SECONDS)  # noqa: S603
            return target.read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise SourceError(f"'{program}' did not print the page: {type(error).__name__}. Write .html and print that.") from error
