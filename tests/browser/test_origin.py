"""A real server answers pages of its own address only, and lets nobody frame it."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.browser.journey import Server

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}


def asked(server: Server, path: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Send one request as it stands and return status and headers of the answer."""
    place = urlsplit(server.url)
    given = {"Host": place.netloc} | headers
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=20) as connection:
        connection.sendall("\r\n".join(lines).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
    first, *rest = head.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}


@pytest.mark.parametrize("path", ["/", "/drift", "/_stcore/health", "/static/js/none.js", "/_stcore/host-config"])
def test_no_answer_may_be_framed(server: Server, path: str) -> None:
    _, headers = asked(server, path)
    assert (headers["x-frame-options"], headers["content-security-policy"]) == ("DENY", "frame-ancestors 'none'")
    assert "access-control-allow-origin" not in headers


FOREIGN = [
    {"Origin": "http://localhost:9999"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Host": "evil.example"},
    {"Host": "evil.example:80", "Origin": "http://evil.example:80"},
    {"Host": "[::1"},
    {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "image"},
    {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "empty"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("path", ["/_stcore/health", "/_stcore/stream"])
def test_a_page_of_another_address_is_refused(server: Server, path: str, headers: dict[str, str]) -> None:
    status, _ = asked(server, path, **(UPGRADE if path.endswith("stream") else {}), **headers)
    assert status == 403


def test_a_page_of_its_own_is_answered(server: Server) -> None:
    own = {"Origin": server.url}
    assert asked(server, "/_stcore/stream", **UPGRADE, **own)[0] == 101
    assert asked(server, "/_stcore/health", **own)[0] == 200
    assert asked(server, "/drift", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"})[0] == 200
    assert asked(server, "/_stcore/health")[0] == 200
