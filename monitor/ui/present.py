"""How results are shown: a question and its answer, key figures, charts, the evidence behind a number, downloads."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from monitor.analyses.naming import SideNames
from monitor.charts import Chart
from monitor.charts.chart import Names
from monitor.export.charts import to_png, to_svg, to_vega_lite
from monitor.export.files import plain, to_csv, to_json, to_parquet
from monitor.export.html import to_html
from monitor.export.markdown import to_markdown
from monitor.export.report import Report
from monitor.tables import Provenance, Result
from monitor.ui import here, navigation
from monitor.ui.state import compared_words
from monitor.ui.text import md_escape
from monitor.wording import count_text

MOST_SHAPES = 2_000
"""Rows of a chart above which shapes of their own make a browser slow."""
Selected = list[dict[str, Any]] | dict[str, Any]


def page_head(url: str, answer: str, doubt: str = "") -> None:
    """Show the question of a page, its answer, and below what is uncertain of it; both are plain text."""
    with st.container():
        st.caption(md_escape(" · ".join(one for one in (navigation.entry(url).question, compared_words()) if one)))
        st.title(md_escape(answer), anchor=False)
        if doubt:
            st.markdown(f":gray[{md_escape(doubt)}]")
        else:
            st.space("xsmall")


def chart_names(called: SideNames) -> Names:
    """Return the names of the two sides as charts want them."""
    return Names(called.legend_a, called.legend_b)


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure at the top of a page: what, how much, what was expected."""

    label: str
    value: str
    expected: str = ""
    help: str | None = None


def key_figures(figures: Sequence[KeyFigure]) -> None:
    """Show three to five figures in one row, each with its expectation below."""
    with st.grid(max(len(figures), 1), min_column_width=150):
        for figure in figures:
            st.metric(
                md_escape(figure.label), figure.value, delta=figure.expected or None, delta_color="off", delta_arrow="off",
                help=figure.help, border=True, height="stretch",
            )  # fmt: skip


def show_chart(
    chart: Chart, *, key: str, on_select: Callable[[], None] | None = None, param: str = "cell", height: int | None = None
) -> Selected:
    """Show a chart below its title, which wraps on a narrow screen as Vega's own would not; `height` is how many pixels its plot has
    instead of its own.

    With `on_select` a click on the chart's parameter `param` calls it; what is selected is returned: a list of
    {field: value} for clicks, {field: [low, high]} for a rectangle.
    """
    note = chart.spec["title"].get("subtitle", "")
    st.markdown(f"**{md_escape(chart.title)}**" + (f"  \n:small[:gray[{md_escape(note)}]]" if note else ""))
    spec = screen_spec(chart, height)
    if on_select is None:
        st.vega_lite_chart(spec=spec, key=key, theme=None, width="stretch", alt=chart.alt)
        return []
    st.vega_lite_chart(spec=spec, key=key, theme=None, width="stretch", alt=chart.alt, on_select=on_select, selection_mode=[param])
    return selected(key, param)


def screen_spec(chart: Chart, height: int | None = None) -> dict[str, Any]:
    """Return the specification of a chart as the screen draws it: without its title, painted as one picture where it has many rows.

    The table stands in it by name and so is there from the first drawing on; one that comes beside it would be missed by every scale at
    first, of which Vega warns.
    """
    spec = {name: part for name, part in chart.spec.items() if name != "title"}
    if height is not None:
        spec["height"] = height
    renderer = "canvas" if len(chart.data) > MOST_SHAPES else "svg"
    table = {"data": {"name": "table"}, "datasets": {"table": chart.data}}
    return spec | table | {"usermeta": {"embedOptions": {"renderer": renderer}}}


def selected(key: str, param: str = "cell") -> Selected:
    """Return what is selected on the chart with that key, also inside its callback."""
    event = st.session_state.get(key)
    picked: Selected = (event["selection"].get(param) or []) if event else []
    return picked


def empty_state(why: str, what_next: str, *, page: str | None = None) -> None:
    """Say why there is nothing to see and what to do about it; `page` is the address of the page that helps."""
    with st.container(border=True):
        st.markdown(f":material/info: **{md_escape(why)}**")
        st.markdown(md_escape(what_next))
        if page is not None:
            here.link(page)


def evidence(provenance: Provenance, *, facts: Mapping[str, str], key: str) -> None:
    """Show how a number came about, folded: `facts` (method, expectation, threshold and where it came from), rows, SQL, versions."""
    folded = st.expander("How this was computed", icon=":material/fact_check:", key=key, on_change="rerun")
    if not folded.open:
        return
    with folded:
        st.table({md_escape(name): md_escape(text) for name, text in facts.items()})
        st.markdown("**Rows**")
        st.table({md_escape(name): md_escape(text) for name, text in _rows(provenance).items()})
        for step, sql in provenance.sql:
            st.markdown(f"**SQL: {md_escape(step)}**")
            st.code(sql, language="sql", wrap_lines=True)
        st.markdown("**Settings, versions and data**")
        st.json(plain(_settings(provenance)), expanded=1)


def _rows(provenance: Provenance) -> dict[str, str]:
    told = {}
    for name, counted in provenance.rows.items():
        excluded = counted.get("excluded", {})
        left_out = "".join(f"; {count_text(int(n))} left out: {reason}" for reason, n in excluded.items())
        told[name] = f"{provenance.selections.get(name, name)}: {count_text(int(counted['used']))} used{left_out}"
    return told


def _settings(provenance: Provenance) -> dict[str, Any]:
    return {
        "settings": provenance.settings,
        "seed": provenance.seed,
        "versions": provenance.versions,
        "data fingerprints": provenance.fingerprints,
        "started": provenance.started,
        "seconds": provenance.seconds,
    }


def downloads(result: Result, charts: Mapping[str, Chart], *, name: str, key: str) -> None:
    """Offer what is on the screen as files; each is built only when it is asked for.

    `charts` maps a short file name to a chart; each comes as PNG, SVG, Vega-Lite and the data that it draws.
    """
    with st.popover("Download", icon=":material/download:", key=key):
        st.caption("The table behind this page")
        with st.container(horizontal=True):
            file_button("CSV", lambda: to_csv(result.table), f"{name}.csv", "text/csv", key)
            file_button("Parquet", lambda: to_parquet(result.table), f"{name}.parquet", "application/vnd.apache.parquet", key)
            file_button("JSON with provenance", lambda: to_json(result), f"{name}.json", "application/json", key)
        for short, chart in charts.items():
            st.caption(md_escape(chart.title))
            _chart_buttons(chart, f"{name}-{short}", key)


def report_downloads(build: Callable[[], Report], *, name: str, key: str) -> None:
    """Offer a report for people who do not have Driftscope; it is written only when it is asked for."""
    with st.popover("Report", icon=":material/description:", key=key):
        st.caption("One page for people who decide, then every finding with its figures, then how it was computed.")
        with st.container(horizontal=True):
            file_button("HTML", lambda: to_html(build()), f"{name}.html", "text/html", key)
            file_button("Markdown", lambda: to_markdown(build()), f"{name}.md", "text/markdown", key)


def _chart_buttons(chart: Chart, name: str, key: str) -> None:
    with st.container(horizontal=True):
        file_button("PNG", lambda: to_png(chart), f"{name}.png", "image/png", key)
        file_button("SVG", lambda: to_svg(chart).encode(), f"{name}.svg", "image/svg+xml", key)
        file_button("Vega-Lite", lambda: _vega_lite(chart), f"{name}.vl.json", "application/json", key)
        file_button("Data", lambda: to_csv(chart.data), f"{name}.csv", "text/csv", f"{key}.data")


def _vega_lite(chart: Chart) -> bytes:
    return json.dumps(to_vega_lite(chart), ensure_ascii=False).encode()


def file_button(label: str, build: Callable[[], bytes], file: str, mime: str, key: str) -> None:
    """Offer a file that is made only when it is asked for."""
    st.download_button(label, build, file, mime, key=f"{key}.{file}", on_click="ignore")
