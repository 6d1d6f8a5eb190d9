"""A new case from uploads and paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.case import load_case
from monitor.engine import open_workspace, value_counts
from monitor.errors import CaseError, SettingError, SourceError
from monitor.ui.new_case import DatesToChooseError, Side, Upload, create_case, safe_file

CSV = b"timestamp,amount,city\n" + b"".join(f"2013-01-{day:02d} 12:00:00,{day}.5,Rome\n".encode() for day in range(1, 29))


def both(content: bytes) -> dict[str, Side]:
    return {side: Side(uploads=(Upload("../../day 1.csv", content),)) for side in ("reference", "production")}


def test_uploads_become_a_case_with_guessed_roles(tmp_path: Path) -> None:
    report = create_case("My Shop!", both(CSV), folder=tmp_path)
    case = load_case(tmp_path / "my-shop")
    assert report.path == tmp_path / "my-shop" / "case.toml"
    assert (case.name, case.roles.timestamp) == ("My Shop!", "timestamp")
    assert case.data.reference == ("reference/*",)
    assert (tmp_path / "my-shop" / "production" / "day-1.csv").read_bytes() == CSV


def test_the_sides_stay_as_they_were_named(shop: Path, tmp_path: Path) -> None:
    sides = {
        "reference": Side(places=(str(shop / "production.parquet"),)),
        "production": Side(places=(str(shop / "reference.parquet"),)),
    }
    create_case("Swapped", sides, folder=tmp_path)
    assert load_case(tmp_path / "swapped").data.reference == (str(shop / "production.parquet"),)


def test_a_failed_load_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="empty"):
        create_case("Empty", both(b""), folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_case_is_not_touched(shop: Path) -> None:
    before = (shop / "case.toml").read_bytes()
    with pytest.raises(CaseError, match="There is a case 'shop' already"):
        create_case("Shop", both(CSV), folder=shop.parent)
    assert (shop / "case.toml").read_bytes() == before


@pytest.mark.parametrize(("sides", "message"), [({"reference": Side(), "production": Side()}, "reference data are missing")])
def test_what_is_missing_is_named(tmp_path: Path, sides: dict[str, Side], message: str) -> None:
    with pytest.raises(CaseError, match=message):
        create_case("x", sides, folder=tmp_path)


def test_models_cannot_be_uploaded() -> None:
    with pytest.raises(CaseError, match=r"'model.pkl' cannot be read"):
        safe_file("model.pkl")


def test_uploads_named_alike_are_all_kept(tmp_path: Path) -> None:
    table = b"x\n" + b"".join(b"%d\n" % i for i in range(30))
    twins = tuple(Upload(name, table) for name in ("day.csv", "day.csv", "DAY.csv", "größe.csv", "日本.csv"))
    create_case("Кредиты", {"reference": Side(twins, ()), "production": Side(twins[:1], ()), "labels": Side((), ())}, folder=tmp_path)
    kept = sorted(path.name for path in (tmp_path / "кредиты" / "reference").iterdir())
    assert kept == ["DAY-3.csv", "day-2.csv", "day.csv", "größe.csv", "日本.csv"]


def test_dates_of_two_readings_are_asked_and_then_read_as_chosen(tmp_path: Path) -> None:
    lines = "".join(f"{1 + i % 12:02d}/{1 + i % 7:02d}/2024,{i % 5}\n" for i in range(60))
    sides = both(f"seen_at,x\n{lines}".encode())
    with pytest.raises(DatesToChooseError) as asked:
        create_case("Two ways", sides, folder=tmp_path)
    assert {name: set(formats) for name, formats in asked.value.choices.items()} == {"seen_at": {"%d/%m/%Y", "%m/%d/%Y"}}
    assert list(tmp_path.iterdir()) == []
    report = create_case("Two ways", sides, folder=tmp_path, formats={"seen_at": "%m/%d/%Y"})
    assert (report.undecided, [one for one in report.unsure if "can be read" in one]) == ({}, []), "what was chosen is not asked again"
    case = load_case(tmp_path / "two-ways")
    assert (case.roles.timestamp, dict(case.formats)) == ("seen_at", {"seen_at": "%m/%d/%Y"})


@pytest.mark.parametrize(("encoding", "city"), [("cp1251", "Москва"), ("Shift_JIS", "東京都")])
def test_files_in_an_encoding_that_nobody_can_tell_are_read_as_named(encoding: str, city: str, tmp_path: Path) -> None:
    sides = both(f"city,x\n{''.join(f'{city},{i}{chr(10)}' for i in range(60))}".encode(encoding))
    with pytest.raises(SourceError, match="which its bytes do not tell"):
        create_case("Abroad", sides, folder=tmp_path)
    create_case("Abroad", sides, folder=tmp_path, encoding=encoding)
    with open_workspace(load_case(tmp_path / "abroad")) as workspace:
        assert value_counts(workspace, "production", "city") == {city: 60}


def test_an_encoding_that_there_is_not_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="'klingon' is no encoding"):
        create_case("Abroad", both(CSV), folder=tmp_path, encoding="klingon")
    assert list(tmp_path.iterdir()) == []
