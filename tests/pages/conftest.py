"""Cases are written once for all pages, and measured once for the tests of a module; the app looks at the one that a test uses."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import local_script_runner
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from monitor.charts import chart
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
        if name == "payments":
            _check_charts(monkeypatch)
        return folder

    return look_at


def _check_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check each chart by the schema of Vega-Lite: the app does not, and the case with the most charts is enough for their kinds."""
    made = chart.Chart.__init__

    def checked(self: Any, spec: dict[str, Any], *rest: Any, **more: Any) -> None:
        alt.Chart.from_dict({**spec, "data": {"name": "table"}}, validate=True)
        made(self, spec, *rest, **more)

    monkeypatch.setattr(chart.Chart, "__init__", checked)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the folder of the cases that a module writes once; the app looks at it, and what one test measured is there for the next."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTSCOPE_CASES", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def _nothing_pinned(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take away what a test pinned in a case that others look at too."""
    yield
    if "home" in request.fixturenames:
        for pins in request.getfixturevalue("home").glob("*/.driftscope/pins"):
            shutil.rmtree(pins)


@pytest.fixture(scope="session", autouse=True)
def _scanned_once() -> Iterator[None]:
    """Let every run of the app share one scan of the installed packages for components, which takes longer than most pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session", autouse=True)
def _waited_for() -> Iterator[None]:
    """Let a test sleep while its page runs; AppTest looks a thousand times a second whether the page is done, which the page pays for."""

    def wait(runner: LocalScriptRunner, timeout: float = 3) -> None:
        runner._script_thread.join(timeout)
        polled(runner, 1.0 if runner.script_stopped() else 0.0)

    polled = local_script_runner.require_widgets_deltas
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local_script_runner, "require_widgets_deltas", wait)
        yield


@pytest.fixture(scope="module", autouse=True)
def _closed() -> Iterator[None]:
    """Let go of every open workspace afterwards."""
    yield
    st.cache_resource.clear()
    st.cache_data.clear()
