"""A receiver that listens on this machine and keeps what it was sent."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest


@dataclass
class Receiver:
    """What came, and what is answered next: `codes` in turn (then 200), each after `wait` seconds, with one of `answers` as JSON in turn
    (then nothing), or with a letter every `trickle` seconds that never ends."""

    url: str = ""
    came: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    wait: float = 0.0
    answers: list[Any] = field(default_factory=list)
    trickle: float = 0.0

    @property
    def bodies(self) -> list[Any]:
        return [body for _, _, body in self.came]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    known = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            known.came.append((self.path, dict(self.headers), json.loads(content)))
            time.sleep(known.wait)
            code = known.codes.pop(0) if known.codes else 200
            self.send_response(code)
            if code == 302:
                self.send_header("Location", f"{known.url}/elsewhere")
            self.end_headers()
            if known.answers:
                self.wfile.write(json.dumps(known.answers.pop(0)).encode())
            for _ in range(20 if known.trickle else 0):
                time.sleep(known.trickle)
                try:
                    self.wfile.write(b"x")
                except OSError:
                    return

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    known.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()
