"""Rows that SageMaker logged, as a case."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from monitor.case import load_case
from monitor.cli.importing import import_captures
from monitor.engine import open_workspace
from monitor.errors import SelectionError, SettingError, SourceError
from monitor.imports.captures import read_captures
from monitor.imports.reading import File

FILES = Path(__file__).parent / "files"
BOTH = [FILES / "sagemaker-capture.jsonl", FILES / "sagemaker-truth.jsonl"]


def logged(*payloads: tuple[str, str], sort: str = "application/json", encoding: str = "JSON") -> File:
    lines = [
        {
            "captureData": {
                "endpointInput": {"observedContentType": sort, "data": asked, "encoding": encoding},
                "endpointOutput": {"observedContentType": sort, "data": told, "encoding": encoding},
            },
            "eventMetadata": {"eventId": f"e{place}", "inferenceTime": "2026-02-02T10:00:00Z"},
        }
        for place, (asked, told) in enumerate(payloads)
    ]
    return File(Path("x.jsonl"), "\n".join(map(json.dumps, lines)).encode(), "UTC")


def told(file: File, **options: tuple[str, ...]) -> list[dict[str, object]]:
    return read_captures([file], **options).rows.drop(columns=["event_id", "event_time"]).to_dict("records")


def test_captures_become_a_case_that_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "endpoint"
    import_captures(BOTH, out, "", "2026-02-02T11:10", "amount,country,age", "score", quiet=False)
    said = capsys.readouterr().err
    assert "1 event left out: an output of 2 values, for which 1 name was given (first " in said
    assert "1 event left out: a payload in base64 that is no text" in said
    case = load_case(out)
    assert (case.roles.score, case.roles.timestamp, case.roles.id) == ("score", "event_time", "event_id")
    with open_workspace(case) as workspace:
        assert {"amount", "country", "age", "score"} <= set(workspace.columns)
    rows = pd.read_parquet(out / "production" / "captures.parquet")
    assert rows["event_id"].str[-4:].tolist() == ["d2-1", "d2-2", "b8d3", "r-77"]
    assert rows["amount"].tolist() == [94.1, 61.0, 70.5, 55.0]
    assert pd.read_parquet(out / "labels.parquet")["label"].tolist() == [1, 0]


def test_names_come_from_constraints_of_sagemaker(tmp_path: Path) -> None:
    names = {"features": [{"name": one, "completeness": 1.0} for one in ("amount", "country", "age")]}
    (tmp_path / "constraints.json").write_text(json.dumps(names), encoding="utf-8")
    pd.DataFrame({"amount": [1.0, 2.0], "country": ["DE", "FR"], "age": [30, 40]}).to_csv(tmp_path / "train.csv", index=False)
    import_captures(BOTH[:1], tmp_path / "a", str(tmp_path / "train.csv"), "", str(tmp_path / "constraints.json"), "", quiet=True)
    assert "country" in pd.read_parquet(tmp_path / "a" / "production" / "captures.parquet")


@pytest.mark.parametrize(
    ("asked", "answer", "rows"),
    [
        ('{"a": 1, "b": "x"}', '{"p": [0.1, 0.9]}', [{"a": 1, "b": "x", "p_1": 0.1, "p_2": 0.9}]),
        ('[{"a": 1}, {"a": 2}]', "[0.1, 0.2]", [{"a": 1, "output": 0.1}, {"a": 2, "output": 0.2}]),
        ('[{"a": 1}, {"a": 2}]', '{"predictions": [0, 1], "scores": [0.1, 0.2]}',
         [{"a": 1, "predictions": 0, "scores": 0.1}, {"a": 2, "predictions": 1, "scores": 0.2}]),
        ('{"instances": [[1, 2]]}', "0.5", [{"input_1": 1, "input_2": 2, "output": 0.5}]),
        ('{"a": 1, "a.b": 2}', '{"a": 3}', [{"a": 1, "a.b": 2, "output_a": 3}]),
    ],
)  # fmt: skip
def test_forms_of_json(asked: str, answer: str, rows: list[dict[str, object]]) -> None:
    assert told(logged((asked, answer))) == rows


def test_codes_keep_their_zeros_and_empty_cells_are_missing() -> None:
    csv = logged(("007,1.5,", "1"), ("010,,x", "0"), sort="text/csv", encoding="CSV")
    table = read_captures([csv], ("code", "amount", "word"), ("score",)).rows
    assert table["code"].tolist() == ["007", "010"]
    assert table["amount"].isna().tolist() == [False, True]
    assert table["word"].isna().tolist() == [True, False]


def test_a_file_that_is_given_twice_counts_once() -> None:
    file = logged(("1", "2"), sort="text/csv", encoding="CSV")
    found = read_captures([file, file])
    assert len(found.rows) == 1
    assert found.notes == ["1 row that the files hold twice was taken once."]


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="--reference-until TIME"):
        import_captures(BOTH, tmp_path / "a", "", "", "", "", quiet=True)
    with pytest.raises(SelectionError, match="leaves one side without rows"):
        import_captures(BOTH, tmp_path / "a", "", "2030-01-01", "", "", quiet=True)
    with pytest.raises(SourceError, match="is not JSON"):
        read_captures([File(Path("a.jsonl"), b'{"captureData"', "UTC")])
    with pytest.raises(
        SourceError, match=r"Nothing that SageMaker logged was understood in 1 file: a request of 2 rows with an answer of 1 row"
    ):
        read_captures([logged(("1,2\n3,4", "1"), sort="text/csv", encoding="CSV")])
    assert not (tmp_path / "a").exists()
