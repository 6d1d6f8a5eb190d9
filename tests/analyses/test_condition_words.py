"""Conditions in words: those that this program writes, and no other."""

from __future__ import annotations

import pytest

from monitor.analyses.condition_words import condition_words, leaves_out, left_out, where_words
from monitor.engine import both_conditions

FRENCH = "\"land\" = 'FR' AND \"at\" >= '2025-04-02 00:00:00' AND \"at\" < '2025-04-06 12:30:00'"


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("\"land\" IN ('O''Brien', 'a AND b')", "land is O'Brien or a AND b"),
        ('"age" IS NULL', "age is missing"),
        (left_out(FRENCH), "without rows where land is FR and at is from 2 Apr 2025 and before 6 Apr 2025, 12:30"),
        (both_conditions("amount > 3", left_out("\"land\" = 'FR'")), "amount > 3 and without rows where land is FR"),
        ("amount BETWEEN 1 AND 3", "amount BETWEEN 1 AND 3"),
        ("(a > 1) OR (b > 2)", "(a > 1) OR (b > 2)"),
        ("NOT coalesce((a), false) OR b", "NOT coalesce((a), false) OR b"),
        ("at < 'soon'", "at < 'soon'"),
    ],
)
def test_what_the_program_writes_is_told_in_words_and_what_others_write_as_it_is(condition: str, told: str) -> None:
    assert condition_words(condition) == told


def test_rows_that_are_left_out_are_known_as_such() -> None:
    kept = both_conditions("amount > 3", left_out(FRENCH))
    assert (leaves_out(kept), leaves_out(left_out(FRENCH)), leaves_out("amount > 3"), leaves_out(None)) == (True, True, False, False)
    assert where_words(left_out("\"land\" = 'FR'"), str.capitalize) == "without rows where Land is FR"
