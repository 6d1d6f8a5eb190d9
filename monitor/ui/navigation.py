"""The registry of pages: one row per question; the sidebar is built from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from monitor.errors import SettingError, nearest
from monitor.places import app_folder
from monitor.registry import REGISTRY as ANALYSES

HOME = "home"
"""Inner name of the page at the bare address, so that its own address can be a second, unlisted page."""
SECTIONS = ("Overview", "Explore", "Performance", "Why", "Investigate", "Operate", "Act", "Present", "Set-up")


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One page: its file in pages/ (`url`, by which the program calls it), its name in the menu, and the question that it answers."""

    url: str
    title: str
    section: str
    question: str
    icon: str

    @property
    def path(self) -> str:
        """Path of the script, relative to app.py."""
        return f"pages/{self.url}.py"

    @property
    def address(self) -> str:
        """Where it stands: what the menu calls it, as an address writes that."""
        return self.title.lower().replace(" ", "-")

    @property
    def addresses(self) -> tuple[str, ...]:
        """All addresses that lead to it, its own first; links that were given away hold what the program calls it."""
        return tuple(dict.fromkeys((self.address, self.url)))


def _of_analyses() -> tuple[PageEntry, ...]:
    return tuple(PageEntry(row.name, row.title, row.section, row.question, row.icon) for row in ANALYSES.values())


REGISTRY: tuple[PageEntry, ...] = (
    PageEntry("overview", "Overview", "Overview", "Is the model still right, and if not, since when?", ":material/home:"),
    PageEntry("fleet", "Fleet", "Overview", "Which of our models ask for somebody?", ":material/view_list:"),
    *_of_analyses(),
    PageEntry("alerts", "Alerts", "Act", "Who is told of what, when, and who took it?", ":material/notifications:"),
    PageEntry("kpis", "KPIs", "Act", "Are the goals met, and what lies behind a miss?", ":material/flag:"),
    PageEntry("retraining", "Retraining", "Act", "What would a model learn from now, and would it be better?", ":material/model_training:"),
    PageEntry("drill", "Drill", "Act", "Which incidents would be seen, how soon, and which would not?", ":material/fire_extinguisher:"),
    PageEntry("readiness", "Readiness", "Act", "May this model go live?", ":material/verified:"),
    PageEntry("rows", "Rows", "Why", "Which rows are behind this?", ":material/table_rows:"),
    PageEntry("findings", "Findings", "Investigate", "What was found, pinned and said about it?", ":material/push_pin:"),
    PageEntry("imported", "Imported", "Investigate", "What did the tool before say, and do we agree?", ":material/move_to_inbox:"),
    PageEntry("story", "Story", "Present", "What do we tell, in which order, in which words?", ":material/slideshow:"),
    PageEntry("boards", "Boards", "Present", "What do we want to see together?", ":material/dashboard:"),
    PageEntry("setup", "Set-up", "Set-up", "What are the data, and what does each column mean?", ":material/settings:"),
)
"""Every page: those of analyses from their registry, and the others."""

WITHOUT_BAR = frozenset({"Fleet", "Alerts", "Readiness", "Findings", "Story", "Boards", "Set-up"})
"""Titles of pages on which only the case can be chosen: what they show does not depend on the rows looked at."""


def entries(folder: Path | None = None) -> tuple[PageEntry, ...]:
    """Return the registered pages whose scripts are there, in the order of the sidebar."""
    root = folder or app_folder()
    return tuple(entry for entry in REGISTRY if (root / entry.path).is_file())


def entry(url: str) -> PageEntry:
    """Return a page by what the program calls it, or by its address.

    Raises
    ------
    SettingError
        If no page has it.
    """
    found = next((one for one in REGISTRY if url in one.addresses), None)
    if found is None:
        known = [one.address for one in REGISTRY]
        raise SettingError(f"There is no page '{url}'.{nearest(url, known)} Pages: {', '.join(known)}")
    return found


def entry_of(page: StreamlitPage) -> PageEntry:
    """Return what a page of Streamlit is registered as; the one at the bare address is the first."""
    return entries()[0] if page.url_path in ("", HOME) else entry(page.url_path)


def pages() -> dict[str, list[StreamlitPage]]:
    """Return Streamlit's pages by section; the first one opens at the bare address and, unlisted, at its own as well, and each at what the
    program calls it, where the menu calls it otherwise."""
    known = entries()
    built: dict[str, list[StreamlitPage]] = {}
    for section in SECTIONS:
        inside = [one for one in known if one.section == section]
        if inside:
            built[section] = [_page(one, default=one is known[0]) for one in inside]
    for one in known:
        rest = one.addresses if one is known[0] else one.addresses[1:]
        built[one.section] += [st.Page(one.path, title=one.title, icon=one.icon, url_path=address, visibility="hidden") for address in rest]
    return built


def _page(one: PageEntry, *, default: bool) -> StreamlitPage:
    return st.Page(one.path, title=one.title, icon=one.icon, url_path=HOME if default else one.address, default=default, help=one.question)
