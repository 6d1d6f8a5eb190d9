"""What the page Rows tells of each row when it is asked: why it is unlike the others, and why the model says what it says of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from monitor.analyses.explained_rows import ExplainedRows, RowExplainer, row_explainer
from monitor.analyses.explanations import ROWS
from monitor.analyses.sides import Question
from monitor.engine import RowPage, rows_at
from monitor.errors import DriftscopeError
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.profile import Ints
from monitor.registry import find_analysis
from monitor.ui import here
from monitor.ui.explained_row import row_words
from monitor.ui.measuring import already_judged, judged_of, result_key
from monitor.ui.opened import workspace
from monitor.ui.present import empty_state
from monitor.ui.state import View
from monitor.ui.work import kept, run_cancellable

OUTLIERS, EXPLAINED = "rows_outliers", "rows_explained"


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of the rows at `places` (n, 2), those of a page and the chosen one: the outliers of production, and the rows explained;
    None where it was not asked for."""

    places: Ints
    outliers: JudgedOutliers | None
    explained: ExplainedRows | None

    def at(self, place: tuple[int, int]) -> int | None:
        """Return where a row stands among them; None where it does not."""
        same = (self.places == list(place)).all(axis=1).nonzero()[0]
        return int(same[0]) if len(same) else None

    @property
    def said(self) -> list[str]:
        """Why the model says what it says of each explained row."""
        rows = self.explained
        return [] if rows is None else [row_words(rows, at, leading(rows)) for at in range(len(rows.frame))]


def told_of(current: View, question: Question, side: str, page: RowPage) -> Told:
    """Return what is known of the rows of a page, or is asked for here."""
    data = (question.reference if side == "a" else question.production).data
    places = _places(current, data, page)
    return Told(places, None if side == "a" else _outliers(current), _explained(current, question, data, places))


def _places(current: View, data: str, page: RowPage) -> Ints:
    """Return where the rows of a page stand, and the chosen one where it is on another page."""
    asked = here.asked("rows_row")
    chosen = np.array([[int(part) for part in asked.split("-")]] if asked else np.zeros((0, 2)), dtype=np.int64)
    there = len(chosen) and rows_at(workspace(current), data, chosen, [next(iter(workspace(current).source(data).types))]).num_rows
    known = not there or (page.place == chosen).all(axis=1).any()
    return page.place if known else np.concatenate([page.place, chosen])


def _outliers(current: View) -> JudgedOutliers | None:
    """Return the outliers of production: those that were looked for already, or are asked for here; None else."""
    found: JudgedOutliers | None = already_judged(current, "outliers")
    if found is not None or here.asked(OUTLIERS) is None:
        return found
    try:
        asked: JudgedOutliers = judged_of(current, "outliers")
    except DriftscopeError as error:
        empty_state(f"Why rows are unlike the others cannot be said: {error}", "Check the features on the page Set-up.", page="setup")
        return None
    return asked


def _explained(current: View, question: Question, data: str, places: Ints) -> ExplainedRows | None:
    """Return the rows of a page explained, where that is asked for and can be done; None else."""
    if here.asked(EXPLAINED) is None or find_analysis("explanations").lacks(current.case):
        return None
    opened = workspace(current)
    key = ("row explainer", opened.fingerprint(data), result_key(opened, current, "explanations", ("default",)))

    def work(progress: Any, cancel: Any) -> RowExplainer:
        return row_explainer(opened, question, rows=ROWS, progress=progress, cancel=cancel)

    try:
        explainer = run_cancellable(key, work, text="Preparing explanations")
        found = kept((*key, data, places.tobytes()), lambda: explainer.rows(data, places))
    except DriftscopeError as error:
        empty_state(f"These rows cannot be explained: {error}", "Name the model file in [model] of case.toml.", page="setup")
        return None
    if not found.attributions.trusted:
        empty_state("What a stand-in says that does not follow the scores would mislead.", "Name the model file in [model].", page="setup")
        return None
    return found


def leading(rows: ExplainedRows) -> int:
    """Return the class that rows are told of: the only one, or that whose scores lie farthest above what is usual."""
    found = rows.attributions
    return int((found.raw - found.base).mean(axis=0).argmax()) if found.raw.shape[1] > 1 else 0


def unit_of(rows: ExplainedRows) -> str:
    """Return what the parts of an explanation are measured in, and of which class."""
    klass = rows.attributions.classes[leading(rows)]
    return f"{rows.attributions.unit} of {klass}" if klass else rows.attributions.unit


def ask_for_more(current: View, side: str, told: Told) -> None:
    """Offer what is not told yet."""
    if current.presenting:
        return
    if side == "b" and told.outliers is None:
        st.button(
            "Say why rows are unlike the others", key="rows_tell_outliers", icon=":material/scatter_plot:",
            on_click=here.choose, args=({OUTLIERS: "yes"},),
        )  # fmt: skip
    if here.asked(EXPLAINED) is None and not find_analysis("explanations").lacks(current.case):
        st.button(
            "Explain what the model says", key="rows_tell_explained", icon=":material/lightbulb:",
            on_click=here.choose, args=({EXPLAINED: "yes"},),
        )  # fmt: skip
