"""What happened and when, on every axis of windows."""

from __future__ import annotations

import pandas as pd
import pytest

from monitor.charts.notes import EVENT, INCIDENT, note_places, on_bands, on_time
from monitor.charts.windows import window_axis

NOTES = pd.DataFrame(
    {
        "time": pd.to_datetime(["2013-04-10T08", "2013-04-20T00", "2013-02-01T00", "2013-04-17T12"]),
        "end": pd.to_datetime(["NaT", "2013-04-30", "NaT", "NaT"]),
        "kind": ["deploy", "incident", "deploy", "incident"],
        "text": ["deploy: v2", "incident: sensor", "deploy: v1", "incident: gap"],
    }
)
WEEKS = pd.DataFrame({"window": [f"2013-W{week}" for week in (14, 15, 16, 17, 18, 19)], "rows": 1})


def told(data: pd.DataFrame) -> dict[str, str]:
    known = data.dropna(subset=["note"])
    return dict(zip(known["window"], known["note"], strict=True))


def test_a_window_is_told_what_happened_in_it() -> None:
    found = on_bands(WEEKS, NOTES, window_axis(WEEKS))
    assert told(found) == {
        "2013-W15": "deploy: v2",
        "2013-W16": "incident: gap; incident: sensor",
        "2013-W17": "incident: sensor",
        "2013-W18": "incident: sensor",
    }
    assert found["note_kind"].dropna().tolist() == [EVENT, INCIDENT, INCIDENT, INCIDENT]
    assert found["note_first"].dropna().tolist() == ["deploy: v2", "incident: gap; incident: sensor", "incident: sensor"]


def test_each_window_is_told_once_where_it_has_several_rows() -> None:
    found = on_bands(pd.concat([WEEKS, WEEKS], ignore_index=True), NOTES, window_axis(WEEKS))
    assert found["note"].notna().sum() == 4


def test_incidents_end_later_and_events_where_they_begin() -> None:
    notes = on_time(WEEKS, NOTES, window_axis(WEEKS)).dropna(subset=["note"])
    assert notes["note"].tolist() == ["deploy: v2", "incident: gap", "incident: sensor"]
    assert (notes["note_end"] > notes["note_time"]).tolist() == [False, True, True]
    assert notes["note_end"].iloc[1] == pd.Timestamp("2013-04-18 12:00", tz="UTC")


@pytest.mark.parametrize(
    ("ids", "notes", "drawn"),
    [
        (["2013-04", "2013-05"], NOTES, True),
        (["2013-02"], NOTES, True),
        (["2013-01"], NOTES, False),
        (["2013-04-10"], NOTES, True),
        (["2013-04-11"], NOTES, False),
        (["rows-000001"], NOTES, False),
        (["2013-04"], NOTES.iloc[:0], False),
        (["2013-04"], None, False),
        (["2013-04"], NOTES[["time", "text"]], True),
    ],
)
def test_only_what_happened_in_the_time_that_is_drawn_counts(ids: list[str], notes: pd.DataFrame | None, drawn: bool) -> None:
    data = pd.DataFrame({"window": ids})
    axis = window_axis(data)
    assert bool(note_places(notes, data, axis)) == drawn
    assert ("note" in on_bands(data, notes, axis)) == drawn
    assert ("note" in on_time(data, notes, axis)) == drawn


def test_windows_of_two_days_are_two_days_long() -> None:
    data = pd.DataFrame({"window": ["2013-04-07", "2013-04-09", "2013-04-11"]})
    assert told(on_bands(data, NOTES, window_axis(data))) == {"2013-04-09": "deploy: v2"}


def test_windows_of_three_months_last_three_months() -> None:
    data = pd.DataFrame({"window": ["2013-01", "2013-04"], "units": 3})
    assert told(on_bands(data, NOTES, window_axis(data))) == {
        "2013-01": "deploy: v1",
        "2013-04": "deploy: v2; incident: gap; incident: sensor",
    }
    assert window_axis(data).title == "3 months starting, 2013"


def test_labels_that_are_near_each_other_stand_on_lines_of_their_own_and_none_leaves_the_plot() -> None:
    notes = pd.DataFrame(
        {"time": pd.to_datetime(["2013-04-02", "2013-04-03", "2013-05-11"]), "text": ["deploy: v1", "deploy: v2", "a late deploy"]}
    )
    found = on_time(WEEKS, notes, window_axis(WEEKS)).dropna(subset=["note"])
    assert found["note_line"].tolist() == [0, 1, 0]
    assert found["note_left"].tolist() == [False, False, True]
    assert note_places(notes, WEEKS, window_axis(WEEKS)) == ((0, False, False), (0, True, False), (1, False, False))


def test_what_has_no_room_keeps_its_rule_without_a_label() -> None:
    notes = pd.DataFrame({"time": pd.to_datetime(["2013-04-02"] * 4), "text": ["a deploy"] * 4})
    assert on_time(WEEKS, notes, window_axis(WEEKS)).dropna(subset=["note"])["note_line"].tolist() == [0, 1, 2, -1]
