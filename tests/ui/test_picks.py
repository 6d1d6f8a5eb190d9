"""Picked values as a condition and back."""

from __future__ import annotations

import pytest

from monitor.errors import SelectionError
from monitor.ui.picks import Condition, Pick, read_condition

HOSTILE = "O'Hare\") OR ('1'='1"


def test_picks_become_a_condition_and_come_back() -> None:
    made = Condition((Pick("car rier", ("UA", HOSTILE)), Pick('a"b', ("x, y",))), "distance > 500 OR origin = 'JFK'")
    assert read_condition(made.sql) == made
    assert made.sql.endswith(" AND (distance > 500 OR origin = 'JFK')")


def test_a_comment_cannot_swallow_the_bracket() -> None:
    made = Condition((Pick("a", ("1",)),), "b > 1 -- only large (")
    assert made.sql.endswith("-- only large (\n)")


@pytest.mark.parametrize(
    "written",
    [
        "carrier = 'UA'",
        "\"a\" IN ('x') OR b = 1",
        "\"a\" IN ('x') AND b = 1 OR c = 2",
        "\"a\" IN ('x') AND (b = 1) OR (c = 2)",
        "\"a\" IN ('x') AND b = ')'",
        "\"a\" NOT IN ('x')",
        "a IN ('x')",
    ],
)
def test_what_was_written_by_hand_stays_as_it_is(written: str) -> None:
    assert read_condition(written) == Condition((), written)
    assert read_condition(written).sql == written


def test_another_pick_replaces_the_column_and_none_takes_it_out() -> None:
    one = Condition((), "n > 1").pick("a", ["x"]).pick("b", ["y"])
    assert one.pick("a", ["z"]).picks == (Pick("b", ("y",)), Pick("a", ("z",)))
    assert one.pick("a", []).pick("b", []).sql == "n > 1"
    assert one.picked("b") == ("y",)


def test_a_text_that_is_no_condition_is_not_put_beside_picks() -> None:
    with pytest.raises(SelectionError, match=r"not (one|a) condition"):
        _ = Condition((Pick("a", ("x",)),), "b = 1) OR (c = 2").sql


def test_a_pick_is_told_in_words() -> None:
    assert Pick("a", ("x",)).told("Carrier") == "Carrier is x"
    assert Pick("a", ("x", "y and z", "3", "4", "5")).told("Carrier") == "Carrier is x or y and z or 3 or 2 more"
