from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.case import Case, WindowSize, load_case, save_case
from monitor.engine import Selection, build_cells, open_workspace, profile
from monitor.engine.store import TEMPORARY, Store, cache_folder

CODE = """
import sys
from monitor.case import WindowSize, load_case
from monitor.engine import Selection, build_cells, open_workspace, profile
print("started", flush=True)
with open_workspace(load_case(sys.argv[1])) as workspace:
    print("opened", flush=True)
    profile(workspace, Selection(), cells=build_cells(workspace), windows=WindowSize(1, "whole"))
print("done", flush=True)
"""


def test_arrays_and_facts_come_back(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save("thing", "a" * 64, {"x": np.arange(3)}, {"name": "é"})
    arrays, facts = store.load("thing", "a" * 64) or ({}, {})
    assert (arrays["x"].tolist(), facts) == ([0, 1, 2], {"name": "é"})
    assert store.load("thing", "b" * 64) is None


def test_a_damaged_file_counts_as_absent(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save("thing", "k", {"x": np.arange(1000)}, {})
    path = store.path("thing", "k", ".npz")
    path.write_bytes(path.read_bytes()[:500])
    assert store.load("thing", "k") is None


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        Store(tmp_path).write(tmp_path / "file", fail)
    assert list(tmp_path.iterdir()) == []


def test_only_old_leftovers_are_removed(tmp_path: Path) -> None:
    old, new = tmp_path / f"{TEMPORARY}old", tmp_path / f"{TEMPORARY}new"
    for path in (old, new):
        path.write_text("x")
    os.utime(old, (time.time() - 100_000,) * 2)
    Store(tmp_path).clean()
    assert (old.exists(), new.exists()) == (False, True)


def test_the_folder_lies_beside_the_case_or_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder(tmp_path) == tmp_path / ".driftscope"
    monkeypatch.setenv("DRIFTSCOPE_CACHE", str(tmp_path / "elsewhere"))
    assert cache_folder(tmp_path).parent == tmp_path / "elsewhere"


def test_a_folder_that_cannot_be_made_gives_way_to_the_users_cache(tmp_path: Path) -> None:
    (tmp_path / ".driftscope").write_text("a file stands where the folder should be")
    assert cache_folder(tmp_path).is_relative_to(os.environ["XDG_CACHE_HOME"])


def write_csv_case(root: Path, make_case: Callable[..., Case]) -> Case:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({f"x{i}": rng.normal(size=30_000).round(3) for i in range(12)})
    table.to_csv(root / "reference.csv", index=False)
    table.iloc[::-1].to_csv(root / "production.csv", index=False)
    case = make_case(root, data={"reference": "reference.csv", "production": "production.csv"}, windows={"size": "whole"})
    save_case(case)
    return case


def measure(case: Case) -> dict[str, list[list[int]]]:
    with open_workspace(case) as workspace:
        found = profile(workspace, Selection(), cells=build_cells(workspace), windows=WindowSize(1, "whole"))
    return {name: column.counts.tolist() for name, column in found.columns.items()}


def test_a_kill_during_the_load_never_corrupts(tmp_path: Path, case_at: Callable[..., Case]) -> None:
    case = write_csv_case(tmp_path, case_at)
    expected = measure(case)
    for path in (tmp_path / ".driftscope").iterdir():
        if path.is_file():
            path.unlink()
    for delay in (0.0, 0.1, 0.25):
        kill_after(tmp_path, delay)
        assert measure(load_case(tmp_path)) == expected
        for path in (tmp_path / ".driftscope").glob("import-*"):
            path.unlink()


def kill_after(root: Path, delay: float) -> None:
    process = subprocess.Popen([sys.executable, "-c", CODE, str(root)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == b"started\n"
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def test_two_processes_share_a_folder(tmp_path: Path, case_at: Callable[..., Case]) -> None:
    case = write_csv_case(tmp_path, case_at)
    both = [
        subprocess.Popen([sys.executable, "-c", CODE, str(tmp_path)], stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[2])
        for _ in "ab"
    ]
    assert [process.wait() for process in both] == [0, 0]
    assert measure(case)
    assert not list((tmp_path / ".driftscope").glob(f"{TEMPORARY}*"))


def test_arrays_come_back_with_their_types_and_shapes(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = {
        "a": np.arange(6).reshape(2, 3), "b": np.array([0.5, np.nan]), "c": np.array(7), "none": np.zeros((0, 4)),
        "d": np.arange(4) + 10,
        "text": np.array(["x", "yz"]), "at": np.array(["2024-01-01"], dtype="datetime64[us]"), "yes": np.array([True]),
    }  # fmt: skip
    store.save("thing", "k", kept, [1])
    arrays, facts = store.load("thing", "k") or ({}, None)
    assert (facts, list(arrays)) == ([1], list(kept))
    for name, array in kept.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert (arrays[name].dtype, arrays[name].shape) == (array.dtype, array.shape)


def _damages(whole: bytes) -> dict[str, bytes]:
    middle = len(whole) // 2
    cuts = {f"cut at {n}": whole[:n] for n in (0, 1, 4, 30, middle, len(whole) - 1)}
    flipped = {f"flipped at {n}": whole[:n] + bytes([whole[n] ^ 0xFF]) + whole[n + 1 :] for n in (0, 2, 27, middle, len(whole) - 20)}
    return cuts | flipped | {"zeros": bytes(len(whole)), "text": b"not found", "twice": whole + whole[:40], "a page": b"<html>" * 99}


def test_a_damaged_file_is_as_good_as_none_or_right(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save("x", "k" * 40, {"a": np.arange(50), "b": np.array([0.5])}, {"n": 3})
    path = store.path("x", "k" * 40, ".npz")
    for name, content in _damages(path.read_bytes()).items():
        path.write_bytes(content)
        found = store.load("x", "k" * 40)
        assert found is None or (found[0]["a"].tolist(), found[1]) == (list(range(50)), {"n": 3}), name


@pytest.mark.parametrize(
    "content", [{"facts": np.frombuffer(b"[]", np.uint8)}, {"other": np.arange(3)}, {"facts": np.frombuffer(b"{", np.uint8)}]
)
def test_a_foreign_file_is_as_good_as_none(tmp_path: Path, content: dict[str, Any]) -> None:
    store = Store(tmp_path)
    np.savez(store.path("x", "k" * 40, ".npz"), **content)
    assert store.load("x", "k" * 40) is None


def test_a_folder_in_its_place_is_as_good_as_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.path("x", "k" * 40, ".npz").mkdir()
    assert store.load("x", "k" * 40) is None


def test_a_folder_in_the_place_of_any_kept_file_is_put_aside(tmp_path: Path, case_at: Callable[..., Case]) -> None:
    frame = pd.DataFrame({"x": np.arange(600.0)})
    for name in ("reference", "production"):
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
    case = case_at(tmp_path, data={"reference": "reference.csv", "production": "production.csv"}, roles={})

    def counted() -> int:
        with open_workspace(case) as workspace:
            return int(profile(workspace, Selection(), cells=build_cells(workspace), windows=WindowSize(1, "whole")).rows.sum())

    assert counted() == 600
    kept = [path for path in cache_folder(tmp_path).iterdir() if path.is_file()]
    assert {path.suffix for path in kept} >= {".npz", ".parquet"}
    for path in kept:
        path.unlink()
        path.mkdir()
        (path / "theirs").touch()
    assert counted() == 600
    assert len(list(cache_folder(tmp_path).glob(".aside-*/theirs"))) == len(kept)


def test_nothing_is_kept_of_data_that_changed(tmp_path: Path) -> None:
    store = Store(tmp_path, lambda: False)
    store.save("x", "k" * 40, {}, {"n": 3})
    assert store.load("x", "k" * 40) is None
