"""`driftscope report`: what changed, as a file to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import cast

from monitor.case import load_case
from monitor.cli.measuring import Options, judged
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.errors import SettingError, SourceError
from monitor.export.files import write_whole
from monitor.export.html import to_html
from monitor.export.markdown import to_markdown
from monitor.export.report import Report, drift_report
from monitor.judgement.drift import JudgedDrift
from monitor.registry import find_analysis

_WRITERS: Mapping[str, Callable[[Report], bytes]] = {".html": to_html, ".md": to_markdown}


def report_case(place: Path, out: Path, options: Options) -> None:
    """Judge the drift of a case and write the report.

    Raises
    ------
    SettingError
        When the file is of a form that is not written.
    """
    write = _writer(out)
    case = load_case(place)
    with open_workspace(case) as workspace:
        found = cast(JudgedDrift, judged(find_analysis("drift"), workspace, options))
    write_whole(out, write(drift_report(found, case)))
    tell(f"Written: {out}", quiet=options.quiet)


def _writer(out: Path) -> Callable[[Report], bytes]:
    suffix = out.suffix.lower()
    if suffix == ".pptx":
        raise SettingError("Slides (.pptx) are not available in this version. Write the report as .html or .md.")
    if suffix not in _WRITERS:
        raise SettingError(f"'{out}' must end in {' or '.join(_WRITERS)}.")
    if not out.absolute().parent.is_dir():
        raise SourceError(f"There is no folder '{out.parent}' to write '{out.name}' into. Make it first.")
    return _WRITERS[suffix]
