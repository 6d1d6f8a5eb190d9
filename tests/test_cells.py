from __future__ import annotations

from dataclasses import replace

import numpy as np

from monitor.cells import CellPlace, Cells, PlaceKind, group_places
from monitor.vocabulary import Kind

NAN = float("nan")
NUMBERS = Cells(
    "x", Kind.NUMERIC, np.array([0.9, 1.1, 1.9, 2.1, 3.0]), (), low=1.0, high=3.0, atoms=np.array([NAN, 1.0, NAN, 2.0, NAN, NAN])
)
LEVELS = Cells("c", Kind.CATEGORICAL, np.array([]), ("a", "missing", "infinite"), buckets=2)


def told(places: tuple[CellPlace, ...]) -> list[tuple[str, float, float]]:
    return [(str(place.kind), place.lower, place.upper) for place in places[:-2]]


def test_numbers_lie_below_at_between_and_above() -> None:
    assert told(tuple(NUMBERS.place(i) for i in range(NUMBERS.width))) == [
        ("below", -np.inf, 1.0),
        ("value", 1.0, 1.0),
        ("between", 1.0, 2.0),
        ("value", 2.0, 2.0),
        ("between", 2.0, 3.0),
        ("above", 3.0, np.inf),
    ]
    assert [NUMBERS.place(i).kind for i in (6, 7)] == [PlaceKind.INFINITE, PlaceKind.MISSING]


def test_infinities_of_each_sign_have_a_place_of_their_own_where_they_are_told_apart() -> None:
    signed = replace(NUMBERS, signed=True)
    assert (signed.labels[6:], signed.width) == (("minus infinity", "plus infinity", "missing"), NUMBERS.width + 1)
    assert not signed.matches(NUMBERS)


def test_groups_are_intervals_or_what_lies_between_values() -> None:
    assert told(group_places(NUMBERS, np.array([0, 1, 3, 1, 2, 4, 5, 6]))) == [
        ("below", -np.inf, 1.0),
        ("between", 1.0, 2.0),
        ("between", 2.0, 3.0),
        ("gap", 1.0, 2.0),
        ("above", 3.0, np.inf),
    ]


def test_a_level_stays_itself_whatever_it_is_called() -> None:
    assert [(LEVELS.place(i).kind, LEVELS.place(i).level) for i in (1, 2)] == [("level", "missing"), ("level", "infinite")]
    kinds = [(place.kind, place.level) for place in group_places(LEVELS, np.array([0, 1, 1, 2, 2, 3, 4]))]
    assert kinds == [("level", "a"), ("rest", None), ("bucket", None), ("bucket", None), ("missing", None)]


def test_labels_are_for_people() -> None:
    assert NUMBERS.labels == ("< 1", "= 1", "1 to 2", "= 2", "2 to 3", "> 3", "infinite", "missing")
    assert LEVELS.labels[3:] == ("rare or new levels, part 1 of 2", "rare or new levels, part 2 of 2", "other", "missing")
