"""The page Imported: what another tool said, as it said it, beside what we say of the same columns and times."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from monitor.charts import Chart, Theme, series_chart, statistic_timeline_chart
from monitor.errors import DriftscopeError
from monitor.export.files import to_csv
from monitor.imports.beside import OURS, Agreement, agreement, with_ours
from monitor.imports.kept import Imports, imports_stamp, list_imports
from monitor.imports.words import SERIES, doubt, headline, series_text, tool_text
from monitor.ui.asking import ask_one
from monitor.ui.history import moment_words
from monitor.ui.measuring import judged_key, judged_of
from monitor.ui.present import KeyFigure, empty_state, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.status import status_mark
from monitor.ui.text import md_escape
from monitor.ui.work import kept
from monitor.vocabulary import Status
from monitor.wording import count_text, list_text, number_text, plural, window_text

PAGE = "imported"
HOW = "'driftscope import results CASE FILE...' reads reports of Evidently, profiles of whylogs, results of NannyML, files of SageMaker."


def imported_page() -> None:
    """Show the page."""
    current = view()
    stamp = imports_stamp(current.case)
    found = kept(("imports", stamp), lambda: list_imports(current.case))
    for one in found.unreadable:
        st.warning(md_escape(one.message), icon=":material/warning:")
    if not found.kept:
        page_head(PAGE, "Nothing was imported.")
        empty_state("No results of another tool lie beside this case.", HOW)
        return
    table, why_not = _beside(current, found, stamp)
    counts = agreement(table)
    page_head(PAGE, headline(table), doubt(counts, why_not))
    _figures(table, found, counts)
    picture, who = st.columns([0.58, 0.42], gap="medium")
    with picture:
        _series(table, current)
    with who:
        _agreement(counts)
    _files(found, current)
    st.download_button(
        "Download all numbers", data=lambda: to_csv(table), file_name=f"{current.case_id}-imported.csv", mime="text/csv", on_click="ignore",
        icon=":material/download:", key="imported_file",
    )  # fmt: skip


def _beside(current: View, found: Imports, stamp: Hashable) -> tuple[pd.DataFrame, str]:
    """Return the numbers with our verdicts beside them, and why there are none."""
    table = found.table
    nothing = table.assign(**dict.fromkeys(OURS))
    if table["start"].isna().all() or table["column"].isna().all():
        return nothing, ""
    try:
        judged = judged_of(current, "drift")
        return kept(("imports beside", stamp, judged_key(current, "drift")), lambda: with_ours(table, judged)), ""
    except DriftscopeError as error:  # whatever drift cannot be asked for, what was imported is shown
        return nothing, str(error)


def _figures(table: pd.DataFrame, found: Imports, counts: Sequence[Agreement]) -> None:
    told = table.loc[table["alarm"].notna(), "alarm"]
    untimed = int(table["start"].isna().sum())
    same = sum(one.both + one.neither for one in counts)
    key_figures(
        [
            KeyFigure("Numbers", count_text(len(table)), f"of {plural(len(found.kept), 'file')}, {count_text(untimed)} without a time"),
            KeyFigure("Alarms of the tool", count_text(int(told.sum())), f"of {plural(len(told), 'judged number')}"),
            KeyFigure("Agreement", count_text(same), f"of {plural(sum(one.n for one in counts), 'period')} of both"),
        ]
    )


def _series(table: pd.DataFrame, current: View) -> None:
    """Show one series of the tool: its picture, and each of its numbers beside our verdict."""
    groups = {series_text(*("" if pd.isna(one) else str(one) for one in key)): part for key, part in _by_series(table)}
    ranked = sorted(groups, key=lambda name: (-int((groups[name]["alarm"] == True).sum()), -len(groups[name]), name))  # noqa: E712 - null
    chosen = ask_one("imported_series", "What the tool measured", ranked, usual=ranked[0])
    part = groups[chosen].sort_values(["start", "import", "number"])
    timed = part[part["start"].notna() & part["value"].notna()]
    if len(timed) > 1:
        show_chart(picture_of(timed, chosen, current.case.timezone, current.theme), key="imported_picture")
    elif part["value"].isna().all():
        st.caption("The tool reported alarms without numbers.")
    else:
        st.caption("There are fewer than two numbers with a time, so there is no picture.")
    st.dataframe(
        rows_of(part, current.case.timezone), hide_index=True, height="content" if len(part) <= 10 else 400, alt=f"Numbers of {chosen}"
    )


def _by_series(table: pd.DataFrame) -> Iterable[tuple[tuple[Any, ...], pd.DataFrame]]:
    found: Iterable[tuple[tuple[Any, ...], pd.DataFrame]] = table.groupby(SERIES, dropna=False, sort=False)
    return found


def picture_of(part: pd.DataFrame, chosen: str, timezone: str, theme: Theme) -> Chart:
    """Return a series of another tool by time with its thresholds; by its own alarms, not by ours."""
    local = part["start"].dt.tz_localize("UTC").dt.tz_convert(timezone)
    days = bool((local == local.dt.normalize()).all())
    upper, lower = part["threshold_upper"], part["threshold_lower"]
    drawn = pd.DataFrame(
        {
            "window": local.dt.strftime("%Y-%m-%d" if days else "%Y-%m-%dT%H"),
            "score": part["value"],
            "value": part["value"],
            "limit": upper.fillna(lower),
            "lower": lower.where(upper.notna()),
            "status": part["alarm"].map({True: Status.ALERT, False: Status.STABLE}).fillna(Status.NOT_JUDGED).astype(str),
            "run": None,
        }
    ).drop_duplicates("window", keep="last")
    tools = list_text([tool_text(one) for one in dict.fromkeys(part["tool"])])
    alarms = int((drawn["status"] == Status.ALERT).sum())
    title = f"{chosen}: {tools} alarmed in {count_text(alarms)} of {plural(len(drawn), 'period')}"
    if drawn["limit"].isna().any():
        return series_chart(drawn[["window", "value"]], label=chosen, title=title, theme=theme)
    return statistic_timeline_chart(drawn, label=chosen, method="Reported", title=title, theme=theme)


def rows_of(part: pd.DataFrame, timezone: str) -> pd.DataFrame:
    """Return numbers of a series as people read them, beside our verdict."""
    said = part["alarm"].map({True: "Alarm", False: "No alarm"}).fillna("Not said")
    ours = ["" if pd.isna(one) else status_mark(one) for one in part["our_status"]]
    when = ["not known" if pd.isna(one) else moment_words(f"{one.isoformat()}+00:00", timezone) for one in part["start"]]
    limits = [limits_text(low, high) for low, high in zip(part["threshold_lower"], part["threshold_upper"], strict=True)]
    table = pd.DataFrame(
        {
            "From": when,
            "Value": [number_text(one) if pd.notna(one) else "" for one in part["value"]],
            "It alarms": limits,
            "The tool": said,
            "Ours": ours,
            "Our window": ["" if pd.isna(one) else window_text(one) for one in part["our_window"]],
            "In its words": part["message"].fillna("").astype(str),
        }
    )
    return table if table["In its words"].any() else table.drop(columns="In its words")


def limits_text(lower: float, upper: float) -> str:
    """Say from where a tool alarms.

    >>> limits_text(0.05, float("nan")), limits_text(0.6, 0.8)
    ('below 0.05', 'below 0.6 or above 0.8')
    """
    parts = [f"{word} {number_text(one)}" for word, one in (("below", lower), ("above", upper)) if pd.notna(one)]
    return " or ".join(parts)


def _agreement(counts: Sequence[Agreement]) -> None:
    st.markdown("**Who alarmed, by column**")
    if not counts:
        st.caption("No period of a column was judged by both: files without a time need --window, columns the names of the case.")
        return
    rows = [
        {"Column": one.column, "Both": one.both, "Only the tool": one.theirs, "Only we": one.ours, "Neither": one.neither} for one in counts
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, height="content" if len(rows) <= 12 else 450, alt="Who alarmed, by column")
    st.caption("Counted in the tool's periods. Ours is the worst verdict on drift of the column in windows that share time with it.")


def _files(found: Imports, current: View) -> None:
    rows = [
        {
            "File": one.file,
            "Tool": f"{tool_text(one.tool)} {one.version}".rstrip(),
            "Numbers": len(one.rows),
            "Imported": moment_words(one.created, current.case.timezone),
            "Not understood, left out": " ".join(one.notes),
            "Import": one.id,
        }
        for one in found.kept
    ]
    st.markdown("**Files**")
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=f"{plural(len(rows), 'file')} that were imported")
