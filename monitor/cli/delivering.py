"""Where what a command found goes: text for people, else a file (or standard output) in the form that its ending names."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.cli.progress import tell
from monitor.export.files import json_bytes, plain, to_csv, to_parquet
from monitor.export.outputs import write_output
from monitor.export.results import STANDARD_OUTPUT

Record = Callable[[pd.DataFrame], Mapping[str, Any]]
TABLES: Mapping[str, Callable[[pd.DataFrame], bytes]] = {".csv": to_csv, ".parquet": to_parquet}


def deliver(out: str | None, text: Callable[[], str], table: pd.DataFrame, record: Record, said: str, *, quiet: bool) -> None:
    """Print what was found as text, or write it: the table as .csv or .parquet, else all of it as JSON.

    Parameters
    ----------
    out : file, "-" for JSON on standard output, None for text there.
    text, record : made only where they are asked for; `record` of the table.
    said : told on standard error beside the name of a file.

    Raises
    ------
    SourceError
        The file cannot be written.
    """
    if out is None:
        sys.stdout.write(text())
        return
    form = TABLES.get(Path(out).suffix.lower())
    content = json_bytes(plain(record(table))) if form is None else form(table)
    if out == STANDARD_OUTPUT:
        sys.stdout.buffer.write(content)
        return
    write_output(Path(out), content)
    tell(f"{said}\nWritten: {out}" if said else f"Written: {out}", quiet=quiet)
