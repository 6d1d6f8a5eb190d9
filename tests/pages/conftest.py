"""Cases are written once for all pages; the app looks at the one that a test uses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st

from tests.pages.cases import CASES


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the function that gives the folder of a case, written when it is first asked for."""

    def folder_of(name: str) -> Path:
        folder = tmp_path_factory.getbasetemp() / "every-case" / name / name
        if not folder.exists():
            CASES[name](folder)
        return folder

    return folder_of


@pytest.fixture
def use(written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Return the function that makes the app look at one case."""

    def look_at(name: str) -> Path:
        folder = written(name)
        monkeypatch.setenv("DRIFTSCOPE_CASES", str(folder.parent))
        return folder

    return look_at


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    """Let go of every open workspace afterwards."""
    yield
    st.cache_resource.clear()
    st.cache_data.clear()
