"""`driftscope export mlflow` and `driftscope import mlflow`: a run of MLflow out, a registered model in."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

from monitor import __version__
from monitor.alerts.targets import app_address
from monitor.case import CASE_FILE, load_case
from monitor.cli.checking import check_result
from monitor.cli.measuring import Options, judge_everything, keep_sources
from monitor.cli.progress import tell
from monitor.cli.reporting import source_of
from monitor.engine import open_workspace
from monitor.errors import SettingError
from monitor.export.files import to_csv, to_json, to_parquet
from monitor.export.html import to_html
from monitor.export.mlflow_run import check_experiment, log_run
from monitor.export.mlflow_store import open_store
from monitor.export.openmetrics import families_of
from monitor.export.outputs import write_output
from monitor.export.pins import list_pins
from monitor.imports.mlflow_model import EXTRA, FITS, Compared, compare_model
from monitor.registry import report_of
from monitor.wording import list_text, plural

_FITS, _DIFFERS = 0, 1
_WRITERS = {".csv": to_csv, ".parquet": to_parquet}


def export_mlflow(place: Path, store: str, experiment: str, options: Options) -> None:
    """Judge a case and write a run: numbers of the last whole window, findings, the report, the case.

    Raises
    ------
    SettingError, SourceError, ExtensionMissingError
        The store is none that may be written to, or refuses the run.
    """
    case, opened = load_case(place), open_store(store, new=True)
    check_experiment(opened, experiment or case.name)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        every = judge_everything(workspace, options)
        prints = {f"driftscope.data.{data}": workspace.fingerprint(data) for data in ("reference", "production")}
        source = source_of(workspace, options, every)
        report = report_of(every.judged, case, list_pins(case).pins, every.skipped, source=source, app=app_address())
    artifacts = {
        "report.html": to_html(report),
        "findings.json": to_json(check_result(every.judged, every.skipped, case)),
        CASE_FILE: (case.root / CASE_FILE).read_bytes(),
    }
    tags = {"driftscope.version": __version__, "driftscope.case": case.name, "mlflow.runName": f"driftscope {case.name}", **prints}
    logged = log_run(opened, experiment or case.name, families_of(every.judged, case.name), artifacts, tags)
    tell(f"Written: run {logged.run} with {plural(logged.numbers, 'number')} and {list_text(logged.artifacts)}.", quiet=options.quiet)
    sys.stdout.write(f"{logged.run}\n")


def import_mlflow(place: Path, model: str, store: str, version: str, out: str | None, *, quiet: bool) -> int:
    """Say whether a registered model takes rows of production: 0 it does, 1 it does not.

    Raises
    ------
    SettingError, SourceError, SelectionError, ExtensionMissingError
        It cannot be looked at.
    """
    if out is not None and Path(out).suffix.lower() not in _WRITERS:
        raise SettingError(f"'{out}' must end in {' or '.join(_WRITERS)}.")
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    opened = open_store(store, new=False)
    with open_workspace(case) as workspace:
        compared = compare_model(opened, model, workspace, version)
    sys.stdout.writelines(f"{line}\n" for line in told(compared, model))
    if out is not None:
        write_output(Path(out), _WRITERS[Path(out).suffix.lower()](compared.table))
        tell(f"Written: {out}", quiet=quiet)
    return _FITS if compared.fits else _DIFFERS


def told(compared: Compared, model: str) -> list[str]:
    """Return what was compared as lines: the answer, each column that does not fit, the versions."""
    table, version = compared.table, compared.version
    taken = table[table["verdict"] != EXTRA]
    called = "/".join((version.version, *version.aliases))
    good = int((taken["verdict"] == FITS).sum())
    lines = [f"{model} {called}: {good} of {plural(len(taken), 'column')} fit, by {plural(compared.rows, 'row')} of production."]
    for row in taken[taken["verdict"] != FITS].itertuples():
        words = {"missing": "production has no such column", "missing_optional": "not in production; the model can do without"}
        lines.append(f"{row.column} ({row.model_type}): {words.get(str(row.verdict), row.message)}")
    extra = table.loc[table["verdict"] == EXTRA, "column"]
    lines += [f"Features of the case that the model does not take: {list_text(list(extra), len(extra))}"] if len(extra) else []
    lines.append(f"Registered versions: {', '.join('/'.join((one.version, *one.aliases)) for one in compared.versions)}.")
    lines += [
        f"Production names the version '{name}', which is {'registered' if known else 'no version, alias or run of this model'}"
        f"{f' as {known}' if known and known != name else ''}."
        for name, known in compared.logged.items()
    ]
    return lines
