"""`driftscope remedy`: what could be done about an incident, and what each way would have brought."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.case import load_case
from monitor.cli.delivering import deliver
from monitor.cli.explaining import named_incident
from monitor.cli.measuring import Options, judged, keep_sources, request_of
from monitor.cli.progress import shown_progress
from monitor.engine import open_workspace
from monitor.export.files import records
from monitor.export.results import writer_for
from monitor.incidents.incident import Incident
from monitor.incidents.next_step import next_step
from monitor.registry import find_analysis
from monitor.remedies.bench import Bench
from monitor.remedies.kept import tried_now
from monitor.remedies.table import remedies_table
from monitor.remedies.words import answer, next_text


def remedy_incident(place: Path, name: str, out: str | None, options: Options) -> None:
    """Print the options of an incident (its id, or the first letters of it), the preferred one first, or write them as a table.

    Raises
    ------
    SettingError
        There is no such incident, or the file is of a form that is not written.
    """
    if out is not None:
        writer_for(out)
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        found: Any = judged(find_analysis("incidents"), workspace, options)
        one = named_incident(found, name)
        question = request_of(workspace, options).question
        with shown_progress(quiet=options.quiet) as progress:
            bench = tried_now(workspace, question, one, found.incidents, progress=progress)
    deliver(out, lambda: _text(one, bench), remedies_table(bench), lambda table: _record(bench, one, table), "", quiet=options.quiet)


def _record(bench: Bench, one: Incident, table: pd.DataFrame) -> dict[str, Any]:
    wrong = {"n": bench.left_out, "incidents": dict(bench.wrong)}
    return {
        "incident": one.id, "cause": bench.cause.cause.value, "rows": bench.rows, "labelled": bench.labelled, "wrong_rows": wrong,
        **asdict(answer(bench)), "next": next_text(bench, next_step(one)), "remedies": records(table),
    }  # fmt: skip


def _text(one: Incident, bench: Bench) -> str:
    said, table = answer(bench), remedies_table(bench)
    width = max(len(str(one)) for one in table["title"])
    following = next_text(bench, next_step(one))  # as `explain` says it
    lines = [one.title, said.headline, said.doubt, *([] if following.startswith(said.headline) else [f"Next: {following}"]), ""]
    for row in table.to_dict("records"):
        lines.append(f"{row['rank']}  {row['title']:{width}}  {row['reason']}")
        if isinstance(row["assumes"], str):  # of a column without any, none is no text
            lines.append(f"{'':{width + 5}}assumes: {row['assumes']}")
    return "\n".join((*lines, ""))
