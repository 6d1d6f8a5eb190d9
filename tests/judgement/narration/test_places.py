from __future__ import annotations

import math

import pytest

from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.narration.figures import about, about_share, number, pair, share, value_pair
from monitor.judgement.narration.places import at_place, inside, place_words, quoted, rows_at

TEMPERATURE = "Temperature (°F)"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (CellPlace(PlaceKind.ABOVE, 58.0, math.inf), "above 58 °F"),
        (CellPlace(PlaceKind.BELOW, -math.inf, 29.1), "below 29.1 °F"),
        (CellPlace(PlaceKind.BETWEEN, 3.0, 5.0), "between 3 and 5 °F"),
        (CellPlace(PlaceKind.BETWEEN, 1.00001, 1.00002), "between 1.00001 and 1.00002 °F"),
        (CellPlace(PlaceKind.BETWEEN, -math.inf, 5.0), "at most 5 °F"),
        (CellPlace(PlaceKind.BETWEEN, 5.0, math.inf), "above 5 °F"),
        (CellPlace(PlaceKind.BETWEEN, -math.inf, math.inf), "at any value"),
        (CellPlace(PlaceKind.VALUE, 0.0, 0.0), "at 0 °F"),
        (CellPlace(PlaceKind.GAP, 1.0, 7.0), "between its usual values"),
        (CellPlace(PlaceKind.LEVEL, level="JFK"), "'JFK'"),
        (CellPlace(PlaceKind.REST), "at several rare levels"),
        (CellPlace(PlaceKind.BUCKET), "at levels without a name of their own"),
        (CellPlace(PlaceKind.INFINITE), "with an infinite value"),
        (CellPlace(PlaceKind.MISSING), "without a value"),
    ],
)
def test_a_place_in_words(place: CellPlace, words: str) -> None:
    assert place_words(place, TEMPERATURE) == words


@pytest.mark.parametrize("kind", [PlaceKind.ABOVE, PlaceKind.BELOW, PlaceKind.VALUE, PlaceKind.BETWEEN])
def test_a_place_without_bounds_still_has_words(kind: PlaceKind) -> None:
    assert "nan" not in place_words(CellPlace(kind), TEMPERATURE)


@pytest.mark.parametrize("level", ["missing", "other", "infinite", "rare or new levels", "> 5", "12 rare levels"])
def test_a_level_is_quoted_whatever_its_name(level: str) -> None:
    place = CellPlace(PlaceKind.LEVEL, level=level)
    assert place_words(place, "Carrier").startswith(f"'{level[:6]}")
    assert at_place(place, "Carrier").startswith("at '")
    assert rows_at(place, "Carrier").startswith("rows with carrier '")


@pytest.mark.parametrize(
    ("level", "words"),
    [("", "an empty text"), (" \n", "an empty text"), ("a\nb\x00c", "'a b c'"), ("x" * 60, f"'{'x' * 40}…'"), ("a b c d e", "'a b c d…'")],
)
def test_hostile_levels_stay_short_and_in_one_line(level: str, words: str) -> None:
    assert quoted(level) == words


def test_rows_of_a_place() -> None:
    assert rows_at(CellPlace(PlaceKind.ABOVE, 2500.0), "Distance (miles)", "dist") == "rows with distance above 2,500 miles"
    assert rows_at(CellPlace(PlaceKind.INFINITE), "Distance (miles)", "dist") == "rows with an infinite distance"
    assert rows_at(CellPlace(PlaceKind.ABOVE, 60.0), "Relative humidity (%)") == "rows with relative humidity above 60%"


def test_the_own_name_of_a_column_keeps_its_letters() -> None:
    assert (inside("Amount", "Amount"), inside("Amount", "amt"), inside("NO2 level", "x")) == ("Amount", "amount", "NO2 level")


def test_shares_are_whole_only_where_they_are() -> None:
    assert [share(part) for part in (0.0, 0.004, 0.123, 0.996, 0.99999, 1 - 1e-9, 1.0)] == [
        "0%", "0.4%", "12%", "99.6%", "99.999%", "almost 100%", "100%",
    ]  # fmt: skip


def test_pairs_have_the_digits_that_tell_them_apart() -> None:
    assert pair(0.0957, 0.104, share) == ("9.57%", "10.4%")
    assert pair(0.10004, 0.10006, share) == ("10.004%", "10.006%")
    assert pair(0.1, 0.10000001, share) is None
    assert pair(23.0, 2310.0) == ("23", "2,310")
    assert pair(-math.inf, 5.0) == ("-∞", "5")


def test_what_cannot_be_told_apart_says_which_way() -> None:
    assert about_share(0.1, 0.10000001) == "about 10% of rows, slightly more"
    assert about(5.0, 4.9999999) == "about 5, slightly less"


def test_values_are_exact_where_they_are_whole_and_never_endless() -> None:
    assert value_pair(1200.0, 31165.0) == ("1,200", "31,165")
    assert number(1e200) == "1e+200"
