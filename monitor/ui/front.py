"""What stands before the screens on the network: a plain page for an address that is none, and where a page finds its server.

Streamlit's page would first ask for the server below the page's own address (`/drift/_stcore/health`), which is an error in the log of
every browser; and for an address without a page it opens the first one behind a message about files.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from html import escape
from typing import Any
from urllib.parse import unquote

from monitor.errors import nearest
from monitor.ui.navigation import HOME, entries

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LONGEST = 60
"""Letters of an address that are quoted."""
_NOT_PAGES = ("_stcore", "static", "media", "component", "app", "vendor", "auth", "oauth2callback")
_FOUND = """<script>
(() => {{
  const page = /\\/({pages})\\/?$/.exec(location.pathname);
  if (page) {{
    const server = location.origin + location.pathname.slice(0, page.index + 1);
    window.__streamlit = {{ BACKEND_BASE_URL: server, MAIN_PAGE_BASE_URL: server }};
  }}
}})();
</script>"""
_NONE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>No such page · Driftscope</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 15px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 12vh auto; padding: 0 1.5rem; }}
h1 {{ font-size: 1.6rem; }}
a {{ color: light-dark(#1D4ED8, #7FB2FF); }}
</style>
</head>
<body>
<h1>There is no page “{asked}”.</h1>
<p>{nearest} Open the <a href="overview{query}">Overview</a>, or one of: {links}.</p>
</body>
</html>"""


class Front:
    """An ASGI middleware around Streamlit's server."""

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request for a page that is not there; let all others through, and tell pages where their server is."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _wants_page(scope):
            await self.app(scope, receive, send)
            return
        asked = _page_of(str(scope["path"]))
        if asked and asked not in _known():
            await _answer(send, 404, no_such_page(asked, str(scope.get("query_string", b""), "latin-1")))
            return
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        await self.app(scope, receive, _Told(send))


class _Told:
    """Sends an answer on; a page goes with the script that finds its server."""

    def __init__(self, send: Send) -> None:
        self.send, self.start, self.body = send, None, b""

    start: Message | None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_page(message):
            self.start = message
            return
        if self.start is None:
            await self.send(message)
            return
        self.body += message.get("body", b"")
        if not message.get("more_body", False):
            whole = self.body.replace(b"<head>", b"<head>" + script().encode(), 1)
            headers = [(name, value) for name, value in self.start["headers"] if name.lower() != b"content-length"]
            await self.send({**self.start, "headers": [*headers, (b"content-length", str(len(whole)).encode())]})
            await self.send({"type": "http.response.body", "body": whole})


def script() -> str:
    """Return the script by which a page finds its server, wherever that is mounted: the part of the address before the page's name."""
    return _FOUND.format(pages="|".join(sorted(_known())))


def no_such_page(asked: str, query: str) -> str:
    """Return the page that says that there is no such page, with the ways to those that are; they keep what the address chose."""
    asked = asked if len(asked) <= LONGEST else f"{asked[: LONGEST - 1]}…"
    kept = f"?{escape(query)}" if query else ""
    links = ", ".join(f'<a href="{one.address}{kept}">{escape(one.title)}</a>' for one in entries()[1:])
    return _NONE.format(
        asked=escape(asked), nearest=escape(nearest(asked, [one.address for one in entries()]).strip()), query=kept, links=links
    )


def _known() -> set[str]:
    return {HOME, *(address for one in entries() for address in one.addresses)}


def _page_of(path: str) -> str:
    """Return the last part of a path if it asks for a page; empty for the bare address, files and what the server itself answers."""
    parts = [part for part in path.split("/") if part]
    if not parts or "." in parts[-1] or any(part in _NOT_PAGES for part in parts):
        return ""
    return unquote(parts[-1])


def _wants_page(scope: Scope) -> bool:
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _is_page(message: Message) -> bool:
    headers: Mapping[bytes, bytes] = {name.lower(): value for name, value in message["headers"]}
    return int(message["status"]) == 200 and headers.get(b"content-type", b"").startswith(b"text/html")


async def _answer(send: Send, status: int, text: str) -> None:
    body = text.encode()
    headers = [(b"content-type", b"text/html; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
