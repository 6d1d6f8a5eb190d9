"""Times of every sort: each row falls into its window, or outside all with a reason, or the column is refused in words."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.case import WindowSize, load_case
from monitor.cells import Cells
from monitor.engine import Selection, Workspace, open_tables, open_workspace, profile
from monitor.engine.held import time_span
from monitor.errors import CaseError, DatesUndecidedError, DriftscopeError, SelectionError
from monitor.vocabulary import Kind
from tests.corpus.reading import Refused, check_refused

N = 120
T = pd.date_range("2024-01-01", periods=N, freq="12h").as_unit("us")
MONTHS = {"2024-01": 62, "2024-02": 58}


def opened(times: Any, other: Any = None, **settings: Any) -> Workspace:
    reference = pd.DataFrame({"at": times, "x": np.arange(N)})
    production = reference if other is None else pd.DataFrame({"at": other, "x": np.arange(N)})
    return open_tables(reference, production, roles={"timestamp": "at"}, task="none", **settings)


def counted(workspace: Workspace, size: str = "1 month") -> tuple[dict[str, int], int]:
    """Return the rows of production by window, and how many lie outside all."""
    with workspace:
        cells = {"x": Cells("x", Kind.NUMERIC, np.array([0.5]), ())}
        found = profile(workspace, Selection("production"), cells=cells, windows=WindowSize.parse(size))
    return dict(zip(found.windows.ids, found.rows.tolist(), strict=True)), sum(one.rows for one in found.excluded)


SECONDS = T.as_unit("s").astype("int64")
READ: list[tuple[str, Any]] = [
    ("naive", T),
    ("UTC", T.tz_localize("UTC")),
    ("nanoseconds", T.as_unit("ns")),
    ("milliseconds", T.as_unit("ms")),
    ("seconds", T.as_unit("s")),
    ("dates", [one.date() for one in T]),
    ("Unix s", SECONDS),
    ("Unix ms", SECONDS * 1000),
    ("Unix us", SECONDS * 1_000_000),
    ("Unix ns", SECONDS * 1_000_000_000),
    ("Unix s broken", SECONDS.astype(float) + 0.25),
    ("Unix s as text", SECONDS.astype(str)),
    ("ISO", T.strftime("%Y-%m-%dT%H:%M:%S")),
    ("ISO with a blank", T.strftime("%Y-%m-%d %H:%M:%S.%f")),
    ("ISO in UTC", T.strftime("%Y-%m-%dT%H:%M:%SZ")),
    ("ISO with an offset", T.strftime("%Y-%m-%dT%H:%M:%S+00:00")),
    ("day first", T.strftime("%d/%m/%Y %H:%M")),
    ("month first", T.strftime("%m/%d/%Y")),
    ("German", T.strftime("%d.%m.%Y %H:%M:%S")),
    ("two digits", T.strftime("%d-%m-%y")),
    ("American clock", T.strftime("%m/%d/%Y %I:%M %p")),
    ("names of months", T.strftime("%d %b %Y")),
    ("names of months first", T.strftime("%B %d, %Y")),
    ("year first with slashes", T.strftime("%Y/%m/%d")),
    ("log", T.strftime("%d/%b/%Y:%H:%M:%S +0000")),
    ("mail", T.strftime("%a, %d %b %Y %H:%M:%S")),
    ("backwards", T[::-1]),
]


@pytest.mark.parametrize("times", [one[1] for one in READ], ids=[one[0] for one in READ])
def test_times_are_counted_in_their_months(times: Any) -> None:
    assert counted(opened(times)) == (MONTHS, 0)


MIXED: list[tuple[str, Any, Any]] = [
    ("naive beside UTC", T, T.tz_localize("UTC")),
    ("UTC beside text", T.tz_localize("UTC"), T.strftime("%Y-%m-%dT%H:%M:%S")),
    ("Unix s beside ms", SECONDS, SECONDS * 1000),
    ("Unix ns beside naive", SECONDS * 1_000_000_000, T),
    ("nanoseconds beside text", T.as_unit("ns"), T.strftime("%d.%m.%Y")),
]


@pytest.mark.parametrize(("reference", "production"), [one[1:] for one in MIXED], ids=[one[0] for one in MIXED])
def test_the_sides_may_write_one_time_in_two_ways(reference: Any, production: Any) -> None:
    assert counted(opened(reference, production)) == (MONTHS, 0)


@pytest.mark.parametrize("text", ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M"])
def test_a_time_in_json_is_the_time_of_a_typed_file(tmp_path: Path, text: str) -> None:
    table = pd.DataFrame({"at": T.strftime(text), "x": np.arange(N)})
    table.to_json(tmp_path / "r.jsonl", orient="records", lines=True)
    table.assign(at=pd.to_datetime(table["at"], format=text)).to_parquet(tmp_path / "p.parquet")
    data = '[data]\nreference = "r.jsonl"\nproduction = "p.parquet"\n[roles]\ntimestamp = "at"\n'
    (tmp_path / "case.toml").write_text(f'[case]\nname = "c"\ntask = "none"\n{data}')
    with open_workspace(load_case(tmp_path)) as workspace:
        assert set(workspace.columns["at"].types.values()) <= {"TIMESTAMP", "DATE"}
        assert not [one for one in workspace.skipped if one.reason == "type_changed"]


@pytest.mark.parametrize(("reference", "production"), [(T, T.tz_localize("Asia/Kolkata")), (T.tz_localize("UTC").as_unit("ns"), T)])
def test_times_with_an_offset_beside_times_without_are_said(reference: Any, production: Any) -> None:
    workspace = opened(reference, production, timezone="Europe/Berlin")
    told = [one.message for one in workspace.skipped if one.reason == "zone_changed"]
    assert len(told) == 1
    assert "where they are read as times of Europe/Berlin" in told[0]


@pytest.mark.parametrize(
    ("format_", "as_number"),
    [(one, number) for one in ("%Y%m%d", "%d%m%Y", "%Y-%j", "%Y%m%d%H%M%S") for number in (False, True) if not (number and "-" in one)],
)
def test_a_format_that_is_told_is_read(format_: str, as_number: bool) -> None:
    written = T.strftime(format_)
    frame = pd.DataFrame({"at": written.astype("int64") if as_number else written, "x": np.arange(N)})
    with open_tables(frame, frame, roles={"timestamp": "at"}, task="none", formats={"at": format_}) as workspace:
        found = counted(workspace)
    leading = {"%d%m%Y": as_number}  # 01022024 loses its 0 as a number
    assert found == (MONTHS, 0) or (leading.get(format_, False) and sum(found[0].values()) + found[1] == N)


NEVER = "datetime64[us]"
OUTSIDE: list[tuple[str, Any]] = [
    ("9999", np.datetime64("9999-12-31", "us")),
    ("year 1", np.datetime64("0001-01-01", "us")),
    ("before Christ", np.datetime64("-0044-03-15", "us")),
    ("year 200,000", np.datetime64("200000-01-01", "us")),
    ("no time", np.datetime64("NaT", "us")),
]


@pytest.mark.parametrize("sentinel", [one[1] for one in OUTSIDE], ids=[one[0] for one in OUTSIDE])
def test_what_stands_for_never_is_outside_all_windows_and_counted(sentinel: Any) -> None:
    times = T.to_numpy().astype(NEVER).copy()
    times[::10] = sentinel
    found, outside = counted(opened(pd.Series(times)))
    assert (sum(found.values()), outside, set(found)) == (N - 12, 12, set(MONTHS))


@pytest.mark.parametrize("sentinel", ["9999-12-31", "0001-01-01", "NaT"])
def test_times_that_are_all_never_are_refused(sentinel: str) -> None:
    times = np.array([sentinel] * N, dtype=NEVER)
    check_refused(lambda: counted(opened(times)), Refused(SelectionError, "no row has a time between 1678 and 2261 in 'at'"))


NOT_TIMES: list[tuple[str, Any]] = [
    ("words", ["monday"] * N),
    ("truth", [True] * N),
    ("times of day", [dt.time(1)] * N),
    ("small numbers", np.arange(N)),
    ("days of a spreadsheet", 45292.0 + np.arange(N) / 2),
    ("infinity", ["infinity"] * N),
    ("dates without signs", T.strftime("%Y%m%d")),
    ("months that are none", ["2024-13-45"] * N),
]


@pytest.mark.parametrize("times", [one[1] for one in NOT_TIMES], ids=[one[0] for one in NOT_TIMES])
def test_what_is_no_time_is_refused(times: Any) -> None:
    check_refused(lambda: opened(times), Refused(CaseError, "holds neither dates, times nor Unix time"))


@pytest.mark.parametrize("date", ["01/02/2024", "1.2.2024", "03-04-24 10:00"])
def test_a_date_of_two_readings_is_asked(date: str) -> None:
    check_refused(lambda: opened([date] * N), Refused(DatesUndecidedError, "can be read as"))


def test_an_hour_that_the_clock_leaves_out_and_one_that_it_has_twice() -> None:
    spring = pd.date_range("2024-03-30 22:00", periods=N, freq="10min", tz="UTC")
    found, _ = counted(opened(spring, timezone="Europe/Berlin"), "1 hour")
    assert "2024-03-31T02" not in found
    assert found["2024-03-31T03"] == 6
    autumn = pd.date_range("2024-10-26 22:00", periods=N, freq="10min", tz="UTC")
    found, _ = counted(opened(autumn, timezone="Europe/Berlin"), "1 hour")
    assert found["2024-10-27T02"] == 12


@pytest.mark.parametrize(
    ("zone", "first"), [("UTC", "2024-01-01"), ("America/New_York", "2023-12-31"), ("Pacific/Kiritimati", "2024-01-01")]
)
def test_a_day_is_the_day_of_the_zone(zone: str, first: str) -> None:
    found, _ = counted(opened(T.tz_localize("UTC"), timezone=zone), "1 day")
    days = Counter(str(one.date()) for one in T.tz_localize("UTC").tz_convert(zone))
    assert found == dict(days)
    assert min(found) == first


SETTINGS: list[tuple[str, dict[str, Any], type[DriftscopeError], str]] = [
    ("no such zone", {"timezone": "Mars/Base"}, CaseError, "timezone 'Mars/Base' is unknown"),
    ("a path for a zone", {"timezone": "../../etc/passwd"}, CaseError, "is unknown"),
    ("SQL for a zone", {"timezone": "UTC'; DROP TABLE production; --"}, CaseError, "is unknown"),
    ("no zone", {"timezone": ""}, CaseError, "timezone"),
    ("windows of 999999999 weeks", {"windows": "999999999 weeks"}, SelectionError, "longer than 100 years"),
    ("windows of no weeks", {"windows": "0 weeks"}, SelectionError, "is not understood"),
    ("windows below zero", {"windows": "-1 day"}, SelectionError, "is not understood"),
    ("windows of many digits", {"windows": "9" * 400 + " days"}, SelectionError, "is not understood"),
    ("windows of nothing", {"windows": ""}, SelectionError, "is not understood"),
    ("windows of half a day", {"windows": "0.5 day"}, SelectionError, "is not understood"),
    ("windows with SQL", {"windows": "1 week; DROP TABLE x"}, SelectionError, "is not understood"),
]


@pytest.mark.parametrize(("settings", "kind", "words"), [one[1:] for one in SETTINGS], ids=[one[0] for one in SETTINGS])
def test_settings_of_time_that_make_no_sense_are_refused(settings: dict[str, Any], kind: type[DriftscopeError], words: str) -> None:
    check_refused(lambda: opened(T, **settings), Refused(kind, words))


PERIODS = ["9999-12", "0001-01-01", "99999", "2024-02-30", "2024-W54", "2024-13", "..9999-12-31", "2024-01-01..0001-01-01", "now",
           "x" * 9999, "2024-01-01T25:00", "1e5", "-2024-01-01", "2024-01-01'; DROP TABLE x; --", "\x00", "٢٠٢٤-٠١-٠١T"]  # fmt: skip


@pytest.mark.parametrize("period", PERIODS, ids=lambda text: repr(text[:20]))
def test_a_period_that_is_none_is_refused(period: str) -> None:
    check_refused(lambda: Selection.parse(period), Refused(SelectionError, "is not a time between 1678 and 2261"))


def test_never_is_no_lag_that_shrinks_from_day_to_day() -> None:
    closed = T + pd.Timedelta(days=30)
    frames = []
    for i in range(2):
        at = T + pd.Timedelta(days=70 * i)
        until = pd.Series((closed + pd.Timedelta(days=70 * i)).to_numpy().astype(NEVER).copy())
        until[::3] = np.datetime64("9999-12-31", "us")
        frames.append(pd.DataFrame({"at": at, "until": until}))
    with open_tables(*frames, roles={"timestamp": "at"}, task="none") as workspace:
        (lag,) = (one for one in workspace.measured() if one.name == "until (lag, h)")
        hours = f"SELECT {workspace.schema.sql(lag, 'production')} AS x FROM {workspace.relation('production')}"
        assert workspace.connection.execute(f"SELECT count(x), min(x), max(x) FROM ({hours})").fetchall() == [(80, 720.0, 720.0)]


@pytest.mark.parametrize(("first", "second"), [(1, 10**3), (10**6, 1), (10**3, 10**9)])
@pytest.mark.parametrize("sides", [(False, True), (True, False), (True, True)])
def test_units_of_unix_time_that_change_half_way_are_said_and_no_row_is_lost(sides: tuple[bool, bool], first: int, second: int) -> None:
    whole = pd.Series(SECONDS)
    changed = whole * first
    changed[N // 2 :] = whole[N // 2 :] * second
    reference, production = (changed if one else whole for one in sides)
    with opened(reference, production) as workspace:
        notes = [one.message for one in (*workspace.skipped, *workspace.notes) if one.reason == "unit_changed"]
        assert len(notes) == 1
        assert "Unix time in several units, each row by its size, in" in notes[0]
        assert counted(workspace) == (MONTHS, 0)


@pytest.mark.parametrize("second", [253_402_300_800, 1_714_000_000_000, -70_000_000_000, 9_000_000_000_000])
@pytest.mark.parametrize("timed", [False, True], ids=["Unix time", "timestamps"])
def test_the_span_of_a_data_set_is_that_of_its_years(second: int, *, timed: bool) -> None:
    seconds = np.array(SECONDS, dtype="int64")
    seconds[7] = second
    with opened(T if timed else SECONDS, seconds.astype("datetime64[s]") if timed else seconds) as workspace:
        first, last = time_span(workspace, "production") or (None, None)
    assert first == T[0].to_pydatetime()
    assert last is not None
    assert last.year == 2024
