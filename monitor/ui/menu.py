"""The menu of pages in the sidebar. Its links carry the whole address, which Streamlit's own menu would drop."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from monitor.charts.theme import Theme
from monitor.places import app_folder
from monitor.ui import door, here, navigation

_CLOSING = """
export default function () {
  const close = (event) => {
    const narrow = window.innerWidth <= 768;
    if (narrow && event.target.closest('[data-testid="stSidebar"] a')) {
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
    }
  };
  document.addEventListener("click", close);
  return () => document.removeEventListener("click", close);
}
"""
"""On a narrow screen the menu lies over the page: it closes when a page is chosen, as Streamlit's own would."""


def show(page: StreamlitPage, theme: Theme) -> None:
    """Show name and logo, then every page under its section; `page` is the one that is open."""
    static = app_folder() / "static"
    st.logo(str(static / f"driftscope-{theme}.svg"), size="large", icon_image=str(static / "favicon.png"))
    with st.sidebar:
        door.show_who()
        for section in navigation.SECTIONS:
            entries = [one for one in navigation.entries() if one.section == section]
            if len(entries) > 1 or (entries and entries[0].title != section):
                st.caption(section)
            for one in entries:
                here.menu_link(one, page)
        st.components.v2.component("closing_menu", js=_CLOSING)(key="closing_menu")
