"""The frame in a real browser: it opens, stays on this machine and keeps to its settings."""

from __future__ import annotations

import http.client
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from tests.browser.journey import OpenPage, Recorder, Server

LIGHT, DARK = "rgb(255, 255, 255)", "rgb(15, 23, 42)"


@pytest.fixture(scope="module")
def server(small_server: Server) -> Server:
    return small_server


@pytest.mark.parametrize(("scheme", "background"), [("light", LIGHT), ("dark", DARK)])
def test_the_theme_follows_the_browser(open_page: OpenPage, scheme: str, background: str) -> None:
    page = open_page("/", color_scheme=scheme)
    assert page.get_by_test_id("stApp").evaluate("app => getComputedStyle(app).backgroundColor") == background


def test_the_app_has_its_name_and_a_local_icon(open_page: OpenPage, server: Server) -> None:
    page = open_page("/")
    page.wait_for_function("document.title.includes('Driftscope')")
    icon = page.locator("link[rel='shortcut icon'], link[rel='icon']").first.get_attribute("href")
    assert icon is not None
    assert icon.startswith((server.url, "/", "./"))


def test_the_narrow_page_does_not_scroll_sideways(open_page: OpenPage) -> None:
    page = open_page("/", viewport=(390, 844))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 101), ("evil.example", 403)])
def test_data_is_refused_to_a_foreign_host(server: Server, host: str, status: int) -> None:
    # Everything the app shows travels on this websocket: a page that rebinds its own name to this machine gets none of it.
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "A" * 22 + "=="}
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)) as connection:
        connection.request("GET", "/_stcore/stream", headers={"Host": host, **upgrade})
        with connection.getresponse() as answer:
            assert answer.status == status


def test_the_recorder_notes_what_leaves_this_machine() -> None:
    recorder = Recorder()
    for url in ("http://127.0.0.1:1/x", "data:text/plain,x", "ws://localhost:1/s", "https://fonts.example/x.woff"):
        recorder.note(url)
    with pytest.raises(AssertionError, match=r"fonts\.example|left this machine"):
        recorder.check()
    assert recorder.foreign == ["https://fonts.example/x.woff"]
