"""Long axes of windows: the strongest window speaks for those that share its cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor.charts import drift_heatmap_chart, statistic_timeline_chart
from monitor.charts.binning import MOST_CELLS, binned, windows_per_cell

HOURS = [f"{moment:%Y-%m-%dT%H}" for moment in pd.date_range("2024-01-01", periods=2000, freq="1h")]


def judged(hours: list[str] = HOURS) -> pd.DataFrame:
    table = pd.DataFrame({"label": "Load", "column": "load", "window": hours, "score": 0.1, "limit": 0.5, "q_value": 0.5})
    table["strength"] = np.linspace(0.1, 0.9, len(hours))
    return table.assign(status="stable", run=None)


def test_few_windows_stay_as_they_are() -> None:
    assert binned(judged(HOURS[:MOST_CELLS]))["slot"].tolist() == HOURS[:MOST_CELLS]


def test_an_alert_speaks_for_its_cell_and_hollow_windows_never_do() -> None:
    table = judged()
    table.loc[1234, ["status", "strength"]] = ["alert", 1.2]
    table.loc[1235, ["status", "strength"]] = ["too_few_rows", 9.0]
    found = binned(table)
    assert windows_per_cell(len(HOURS)) == 9
    assert len(found) == -(-2000 // 9)
    cell = found[found["slot"] == HOURS[1233]].iloc[0]
    assert (cell["window"], cell["status"]) == (HOURS[1234], "alert")
    assert found["slot"].is_monotonic_increasing


def test_the_map_of_many_windows_says_so_and_rings_the_cell_that_holds_the_window() -> None:
    table = judged()
    table.loc[1230:1260, ["status", "strength", "run"]] = ["alert", 2.0, "load~run"]
    chart = drift_heatmap_chart(table, method="PSI", selected=("load", HOURS[1237]))
    assert chart.spec["title"]["subtitle"] == "Each cell is the strongest of 9 windows"
    assert chart.data.loc[chart.data["sel"], "slot"].tolist() == [HOURS[1233]]
    assert chart.data["run_to"].dropna().tolist() == [HOURS[1260]]
    assert not drift_heatmap_chart(table, method="PSI", selected=("load", "2031-01-01T00")).data["sel"].any()


def test_what_happened_is_told_in_the_cell_that_holds_it() -> None:
    notes = pd.DataFrame({"time": [pd.Timestamp("2024-01-05 03:00")], "text": ["Deploy"], "kind": ["deploy"]})
    chart = drift_heatmap_chart(judged(), method="PSI", annotations=notes)
    assert chart.data.loc[chart.data["note"].notna(), "slot"].tolist() == [HOURS[99]]


def test_the_line_of_many_windows_has_as_many_points_as_are_told_apart() -> None:
    table = judged()
    table.loc[1234, ["status", "score"]] = ["alert", 0.7]
    chart = statistic_timeline_chart(table, label="Load", method="PSI")
    assert len(chart.data) == -(-2000 // 9)
    assert HOURS[1234] in set(chart.data["window"])
    assert chart.spec["title"]["subtitle"].startswith("Each point is the strongest of 9 windows")
    assert "1 of 2,000 windows" in chart.title
