"""Zones behind times: read right where they mean one thing, asked about where they do not, never guessed."""

from itertools import cycle
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.engine.columns import local_time
from monitor.engine.starting import init_case
from monitor.engine.workspace import Workspace
from monitor.errors import DatesUndecidedError

N = 60
MOMENTS = pd.date_range("2024-02-13 04:00", periods=N, freq="67min")
CERTAIN = [
    ("UTC+9", 540), ("UTC +09:00", 540), ("GMT+2", 120), ("GMT-5", -300), ("UTC-03:30", -210), ("(UTC)", 0), ("z", 0), ("+0530", 330),
    ("AEST", 600), ("MEZ", 60), ("SAST", 120), ("NZDT", 780), ("EST", -300), ("Asia/Kolkata", 330), ("+01:00[Europe/Berlin]", 60),
    ("[Asia/Tokyo]", 540),
]  # fmt: skip
UNCERTAIN = ["BST", "CST", "AST", "ART", "IST", "PT", "ET", "MSK", "XYZ"]


def _sources(folder: Path, times: list[str], ending: str = "csv") -> list[Path]:
    frame = pd.DataFrame({"created_at": times, "x": [i * 7 % 13 + 0.5 for i in range(len(times))]})
    return _written(folder, frame, ending)


def _written(folder: Path, frame: pd.DataFrame, ending: str) -> list[Path]:
    paths = [folder / f"{name}.{ending}" for name in ("reference", "production")]
    for path in paths:
        frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    return paths


def _first_and_last(workspace: Workspace) -> list[Any]:
    moment = workspace.schema.time("production")
    asked = f"SELECT min({moment}), max({moment}) FROM {workspace.source('production').relation}"
    return list(workspace.connection.execute(asked).fetchall()[0])


@pytest.mark.parametrize(("ending", "written"), [("csv", "%Y-%m-%d %H:%M:%S"), ("parquet", "%d/%m/%Y %I:%M %p")])
def test_an_offset_that_is_certain_is_read(tmp_path: Path, ending: str, written: str) -> None:
    """Each zone has a column of its own: columns are read one by one, whatever stands beside them."""
    frame = pd.DataFrame({"x": [i * 7 % 13 + 0.5 for i in range(N)]})
    for zone, east in CERTAIN:
        joint = "" if written.endswith("%S") and zone[-1] in "z]" else " "
        frame[zone] = [f"{one.strftime(written)}{joint}{zone}" for one in MOMENTS + pd.Timedelta(minutes=east)]
    init_case(_written(tmp_path, frame, ending), tmp_path / "case")
    with open_workspace(load_case(tmp_path / "case")) as workspace:
        relation = workspace.source("production").relation
        for zone, _ in CERTAIN:
            moment = local_time(workspace.schema.info(zone), "production", "UTC")
            found = workspace.connection.execute(f"SELECT min({moment}), max({moment}) FROM {relation}").fetchone()
            assert found == (MOMENTS[0].floor("min"), MOMENTS[-1].floor("min")), zone


WRITTEN = ["%Y-%m-%d %H:%M:%S {}", "%d/%m/%Y %H:%M {}", "%a %b %d %H:%M:%S {} %Y"]


@pytest.mark.parametrize(("zone", "written"), list(zip(UNCERTAIN, cycle(WRITTEN), strict=False)))
def test_a_name_of_several_zones_is_asked_and_read_in_the_zone_that_is_said(tmp_path: Path, zone: str, written: str) -> None:
    times = [one.strftime(written.format(zone)) for one in MOMENTS]
    made = init_case(_sources(tmp_path, times), tmp_path / "case")
    assert {one.column: one.role.value for one in made.guesses}["created_at"] == "timestamp"
    assert any(f"'{zone}'" in one and "[formats]" in one for one in made.unsure)
    case = load_case(tmp_path / "case")
    with pytest.raises(DatesUndecidedError, match=f"end in '{zone}'") as asked:
        open_workspace(case)
    file = tmp_path / "case" / "case.toml"
    words = asked.value.choices["created_at"][0]
    said = (
        file.read_text()
        .replace("[formats]\n", f'[formats]\ncreated_at = "{words}"\n')
        .replace('timezone = "UTC"', 'timezone = "Asia/Shanghai"')
    )
    file.write_text(said)
    with open_workspace(load_case(tmp_path / "case")) as workspace:
        assert [pd.Timestamp(one) for one in _first_and_last(workspace)] == [MOMENTS[0].floor("min"), MOMENTS[-1].floor("min")]


def test_a_name_of_several_zones_is_not_read_by_the_engine_where_a_format_has_any_zone(tmp_path: Path) -> None:
    times = [f"{one:%d/%m/%Y %H:%M} {'BST' if i % 40 == 7 else 'CET'}" for i, one in enumerate(MOMENTS)]
    init_case(_sources(tmp_path, times), tmp_path / "case")
    file = tmp_path / "case" / "case.toml"
    file.write_text(file.read_text().replace("[formats]\n", '[formats]\ncreated_at = "%d/%m/%Y %H:%M %Z"\n'))
    with open_workspace(load_case(tmp_path / "case")) as workspace:
        assert workspace.readings["created_at"].misfits == 4
