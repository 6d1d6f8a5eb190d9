"""Case folders and data that once stopped a command or were counted wrong: each kind with what is right."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.__main__ import main

ROWS = 600


def run(*arguments: str) -> int:
    """Run a command and return its exit code."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return int(str(left.value.code))


def _table(seed: int, start: str, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    times = pd.date_range(start, periods=ROWS, freq="2h")
    return pd.DataFrame({"timestamp": times, "amount": rng.gamma(2, 50, ROWS).round(2), **columns})


def _case(folder: Path, reference: str = "reference.parquet", production: str = "production.parquet", more: str = "") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.toml").write_text(
        f'[case]\nname = "odd"\ntask = "none"\n[data]\nreference = "{reference}"\nproduction = "{production}"\n{more}'
        '[roles]\ntimestamp = "timestamp"\n'
    )
    return folder


def _measured(folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run("measure", "drift", str(folder), "--out", "-", "--quiet") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_case_of_one_column_is_checked_and_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Joint drift needs two columns: it is skipped with its reason, the rest is said."""
    folder = _case(tmp_path / "case")
    _table(1, "2024-01-01").to_parquet(folder / "reference.parquet")
    _table(2, "2024-03-01").to_parquet(folder / "production.parquet")
    assert run("check", str(folder), "--out", str(tmp_path / "found.json")) == 0
    assert "Nothing fired." in capsys.readouterr().err
    found = json.loads((tmp_path / "found.json").read_text())
    assert ("Joint drift", "not_applicable") in [(one["what"], one["reason"]) for one in found["skipped"]]
    assert run("report", str(folder), "--out", str(tmp_path / "report.md")) == 0
    assert "Joint drift needs at least 2 columns" in (tmp_path / "report.md").read_text()
    assert run("measure", "all", str(folder), "--out", str(tmp_path / "all")) == 0
    assert {path.name for path in (tmp_path / "all").iterdir()} >= {"drift.json", "quality.json"}
    assert not (tmp_path / "all" / "multivariate.json").exists()


def test_partition_folders_are_no_columns_unless_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "case"
    for name, start, seed in (("reference", "2023-10-01", 1), ("production", "2024-01-05", 2)):
        table = _table(seed, start)
        for (year, month), rows in table.groupby([table["timestamp"].dt.year, table["timestamp"].dt.month]):
            place = folder / name / f"year={year}" / f"month={month}"
            place.mkdir(parents=True)
            rows.to_parquet(place / "part.parquet")
    patterns = {"reference": "reference/**/*.parquet", "production": "production/**/*.parquet"}
    found = _measured(_case(folder, **patterns), capsys)
    assert {row["column"] for row in found["table"]} == {"amount"}
    assert sum(one["reason"] == "partitions" for one in found["skipped"]) == 2
    found = _measured(_case(folder, **patterns, more="partitions = true\n"), capsys)
    assert {row["column"] for row in found["table"]} == {"amount", "year", "month"}


def test_a_folder_does_not_replace_the_column_of_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "amount=5")
    _table(1, "2024-01-01").to_parquet(folder / "reference.parquet")
    _table(2, "2024-03-01").to_parquet(folder / "production.parquet")
    rows = [row for row in _measured(folder, capsys)["table"] if row["primary"]]
    assert {row["status"] for row in rows} <= {"stable", "too_few_rows", "not_judged"}


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "case", production="production/**/*.parquet")
    (folder / "production" / "deep").mkdir(parents=True)
    _table(1, "2024-01-01").to_parquet(folder / "reference.parquet")
    _table(2, "2024-03-01").to_parquet(folder / "production" / "march.parquet")
    os.symlink(folder / "production" / "march.parquet", folder / "production" / "latest.parquet")
    os.link(folder / "production" / "march.parquet", folder / "production" / "deep" / "kept.parquet")
    os.symlink(folder / "production", folder / "production" / "deep" / "loop")
    assert _measured(folder, capsys)["provenance"]["rows"]["production"]["used"] == ROWS


def test_the_name_of_the_case_folder_is_no_pattern(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "[2026] loans *", production="production/*.parquet")
    (folder / "production").mkdir()
    _table(1, "2024-01-01").to_parquet(folder / "reference.parquet")
    _table(2, "2024-03-01").to_parquet(folder / "production" / "m.parquet")
    assert _measured(folder, capsys)["provenance"]["rows"]["production"]["used"] == ROWS


def test_two_files_of_one_name_size_and_time_are_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "case", reference="a/x.csv", production="b/x.csv")
    for name, amount in (("a", 100), ("b", 900)):
        (folder / name).mkdir()
        table = _table(1, "2024-01-01")
        table["amount"] = amount + np.arange(ROWS) % 90
        table.to_csv(folder / name / "x.csv", index=False)
        os.utime(folder / name / "x.csv", (1_700_000_000, 1_700_000_000))
    assert (folder / "a" / "x.csv").stat().st_size == (folder / "b" / "x.csv").stat().st_size
    assert any(row["status"] == "alert" for row in _measured(folder, capsys)["table"])


@pytest.mark.parametrize("moment", ["9999-12-31T00:00:00", "0001-01-01T00:00:00", "1600-01-01"])
def test_a_sentinel_is_outside_all_windows_and_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str], moment: str) -> None:
    folder = _case(tmp_path / "case")
    reference, production = _table(1, "2024-01-01"), _table(2, "2024-03-01")
    for table in (reference, production):
        table["timestamp"] = table["timestamp"].astype("datetime64[us]")
    production.loc[5, "timestamp"] = np.datetime64(moment, "us")
    reference.to_parquet(folder / "reference.parquet")
    production.to_parquet(folder / "production.parquet")
    found = _measured(folder, capsys)
    assert found["provenance"]["rows"]["production"] == {"used": ROWS - 1, "excluded": {"time before 1678 or after 2261": 1}}
    assert all(row["window"].startswith("2024") for row in found["table"])
    assert run("check", str(folder), "--windows", "50 rows", "--quiet") in (0, 1)


def test_nanoseconds_stay_in_their_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "case")
    for name, start in (("reference", "2024-01-01"), ("production", "2024-03-01")):
        table = _table(1, start)
        table["timestamp"] = table["timestamp"].dt.tz_localize("UTC").astype("datetime64[ns, UTC]")
        table.loc[ROWS - 1, "timestamp"] = pd.Timestamp("2024-05-01T23:59:59.999999999Z")
        table.to_parquet(folder / f"{name}.parquet")
    assert run("measure", "drift", str(folder), "--out", "-", "--windows", "1 day", "--quiet") == 0
    windows = {row["window"] for row in json.loads(capsys.readouterr().out)["table"]}
    assert "2024-05-01" in windows
    assert "2024-05-02" not in windows


@pytest.mark.parametrize("period", ["9999-12", "0001-01-01", "99999", "2024-01-01..9999-12-31"])
def test_periods_far_away_are_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str], period: str) -> None:
    folder = _case(tmp_path / "case")
    _table(1, "2024-01-01").to_parquet(folder / "reference.parquet")
    _table(2, "2024-03-01").to_parquet(folder / "production.parquet")
    assert run("measure", "drift", str(folder), "--out", "-", "--production", period) == 2
    assert "between 1678 and 2261" in capsys.readouterr().err


ODD = ("a\x01\x1b[31m\rb", "\U0001f600" * 200, "<b>&\u202e`|*_[](x)")
"""Names of columns and of their levels."""


def test_odd_names_and_levels_become_a_report(tmp_path: Path) -> None:
    folder = _case(tmp_path / "case")
    for data, start in (("reference", "2024-01-01"), ("production", "2024-03-01")):
        share = [0.8, 0.2] if data == "production" else [0.2, 0.8]
        levels = {name: np.random.default_rng(seed).choice([name, "b"], ROWS, p=share) for seed, name in enumerate(ODD)}
        _table(1, start, **levels).to_parquet(folder / f"{data}.parquet")
    assert run("check", str(folder), "--quiet", "--out", str(tmp_path / "found.json")) == 1
    assert {row["what"] for row in json.loads((tmp_path / "found.json").read_text())["findings"]} >= set(ODD)
    for suffix in ("html", "md"):
        assert run("report", str(folder), "--out", str(tmp_path / f"r.{suffix}"), "--quiet") == 0
        made = (tmp_path / f"r.{suffix}").read_bytes().decode()
        assert "�[31m" in made
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", made)


def test_columns_that_are_empty_on_one_side_are_said_and_end_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "case")
    rng = np.random.default_rng(1)
    for data, start, full in (("reference", "2024-01-01", "abc"), ("production", "2024-03-01", "ade")):
        columns = {name: rng.normal(size=ROWS) if name in full else np.full(ROWS, np.nan) for name in "abcde"}
        _table(1, start, **columns, text=["x" if data == "reference" else None] * ROWS, none=[None] * ROWS).to_parquet(
            folder / f"{data}.parquet"
        )
    assert run("check", str(folder), "--quiet", "--out", str(tmp_path / "found.json")) == 1
    assert {row["what"] for row in json.loads((tmp_path / "found.json").read_text())["findings"]} >= {*"bcde", "text"}
    assert "defect" not in capsys.readouterr().err


def test_a_carriage_return_in_a_level_is_quoted(tmp_path: Path) -> None:
    folder = _case(tmp_path / "case")
    for data, start in (("reference", "2024-01-01"), ("production", "2024-03-01")):
        odd = "b\r=HYPERLINK(1)"
        levels = np.random.default_rng(4).choice([odd, "a"], ROWS, p=[0.8, 0.2] if data == "production" else [0.2, 0.8])
        _table(1, start, city=levels).to_parquet(folder / f"{data}.parquet")
    assert run("measure", "drift", str(folder), "--out", str(tmp_path / "x.csv"), "--quiet") == 0
    text = (tmp_path / "x.csv").read_bytes().decode()
    assert "HYPERLINK" in text
    assert "\r=HYPERLINK" not in text.replace('"b\r=HYPERLINK(1)"', "").replace('"\'b\r=HYPERLINK(1)"', "")


@pytest.mark.parametrize("target", ["reference.parquet", "production.parquet", "case.toml"])
def test_a_result_never_replaces_what_it_was_made_of(tmp_path: Path, capsys: pytest.CaptureFixture[str], target: str) -> None:
    folder = _case(tmp_path / "case")
    _table(1, "2024-01-01").to_parquet(folder / "reference.parquet")
    _table(2, "2024-03-01").to_parquet(folder / "production.parquet")
    before = (folder / target).read_bytes()
    assert run("measure", "drift", str(folder), "--out", str(folder / target)) == 2
    assert (folder / target).read_bytes() == before
    assert capsys.readouterr().err.startswith("driftscope: ")


def test_a_label_that_production_has_not_yet_is_no_lost_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "case")
    labels = np.arange(ROWS) % 2
    _table(1, "2024-01-01", late=labels).to_parquet(folder / "reference.parquet")
    _table(2, "2024-03-01").to_parquet(folder / "production.parquet")
    text = (folder / "case.toml").read_text()
    (folder / "case.toml").write_text(f'{text}label = "late"\n')
    assert run("check", str(folder)) == 0
    assert "labels of production are not there yet" in str(_measured(folder, capsys)["skipped"])


def test_scores_that_leave_0_to_1_end_no_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = _case(tmp_path / "case")
    rng = np.random.default_rng(6)
    for data, start in (("reference", "2024-01-01"), ("production", "2024-03-01")):
        score = rng.beta(2, 5, ROWS)
        label = (rng.random(ROWS) < score).astype(int)
        factor = np.where(np.arange(ROWS) > ROWS // 2, 100, 1) if data == "production" else 1
        _table(1, start, score=score * factor, label=label, said=(score > 0.4).astype(int)).to_parquet(folder / f"{data}.parquet")
    text = (folder / "case.toml").read_text().replace('"none"', '"binary"')
    (folder / "case.toml").write_text(f'{text}label = "label"\nscore = "score"\nprediction = "said"\n')
    assert run("check", str(folder)) == 1
    told = capsys.readouterr()
    assert "alert: score is 100 times too large since" in told.out
    assert "Look whether scores lie in 0 to 1 on both." in told.err
