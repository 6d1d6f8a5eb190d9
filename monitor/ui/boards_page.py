"""The page Boards: charts and numbers of pages on a grid of one's own, as the data say them now."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from monitor.export.boards import (
    COLUMNS,
    LONGEST_TITLE,
    Board,
    Tile,
    begin_board,
    change_board,
    list_boards,
    rows_of,
    take_board_away,
    with_place,
    with_width,
    without_tile,
)
from monitor.incidents.record import By
from monitor.ui import here
from monitor.ui.asking import ask_one, picked
from monitor.ui.board_tiles import PAGE, show_tile, way_to
from monitor.ui.door import locked
from monitor.ui.history import history_of
from monitor.ui.present import empty_state, page_head
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.told import told
from monitor.ui.writer import ask_name, away_button, writer
from monitor.wording import plural

CHOICE = "board"


def boards_page() -> None:
    """Show the page."""
    current = view()
    found = list_boards(current.case)
    if not found.boards:
        page_head(PAGE, "This case has no board yet.")
        empty_state(
            "A board holds charts and numbers of any page, as the data say them now.",
            "At the foot of a page choose “Put a chart or number of this page on a board”.",
            page="performance",
        )
        if not current.presenting:
            _begin(current)
        return
    names = [one.id for one in found.boards]
    chosen = next(one for one in found.boards if one.id == picked(CHOICE, names, names[0]))
    page_head(PAGE, chosen.title, f"{plural(len(chosen.tiles), 'tile')}, as the data say them now.")
    if not current.presenting:
        _controls(current, found.boards, chosen)
    for bad in found.unreadable:
        st.warning(md_escape(bad.message), icon=":material/warning:")
    for number, row in enumerate(rows_of(chosen)):
        _row(current, chosen, row, number)
    if not chosen.tiles:
        st.caption("Nothing is on this board yet. At the foot of a page one of its charts or numbers can be put here.")
    if not current.presenting:
        history_of(chosen.history, current.case.timezone, key="board_history")


def _controls(current: View, boards: tuple[Board, ...], chosen: Board) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(boards) > 1:
            titles = {one.id: one.title for one in boards}
            ask_one(CHOICE, "Board", list(titles), usual=boards[0].id, format_func=titles.__getitem__, width=260)
        here.link(PAGE, label="Full screen", icon=":material/fullscreen:", changes={CHOICE: chosen.id, "present": "true", "slide": None})
        with st.popover("Another board", icon=":material/add:"):
            _begin(current)
            away_button("board", chosen.id, lambda: _away(current, chosen))
        ask_name()


def _begin(current: View) -> None:
    with st.form("board_begin", border=False):
        title = st.text_input("Title", placeholder="On call", max_chars=LONGEST_TITLE)
        pressed = st.form_submit_button("Begin a board", type="primary", icon=":material/dashboard:", disabled=locked())
    made: list[Board] = []
    if pressed and told(lambda: made.append(begin_board(current.case, title, writer()))):
        here.choose({CHOICE: made[0].id})
        st.rerun()


def _row(current: View, board: Board, row: list[Tile], number: int) -> None:
    left = COLUMNS - sum(one.width for one in row)
    places = st.columns([*(one.width for one in row), *([left] if left else [])], gap="small")
    for place, tile in zip(places, row, strict=False):
        with place, st.container(border=True, key=f"tile_{number}_{tile.id}"):
            show_tile(tile, current)
            if not current.presenting:
                _tile_ways(current, board, tile)


def _tile_ways(current: View, board: Board, tile: Tile) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall"):
        way_to(tile, current)
        wider = tile.width % COLUMNS + 1
        ways: dict[tuple[str, str], Callable[[Board, By], Board]] = {
            ("Width", ":material/width:"): lambda one, by: with_width(one, tile.id, wider, by),
            ("Back", ":material/arrow_back:"): lambda one, by: with_place(one, tile.id, -1, by),
            ("On", ":material/arrow_forward:"): lambda one, by: with_place(one, tile.id, 1, by),
            ("Away", ":material/close:"): lambda one, by: without_tile(one, tile.id, by),
        }
        for (label, icon), change in ways.items():
            _button(label, icon, f"{label}.{tile.id}", partial(_change, current, board, change))


def _button(label: str, icon: str, key: str, act: Callable[[], None]) -> None:
    st.button(label, icon=icon, key=key, on_click=act, type="tertiary", disabled=locked())


def _change(current: View, board: Board, change: Callable[[Board, By], Board]) -> None:
    who = writer()
    told(lambda: change_board(current.case, board.id, lambda one: change(one, who)))


def _away(current: View, board: Board) -> None:
    if told(lambda: take_board_away(current.case, board.id), "The board is in the trash beside the case."):
        here.leave_out(CHOICE)
