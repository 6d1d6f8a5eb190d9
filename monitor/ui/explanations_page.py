"""The page Explanations: which columns moved what the model says?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from monitor.analyses.attributions import STAND_IN
from monitor.charts import Chart
from monitor.export.explained import importance_picture, map_picture, summary_picture, waterfall_picture
from monitor.export.quadrant import quadrant_picture
from monitor.export.results import as_result
from monitor.judgement.explanation_answer import explanations_answer, reproduction_beside, reproduction_text
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.finding import Finding
from monitor.judgement.window_texts import texts_of
from monitor.registry import find_analysis
from monitor.ui import here
from monitor.ui.asking import ask_one, ask_part, picked
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.explanations_closeup import Looked, Maybe, close_up
from monitor.ui.explanations_row import one_row
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of, screen
from monitor.ui.present import chart_names, downloads, empty_state, evidence, page_head, selected, show_chart
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.wording import count_text, number_text

PAGE = "explanations"
SIZES = ("500", "2000", "8000")
ALL = "all windows"
"""What the choice of a window says of all of them together."""


def explanations_page() -> None:
    """Show the page."""
    current = view()
    if lacking := find_analysis(PAGE).lacks(current.case):
        page_head(PAGE, "What the model says cannot be explained here.")
        empty_state(lacking, "Name what the model answered in [roles], and its file in [model] of case.toml.", page="setup")
        return
    head, controls = st.container(), st.container(horizontal=True, vertical_alignment="bottom", key="explanations_controls")
    with controls:
        size = ask_one(
            "explanations_rows", "Rows of each side", SIZES, usual="2000", format_func=lambda one: count_text(int(one)), width=130
        )
    judged: JudgedExplanations = judged_of(current, PAGE, rows=int(size))
    with controls:
        looked = _looked(current, judged, size)
    with head:
        said = explanations_answer(judged, looked.kept, looked.klass)
        page_head(PAGE, said.headline, said.doubt)
        beside, good = reproduction_beside(judged)
        if beside:
            st.caption(f":material/{'verified' if good else 'warning'}: {md_escape(beside)}")
        show_cautions(current, judged)
    if not judged.result.attributions.trusted:
        empty_state("What a stand-in says that does not follow the scores would mislead.", "Name the model file in [model].", page="setup")
        skipped_note(judged)
        return
    charts = _change(looked)
    charts |= _by_window(looked)
    charts |= close_up(looked)
    charts |= _importance(looked)
    one_row(looked)
    skipped_note(judged)
    with st.container(horizontal=True):
        downloads(as_result(judged), charts, name=PAGE, key="explanations_files")
    evidence(judged.provenance, facts=_facts(judged), key="explanations_evidence")


def _looked(current: View, judged: JudgedExplanations, size: str) -> Looked:
    """Ask which windows, class and unit are looked at."""
    result, names = judged.result, texts_of(judged)
    window = ALL
    if len(judged.windows) > 1:
        options = [ALL, *judged.windows.ids]
        window = ask_one("explanations_window", "Window", options, usual=ALL, format_func=lambda one: names.get(one, ALL), width=220)
    klass = result.leading.klass
    if len(result.classes) > 1:
        klass = ask_one("explanations_class", "Class", [one.klass for one in result.classes], usual=klass, width=180)
    raw = False
    if result.classes[0].probability is not None:
        units = [result.told_unit, result.attributions.unit]
        raw = ask_part("explanations_unit", "Unit", units, usual=units[0]) == units[1]
    columns = list(result.attributions.columns)
    found = [one for one in judged.findings if one.note == klass]
    lead = int(np.argmax(np.abs(result.of_class(klass).told_fall().contributions)))
    usual = found[0].what.removesuffix(f" [{klass}]") if found else columns[lead]
    column = picked("explanations_column", columns, usual)
    chosen = None if window == ALL else np.array([one == window for one in judged.windows.ids])
    key = (*judged_key(current, PAGE, rows=int(size)), window, klass, current.theme)
    return Looked(current=current, judged=judged, key=key, klass=klass, window=window, kept=chosen, raw=raw, column=column)


def _from_chart(key: str) -> None:
    """Look at the column whose mark was clicked."""
    found = selected(key)
    column = found[0].get("column") if isinstance(found, list) and found else None
    if column:
        here.choose({"explanations_column": str(column)})


def _clicked(key: str) -> Callable[[], None]:
    return lambda: _from_chart(key)


def _change(looked: Looked) -> dict[str, Chart]:
    """Show why the mean moved, and beside it how far columns moved on their own."""
    judged, theme = looked.judged, looked.current.theme
    charts: dict[str, Chart] = {
        "waterfall": looked.keep(
            ("waterfall", looked.raw, looked.column),
            lambda: waterfall_picture(judged, looked.klass, looked.kept, raw=looked.raw, selected=looked.column, theme=theme),
        )
    }
    left, right = st.columns(2, gap="medium")
    with left:
        show_chart(charts["waterfall"], key="explanations_waterfall", on_select=_clicked("explanations_waterfall"))
    with right:
        drift = screen(looked.current).judged
        chart = looked.keep(
            ("quadrant", looked.column),
            lambda: Maybe(quadrant_picture(judged, looked.klass, drift, looked.kept, selected=looked.column, theme=theme)),
        ).chart
        if chart is None:
            empty_state("No column of the model was measured for drift.", "Columns that the data do not have cannot be placed here.")
        else:
            charts["quadrant"] = chart
            show_chart(chart, key="explanations_quadrant", on_select=_clicked("explanations_quadrant"))
    return charts


def _by_window(looked: Looked) -> dict[str, Chart]:
    """Show what columns add by window, beside what was found."""
    judged, charts = looked.judged, {}
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        chart = looked.keep(
            ("map", looked.column), lambda: map_picture(judged, looked.klass, selected=looked.column, theme=looked.current.theme)
        )
        charts["by-window"] = chart
        show_chart(chart, key="explanations_map", on_select=_clicked("explanations_map"))
    with right:
        if judged.findings:
            findings_list(looked.current, judged, PAGE, _look)
        else:
            empty_state("No column adds more or less than before, beyond chance.", "The waterfall says what the whole change is made of.")
    return charts


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _importance(looked: Looked) -> dict[str, Chart]:
    """Show how much columns matter, and what each adds by its values; folded, for they are many."""
    judged, theme, names = looked.judged, looked.current.theme, chart_names(looked.judged.called)
    folded = st.expander("How much columns matter", icon=":material/leaderboard:", key="explanations_more", on_change="rerun")
    if not folded.open:
        return {}
    with folded:
        ranked = looked.keep(("importance",), lambda: importance_picture(judged, looked.klass, looked.kept, names=names, theme=theme))
        show_chart(ranked, key="explanations_importance")
        wide = looked.keep(("summary",), lambda: Maybe(summary_picture(judged, looked.klass, looked.kept, names=names, theme=theme))).chart
        if wide is not None:
            show_chart(wide, key="explanations_summary")
    return {"importance": ranked, **({} if wide is None else {"summary": wide})}


def _facts(judged: JudgedExplanations) -> dict[str, str]:
    result, found, figures = judged.result, judged.result.attributions, judged.provenance.summary
    of_background = f"{count_text(found.background)} rows of the reference" if found.background else "that of whoever made them"
    return {
        "Attributions": f"{found.explainer}, in {found.unit}; they add up to what the model says but for {number_text(found.error, 2)}",
        "Background": f"{of_background}, the same for both sides: what columns left out take their values from",
        "Rows": f"a seeded sample of each window; each stands for the rows that its window holds (seed {judged.provenance.seed})",
        "Waterfall": f"mean attribution now less before, by column; left over {number_text(figures['residual'], 2)} {found.unit}",
        **_in_probability(judged),
        **({"Does it reproduce?": told} if (told := reproduction_text(judged)) else {}),
        **({"Stand-in": f"R² {number_text(found.fidelity, 2)} of the logged scores on rows held out"} if found.source == STAND_IN else {}),
        "Interval": "95 %; rows of one stretch of time that hang together count as fewer",
        "NDCG": f"{number_text(figures['ndcg'])}, p {number_text(figures['ndcg_p_value'], 2)} by shuffles of stretches of time. It sees "
        "the order only: no scale, nothing where columns matter alike, hardly a swap of the first two. No verdict rests on it",
        "Limit": "how mean attributions and their sizes vary between the reference's own windows, all runs and all columns allowed for",
        "Floor": f"{number_text(judged.thresholds.floor)} standard deviations of the reference's predictions ({result.attributions.unit})",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over all of them",
        **({"Explainer": found.note} if found.note else {}),
    }


def _in_probability(judged: JudgedExplanations) -> dict[str, str]:
    result = judged.result
    if result.classes[0].probability is None:
        return {}
    if len(result.classes) > 1:
        return {
            "In probability": "what the attributions of all classes move the probability of one by, on the straight line from the "
            "background's log-odds to the row's: the change of its mean is split exactly; they are not Shapley values of the probability"
        }
    return {
        "In probability": "attributions of a row in log-odds, scaled so that they add up to its probability: no sign turns, and the change "
        "of the mean probability is split exactly; they are not Shapley values of the probability itself"
    }
