"""Learned rules: each kind is found where it holds, not where it does not, and catches legal values in an illegal pair."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.multivariate.learning import LearnedRules, Settings, learn_rules
from monitor.stats.multivariate.rows import Rows
from monitor.stats.multivariate.rules import Dependency, Order, Pair, Range, RangeByLevel, broken, broken_share

LEVELS = {"carrier": ("A", "B", "C"), "hub": ("x", "y"), "class": ("economy", "first"), "weather": ("fair", "foul")}


@pytest.fixture(scope="module")
def flights() -> Rows:
    """`hub` follows `carrier`; carrier C has no first class; landing is after start; the fare of `first` is high."""
    rng = np.random.default_rng(0)
    n = 4000
    carrier = rng.integers(0, 3, n)
    hub = (carrier == 2).astype(int)
    cabin = np.where(carrier == 2, 0, rng.integers(0, 2, n))
    start = rng.uniform(0, 1000, n)
    landing = start + rng.uniform(30, 300, n)
    fare = np.where(cabin == 1, rng.uniform(800, 1000, n), rng.uniform(50, 300, n))
    numeric = np.column_stack([start, landing, fare])
    codes = np.column_stack([carrier, hub, cabin, rng.integers(0, 2, n)])
    return Rows(numeric, ("start", "landing", "fare"), codes, LEVELS, np.arange(n) // 40, np.arange(n) // 1000, 4)


@pytest.fixture(scope="module")
def learned(flights: Rows) -> LearnedRules:
    return learn_rules(flights)


def find(learned: LearnedRules, kind: str, *columns: str) -> int:
    return [(rule.kind, rule.columns) for rule in learned.rules].index((kind, columns))


def test_each_kind_is_found_once_where_it_holds(learned: LearnedRules) -> None:
    found = {(rule.kind, rule.columns) for rule in learned.rules if rule.kind != "range"}
    assert found == {
        ("order", ("start", "landing")),
        ("dependency", ("carrier", "hub")),
        ("pair", ("carrier", "class")),
        ("pair", ("hub", "class")),
        ("range_by_level", ("class", "fare")),
        ("range_by_level", ("carrier", "fare")),
        ("range_by_level", ("hub", "fare")),
    }


def test_rules_read_as_sentences(learned: LearnedRules) -> None:
    texts = [rule.text for rule in learned.rules]
    assert "start ≤ landing" in texts
    assert "carrier determines hub: A → x, B → x, C → y" in texts
    assert "never carrier = C with class = first" in texts
    assert any(text.startswith("fare is 0 to 36") and "where class = economy" in text for text in texts)


def test_the_reference_obeys_and_support_counts_rows(flights: Rows, learned: LearnedRules) -> None:
    np.testing.assert_array_equal(broken_share(learned.rules, flights), 0.0)
    assert (learned.held_out <= 0.001).all()
    assert (learned.support == 4000).all()


def test_legal_values_in_an_illegal_pair_break_only_the_rules_of_the_pair(flights: Rows, learned: LearnedRules) -> None:
    window = flights.take(np.flatnonzero(flights.categorical[:, 0] == 2)[:10]).as_window(0, 1)
    window.categorical[:5, 2] = 1
    mask = broken(learned.rules, window)
    assert mask[:5, find(learned, "pair", "carrier", "class")].all()
    assert mask[:5, find(learned, "range_by_level", "class", "fare")].all()
    assert not mask[5:].any()
    assert not mask[:, find(learned, "dependency", "carrier", "hub")].any()
    assert broken_share(learned.rules, window)[0, find(learned, "pair", "carrier", "class")] == 0.5


def test_missing_values_break_nothing(flights: Rows, learned: LearnedRules) -> None:
    empty = flights.take(np.arange(20))
    empty.numeric[:], empty.categorical[:] = np.nan, -1
    assert not broken(learned.rules, empty).any()


def test_unrelated_columns_teach_only_ranges() -> None:
    rng = np.random.default_rng(1)
    levels = {"a": ("p", "q", "r"), "b": ("s", "t")}
    codes = np.column_stack([rng.integers(0, 3, 3000), rng.integers(0, 2, 3000)])
    rows = Rows(rng.normal(size=(3000, 2)), ("u", "v"), codes, levels, np.arange(3000) // 30, np.zeros(3000, dtype=int), 1)
    assert {rule.kind for rule in learn_rules(rows).rules} == {"range"}


def learned_kinds(numeric: np.ndarray, block: np.ndarray, codes: np.ndarray | None = None, **levels: tuple[str, ...]) -> set[str]:
    n = len(block)
    categorical = np.zeros((n, 0), dtype=int) if codes is None else codes
    names = tuple("abc"[: numeric.shape[1]])
    return {rule.kind for rule in learn_rules(Rows(numeric, names, categorical, levels, block, np.zeros(n, dtype=int), 1)).rules}


@pytest.mark.parametrize("half", [slice(0, 1000), slice(1000, 2000)])
def test_a_rule_that_one_half_of_the_time_breaks_is_dropped(half: slice) -> None:
    a = np.random.default_rng(2).normal(size=2000)
    b = a + 0.5
    assert "order" in learned_kinds(np.column_stack([a, b]), np.arange(2000) // 20)
    b[half][::50] -= 1.0
    assert "order" not in learned_kinds(np.column_stack([a, b]), np.arange(2000) // 20)


def test_two_unlike_columns_that_happen_never_to_cross_have_no_order() -> None:
    a, b = np.random.default_rng(3).normal(size=(2, 2000))
    assert "order" not in learned_kinds(np.column_stack([a, np.maximum(b + 3.0, a + 0.1)]), np.arange(2000) // 20)


def test_copies_within_a_block_are_no_support() -> None:
    rng = np.random.default_rng(4)
    few = np.column_stack([rng.integers(0, 10, 60), rng.integers(0, 10, 60)])
    levels = {"k": tuple("0123456789"), "j": tuple("abcdefghij")}
    block = np.repeat(np.arange(60), 100)
    assert "pair" not in learned_kinds(np.zeros((6000, 0)), block, np.repeat(few, 100, axis=0), **levels)


def test_rules_by_hand() -> None:
    rows = Rows(
        np.array([[1.0, 2.0], [5.0, 4.0], [np.nan, 1.0]]),
        ("a", "b"),
        np.array([[0, 1], [1, 1], [-1, 0]]),
        {"k": ("m", "n"), "j": ("u", "v")},
        np.arange(3),
        np.zeros(3, dtype=int),
        1,
    )
    pairs = LEVELS["hub"], LEVELS["hub"]
    by_level = RangeByLevel("k", "a", ("m", "n"), np.array([2.0, -np.inf]), np.array([3.0, np.inf]))
    rules = (
        Range("a", 0.0, 4.0),
        by_level,
        Order("a", "b"),
        Pair("k", "j", pairs, np.array([[False, True], [False, False]])),
        Dependency("k", "j", pairs, (-1, 0)),
    )
    expected = [[0, 1, 0, 1, 0], [1, 0, 1, 0, 1], [0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(broken(rules, rows), np.array(expected, dtype=bool))
    assert by_level.text == "a is 2 to 3 where k = m"
    breaches = [rule.breach(rows.take(rule.broken(rows))) for rule in rules]
    texts = ["a above 4", "a below 2 where k = m", "a above b", "k = x with j = y", "k = y with j = y, not x"]
    assert breaches == [(text, 1) for text in texts]


def test_a_breach_is_told_with_its_own_rows_and_not_with_all_that_break_the_rule() -> None:
    numbers, codes = np.array([[9.0], [9.0], [9.0], [1.0], [1.0]]), np.array([[0], [0], [1], [0], [1]])
    zero = np.zeros(5, dtype=np.int64)
    rows = Rows(numbers, ("a",), codes, {"k": ("m", "n", "other")}, zero, zero, 1)
    rule = RangeByLevel("k", "a", ("m", "n"), np.array([2.0, 2.0]), np.array([3.0, 3.0]))
    assert rule.broken(rows).all()
    assert rule.breach(rows) == ("a above 3 where k = m", 2)


def test_a_number_that_the_reference_never_had_says_nothing_about_pairs(flights: Rows, learned: LearnedRules) -> None:
    rows = flights.take(np.arange(50)).as_window(0, 1)
    rows.numeric[:] = [5000.0, 1.0, 5000.0]
    kinds = [rule.kind for rule, column in zip(learned.rules, broken(learned.rules, rows).T, strict=True) if column.any()]
    assert set(kinds) == {"range"}


def test_too_little_support_teaches_nothing(flights: Rows) -> None:
    assert learn_rules(flights.take(np.arange(300)), settings=Settings(support=5000)).rules == ()


def test_the_hours_of_seven_mondays_are_seven_mondays() -> None:
    """Pressure is steady within a day; that no Monday of seven had a low one is no rule, and the hours of a Monday are no more Mondays."""
    rng = np.random.default_rng(2)
    days, hours = 49, 24
    at, rows = np.repeat(np.arange(days), hours * 20), days * hours * 20
    pressure = np.repeat(np.where(np.arange(days) % 7 == 0, 1020.0, rng.uniform(980, 1030, days)), hours * 20) + rng.normal(0, 1, rows)
    weekday = (at % 7)[:, None]
    names = {"weekday": ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    learned = learn_rules(Rows(pressure[:, None], ("pressure",), weekday, names, np.arange(rows) // 20, at, days))
    assert [rule for rule in learned.rules if rule.kind == "range_by_level"] == []
