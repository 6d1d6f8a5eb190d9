"""`driftscope import results`, `import captures` and `driftscope imported`: what other tools left."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.case import CASE_FILE, Case, load_case
from monitor.cli.beginning import begin
from monitor.cli.measuring import keep_sources
from monitor.cli.progress import tell
from monitor.engine import moment_utc
from monitor.engine.outputs import check_output, make_folder
from monitor.errors import CaseError, SelectionError, SettingError, SourceError
from monitor.export.files import json_bytes, moment_iso, records, to_csv, to_parquet
from monitor.export.outputs import write_output
from monitor.export.results import STANDARD_OUTPUT
from monitor.imports.captures import TIME, read_captures
from monitor.imports.kept import Import, drop_import, keep_import, list_imports
from monitor.imports.known import Window, read_results
from monitor.imports.reading import File, read_file
from monitor.wording import list_text, plural

CAPTURED = REFERENCE, PRODUCTION, LABELS = "reference.parquet", "production/captures.parquet", "labels.parquet"
"""Files of a case that is made of captured rows."""
_WRITERS = {".csv": to_csv, ".parquet": to_parquet}
UTC_ZONE = "UTC"


def import_results(place: Path, files: Sequence[Path], window: str | None, *, quiet: bool) -> None:
    """Read results of another tool, keep them beside a case, and say of each file what was not understood.

    Raises
    ------
    SourceError
        A file is none that is read. Those before it are kept.
    SelectionError
        The period is none.
    """
    case = load_case(place)
    period = None if window is None else _window(window, case.timezone)
    for path in files:
        try:
            kept = keep_import(case, path, read_results(path, case.timezone, period))
        except SelectionError as error:
            tell(str(error), quiet=quiet)
            continue
        _say(case, kept, quiet=quiet)


def _window(text: str, timezone: str) -> Window:
    first, separator, last = text.partition("..")
    if not separator:
        raise SelectionError(f"'{text}' is no period. Write --window START..END, such as 2026-01-01..2026-01-08; END is excluded.")
    start, end = (moment_iso(moment_utc(one, timezone)) for one in (first, last))
    if not start < end:
        raise SelectionError(f"The period '{text}' ends before it begins. Write --window START..END; END is excluded.")
    return Window(start, end)


def _say(case: Case, kept: Import, *, quiet: bool) -> None:
    alarms = sum(row.alarm is True for row in kept.rows)
    what = f"{kept.tool}{f' {kept.version}' if kept.version else ''}"
    tell(f"{kept.file}: {plural(len(kept.rows), 'number')} of {what}, {plural(alarms, 'alarm')} (import {kept.id}).", quiet=quiet)
    for note in kept.notes:
        tell(f"Note: {note}", quiet=quiet)
    untimed = sum(not row.start for row in kept.rows)
    if untimed:
        tell(f"Note: {plural(untimed, 'number')} without a time; they stand in the table and in no picture.", quiet=quiet)
    if strange := strangers(case, kept):
        tell(f"Note: no column of the case is called {list_text(strange)}.", quiet=quiet)


def strangers(case: Case, kept: Import) -> list[str]:
    """Return columns of an import that the data of a case do not have; none where the data cannot be opened."""
    from monitor.engine import open_workspace

    try:
        with open_workspace(case) as workspace:
            known = set(workspace.columns)
    except (SourceError, CaseError):
        return []
    return sorted({row.column for row in kept.rows if row.column} - known)


def show_imported(place: Path, out: str, drop: str | None, *, beside: bool, quiet: bool) -> None:
    """Write what was imported as a table, or take an import away.

    Parameters
    ----------
    beside : with what our own analysis of drift says of the same column and time.

    Raises
    ------
    SettingError
        The file would be of another form.
    SelectionError
        There is no such import.
    """
    case = load_case(place)
    if drop is not None:
        tell(f"Taken away: {drop_import(case, drop)}", quiet=quiet)
        return
    keep_sources(case, out)
    found = list_imports(case)
    for one in found.unreadable:
        tell(one.message, quiet=quiet)
    if not found.kept:
        raise SelectionError("Nothing was imported into this case. 'driftscope import results CASE FILE...' reads what another tool wrote.")
    _write(case, _beside(case, found.table, quiet=quiet) if beside else found.table, out, quiet=quiet)


def _beside(case: Case, table: pd.DataFrame, *, quiet: bool) -> pd.DataFrame:
    from monitor.cli.progress import shown_progress
    from monitor.engine import open_workspace
    from monitor.imports.beside import with_ours
    from monitor.registry import find_analysis

    with open_workspace(case) as workspace, redirect_stdout(sys.stderr), shown_progress(quiet=quiet) as progress:
        judged = find_analysis("drift").run(workspace, progress=progress)
    return with_ours(table, judged)


def _write(case: Case, table: pd.DataFrame, out: str, *, quiet: bool) -> None:
    suffix = Path(out).suffix.lower()
    if out == STANDARD_OUTPUT or suffix == ".json":
        content: Mapping[str, Any] = {"case": case.name, "imported": records(table)}
        written = json_bytes(content)
    elif suffix in _WRITERS:
        written = _WRITERS[suffix](table)
    else:
        raise SettingError(f"'{out}' must end in .json, {' or '.join(_WRITERS)}, or be '-'.")
    if out == STANDARD_OUTPUT:
        sys.stdout.write(written.decode())
        return
    write_output(Path(out), written)
    tell(f"Written: {out}, {plural(len(table), 'number')}.", quiet=quiet)


def import_captures(files: Sequence[Path], out: Path, reference: str, until: str, columns: str, outputs: str, *, quiet: bool) -> None:
    """Make a case of rows that SageMaker logged.

    Parameters
    ----------
    reference : a source of the rows that production is compared with; or `until`: captured rows before that moment are the reference.
    columns : names of the values of a request, with commas between them, or a constraints.json or statistics.json that has them.

    Raises
    ------
    SettingError
        It was not said what the reference is.
    SourceError, CaseError
        Nothing was understood, or there is a case already.
    """
    if bool(reference) == bool(until):
        raise SettingError("Say what production is compared with: --reference FILE, or --reference-until TIME for the captures before it.")
    if (out / CASE_FILE).exists():
        raise CaseError(f"There is a case already: '{out / CASE_FILE}'. Choose another folder.")
    for name in CAPTURED:
        if (out / name).exists():
            raise SettingError(f"'{out / name}' is there already, and would be lost. Choose another folder.")
        check_output(out / name)
    read = [read_file(path, UTC_ZONE) for path in _spread(files)]
    captured = read_captures(read, _names(columns), tuple(filter(None, outputs.split(","))))
    if captured.rows.empty:
        raise SourceError("The files hold labels only. Name the captures too.")
    rows = captured.rows.sort_values(TIME, kind="stable").reset_index(drop=True)
    before = rows[TIME] < pd.Timestamp(moment_utc(until, UTC_ZONE)).tz_localize(None) if until else pd.Series(False, index=rows.index)
    if until and (before.all() or not before.any()):
        raise SelectionError(
            f"The captures reach from {rows[TIME].min()} to {rows[TIME].max()} (UTC): '{until}' leaves one side without rows."
        )
    for note in captured.notes:
        tell(f"Note: {note}", quiet=quiet)
    _make(out, reference, rows[before], rows[~before], captured.labels)


def _spread(paths: Sequence[Path]) -> list[Path]:
    """Return files: of a folder, the captures in it, as S3 lays them out by hour."""
    found = [one for path in paths for one in (sorted(path.rglob("*.jsonl")) if path.is_dir() else [path])]
    if not found:
        raise SourceError(f"There are no .jsonl files in {list_text([str(path) for path in paths])}.")
    return found


def _names(columns: str) -> tuple[str, ...]:
    if not columns.lower().endswith(".json"):
        return tuple(filter(None, columns.split(",")))
    file: File = read_file(Path(columns), UTC_ZONE)
    content = file.json()
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in features):
        raise SourceError(f"'{columns}' is no constraints.json or statistics.json of SageMaker: it has no features with names.")
    return tuple(one["name"] for one in features)


def _make(out: Path, reference: str, before: pd.DataFrame, after: pd.DataFrame, labels: pd.DataFrame) -> None:
    make_folder(out / "production")
    known = reference if before.empty else str(write_output(out / REFERENCE, to_parquet(before)))
    sources = [known, str(write_output(out / PRODUCTION, to_parquet(after)))]
    if not labels.empty:
        sources.append(str(write_output(out / LABELS, to_parquet(labels))))
    begin(sources, out)
