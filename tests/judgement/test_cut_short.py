"""Windows that were cut short say nothing of rows that go by the calendar: neither that a change is over nor that all is stable."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.engine import open_tables
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.finding import State

ROWS = 600


def judged(tmp_path: Path, share: float) -> JudgedDrift:
    """Judge weeks with a quarter of 'x' in the reference, to the row, against `share` of it; the first and last are cut short."""
    rng = np.random.default_rng(1)
    tables = []
    for start, every in (("2024-01-01", 0.25), ("2024-03-01", share)):
        turn = np.arange(ROWS) % 4 < round(4 * every)
        times = pd.date_range(start, periods=ROWS, freq="2h")
        tables.append(pd.DataFrame({"time": times, "city": np.where(turn, "x", "b"), "amount": rng.gamma(2, 50, ROWS)}))
    roles = {"timestamp": "time"}
    with open_tables(*tables, roles=roles, task="none", windows="1 week", cache=tmp_path) as workspace:
        return judge_drift(measure_drift(workspace))


def test_a_change_that_a_part_of_a_window_cannot_see_is_not_over(tmp_path: Path) -> None:
    found = judged(tmp_path, 0.75)
    (one,) = found.findings
    assert one.state is State.ONGOING
    assert (one.window, one.last_window, one.windows) == ("2024-W10", "2024-W15", 6)


def test_windows_that_say_nothing_are_not_judged(tmp_path: Path) -> None:
    for share in (0.75, 0.25):
        table = judged(tmp_path, share).table
        rows = table[(table["column"] == "city") & table["primary"]].set_index("window")["status"]
        assert rows[["2024-W09", "2024-W16"]].tolist() == ["not_judged", "not_judged"]
        assert set(rows.drop(["2024-W09", "2024-W16"])) == ({"alert"} if share == 0.75 else {"stable"})


def test_the_ends_of_the_reference_do_not_hide_what_goes_by_the_calendar(tmp_path: Path) -> None:
    """The reference begins on a Saturday and ends on a Tuesday, and one of its Mondays is a holiday."""
    times = pd.date_range("2024-01-06", "2024-05-14 23:00", freq="2h"), pd.date_range("2024-07-01", periods=42 * 12, freq="2h")
    reference, production = (
        pd.DataFrame({"time": one, "weekday": one.day_name(), "open": (one.day_of_week < 5).astype(str)}) for one in times
    )
    reference.loc[reference["time"].dt.date.astype(str) == "2024-02-19", "open"] = "False"
    lost = (production["time"] >= "2024-07-15") & (production["time"] < "2024-07-29") & (production["weekday"] == "Thursday")
    with open_tables(reference, production[~lost], roles={"timestamp": "time"}, task="none", windows="1 week", cache=tmp_path) as workspace:
        judged = judge_drift(measure_drift(workspace))
    rows = judged.table[judged.table["primary"]]
    assert set(rows["status"]) <= {"stable", "alert"}
    (found,) = [one for one in judged.findings if one.what == "weekday"]
    assert (found.window, found.last_window) == ("2024-W29", "2024-W30")


@pytest.mark.parametrize(
    ("size", "windows"), [("1 week", (35, "2024-03-09", 30)), ("1 week", (70, "2024-04-13", 30)), ("1 day", (14, "2024-02-15 15:00", 6))]
)
def test_a_part_of_a_window_with_the_pattern_of_its_days_and_hours_is_not_judged(
    tmp_path: Path, size: str, windows: tuple[int, str, int]
) -> None:
    """Loads are low at weekends and at night; production begins on a Saturday, or in the afternoon."""
    rng = np.random.default_rng(4)
    days, start, many = windows
    spans = pd.date_range("2024-01-01", periods=days * 24, freq="h"), pd.date_range(start, periods=many * 24, freq="h")
    at = [one.repeat(20) for one in spans]
    reference, production = (
        pd.DataFrame(
            {"at": one, "load": rng.normal(10 - 6 * (one.day_of_week > 4) - 6 * (one.hour < 7), 3), "b": rng.normal(size=len(one))}
        )
        for one in at
    )
    with open_tables(reference, production, roles={"timestamp": "at"}, task="none", windows=size, cache=tmp_path) as workspace:
        found = judge_drift(measure_drift(workspace))
    assert found.findings == ()
    first = found.primary[found.primary["window"] == found.windows.ids[0]]
    assert set(first["status"]) == {"not_judged"}
    assert all("cut short" in one for one in first["reason"])
