"""What stands before the screens: a plain page for an address that is none, and a page that knows its server."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

import pytest

from monitor.ui.front import Front, script

PAGE = b"<html><head><title>Driftscope</title></head></html>"


async def _server(_scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html"), (b"content-length", b"51")]})
    await send({"type": "http.response.body", "body": PAGE[:20], "more_body": True})
    await send({"type": "http.response.body", "body": PAGE[20:]})


def ask(path: str, *, query: str = "", accept: str = "text/html", method: str = "GET") -> tuple[int, dict[bytes, bytes], str]:
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.disconnect"}

    headers = [(b"accept", accept.encode()), (b"accept-encoding", b"gzip")]
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
    asyncio.run(Front(_server)(scope, receive, send))
    body = b"".join(one.get("body", b"") for one in sent[1:])
    return sent[0]["status"], dict(sent[0]["headers"]), body.decode()


@pytest.mark.parametrize("path", ["/", "/drift", "/overview/", "/home", "/challengers", "/shadow", "/some/place/behind/a/proxy/drift"])
def test_a_page_goes_with_the_script_that_finds_its_server(path: str) -> None:
    status, headers, text = ask(path)
    assert status == 200
    assert text.startswith(f"<html><head>{script()}<title>")
    assert int(headers[b"content-length"]) == len(text.encode())


def test_a_page_that_is_not_there_is_told_with_the_nearest_and_the_ways_back() -> None:
    status, _, text = ask("/drfit", query="case=flights&where=x%3E1")
    assert status == 404
    assert "There is no page “drfit”." in text
    assert "Did you mean 'drift'?" in text.replace("&#x27;", "'")
    assert 'href="overview?case=flights&amp;where=x%3E1"' in text


def test_an_address_that_means_harm_is_only_text_and_short() -> None:
    _, _, text = ask("/<script>alert(1)</script>".replace("/script", "%2Fscript"), query='"><img src=x>')
    assert "<script>" not in text
    assert "<img" not in text
    assert "x" * 59 + "…" in ask("/" + "x" * 500)[2]


@pytest.mark.parametrize(
    ("path", "accept", "method"),
    [
        ("/_stcore/health", "text/html", "GET"),
        ("/static/js/index.js", "text/html", "GET"),
        ("/favicon.png", "text/html", "GET"),
        ("/nopage", "application/json", "GET"),
        ("/nopage", "text/html", "POST"),
    ],
)
def test_what_is_no_request_for_a_page_goes_through(path: str, accept: str, method: str) -> None:
    assert ask(path, accept=accept, method=method)[0] == 200
