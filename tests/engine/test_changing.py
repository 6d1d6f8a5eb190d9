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
