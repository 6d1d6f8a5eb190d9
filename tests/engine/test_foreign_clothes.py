"""Currencies and units of other writing systems around numbers."""

from pathlib import Path

import pytest

from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.engine.columns import as_number
from monitor.engine.starting import init_case

NUMBERS = [1200.0, 250.0, 5000.0, 90.0, 750.0, 2000.0, 31.0, 640.0]
WORN = [
    *(f"{sign}{{}}" for sign in "₱₴₦฿₸₡₾￥￦৳៛﷼₪₫"), "{} ₫", "{} ₴", "RM {}", "Rp {}", "Rp. {}", "KSh {}", "Tk {}", "S/ {}", "{} Ft",
    "%{}", "% {}", "{}％", "{} ﹪", "{}٪", "{}.-", "{}.- Fr.", "CHF {},--", "'{}",
    "{}″", "{} ′", "{} €/MWh", "{} kg/m^2", "{} 10^9/L", "{} $/m²", "{} W/m^2",
]  # fmt: skip


def _write(folder: Path, texts: list[str]) -> list[Path]:
    paths = [folder / "reference.csv", folder / "production.csv"]
    for path in paths:
        path.write_text("price;x\n" + "".join(f'"{text}";{i}\n' for i, text in enumerate(texts * 10)), encoding="utf-8")
    return paths


def test_numbers_are_read_whatever_sign_or_unit_they_wear(tmp_path: Path) -> None:
    worn = [";".join(f'"{one.format(f"{value:,.0f}")}"' for one in WORN) for value in NUMBERS]
    paths = [tmp_path / "reference.csv", tmp_path / "production.csv"]
    for path in paths:
        path.write_text("\n".join([";".join(f"x{i}" for i in range(len(WORN))), *worn * 10]), encoding="utf-8")
    init_case(paths, tmp_path / "case")
    with open_workspace(load_case(tmp_path / "case")) as workspace:
        for i, one in enumerate(WORN):
            value = as_number(workspace.columns[f"x{i}"], "production")
            asked = f"SELECT {value} FROM {workspace.source('production').relation} LIMIT {len(NUMBERS)}"
            assert [number for (number,) in workspace.connection.execute(asked).fetchall()] == NUMBERS, one


@pytest.mark.parametrize("named", ["RM{}", "Room {}", "SKU{}", "10^{}"])
def test_names_with_a_number_are_no_money(tmp_path: Path, named: str) -> None:
    made = init_case(_write(tmp_path, [named.format(int(value)) for value in NUMBERS]), tmp_path / "case")
    assert {one.column: one.kind.value for one in made.guesses}["price"] == "categorical"


@pytest.mark.parametrize(("form", "sign"), [("%{}", 1), ("-%{}", -1), ("% {}", 1), ("{}％", 1), ("{}﹪", 1)])
def test_a_percent_sign_may_stand_in_front_or_be_wide(tmp_path: Path, form: str, sign: int) -> None:
    made = init_case(_write(tmp_path, [form.format(f"{value / 10:.1f}".replace(".", ",")) for value in NUMBERS]), tmp_path / "case")
    case = load_case(made.path)
    assert case.formats == {"price": "decimal comma, percent"}
    with open_workspace(case) as workspace:
        value = as_number(workspace.columns["price"], "production")
        rows = workspace.connection.execute(
            f"SELECT {value} FROM {workspace.source('production').relation} LIMIT {len(NUMBERS)}"
        ).fetchall()
    assert [number for (number,) in rows] == [pytest.approx(sign * value / 10) for value in NUMBERS]


def test_cells_of_a_spreadsheet_that_keep_numbers_as_text(tmp_path: Path) -> None:
    paths = [tmp_path / "reference.csv", tmp_path / "production.csv"]
    for path in paths:
        path.write_text("price;x\n" + "".join(f'"=""{value / 8}""";{i}\n' for i, value in enumerate(NUMBERS * 10)), encoding="utf-8")
    made = init_case(paths, tmp_path / "case")
    assert {one.column: one.kind.value for one in made.guesses}["price"] == "numeric"
