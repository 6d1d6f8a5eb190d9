"""`driftscope report`: what changed, as a file to read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from pathlib import Path

from monitor.case import load_case
from monitor.cli.measuring import Options, judge_everything, keep_sources
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.errors import SettingError, SourceError
from monitor.export.files import write_whole
from monitor.export.html import to_html
from monitor.export.markdown import to_markdown
from monitor.export.pins import list_pins
from monitor.export.pptx import to_pptx
from monitor.export.report import Report
from monitor.registry import report_of

_WRITERS: Mapping[str, Callable[[Report], bytes]] = {".html": to_html, ".md": to_markdown, ".pptx": to_pptx}


def report_case(place: Path, out: Path, options: Options) -> None:
    """Judge a case by every analysis that it has the roles for, and write the report, what was pinned included.

    Raises
    ------
    SettingError
        When the file is of a form that is not written.
    """
    write = _writer(out)
    case = load_case(place)
    keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        every = judge_everything(workspace, options)
    write_whole(out, write(report_of(every.judged, case, list_pins(case).pins, every.skipped)))
    tell(f"Written: {out}", quiet=options.quiet)


def _writer(out: Path) -> Callable[[Report], bytes]:
    suffix = out.suffix.lower()
    if suffix not in _WRITERS:
        raise SettingError(f"'{out}' must end in {' or '.join(_WRITERS)}.")
    if not out.absolute().parent.is_dir():
        raise SourceError(f"There is no folder '{out.parent}' to write '{out.name}' into. Make it first.")
    return _WRITERS[suffix]
