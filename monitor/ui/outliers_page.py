"""The page Outliers: which rows are unlike anything before, and why?"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from monitor.analyses.outlier_shares import ALL
from monitor.analyses.outlier_told import DRAWN, ENSEMBLE
from monitor.charts import Chart, scatter_chart
from monitor.charts.chart import Names
from monitor.errors import MethodError
from monitor.export.charts import to_vega_lite
from monitor.export.finding_pins import outlier_pin
from monitor.export.finding_sections import outlier_chart
from monitor.export.results import as_result
from monitor.judgement.finding import Finding
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.window_texts import text_of
from monitor.registry import find_analysis, screen_answer
from monitor.stats.outliers.members import MEMBERS, TITLES
from monitor.ui import here
from monitor.ui.annotations import annotation_table
from monitor.ui.asking import ask_one, ask_page
from monitor.ui.cautions import show_cautions
from monitor.ui.comparing import skipped_note
from monitor.ui.findings_list import findings_list
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.pinning import keep, pin_drawer, pin_key
from monitor.ui.present import KeyFigure, chart_names, downloads, empty_state, evidence, key_figures, page_head, show_chart
from monitor.ui.rows_behind import NARROWING
from monitor.ui.state import View, view
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.wording import count_text, number_text, plural, share_text

PAGE = "outliers"
EVERY = "all windows"
SHOWN = 20
"""Rows of one page of the list."""
KINDS = {"global": "a column far out", "local": "no near row", "dependency": "columns do not fit"}


def outliers_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    try:
        judged: JudgedOutliers = judged_of(current, PAGE)
    except MethodError as error:
        with head:
            page_head(PAGE, "Whether rows are unlike the others cannot be said here.")
        empty_state(str(error), "Check which columns are features on the page Set-up.", page="setup")
        return
    with head:
        said = screen_answer(judged)
        page_head(PAGE, said.headline, said.doubt)
        show_cautions(current, judged)
        _figures(judged)
    charts = _timeline(current, judged)
    charts |= _rows_and_map(current, judged)
    _segments(judged)
    skipped_note(judged)
    with st.container(horizontal=True):
        if judged.findings and not current.presenting:
            _pin_button(current, judged, charts)
        downloads(as_result(judged), charts, name=PAGE, key=f"{PAGE}_files")
    evidence(judged.provenance, facts=_facts(judged), key=f"{PAGE}_evidence")


def _figures(judged: JudgedOutliers) -> None:
    result, rows = judged.result, int(judged.result.rows.sum())
    a = judged.called.a
    kinds = judged.table.loc[judged.table["method"] == ENSEMBLE, "kind"].value_counts()
    commonest = "none" if kinds.empty else KINDS[str(kinds.index[0])]
    told = f"{share_text(kinds.iloc[0] / kinds.sum(), 2)} of the rows told" if len(kinds) else "no row is flagged"
    key_figures(
        [
            KeyFigure("Flagged rows", count_text(judged.flagged), f"of {count_text(rows)}"),
            KeyFigure("Flagged share", share_text(judged.flagged / max(rows, 1), 2), f"{share_text(judged.expected, 2)} without change"),
            KeyFigure(
                "Worst stretch", share_text(judged.worst_stretch, 2), f"of {a}, held out",
                help="Rows of one time hang together: so large a share of one stretch of the reference was flagged when it was held out.",
            ),
            KeyFigure(
                "Without a near row", share_text(judged.unsupported, 2), "0.1% without change",
                help="Traffic that the reference shows nothing like: farther from every row of it than 999 in 1,000 of its own rows are.",
            ),
            KeyFigure("Most often", commonest, told, help=f"{plural(result.calibration, 'row')} of {a} say what is usual."),
        ]
    )  # fmt: skip


def _timeline(current: View, judged: JudgedOutliers) -> dict[str, Chart]:
    """Show the share of flagged rows by window, beside what was found."""
    titles = dict(zip(judged.shares["what"], judged.shares["label"], strict=True))
    left, right = st.columns([0.6, 0.4], gap="medium")
    with left:
        chosen = ask_one("outliers_of", "Share of flagged rows of", list(titles), usual=ALL, format_func=titles.__getitem__, width=320)
        made = (PAGE, judged_key(current, PAGE), chosen, current.theme)
        notes = annotation_table(current.case)
        chart = kept((*made, "by window"), lambda: outlier_chart(judged, chosen, annotations=notes, theme=current.theme))
        show_chart(chart, key=f"{PAGE}_by_window")
    with right:
        if judged.findings:
            findings_list(current, judged, PAGE, _look, pins=False)
        else:
            empty_state("No window has more flagged rows than usual.", "Below: the rows that lie farthest out, each with its reason.")
    return {"by-window": chart}


def _look(finding: Finding) -> None:
    here.choose(find_analysis(PAGE).look(finding))


def _rows_and_map(current: View, judged: JudgedOutliers) -> dict[str, Chart]:
    """Show the flagged rows with their reasons, and where they lie."""
    rows = judged.table[judged.table["method"] == ENSEMBLE]
    if rows.empty:
        empty_state("No row is flagged.", "Every row has enough like it in the reference.")
        return {}
    ids = [one for one in judged.windows.ids if one in set(rows["window"])]
    words = {EVERY: "All windows"} | {one: text_of(judged, one) for one in ids}
    window = ask_one("outliers_window", "Window", list(words), usual=EVERY, format_func=words.__getitem__, width=320)
    mine = rows if window == EVERY else rows[rows["window"] == window]
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        _list(current, judged, mine)
    with right:
        key = (PAGE, "map", judged_key(current, PAGE), window, current.theme)
        chart = kept(key, lambda: _map(judged, window, current))
        show_chart(chart, key=f"{PAGE}_map")
    return {"map": chart}


def _list(current: View, judged: JudgedOutliers, rows: pd.DataFrame) -> None:
    st.markdown(f"**{plural(len(rows), 'flagged row')}, the farthest out first**")
    untold = judged.flagged - int(judged.table["method"].eq(ENSEMBLE).sum())
    if untold > 0:
        st.caption(f"{plural(untold, 'more row')} that lie less far out are counted and not told one by one.")
    page = ask_page("outliers_page", max(-(-len(rows) // SHOWN), 1))
    part = rows.iloc[(page - 1) * SHOWN : page * SHOWN]
    members = judged.table[judged.table["method"].isin(MEMBERS)].set_index(["file", "row", "method"])["p_value"]
    shown = pd.DataFrame(
        {
            "Reason": part["reason"],
            "Way": part["kind"].map(KINDS),
            "p": part["p_value"],
            "Time": part["timestamp"],
            "Id": part["id"].astype(str).where(part["id"].notna(), ""),
            **{TITLES[one]: [members[file, row, one] for file, row in zip(part["file"], part["row"], strict=True)] for one in MEMBERS},
        }
    )
    column = st.column_config
    plain = {TITLES[one]: column.NumberColumn(format="%.4f", help="p-value of this member alone") for one in MEMBERS}
    event = st.dataframe(
        shown, hide_index=True, height=410, key=f"{PAGE}_list", selection_mode="single-row", on_select="rerun",
        alt="Flagged rows with their reasons",
        column_config={
            "Reason": column.TextColumn(width=430),
            "Way": column.TextColumn(width=130),
            "p": column.NumberColumn(format="%.4f", help="Share of held-out reference rows that lie as far out"),
            **plain,
        },
    )  # fmt: skip
    picked = event["selection"]["rows"] if not current.presenting else []
    one = part.iloc[picked[0]] if picked and picked[0] < len(part) else part.iloc[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        told = "The chosen row" if picked else "The farthest row"
        st.markdown(f":small[{told}: {md_escape(str(one['reason']))}]")
        if not current.presenting:
            to = {**dict.fromkeys(NARROWING), "rows_from": str(one["window"]), "rows_row": f"{one['file']}-{one['row']}"}
            here.link("rows", label="See it beside near rows", changes=to)


def _map(judged: JudgedOutliers, window: str, current: View) -> Chart:
    points, table = judged.result.points, judged.table
    rows = table[table["method"] == ENSEMBLE].reset_index(drop=True)
    coordinates = points.kept[: len(rows)]
    chosen = rows.assign(x=coordinates[:, 0], y=coordinates[:, 1])
    chosen = (chosen if window == EVERY else chosen[chosen["window"] == window]).head(DRAWN)
    behind = pd.DataFrame({"x": points.reference[:, 0], "y": points.reference[:, 1], "side": "reference", "name": "reference"})
    data = pd.concat([behind, chosen[["x", "y"]].assign(side="production", name=chosen["reason"])], ignore_index=True)
    names = Names(chart_names(judged.called).reference, "Flagged rows")
    drawn = plural(len(chosen), "flagged row")
    return scatter_chart(data, names=names, title=f"{drawn} over a sample of {judged.called.a}", theme=current.theme)


def _segments(judged: JudgedOutliers) -> None:
    """Show the share of flagged rows of each segment, folded."""
    rows = judged.shares[judged.shares["column"] != ""]
    if rows.empty:
        return
    folded = st.expander("By segment", icon=":material/pie_chart:", key=f"{PAGE}_segments", on_change="rerun")
    if not folded.open:
        return
    found = rows.groupby("what", sort=False).agg(
        label=("label", "first"), n=("n", "sum"), flagged=("flagged", "sum"), usual=("usual", "first"), status=("status", _worst)
    )
    told = pd.DataFrame(
        {
            "Segment": found["label"],
            "Rows": found["n"],
            "Flagged": found["flagged"],
            "Share": [share_text(one, 2) for one in found["flagged"] / found["n"].clip(lower=1)],
            "When held out": [share_text(one, 2) for one in found["usual"]],
            "Verdict": found["status"],
        }
    ).sort_values("Flagged", ascending=False)
    with folded:
        st.dataframe(told, hide_index=True)


def _worst(statuses: Any) -> str:
    order = ("alert", "warning", "stable")
    return next((one for one in order if one in set(statuses)), str(next(iter(statuses))))


def _pin_button(current: View, judged: JudgedOutliers, charts: dict[str, Chart]) -> None:
    with pin_drawer("Pin this finding", PAGE):
        said = {sentence(one, judged.names, judged.against): one for one in judged.findings[:SHOWN]}
        with st.form(f"{PAGE}_pin_form", border=False):
            picked = st.radio("Which", list(said), format_func=md_escape)
            comment = st.text_area("Comment", placeholder="What do you make of it?", max_chars=4000)
            if st.form_submit_button("Pin with its rows", type="primary"):
                query = urlencode(current.address.change({"win": str(current.windows)}).of_page(PAGE).query(), doseq=True)
                specs = [to_vega_lite(chart) for chart in charts.values()]
                keep(current.case, outlier_pin(said[str(picked)], judged, view=query, comment=comment, charts=specs), key=pin_key(PAGE))


def _facts(judged: JudgedOutliers) -> dict[str, str]:
    summary, n = judged.summary, judged.result.calibration
    return {
        "Members": "isolation forest; distance to the five nearest of 1,000 reference rows on robust scales; tails of each column, "
        "added up; residual of each column beside what the others let expect",
        "Together": "harmonic mean of the shares of held-out rows that score as high, member by member",
        "Held out": f"{count_text(n)} reference rows, each scored by members that learned from other stretches of time",
        "Flagged": f"p at most {number_text(judged.thresholds.share)}: {share_text(judged.expected)} of rows without change",
        "What cannot be said": f"no p-value is below {number_text(summary['smallest_p_value'], 2)}: a single row cannot be certified as an "
        f"outlier; {plural(int(summary['rows_to_certify']), 'row')} would have to lie beyond every held-out row for that",
        "Limit": "how the share varies between the reference's own windows when held out, all runs and all shares of this page allowed for",
        "Correction": f"Holm at {number_text(judged.thresholds.q)} over all of them; a segment is judged beside all other rows",
        "Thresholds from": "[thresholds] of case.toml (outliers.share, .q, .floor, .alert, .min_rows), else the defaults",
    }
