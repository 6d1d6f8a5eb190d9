"""The menu of pages in the sidebar. Its links carry the whole address, which Streamlit's own menu would drop."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from monitor.charts.theme import Theme
from monitor.places import app_folder
from monitor.ui import here, navigation


def show(page: StreamlitPage, theme: Theme) -> None:
    """Show name and logo, then every page under its section; `page` is the one that is open."""
    static = app_folder() / "static"
    st.logo(str(static / f"driftscope-{theme}.svg"), size="large", icon_image=str(static / "favicon.png"))
    with st.sidebar:
        for section in navigation.SECTIONS:
            entries = [one for one in navigation.entries() if one.section == section]
            if len(entries) > 1 or (entries and entries[0].title != section):
                st.caption(section)
            for one in entries:
                here.menu_link(one, page)
