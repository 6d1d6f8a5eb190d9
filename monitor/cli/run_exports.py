"""What a run writes for others, each file only where it does not stand there already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.alerts.targets import app_address
from monitor.case import Case
from monitor.cli.measuring import Options, keep_sources
from monitor.cli.reporting import source_of
from monitor.engine import Workspace
from monitor.engine.outputs import make_folder
from monitor.engine.store import digest
from monitor.errors import SettingError
from monitor.export.files import write_whole
from monitor.export.openmetrics import render
from monitor.export.outputs import write_output
from monitor.export.pins import list_pins
from monitor.export.writers import REPORT_FORMS, form_of
from monitor.registry import Everything, report_of
from monitor.runs.metrics import families_of_runs
from monitor.runs.own_files import read_own
from monitor.runs.stored import Stored


@dataclass(frozen=True, slots=True)
class Exports:
    """Which `files` are asked for, by what they are; `kept` is the folder that remembers what a report was made of."""

    files: Mapping[str, Path]
    kept: Path

    def report_is_old(self, case: Case, key: str) -> bool:
        """Say whether a report is asked for, and is not there as it would be written now."""
        path = self.files.get("report")
        return path is not None and (not path.is_file() or read_own(self._made_of(path)) != _report_key(case, key))

    def write(self, workspace: Workspace, stored: Stored, findings: bytes, every: Everything | None, key: str) -> list[Path]:
        """Write what is not there already, the report where the case was judged for it; return what was written.

        Raises
        ------
        SourceError
            A file cannot be written.
        """
        families = families_of_runs([stored])
        made = {"prometheus": render(families, "prometheus").encode(), "openmetrics": render(families).encode(), "findings": findings}
        stale = [what for what in self.files if what in made and _holds(self.files[what]) != made[what]]
        written = [write_output(self.files[what], made[what]) for what in stale]
        report = self.files.get("report")
        if report is None or every is None:
            return written
        case, source = workspace.case, source_of(workspace, Options(), every)
        told = report_of(every.judged, case, list_pins(case).pins, every.skipped, source=source, app=app_address())
        write_output(report, form_of(report, REPORT_FORMS)(told))
        write_whole(self._made_of(report), _report_key(case, key))
        return [*written, report]

    def _made_of(self, report: Path) -> Path:
        return self.kept / f"run-report-{digest(str(report.resolve()))[:16]}"


def files_asked(case: Case, out: Path | None, report: str) -> Mapping[str, Path]:
    """Return the files that are asked for, by what they are; one that cannot be written is refused before the work is done.

    Raises
    ------
    SettingError, SourceError
    """
    if out is None:
        if report:
            raise SettingError("A report needs a folder to stand in. Name one with --out DIR.")
        return {}
    name = case.root.name
    files = {"prometheus": out / f"{name}.prom", "openmetrics": out / f"{name}.openmetrics", "findings": out / f"{name}-findings.json"}
    if report:
        files["report"] = out / f"{name}-report.{report.removeprefix('.')}"
    for path in files.values():
        keep_sources(case, path)
    make_folder(out)
    if report:
        form_of(files["report"], REPORT_FORMS)
    return files


def _holds(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _report_key(case: Case, key: str) -> bytes:
    return digest("report", key, list(map(repr, list_pins(case).pins))).encode()
