"""The pages as `make docs` builds them; without the extra `docs` they are skipped, and say so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("mkdocs", reason="mkdocs is not installed: pip install 'driftscope[docs]'")

ROOT = Path(__file__).resolve().parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
LOADED = re.compile(
    r"""<(?:script|img|link|iframe)\b[^>]*?\b(?:src|href)=["']?((?:https?:)?//[^"' >]+)|@import|url\(["']?((?:https?:)?//[^)]+)"""
)


def test_every_version_has_its_pages_and_none_loads_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "0.0.9").mkdir()
    made = subprocess.run(
        [sys.executable, str(ROOT / "deploy" / "docs.py"), str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (made.returncode, made.stderr) == (0, "")  # strict: a link or an anchor that leads nowhere is an error
    assert json.loads((tmp_path / "versions.json").read_text(encoding="utf-8")) == [VERSION, "0.0.9"]
    assert f"url={VERSION}/index.html" in (tmp_path / "index.html").read_text(encoding="utf-8")
    pages = {path.relative_to(tmp_path / VERSION).with_suffix("").as_posix() for path in (tmp_path / VERSION).rglob("*.html")}
    written = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert written | {"index", "CHANGELOG", "CONTRIBUTING", "deploy/index"} <= pages
    for path in (tmp_path / VERSION).rglob("*"):
        if path.suffix in (".html", ".css"):
            assert not list(LOADED.finditer(path.read_text(encoding="utf-8"))), path
