"""The open workspaces of this process: one per case, opened again when the case file or the data changed."""

from __future__ import annotations

import streamlit as st

from monitor.case import CASE_FILE, Case, load_case
from monitor.engine import Workspace, files_of, open_workspace
from monitor.ui.state import View

Stamp = tuple[tuple[str, int, int], ...]


def workspace(view: View) -> Workspace:
    """Return the workspace of the case that is looked at; a failed opening leaves the others as they are."""
    return workspace_of(view.case)


def workspace_of(case: Case) -> Workspace:
    """Return the workspace of a case."""
    return _open(str(case.root), _stamp(case))


@st.cache_resource(max_entries=4, show_spinner="Opening the data …")
def _open(folder: str, stamp: Stamp) -> Workspace:
    return open_workspace(load_case(folder))


def close_all() -> None:
    """Let go of every workspace, so that the process ends without a connection open."""
    _open.clear()


def _stamp(case: Case) -> Stamp:
    """Return name, size and time of change of the case file and of every local file that it names."""
    found = [file for file in (case.root / CASE_FILE, *sorted(files_of(case))) if file.is_file()]
    return tuple((str(file), (facts := file.stat()).st_size, facts.st_mtime_ns) for file in found)
