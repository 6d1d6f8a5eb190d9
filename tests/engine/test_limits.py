"""Limits of time, memory, conditions, patterns and messages: what is beyond is refused in words."""

from __future__ import annotations

import time

import duckdb
import pandas as pd
import pytest

from monitor.engine import Selection, count_rows, open_tables
from monitor.engine.limits import MEMORY_VARIABLE, SECONDS_VARIABLE, limited, most_memory, most_seconds
from monitor.engine.running import Watch, fetch, stream
from monitor.engine.selection import LONGEST_PREDICATE, check_predicate
from monitor.errors import LONGEST_MESSAGE, CaseError, SelectionError, SettingError, TimeLimitError, brief
from monitor.tables import Skipped

ENDLESS = "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE hash(a.range, b.range) = 0"


COLORS = pd.DataFrame({"color": ["red", "green", "blue"] * 20})


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> duckdb.DuckDBPyConnection:
    monkeypatch.setenv(SECONDS_VARIABLE, "0.2")
    return duckdb.connect()


@pytest.mark.parametrize("watch", [None, Watch(progress=lambda share, text: None)])
def test_a_query_without_end_ends_with_what_to_do(hurried: duckdb.DuckDBPyConnection, watch: Watch | None) -> None:
    with pytest.raises(TimeLimitError, match=r"Stopped while counting: it took longer than 0\.2 s\. .*DRIFTSCOPE_QUERY_SECONDS="):
        fetch(hurried, ENDLESS, text="counting", watch=watch)
    assert fetch(hurried, "SELECT 7 AS x", text="counting").to_pylist() == [{"x": 7}]


def test_a_stream_without_end_ends_too(hurried: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(TimeLimitError, match="Stopped while reading rows"):
        list(stream(hurried, ENDLESS, batch_rows=10, expected=1, text="reading rows", watch=Watch()))


def test_what_ends_in_time_is_not_touched(hurried: duckdb.DuckDBPyConnection) -> None:
    with limited(hurried, "adding"):
        assert hurried.execute("SELECT 1 + 1").fetchone() == (2,)
    time.sleep(0.3)
    assert hurried.execute("SELECT 2 + 2").fetchone() == (4,)


@pytest.mark.parametrize("told", ["0", "-1", "soon", "1e9", "99999999", "nan"])
def test_a_limit_that_is_no_number_of_seconds_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, told)
    with pytest.raises(SettingError, match="number of seconds"):
        most_seconds()


@pytest.mark.parametrize("told", ["much", "4", "-4GB", "4GB'; DROP", "4 GB more"])
def test_a_limit_that_is_no_amount_of_memory_is_refused(monkeypatch: pytest.MonkeyPatch, told: str) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, told)
    with pytest.raises(SettingError, match="amount of memory"):
        most_memory()


def test_the_environment_says_how_much_memory_queries_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MEMORY_VARIABLE, "256MiB")
    with open_tables(COLORS, COLORS) as workspace, workspace.cursor() as cursor:
        assert cursor.execute("SELECT current_setting('memory_limit')").fetchone() == ("256.0 MiB",)


@pytest.mark.parametrize(
    ("predicate", "message"),
    [
        ("length(" + "replace(" * 6 + "x" + ",'a','aaaaaaaaaa')" * 6 + ") > 1", "longer 6 times over"),
        ("replace(x, 'a', x) = 'b'", "takes two texts"),
        (f"replace(x, 'a', '{'b' * 101}') = 'b'", "at most 100 letters"),
        ("NOT " * 300 + "x = 'a'", "within each other"),
        ("x" + " + 1" * 300 + " = 2", "within each other"),
        ("lower(" * 200 + "x" + ")" * 200 + " = 'a'", "within each other"),
        ("(" * 3000 + "x = 'a'" + ")" * 3000, "depth"),
        (" OR ".join(["x = 'a'"] * 20_000), "too long"),
    ],
)
def test_a_condition_that_grows_without_bound_is_refused(predicate: str, message: str) -> None:
    with duckdb.connect() as connection, pytest.raises(SelectionError, match=message) as refused:
        check_predicate(connection, predicate, ["x"])
    assert len(str(refused.value)) <= LONGEST_MESSAGE


@pytest.mark.parametrize(
    "predicate",
    [
        "replace(x, ' ', '_') = 'a'",
        "replace(replace(x, ',', ''), '.', '') = 'a'",
        "replace(x, 'ß', 'ss') = 'a'",
        "x" + " + 1" * 60 + " = 2",
    ],
)
def test_an_ordinary_condition_is_let_through(predicate: str) -> None:
    assert len(predicate) < LONGEST_PREDICATE
    with duckdb.connect() as connection:
        assert check_predicate(connection, predicate, ["x"]) == {"x"}


def test_replacing_counts_what_it_says() -> None:
    with open_tables(COLORS, COLORS) as workspace:
        chosen = Selection("production", where="replace(replace(color, 'e', ''), 'd', '') = 'r'")
        assert count_rows(workspace, chosen) == 20


@pytest.mark.parametrize("letters", [0, 599, 600, 601, 500_000])
def test_a_message_has_at_most_600_letters(letters: int) -> None:
    told = brief("begin" + "x" * letters + "end")
    assert len(told) == min(letters + 8, LONGEST_MESSAGE)
    assert (told[:5], told[-3:]) == ("begin", "end")
    assert str(CaseError("y" * letters)) == brief("y" * letters)
    assert Skipped("a", "b", "z" * letters).message == brief("z" * letters)
