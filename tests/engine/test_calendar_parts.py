"""Months, quarters and days of the year are no quiet levels: `init` says what to write, and what it says is read."""

from pathlib import Path

import pandas as pd
import pytest

from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.engine.starting import init_case

DAYS = pd.date_range("2024-01-01", periods=200, freq="1D")


def _written(how: str) -> list[str]:
    return [f"{one.year}-Q{one.quarter}" if how == "quarter" else one.strftime(how) for one in DAYS]


def _init(folder: Path, frame: pd.DataFrame) -> tuple[str, ...]:
    for data in ("reference", "production"):
        frame.to_csv(folder / f"{data}.csv", index=False)
    return init_case([folder / "reference.csv", folder / "production.csv"], folder / "case").unsure


@pytest.mark.parametrize("how", ["%Y-%m", "%Y/%m", "%m/%Y", "%b-%Y", "%Y%m", "%Y-%j", "quarter", "%G-W%V"])
@pytest.mark.parametrize("timed", [False, True])
def test_parts_of_a_calendar_are_asked_about(tmp_path: Path, how: str, *, timed: bool) -> None:
    frame = pd.DataFrame({"period": _written(how), "x": [i * 7 % 11 + 0.5 for i in range(len(DAYS))]})
    told = [
        one
        for one in _init(tmp_path, frame.assign(created_at=DAYS) if timed else frame)
        if one.startswith("period: ") and "of a calendar" in one
    ]
    assert len(told) == 1
    assert ("ignore" in told[0]) == timed
    if 'period = "' in told[0]:
        words = told[0].split('period = "')[1].split('"')[0]
        file = tmp_path / "case" / "case.toml"
        text = (
            file.read_text()
            .replace("[formats]\n", f'[formats]\nperiod = "{words}"\n')
            .replace("[roles]\n", '[roles]\ntimestamp = "period"\n')
        )
        file.write_text(text)
        with open_workspace(load_case(tmp_path / "case")) as workspace:
            moment = workspace.schema.time("production")
            source = workspace.source("production").relation
            days = workspace.connection.execute(f"SELECT count(DISTINCT {moment}), min({moment}) FROM {source}").fetchall()[0]
        assert days[0] == (200 if how == "%Y-%j" else 7)
        assert pd.Timestamp(days[1]) == DAYS[0]


def test_what_is_no_part_of_a_calendar_is_not(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {"created_at": DAYS, "size": [f"{2024 + i % 3}-{i % 60}" for i in range(200)], "year": [2020 + i % 5 for i in range(200)]}
    )
    assert not [one for one in _init(tmp_path, frame) if "of a calendar" in one]
