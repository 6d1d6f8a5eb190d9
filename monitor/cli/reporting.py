"""`driftscope report`: what changed, as a file to read."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

from monitor.case import load_case
from monitor.cli.measuring import Options, judge_everything, keep_sources
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.export.files import write_whole
from monitor.export.pins import list_pins
from monitor.export.writers import REPORT_FORMS, form_of
from monitor.registry import report_of


def report_case(place: Path, out: Path, options: Options) -> None:
    """Judge a case by every analysis that it has the roles for, and write the report, what was pinned included.

    Raises
    ------
    SettingError
        When the file is of a form that is not written.
    """
    write = form_of(out, REPORT_FORMS)
    case = load_case(place)
    keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        every = judge_everything(workspace, options)
    write_whole(out, write(report_of(every.judged, case, list_pins(case).pins, every.skipped)))
    tell(f"Written: {out}", quiet=options.quiet)
