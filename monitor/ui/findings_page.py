"""The page Findings: what was found, pinned and said about it. It reads pins only, so it works when the data are gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

import pandas as pd
import streamlit as st

from monitor.case import Case
from monitor.charts import Chart
from monitor.export.discussion import Discussion, list_discussions
from monitor.export.html import to_html
from monitor.export.markdown import pins_markdown
from monitor.export.pin import Pin, pins_json, provenance_of, subject_of
from monitor.export.pins import LONGEST_COMMENT, Pins, comment, list_pins, put_back, unpin
from monitor.export.report import EXPECTED, pin_charts, pin_figures, pins_report
from monitor.export.shelf import Unreadable
from monitor.ui import navigation
from monitor.ui.address import Address
from monitor.ui.asking import ask_one, ask_page, picked
from monitor.ui.discussion_box import show_discussion
from monitor.ui.door import locked
from monitor.ui.here import link_to
from monitor.ui.looking import CELL, RUN
from monitor.ui.present import KeyFigure, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.status import severity, status_badge
from monitor.ui.text import md_escape
from monitor.ui.told import told
from monitor.ui.writer import ask_name
from monitor.vocabulary import Status
from monitor.wording import count_text, local_text, plural

OPEN = 2
"""So many cards stand open at first; the others show their sentence and comment."""
ON_A_PAGE = 20
_ORDERS = ("newest first", "most severe first")
_NUMBERS = ("Rows", "Score", "Limit", EXPECTED, "Before", "Then")
_LAST = "findings_last"
_NOT_IN_LINKS = frozenset({"present", "slide", "embed"})
_RENAMED = {("predictions", "cell"): CELL["predictions"], ("predictions", "run"): RUN["predictions"]}
"""Names in the views of older pins, by page."""


def findings_page() -> None:
    """Show the page."""
    current = view()
    found = list_pins(current.case)
    page_head("findings", *answer(found, current.case.timezone))
    if not current.presenting:
        _undo(current.case)
        _unreadable(found.unreadable)
    if found.pins:
        _figures(found.pins)
    shown, discussions = _controls(current, found.pins), list_discussions(current.case)
    if not current.presenting:
        _unreadable(discussions.unreadable)
    for place, one in enumerate(_on_this_page(shown)):
        _card(current, one, discussions.of.get(one.id), opened=place < OPEN)
    if not found.pins:
        empty_state(
            "Nothing is pinned in this case yet.",
            "Open Drift or Predictions, choose a cell of the heat map and press “Pin this finding” beside it.",
            page="drift",
        )


def answer(found: Pins, timezone: str) -> tuple[str, str]:
    """Say in one sentence how many findings are pinned, and in another which is the newest."""
    if not found.pins:
        return "No finding is pinned yet.", ""
    newest = found.pins[0]
    end = "" if newest.title.endswith(("…", ".")) else "."
    return f"{_many(found.pins)} pinned.", f"The newest, of {_when(newest, timezone)}: {newest.title}{end}"


def _many(pins: Sequence[Pin]) -> str:
    return "1 finding is" if len(pins) == 1 else f"{plural(len(pins), 'finding')} are"


def _when(one: Pin, timezone: str) -> str:
    try:
        return local_text(datetime.fromisoformat(one.created), timezone)
    except ValueError:
        return one.created


def _status(one: Pin) -> str:
    said = str(one.finding.get("status", ""))
    return said if said in set(Status) else Status.NOT_JUDGED.value


def _figures(pins: Sequence[Pin]) -> None:
    alerts = sum(_status(one) == Status.ALERT for one in pins)
    subjects = {subject_of(one) for one in pins}
    commented = sum(bool(one.comment.strip()) for one in pins)
    key_figures(
        [
            KeyFigure(
                "Findings pinned", count_text(len(pins)), f"on {plural(len(subjects), 'column or relation', 'columns or relations')}"
            ),
            KeyFigure("Alerts", count_text(alerts), f"of {count_text(len(pins))}"),
            KeyFigure("With a comment", count_text(commented), f"of {count_text(len(pins))}"),
        ]
    )


def _controls(current: View, pins: Sequence[Pin]) -> list[Pin]:
    """Show order, download and trash; return the pins in that order."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(pins) > 1:
            order = ask_one("findings_order", "Order", _ORDERS, usual=_ORDERS[0], width=180)
        else:
            order = picked("findings_order", _ORDERS, _ORDERS[0])
        if not current.presenting:
            _files_and_trash(current, pins)
            if pins:
                ask_name()
    return sorted(pins, key=lambda one: severity(_status(one))) if order == _ORDERS[1] else list(pins)


def _files_and_trash(current: View, pins: Sequence[Pin]) -> None:
    trash = list_pins(current.case, trashed=True).pins
    if pins:
        _downloads(pins, f"findings-{current.case_id}", f"Findings on {current.case.name}", label="Download all", key="all")
    if trash:
        with st.popover(f"Unpinned ({count_text(len(trash))})", icon=":material/delete:", key="findings_trash"):
            for one in trash:
                _trashed(current.case, one)


def _trashed(case: Case, one: Pin) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(md_escape(one.title), width="stretch")
        _button("Put back", ":material/undo:", f"back.{one.id}", lambda: _put_back(case, one))


def _on_this_page(pins: list[Pin]) -> list[Pin]:
    page = ask_page("findings_page", max(-(-len(pins) // ON_A_PAGE), 1))
    return pins[(page - 1) * ON_A_PAGE : page * ON_A_PAGE]


def _unreadable(files: Sequence[Unreadable]) -> None:
    for one in files:
        st.warning(md_escape(one.message), title=f"Not readable: {md_escape(one.path.name)}", icon=":material/warning:")


def _card(current: View, one: Pin, said: Discussion | None, *, opened: bool) -> None:
    with st.container(border=True, key=f"pin.{one.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            status_badge(_status(one))
            st.markdown(f"#### {md_escape(one.title)}", width="stretch")
        st.markdown(md_escape(one.sentence))
        _comment(current, one)
        show_discussion(current, one, said)
        _evidence(current, one, opened=opened)
        st.caption(md_escape(_made(one, current.case.timezone)))
        if not current.presenting:
            _actions(current, one)


def _comment(current: View, one: Pin) -> None:
    if current.presenting:
        lines = [md_escape(line) for line in one.comment.splitlines() if line.strip()]
        if lines:
            st.markdown("\n".join(f"> {line}  " for line in lines))
        return
    # A comment written in another window makes another widget, which starts with it.
    key = f"comment.{one.id}.{hash(one.comment)}"
    st.text_area(
        "Comment", one.comment, key=key, height="content", max_chars=LONGEST_COMMENT, placeholder="What do you make of it?",
        label_visibility="collapsed", on_change=_save_comment, args=(current.case, one, key), disabled=locked(),
    )  # fmt: skip


def _save_comment(case: Case, one: Pin, key: str) -> None:
    text = str(st.session_state.get(key) or "")
    told(lambda: comment(case, one.id, text, before=one.comment), "Comment saved.")


def _evidence(current: View, one: Pin, *, opened: bool) -> None:
    """Show the charts and figures that were pinned; nothing is measured again."""
    folded = st.expander(
        "Charts and figures",
        expanded=opened or current.presenting,
        key=f"charts.{one.id}",
        icon=":material/insert_chart:",
        on_change="rerun",
    )
    if not folded.open:
        return
    with folded:
        drawn, refused = pin_charts(one, theme=current.theme)
        _charts(one, drawn)
        for reason in refused:
            st.caption(md_escape(reason))
        _table(one)
        if not current.presenting:
            _provenance(one)


def _charts(one: Pin, drawn: Sequence[Chart]) -> None:
    """Show charts two by two; the last of an odd number has the whole width."""
    for first in range(0, len(drawn), 2):
        pair = drawn[first : first + 2]
        places = st.columns(2, gap="medium") if len(pair) == 2 else [st.container()]
        for place, chart, number in zip(places, pair, (first, first + 1), strict=False):
            with place:
                show_chart(chart, key=f"chart.{one.id}.{number}")


def _table(one: Pin) -> None:
    told = pin_figures(one)
    if not told.rows:
        return
    table = pd.DataFrame(told.rows, columns=list(told.columns))
    st.dataframe(
        table, hide_index=True, height=min(38 + 35 * len(table), 300),
        alt=f"Figures of {plural(len(table), 'window')} with their limit",
        column_config={name: st.column_config.TextColumn(alignment="right") for name in _NUMBERS if name in table},
    )  # fmt: skip
    if told.note:
        st.caption(md_escape(f"{told.note[0].upper()}{told.note[1:]}."))


def _provenance(one: Pin) -> None:
    provenance = provenance_of(one)
    if provenance is None:
        st.caption("This pin does not say how its numbers were computed.")
        return
    thresholds = provenance.settings.get("thresholds")
    facts = {"Case": one.case, "Compared with": str(provenance.settings.get("against")), "Windows": str(provenance.settings.get("windows"))}
    evidence(provenance, facts=facts | ({"Thresholds": str(thresholds)} if thresholds else {}), key=f"how.{one.id}")


def _made(one: Pin, timezone: str) -> str:
    """Say when, where and of which rows a pin was made."""
    page = next((entry.title for entry in navigation.REGISTRY if entry.url == one.analysis), one.analysis)
    selections, settings = one.provenance.get("selections"), one.provenance.get("settings")
    told = f"Pinned on {_when(one, timezone)} ({timezone}) on the page {page}"
    if isinstance(selections, dict) and isinstance(settings, dict):
        told += f": {selections.get('production')} against {selections.get('reference')}, windows of {settings.get('windows')}"
    return f"{told}."


def _actions(current: View, one: Pin) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        entry = next((entry for entry in navigation.entries() if entry.url == one.analysis), None)
        if entry is not None:
            link_to(entry.url, link_of(one, current.case_id), label="Open this view", icon=":material/arrow_forward:")
        _downloads([one], f"finding-{one.id}", f"Finding on {current.case.name}", label="Download", key=one.id)
        _button("Unpin", ":material/keep_off:", f"unpin.{one.id}", lambda: _unpin(current.case, one))


def link_of(one: Pin, case_id: str) -> Address:
    """Return the address that shows a pin's view again; what is looked at is its worst window if the view names nothing."""
    said = dict(parse_qsl(one.view.removeprefix("?")))
    query = {_RENAMED.get((one.analysis, name), name): text for name, text in said.items() if name not in _NOT_IN_LINKS}
    worst = str(one.finding.get("worst") or "")
    looked = {"window": worst} if one.analysis == "multivariate" and worst else {}
    if one.analysis in CELL and subject_of(one):
        looked = {CELL[one.analysis]: f"{subject_of(one)}~{worst}"}
    return Address.of({**looked, **query, "case": case_id})


def _downloads(pins: Sequence[Pin], name: str, title: str, *, label: str, key: str) -> None:
    forms: tuple[tuple[str, str, str, Callable[[], bytes]], ...] = (
        ("Markdown", "md", "text/markdown", lambda: pins_markdown(pins, title=title)),
        ("HTML with charts", "html", "text/html", lambda: to_html(pins_report(pins, title=title))),
        ("JSON", "json", "application/json", lambda: pins_json(pins)),
    )
    with st.popover(label, icon=":material/download:", key=f"files.{key}"), st.container(horizontal=True):
        for words, ending, mime, build in forms:
            st.download_button(words, build, f"{name}.{ending}", mime, key=f"{ending}.{key}", on_click="ignore")


def _unpin(case: Case, one: Pin) -> None:
    if told(lambda: unpin(case, one.id), ""):
        st.session_state[_LAST] = (str(case.root), one)


def _put_back(case: Case, one: Pin) -> None:
    st.session_state.pop(_LAST, None)
    told(lambda: put_back(case, one.id), "Pinned again.")


def _undo(case: Case) -> None:
    """Offer to put back what was unpinned last in this session."""
    folder, one = st.session_state.get(_LAST, ("", None))
    if one is None or folder != str(case.root):
        return
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"Unpinned: {md_escape(one.title)}", width="stretch")
        _button("Undo", ":material/undo:", "findings_undo", lambda: _put_back(case, one))


def _button(label: str, icon: str, key: str, act: Callable[[], None]) -> None:
    st.button(label, icon=icon, key=key, on_click=act, type="tertiary", disabled=locked())
