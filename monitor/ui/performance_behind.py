"""What lies behind the metrics of the page Performance, tab by tab: of the whole reference and of all windows whose labels are in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from monitor.analyses.residuals import measure_residuals
from monitor.charts import (
    Chart,
    calibration_chart,
    label_share_chart,
    lift_chart,
    money,
    precision_chart,
    residual_chart,
    roc_chart,
    said_chart,
    threshold_chart,
    value_chart,
)
from monitor.engine import ColumnInfo
from monitor.judgement.level import level_text
from monitor.judgement.overfitting import in_sample_sentence, optimism_table
from monitor.judgement.performance import JudgedPerformance
from monitor.judgement.window_texts import texts_of
from monitor.ui import here
from monitor.ui.asking import ask_one, on_change_of, picked, prepare
from monitor.ui.measuring import judged_key, question_of
from monitor.ui.opened import workspace
from monitor.ui.present import chart_names, show_chart
from monitor.ui.state import View
from monitor.ui.text import md_escape
from monitor.ui.work import kept, run_cancellable
from monitor.vocabulary import Kind, Role, Task
from monitor.wording import count_text, number_text, share_text

TABS: Mapping[str, tuple[str, ...]] = {
    "Level": ("level",),
    "Calibration": ("calibration",),
    "Ranking": ("roc", "precision", "lift"),
    "Threshold": ("thresholds",),
    "Residuals": ("residuals",),
}
"""Tabs with their charts; one without any is not shown."""
TAB = "performance_tab"
FEWEST_WINDOWS = 2
"""Windows from which the share of labels is drawn by window."""
LABELS, UNSEEN, BY_COLUMN = "Labels", "Unseen rows", "Errors by column"
NO_COLUMN = "choose a column"
INPUTS = (Role.FEATURE, Role.SEGMENT, Role.PROTECTED, Role.MODEL_VERSION, Role.VARIANT)
"""Roles of columns that errors are told along."""
WORTH = ("true positive", "false positive", "false negative", "true negative")
COUNTS = ("tp", "fp", "fn", "tn")


def show_behind(current: View, judged: JudgedPerformance, made: tuple[Any, ...]) -> dict[str, Chart]:
    """Show what lies behind the metrics; return its charts."""
    charts = kept(("behind", made, current.theme), lambda: _drawn(current, judged))
    tabs = [name for name, inside in TABS.items() if any(one in charts for one in inside)]
    unseen = kept(("unseen", made), lambda: optimism_table(judged.result))
    tabs += [BY_COLUMN] if judged.result.task is Task.REGRESSION or "calibration" in judged.result.evidence else []
    tabs += [UNSEEN] if len(unseen) else []
    tabs += [LABELS] if {"labels", "vintages"} & set(judged.result.evidence) else []
    if not tabs:
        return charts
    st.markdown("#### Behind the numbers: all windows whose labels are in, beside the reference")
    prepare(TAB, picked(TAB, tabs, tabs[0]))
    for name, tab in zip(tabs, st.tabs(tabs, key=TAB, on_change=on_change_of(TAB, tabs[0])), strict=True):
        if not tab.open:
            continue
        with tab:
            _side_by_side({one: charts[one] for one in TABS.get(name, ()) if one in charts})
            if name == BY_COLUMN:
                _by_column(current, judged)
            if name == UNSEEN:
                _unseen(judged, unseen)
            if name == LABELS:
                _side_by_side({one: charts[one] for one in ("labelled",) if one in charts})
                _labels(judged)
            if name == "Threshold":
                charts |= _money(current, judged)
                _confusion(judged)
    return charts


def _side_by_side(charts: Mapping[str, Chart]) -> None:
    places = st.columns(len(charts), gap="medium") if len(charts) > 1 else [st.container() for _ in charts]
    for place, (name, chart) in zip(places, charts.items(), strict=True):
        with place:
            show_chart(chart, key=f"performance_{name}")


def _drawn(current: View, judged: JudgedPerformance) -> dict[str, Chart]:
    tables, names, theme = judged.result.evidence, chart_names(judged.called), current.theme
    found: dict[str, Chart] = {}
    if "level" in tables:
        title = level_text(judged) or "What the model says is as high as what labels say"
        binary = judged.result.task is Task.BINARY
        found["level"] = said_chart(tables["level"], share=binary, title=title.split(". ", maxsplit=1)[0].rstrip("."), theme=theme)
    if "labelled" in tables and tables["labelled"]["window"].nunique() >= FEWEST_WINDOWS:
        found["labelled"] = label_share_chart(tables["labelled"], title="Share of rows with a label", theme=theme)
    if "calibration" in tables:
        found["calibration"] = calibration_chart(tables["calibration"], names=names, theme=theme)
    if "thresholds" in tables:
        threshold = current.case.roles.threshold
        found["thresholds"] = threshold_chart(tables["thresholds"], threshold=threshold, names=names, theme=theme)
        found["roc"] = roc_chart(tables["thresholds"], names=names, theme=theme)
        found["precision"] = precision_chart(tables["thresholds"], names=names, theme=theme)
    if "lift" in tables:
        found["lift"] = lift_chart(tables["lift"], names=names, theme=theme)
    if "residuals" in tables:
        label = current.case.label(str(current.case.roles.label))
        found["residuals"] = residual_chart(tables["residuals"], label=label, names=names, theme=theme)
    return found


def _money(current: View, judged: JudgedPerformance) -> dict[str, Chart]:
    """Ask what a decision is worth and show the threshold that is worth most."""
    typed, currency = _ask_worth(current)
    table = valued(judged.result.evidence["thresholds"], typed)
    if table["value"].isna().all():
        st.caption("Say what each outcome is worth, or write [value] in case.toml, to see which threshold is worth most.")
        return {}
    today = current.case.roles.threshold
    chart = value_chart(table, today=today, currency=currency, names=chart_names(judged.called), theme=current.theme)
    show_chart(chart, key="performance_value")
    st.caption(md_escape(choice_sentence(table, today, currency)))
    return {"value": chart}


def _ask_worth(current: View) -> tuple[tuple[float, ...] | None, str]:
    """Ask for the worth of the four outcomes; None where the case's own columns say it."""
    section = current.case.value
    own = () if section is None or section.columns() else tuple(float(one) for one in section.parts())
    asked = here.asked("performance_worth")
    typed = tuple(float(one) for one in re.split(r"[,;]", asked)) if asked else own
    if not here.presenting():
        prepare("performance_worth", asked or ",".join(f"{one:g}" for one in own))
        hint = f"What a {', a '.join(WORTH)} is worth, with commas between; costs are negative. Say 50,-2,0,0."
        st.text_input("Worth of each outcome", key="performance_worth", on_change=_chosen, help=hint, placeholder="50,-2,0,0", width=300)
    return typed or None, "" if section is None else section.currency


def _chosen() -> None:
    text = str(st.session_state.get("performance_worth") or "").replace(" ", "")
    here.choose({"performance_worth": text or None})


def valued(table: pd.DataFrame, worth: tuple[float, ...] | None) -> pd.DataFrame:
    """Return thresholds with the value of one decision on average: as typed, else by the case's own values."""
    n = table[list(COUNTS)].sum(axis=1).clip(lower=1)
    total = table["value"] if worth is None else sum(table[name] * one for name, one in zip(COUNTS, worth, strict=True))
    return table.assign(value=total / n, n=n)


def choice_sentence(table: pd.DataFrame, today: float | None, currency: str) -> str:
    """Say what the best threshold of the reference would have been worth to production beside today's: told of other rows than chosen."""
    late, before = (table[table["side"] == side].reset_index(drop=True) for side in ("production", "reference"))
    if late.empty or before.empty or today is None:
        return ""
    at = int(before["value"].argmax())
    chosen = late.iloc[(late["threshold"] - float(before["threshold"][at])).abs().argmin()]
    now = late.iloc[(late["threshold"] - today).abs().argmin()]
    rows = float(late["n"].iloc[0])
    more = (float(chosen["value"]) - float(now["value"])) * rows
    way = f"{money(abs(more), currency)} {'more' if more >= 0 else 'less'} than today's {number_text(today)}"
    return (
        f"The threshold that was worth most in the reference, {number_text(float(chosen['threshold']))}, would have been worth {way} on "
        f"these {count_text(int(rows))} labelled rows. The best of production itself is chosen with hindsight."
    )


def _confusion(judged: JudgedPerformance) -> None:
    """Show decisions beside labels, of both sides."""
    table = judged.result.evidence.get("confusion")
    if table is None:
        return
    names = chart_names(judged.called)
    called = {"reference": names.reference, "production": names.production}
    shown = pd.DataFrame(
        {
            "Side": table["side"].map(called), "Label": table["label"], "Decided": table["decision"],
            "Rows": table["n"].map(count_text), "Share": table["share"].map(share_text),
        }
    )  # fmt: skip
    if table["value"].notna().any():
        shown["Worth"] = table["value"].map(number_text)
    st.markdown("**Decisions beside labels**")
    st.dataframe(shown, hide_index=True, width="content")


def _by_column(current: View, judged: JudgedPerformance) -> None:
    """Ask for a column and show where the model over- and undershoots along it, the largest error first."""
    opened = workspace(current)
    names = {current.case.label(one.name): one.name for one in opened.columns.values() if one.role in INPUTS and _cuts(one)}
    chosen = names.get(ask_one("performance_column", "Column", [NO_COLUMN, *names], usual=NO_COLUMN, width=300))
    if chosen is None:
        st.caption("Mean of prediction less label by the values of a column: above 0 the model overshoots there.")
        return
    question = question_of(current)
    key = ("residuals", *judged_key(current, "performance"), chosen)

    def work(progress: Any, cancel: Any) -> pd.DataFrame:
        return measure_residuals(opened, question, chosen, progress=progress, cancel=cancel)

    table = run_cancellable(key, work, text="Measuring errors by column")
    names_of_sides = chart_names(judged.called)
    called = {"reference": names_of_sides.reference, "production": names_of_sides.production}
    order = table[table["side"].eq("production")].set_index("group")["error"].abs().sort_values(ascending=False, na_position="last").index
    told = table.set_index("group").loc[list(order)].reset_index()
    shown = {"Value": told["group"], "Side": told["side"].map(called), "Rows": told["n"].map(count_text)}
    shown |= {title: told[name].map(number_text) for name, title in {"error": "Mean error", "lower": "from", "upper": "to"}.items()}
    st.dataframe(pd.DataFrame(shown), hide_index=True)


def _cuts(info: ColumnInfo) -> bool:
    return set(info.types) >= {"reference", "production"} and info.kind not in (Kind.DATETIME, Kind.TEXT)


def _unseen(judged: JudgedPerformance, table: pd.DataFrame) -> None:
    """Show how much better the reference looks than the first rows that the model never saw."""
    said = in_sample_sentence(judged.result)
    told = said or f"{judged.called.a[:1].upper()}{judged.called.a[1:]} beside the first mature windows: it does not look in-sample."
    st.markdown(md_escape(told))
    titles = {name: one.title for name, one in judged.result.catalogue.items()}
    shown = {
        "Metric": table["metric"].map(titles), "Rows": table["segment"].fillna("all"), "Class": table["class"].fillna(""),
        "Reference": table["reference"].map(number_text), "First windows": table["first"].map(number_text),
        "Difference": table["gap"].map(number_text), "from": table["lower"].map(number_text), "to": table["upper"].map(number_text),
        "Rows it rests on": table["n"],
    }  # fmt: skip
    st.dataframe(pd.DataFrame(shown), hide_index=True)


def _labels(judged: JudgedPerformance) -> None:
    """Show which rows have a label, what that does to metrics, and what windows that wait will come to."""
    tables = judged.result.evidence
    if "labels" in tables:
        st.markdown("**How many rows have a label, by tenth of the score (1 the lowest)**")
        shown = {"tenth": "Tenth", "n": "Rows", "share": "Have a label", "lower": "from", "upper": "to"}
        st.dataframe(_written(tables["labels"], shown), hide_index=True)
    if "weighted" in tables:
        st.markdown("**Metrics of labelled rows as they are, and weighted to stand for all rows**")
        titles = {name: one.title for name, one in judged.result.catalogue.items()}
        told = tables["weighted"].assign(metric=tables["weighted"]["metric"].map(titles))
        called = {"metric": "Metric", "plain": "Plain", "weighted": "Weighted", "lower": "from", "upper": "to", "n": "Rows it rests on"}
        st.dataframe(_written(told, called), hide_index=True)
    if "vintages" in tables:
        st.markdown("**What each window will come to (chain ladder, Mack's intervals)**")
        last = tables["vintages"].drop_duplicates("window", keep="last")
        counts = last.assign(window=[texts_of(judged)[one] for one in last["window"]])
        called = {"window": "Window", "count": "Positives so far", "ultimate": "Will come to", "lower": "from", "upper": "to"}
        st.dataframe(
            pd.DataFrame({title: counts[name].map(_count) for name, title in called.items()} | {"In": last["maturity"].map(share_text)}),
            hide_index=True,
        )


def _written(table: pd.DataFrame, called: Mapping[str, str]) -> pd.DataFrame:
    """Return a table as people read it: shares in percent, counts as they are."""
    return pd.DataFrame(
        {title: table[name] if name in ("tenth", "metric", "n") else table[name].map(share_text) for name, title in called.items()}
    )


def _count(value: Any) -> str:
    return count_text(round(value)) if isinstance(value, (int, float)) and value == value else str(value)
