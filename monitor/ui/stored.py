"""What a case is that has no rows any more: a profile store, said under the bar of every page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from monitor.engine.kept.manifest import FILE, is_store, read_manifest
from monitor.engine.kept.opening import store_sentence
from monitor.errors import SourceError
from monitor.ui.text import md_escape


def say_store(folder: Path) -> None:
    """Say that the case in a folder is a profile store, if it is one."""
    if not is_store(folder):
        return
    try:
        sentence = _sentence(str(folder), (folder / FILE).stat().st_mtime_ns)
    except (SourceError, OSError):
        return  # the page that opens it says what is wrong
    st.caption(f":material/inventory_2: {md_escape(sentence)}")


@st.cache_data(show_spinner=False, max_entries=200)
def _sentence(folder: str, changed: int) -> str:
    """Return what a store is; `changed`, when its manifest was written, is part of the key."""
    return store_sentence(read_manifest(Path(folder)))
