from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest

from monitor.engine import Selection
from monitor.engine.selection import both_conditions, check_predicate
from monitor.errors import ColumnMissingError, SelectionError

COLUMNS = ["carrier", "distance", "dep time", 'odd"name', "when"]


@pytest.mark.parametrize(
    ("predicate", "named"),
    [
        ("carrier = 'AA' AND distance > 500", {"carrier", "distance"}),
        ('"dep time" BETWEEN 1 AND 2 OR NOT distance IN (1, 2)', {"dep time", "distance"}),
        ('"odd""name" IS NULL', {'odd"name'}),
        ("CASE WHEN distance > 1 THEN carrier ELSE 'x' END LIKE 'A%'", {"distance", "carrier"}),
        ("lower(CARRIER) = 'aa' -- a remark", {"carrier"}),
        ("\"when\" > TIMESTAMP '2013-01-01' + INTERVAL 3 DAY", {"when"}),
        ("CAST(distance AS INTEGER) % 2 = 0", {"distance"}),
        ("carrier = '); DROP TABLE production; --'", {"carrier"}),
    ],
)
def test_plain_conditions_are_let_through(predicate: str, named: set[str]) -> None:
    assert check_predicate(duckdb.connect(), predicate, COLUMNS) == named


@pytest.mark.parametrize(
    "predicate",
    [
        "",
        "distance >",
        "1 = 1; DROP TABLE production",
        "1 = 1); DROP TABLE production; --",
        "distance > 1) OR (distance < 9",
        "distance IN (SELECT 1)",
        "EXISTS (FROM production)",
        "(SELECT count(*) FROM read_csv('/etc/passwd')) > 0",
        "distance > 1 ORDER BY 1",
        "distance > 1 LIMIT 3",
        "distance > 1 GROUP BY ALL",
        "getenv('HOME') = 'x'",
        "current_setting('threads') = '2'",
        "row_number() OVER () = 1",
        "count(*) > 1",
        "random() < 0.5",
        "list_filter([1], lambda x: x > 1) = [1]",
        "distance > ?",
        "COLUMNS(*) > 1",
        "distance > 1 UNION SELECT 1",
    ],
)
def test_anything_else_is_refused(predicate: str) -> None:
    with pytest.raises(SelectionError, match=r"not a condition|not one condition|more than one|which a condition may not"):
        check_predicate(duckdb.connect(), predicate, COLUMNS)


def test_an_unknown_column_names_the_nearest() -> None:
    with pytest.raises(ColumnMissingError, match=r"no column 'distanc'. Did you mean 'distance'"):
        check_predicate(duckdb.connect(), "distanc > 3", COLUMNS)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2013-07-01..2013-08-01", datetime(2013, 7, 1, tzinfo=UTC), datetime(2013, 8, 1, tzinfo=UTC)),
        ("2013-07..2013-08", datetime(2013, 7, 1, tzinfo=UTC), datetime(2013, 8, 1, tzinfo=UTC)),
        ("2013-W17", datetime(2013, 4, 22, tzinfo=UTC), datetime(2013, 4, 29, tzinfo=UTC)),
        ("2013-12", datetime(2013, 12, 1, tzinfo=UTC), datetime(2014, 1, 1, tzinfo=UTC)),
        ("2013-07-01T15:00..", datetime(2013, 7, 1, 15, tzinfo=UTC), None),
        ("..2013-07-01T15:00+02:00", None, datetime(2013, 7, 1, 13, tzinfo=UTC)),
    ],
)
def test_periods(text: str, start: datetime | None, end: datetime | None) -> None:
    found = Selection.parse(text)
    assert (found.start, found.end) == (start, end)


def test_periods_are_local() -> None:
    found = Selection.parse("2013-07-01", timezone="America/New_York")
    assert found.describe() == "production from 2013-07-01 04:00 to 2013-07-02 04:00 UTC"


@pytest.mark.parametrize("text", ["yesterday", "2013-13-01..", "2013-07-01..x", "2013-W99", "2013-07-01T15:00", "2014..2013"])
def test_wrong_periods_are_refused(text: str) -> None:
    with pytest.raises(SelectionError, match=r"is not a time|holds no time"):
        Selection.parse(text)


def test_bounds_need_a_zone_and_data_a_name() -> None:
    with pytest.raises(SelectionError, match=r"has no time zone"):
        Selection(start=datetime.fromisoformat("2013-01-01"))
    with pytest.raises(SelectionError, match=r"no data set 'prodction'.*Did you mean 'production'"):
        Selection("prodction")


def test_two_conditions_become_one_only_if_each_is_one() -> None:
    assert both_conditions("a = 1 OR b = 2", "c = 3 -- or not") == "(a = 1 OR b = 2\n)\nAND (c = 3 -- or not\n)"
    with pytest.raises(SelectionError, match="is not a condition"):
        both_conditions("a = 1", "a = 2) OR (b = 1")
    with pytest.raises(SelectionError, match="is not a condition"):
        both_conditions("a = 1 /*", "b */ = 2")
