"""A result as a file: .json, .csv or .parquet, or JSON on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd

from monitor.errors import SettingError, SourceError
from monitor.export.files import to_csv, to_json, to_parquet
from monitor.export.outputs import write_output
from monitor.judgement.findings import findings_table
from monitor.judgement.judged import Judged
from monitor.tables import Result

STANDARD_OUTPUT = "-"

Writer = Callable[[Result], bytes]
_WRITERS: Mapping[str, Writer] = {
    ".json": to_json,
    ".csv": lambda result: to_csv(result.table),
    ".parquet": lambda result: to_parquet(result.table),
}


def as_result(judged: Judged) -> Result:
    """Return a judged analysis as a result: its table, and in its provenance the thresholds and what chance alone would give."""
    provenance = judged.provenance
    return Result(
        analysis=judged.analysis,
        case=judged.case,
        table=_told(judged.table),
        skipped=judged.skipped,
        provenance=replace(
            provenance,
            settings={**provenance.settings, "thresholds": judged.settings},
            summary={**provenance.summary, **judged.summary},
        ),
        findings=findings_of(judged),
    )


def findings_of(judged: Judged) -> pd.DataFrame:
    """Return the findings of a judged analysis as a table."""
    return findings_table(judged.findings, judged.names, judged.against)


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Name the output itself where the table is cut by levels: `column` and `segment` say together what a row is of."""
    if "output" not in table:
        return table
    return table.assign(column=table["output"]).drop(columns="output")


def write_result(result: Result | Judged, place: Path | str) -> None:
    """Write a result to a file (its ending says the form: CSV and Parquet hold only the table), or as JSON to standard output for "-".

    Raises
    ------
    SettingError
        When the name of the file has another ending.
    SourceError
        When the file cannot be written.
    """
    write = writer_for(place)
    content = write(result if isinstance(result, Result) else as_result(result))
    if str(place) == STANDARD_OUTPUT:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
        return
    write_output(Path(place), content)


def writer_for(place: Path | str) -> Writer:
    """Return what turns a result into the bytes of a file of that name; so a wrong name is refused before the work is done.

    Raises
    ------
    SettingError
        When the name has none of the known endings.
    SourceError
        When its folder does not exist.
    """
    if str(place) == STANDARD_OUTPUT:
        return to_json
    path = Path(place)
    if path.suffix.lower() not in _WRITERS:
        raise SettingError(f"'{path}' must end in {', '.join(_WRITERS)}, or be '-' for JSON on standard output.")
    if not path.absolute().parent.is_dir():
        raise SourceError(f"There is no folder '{path.parent}' to write '{path.name}' into. Make it first.")
    return _WRITERS[path.suffix.lower()]
