"""Screens import what design allows them to; `make check` proves the same of the package (import-linter)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCREENS = [ROOT / "app.py", ROOT / "serve.py", *sorted((ROOT / "pages").glob("*.py"))]
RESERVED = {"duckdb", "altair", "shap", "sklearn", "numpy", "scipy"}


def imported(script: Path) -> set[str]:
    """Return the top-level packages that a script imports."""
    nodes = list(ast.walk(ast.parse(script.read_text(encoding="utf-8"))))
    plain = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    sources = [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in plain + sources}


@pytest.mark.parametrize("script", SCREENS, ids=lambda script: script.name)
def test_screens_leave_data_formulas_and_charts_to_their_layers(script: Path) -> None:
    assert imported(script) & RESERVED == set()


@pytest.mark.parametrize("script", SCREENS, ids=lambda script: script.name)
def test_screens_are_thin(script: Path) -> None:
    assert len(script.read_text(encoding="utf-8").splitlines()) <= 120


LONG_LINES = 350
"""A stranger should know within a minute what a file may touch; longer ones have more than one reason to be."""


def lines_of(path: Path) -> int:
    """Return how many lines a file has."""
    return len(path.read_text(encoding="utf-8").splitlines())


def test_files_are_short() -> None:
    assert [str(path.relative_to(ROOT)) for path in (ROOT / "monitor").rglob("*.py") if lines_of(path) > LONG_LINES] == []
