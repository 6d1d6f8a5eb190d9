"""The segment in the global bar: values picked from a list, a condition in SQL, and a chip for each that is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from monitor.analyses.chosen_sides import SIDES
from monitor.analyses.condition_words import condition_words
from monitor.case import Case
from monitor.engine import Workspace, value_counts
from monitor.errors import SelectionError
from monitor.ui import asking, here
from monitor.ui.picks import Condition, read_condition
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Kind, Role
from monitor.wording import count_text

OF: Mapping[str, str] = {"both sides": "where", "only A": SIDES["a"]["where"], "only B": SIDES["b"]["where"]}
"""Whose rows a value is picked of, and which parameter of the address says so."""
FIRST = (Role.SEGMENT, Role.PROTECTED, Role.MODEL_VERSION)
MOST_LEVELS = 500
CHIP = 48
"""Letters of a condition that its chip has room for."""
_COLUMN, _VALUES, _OF, _SAID = "pick_column", "pick_values", "pick_of", "pick_said"


def segment(case: Case | None, workspace: Workspace | None) -> None:
    """Show the pick list of columns and values, and the condition in SQL."""
    if case is not None and workspace is not None:
        _pick_list(case, workspace)
    asking.bar_text(
        "where", "Only rows where (SQL)", placeholder=example_condition(workspace),
        help="A condition in SQL over the columns of the data, for both sides; it is checked before it is run.",
    )  # fmt: skip


def offered_columns(workspace: Workspace) -> list[str]:
    """Return the columns whose values can be picked: segments first, then others with few values; of one type in both data sets."""
    found = []
    for name, info in workspace.columns.items():
        facts = workspace.facts.get(name)
        listed = info.role in FIRST or (
            info.kind in (Kind.CATEGORICAL, Kind.BOOLEAN) and facts is not None and facts.distinct <= MOST_LEVELS
        )
        if listed and set(info.types) == {"reference", "production"} and len(set(info.types.values())) == 1 and info.role is not Role.ID:
            found.append(name)
    segments = workspace.case.roles.segments
    return sorted(found, key=lambda name: (name not in segments, workspace.columns[name].role not in FIRST))


def example_condition(workspace: Workspace | None) -> str:
    """Return a condition that can be written of these data: the first column of few levels at its commonest; empty where there is none."""
    columns = [] if workspace is None else offered_columns(workspace)
    if workspace is None or not columns:
        return ""
    counts = kept(("example condition", workspace.fingerprint("reference")), lambda: value_counts(workspace, "reference", columns[0]))
    return f"{_name(columns[0])} = {_text(next(iter(counts)))}" if counts else ""


def _name(column: str) -> str:
    return column if column.isidentifier() else '"' + column.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _pick_list(case: Case, workspace: Workspace) -> None:
    columns = offered_columns(workspace)
    if not columns:
        st.caption("No column has few enough values to pick from; write a condition.")
        return
    column = st.selectbox(
        "Column", columns, index=None, key=_COLUMN, format_func=case.label, placeholder="Choose a column", on_change=_forget_values
    )
    if column is None:
        return
    of = str(st.segmented_control("Of", list(OF), key=_OF, default="both sides", required=True, on_change=_forget_values) or "both sides")
    counts = _counts(workspace, column)
    picked = read_condition(here.asked(OF[of]) or "").picked(column)
    asking.prepare_once(_VALUES, list(picked))
    st.multiselect(
        "Values", list(dict.fromkeys([*picked, *counts])), key=_VALUES, placeholder="Choose values",
        format_func=lambda one: f"{one} ({count_text(counts.get(one, 0))})",
        help="How many rows of both data sets have each value.",
    )  # fmt: skip
    st.button("Apply", key="pick_apply", type="primary", icon=":material/check:", on_click=_apply, args=(OF[of], column))
    if said := st.session_state.pop(_SAID, None):
        st.warning(md_escape(said), icon=":material/error:")


def _counts(workspace: Workspace, column: str) -> dict[str, int]:
    """Return the values of a column with their rows in both data sets, the most frequent first."""
    found: dict[str, int] = {}
    for data in ("reference", "production"):
        for value, rows in value_counts(workspace, data, column).items():
            found[value] = found.get(value, 0) + rows
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def _forget_values() -> None:
    st.session_state.pop(_VALUES, None)


def _apply(name: str, column: str) -> None:
    values: Sequence[str] = st.session_state.get(_VALUES) or []
    _change(name, read_condition(here.asked(name) or "").pick(column, values))


def _change(name: str, condition: Condition) -> None:
    try:
        here.choose({name: condition.sql or None})
    except SelectionError as error:
        st.session_state[_SAID] = str(error)


def chips(case: Case) -> None:
    """Show what rows are looked at, one chip for each value list or condition; pressing it takes it back."""
    for of, name in OF.items():
        condition = read_condition(here.asked(name) or "")
        side = "" if name == "where" else f"{of.removeprefix('only ')}: "
        for one in condition.picks:
            _chip(name, f"{side}{one.told(case.label(one.column))}", condition.pick(one.column, ()))
        if condition.written:
            _chip(name, f"{side}{condition_words(condition.written, case.label)}", Condition(condition.picks))


def _chip(name: str, said: str, without: Condition) -> None:
    text = " ".join(said.split())
    short = text if len(text) <= CHIP else f"{text[: CHIP - 1].rstrip()}…"
    key = f"chip.{name}.{text}"
    st.button(md_escape(short), key=key, icon=":material/close:", on_click=_change, args=(name, without), help="Take it back")
