"""The page Fleet: which models ask for somebody, of all that lie in the folder, as their last runs left them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from monitor.export.files import to_csv
from monitor.runs.fleet import Row, Stand, counts_of, fleet_of
from monitor.runs.words import WORDS, ago_text, fleet_doubt, fleet_headline, incidents_text, labels_text, new_text
from monitor.ui import here
from monitor.ui.address import Address
from monitor.ui.present import KeyFigure, empty_state, key_figures, page_head
from monitor.ui.state import cases_folder, known_cases, view
from monitor.ui.status import LOOKS
from monitor.ui.text import md_escape
from monitor.vocabulary import Status
from monitor.wording import plural

PAGE = "fleet"
CARDS = 6
"""Cases that are told in full; the table has all."""
GLYPHS = {
    Stand.ALERT: LOOKS[Status.ALERT].glyph,
    Stand.FAILED: "✕",
    Stand.WARNING: LOOKS[Status.WARNING].glyph,
    Stand.NEVER: LOOKS[Status.NOT_JUDGED].glyph,
    Stand.STABLE: LOOKS[Status.STABLE].glyph,
}
BADGES = {
    Stand.ALERT: LOOKS[Status.ALERT],
    Stand.WARNING: LOOKS[Status.WARNING],
}


def fleet_page() -> None:
    """Show the page."""
    known = known_cases()
    rows = [one for one in fleet_of(cases_folder()) if one.folder in known]
    if not rows:
        view()  # says how a case is made
    page_head(PAGE, fleet_headline(rows), fleet_doubt(rows))
    if all(one.run is None for one in rows):
        empty_state("No run was made of any of these cases.", "A schedule calls 'driftscope run CASE'; deploy/ has examples for several.")
    _figures(rows)
    pressing = [one for one in rows if one.pressing]
    for one in pressing[:CARDS]:
        _card(one)
    if len(pressing) > CARDS:
        st.caption(f"{plural(len(pressing) - CARDS, 'further case')} that somebody has to look at: in the table.")
    _table(rows)


def _figures(rows: Sequence[Row]) -> None:
    counts = counts_of(rows)
    incidents = [one for row in rows if row.run is not None for one in row.run.incidents]
    new = sum(len(row.run.new) for row in rows if row.run is not None)
    key_figures(
        [
            KeyFigure("Alerts", str(counts[Stand.ALERT]), f"of {plural(len(rows), 'case')}"),
            KeyFigure("Open incidents", str(len(incidents)), f"{new} new, {sum(not one.acknowledged for one in incidents)} not taken"),
            KeyFigure("Runs that failed", str(counts[Stand.FAILED]), f"{sum(one.stale for one in rows)} not looked at lately"),
            KeyFigure("Never judged", str(counts[Stand.NEVER]), f"{counts[Stand.STABLE]} stable"),
        ]
    )


def _card(row: Row) -> None:
    """Show a case that somebody has to look at: how it stands, its incidents, who owns it, and the way to it."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            look = BADGES.get(row.stand)
            st.badge(
                WORDS[row.stand],
                icon=look.icon if look else ":material/sync_problem:" if row.stand is Stand.FAILED else ":material/schedule:",
                color=look.colour if look else "red" if row.stand is Stand.FAILED else "gray",
            )
            st.markdown(f"**{md_escape(row.name)}**", width="stretch")
            here.link_to("overview", Address({"case": (row.folder,)}), label="Open", icon=":material/arrow_forward:")
        if row.run is not None and row.run.answer:
            st.markdown(md_escape(row.run.answer))
        for one in () if row.run is None else row.run.incidents[:3]:
            taken = "taken" if one.acknowledged else "not taken"
            st.markdown(f"- {md_escape(one.title)} :gray[({one.severity.value}, {one.state.value}, {taken})]")
        if row.run is not None and len(row.run.incidents) > 3:
            st.caption(f"and {plural(len(row.run.incidents) - 3, 'further open incident')}")
        parts = (row.owner or "Nobody owns it", f"last run {ago_text(row)}", labels_text(row), row.note)
        st.caption(md_escape(" · ".join(part for part in parts if part)))


def _table(rows: Sequence[Row]) -> None:
    st.markdown("#### All cases")
    table = table_of(rows)
    st.dataframe(table, hide_index=True, height="content" if len(table) <= 15 else 560)
    st.download_button(
        "Download", data=lambda: to_csv(table), file_name="fleet.csv", mime="text/csv", on_click="ignore", icon=":material/download:",
        key="fleet_file",
    )  # fmt: skip


def table_of(rows: Sequence[Row]) -> pd.DataFrame:
    """Return the fleet as people read it, a row a case."""
    table = pd.DataFrame(
        [
            {
                "State": f"{GLYPHS[one.stand]} {WORDS[one.stand]}",
                "Case": one.name,
                "Open incidents": incidents_text(one),
                "New": new_text(one) or ("" if one.run is None else "none"),
                "Owner": one.owner,
                "Last run": ago_text(one),
                "Labels": labels_text(one),
                "Is the model right?": "" if one.run is None else one.run.answer,
                "Note": one.note,
                "Folder": one.folder,
            }
            for one in rows
        ]
    )
    return table if any(one.note for one in rows) else table.drop(columns="Note", errors="ignore")
