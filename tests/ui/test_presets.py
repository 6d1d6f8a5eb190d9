"""Comparisons by name: only those that the data can answer."""

from __future__ import annotations

from datetime import date

import pytest

from monitor.case import WindowSize
from monitor.ui.presets import Held, Period, last_period, presets


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last))


REFERENCE, PRODUCTION = period("2012-01-01", "2012-12-31"), period("2013-01-01", "2013-04-30")
NONE = {"reference": (), "production": ()}


def held(**other: object) -> Held:
    return Held(**{"days": {"reference": REFERENCE, "production": PRODUCTION}, "versions": NONE, "files": NONE} | other)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "first", "last"),
    [
        ("1 week", "2013-04-22", "2013-04-28"),
        ("2 weeks", "2013-04-15", "2013-04-28"),
        ("1 day", "2013-04-30", "2013-04-30"),
        ("1 month", "2013-04-01", "2013-04-30"),
        ("2 months", "2013-03-01", "2013-04-30"),
        ("1 hour", "2013-04-30", "2013-04-30"),
        ("500 rows", "2013-04-24", "2013-04-30"),
        ("whole", "2013-04-24", "2013-04-30"),
    ],
)
def test_the_last_complete_window(size: str, first: str, last: str) -> None:
    assert last_period(PRODUCTION, WindowSize.parse(size)) == period(first, last)


def test_a_month_that_goes_on_is_not_the_last() -> None:
    assert last_period(period("2013-01-01", "2013-04-29"), WindowSize.parse("1 month")) == period("2013-03-01", "2013-03-31")


def test_periods_that_the_data_hold_are_offered() -> None:
    found = presets(held(), None, WindowSize.parse("1 week"))
    name = "22 Apr 2013 to 28 Apr 2013"
    assert list(found) == [
        "All of production against the reference", f"{name} against the reference", f"{name} against the period before",
        f"{name} against the same days a year before",
    ]  # fmt: skip
    before, year = (found[f"{name} against {what}"] for what in ("the period before", "the same days a year before"))
    assert {key: text for key, text in before.items() if text} == {
        "a_data": "production", "a_from": "2013-04-15", "a_to": "2013-04-21", "from": "2013-04-22", "to": "2013-04-28",
    }  # fmt: skip
    assert {key: text for key, text in year.items() if text} == {
        "a_from": "2012-04-22", "a_to": "2012-04-28", "from": "2013-04-22", "to": "2013-04-28",
    }  # fmt: skip


def test_the_same_weekday_is_offered_for_days() -> None:
    found = presets(held(), period("2013-04-20", "2013-04-20"), WindowSize.parse("1 week"))
    assert found["20 Apr 2013 against the same weekday a week before"]["a_from"] == "2013-04-13"


def test_the_same_days_of_an_older_reference_are_offered_by_their_own_year() -> None:
    old = held(days={"reference": period("2009-06-01", "2010-05-31"), "production": PRODUCTION})
    found = presets(old, None, WindowSize.parse("1 week"))["22 Apr 2013 to 28 Apr 2013 against the same days of the reference"]
    assert (found["a_from"], found["a_to"]) == ("2010-04-22", "2010-04-28")


def test_a_period_that_production_does_not_hold_offers_nothing() -> None:
    assert len(presets(held(), period("2014-01-01", "2014-01-07"), WindowSize.parse("1 week"))) == 1


def test_what_has_no_time_has_no_periods() -> None:
    assert list(presets(held(days={}), None, WindowSize.parse("whole"))) == ["All of production against the reference"]


@pytest.mark.parametrize(
    ("versions", "name", "data"),
    [
        ({"reference": ("1",), "production": ("1", "2", "3")}, "Version 3 against version 2", "production"),
        ({"reference": ("1",), "production": ("2",)}, "Version 2 against version 1", None),
    ],
)
def test_versions_are_compared_with_the_one_before(versions: dict[str, tuple[str, ...]], name: str, data: str | None) -> None:
    found = presets(held(versions=versions), None, WindowSize.parse("1 week"))[name]
    assert (found["a_version"], found["version"], found["a_data"]) == (name[-1], name[8], data)


def test_one_version_everywhere_is_not_compared_with_itself() -> None:
    found = presets(held(versions={"reference": ("1",), "production": ("1",)}), None, WindowSize.parse("1 week"))
    assert not [name for name in found if name.startswith("Version")]


def test_the_last_two_files_are_compared() -> None:
    found = presets(held(files={"reference": (), "production": ("a", "b", "c")}), None, WindowSize.parse("1 week"))["File c against file b"]
    assert (found["a_file"], found["b_file"], found["a_data"]) == ("b", "c", "production")


def test_29_february_has_a_day_a_year_before() -> None:
    assert period("2012-02-29", "2012-02-29").years(1) == period("2013-02-28", "2013-02-28")
