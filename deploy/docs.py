"""Build the pages of this version: `python deploy/docs.py SITE` writes SITE/VERSION, SITE/versions.json and SITE/index.html.

Pages keep their places in the repository, so that a link works there and here. A link or an anchor that leads nowhere ends the build.
"""

from __future__ import annotations

import html
import json
import logging
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort

ROOT = Path(__file__).resolve().parents[1]
PLACES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "docs",
    "deploy",
    "data/flights/README.md",
    "data/payments/README.md",
    "benchmarks/README.md",
)
NUMBER = re.compile(r"\d+(\.\d+)*")


def staged(folder: Path) -> Path:
    """Copy the pages and what they show to a folder, each to its place."""
    for place in PLACES:
        source, target = ROOT / place, folder / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return folder


def build_version(site: Path) -> Path:
    """Build the pages of the version that pyproject.toml names, in place of what was built of it before; return their folder."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    target = (site / version).resolve()
    target.mkdir(parents=True, exist_ok=True)
    logging.getLogger("mkdocs").setLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        pages = staged(Path(folder).resolve())
        build(load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(pages), site_dir=str(target), strict=True))
    _list_versions(site)
    return target


def _list_versions(site: Path) -> None:
    """Write which versions there are, the newest first, and let the bare address lead to that one."""
    known = sorted((one.name for one in site.iterdir() if one.is_dir() and NUMBER.fullmatch(one.name)), key=_numbers, reverse=True)
    (site / "versions.json").write_text(json.dumps(known) + "\n", encoding="utf-8")
    rows = "".join(f'<li><a href="{html.escape(one)}/index.html">{html.escape(one)}</a></li>' for one in known)
    head = f'<meta charset="utf-8"><title>Driftscope</title><meta http-equiv="refresh" content="0; url={html.escape(known[0])}/index.html">'
    (site / "index.html").write_text(f"<!doctype html>{head}<ul>{rows}</ul>\n", encoding="utf-8")


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    try:
        sys.stdout.write(f"{build_version(Path(sys.argv[1]))}\n")
    except Abort as error:
        sys.exit(str(error))
