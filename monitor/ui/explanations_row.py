"""One row of the page Explanations: what made its prediction, which reference rows are like it, and what another value would have done."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.explanation_sources import is_number, numbers_of
from monitor.charts import Chart
from monitor.charts.explained import waterfall_chart
from monitor.export.explained import BARS
from monitor.judgement.narration.explained import signed
from monitor.stats.explanation.nearest import nearest_rows
from monitor.ui import here
from monitor.ui.asking import ask_one
from monitor.ui.explanations_closeup import Looked
from monitor.ui.present import show_chart
from monitor.ui.text import md_escape
from monitor.vocabulary import Task
from monitor.wording import number_text, plural

OFFERED = 60
"""Sampled rows that can be chosen, those with the highest predictions."""
NEAREST = 5
TRIED = 6
"""Columns whose values can be changed: those that added most."""


def one_row(looked: Looked) -> None:
    """Show one sampled row, folded."""
    folded = st.expander(
        "One row: why, what is like it, what if", icon=":material/person_search:", key="explanations_one", on_change="rerun"
    )
    if not folded.open:
        return
    with folded:
        rows = _offered(looked)
        if not len(rows):
            st.caption("No sampled row lies in this window.")
            return
        names = {str(one): _name(looked, int(one)) for one in rows}
        at = int(ask_one("explanations_row", "Row", list(names), usual=str(rows[0]), format_func=names.__getitem__, width=420))
        left, right = st.columns(2, gap="medium")
        with left:
            show_chart(_waterfall(looked, at), key="explanations_row_chart")
        with right:
            _what_if(looked, at)
        _nearest(looked, at)


def _offered(looked: Looked) -> NDArray[np.int64]:
    """Return positions of sampled rows of production, the highest predictions first."""
    _, production = looked.judged.result.of_class(looked.klass).raw
    inside = np.arange(len(production.raw)) if looked.kept is None else np.flatnonzero(looked.kept[production.window])
    return inside[np.argsort(-production.raw[inside], kind="stable")][:OFFERED]


def _name(looked: Looked, at: int) -> str:
    frame, roles = looked.judged.result.sides[1].frame, looked.current.case.roles
    named = str(frame[roles.id].iloc[at]) if roles.id in frame else f"sampled row {at + 1}"
    return f"{named} · {number_text(_told(looked, at))}"


def _told(looked: Looked, at: int) -> float:
    return float(looked.judged.result.of_class(looked.klass).told[1].raw[at])


def _waterfall(looked: Looked, at: int) -> Chart:
    """Draw the parts of one prediction, from the mean of the background."""
    result = looked.judged.result
    side, k = result.of_class(looked.klass).raw[1], [one.klass for one in result.classes].index(looked.klass)
    values, base, frame = side.values[at], float(result.attributions.base[k]), result.sides[1].frame
    order = np.argsort(-np.abs(values), kind="stable")
    names = result.attributions.columns
    parts = [(f"{result.label(names[j])} = {_value(frame, names[j], at)}", float(values[j])) for j in order[:BARS]]
    if len(order) > BARS:
        parts.append((f"{plural(len(order) - BARS, 'other column')} together", float(values[order[BARS:]].sum())))
    place, rows = base, [_end("Mean of the background", base, "before")]
    for label, value in parts:
        rows.append(
            {
                "label": label, "column": None, "start": place, "end": place + value, "far": max(place, place + value), "value": value,
                "lower": np.nan, "upper": np.nan, "part": "up" if value >= 0 else "down", "said": signed(value),
            }
        )  # fmt: skip
        place += value
    rows.append(_end("This row", float(side.raw[at]), "after"))
    said = f"Why this row got {number_text(_told(looked, at))}"
    return waterfall_chart(pd.DataFrame(rows), unit=result.attributions.unit, title=said, theme=looked.current.theme)


def _end(label: str, value: float, part: str) -> dict[str, Any]:
    ends = {"start": value, "end": value, "far": value, "value": value}
    return {"label": label, "column": None, **ends, "lower": np.nan, "upper": np.nan, "part": part, "said": ""}


def _value(frame: pd.DataFrame, name: str, at: int) -> str:
    value = frame[name].iloc[at] if name in frame else None
    if value is None or pd.isna(value):
        return "missing"
    return number_text(float(value), 6) if is_number(frame[name]) else str(value)[:40]


def _nearest(looked: Looked, at: int) -> None:
    """Show the reference rows that are most like this one, columns weighed by how much they matter."""
    result = looked.judged.result
    known = [name for name in result.attributions.columns if name in result.sides[1].frame]
    frames = [side.frame for side in result.sides]
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
    table.insert(1, "Model says", [number_text(one) for one in (told[1].raw[at], *told[0].raw[order])])
    table.insert(2, "Apart", ["", *(number_text(float(one), 2) for one in distance)])
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


def _what_if(looked: Looked, at: int) -> None:
    """Let other values be tried, and ask the model again."""
    result = looked.judged.result
    model, frame = result.plan.model, result.sides[1].frame
    if model is None:
        st.caption("What another value would have done cannot be asked: the case brings attributions, but no model.")
        return
    if here.presenting():
        return
    values = result.of_class(looked.klass).raw[1].values[at]
    names = [result.attributions.columns[j] for j in np.argsort(-np.abs(values), kind="stable")[:TRIED]]
    with st.form(f"explanations_try_{at}", border=True):
        st.markdown("**What if?** :small[:gray[Change values and ask the model again]]")
        with st.grid(2, min_column_width=150):
            changed = {name: _field(looked, name, at) for name in names}
        asked = st.form_submit_button("Ask again", icon=":material/replay:")
    if not asked:
        return
    row = frame.iloc[[at]].copy()
    for name, value in changed.items():
        row[name] = pd.Series([value], index=row.index, dtype=frame[name].dtype if value is not None else object)
    margin = np.asarray(model.raw(row), dtype=float).reshape(1, -1)
    k = [one.klass for one in result.classes].index(looked.klass)
    probability = result.task is Task.BINARY and result.attributions.log_odds
    after = float(special.expit(margin[0, k]) if probability else margin[0, k])
    before = _told(looked, at)
    st.markdown(
        f"The model says **{md_escape(number_text(after))}**, {md_escape(signed(after - before))} against {md_escape(number_text(before))}."
    )


def _field(looked: Looked, name: str, at: int) -> Any:
    """Ask for another value of a column: a number, or one of the levels of the reference."""
    frames, label = [side.frame for side in looked.judged.result.sides], md_escape(looked.judged.result.label(name))
    value, key = frames[1][name].iloc[at], f"explanations_try_{at}_{name}"
    if is_number(frames[1][name]) and is_number(frames[0][name]) and not _few(looked, name):
        return st.number_input(label, value=None if pd.isna(value) else float(value), placeholder="missing", key=key)
    levels = list(pd.unique(pd.concat([frames[0][name], frames[1][name]]).dropna()))
    options = sorted(levels, key=str)[:500]
    place = next((i for i, one in enumerate(options) if one == value), None)
    return st.selectbox(label, options, index=place, placeholder="missing", format_func=lambda one: md_escape(str(one)), key=key)


def _few(looked: Looked, name: str) -> bool:
    """Say whether a column of numbers is watched as one of levels."""
    return str(looked.current.case.kinds.get(name, "")) == "categorical"
