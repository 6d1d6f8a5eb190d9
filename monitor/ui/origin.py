"""Who may speak to the server: pages of its own address, in a window of their own. Nobody else on this machine or in a frame.

Where people sign in, its own address is also the one that sign-in comes back to (`host`). Where nobody does, only this machine may ask,
also through a proxy on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from monitor.access import local

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS = (
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
"""No page of another address may show the screens in a frame, read what the server answers or learn an address of it."""
HERE = frozenset({"localhost", "127.0.0.1", "::1"})
REFUSED = b"This address answers only pages of its own. Open it in a window of its own.\n"
CLOSED = 1008
"""WebSocket: the policy does not allow it."""


def allowed(headers: MutableMapping[bytes, bytes], hosts: frozenset[str] = HERE) -> bool:
    """Say whether a request comes from a page of the address that it is sent to, or from no page at all, and is meant for one of the hosts.

    >>> allowed({b"host": b"127.0.0.1:8501", b"origin": b"http://127.0.0.1:9999"})
    False
    """
    host = headers.get(b"host", b"").decode("latin-1").lower()
    if not _named(host, hosts) or (hosts == HERE and _from_elsewhere(headers)):
        return False
    origin = headers.get(b"origin")
    if origin is not None:
        return origin.decode("latin-1").lower() in (f"http://{host}", f"https://{host}")
    # A browser says of every request where it comes from; links and addresses that are typed are requests of a whole page.
    told = headers.get(b"sec-fetch-site", b"none")
    return told in (b"none", b"same-origin") or headers.get(b"sec-fetch-dest") == b"document"


def _named(host: str, hosts: frozenset[str]) -> bool:
    try:
        return urlsplit(f"//{host}").hostname in hosts
    except ValueError:
        return False


def _from_elsewhere(headers: MutableMapping[bytes, bytes]) -> bool:
    """Say whether a proxy on this machine passes on what another machine asks."""
    passed = headers.get(b"x-forwarded-for", b"").decode("latin-1")
    return any(not local(one.strip()) for one in passed.split(",") if one.strip())


class OwnPagesOnly:
    """Refuses what comes from other pages, and forbids them to frame ours (ASGI middleware)."""

    def __init__(self, app: App, host: str = "") -> None:
        self.app = app
        self.hosts = HERE | {host} if host else HERE

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
        elif not allowed(dict(scope["headers"]), self.hosts):
            await _refuse(scope, send)
        elif scope["type"] == "websocket":
            await self.app(scope, receive, send)
        else:
            await self.app(scope, receive, lambda message: send(_guarded(message)))


def _guarded(message: Message) -> Message:
    if message["type"] != "http.response.start":
        return message
    ours = {name for name, _ in HEADERS}
    return {**message, "headers": [*(pair for pair in message.get("headers", ()) if pair[0].lower() not in ours), *HEADERS]}


async def _refuse(scope: Scope, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": CLOSED})
        return
    await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"text/plain"), *HEADERS]})
    await send({"type": "http.response.body", "body": REFUSED})
