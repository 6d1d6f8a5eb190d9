"""`driftscope ready`: may a model go live."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.case import load_case
from monitor.cli.delivering import deliver
from monitor.cli.measuring import keep_sources
from monitor.cli.progress import shown_progress, tell
from monitor.engine import open_workspace
from monitor.errors import SettingError
from monitor.export.files import records
from monitor.export.results import writer_for
from monitor.readiness.check import Check, Readiness
from monitor.readiness.records import sign
from monitor.readiness.running import Asked, examine
from monitor.readiness.table import readiness_table
from monitor.readiness.words import figure_text, limit_text, readiness_answer, record_text


def asked_for(given: list[str], candidate: str) -> tuple[str, Path]:
    """Return the candidate and the case of `[CANDIDATE] CASE`.

    Raises
    ------
    SettingError
        More is named, or the candidate twice.
    """
    if len(given) > 2 or (len(given) == 2 and candidate):
        raise SettingError(f"{len(given)} names are given, and one or two are read: driftscope ready [CANDIDATE] CASE.")
    return (given[0] if len(given) == 2 else candidate), Path(given[-1])


def ready_case(place: Path, asked: Asked, out: str | None, *, who: str | None, note: str, quiet: bool) -> int:
    """Print (or write) what a model that goes live has to show, and sign it where asked; return 0 where it is ready, else 1.

    Raises
    ------
    DriftscopeError
        The candidate cannot be looked at, the result not be written, or nobody signs.
    """
    if note and who is None:
        raise SettingError("--note says why somebody signs: give --sign NAME too.")
    if out is not None:
        writer_for(out)
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr), shown_progress(quiet=quiet) as progress:
        found = examine(workspace, asked, progress=progress)
    said = readiness_answer(found).headline
    deliver(out, lambda: _text(found), readiness_table(found), lambda table: _record(found, table), said, quiet=quiet)
    if who is not None:
        tell(record_text(sign(case, found, who, note)), quiet=quiet)
    return 0 if found.ready else 1


def _record(found: Readiness, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "case": found.case, "candidate": found.candidate or None, "ready": found.ready, **asdict(readiness_answer(found)),
        "checks": records(table), "prints": dict(found.prints), "versions": dict(found.versions), "seconds": found.seconds,
    }  # fmt: skip


def _text(found: Readiness) -> str:
    said = readiness_answer(found)
    return "\n".join((said.headline, said.doubt, "", *(_line(one) for one in found.checks))) + "\n"


def _line(one: Check) -> str:
    figure = figure_text(one)
    held = f"\n{'':11}{one.of}: {figure}; limit {limit_text(one)}" if figure else ""
    return f"{one.verdict.value.upper():9}  {one.question}{' (required)' if one.required else ''}\n{'':11}{one.said}{held}"
