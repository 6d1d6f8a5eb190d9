"""How the numbers of a drift screen came about."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from monitor.charts import Chart
from monitor.export.results import as_result
from monitor.judgement.drift import FIXED, JudgedDrift
from monitor.judgement.window_texts import text_of
from monitor.ui.present import downloads, evidence
from monitor.wording import count_text, list_text, number_text, plural


def show_evidence(result: JudgedDrift, method: str, title: str, charts: Mapping[str, Chart]) -> None:
    """Show how the numbers of a drift screen came about, and offer them as files."""
    sides, thresholds = result.result.sides, result.thresholds
    facts = {
        "Method": title,
        "Compared with": str(result.provenance.settings.get("against")),
        "Expectation": f"{plural(len(sides.groups), 'window')} of {result.result.called.a} and chance for the number of rows; how much "
        f"runs of windows vary without change ({plural(len(sides.blocks.windows), 'block')} of time tell how rows hang together)",
        "Smallest effect": f"{number_text(thresholds.floor_of(method))}; an alert from {number_text(thresholds.alert)} times that, "
        "or from halfway to the largest possible score",
        "Limit": "of a window: the score from which it alone alarms; of a run: that of all its rows together; corrections included",
        "Correction": f"Holm at {number_text(thresholds.q)} over {plural(result.family, 'column')}, each with all its questions and runs",
        "Too few rows": f"windows of fewer than {count_text(thresholds.min_rows)} rows are not judged",
        "Thresholds from": "[thresholds] of case.toml, the slider above, else the defaults of docs/methods.md",
        "Could see": "the smallest change of one window that alarms on this screen in 4 of 5 cases, allowing for chance and for how much "
        "windows vary without change",
    }
    if fixed := _fixed_words(result):
        facts["Fixed thresholds"] = fixed
    if sides.baseline.excluded:
        facts["Left out of baselines"] = f"{list_text([text_of(result, one) for one in sides.baseline.excluded], 10)}: marked as incidents"
    with st.container(horizontal=True):
        downloads(as_result(result), charts, name=result.result.analysis, key=f"{result.result.analysis}_files")
    evidence(result.provenance, facts=facts, key=f"{result.result.analysis}_evidence")


def _fixed_words(result: JudgedDrift) -> str:
    """Name the columns and methods that an analyst's fixed threshold decides, whatever chance does."""
    rows = result.table[result.table["threshold_from"] == FIXED].drop_duplicates(["column", "method"])
    said = [f"{row['label']} ({row['method']}) from {number_text(float(row['limit']))}" for _, row in rows.iterrows()]
    return f"{list_text(said, 10)}, set by the analyst" if said else ""
