"""The page Rows: which rows are behind a number or a mark? Filtered, sorted and paged in DuckDB."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from monitor.analyses.attributions import STAND_IN
from monitor.analyses.rows import selection_of_windows
from monitor.analyses.sides import Question
from monitor.engine import RowPage, Selection, both_conditions, build_cells, cells_predicate, open_matrix, page_of_rows, position_of
from monitor.engine.identifiers import quote
from monitor.errors import ColumnMissingError, MethodError, SelectionError, nearest
from monitor.export.files import to_csv, to_parquet
from monitor.judgement.judged import names_of
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.profile import Ints
from monitor.registry import REGISTRY
from monitor.ui import here
from monitor.ui.asking import ask_one, ask_page, ask_text, ask_two, picked
from monitor.ui.measuring import judged_for, question_of
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state, page_head
from monitor.ui.row_close_up import row_close_up
from monitor.ui.rows_behind import NARROWING, finding_asked, rows_behind
from monitor.ui.rows_told import Told, ask_for_more, told_of, unit_of
from monitor.ui.state import View, view
from monitor.ui.work import kept
from monitor.vocabulary import Kind, Role
from monitor.wording import count_text, list_text, number_text, plural

PAGE = "rows"
SHOWN = 50
"""Rows of one page."""
MOST_EXPORTED = 100_000
FILE_ORDER = "as in the files"
EVERY = "all"
REASON, EXPLAINED = "Unlike the others because", "The model says so because"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: rows of a side, what tells them from all rows of it, in words, and where that are single rows their `places`;
    `of_finding` says the finding whose rows they are, and `counted` how many it has."""

    side: str
    question: Question
    selection: Selection
    told: tuple[str, ...]
    places: Ints | None = None
    of_finding: str = ""
    counted: int = 0


def rows_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    question = question_of(current)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        side = _side()
        chosen = question.reference if side == "a" else question.production
        columns = _columns(current, chosen.data)
        first, last = _windows(current, chosen)
        where = ask_text("rows_where", "Condition", placeholder=_example(current, columns), width=360)
        by, descending = _order(current, columns)
    try:
        asked = _asked(current, Asked(side, question, chosen, ()), (first, last), where.strip())
        page = _page(current, asked, columns, (by, descending))
    except (SelectionError, ColumnMissingError, MethodError) as error:
        with head:
            page_head(PAGE, "These rows cannot be shown.")
        empty_state(str(error), "Change the condition, the windows or the cell.")
        _take_back(current)
        return
    with head:
        page_head(PAGE, f"{plural(page.total, 'row')} of {_called(side, chosen)}.", _told(asked))
    if not page.total:
        empty_state("No row meets all of this.", "Take a condition back, or choose other windows.")
        _take_back(current)
        return
    told = told_of(current, asked.question, side, page)
    _table(current, asked, page, columns, told)
    with st.container(horizontal=True):
        ask_for_more(current, side, told)
        _take_back(current)
        _downloads(current, asked, columns, (by, descending))
    row_close_up(current, asked.question, (asked.selection, side), columns, page, told)


def _example(current: View, columns: Sequence[str]) -> str:
    """Return a condition on columns of the case, of names (`IS NOT NULL`) and of numbers."""
    kinds, case = workspace(current).columns, current.case
    first = {kinds[name].kind: name for name in reversed(columns) if case.roles.of(name) is Role.FEATURE}
    told = {Kind.CATEGORICAL: "IS NOT NULL", Kind.NUMERIC: "> 0"}
    return " AND ".join(f"{quote(first[kind])} {rest}" for kind, rest in told.items() if kind in first)


def _called(side: str, selection: Selection) -> str:
    return "the reference" if selection.data == "reference" else selection.data if side == "b" else "production (A)"


def _side() -> str:
    return "a" if ask_two("rows_side", "Side", "B", {"a": "A"}) == "a" else "b"


def _columns(current: View, data: str) -> list[str]:
    """Return the columns of a side: who and when first, then what the model answered, then the rest."""
    opened = workspace(current)
    held = [name for name, info in opened.columns.items() if data in info.types]
    roles = current.case.roles
    first = [name for name in (roles.id, roles.timestamp, roles.prediction) if name in held]
    first += [name for name in held if roles.of(name) in (Role.SCORE, Role.LABEL) and name not in first]
    return [*first, *(name for name in held if name not in first)]


def _windows(current: View, chosen: Selection) -> tuple[str, str]:
    """Ask for the first and the last window; rows that no time cuts are looked at whole."""
    if not current.windows.calendar or workspace(current).schema.time(chosen.data) is None:
        for name in ("rows_from", "rows_to"):
            picked(name, [EVERY], EVERY)
        return EVERY, EVERY
    opened = workspace(current)
    key = ("windows of rows", opened.fingerprint(chosen.data), current.case.key(judged=False), chosen, str(current.windows))
    windows = kept(key, lambda: open_matrix(opened, chosen, {}, windows=current.windows).windows)
    names = names_of(windows, current.windows, current.case.timezone)
    bounds = zip(windows.ids, windows.start, windows.end, strict=True)
    words = {EVERY: "All windows"} | {one: names.text(start, end, one, year=True) for one, start, end in bounds}
    first = ask_one("rows_from", "Window", list(words), usual=EVERY, format_func=words.__getitem__, width=230)
    if first == EVERY:
        return EVERY, EVERY
    later = [one for one in windows.ids if windows.ids.index(one) >= windows.ids.index(first)]
    last = ask_one("rows_to", "To", later, usual=first, format_func=words.__getitem__, width=230)
    return first, last


def _order(current: View, columns: list[str]) -> tuple[str | None, bool]:
    labels = {FILE_ORDER: FILE_ORDER} | {name: current.case.label(name) for name in columns}
    by = ask_one("rows_sort", "Sort by", list(labels), usual=FILE_ORDER, format_func=labels.__getitem__, width=230)
    if by == FILE_ORDER:
        return None, False
    return by, ask_two("rows_order", "Order", "Smallest first", {"descending": "Largest first"}) == "descending"


def _asked(current: View, asked: Asked, windows: tuple[str, str], where: str) -> Asked:
    """Narrow the side to windows, a cell and a condition.

    Raises
    ------
    SelectionError, ColumnMissingError
        One of them cannot be honoured.
    """
    selection, told = asked.selection, list(asked.told)
    if windows[0] != EVERY:
        selection = selection_of_windows(selection, *windows, size=current.windows, timezone=current.case.timezone)
    asked = _of_finding(current, replace(asked, selection=selection))
    selection, told = asked.selection, list(asked.told)
    cell = _cell(current, selection.data)
    for condition, words in (cell, (where, " ".join(where.split()))):
        if condition:
            both = both_conditions(selection.where, condition) if selection.where else condition
            selection, told = replace(selection, where=both), [*told, words]
    return replace(asked, selection=selection, told=tuple(told))


def _of_finding(current: View, asked: Asked) -> Asked:
    """Narrow the side to the rows of the finding that the address names.

    Raises
    ------
    SelectionError
        There is no such finding with these choices.
    """
    named = here.asked("rows_finding")
    if named is None or asked.side == "a":
        return asked
    analysis, _, name = named.partition("/")
    if analysis not in REGISTRY:
        raise SelectionError(f"There is no analysis '{analysis[:40]}'.{nearest(analysis, REGISTRY)}")
    judged = judged_for(current, analysis)
    behind = rows_behind(workspace(current), judged, finding_asked(judged, name))
    return replace(asked, selection=behind.narrowed(asked.selection), of_finding=behind.told, places=behind.places, counted=behind.counted)


def _cell(current: View, data: str) -> tuple[str, str]:
    """Return the condition of the cells that the address names, and how people call them; empty where it names none."""
    column, members = here.asked("rows_column"), here.asked("rows_cells")
    if column is None or members is None:
        return "", ""
    opened = workspace(current)
    cells = next(iter(build_cells(opened, (column,)).values()))
    chosen = [int(one) for one in members.split(",")]
    wrong = next((one for one in chosen if one >= cells.width), None)
    if wrong is not None:
        raise SelectionError(f"'{column}' has {cells.width} cells, and the address asks for cell {wrong}. Choose another one.")
    names = list(dict.fromkeys(cells.labels[one] for one in chosen))
    words = names[0] if len(names) == 1 else f"{names[0]} … {names[-1]}" if cells.numeric else list_text(names)
    return cells_predicate(opened, cells, chosen, data), f"{current.case.label(column)}: {words}"


def _told(asked: Asked) -> str:
    told = [f"Of the finding: {asked.of_finding}"] if asked.of_finding else []
    return " ".join([*told, *([f"Where {'; '.join(asked.told)}."] if asked.told else [])])


def _page(current: View, asked: Asked, columns: list[str], order: tuple[str | None, bool]) -> RowPage:
    opened = workspace(current)
    prints = opened.fingerprint(asked.selection.data)

    def read(first: int) -> RowPage:
        chosen = None if asked.places is None else asked.places.tobytes()
        key = ("page of rows", prints, current.case.key(judged=False), asked.selection, chosen, tuple(columns), order, first)
        only = asked.places
        return kept(key, lambda: page_of_rows(opened, asked.selection, columns, order=order, first=first, most=SHOWN, among=only))

    start = read(0)
    number = ask_page("rows_page", max(-(-start.total // SHOWN), 1), usual=_page_of_row(current, asked, order))
    return start if number == 1 else read((number - 1) * SHOWN)


def _page_of_row(current: View, asked: Asked, order: tuple[str | None, bool]) -> int:
    """Return the page that the chosen row stands on, where rows stand as in the files; else the first."""
    chosen = here.asked("rows_row")
    if chosen is None or order[0] is not None:
        return 1
    file, row = (int(part) for part in chosen.split("-"))
    found = position_of(workspace(current), asked.selection, (file, row), among=asked.places)
    return 1 if found is None else found // SHOWN + 1


def _reasons(found: JudgedOutliers, page: RowPage) -> list[str]:
    """Return why each row is unlike the others; empty of those that are not."""
    rows = found.table.drop_duplicates(["file", "row"])
    words = dict(zip(zip(rows["file"], rows["row"], strict=True), rows["reason"], strict=True))
    return [words.get((int(file), int(row)), "") for file, row in page.place]


def _table(current: View, asked: Asked, page: RowPage, columns: list[str], told: Told) -> None:
    data = pd.DataFrame(page.table.to_pandas())
    if told.explained is not None:
        data.insert(0, f"{EXPLAINED} ({unit_of(told.explained)})", told.said[: len(data)])
    if told.outliers is not None:
        data.insert(0, REASON, _reasons(told.outliers, page))

    def look() -> None:
        event = st.session_state.get(f"{PAGE}_table")
        rows = event["selection"]["rows"] if event else []
        place = page.place[rows[0]] if rows and rows[0] < len(page.place) else None
        here.choose({"rows_row": None if place is None else f"{place[0]}-{place[1]}"})

    labels: dict[str, Any] = {name: current.case.label(name) for name in columns if current.case.label(name) != name}
    st.dataframe(
        data, hide_index=True, height=420, key=f"{PAGE}_table", selection_mode="single-row", on_select=look, column_config=labels,
        alt="The rows",
    )  # fmt: skip
    said = f"{count_text(len(page.place))} of {plural(page.total, 'row')} on this page; choose one to see it beside near rows."
    if asked.places is not None and not asked.told and page.total < asked.counted:
        said += f" The finding counts {plural(asked.counted, 'row')}; those that lie farthest out are told one by one."
    if told.explained is not None and told.explained.attributions.source == STAND_IN:
        fidelity = number_text(told.explained.attributions.fidelity, 2)
        said += f" A stand-in for the model is explained: it follows the logged scores with R² {fidelity} on rows that it had not seen."
    st.caption(said)


def _take_back(current: View) -> None:
    """Offer to look at all rows again, where something narrows them."""
    names = tuple(one for one in (*NARROWING, "rows_row", "rows_page") if one != "rows_side")
    if not current.presenting and any(here.asked(name) for name in names):
        st.button("All rows of this side", key=f"{PAGE}_all", icon=":material/filter_alt_off:", on_click=here.leave_out, args=names)


def _downloads(current: View, asked: Asked, columns: list[str], order: tuple[str | None, bool]) -> None:
    """Offer the rows as files, in the chosen order; they are read when asked for."""

    def frame() -> pd.DataFrame:
        found = page_of_rows(workspace(current), asked.selection, columns, order=order, most=MOST_EXPORTED, among=asked.places)
        return pd.DataFrame(found.table.to_pandas())

    with st.popover("Download", icon=":material/download:", key=f"{PAGE}_files"):
        st.caption(f"All of these rows in this order, at most {count_text(MOST_EXPORTED)}")
        name = f"rows-{current.case_id}"
        st.download_button("CSV", lambda: to_csv(frame()), f"{name}.csv", "text/csv", key=f"{PAGE}_csv", on_click="ignore")
        mime = "application/vnd.apache.parquet"
        st.download_button("Parquet", lambda: to_parquet(frame()), f"{name}.parquet", mime, key=f"{PAGE}_parquet", on_click="ignore")
