from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from monitor.analyses.baselines import KNOWN, baseline_weights
from monitor.analyses.sides import stretch_size
from monitor.case import Case, WindowSize, case_from
from monitor.errors import SelectionError
from monitor.profile import Windows


def days(first: str, count: int) -> Windows:
    start = np.datetime64(first, "us") + np.arange(count) * np.timedelta64(24, "h")
    return Windows(tuple(str(day)[:10] for day in start), start, start + np.timedelta64(24, "h"))


def case(**sections: object) -> Case:
    plain = {"case": {"name": "c", "task": "binary"}, "data": {"reference": "r.parquet", "production": "p.parquet"}}
    return case_from({**plain, **sections}, root=Path())


REFERENCE, PRODUCTION = days("2013-01-01", 3), days("2013-01-04", 4)


def chosen(against: str, one: Case | None = None) -> list[list[int]]:
    """Return, for each production day, the days of the time line (three of the reference first) that it is compared with."""
    weights = baseline_weights(against, REFERENCE, PRODUCTION, one or case()).weights
    assert weights is not None
    return [np.flatnonzero(row).tolist() for row in weights]


@pytest.mark.parametrize(
    ("size", "windows", "shorter"),
    [("1 week", 5, "1 day"), ("1 week", 8, None), ("1 day", 5, None), ("2 days", 5, "1 day"), ("1 hour", 3, None)],
)
def test_days_tell_how_weeks_differ_and_hours_do_not_tell_how_days_do(size: str, windows: int, shorter: str | None) -> None:
    found = stretch_size(WindowSize.parse(size), windows)
    assert found == (None if shorter is None else WindowSize.parse(shorter))


def test_the_reference_itself_has_no_weights() -> None:
    assert baseline_weights("reference", REFERENCE, PRODUCTION, case()).weights is None


def test_previous_window() -> None:
    assert chosen("previous") == [[2], [3], [4], [5]]


def test_rolling_windows() -> None:
    assert chosen("rolling:2") == [[1, 2], [2, 3], [3, 4], [4, 5]]
    assert chosen("rolling")[3] == [2, 3, 4, 5]
    assert baseline_weights("rolling:2", REFERENCE, PRODUCTION, case()).described == "the 2 windows before"


@pytest.mark.parametrize(("against", "expected"), [("previous", [[], [3], [4]]), ("expanding", [[], [3], [3, 4]])])
def test_before_is_by_time_where_production_comes_before_the_reference(against: str, expected: list[list[int]]) -> None:
    weights = baseline_weights(against, REFERENCE, days("2012-12-01", 3), case()).weights
    assert weights is not None
    assert [np.flatnonzero(row).tolist() for row in weights] == expected


def test_expanding() -> None:
    assert chosen("expanding") == [[0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 4, 5]]


def test_same_weekday_of_the_four_weeks_before() -> None:
    weights = baseline_weights("weekday", days("2013-01-01", 60), days("2013-03-02", 1), case()).weights
    assert weights is not None
    assert np.flatnonzero(weights[0]).tolist() == [60 - 28, 60 - 21, 60 - 14, 60 - 7]


def test_same_days_a_year_earlier() -> None:
    weights = baseline_weights("season", days("2012-01-01", 366), days("2013-01-10", 1), case()).weights
    assert weights is not None
    found = np.flatnonzero(weights[0])
    assert (found.min(), found.max(), len(found)) == (7, 15, 9)  # four days either side of 12 January 2012


def test_incidents_are_nobodys_baseline() -> None:
    marked = case(annotations=[{"start": "2013-01-05T10:00:00", "end": "2013-01-05T12:00:00", "kind": "incident", "text": "outage"}])
    assert chosen("expanding", marked) == [[0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3], [0, 1, 2, 3, 5]]


@pytest.mark.parametrize("against", ["rolling:0", "rolling:x", "previous:2", "yesterday", ""])
def test_anything_else_is_refused(against: str) -> None:
    with pytest.raises(SelectionError, match="is not something to compare with"):
        baseline_weights(against, REFERENCE, PRODUCTION, case())


def test_the_nearest_word_is_offered() -> None:
    with pytest.raises(SelectionError, match="Did you mean 'weekday'"):
        baseline_weights("weekdays", REFERENCE, PRODUCTION, case())


@pytest.mark.parametrize("against", ["weekday", "season"])
def test_weekday_and_season_need_time(against: str) -> None:
    timeless = Windows(("whole",), np.array(["NaT"], "datetime64[us]"), np.array(["NaT"], "datetime64[us]"))
    with pytest.raises(SelectionError, match="need"):
        baseline_weights(against, timeless, timeless, case())


@pytest.mark.parametrize("against", [word for word in KNOWN if word != "reference"])
def test_no_window_is_compared_with_itself_or_its_future(against: str) -> None:
    reference, production = days("2012-01-01", 400), days("2013-02-04", 30)
    weights = baseline_weights(against, reference, production, case()).weights
    assert weights is not None
    assert not np.triu(weights[:, len(reference) :]).any()
