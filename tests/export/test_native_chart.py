"""What PowerPoint draws of a chart: the series that the chart shows, with names, axes and numbers as people write them."""

from __future__ import annotations

import pandas as pd

from monitor.charts import difference_chart, range_chart, stretches_chart, target_chart
from monitor.export.charts import to_vega_lite
from monitor.export.native_chart import native_chart

WEEKS = ["2026-W01", "2026-W02", "2026-W03"]
ENDS = {"lower": [0.2, 0.21, 0.22], "upper": [0.4, 0.41, 0.42]}


def drawn(chart):
    found = native_chart(to_vega_lite(chart))
    assert found is not None
    return found, {one.name: one for one in found.series}


def test_of_two_models_the_difference_is_drawn_and_not_one_of_them() -> None:
    rows = pd.DataFrame({"window": WEEKS, "difference": [0.3, 0.31, 0.29], "value": 1.1, "challenger_value": 1.4, "n": 9, **ENDS})
    found, series = drawn(difference_chart(rows, label="Cost", called=("arm a", "arm b")))
    assert series["Difference"].values == (0.3, 0.31, 0.29)
    assert [series[name].quiet for name in ("Interval, low", "Interval, high")] == [True, True]
    assert (found.names[0], found.across, found.upward) == ("29 Dec 2025", "Week starting, 2025 to 2026", "Difference")


def test_shares_are_written_in_percent_beside_what_is_usual_and_hollow_where_cut_short() -> None:
    usual = {"reference_value": 0.012, "reference_low": 0.01, "reference_high": 0.014, "partial": [True, False, False]}
    rows = pd.DataFrame({"window": WEEKS, "value": [0.016, 0.011, None], "lower": 0.01, "upper": 0.02, **usual})
    found, series = drawn(range_chart(rows, label="Flagged", share=True))
    assert (found.number_format, found.least, found.lines) == ("0.0%", 0.01, True)
    assert (series["Production"].values, series["Production"].hollow) == ((0.016, 0.011, None), (0,))
    assert series["Reference"].values == (0.012, 0.012, 0.012)


def test_a_goal_stands_beside_its_course_and_its_line_is_called_after_it() -> None:
    rows = pd.DataFrame({"window": WEEKS, "value": [83.9, 90.1, 120.4]})
    found, series = drawn(target_chart(rows, label="p95 latency, ms", target=110.0, title="In time"))
    assert (list(series), series["Goal"].values[0], found.number_format) == (["p95 latency, ms", "Goal"], 110.0, "#,##0")


def test_what_powerpoint_cannot_draw_stays_a_picture() -> None:
    bar = {"label": "Burst", "order": 0, "group": "", "status": "alert", "strength": 2.0, "told": "A burst", "onset": pd.NaT}
    rows = pd.DataFrame([{**bar, "start": pd.Timestamp("2026-01-01"), "end": pd.Timestamp("2026-01-02")}])
    assert native_chart(to_vega_lite(stretches_chart(rows, title="When it happened"))) is None
    assert native_chart({"data": {"values": [{"x": 1}]}, "mark": "bar"}) is None
