"""Charts and numbers of pages as tiles: what a page offers, and what a tile shows, computed of the rows that its address names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import streamlit as st

from monitor.charts import stored_chart
from monitor.errors import DriftscopeError, SelectionError
from monitor.export.boards import Board, Kind, Tile, begin_board, change_board, list_boards, tile_of, with_tile
from monitor.registry import REGISTRY
from monitor.registry.goals import goals_of
from monitor.registry.live import GOALS
from monitor.registry.pictures import Named, Number, named, numbers_of, numbers_of_goals, pictures_of, pictures_of_goals
from monitor.ui import here
from monitor.ui.address import Address
from monitor.ui.again import view_of
from monitor.ui.door import locked
from monitor.ui.measuring import judged_for, question_of
from monitor.ui.navigation import PageEntry, entry
from monitor.ui.opened import workspace
from monitor.ui.present import show_chart
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.told import told
from monitor.ui.writer import writer

PAGE = "boards"
HEIGHT = 220
NEW = "A new board"
KINDS: Mapping[Kind, str] = {"chart": "Chart", "number": "Number"}
_NOT_KEPT = ("case", "present", "slide")


def offers(page: str) -> bool:
    """Say whether a page has charts and numbers that can stand on a board."""
    return page in REGISTRY or page == GOALS


def offer(page: PageEntry) -> None:
    """Offer, below a page, to put one of its charts or numbers on a board."""
    if not offers(page.url) or locked():
        return
    folded = st.expander(
        "Put a chart or number of this page on a board", icon=":material/dashboard_customize:", key="to_board", on_change="rerun"
    )
    if not folded.open:
        return
    with folded:
        try:
            _form(page.url, view())
        except DriftscopeError as error:
            st.caption(md_escape(error))


def _form(page: str, current: View) -> None:
    kind: Kind = "number" if st.radio("What", list(KINDS.values()), horizontal=True, key="to_board_kind") == KINDS["number"] else "chart"
    found = things_of(page, kind, current)
    if not found:
        st.caption("There is nothing of that kind on this page now.")
        return
    boards = {one.id: one.title for one in list_boards(current.case).boards}
    with st.form("to_board_form", border=False):
        what = st.selectbox("Which", list(found), format_func=lambda one: found[one].title, key="to_board_what")
        where = st.selectbox("On", [*boards, ""], format_func=lambda one: boards.get(one, NEW), key="to_board_board")
        title = st.text_input("Title of a new board", key="to_board_title", placeholder="On call, the board of May …")
        if st.form_submit_button("Put there", type="primary") and what is not None:
            _put(current, tile_of(page, what, kind, view=_query(current, page), title=found[what].title), (where or "", title))


def _put(current: View, tile: Tile, place: tuple[str, str]) -> None:
    who = writer()
    board_id, title = place

    def put() -> Board:
        target = board_id or begin_board(current.case, title or current.case.name, who).id
        return change_board(current.case, target, lambda one: with_tile(one, tile, who))

    told(put, "It is on the board.")


def _query(current: View, page: str) -> str:
    """Return the address of a page without what is no choice of rows."""
    said = current.address.change({"win": str(current.windows)}).of_page(page).without(_NOT_KEPT)
    return urlencode(said.query(), doseq=True)


def things_of(page: str, kind: Kind, asked: View) -> Mapping[str, Named]:
    """Return the charts or numbers of a page, by their names.

    Raises
    ------
    SelectionError
        The page has none that could stand on a board.
    """
    if page == GOALS:
        tree = goals_of(workspace(asked), question_of(asked), lambda name: judged_for(asked, name))
        return numbers_of_goals(tree) if kind == "number" else pictures_of_goals(tree)
    if page not in REGISTRY:
        raise SelectionError(f"The page '{page}' has nothing that could stand on a board.")
    if lacking := REGISTRY[page].lacks(asked.case):
        raise SelectionError(lacking)
    judged = judged_for(asked, page)
    return numbers_of(judged) if kind == "number" else pictures_of(judged)


def address_of(tile: Tile, case_id: str) -> Address:
    """Return the address that a tile is computed by."""
    return Address.of({**dict(parse_qsl(tile.view)), "case": case_id}).without(("present", "slide"))


def show_tile(tile: Tile, current: View) -> None:
    """Show what a tile names, as the data say it now; what cannot be computed is told in its place."""
    try:
        made: Any = named(things_of(tile.page, tile.kind, view_of(address_of(tile, current.case_id), current)), tile.what).make()
    except DriftscopeError as error:
        st.markdown(f"**{md_escape(tile.title or tile.what)}**")
        st.warning(md_escape(error), icon=":material/error:")
        return
    if isinstance(made, Number):
        st.metric(md_escape(made.label), made.value, delta=made.beside or None, delta_color="off", delta_arrow="off")
    elif made is None:
        st.markdown(f"**{md_escape(tile.title or tile.what)}**")
        st.caption("There is nothing to draw yet.")
    else:
        chart = stored_chart(made, theme=current.theme)
        own = chart.spec.get("height")
        show_chart(chart, key=f"tile.{tile.id}", height=min(own, HEIGHT) if isinstance(own, int) else None)


def way_to(tile: Tile, current: View) -> None:
    """Show the way to the page of a tile, at its address."""
    if offers(tile.page):
        here.link_to(tile.page, address_of(tile, current.case_id), label=entry(tile.page).title)
