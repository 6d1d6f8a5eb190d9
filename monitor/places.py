"""Where the screens and the demo lie: beside this package in a checkout, inside it when installed from a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def app_folder(package: Path = PACKAGE) -> Path:
    """Return the folder of `app.py`, `pages/`, `static/`, `.streamlit/` and `data/`.

    Raises
    ------
    FileNotFoundError
        If neither the installed place nor the checkout holds `app.py`.
    """
    for folder in (package / "_app", package.parent):
        if (folder / "app.py").is_file():
            return folder
    raise FileNotFoundError(
        f"No app.py in {package / '_app'} or {package.parent}. Install Driftscope again from its wheel or a complete checkout."
    )


def demo_folder(package: Path = PACKAGE) -> Path:
    """Return the folder of the demo cases (each a folder with a `case.toml`: `flights`, real, and `payments`, simulated)."""
    return app_folder(package) / "data"
