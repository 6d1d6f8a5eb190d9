"""One row of the page Explanations: what made its prediction, which reference rows are like it, and what another value would have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.attributions import is_number, numbers_of
from monitor.analyses.explained_rows import ExplainedRows, RowExplainer, sampled_rows
from monitor.engine import places_of
from monitor.errors import DriftscopeError
from monitor.judgement.narration.explained import signed
from monitor.stats.explanation.nearest import nearest_rows
from monitor.ui import here
from monitor.ui.asking import ask_one, ask_text
from monitor.ui.explained_row import row_waterfall
from monitor.ui.explanations_closeup import Looked
from monitor.ui.measuring import question_of
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state, show_chart
from monitor.ui.text import md_escape
from monitor.ui.work import run_cancellable
from monitor.vocabulary import Task
from monitor.wording import number_text, plural

OFFERED = 60
"""Sampled rows that can be chosen, those with the highest predictions."""
NEAREST = 5
TRIED = 6
"""Columns whose values can be changed: those that added most."""


@dataclass(frozen=True, slots=True)
class One:
    """A row: where it stands among explained `rows`, the position of the class, and a `name` that no other row has."""

    rows: ExplainedRows
    at: int
    k: int
    name: str

    @property
    def told(self) -> float:
        """What the model says of it."""
        return float(self.rows.told(self.k)[self.at])


def one_row(looked: Looked) -> None:
    """Show one row, folded: a sampled one, or any by its id."""
    folded = st.expander(
        "One row: why, what is like it, what if", here.asked("explanations_id") is not None, icon=":material/person_search:",
        key="explanations_one", on_change="rerun",
    )  # fmt: skip
    if not folded.open:
        return
    with folded:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            sampled, named = _sampled(looked), _by_id(looked)
        one = named or sampled
        if one is None:
            st.caption("No sampled row lies in this window.")
            return
        left, right = st.columns(2, gap="medium")
        with left:
            show_chart(row_waterfall(one.rows, one.at, one.k, theme=looked.current.theme), key="explanations_row_chart")
        with right:
            _what_if(looked, one)
        _nearest(looked, one)


def _class_at(looked: Looked) -> int:
    return [one.klass for one in looked.judged.result.classes].index(looked.klass)


def _sampled(looked: Looked) -> One | None:
    """Ask for a sampled row; None where the window has none."""
    rows = _offered(looked)
    if not len(rows):
        return None
    names = {str(one): _name(looked, int(one)) for one in rows}
    at = int(ask_one("explanations_row", "Row", list(names), usual=str(rows[0]), format_func=names.__getitem__, width=420))
    return One(sampled_rows(looked.judged.result), at, _class_at(looked), str(at))


def _by_id(looked: Looked) -> One | None:
    """Ask for any row of production by its id, and explain it; None where none is asked for, or there is no such."""
    current, column = looked.current, looked.current.case.roles.id
    opened, result = workspace(current), looked.judged.result
    if column is None or column not in opened.columns or result.sides[1].data not in opened.columns[column].types:
        return None
    text = ask_text("explanations_id", "Or any row by its id", placeholder=f"{current.case.label(column)}", width=260).strip()
    if not text:
        return None
    question = question_of(current)

    def work(progress: Any, cancel: Any) -> tuple[int, ExplainedRows | None]:
        places = places_of(opened, question.production, column, text)
        explainer = RowExplainer(opened, result.plan, result.sides[0], question.seed)
        found = explainer.rows(question.production.data, places[:1], progress=progress, cancel=cancel) if len(places) else None
        return len(places), found

    try:
        many, rows = run_cancellable(("explained row", *looked.key, text), work, text="Explaining the row")
    except DriftscopeError as error:
        empty_state(str(error), "Choose a sampled row.")
        return None
    if rows is None:
        empty_state(f"No row of production that is looked at has the {current.case.label(column)} {text[:60]}.", "Look at its spelling.")
        return None
    if many > 1:
        st.caption(f"{plural(many, 'row')} have this id; the first one is explained.")
    return One(rows, 0, _class_at(looked), f"id {text}")


def _offered(looked: Looked) -> NDArray[np.int64]:
    """Return positions of sampled rows of production, the highest predictions first."""
    _, production = looked.judged.result.of_class(looked.klass).raw
    inside = np.arange(len(production.raw)) if looked.kept is None else np.flatnonzero(looked.kept[production.window])
    return inside[np.argsort(-production.raw[inside], kind="stable")][:OFFERED]


def _name(looked: Looked, at: int) -> str:
    frame, roles = looked.judged.result.sides[1].frame, looked.current.case.roles
    named = _id_text(frame[roles.id].iloc[at]) if roles.id in frame else f"sampled row {at + 1}"
    return f"{named} · {number_text(_told(looked, at))}"


def _id_text(value: Any) -> str:
    """Return an id as it stands in the data; numbers are read as such, and whole ones have no decimals.

    >>> _id_text(7368.0), _id_text(2.5), _id_text("A-1")
    ('7368', '2.5', 'A-1')
    """
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _told(looked: Looked, at: int) -> float:
    return float(looked.judged.result.of_class(looked.klass).told[1].raw[at])


def _nearest(looked: Looked, one: One) -> None:
    """Show the reference rows that are most like this one, columns weighed by how much they matter."""
    result = looked.judged.result
    at, frames = one.at, [result.sides[0].frame, one.rows.frame]
    known = [name for name in result.attributions.columns if name in frames[1]]
    numeric = [name for name in known if is_number(frames[0][name])]
    levels = [name for name in known if name not in numeric]
    weight = dict(zip(result.attributions.columns, result.of_class(looked.klass).raw[0].pooled(absolute=True).value, strict=True))
    numbers = [numbers_of(frame, numeric) for frame in frames]
    codes = _codes(frames, levels)
    by = np.array([weight[name] for name in numeric]), np.array([weight[name] for name in levels])
    order, distance = nearest_rows((numbers[1][at], codes[1][at]), numbers[0], codes[0], by, most=NEAREST)
    told = result.of_class(looked.klass).told
    shown = sorted(known, key=lambda name: -weight[name])[:12]
    table = pd.concat([frames[1][shown].iloc[[at]], frames[0][shown].iloc[order]], ignore_index=True).astype(object)
    table = table.rename(columns={name: result.label(name) for name in shown}).map(_shown)
    table.insert(0, "Row", ["this one", *(f"reference {i + 1}" for i in range(len(order)))])
    table.insert(1, "Model says", [number_text(score) for score in (one.told, *told[0].raw[order])])
    table.insert(2, "Apart", ["", *(number_text(float(far), 2) for far in distance)])
    st.markdown("**The reference rows that are most like it**  \n:small[:gray[Apart: mean over columns, weighed by how much they matter]]")
    st.dataframe(table, hide_index=True, alt="The row, and the reference rows that are most like it")


def _shown(value: Any) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return "missing"
    return number_text(float(value), 6) if isinstance(value, (int, float, np.number)) else str(value)[:60]


def _codes(frames: list[pd.DataFrame], levels: list[str]) -> list[NDArray[np.int64]]:
    """Return the levels of both sides as codes that they share; missing is a level."""
    found = [np.zeros((len(frame), len(levels)), dtype=np.int64) for frame in frames]
    for j, name in enumerate(levels):
        both = pd.concat([frame[name].astype(object) for frame in frames], ignore_index=True)
        code = pd.factorize(both.map(str, na_action="ignore"))[0]
        found[0][:, j], found[1][:, j] = code[: len(frames[0])], code[len(frames[0]) :]
    return found


def _what_if(looked: Looked, one: One) -> None:
    """Let other values be tried, and ask the model again."""
    result = looked.judged.result
    model, frame, at = result.plan.model, one.rows.frame, one.at
    if model is None:
        st.caption("What another value would have done cannot be asked: the case brings attributions, but no model.")
        return
    if here.presenting():
        return
    names = [name for name, _ in one.rows.parts(at, one.k)[:TRIED]]
    with st.form(f"explanations_try_{one.name}", border=True):
        st.markdown("**What if?** :small[:gray[Change values and ask the model again]]")
        with st.grid(2, min_column_width=150):
            changed = {name: _field(looked, name, one) for name in names}
        asked = st.form_submit_button("Ask again", icon=":material/replay:")
    if not asked:
        return
    row = frame.iloc[[at]].copy()
    for name, value in changed.items():
        row[name] = pd.Series([value], index=row.index, dtype=frame[name].dtype if value is not None else object)
    margin = np.asarray(model.raw(row), dtype=float).reshape(1, -1)
    probability = result.task is Task.BINARY and result.attributions.log_odds
    after = float(special.expit(margin[0, one.k]) if probability else margin[0, one.k])
    before = one.told
    st.markdown(
        f"The model says **{md_escape(number_text(after))}**, {md_escape(signed(after - before))} against {md_escape(number_text(before))}."
    )


def _field(looked: Looked, name: str, one: One) -> Any:
    """Ask for another value of a column: a number, or one of the levels of the reference."""
    frames, label = [looked.judged.result.sides[0].frame, one.rows.frame], md_escape(looked.judged.result.label(name))
    value, key = frames[1][name].iloc[one.at], f"explanations_try_{one.name}_{name}"
    if is_number(frames[1][name]) and is_number(frames[0][name]) and not _few(looked, name):
        return st.number_input(label, value=None if pd.isna(value) else float(value), placeholder="missing", key=key)
    levels = list(pd.unique(pd.concat([frames[0][name], frames[1][name]]).dropna()))
    options = sorted(levels, key=str)[:500]
    place = next((i for i, level in enumerate(options) if level == value), None)
    return st.selectbox(label, options, index=place, placeholder="missing", format_func=lambda level: md_escape(str(level)), key=key)


def _few(looked: Looked, name: str) -> bool:
    """Say whether a column of numbers is watched as one of levels."""
    return str(looked.current.case.kinds.get(name, "")) == "categorical"
