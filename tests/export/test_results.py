from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from monitor.errors import SettingError, SourceError
from monitor.export.results import as_result, write_result, writer_for
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.drift_table import JUDGED


def test_json_has_the_documented_form(judged: JudgedDrift, tmp_path: Path) -> None:
    write_result(judged, tmp_path / "drift.json")
    read = json.loads((tmp_path / "drift.json").read_text(), parse_constant=pytest.fail)
    assert list(read) == ["analysis", "case", "table", "findings", "skipped", "provenance"]
    assert (read["analysis"], read["case"]) == ("drift", "small")
    assert list(read["table"][0])[: len(JUDGED.columns)] == list(JUDGED.columns)
    assert read["table"][0]["window_start"] == "2024-03-25T00:00:00Z"


def test_provenance_tells_how_it_was_judged(judged: JudgedDrift, tmp_path: Path) -> None:
    write_result(judged, tmp_path / "drift.json")
    provenance = json.loads((tmp_path / "drift.json").read_text())["provenance"]
    assert provenance["settings"]["thresholds"]["q"] == 0.05
    assert provenance["summary"]["expected_false_alarms"] == judged.expected_false_alarms
    assert provenance["started"].endswith("Z")
    assert provenance["rows"]["production"] == {"used": 2240, "excluded": {}}
    assert provenance["sql"][0]["sql"].startswith("SELECT")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_csv_and_parquet_hold_the_table(judged: JudgedDrift, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"drift.{suffix}"
    write_result(judged, path)
    read = pd.read_csv(path) if suffix == "csv" else pd.read_parquet(path)
    assert list(read.columns) == list(judged.table.columns)
    assert read["score"].to_numpy() == pytest.approx(judged.table["score"].to_numpy(), nan_ok=True)


def test_a_dash_prints_json(judged: JudgedDrift, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    write_result(judged, "-")
    assert json.loads(capsysbinary.readouterr().out)["analysis"] == "drift"


def test_a_result_is_written_as_it_is(judged: JudgedDrift, tmp_path: Path) -> None:
    write_result(as_result(judged), tmp_path / "a.json")
    write_result(judged, tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


@pytest.mark.parametrize("name", ["drift.xlsx", "drift", "drift.json.gz"])
def test_other_endings_are_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"must end in \.json, \.csv, \.parquet"):
        writer_for(tmp_path / name)


def test_a_folder_that_is_not_there_is_refused_before_the_work(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="There is no folder"):
        writer_for(tmp_path / "no" / "drift.json")
