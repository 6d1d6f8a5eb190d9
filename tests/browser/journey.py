"""What journeys in a real browser stand on: a fresh server, the machine's Chromium, waiting until a page is done."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Locator, Page

ROOT = Path(__file__).parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HERE_ONLY = {"127.0.0.1", "localhost"}
CHROMIUM_ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# The script has ended, nothing is a placeholder any more, and this has been so for a while (a click starts a rerun a moment later).
DONE = """(quietMs) => {
  const app = document.querySelector('[data-testid="stApp"]');
  const done = app && app.dataset.testScriptState === 'notRunning' && app.dataset.testConnectionState === 'CONNECTED'
    && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"], [data-testid="stSpinner"]');
  if (!done) { window.__doneSince = undefined; return false; }
  window.__doneSince ??= performance.now();
  return performance.now() - window.__doneSince >= quietMs;
}"""

# Whether anything is wider than the screen.
SIDEWAYS = """() => {
  const main = document.querySelector('[data-testid="stMain"]');
  return document.scrollingElement.scrollWidth > innerWidth || main.scrollWidth > main.clientWidth;
}"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running app: its address and the file that holds what it said."""

    url: str
    log: Path

    def said(self) -> str:
        """Return what the server printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")


class OpenPage(Protocol):
    """Opens an address such as ``/drift?column=temp_f`` in a browser context of its own and waits until it is done."""

    def __call__(
        self,
        address: str = "/",
        *,
        viewport: tuple[int, int] = (1280, 900),
        color_scheme: str = "light",
        timezone_id: str = "UTC",
        wait: bool = True,
    ) -> Page: ...


StartServer = Callable[..., Server]


def chromium_on_this_machine() -> str | None:
    """Return the path of an installed Chromium or Chrome."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(folder: Path, *, cases: Path | None = None, seconds: float = 90) -> Iterator[Server]:
    """Run the app on a free port with a cache of its own; `cases` replaces the demo."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "serve.py", "--server.port", str(port), "--server.headless", "true"]
    server = Server(address, folder / "server.log")
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--server.fileWatcherType", "none"],
            cwd=ROOT,
            env=_environment(folder, cases),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_for_health(server, process, seconds=seconds)
            yield server
        finally:
            _end(process)


def _environment(folder: Path, cases: Path | None) -> Mapping[str, str]:
    own = {"DRIFTSCOPE_CACHE": str(folder / "cache"), "PYTHONUNBUFFERED": "1"}
    return os.environ | own | ({"DRIFTSCOPE_CASES": str(cases)} if cases else {})


def _wait_for_health(server: Server, process: subprocess.Popen[bytes], *, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"The server ended with {process.returncode}:\n{server.said()}")
        if _healthy(server):
            return
        time.sleep(0.1)
    raise AssertionError(f"The server was not up after {seconds} s:\n{server.said()}")


def _healthy(server: Server) -> bool:
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=2)) as connection:
        try:
            connection.request("GET", "/_stcore/health")
            with connection.getresponse() as answer:
                return answer.status == 200
        except OSError:  # not listening yet
            return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def wait_until_done(page: Page, *, quiet_ms: int = 300, timeout_ms: int = 60_000) -> None:
    """Wait until the page has nothing left to do, and fail when it shows an exception."""
    page.evaluate("window.__doneSince = undefined")
    page.wait_for_function(DONE, arg=quiet_ms, timeout=timeout_ms, polling=50)
    shown = page.get_by_test_id("stException")
    assert shown.count() == 0, f"The page shows an exception: {shown.first.inner_text()}"


def menu(page: Page, title: str) -> Locator:
    """Return the entry of a page in the menu."""
    return page.get_by_test_id("stSidebar").get_by_role("link", name=title, exact=True)


def go_to(page: Page, title: str) -> None:
    """Go to a page by the menu and wait until it is done."""
    menu(page, title).click()
    page.wait_for_function("title => document.title.includes(title)", arg=f" · {title} · ")
    wait_until_done(page)


@dataclass(slots=True)
class Recorder:
    """Notes every request that leaves this machine and every error of a script in the browser."""

    foreign: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Follow everything that happens in a context."""
        context.on("request", lambda request: self.note(request.url))
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("page", lambda page: page.on("websocket", lambda socket: self.note(socket.url)))

    def note(self, url: str) -> None:
        """Keep an address that is not of this machine."""
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in HERE_ONLY:
            self.foreign.append(url)

    def check(self) -> None:
        """Fail when something was noted."""
        assert self.foreign == [], "Requests left this machine"
        assert self.errors == [], "Scripts failed in the browser"
