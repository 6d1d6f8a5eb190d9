"""People sign in at a real provider of OpenID Connect, in a browser: who they are, what they may do, what they see, and the way out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Error, Page, expect, sync_playwright

from monitor.case import load_case
from monitor.export.boards import list_boards
from tests.browser.journey import CHROMIUM_ARGS, ROOT, Recorder, chromium_on_this_machine, free_port, wait_until_done
from tests.pages.cases import CASES

pytestmark = pytest.mark.skipif(
    find_spec("authlib") is None or find_spec("oidc_provider_mock") is None, reason="the packages of the extra oidc are not installed"
)
SECONDS = 90
STYLE = "https://cdn.jsdelivr.net/npm/@picocss"
"""What pages of the provider ask for, not ours; they do without."""
SETTINGS = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "driftscope"
client_secret = "of the test"
server_metadata_url = "{provider}/.well-known/openid-configuration"
client_kwargs = {{ prompt = "login" }}

[access.roles]
owner = ["olga@example.com"]
analyst = ["group:risk"]
viewer = ["*@example.com"]

[access.cases]
secret = ["olga@example.com"]
"""
PEOPLE = [
    {"sub": "1", "name": "Vera", "email": "vera@example.com", "email_verified": True},
    {"sub": "2", "name": "Anton", "email": "anton@example.com", "email_verified": True, "groups": ["risk"]},
    {"sub": "3", "name": "Eve", "email": "olga@example.com", "email_verified": False},
]


@dataclass(frozen=True, slots=True)
class Served:
    """The app behind sign-in: its address, its cases and the lines of its log."""

    url: str
    cases: Path
    audit: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for path in sorted(self.audit.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def running(command: list[str], url: str, log: Path, **environment: str) -> Iterator[None]:
    with log.open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stdout=said, stderr=subprocess.STDOUT)
        try:
            wait_for(url, process, log)
            yield
        finally:
            process.terminate()
            process.wait(SECONDS)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(url, timeout=2).ok:
                return
        except OSError:  # not listening yet
            pass
        time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("signin")
    for name in ("shop", "secret"):
        CASES["shop"](folder / "cases" / name)
    url, provider = f"http://localhost:{(port := free_port())}", f"http://localhost:{(other := free_port())}"
    (folder / "settings/driftscope").mkdir(parents=True)
    kept = folder / "settings/driftscope/server.toml"
    kept.write_text(SETTINGS.format(url=url, provider=provider), encoding="utf-8")
    kept.chmod(0o600)
    people = [word for one in PEOPLE for word in ("--user-claims", json.dumps(one))]
    asked = [sys.executable, "-m", "oidc_provider_mock", "--port", str(other), *people]
    app = [sys.executable, "-m", "monitor", "app", str(folder / "cases"), "--port", str(port), "--headless"]
    own = {
        "XDG_CONFIG_HOME": str(folder / "settings"), "DRIFTSCOPE_CACHE": str(folder / "cache"), "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    with (
        running(asked, f"{provider}/.well-known/openid-configuration", folder / "provider.log", PYTHONWARNINGS=""),
        running(app, f"{url}/_stcore/health", folder / "app.log", **own),
    ):
        yield Served(url, folder / "cases", folder / "settings/driftscope/audit")


@pytest.fixture(scope="module")
def open_page(served: Served) -> Iterator[Callable[[], Page]]:
    """Return what opens the first page in a browser of its own, whom nobody knows yet; nothing may leave this machine."""
    recorder = Recorder()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=chromium_on_this_machine(), headless=True, args=CHROMIUM_ARGS)
        except Error as error:
            pytest.skip(f"no Chromium can be started: {error.message.splitlines()[0]}")

        def opened() -> Page:
            context = browser.new_context(viewport={"width": 1440, "height": 900}, timezone_id="UTC")
            context.route(f"{STYLE}/**", lambda route: route.abort())
            recorder.watch(context)
            page = context.new_page()
            page.goto(f"{served.url}/boards?case=shop")
            return page

        yield opened
        browser.close()
    recorder.foreign = [url for url in recorder.foreign if not url.startswith(STYLE)]
    recorder.check()


def sign_in(page: Page, subject: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=subject, exact=True).first.click()


def boards(served: Served) -> list[str]:
    return [one.title for one in list_boards(load_case(served.cases / "shop")).boards]


def test_a_viewer_looks_and_changes_nothing(served: Served, open_page: Callable[[], Page]) -> None:
    page = open_page()
    expect(page.get_by_role("heading", name="Sign in to Driftscope")).to_be_visible(timeout=SECONDS * 1000)
    assert page.get_by_test_id("stSidebar").count() == 0
    sign_in(page, "1")
    expect(page.get_by_text("Vera · viewer")).to_be_visible(timeout=SECONDS * 1000)
    page.goto(f"{served.url}/boards?case=shop")
    expect(page.get_by_role("button", name="Begin a board")).to_be_disabled(timeout=SECONDS * 1000)
    page.goto(f"{served.url}/setup?case=shop")
    expect(page.get_by_role("button", name="Check and save case.toml")).to_be_disabled(timeout=SECONDS * 1000)
    page.goto(f"{served.url}/boards?case=secret")  # a case of others is none
    expect(page.get_by_text("There is no case", exact=False).first).to_be_visible(timeout=SECONDS * 1000)
    assert boards(served) == []


def test_an_analyst_works_under_the_own_name_and_signs_out(served: Served, open_page: Callable[[], Page]) -> None:
    page = open_page()
    sign_in(page, "2")
    expect(page.get_by_text("Anton · analyst")).to_be_visible(timeout=SECONDS * 1000)
    page.goto(f"{served.url}/setup?case=shop")
    expect(page.get_by_role("button", name="Check and save case.toml")).to_be_disabled(timeout=SECONDS * 1000)
    page.goto(f"{served.url}/boards?case=shop")
    page.get_by_label("Title").fill("On call")
    page.get_by_role("button", name="Begin a board").click()
    expect(page.get_by_role("heading", name="On call")).to_be_visible(timeout=SECONDS * 1000)
    wait_until_done(page)
    [board] = list_boards(load_case(served.cases / "shop")).boards
    assert {one.who for one in board.history} == {"anton@example.com"}
    [changed] = [one for one in served.lines() if one["act"] == "changed"]
    assert (changed["who"], changed["role"], changed["what"]) == ("anton@example.com", "analyst", "kept the board")
    assert Path(changed["file"]).is_relative_to(served.cases / "shop")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="End session").click()
    expect(page.get_by_role("heading", name="Sign in to Driftscope")).to_be_visible(timeout=SECONDS * 1000)


def test_an_address_that_the_provider_does_not_vouch_for_is_nobody(open_page: Callable[[], Page]) -> None:
    page = open_page()
    sign_in(page, "3")
    expect(page.get_by_role("heading", name="You have no role here")).to_be_visible(timeout=SECONDS * 1000)
    assert page.get_by_test_id("stSidebar").count() == 0
