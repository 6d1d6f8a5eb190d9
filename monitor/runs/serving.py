"""Stored runs of cases over HTTP, for Prometheus: a request reads files and computes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from monitor.case import CASE_FILE
from monitor.errors import CaseError, SettingError
from monitor.export.openmetrics import render
from monitor.runs.metrics import families_of_runs
from monitor.runs.stored import Stored, stored_run

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The older text form: it holds no moments. Prometheus refuses samples older than its newest block, and windows end hours or weeks ago."""
WAIT_SECONDS = 10
"""How long a reader may take to ask."""


def roots_of(places: Sequence[Path]) -> tuple[Path, ...]:
    """Return the folders of cases that are named: cases, or folders of cases.

    Raises
    ------
    CaseError
        A folder holds none.
    """
    found: list[Path] = []
    for place in places:
        folder = (place.parent if place.name == CASE_FILE else place).resolve()
        inside = [folder] if (folder / CASE_FILE).is_file() else [one.parent for one in sorted(folder.glob(f"*/{CASE_FILE}"))]
        if not inside:
            raise CaseError(f"There is no case in '{place}': neither it nor a folder in it has a {CASE_FILE}.")
        found += inside
    return tuple(dict.fromkeys(found))


def metrics_text(roots: Sequence[Path]) -> str:
    """Return what /metrics answers: the last run of every case that has one."""
    return render(families_of_runs(_runs(roots)), "prometheus")


def health_text(roots: Sequence[Path]) -> str:
    """Return what /healthz answers: how many cases there are, and of how many a run is known."""
    return f"ok: {len(roots)} cases, {sum(stored_run(root) is not None for root in roots)} with a run\n"


def _runs(roots: Sequence[Path]) -> list[Stored]:
    return [run for root in roots if (run := stored_run(root, numbers=True)) is not None]


def server_of(roots: Sequence[Path], host: str, port: int) -> ThreadingHTTPServer:
    """Return a server that listens; port 0 is any that is free.

    Raises
    ------
    SettingError
        It cannot listen there.
    """

    class Handler(_Handler):
        cases = tuple(roots)

    try:
        return ThreadingHTTPServer((host, port), Handler)
    except (OSError, OverflowError) as error:
        raise SettingError(f"Nothing can listen at {host}:{port}: {error}. Name another --port or --host.") from error


class _Handler(BaseHTTPRequestHandler):
    cases: tuple[Path, ...] = ()
    timeout = WAIT_SECONDS
    server_version = "driftscope"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(HTTPStatus.OK, metrics_text(self.cases), CONTENT_TYPE)
        elif path == "/healthz":
            self._answer(HTTPStatus.OK, health_text(self.cases))
        else:
            self._answer(HTTPStatus.NOT_FOUND, "Ask for /metrics or /healthz.\n")

    def do_HEAD(self) -> None:
        """Answer without a body, as a health check may ask."""
        self.do_GET()

    def _answer(self, status: HTTPStatus, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        content = text.encode(errors="replace")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """Say nothing: a scrape every quarter of a minute is no news."""
