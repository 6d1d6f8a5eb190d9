"""`driftscope compare`: would another model be better, in a few lines."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitor.case import load_case
from monitor.cli.measuring import Options, judge_needed, judged, keep_sources
from monitor.cli.progress import tell
from monitor.engine import Workspace, open_workspace
from monitor.export.results import STANDARD_OUTPUT, write_result, writer_for
from monitor.judgement.judged import Judged
from monitor.judgement.narration.sentences import sentence
from monitor.registry import Analysis, find_analysis, screen_answer
from monitor.registry.wrong_rows import INCIDENTS


def compare_models(place: Path, out: str | None, options: Options, *, look: bool = True) -> None:
    """Print which model would have been better, what that rests on, and each difference that matters; write the table where asked.

    Parameters
    ----------
    look : whether incidents are looked for first, so that rows that they made wrong are left out.

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
        if look:
            found = _without_wrong(found, workspace, options)
    if out is not None:
        write_result(found, out)
    if out == STANDARD_OUTPUT:
        return
    said = screen_answer(found)
    told = (f"{one.status}: {sentence(one, found.names, found.against)}" for one in found.findings)
    sys.stdout.writelines(f"{line}\n" for line in (said.headline, said.doubt, *told) if line)
    for skip in (one for one in found.skipped if one.message not in said.doubt):
        tell(f"Note: {skip.message}", quiet=options.quiet)


def _without_wrong(standing: Judged, workspace: Workspace, options: Options) -> Judged:
    """Look for incidents, and return what was judged without the rows that they made wrong."""
    plain = replace(options, as_of=None)

    def run(row: Analysis, **given: Any) -> Judged:
        if row.name == standing.analysis:
            return judged(row, workspace, options, **given) if given else standing
        return judged(row, workspace, plain, **given)

    every = judge_needed(workspace, plain, (standing.analysis, INCIDENTS), run)
    return next(one for one in every.judged if one.analysis == standing.analysis)
