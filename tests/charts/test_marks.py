"""What marks say: ticks are starts of windows, no limit where none holds, no window that waits, cells that can be seen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from monitor.charts import beside_chart, contribution_chart, distribution_chart, on_one_scale, range_chart, statistic_timeline_chart
from monitor.charts.fairness import gap_chart
from monitor.charts.windows import window_axis

WEEKS = [f"2013-W{week}" for week in range(14, 34)]


def judged(limit: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"window": WEEKS[: len(limit)], "score": 0.3, "limit": limit, "status": "stable", "run": None})


def ranged(low: float, high: float) -> pd.DataFrame:
    own: dict[str, Any] = {"reference_value": 0.5, "reference_low": 0.4, "reference_high": 0.6}
    return pd.DataFrame({"window": WEEKS[:3], "value": [low, 0.5, high], "lower": low, "upper": high, **own})


def test_ticks_of_weeks_are_mondays_on_which_a_window_starts() -> None:
    ticks = window_axis(pd.DataFrame({"window": WEEKS})).ticks
    assert ticks[:2] == (datetime(2013, 4, 1), datetime(2013, 4, 22))  # noqa: DTZ001 - on the case's clock
    assert {one.weekday() for one in ticks} == {0}
    assert window_axis(pd.DataFrame({"window": ["2013-04-01", "2013-04-02"]})).ticks == ()


def test_a_window_without_a_limit_has_none_drawn_and_is_told() -> None:
    chart = statistic_timeline_chart(judged([0.4, np.nan, 0.4, np.nan]), label="x", method="JS")
    assert chart.data["lone"].tolist() == [True, False, True, False]
    assert chart.spec["title"]["subtitle"] == "No limit drawn: no score of that window alone would alarm (2 windows)"
    assert "subtitle" not in statistic_timeline_chart(judged([0.4, 0.4]), label="x", method="JS").spec["title"]


def test_windows_that_wait_for_labels_do_not_stretch_the_axis_of_a_segment() -> None:
    table = pd.DataFrame({"window": WEEKS[:3], "value": [0.2, 0.3, 1.0], "elsewhere": 0.2, "reference_value": 0.2, "n": 9})
    chart = beside_chart(table.assign(waiting=[False, False, True]), label="Recall", segment="a = 'b'")
    assert chart.data["value"].max() == 0.3
    assert chart.spec["title"]["subtitle"] == "Not drawn: 1 window whose labels are not in yet"


def test_segments_whose_long_names_begin_alike_have_a_bar_each() -> None:
    names = [f"{'a' * 60} and b = {i}" for i in range(2)]
    chart = contribution_chart(pd.DataFrame({"label": names, "added": 0.1, "lower": 0.0, "upper": 0.2, "status": "stable"}), label="metric")
    assert chart.spec["layer"][0]["encoding"]["y"]["field"] == "label"
    assert chart.spec["layer"][0]["encoding"]["y"]["sort"] == names


def test_charts_on_one_scale_reach_as_far_as_the_widest() -> None:
    charts = on_one_scale({name: range_chart(ranged(*ends), label="AUC") for name, ends in {"a": (0.1, 0.6), "b": (0.3, 0.9)}.items()})
    domains = [part["encoding"]["y"]["scale"]["domain"] for one in charts.values() for part in one.spec["layer"] if "y" in part["encoding"]]
    assert {tuple(one) for one in domains} == {(0.1, 0.9)}


def test_values_that_nearly_agree_are_bars_that_can_be_seen() -> None:
    lower = np.array([0.0, 5.75389999, 9.2062])
    cells = pd.DataFrame(
        {
            "label": "speed", "cell": ["a", "b", "c"], "share_reference": [0.3, 0.3, 0.4], "share_production": [0.2, 0.4, 0.4],
            "moved": False, "lower": lower, "upper": [5.0, 5.7539, 40.0],
        }
    )  # fmt: skip
    data = distribution_chart(cells).data
    assert ((data["right"] - data["left"]) >= 0.3).all()
    assert data["height_production"].max() == 0.4


def test_categories_of_which_none_moved_leave_no_layer_without_rows() -> None:
    cells = pd.DataFrame(
        {"label": "City", "cell": ["Paris", "Rome"], "kind": "categorical", "moved": False, "lower": np.nan, "upper": np.nan}
    )
    still = cells.assign(share_reference=[0.5, 0.5], share_production=[0.5, 0.5], n_reference=9, n_production=9)
    fields = [part["encoding"]["x"]["field"] for part in distribution_chart(still).spec["layer"]]
    assert "far" not in fields
    moved = distribution_chart(still.assign(moved=[True, False], share_production=[0.9, 0.1]))
    assert "far" in [part["encoding"]["x"]["field"] for part in moved.spec["layer"]]


def test_a_ratio_of_nothing_is_said_as_nought_and_drawn_at_the_edge() -> None:
    gaps = {"gap": [0.0, 0.9, np.nan], "lower": [0.0, 0.5, np.nan], "upper": [2.5, np.inf, np.nan], "value": 0.0, "others": 0.1, "n": 20}
    chart = gap_chart(pd.DataFrame({"window": WEEKS[:3], "reference": 1.0, **gaps}), label="Share of f", band=(0.8, 1.25))
    assert chart.spec["title"]["text"] == "Share of f: 0 to 0.9 by week"
    assert chart.data["gap"].tolist()[:2] == [0.0, 0.9]
    assert chart.data["drawn_gap"].tolist()[:2] == [0.02, 0.9]  # a fiftieth: the edge of the axis
    assert chart.data["drawn_upper"].tolist()[:2] == [2.5, 50.0]
    assert chart.data["drawn_gap"].isna().tolist() == [False, False, True]
