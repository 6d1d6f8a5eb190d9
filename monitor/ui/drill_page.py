"""The page Drill: which incidents would be seen, by which monitor, how soon, and which would stay invisible?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from monitor.charts import Chart, coverage_chart
from monitor.drill.kinds import FEW, INJECTIONS
from monitor.drill.running import SIZES, Asked, Cell, Drill, Drilled, hold_drill
from monitor.drill.table import drill_table
from monitor.drill.words import cell_text, drill_answer, kind_text
from monitor.engine import value_counts
from monitor.errors import SelectionError, SettingError
from monitor.export.files import to_csv
from monitor.registry import find_analysis
from monitor.ui import here
from monitor.ui.asking import ask_one, ask_part
from monitor.ui.opened import workspace
from monitor.ui.present import KeyFigure, empty_state, key_figures, page_head, show_chart
from monitor.ui.state import View, view
from monitor.ui.work import run_cancellable
from monitor.wording import list_text, plural, share_text

PAGE = "drill"
HELD = "yes"
PLACES = {"Rows of either": "", "Rows of the reference": "reference", "Rows of production": "production"}
KINDS = {f"{len(FEW)} usual kinds": FEW, f"All {len(INJECTIONS)} kinds": ()}
PARTS: dict[str, tuple[float, ...]] = {"20% and all rows": SIZES, "5% of rows": (0.05,), "50% of rows": (0.5,), "All rows": (1.0,)}
EVERYWHERE = "Everywhere"
MOST_PLACES = 40
"""Levels of segments that an incident may be put in from here; the command takes any."""


def drill_page() -> None:
    """Show the page."""
    current = view()
    head = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kinds = ask_part("drill_kinds", "Kinds", list(KINDS), usual=next(iter(KINDS)))
        size = ask_part("drill_size", "Rows hit", list(PARTS), usual=next(iter(PARTS)))
    segments = {EVERYWHERE: None, **_segments(current)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = ask_part("drill_on", "Put into", list(PLACES), usual=next(iter(PLACES)))
        where = ask_one("drill_where", "Where", list(segments), usual=EVERYWHERE, width=280)
    if here.asked("drill_held") != HELD:
        with head:
            page_head(PAGE, "No drill was held yet.")
        named = list_text([INJECTIONS[name].cause.value.replace("_", " ") for name in FEW], limit=len(FEW))
        empty_state(
            "Incidents are put into a copy of the rows, and each analysis of this case is asked what it sees.",
            f"The usual kinds are {named}. They take a minute or so, all {len(INJECTIONS)} a few. The case's own files are not touched.",
        )
        if not current.presenting:
            st.button("Hold the drill", key="drill_begin", type="primary", on_click=here.choose, args=({"drill_held": HELD},))
        return
    asked = Asked(kinds=KINDS[kinds], sizes=PARTS[size], segment=segments[where], on=PLACES[place])
    try:
        drill = _drill(current, asked)
    except (SelectionError, SettingError) as error:
        with head:
            page_head(PAGE, "No drill can be held here.", str(error))
        return
    _show(current, drill, head)


def _segments(current: View) -> dict[str, dict[str, str]]:
    """Return the levels of segment columns that an incident can be put in, by what they are called."""
    opened = workspace(current)
    found: dict[str, dict[str, str]] = {}
    for column in current.case.roles.segments:
        levels = value_counts(opened, "reference", column) if "reference" in opened.columns[column].types else {}
        found |= {f"{current.case.label(column)}: {level}": {column: level} for level in list(levels)[:MOST_PLACES]}
    return found


def _drill(current: View, asked: Asked) -> Drill:
    opened = workspace(current)
    prints = tuple(opened.fingerprint(name) for name in ("reference", "production"))
    drill: Drill = run_cancellable(
        (PAGE, prints, current.case.key(), asked.kinds, asked.sizes, asked.on, str(asked.segment)),
        lambda progress, cancel: hold_drill(opened, asked, progress=progress, cancel=cancel),
        text="Holding the drill",
    )
    return drill


def _show(current: View, drill: Drill, head: st.delta_generator.DeltaGenerator) -> None:
    said = drill_answer(drill)
    with head:
        page_head(PAGE, said.headline, said.doubt)
    put = [one for one in drill.drilled if one.cells]
    if not put:
        return
    _figures(drill, put)
    show_chart(_chart(current, put), key="drill_chart")
    st.markdown("#### What each said first")
    st.dataframe(_said(put), hide_index=True)
    st.download_button(
        "Download the coverage", data=lambda: to_csv(drill_table(drill)), file_name=f"{current.case_id}-drill.csv", mime="text/csv",
        on_click="ignore", icon=":material/download:", key="drill_file",
    )  # fmt: skip
    st.caption("Other kinds, sizes, segments and columns: driftscope drill CASE --kinds … --sizes … --segment COLUMN=LEVEL --columns …")


def _figures(drill: Drill, put: list[Drilled]) -> None:
    fired = [cell.windows for one in put for cell in one.cells if cell.fired]
    unseen, blind = sum(one.invisible for one in put), sum(one.blind for one in put)
    key_figures(
        [
            KeyFigure("Seen", str(sum(one.seen for one in put)), f"of {plural(len(put), 'incident')}"),
            KeyFigure("Invisible", str(unseen), f"and {blind} nobody can tell" if blind else "no monitor fired"),
            KeyFigure("Within one window", str(sum(one == 1 for one in fired)), f"of {plural(len(fired), 'alarm')}"),
            KeyFigure("Took", f"{drill.seconds:.0f} s", f"{drill.seconds / max(len(put), 1):.1f} s an incident"),
        ]
    )


def _called(one: Drilled) -> str:
    return f"{kind_text(one).capitalize()}, {share_text(one.size)} of rows"


def _chart(current: View, put: list[Drilled]) -> Chart:
    monitors = dict.fromkeys(cell.monitor for one in put for cell in one.cells)
    rows = [
        {
            "incident": _called(one),
            "monitor": find_analysis(cell.monitor).title,
            "state": "within one window"
            if cell.windows == 1
            else "later"
            if cell.fired
            else "alarmed before"
            if cell.already
            else "silent",
            "told": cell_text(cell),
            "does": one.kind.does,
            "rows": one.rows,
            "finding": cell.said or None,
        }
        for one in put
        for cell in one.cells
        if not cell.why
    ]
    titles = [find_analysis(name).title for name in monitors]
    return coverage_chart(pd.DataFrame(rows), order=[_called(one) for one in put], monitors=titles, theme=current.theme)


def _said(put: list[Drilled]) -> pd.DataFrame:
    rows = []
    for one in put:
        first = min((cell for cell in one.cells if cell.fired), key=lambda cell: cell.windows, default=None)
        rows.append(
            {
                "Incident": _called(one),
                "What is done": one.kind.does,
                "In": ", ".join(one.columns) or "whole rows",
                "Rows": f"{one.rows:,d}",
                "First seen by": _first_seen(one, first),
                "After": "" if first is None else plural(first.windows, "window"),
                "It says": "" if first is None else first.said,
                "Seconds": f"{one.seconds:.1f}",
            }
        )
    return pd.DataFrame(rows)


def _first_seen(one: Drilled, first: Cell | None) -> str:
    if first is not None:
        return find_analysis(first.monitor).title
    return "not known" if one.blind else "nobody"
