"""Patterns name each file once, in any tree, and end."""

from __future__ import annotations

import glob
import os
from pathlib import Path

import pytest

from monitor.engine.files import find
from monitor.engine.patterns import matching
from monitor.errors import SourceError

FILES = ["a.csv", "b.csv", "x/a.csv", "x/y/c.csv", "x/y/z/d.parquet", ".hidden/e.csv", "x/.f.csv", "[1]/g.csv", "x y/h.csv", "ä/i.csv"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("a\n1\n")
    return root


@pytest.mark.parametrize(
    "pattern",
    ["*.csv", "**/*.csv", "x/**/*.csv", "**/y/*", "**", "*/*.csv", "**/**/*.csv", "?.csv", "[ab].csv", "[!a].csv", "[[]1]/*", "x*/*.csv",
     ".hidden/*", "x/.*.csv", "**/z/**/*", "*/y/c.csv", "nothing/*", "./*.csv"],
)  # fmt: skip
def test_a_pattern_names_what_it_names_in_pythons_own_glob(tree: Path, pattern: str) -> None:
    known = sorted({(tree / one).resolve() for one in glob.glob(pattern, root_dir=tree, recursive=True) if (tree / one).is_file()})
    assert matching("production", pattern, tree) == known


def test_an_absolute_pattern_starts_where_it_says(tree: Path) -> None:
    assert matching("production", f"{tree}/x/**/*.csv", Path("/nowhere")) == [tree / "x/a.csv", tree / "x/y/c.csv"]


def test_links_that_lead_back_are_not_followed(tree: Path) -> None:
    for name in ("loop", "x/up", "x/y/top"):
        os.symlink(tree, tree / name)
    os.symlink(tree / "a.csv", tree / "latest.csv")
    assert matching("production", "**/*.csv", tree) == sorted(
        tree / name for name in FILES if name.endswith(".csv") and "." not in name[:-4]
    )


def test_a_link_that_is_named_is_followed(tree: Path) -> None:
    os.symlink(tree / "x", tree / "linked")
    assert matching("production", "linked/*.csv", tree) == [tree / "x/a.csv"]


def test_a_pattern_that_looks_through_too_much_says_so(tree: Path) -> None:
    with pytest.raises(SourceError, match=r"looks through more than 5 names of files and folders\. Begin it with the folder that is meant"):
        matching("production", "**/*.parquet", tree, most_entries=5)
    with pytest.raises(SourceError, match=r"names more than 3 files\. Name them more closely"):
        matching("production", "**/*.csv", tree, most_files=3)


def test_a_link_to_nowhere_is_passed_over(tree: Path) -> None:
    (tree / "x" / "gone.csv").symlink_to(tree / "nowhere")
    assert find("production", "x/*.csv", tree) == [tree / "x/a.csv"]
