"""Pairs of columns in one window of joint drift: how they were associated before and now, and which changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd
import streamlit as st

from monitor.charts import Chart, matrix_chart
from monitor.judgement.multivariate import JudgedMultivariate
from monitor.judgement.window_texts import text_of
from monitor.ui.asking import ask_part
from monitor.ui.present import show_chart
from monitor.ui.state import View
from monitor.wording import count_text, number_text, plural

VIEWS: Mapping[str, Literal["difference", "before", "after"]] = {"Change": "difference", "Before": "before", "Now": "after"}
Charts = dict[str, Chart]


@dataclass(frozen=True, slots=True)
class Close:
    """What is looked at: `usual` has the evidence of the default methods, `chosen` that of the method; `keep` prepares a chart once."""

    view: View
    usual: JudgedMultivariate
    chosen: JudgedMultivariate
    method: str
    window: str
    keep: Callable[[str, Callable[[], Chart]], Chart]

    @property
    def when(self) -> str:
        """Name of the window, within a sentence."""
        return text_of(self.usual, self.window)

    def table(self, name: str) -> pd.DataFrame:
        """Return the rows of an evidence table that speak of the window."""
        tables = {**self.usual.result.evidence, **self.chosen.result.evidence}
        rows = tables[name]
        return rows[rows["window"] == self.window] if "window" in rows else rows


def changed_pairs(pairs: pd.DataFrame, window: str) -> pd.DataFrame:
    """Return the pairs of columns of a window, those first whose run holds it, then by the size of the change."""
    mine = pairs[pairs["window"] == window]
    return mine.assign(size=mine["change"].abs()).sort_values(["changed", "size"], ascending=False, kind="stable").drop(columns="size")


def pairs_part(close: Close) -> Charts:
    """Show the associations of all pairs, and those that changed most."""
    pairs = changed_pairs(close.usual.pairs, close.window)
    which = ask_part("multivariate_matrix", "Matrix", list(VIEWS), usual="Change")
    chart = close.keep(f"matrix {which}", lambda: _matrix(close, pairs, VIEWS[which]))
    show_chart(chart, key="joint_matrix")
    _pair_table(pairs)
    return {"associations": chart}


def _matrix(close: Close, pairs: pd.DataFrame, which: Literal["difference", "before", "after"]) -> Chart:
    place = {label: position for position, label in enumerate(close.usual.result.names)}
    ordered = pairs.assign(a=pairs["first_label"].map(place), b=pairs["second_label"].map(place)).sort_values(["a", "b"])
    one = pd.DataFrame(
        {
            "row_label": ordered["first_label"].to_numpy(),
            "column_label": ordered["second_label"].to_numpy(),
            "before": ordered["before"].to_numpy(),
            "after": ordered["after"].to_numpy(),
            "difference": ordered["change"].to_numpy(),
        }
    )
    other = one.rename(columns={"row_label": "column_label", "column_label": "row_label"})
    top = pairs.iloc[0]
    moved = f"from {number_text(float(top['before']), 2)} to {number_text(float(top['after']), 2)}"
    beyond = int(pairs["changed"].sum())
    many = f"{count_text(beyond)} of {plural(len(pairs), 'pair')}" if beyond else f"None of {plural(len(pairs), 'pair')}"
    title = f"{many} changed beyond chance"
    note = f"; largest: {top['first_label']} with {top['second_label']}, {moved}"
    both = pd.concat([one, other], ignore_index=True)
    order = {label: i for i, label in enumerate(place)}
    both = both.sort_values(["row_label", "column_label"], key=lambda column: column.map(order), kind="stable")
    return matrix_chart(both, which=which, title=title + note, theme=close.view.theme)


def _pair_table(pairs: pd.DataFrame) -> None:
    st.markdown("**Pairs that changed most**  \n:small[:gray[Rank correlation, correlation ratio or Cramér's V, with a 95 % interval]]")
    shown = pairs.head(40)
    table = pd.DataFrame(
        {
            "Pair": [f"{a} · {b}" for a, b in zip(shown["first_label"], shown["second_label"], strict=True)],
            "Before": shown["before"].to_numpy(),
            "Now": shown["after"].to_numpy(),
            "Change": shown["change"].to_numpy(),
            "Sure": shown["changed"].to_numpy(),
            "Between": [f"{number_text(a, 2)} and {number_text(b, 2)}" for a, b in zip(shown["lower"], shown["upper"], strict=True)],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        table, hide_index=True, height=430, key="joint_pairs", alt="Pairs of columns with their association before and now",
        column_config={
            "Pair": st.column_config.TextColumn(width=212),
            **{name: number(format="%.2f", width=52) for name in ("Before", "Now")},
            "Change": number(format="%+.2f", width=56),
            "Sure": st.column_config.CheckboxColumn(help="Beyond chance, after correction for all pairs and windows", width=42),
            "Between": st.column_config.TextColumn(help="95 % interval of the change", width=106),
        },
    )  # fmt: skip
