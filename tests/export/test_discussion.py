"""What people make of a pin together, and boards as files."""

from __future__ import annotations

import json

import pytest

from monitor.case import Case
from monitor.errors import SelectionError
from monitor.export.boards import begin_board, change_board, list_boards, rows_of, tile_of, with_place, with_tile, with_width, without_tile
from monitor.export.discussion import Step, assigned, discuss, list_discussions, remarked, stepped
from monitor.export.incident_records import by
from monitor.export.pin import new_pin
from monitor.export.pins import pin
from monitor.export.shelf import pins_folders

ANN, BOB = by("ann"), by("bob")


def test_remarks_of_two_stay_and_the_history_says_who_changed_what(case: Case) -> None:
    kept = pin(case, new_pin(case=case.name, title="t", sentence="s", analysis="drift"))
    discuss(case, kept, lambda now: remarked(assigned(now, "carl", ANN), "Seen.", ANN))
    discuss(case, kept, lambda now: remarked(stepped(now, Step.ANSWERED, BOB), "Mended.", BOB))
    now = list_discussions(case).of[kept.id]
    assert [(one.who, one.text) for one in now.remarks] == [("ann", "Seen."), ("bob", "Mended.")]
    assert [(one.who, one.what, one.before, one.after) for one in now.history] == [
        ("ann", "assignee", "", "carl"),
        ("bob", "state", "open", "answered"),
    ]
    with pytest.raises(SelectionError, match="The note is empty"):
        discuss(case, kept, lambda one: remarked(one, " ", ANN))


def test_a_board_is_changed_and_one_of_a_stranger_is_checked(case: Case) -> None:
    board = begin_board(case, "On call", ANN)
    wide, small = tile_of("drift", "map", "chart", width=3, title="Map"), tile_of("drift", "findings", "number")
    for one in (wide, small):
        board = change_board(case, board.id, lambda now, one=one: with_tile(now, one, ANN))
    board = change_board(case, board.id, lambda now: with_width(with_place(now, small.id, -1, BOB), wide.id, 2, BOB))
    assert [[one.id for one in row] for row in rows_of(board)] == [[small.id, wide.id]]
    assert [line.who for line in board.history] == ["ann", "ann", "ann", "bob", "bob"]
    assert len(change_board(case, board.id, lambda now: without_tile(now, small.id, ANN)).tiles) == 1
    with pytest.raises(SelectionError, match="somebody took it off"):
        change_board(case, board.id, lambda now: with_width(now, small.id, 2, ANN))
    file = pins_folders(case)[0] / "boards" / f"{board.id}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"tiles": [{"id": "0123abcd", "page": "x", "what": "y", "kind": "code"}]}))
    assert [one.message for one in list_boards(case).unreadable if "damaged" in one.message]
