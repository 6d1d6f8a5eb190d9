"""`driftscope capsule` and `driftscope verify`: an incident as a folder that stands by itself, and whether all in it is as it says."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from monitor.case import load_case
from monitor.cli.explaining import INCIDENTS, named_incident
from monitor.cli.measuring import Options, judged
from monitor.cli.progress import tell
from monitor.engine import open_workspace
from monitor.engine.outputs import check_folder
from monitor.export.capsule import FILES, MANIFEST, empty_folder, verify_capsule, write_capsule
from monitor.registry import find_analysis


def make_capsule(place: Path, name: str, out: Path, options: Options) -> None:
    """Write an incident (its id, or the first letters of it) as a capsule.

    Raises
    ------
    SettingError, SourceError
        There is no such incident, or the folder is not empty or cannot be written.
    """
    case = load_case(place)
    check_folder(out, (*FILES, MANIFEST), case)
    empty_folder(out)
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr):
        found: Any = judged(find_analysis(INCIDENTS), workspace, options)
        numbers = write_capsule(named_incident(found, name), found, workspace, out)
    tell(f"Written: {out}, with {numbers} numbers. Check it with: driftscope verify {out}", quiet=options.quiet)


def verify(folder: Path) -> int:
    """Print what of a capsule holds and what does not; return 0 where all does, 1 where not."""
    wrong = count = trusted = 0
    for one in verify_capsule(folder):
        count += not one.trusted
        trusted += one.trusted
        wrong += bool(one.wrong)
        sys.stdout.write(f"{'?' if one.trusted else 'NOT' if one.wrong else 'ok':3} {one.what}{f': {one.wrong}' if one.wrong else ''}\n")
    untold = f" {trusted} could not be checked, and stand as they were told (?)." if trusted else ""
    sys.stdout.write(f"{count - wrong} of {count} hold.{untold}\n")
    return int(wrong > 0)
