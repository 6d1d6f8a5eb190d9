"""Put the screens and the demos into the wheel, but not into an editable install, which finds them in the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SCREENS = ("app.py", "served.py", "pages", "static", ".streamlit/config.toml", "data")
LEFT_BEHIND = {"__pycache__", ".driftscope"}
"""Folders of caches."""


def files_below(root: Path, place: str) -> list[str]:
    """Return the files of a place, relative to the root, without caches."""
    start = root / place
    found = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())
    if not found:
        raise FileNotFoundError(f"The wheel needs {start}, which is not there.")
    return [path.relative_to(root).as_posix() for path in found if not LEFT_BEHIND & set(path.parts)]


class ScreensHook(BuildHookInterface[Any]):
    """Adds each file as monitor/_app/<file>, where `monitor.places` looks first."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Extend a standard wheel."""
        if version == "standard":
            files = [file for place in SCREENS for file in files_below(Path(self.root), place)]
            build_data["force_include"].update({file: f"monitor/_app/{file}" for file in files})
