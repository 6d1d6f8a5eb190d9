"""Every kind of bad data, from the file to the exit code: one clear line, or rows and reasons in the result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.cli import main

HOSTILE = ["=1+1", "a,b", 'q"uote', "new\nline", "<script>alert(1)</script>", "'; DROP TABLE x; --", "Ünï 😀", " ", "select", "a.b", "-x"]
Make = Callable[..., Path]


def table(rows: int = 600, start: str = "2024-01-01", **columns: Any) -> pd.DataFrame:
    draw = np.random.default_rng(rows)
    at = pd.date_range(start, periods=rows, freq="1h").as_unit("us")
    return pd.DataFrame({"at": at, "x": draw.normal(size=rows), **columns})


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    monkeypatch.setenv("DRIFTSCOPE_CACHE", str(tmp_path / "cache"))

    def write(
        reference: pd.DataFrame | bytes, production: pd.DataFrame | bytes, toml: str = 'timestamp = "at"', suffix: str = "parquet"
    ) -> Path:
        for name, data in (("reference", reference), ("production", production)):
            path = tmp_path / f"{name}.{suffix}"
            path.write_bytes(data) if isinstance(data, bytes) else data.to_parquet(path)
        files = f'reference = "reference.{suffix}"\nproduction = "production.{suffix}"'
        (tmp_path / "case.toml").write_text(f'[case]\nname = "bad"\ntask = "binary"\n[data]\n{files}\n[roles]\n{toml}\n', encoding="utf-8")
        return tmp_path

    return write


def measure(folder: Path, *options: str) -> dict[str, Any]:
    with pytest.raises(SystemExit) as ended:
        main(["measure", "drift", str(folder), "--out", str(folder / "d.json"), "--quiet", *options])
    assert not ended.value.code
    found: dict[str, Any] = json.loads((folder / "d.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    return found


def complaint(folder: Path, capsys: pytest.CaptureFixture[str], *options: str) -> str:
    with pytest.raises(SystemExit) as ended:
        main(["measure", "drift", str(folder), "--out", "-", *options])
    told = capsys.readouterr()
    assert (ended.value.code, told.out, told.err.count("\n")) == (2, "", 1)
    return told.err


@pytest.mark.parametrize(
    ("production", "suffix", "message"),
    [
        (b"", "parquet", "production"),
        (b"PAR1 this is no Parquet file", "parquet", "production"),
        (b"", "csv", "production"),
        (b"at,x\n", "csv", "no rows"),
        (b'{"at": 1, \n', "jsonl", "production"),
    ],
)
def test_files_that_cannot_be_read(make: Make, capsys: pytest.CaptureFixture[str], production: bytes, suffix: str, message: str) -> None:
    good = {"csv": table().to_csv(index=False).encode(), "jsonl": table().to_json(orient="records", lines=True, date_format="iso").encode()}
    told = complaint(make(good.get(suffix, table()), production, suffix=suffix), capsys)
    assert message in told
    assert "Unexpected" not in told


def test_two_columns_of_one_name_are_renamed_and_said(make: Make) -> None:
    text = table().assign(other=1.0).rename(columns={"other": "x"}).to_csv(index=False).encode()
    notes = [one for one in measure(make(text, text, suffix="csv"))["skipped"] if one["reason"] == "duplicate_columns"]
    assert len(notes) == 2
    assert "x" in notes[0]["message"]


def test_no_rows_at_all(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no rows" in complaint(make(table(), table().head(0)), capsys)


def test_a_file_that_is_not_there(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make(table(), table())
    (folder / "production.parquet").unlink()
    assert "production" in complaint(folder, capsys)


def test_a_role_names_no_column(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert "'att', which is in none of its data. Did you mean 'at'?" in complaint(make(table(), table(), 'timestamp = "att"'), capsys)


def test_a_timestamp_that_is_none(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    words = table(note=["monday", "tuesday"] * 300)
    assert "holds neither dates, times nor Unix time" in complaint(make(words, words, 'timestamp = "note"'), capsys)


def test_calendar_windows_without_a_timestamp(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    assert "need the timestamp role" in complaint(make(table(), table(), ""), capsys, "--windows", "1 week")


def test_rows_and_the_whole_need_no_timestamp(make: Make) -> None:
    windows = [row["window"] for row in measure(make(table(), table(), "ignore = ['at']"), "--windows", "300 rows")["table"]]
    assert set(windows) == {"rows-000001", "rows-000002"}


def test_times_with_mixed_offsets_are_one_time_line(make: Make) -> None:
    lines = [f"2024-01-01T{hour:02d}:30:00{'+02:00' if hour % 2 else '-05:00'},{hour}" for hour in range(24)]
    text = ("at,x\n" + "\n".join(lines * 20) + "\n").encode()
    found = measure(make(text, text, suffix="csv"), "--windows", "1 day")
    assert sorted({row["window"] for row in found["table"]}) == ["2023-12-31", "2024-01-01", "2024-01-02"]


def test_rows_without_a_time_are_left_out_and_counted(make: Make) -> None:
    holes = table()
    holes.loc[:9, "at"] = pd.NaT
    counted = measure(make(table(), holes), "--windows", "1 week")["provenance"]["rows"]["production"]
    assert (counted["used"], sum(counted["excluded"].values())) == (590, 10)


def test_columns_of_another_type_missing_or_nested_are_reported(make: Make) -> None:
    before = table(kind=1, gone="a", nested=[[1]] * 600)
    after = table(kind="one", new="b", nested=[[1]] * 600)
    reasons = {one["what"]: one["reason"] for one in measure(make(before, after))["skipped"]}
    expected = {"kind": "type_changed", "gone": "missing_in_production", "new": "missing_in_reference", "nested": "nested_type"}
    assert reasons.items() >= expected.items()


def test_nothing_constant_missing_or_infinite_breaks_a_row(make: Make) -> None:
    infinite = np.where(np.arange(600) % 3 == 0, np.inf, np.arange(600.0))
    odd = {"one": 1.0, "none": pd.Series([None] * 600, dtype="float64"), "infinite": infinite}
    found = pd.DataFrame(measure(make(table(**odd), table(**{**odd, "one": 2.0})), "--methods", "all")["table"])
    assert {"one", "none", "infinite", "x"} <= set(found["column"])
    primary = found[found["primary"]].groupby("column")["status"].agg(set)
    assert primary["one"] & {"alert", "warning"}
    assert not primary["none"] & {"alert", "warning"}


def test_levels_that_the_reference_never_had_are_found(make: Make) -> None:
    found = measure(make(table(c=["a", "b"] * 300), table(c=["a", "z"] * 300)), "--windows", "whole")["table"]
    alarmed = [row for row in found if row["column"] == "c" and row["primary"]]
    assert alarmed[0]["status"] == "alert"


def test_repeated_ids_do_not_stop_anything(make: Make) -> None:
    twice = table(key=[1, 2] * 300)
    found = measure(make(twice, twice, 'timestamp = "at"\nid = "key"'))
    assert found["provenance"]["rows"]["production"]["used"] == 600
    assert {one["reason"] for one in found["skipped"]} == {"repeated_id"}


def test_one_row_is_too_few_to_judge(make: Make) -> None:
    found = measure(make(table(), table(1)), "--windows", "whole")["table"]
    assert {row["status"] for row in found} <= {"too_few_rows", "not_applicable"}


def test_a_reference_of_one_row_still_answers(make: Make) -> None:
    assert measure(make(table(1), table()), "--windows", "whole")["table"][0]["n_reference"] == 1


def test_one_class_in_the_label_is_no_matter_for_drift(make: Make) -> None:
    one = table(label=1)
    assert measure(make(one, one, 'timestamp = "at"\nlabel = "label"'))["table"]


def test_huge_and_tiny_numbers(make: Make) -> None:
    draw = np.random.default_rng(0).normal(size=600)
    huge = table(big=draw * 1e150, small=draw * 1e-150, whole=np.arange(600, dtype="int64") + 2**62)
    assert {row["column"] for row in measure(make(huge, huge))["table"]} == {"x", "big", "small", "whole"}


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_hostile_column_names_come_through(make: Make, suffix: str) -> None:
    draw = np.random.default_rng(1)
    columns = {name: draw.normal(size=600) for name in HOSTILE}
    levels = {"city": draw.choice(["=cmd|' /C calc'!A0", "<b>", "@x"], 600)}
    folder = make(table(**columns, **levels), table(**columns, **levels))
    with pytest.raises(SystemExit) as ended:
        main(["measure", "drift", str(folder), "--out", str(folder / f"d.{suffix}"), "--quiet"])
    assert not ended.value.code
    if suffix == "json":
        assert {row["column"] for row in json.loads((folder / "d.json").read_text("utf-8"))["table"]} >= set(HOSTILE)
        return
    back = pd.read_csv(folder / "d.csv", dtype=str, keep_default_na=False)
    assert set(back["column"]) == {"x", "city", *(f"'{name}" if name[0] in "=-+@" else name for name in HOSTILE)}
    texts = back.select_dtypes(exclude="number").drop(columns=["score", "expected", "moved_from", "moved_to"], errors="ignore")
    assert not texts[["column", "moved_cell", "direction", "label"]].map(lambda cell: str(cell).startswith(("=", "@"))).to_numpy().any()


def test_names_that_differ_only_in_case_are_told_apart(make: Make) -> None:
    found = measure(make(table(X=1.0), table(X=1.0)))
    assert "x" in {row["column"] for row in found["table"]}
    assert {row["what"] for row in found["skipped"]} | {row["column"] for row in found["table"]} >= {"x"}


def test_a_failed_run_leaves_the_result_of_the_last_one(make: Make) -> None:
    folder = make(table(), table())
    measure(folder)
    before = (folder / "d.json").read_bytes()
    (folder / "production.parquet").write_bytes(b"damaged")
    with pytest.raises(SystemExit, match="2"):
        main(["measure", "drift", str(folder), "--out", str(folder / "d.json")])
    assert (folder / "d.json").read_bytes() == before
