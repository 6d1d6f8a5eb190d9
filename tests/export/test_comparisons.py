"""Comparisons that are kept: named, listed, taken away, never lost."""

from __future__ import annotations

import pytest

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.comparisons import list_comparisons, pin_comparison, unpin_comparison
from monitor.export.pins import list_pins


def test_a_comparison_is_kept_beside_the_pins_and_is_none(case: Case) -> None:
    made = pin_comparison(case, "  JFK against \n the rest ", {"b_where": "origin = 'JFK'"})
    assert (made.name, made.choices) == ("JFK against the rest", {"b_where": "origin = 'JFK'"})
    assert (case.root / ".driftscope" / "pins" / "comparisons" / f"{made.id}.json").is_file()
    assert list_comparisons(case).kept == (made,)
    assert list_pins(case).pins == ()


def test_they_are_listed_by_name(case: Case) -> None:
    for name in ("b", "C", "a"):
        pin_comparison(case, name, {})
    assert [one.name for one in list_comparisons(case).kept] == ["a", "b", "C"]


@pytest.mark.parametrize(("name", "message"), [("", "a name of 1 to 80"), ("x" * 81, "a name of 1 to 80"), ("taken", "one called|called")])
def test_a_name_is_short_and_its_own(case: Case, name: str, message: str) -> None:
    pin_comparison(case, "taken", {})
    with pytest.raises(SelectionError, match=message):
        pin_comparison(case, name, {})


def test_one_that_is_taken_away_lies_in_the_trash(case: Case) -> None:
    made = pin_comparison(case, "one", {"win": "1 day"})
    moved = unpin_comparison(case, made.id)
    assert list_comparisons(case).kept == ()
    assert b'"1 day"' in moved.read_bytes()
    with pytest.raises(SelectionError, match="another window"):
        unpin_comparison(case, made.id)


@pytest.mark.parametrize(
    "content", ["", "{", '{"id": "x"}', '{"id": "20240101T000000000000-00000000", "created": "", "name": "n", "choices": {}}']
)
def test_a_broken_file_is_told_and_left_alone(case: Case, content: str) -> None:
    made = pin_comparison(case, "one", {})
    broken = case.root / ".driftscope" / "pins" / "comparisons" / "20240101T000000000000-11111111.json"
    broken.write_text(content)
    found = list_comparisons(case)
    assert (found.kept, [one.path for one in found.unreadable]) == ((made,), [broken])
    assert "left as it is" in found.unreadable[0].message
    assert broken.read_text() == content


@pytest.mark.parametrize("bad", ["../x", "", "20240101"])
def test_an_id_is_never_a_path(case: Case, bad: str) -> None:
    with pytest.raises(SelectionError, match="not the id of a comparison"):
        unpin_comparison(case, bad)


def test_a_case_that_cannot_be_written_to_keeps_them_in_the_users_folder(case: Case) -> None:
    (case.root / ".driftscope").write_text("a file is in the way")
    made = pin_comparison(case, "one", {})
    assert list_comparisons(case).kept == (made,)
