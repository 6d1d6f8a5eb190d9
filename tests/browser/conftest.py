"""One server on the demo and one on small cases for all journeys, pages in contexts of their own that may not leave this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, sync_playwright

from tests.browser.journey import (
    CHROMIUM_ARGS,
    OpenPage,
    Recorder,
    Server,
    StartServer,
    chromium_on_this_machine,
    running_server,
    wait_until_done,
)
from tests.pages.cases import CASES, flights

HERE = Path(__file__).parent
REQUIRED = "DRIFTSCOPE_REQUIRE_BROWSER"
FAILED = HERE / ".failed"
INSTALL_SECONDS = 120


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.when == "call":
        item.stash[OUTCOME] = report.failed
    return report  # type: ignore[return-value]


OUTCOME = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def start_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartServer]:
    """Start further servers, `start_server(cases=folder)`; all end with the session."""
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(running_server(tmp_path_factory.mktemp("server"), **options))


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of cases: the demo, linked from elsewhere, so that nothing is written beside it."""
    folder = tmp_path_factory.mktemp("cases")
    flights(folder / "flights")
    return folder


@pytest.fixture(scope="session")
def server(start_server: StartServer, cases: Path) -> Server:
    """Return the server on the demo."""
    return start_server(cases=cases)


@pytest.fixture(scope="session")
def small_cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of small cases."""
    folder = tmp_path_factory.mktemp("small-cases")
    for name in ("shop", "no-labels", "hostile"):
        CASES[name](folder / name)
    with (folder / "shop" / "case.toml").open("a") as file:  # it has 24 rows a day
        file.write("\n[thresholds.drift]\nmin_rows = 20\n")
    return folder


@pytest.fixture(scope="session")
def small_server(start_server: StartServer, small_cases: Path) -> Server:
    """Return the server on the small cases."""
    return start_server(cases=small_cases)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


def launch(playwright: Playwright) -> Browser:
    """Start the machine's Chromium, else the one that Playwright installs; without either skip, or fail where one is required."""
    path = chromium_on_this_machine()
    failed = None if path else install_chromium()
    try:
        return playwright.chromium.launch(executable_path=path, headless=True, args=CHROMIUM_ARGS)
    except Error as error:
        reason = f"No Chromium can be started ({path or 'none on this machine'}): {failed or error.message.splitlines()[0]}"
        if os.environ.get(REQUIRED):
            pytest.fail(reason)
        pytest.skip(reason)


@cache
def install_chromium() -> str | None:
    """Run Playwright's own installer and return why it failed, if it did."""
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"'playwright install chromium' took more than {INSTALL_SECONDS} s"
    return None if done.returncode == 0 else f"'playwright install chromium' failed: {(done.stderr or done.stdout).strip().splitlines()[0]}"


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """Fail the test afterwards when a request left this machine or a script failed in the browser."""
    watching = Recorder()
    yield watching
    watching.check()


@pytest.fixture
def open_page(browser: Browser, server: Server, recorder: Recorder, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Return the function that opens addresses of the server."""
    contexts: list[BrowserContext] = []

    def open_one(address: str = "/", *, wait: bool = True, viewport: tuple[int, int] = (1280, 900), **look: Any) -> Page:
        width, height = viewport
        context = browser.new_context(viewport={"width": width, "height": height}, **({"timezone_id": "UTC"} | look))
        contexts.append(context)
        recorder.watch(context)
        page = context.new_page()
        page.goto(address if "://" in address else server.url + address)
        if wait:
            wait_until_done(page)
        return page

    yield open_one
    if request.node.stash.get(OUTCOME, False):
        keep_evidence(request.node.name, contexts, server)
    for context in contexts:
        context.close()


def keep_evidence(name: str, contexts: list[BrowserContext], server: Server) -> None:
    """Save pictures of all open pages and the server's log of a failed test."""
    FAILED.mkdir(exist_ok=True)
    stem = "".join(letter if letter.isalnum() else "-" for letter in name)
    for number, page in enumerate(page for context in contexts for page in context.pages):
        page.screenshot(path=FAILED / f"{stem}-{number}.png")
    (FAILED / f"{stem}.log").write_text(server.said(), encoding="utf-8")
