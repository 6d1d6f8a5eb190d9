"""`driftscope compare`: would another model be better, in a few lines."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

from monitor.case import load_case
from monitor.cli.measuring import Options, judged, keep_sources
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.export.results import STANDARD_OUTPUT, write_result, writer_for
from monitor.judgement.narration.sentences import sentence
from monitor.registry import find_analysis, screen_answer


def compare_models(place: Path, out: str | None, options: Options) -> None:
    """Print which model would have been better, what that rests on, and each difference that matters; write the table where asked.

    Raises
    ------
    ColumnMissingError
        The case names no other model and no arms.
    SettingError, SourceError
        The result cannot be written there.
    """
    if out is not None:
        writer_for(out)
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        found = judged(find_analysis("shadow"), workspace, options)
    if out is not None:
        write_result(found, out)
    if out == STANDARD_OUTPUT:
        return
    said = screen_answer(found)
    told = (f"{one.status}: {sentence(one, found.names, found.against)}" for one in found.findings)
    sys.stdout.writelines(f"{line}\n" for line in (said.headline, said.doubt, *told) if line)
    for skip in found.skipped:
        tell(f"Note: {skip.message}", quiet=options.quiet)
