"""The page Set-up: which case, what its columns mean, what is wrong with it, and a new case from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd
import streamlit as st

from monitor.case import Case, WindowSize, save_case
from monitor.engine import Workspace, open_workspace
from monitor.engine.readings import READ
from monitor.engine.suggesting import suggest_roles, with_roles
from monitor.errors import DatesUndecidedError, DriftscopeError
from monitor.gate import Right
from monitor.tables import Skipped
from monitor.ui.asking import on_change_of, picked, prepare
from monitor.ui.door import locked
from monitor.ui.mapping import KIND_WORDS, ROLE_WORDS, apply_mapping, mapping_table
from monitor.ui.new_case import format_choice, new_case_form
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, key_figures, page_head
from monitor.ui.state import known_cases, view, window_choices
from monitor.ui.text import md_escape
from monitor.ui.trusting import show_trust
from monitor.ui.work import kept
from monitor.vocabulary import Role, Task
from monitor.wording import count_text, plural

_READ_AS = (
    "How text is read: a date format such as %d/%m/%Y %H:%M, or number, decimal comma, percent, currency €, unit kg (several with commas "
    "between). Empty: as it stands"
)
THIS, NEW = "This case", "A new case"


def setup_page() -> None:
    """Show the page."""
    usual = THIS if known_cases() else NEW
    prepare("setup_tab", picked("setup_tab", (THIS, NEW), usual))
    tabs = st.tabs([THIS, NEW], key="setup_tab", on_change=on_change_of("setup_tab", usual))
    if tabs[0].open:
        with tabs[0]:
            _this_case()
    if tabs[1].open:
        with tabs[1]:
            page_head("setup", "Make a case of your own data")
            new_case_form()


def _this_case() -> None:
    current = view()
    try:
        opened = workspace(current)
    except DatesUndecidedError as error:
        page_head("setup", "Dates cannot be read without a word of yours.")
        _undecided(current.case, error.choices)
        return
    table = mapping_table(opened)
    page_head("setup", _answer(opened, table))
    _figures(opened, table)
    _problems((*opened.skipped, *opened.notes))
    _undecided(current.case, {name: one.choices for name, one in opened.readings.items() if one.rival or one.zones})
    _unsure(current.case)
    _suggested(opened)
    show_trust(current)
    head, edited = _head(current.case), _columns(current.case, table)
    segments, protected, threshold = _more_roles(current.case, table)
    if st.button("Check and save case.toml", type="primary", icon=":material/save:", disabled=locked(Right.OWN)):
        _save(head, (table, edited), segments, protected, threshold)
    st.caption(f"The file: {md_escape(current.case.root / 'case.toml')}. Comments in it are kept.")


def _answer(opened: Workspace, table: pd.DataFrame) -> str:
    features = int((table["role"] == ROLE_WORDS[Role.FEATURE]).sum())
    words = f"{plural(features, 'feature')} of {plural(len(table), 'column')} are watched"
    return f"{words}; {plural(len(opened.skipped), 'thing')} to look at." if opened.skipped else f"{words}."


def _figures(opened: Workspace, table: pd.DataFrame) -> None:
    present = [data for data in ("reference", "production", "labels") if data in opened.sources]
    rows = [KeyFigure(f"Rows of {data}", count_text(opened.rows(data)), _files(opened, data)) for data in present]
    shares = table[["missing", "missing_now"]].max(axis=1).fillna(0.0)
    emptiest = table.iloc[int(shares.to_numpy().argmax())]
    both = f"{opened.case.label(str(emptiest['column']))}; reference {emptiest['missing']:.1%}, production {emptiest['missing_now']:.1%}"
    worst = KeyFigure("Most missing", f"{shares.max():.1%}", both.replace("nan%", "none"))
    key_figures([*rows, worst])


def _files(opened: Workspace, data: str) -> str:
    files = len(opened.source(data).files)
    return plural(files, "file") if files else "a database table"


def _problems(found: Sequence[Skipped]) -> None:
    read = [one for one in found if one.reason == READ]
    if read:
        with st.expander(f"How text is read: {plural(len(read), 'column')}", icon=":material/translate:"):
            st.markdown("\n".join(f"- {md_escape(one.message)}" for one in read))
    for one in (one for one in found if one.reason != READ):
        st.warning(md_escape(one.message), title=md_escape(one.what), icon=":material/warning:")


def _undecided(case: Case, choices: Mapping[str, tuple[str, str]]) -> None:
    """Ask how to read columns whose values all have two formats; the answer is written under [formats]."""
    if not choices:
        return
    with st.container(border=True):
        formats = {column: format_choice(column, both, key=f"formats.{case.root}") for column, both in choices.items()}
        if st.button("Read them so", icon=":material/check:", disabled=locked(Right.OWN)):
            _write(replace(case, formats={**case.formats, **formats}))


def _unsure(case: Case) -> None:
    folder, doubts = st.session_state.get("unsure", ("", ()))
    if doubts and folder == str(case.root):
        with st.expander(f"Guessed, but not certain: {plural(len(doubts), 'thing')} to check", icon=":material/help:", expanded=True):
            st.markdown("\n".join(f"- {md_escape(doubt)}" for doubt in doubts))


def _suggested(opened: Workspace) -> None:
    """Offer the roles that columns seem to have, with the reason of each; one click takes those that are ticked."""
    key = ("suggested roles", opened.fingerprint("reference"), opened.case.key(judged=False))
    found = kept(key, lambda: tuple(suggest_roles(opened)))
    if not found:
        return
    with st.expander(f"Roles that columns seem to have: {count_text(len(found))}", icon=":material/lightbulb:"):
        told = {
            one.column: f"{md_escape(one.column)}: {ROLE_WORDS.get(one.role, str(one.role))} ({md_escape(one.reason)})" for one in found
        }
        ticked = [one for one in found if st.checkbox(told[one.column], value=True, key=f"suggested.{opened.case.root}.{one.column}")]
        if st.button("Use the ticked roles", icon=":material/check:", disabled=not ticked or locked(Right.OWN)):
            _write(with_roles(opened.case, ticked))


def _write(wanted: Case) -> None:
    """Open the data with the case first; only a case that can be opened is written."""
    try:
        with st.spinner("Reading the data with these roles"), open_workspace(wanted):
            save_case(wanted)
    except DriftscopeError as error:
        st.error(md_escape(error), title="Not saved", icon=":material/error:")
        return
    st.session_state.pop("unsure", None)
    st.toast("Saved", icon=":material/check_circle:")
    st.rerun()


def _head(case: Case) -> Case:
    st.markdown("##### The model")
    with st.container(horizontal=True):
        name = st.text_input("Name", case.name, width=280, key=f"name.{case.root}")
        owner = st.text_input("Owner, who is told", case.owner, width=230, key=f"owner.{case.root}")
        task = st.selectbox("Task", list(Task), list(Task).index(case.task), format_func=str, width=150, key=f"task.{case.root}")
        size = st.selectbox("Window", window_choices(case), width=130, key=f"size.{case.root}")
        zone = st.text_input("Time zone", case.timezone, width=180, key=f"zone.{case.root}")
    return replace(
        case,
        name=name.strip() or case.name,
        owner=owner.strip(),
        task=task or case.task,
        windows=WindowSize.parse(size or str(case.windows)),
        timezone=zone.strip() or "UTC",
    )


def _columns(case: Case, table: pd.DataFrame) -> pd.DataFrame:
    st.markdown("##### The columns")
    config = {
        "column": st.column_config.TextColumn("Column", pinned=True),
        "role": st.column_config.SelectboxColumn("Role", options=list(ROLE_WORDS.values()), required=True, help="What the column is"),
        "kind": st.column_config.SelectboxColumn("Kind", options=list(KIND_WORDS), required=True, help="How it is measured"),
        "label": st.column_config.TextColumn("Label", width="medium", help="What people read on every screen, with its unit"),
        "type": st.column_config.TextColumn("Type"),
        "format": st.column_config.TextColumn("Read as", help=_READ_AS),
        "missing": st.column_config.NumberColumn("Missing, reference", format="percent", help="Share of a sample without a value"),
        "missing_now": st.column_config.NumberColumn("Missing, production", format="percent", help="Share of a sample without a value"),
        "distinct": st.column_config.NumberColumn("Distinct", format="localized", help="Different values in a sample"),
        "examples": st.column_config.TextColumn("Examples", width="medium"),
        "why": st.column_config.TextColumn("Why this kind", width="medium"),
        "where": st.column_config.TextColumn("In"),
    }
    fixed = ["column", "type", "missing", "missing_now", "distinct", "examples", "why", "where"]
    edited = st.data_editor(
        table, column_config=config, disabled=fixed, hide_index=True, key=f"columns.{case.root}", height=min(38 + 35 * len(table), 560),
        alt="Columns of the data with role, kind, label, type, missing share, distinct values and examples",
    )  # fmt: skip
    return pd.DataFrame(edited)


def _more_roles(case: Case, table: pd.DataFrame) -> tuple[list[str], list[str], float | None]:
    names = list(table["column"])
    with st.container(horizontal=True):
        segments = st.multiselect(
            "Segments, to look at parts of the rows", names, _among(case.roles.segments, names), key=f"segments.{case.root}"
        )
        protected = st.multiselect("Protected, for fairness", names, _among(case.roles.protected, names), key=f"protected.{case.root}")
        threshold = st.number_input(
            "Score from which the model says positive", 0.0, 1.0, case.roles.threshold, step=0.01, width=280, key=f"threshold.{case.root}",
            disabled=case.task is not Task.BINARY,
        )  # fmt: skip
    return list(segments), list(protected), threshold


def _among(wanted: Sequence[str], names: Sequence[str]) -> list[str]:
    return [name for name in wanted if name in names]


def _save(
    head: Case, tables: tuple[pd.DataFrame, pd.DataFrame], segments: Sequence[str], protected: Sequence[str], threshold: float | None
) -> None:
    before, after = tables
    try:
        wanted = apply_mapping(head, before, after, segments=segments, protected=protected, threshold=threshold)
    except DriftscopeError as error:
        st.error(md_escape(error), title="Not saved", icon=":material/error:")
        return
    _write(wanted)
