"""`driftscope export openmetrics`, `export modelcard` and `driftscope import prometheus`: numbers out to a monitoring system, and in."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

from monitor.case import load_case
from monitor.cli.measuring import EVERY, Options, judge_everything, keep_sources
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.engine.outputs import check_output
from monitor.errors import SettingError, SourceError, nearest
from monitor.export.files import to_csv, to_parquet
from monitor.export.modelcard import model_card
from monitor.export.openmetrics import FORMATS, families_of, render
from monitor.export.outputs import write_output
from monitor.export.prometheus import read_range
from monitor.export.results import STANDARD_OUTPUT
from monitor.registry import REGISTRY, find_analysis
from monitor.tables import Skipped


def export_openmetrics(place: Path, out: str, form: str, analyses: str, options: Options) -> None:
    """Judge a case by the analyses that it has the roles for, and write what they say for Prometheus.

    Parameters
    ----------
    analyses : names with commas between them, or "all".

    Raises
    ------
    SettingError
        The format is not known.
    MethodError
        An analysis is not known.
    """
    names = tuple(REGISTRY) if analyses == EVERY else tuple(one.strip() for one in analyses.split(","))
    for name in names:
        find_analysis(name)
    known = next((one for one in FORMATS if one == form), None)
    if known is None:
        raise SettingError(f"There is no format '{form}'.{nearest(form, FORMATS)} Use {' or '.join(FORMATS)}.")
    case = load_case(place)
    keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        every = judge_everything(workspace, options, names)
    text = render(families_of(every.judged, case.name), known)
    for skip in every.skipped:
        tell(f"Not measured: {skip.message}", quiet=options.quiet)
    if out == STANDARD_OUTPUT:
        sys.stdout.write(text)
        return
    write_output(Path(out), text.encode())
    tell(f"Written: {out}", quiet=options.quiet)


def export_modelcard(place: Path, out: str, options: Options) -> None:
    """Judge a case and write its model card.

    Raises
    ------
    SourceError
        The file cannot be written.
    """
    case = load_case(place)
    keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        # Incidents are made of what the others find, so all are asked.
        every = judge_everything(workspace, options)
    lacking = [Skipped(row.title, "not_applicable", why) for row in REGISTRY.values() if (why := row.lacks(case))]
    content = model_card(case, {one.analysis: one for one in every.judged}, [*every.skipped, *lacking])
    if out == STANDARD_OUTPUT:
        sys.stdout.write(content.decode())
        return
    write_output(Path(out), content)
    tell(f"Written: {out}", quiet=options.quiet)


def import_prometheus(file: Path, out: Path, *, quiet: bool) -> None:
    """Write what Prometheus answered to a range query as a table.

    Raises
    ------
    SourceError
        The file cannot be read, or is no such answer.
    SettingError
        The table would be of another form.
    """
    writers = {".csv": to_csv, ".parquet": to_parquet}
    if out.suffix.lower() not in writers:
        raise SettingError(f"'{out}' must end in {' or '.join(writers)}.")
    check_output(out)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"'{file}' cannot be read: {error}. Name a file with what /api/v1/query_range answered.") from error
    table = read_range(text)
    write_output(out, writers[out.suffix.lower()](table))
    tell(f"Written: {out}, {len(table):,} samples.", quiet=quiet)
