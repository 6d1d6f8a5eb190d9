"""One window of joint drift from several sides: columns, pairs, cells, map, rules and components."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from monitor.analyses.multivariate import rows_behind
from monitor.charts import Chart, contribution_bar_chart, scatter_chart
from monitor.ui.joint_pairs import Charts, Close, pairs_part
from monitor.ui.opened import workspace
from monitor.ui.present import chart_names, empty_state, selected, show_chart
from monitor.ui.text import md_escape
from monitor.wording import count_text, list_text, number_text, plural, share_text

MOST_ROWS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """One side: what shows it, the evidence it needs, the methods it explains first."""

    show: Callable[[Close], Charts]
    needs: str
    methods: tuple[str, ...] = ()


def columns_part(close: Close) -> Charts:
    """Show which columns the score comes from, beside how far each column moved on its own."""
    charts: Charts = {}
    if close.method == "domain_classifier":
        charts["importance"] = close.keep("importance", lambda: _importance(close))
    elif "distance_parts" in close.usual.result.evidence:
        charts["distance_parts"] = close.keep("distance_parts", lambda: _distance(close))
    if "contributions" in close.usual.result.evidence:
        charts["contributions"] = close.keep("contributions", lambda: _residual(close))
    for name, chart in charts.items():
        show_chart(chart, key=f"joint_{name}")
    return charts


def _bars(close: Close, rows: pd.DataFrame, value: str, words: str, title: str) -> Chart:
    table = rows.rename(columns={value: "bar"}).dropna(subset=["bar"]).assign(value=lambda t: t["bar"])[["label", "value"]]
    if table.empty:
        table = pd.DataFrame({"label": ["nothing"], "value": [0.0]})
    return contribution_bar_chart(table, value_title=words, limit=12, title=title, theme=close.view.theme)


def _top(rows: pd.DataFrame, value: str) -> str:
    known = rows[rows[value] > 0].sort_values(value, ascending=False, kind="stable")
    return list_text([str(one) for one in known["label"].head(2)]) or "No column"


def _importance(close: Close) -> Chart:
    rows = close.table("importances")
    title = f"{_top(rows, 'value')} tell the window from {close.usual.result.called.a}"
    return _bars(close, rows, "value", "Fall of the AUC when the column is shuffled", title)


def _distance(close: Close) -> Chart:
    rows = close.table("distance_parts")
    title = f"{_top(rows, 'excess')} make most of the distance"
    return _bars(close, rows, "excess", "Part in the distance beyond the usual (nats)", title)


def _residual(close: Close) -> Chart:
    rows = close.table("contributions")
    title = f"{_top(rows, 'excess')} are least in line with the other columns"
    return _bars(close, rows, "excess", "Part in the reconstruction error beyond the usual", title)


def cells_part(close: Close) -> Charts:
    """Show the cells of the partition: what each is, its share before and now, and by window."""
    here = close.table("cells")
    every = {**close.usual.result.evidence, **close.chosen.result.evidence}["cells"]
    by_window = {cell: every[every["cell"] == cell]["value"].round(5).tolist() for cell in here["cell"]}
    table = here.assign(change=here["value"] - here["before"]).sort_values("change", key=np.abs, ascending=False, kind="stable")
    most = table.iloc[0]
    st.markdown(
        f"**{md_escape(share_text(float(most['value']), 2))} of rows are in the cell “{md_escape(most['name'])}”, "
        f"{md_escape(share_text(float(most['before']), 2))} before**  \n"
        ":small[:gray[The reference is cut into cells of similar rows; each is named by what sets it apart from the average]]"
    )
    shown = pd.DataFrame(
        {
            "Cell": table["name"].to_numpy(),
            "Before": table["before"].to_numpy(),
            "Now": table["value"].to_numpy(),
            "Change": table["change"].to_numpy() * 100,
            "By window": [by_window[cell] for cell in table["cell"]],
        }
    )
    config = st.column_config
    st.dataframe(
        shown, hide_index=True, key="joint_cells", alt="Cells with their share of rows before, now and by window",
        height="content",
        column_config={
            "Cell": config.TextColumn(width=300),
            "Before": config.NumberColumn(format="percent", width=76),
            "Now": config.NumberColumn(format="percent", width=76),
            "Change": config.NumberColumn(format="%+.1f pp", width=82, help="Percentage points"),
            "By window": config.LineChartColumn(width=150, y_min=0.0, help="Share of rows in each window of production"),
        },
    )  # fmt: skip
    return {}


def map_part(close: Close) -> Charts:
    """Show rows of the reference and of the window on the first two components; a rectangle shows the rows inside it."""
    points = _points(close)
    chart = close.keep("map", lambda: _map(close, points))
    picked = show_chart(chart, key=f"joint_map_{close.window}", on_select=lambda: None, param="lasso")
    if close.view.presenting:
        return {"map": chart}
    inside = _inside(points, picked or selected(f"joint_map_{close.window}", "lasso"))
    if inside is None:
        st.caption("Drag a rectangle on the map to see the rows of the window inside it; double-click clears it.")
    elif inside.empty:
        st.caption("No row of the window lies in the rectangle.")
    else:
        _rows_table(close, inside, f"{plural(len(inside), 'row')} of the window on the map in the rectangle")
    return {"map": chart}


def _points(close: Close) -> pd.DataFrame:
    every = close.usual.result.evidence["map"]
    return every[(every["side"] == "reference") | (every["window"] == close.window)]


def _map(close: Close, points: pd.DataFrame) -> Chart:
    loadings = close.usual.result.evidence["loadings"]
    titles = [f"Component {one}: {_made_of(loadings, one, 2)}" for one in (1, 2)]
    many = int((points["side"] == "production").sum())
    called = close.usual.result.called
    title = f"{plural(many, 'row')} of {close.when} over {plural(len(points) - many, 'row')} of {called.a}"
    table = points[["x", "y", "side"]]
    return scatter_chart(table, x_title=titles[0], y_title=titles[1], names=chart_names(called), title=title, theme=close.view.theme)


def _inside(points: pd.DataFrame, picked: object) -> pd.DataFrame | None:
    if not isinstance(picked, dict) or not {"x", "y"} <= set(picked):
        return None
    own = points[points["side"] == "production"]
    x, y = (sorted(float(bound) for bound in picked[name]) for name in ("x", "y"))
    return own[own["x"].between(x[0], x[1]) & own["y"].between(y[0], y[1])]


def _rows_table(close: Close, places: pd.DataFrame, words: str) -> None:
    rows = rows_behind(workspace(close.view), close.usual.result, places.head(MOST_ROWS))
    more = f", the first {count_text(MOST_ROWS)}" if len(places) > MOST_ROWS else ""
    st.caption(md_escape(f"{words}{more}"))
    st.dataframe(rows, hide_index=True, height=320, column_config=dict(close.view.case.labels_text), alt=words)


def rules_part(close: Close) -> Charts:
    """Show the learned rules, the share of rows that break each and how, and the rows."""
    rules, shares = close.usual.result.evidence["rules"], close.table("broken")
    table = shares.merge(rules, on="rule").assign(alone=lambda t: t["kind"] == "range")
    table = table.sort_values(["alone", "value", "support"], ascending=[True, False, False], kind="stable").reset_index(drop=True)
    if table.empty:
        empty_state("The reference obeys no rule of one or two columns.", "Look at pairs or at the map instead.")
        return {}
    st.markdown(
        f"**{md_escape(_rules_title(table))}**  \n:small[:gray[Learned from the reference. Ranges of one column come last and do not "
        "count: they are drift of that column alone. Choose a rule to see rows that break it.]]"
    )
    shown = pd.DataFrame(
        {
            "Broken": table["breach"].where(table["n"] > 0, "–").to_numpy(),
            "By": table["value"].to_numpy(),
            "Rows": table["n"].to_numpy(),
            "Rule": table["text"].to_numpy(),
            "Before": table["before"].to_numpy(),
            "Learned from": table["support"].to_numpy(),
        }
    )
    config = st.column_config
    event = st.dataframe(
        shown, hide_index=True, key=f"joint_rules_{close.window}", on_select="rerun", selection_mode="single-row",
        height=min(38 + 35 * len(shown), 420), alt="Rules with how and by how many rows they are broken",
        column_config={
            "Broken": config.TextColumn(width=340, help="How most of the rows that break the rule do so"),
            "By": config.NumberColumn(format="percent", width=66, help="Share of the sampled rows of the window"),
            "Rows": config.NumberColumn(format="localized", width=60, help="Sampled rows that break it"),
            "Rule": config.TextColumn(width=340),
            "Before": config.NumberColumn(format="percent", width=70, help="In reference rows that it was not learned from"),
            "Learned from": config.NumberColumn(format="localized", width=94, help="Reference rows that had the values"),
        },
    )  # fmt: skip
    picked = list(event["selection"]["rows"]) if event else []
    if picked and picked[0] < len(table):
        _breaking(close, table.iloc[picked[0]])
    return {}


def _rules_title(table: pd.DataFrame) -> str:
    of_two = table[~table["alone"]]
    out = of_two[of_two["n"] > 0]
    if out.empty:
        return f"None of {plural(len(of_two), 'rule')} of two columns is broken"
    first = out.iloc[0]
    part = float(first["alike"]) / float(first["n"]) * float(first["value"])
    rows = f"{plural(int(first['alike']), 'row')}, {share_text(part, 2)}"
    return f"{count_text(len(out))} of {plural(len(of_two), 'rule')} of two columns broken, most often: {first['breach']} ({rows})"


def _breaking(close: Close, rule: pd.Series) -> None:
    places = close.table("breaking_rows")
    places = places[places["rule"] == rule["rule"]]
    if places.empty:
        st.caption("No sampled row of this window breaks it.")
        return
    _rows_table(close, places, f"{plural(len(places), 'sampled row')} of {close.when} that break: {rule['text']}")


def components_part(close: Close) -> Charts:
    """Show what the components are made of and how far the window moved along each."""
    loadings, shifts = close.usual.result.evidence["loadings"], close.table("component_shifts")
    moved = shifts.set_index("component")["value"]
    numbers = [int(one) for one in dict.fromkeys(loadings["component"])]
    explained = loadings.drop_duplicates("component").set_index("component")["explained"]
    most = max(numbers, key=lambda one: abs(float(moved[one])) if np.isfinite(moved[one]) else -1.0)
    left, right = st.container(), st.container()
    with left:
        moved_most = number_text(float(moved.get(most, np.nan)), 2)
        note = ":small[:gray[Directions in which the reference varies most]]"
        st.markdown(f"**Component {most} moved most, by {md_escape(moved_most)} sd**  \n{note}")
        table = pd.DataFrame(
            {
                "No.": numbers,
                "Made of": [_made_of(loadings, one, 2) for one in numbers],
                "Explains": [float(explained[one]) for one in numbers],
                "Moved": [float(moved.get(one, np.nan)) for one in numbers],
            }
        )
        config = st.column_config
        event = st.dataframe(
            table, hide_index=True, key="joint_components", on_select="rerun", selection_mode="single-row",
            alt="Components with what they are made of and how far the window moved along them",
            column_config={
                "No.": config.NumberColumn(width=44),
                "Made of": config.TextColumn(width=290),
                "Explains": config.NumberColumn(format="percent", width=76, help="Share of the variance of the reference"),
                "Moved": config.NumberColumn(format="%+.2f sd", width=80, help="Mean of the window, in sd of the component"),
            },
        )  # fmt: skip
    picked = list(event["selection"]["rows"]) if event else []
    component = numbers[picked[0]] if picked and picked[0] < len(numbers) else most
    chart = close.keep(f"loadings {component}", lambda: _loadings(close, loadings, component))
    with right:
        show_chart(chart, key="joint_loadings")
    return {"loadings": chart}


def _loadings(close: Close, loadings: pd.DataFrame, component: int) -> Chart:
    rows = loadings[loadings["component"] == component][["label", "value"]]
    title = f"Component {component}: {_made_of(loadings, component, 2)}"
    return contribution_bar_chart(rows, value_title="Loading", limit=14, title=title, theme=close.view.theme)


def _made_of(loadings: pd.DataFrame, component: int, top: int) -> str:
    rows = loadings[loadings["component"] == component]
    if rows.empty:
        return "–"
    largest = rows.iloc[np.argsort(-rows["value"].abs().to_numpy(dtype=float), kind="stable")[:top]]
    parts = [f"{'+' if row['value'] >= 0 else '−'} {row['label']}" for _, row in largest.iterrows()]
    return " ".join(parts)


PARTS: Mapping[str, Part] = {
    "Columns": Part(columns_part, "contributions", ("pca_reconstruction", "gaussian_distance", "domain_classifier")),
    "Pairs": Part(pairs_part, "associations", ("correlation",)),
    "Cells": Part(cells_part, "cells", ("cell_shares",)),
    "Map": Part(map_part, "map", ("sliced_wasserstein",)),
    "Rules": Part(rules_part, "rules", ("rules",)),
    "Components": Part(components_part, "loadings", ("hotelling_t2",)),
}
"""The sides of a window that can be looked at, by the word on the screen."""
