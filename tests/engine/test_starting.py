"""What `init` writes fits the data: windows of which the reference has enough, each with rows enough to be judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tomlkit

from monitor.case import load_case
from monitor.cli import main
from monitor.engine import init_case
from monitor.engine.assigning import assigned
from monitor.errors import CaseError, SourceError


@pytest.mark.parametrize(
    ("days", "a_day", "size"),
    [(90, 100, "1 week"), (10, 300, "1 day"), (2, 2400, "1 hour"), (12, 24, "1 week"), (1, 40, "1 week")],
)
def test_windows_are_as_long_as_the_reference_has_eight_of(tmp_path: Path, days: int, a_day: int, size: str) -> None:
    for name, start in (("reference", "2025-01-01"), ("production", "2025-06-01")):
        times = pd.date_range(start, periods=days * a_day, freq=pd.Timedelta(days=1) / a_day)
        pd.DataFrame({"when": times, "amount": np.arange(days * a_day) % 97 + 0.5}).to_parquet(tmp_path / f"{name}.parquet")
    init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    assert str(load_case(tmp_path / "case").windows) == size


def test_one_date_of_the_far_future_is_no_span(tmp_path: Path) -> None:
    times = pd.Series(pd.date_range("2025-01-01", periods=3000, freq="5min"))
    times.iloc[7] = pd.Timestamp("2200-12-31")
    for name in ("reference", "production"):
        pd.DataFrame({"when": times, "amount": np.arange(3000) % 97 + 0.5}).to_parquet(tmp_path / f"{name}.parquet")
    init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    assert str(load_case(tmp_path / "case").windows) == "1 day"


GIVEN: list[tuple[list[str], dict[str, list[str]]]] = [
    (["a.csv", "b.csv"], {"reference": ["a.csv"], "production": ["b.csv"]}),
    (["live.csv", "train.csv"], {"reference": ["train.csv"], "production": ["live.csv"]}),
    (["p_2023.csv", "p_2024.csv", "truth.csv"], {"reference": ["p_2023.csv"], "production": ["p_2024.csv"], "labels": ["truth.csv"]}),
    (["ref/1.csv", "ref/2.csv", "prod/1.csv"], {"reference": ["ref/1.csv", "ref/2.csv"], "production": ["prod/1.csv"]}),
    (["train_1.csv", "train_2.csv", "live_1.csv", "live_2.csv", "labels.csv"],
     {"reference": ["train_1.csv", "train_2.csv"], "production": ["live_1.csv", "live_2.csv"], "labels": ["labels.csv"]}),
    (["old/1.csv", "old/2.csv", "new/1.csv", "new/2.csv"],
     {"reference": ["old/1.csv", "old/2.csv"], "production": ["new/1.csv", "new/2.csv"]}),
    (["w.sqlite::a", "w.sqlite::b"], {"reference": ["w.sqlite::a"], "production": ["w.sqlite::b"]}),
]  # fmt: skip


@pytest.mark.parametrize(("given", "wanted"), GIVEN, ids=[" ".join(given) for given, _ in GIVEN])
def test_a_shell_makes_many_names_of_one_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str], wanted: dict[str, list[str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    found = assigned(given, tmp_path)[0].model_dump(exclude_defaults=True)
    assert {data: list(places) for data, places in found.items()} == wanted


def test_many_files_of_which_nothing_tells_what_they_are_are_asked_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CaseError, match="Put each pattern in quotes"):
        assigned(["1.csv", "2.csv", "3.csv", "4.csv"], tmp_path)


def test_a_folder_stands_for_its_files_of_one_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for place in ("[ref]/dt=1/a.csv.gz", "[ref]/_SUCCESS", "prod/b.parquet", "prod/c.csv", "prod/.d.json"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch()
    assert assigned(["[ref]", "prod"], tmp_path)[0].reference == ("[[]ref]/**/*.csv.gz",)
    with pytest.raises(SourceError, match=r"it holds files of 2 kinds\. Name its files, for example .*csv' or .*parquet'"):
        init_case(["prod", "prod"], tmp_path / "case")


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        (
            "created_at",
            ["1 stycznia 2024", "2 lutego 2024", "3 marca 2024"],
            "its name is that of a time, but its values ('1 stycznia 2024'",
        ),
        (
            "event_time",
            [45292.625, 45293.5, 45294.25],
            "its name is that of a time, but its values ('45292.625', '45293.5') count days as spreadsheets do",
        ),
        ("pd", [12.5, 40.0, 99.5], "its name is that of a probability, but its values ('12.5', '40') are no parts of 1"),
        ("lab", ["<5", "12", "300"], "numbers with a sign or a mark ('<5') are read as text"),
        ("price", ["ca. 12", "ca. 30", "9.5*"], "numbers with a sign or a mark ('ca. 12', 'ca. 30', '9.5*') are read as text"),
        (
            "rating",
            ["1", "2", "n.v.", "4", "5"],
            "80% of its values are numbers, others such as 'n.v.' are none, so that it is read as text. If it stands for a missing value, "
            'write missing = ["n.v."] under [data]',
        ),
        ("weight", ["3420 kg", "410 g", "2 kg"], "numbers in several units or formats ('3420 kg', '410 g') are read as text"),
    ],
)
def test_what_is_likely_but_not_read_is_a_doubt(tmp_path: Path, name: str, values: list[object], told: str) -> None:
    for data in ("reference", "production"):
        pd.DataFrame({name: values * 40, "amount": np.arange(40 * len(values)) % 97 + 0.5}).to_parquet(tmp_path / f"{data}.parquet")
    made = init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    assert any(doubt.startswith(f"{name}: {told}") for doubt in made.unsure)


def test_numbers_that_stand_for_none_are_a_doubt(tmp_path: Path) -> None:
    rows = np.arange(600)
    table = pd.DataFrame(
        {
            "age": np.where(rows % 10 == 0, -999, 18 + rows % 60),
            "income": np.where(rows % 20 == 0, 9_999_999.0, 900.5 + rows % 97),
            "wide": np.where(rows % 10 == 0, -999.0, (rows % 89) * 100.0 - 4000),  # -999 lies among its values
            "years": np.where(rows % 12 == 0, 999, 18 + rows % 60),
            "salary": np.where(rows % 15 == 0, -999, 1000 + 40 * (rows % 97)),
            "day": np.where(rows % 30 == 0, 99_999_999, 20_240_101 + rows % 28),
            "amount": (rows % 89) * 20 + 19,  # 999 is one of them
            "once": np.where(rows == 7, -99, rows % 50),
        }
    )
    for data in ("reference", "production"):
        table.to_parquet(tmp_path / f"{data}.parquet")
    made = init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    told = [doubt.partition(" lies")[0] for doubt in made.unsure if "stands for a missing value" in doubt]
    sure = ["age: -999 in 10.0% of the rows", "income: 9999999 in 5.0% of the rows"]
    assert told == [*sure, "years: 999 in 8.3% of the rows", "salary: -999 in 6.7% of the rows", "day: 99999999 in 3.3% of the rows"]


@pytest.mark.parametrize(("name", "marker"), [("size", "\\X"), ("size of it", 'n"a')])
def test_a_proposed_line_of_case_toml_can_be_taken_as_it_is(name: str, marker: str, tmp_path: Path) -> None:
    """A marker with a backslash or a quote, and a name with a blank, are written as TOML wants them."""
    frame = pd.DataFrame({name: ["1", "2", marker, "4", "5"] * 40, "x": np.arange(200) % 97 + 0.5})
    for data in ("reference", "production"):
        frame.to_parquet(tmp_path / f"{data}.parquet")
    made = init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    line = next(doubt for doubt in made.unsure if "write missing" in doubt).partition(", write ")[2].partition(" under ")[0]
    assert tomlkit.parse(line).unwrap() == {"missing": [marker]}


def test_an_encoding_that_is_told_is_read_and_written_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "".join(f"Москва,{i}\n" for i in range(60))
    for data in ("reference", "production"):
        (tmp_path / f"{data}.csv").write_bytes(f"city,x\n{text}".encode("cp1251"))
    sources = [str(tmp_path / f"{data}.csv") for data in ("reference", "production")]
    with pytest.raises(SystemExit, match="2"):
        main(["init", *sources, "--out", str(tmp_path / "case")])
    assert "driftscope init --encoding" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="0"):
        main(["init", *sources, "--out", str(tmp_path / "case"), "--encoding", "windows-1251"])
    assert load_case(tmp_path / "case").data.encoding == "cp1251"
