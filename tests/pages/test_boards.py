"""The page Boards: tiles are computed when they are looked at, from the address that each names; what cannot be is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.case import Case, load_case
from monitor.export.boards import begin_board, change_board, list_boards, rows_of, tile_of, with_tile
from monitor.export.incident_records import by
from tests.pages.cases import HOSTILE
from tests.pages.seen import open_page, rendered, said

Use = Callable[[str], Path]


@pytest.fixture
def case(use: Use) -> Iterator[Case]:
    found = load_case(use("shop"))
    yield found
    for path in (found.root / ".driftscope" / "pins").rglob("*.json"):
        path.unlink()


def test_a_chart_of_a_page_is_put_on_a_new_board_and_shown_there(case: Case) -> None:
    app = open_page("performance", query={"where": "city = 'Paris'"}, state={"to_board": True})
    next(one for one in app.selectbox if one.key == "to_board_what").set_value("recall")
    next(one for one in app.text_input if one.key == "to_board_title").set_value("On call")
    next(one for one in app.button if one.label == "Put there").click().run()
    assert not app.exception
    board = list_boards(case).boards[0]
    assert (board.title, board.tiles[0].what, "Paris" in board.tiles[0].view) == ("On call", "recall", True)
    shown = open_page("boards", query={"board": board.id, "present": "true"})
    assert not shown.exception
    assert [one.value for one in shown.title] == ["On call"]
    assert len(shown.get("vega_lite_chart")) == 1
    assert not shown.selectbox


def test_what_a_tile_cannot_show_is_told_in_its_place(case: Case) -> None:
    board = begin_board(case, HOSTILE[1], by("ann"))
    tiles = (
        tile_of("performance", "recall", "number"),
        tile_of("performance", "recal", "chart", title=HOSTILE[2]),
        tile_of("setup", "x", "chart"),
        tile_of("performance", "recall", "chart", view="from=yesterday"),
        tile_of("fairness", "x", "chart"),
    )
    for one in tiles:
        change_board(case, board.id, lambda now, one=one: with_tile(now, one, by("ann")))
    app = open_page("boards")
    assert not app.exception
    assert app.metric[0].label.startswith("Recall, ")
    assert "Did you mean 'recall'?" in said(app)
    assert "'setup' has nothing that could stand on a board" in said(app)
    assert "'yesterday' is not a day from 1900" in said(app)
    assert "Fairness needs a column with the role protected" in said(app)
    assert [text for text in rendered(app) if HOSTILE[1] in text or HOSTILE[2] in text] == []
    assert [len(row) for row in rows_of(list_boards(case).boards[0])] == [3, 2]
    next(one for one in app.button if one.key.startswith("Away.")).click().run()
    assert len(list_boards(case).boards[0].tiles) == 4
