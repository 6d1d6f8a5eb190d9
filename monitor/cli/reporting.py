"""`driftscope report`: what changed, as a file to read."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

from monitor.alerts.targets import app_address
from monitor.case import load_case
from monitor.cli.measuring import Options, judge_everything, keep_sources, request_of
from monitor.cli.progress import tell
from monitor.engine import Workspace, open_workspace
from monitor.export.outputs import write_output
from monitor.export.pins import list_pins
from monitor.export.writers import REPORT_FORMS, form_of
from monitor.registry import Everything, report_of
from monitor.registry.coverage import find_profile, with_profile
from monitor.registry.live import Source


def report_case(place: Path, out: Path, options: Options, profile: str = "") -> None:
    """Judge a case by every analysis that it has the roles for, and write the report, what was pinned included.

    Parameters
    ----------
    profile : who it is written for: what they ask, in their order, with the table of what is shown and what is missing.

    Raises
    ------
    SettingError
        When the file is of a form that is not written, or there is no such profile.
    """
    write = form_of(out, REPORT_FORMS)
    asked = find_profile(profile) if profile else None
    case = load_case(place)
    keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        every = judge_everything(workspace, options)
        source = source_of(workspace, options, every)
        report = report_of(every.judged, case, list_pins(case).pins, every.skipped, source=source, app=app_address())
        if asked is not None:
            report = with_profile(report, asked, case, every.judged, every.skipped, source)
    write_output(out, write(report))
    tell(f"Written: {out}", quiet=options.quiet)


def source_of(workspace: Workspace, options: Options, every: Everything) -> Source:
    """Return where statements are drawn from: the data, what was asked of them, and what was judged already."""
    found = {one.analysis: one for one in every.judged}
    return Source(workspace, request_of(workspace, options).question, found.__getitem__)
