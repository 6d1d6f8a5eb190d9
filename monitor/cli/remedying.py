"""`driftscope remedy`: what could be done about an incident, and what each way would have brought."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import asdict
from pathlib import Path
from typing import Any

from monitor.case import load_case
from monitor.cli.explaining import named_incident
from monitor.cli.measuring import Options, judged, keep_sources, request_of
from monitor.cli.progress import shown_progress, tell
from monitor.engine import open_workspace
from monitor.export.files import json_bytes, plain, records, to_csv, to_parquet, write_whole
from monitor.export.results import STANDARD_OUTPUT, writer_for
from monitor.registry import find_analysis
from monitor.remedies.bench import Bench, try_remedies
from monitor.remedies.table import remedies_table
from monitor.remedies.words import answer


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
            bench = try_remedies(workspace, one.hypothesis, production=question.production, seed=options.seed, progress=progress)
    if out is None:
        sys.stdout.writelines(f"{line}\n" for line in _text(one.title, bench))
        return
    content = _content(bench, one.id, Path(out).suffix.lower())
    if out == STANDARD_OUTPUT:
        sys.stdout.buffer.write(content)
        return
    write_whole(Path(out), content)
    tell(f"Written: {out}", quiet=options.quiet)


def _content(bench: Bench, incident: str, suffix: str) -> bytes:
    table = remedies_table(bench)
    if suffix == ".csv":
        return to_csv(table)
    if suffix == ".parquet":
        return to_parquet(table)
    said = answer(bench)
    told = {
        "incident": incident, "cause": bench.cause.cause.value, "rows": bench.rows, "labelled": bench.labelled, **asdict(said),
        "remedies": records(table),
    }  # fmt: skip
    return json_bytes(plain(told))


def _text(title: str, bench: Bench) -> list[str]:
    said, table = answer(bench), remedies_table(bench)
    width = max(len(str(one)) for one in table["title"])
    lines = [title, said.headline, said.doubt, ""]
    for row in table.to_dict("records"):
        lines.append(f"{row['rank']}  {row['title']:{width}}  {row['reason']}")
        if isinstance(row["assumes"], str):  # of a column without any, none is no text
            lines.append(f"{'':{width + 5}}assumes: {row['assumes']}")
    return lines
