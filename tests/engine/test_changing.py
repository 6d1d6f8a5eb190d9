"""Files that change under an open case, and imports that the disk damaged: nothing wrong is kept, what is damaged is made again."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.engine import open_workspace, value_counts


def _case(root: Path, suffix: str) -> Path:
    data = f'[data]\nreference = "r.{suffix}"\nproduction = "p.{suffix}"\n'
    (root / "case.toml").write_text(f'[case]\nname = "c"\ntask = "none"\n{data}')
    for name in ("r", "p"):
        _write(root / f"{name}.{suffix}", "old")
    return root


def _write(path: Path, level: str) -> None:
    table = pd.DataFrame({"x": np.repeat([level, "b"], 50)})
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(path, index=False)


def test_what_was_counted_while_a_file_changed_is_not_kept(tmp_path: Path) -> None:
    root = _case(tmp_path, "parquet")
    with open_workspace(load_case(root)) as workspace:
        before = os.stat(root / "p.parquet")
        _write(root / "p.parquet", "new")
        value_counts(workspace, "production", "x")
    _write(root / "p.parquet", "old")
    os.utime(root / "p.parquet", ns=(before.st_atime_ns, before.st_mtime_ns))
    with open_workspace(load_case(root)) as workspace:
        assert value_counts(workspace, "production", "x") == {"b": 50, "old": 50}


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"\x00" * 500, b"<html>"])
def test_an_import_that_is_damaged_is_made_again(tmp_path: Path, damage: bytes) -> None:
    root = _case(tmp_path, "csv")
    with open_workspace(load_case(root)) as workspace:
        imports = list(workspace.store.folder.glob("import-*.parquet"))
    assert len(imports) == 2
    for path in imports:
        path.write_bytes(damage)
    with open_workspace(load_case(root)) as workspace:
        assert value_counts(workspace, "production", "x") == {"b": 50, "old": 50}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_file_that_is_written_over_with_its_size_and_time_kept_is_another(tmp_path: Path, suffix: str) -> None:
    root = _case(tmp_path, suffix)
    path = root / f"p.{suffix}"
    with open_workspace(load_case(root)) as workspace:
        before, fingerprint = path.stat(), workspace.fingerprint("production")
    _write(tmp_path / f"q.{suffix}", "new")
    content = (tmp_path / f"q.{suffix}").read_bytes()
    assert len(content) == before.st_size
    with path.open("rb+") as file:
        file.write(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_ino, path.stat().st_size, path.stat().st_mtime_ns) == (before.st_ino, before.st_size, before.st_mtime_ns)
    with open_workspace(load_case(root)) as workspace:
        assert workspace.fingerprint("production") != fingerprint
        assert value_counts(workspace, "production", "x") == {"b": 50, "new": 50}


def test_what_changes_in_the_middle_of_a_long_text_is_seen(tmp_path: Path) -> None:
    root = _case(tmp_path, "csv")
    lines = ["x", *["old"] * 60_000]
    (root / "p.csv").write_text("\n".join(lines))
    before = (root / "p.csv").stat()
    with open_workspace(load_case(root)) as workspace:
        assert value_counts(workspace, "production", "x") == {"old": 60_000}
    lines[30_000] = "new"
    with (root / "p.csv").open("r+") as file:
        file.write("\n".join(lines))
    os.utime(root / "p.csv", ns=(before.st_atime_ns, before.st_mtime_ns))
    with open_workspace(load_case(root)) as workspace:
        assert value_counts(workspace, "production", "x") == {"old": 59_999, "new": 1}


def test_links_that_came_in_the_cache_of_a_case_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "case").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "victim").write_text("mine")
    root = _case(tmp_path / "case", "csv")
    with open_workspace(load_case(root)) as workspace:
        kept = sorted(workspace.store.folder.glob("*-*"))
    assert kept
    for path in kept:
        path.unlink()
        path.symlink_to(tmp_path / "victim")
    (root / ".driftscope" / "spill").symlink_to(tmp_path / "elsewhere")
    with open_workspace(load_case(root)) as workspace:
        assert value_counts(workspace, "production", "x") == {"b": 50, "old": 50}
    assert (tmp_path / "victim").read_text() == "mine"
    assert not (root / ".driftscope" / "spill").is_symlink()
    assert list((tmp_path / "elsewhere").iterdir()) == []
