"""`driftscope labels plan`: which rows of production to label next."""

from __future__ import annotations

from pathlib import Path

from monitor.analyses.label_plan import plan_case
from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.cli.measuring import keep_sources
from monitor.cli.progress import shown_progress, tell
from monitor.engine import open_workspace
from monitor.errors import SettingError
from monitor.export.files import to_csv
from monitor.export.outputs import write_output
from monitor.wording import plural


def plan_to_file(place: Path, out: Path, *, n: int, seed: int, quiet: bool) -> None:
    """Write the rows of a case that are to be labelled next, and say how they come back as labels.

    Raises
    ------
    SettingError
        The file is not named .csv.
    """
    if out.suffix.lower() != ".csv":
        raise SettingError(f"'{out}' is not a .csv file. A plan is written as CSV, so that labels can be filled in.")
    case = load_case(place)
    keep_sources(case, out)
    with open_workspace(case) as workspace, shown_progress(quiet=quiet) as progress:
        plan = plan_case(workspace, n, Question(seed=seed), progress=progress)
    write_output(out, to_csv(plan))
    label = case.roles.label
    tell(
        f"Written: {out}, {plural(len(plan), 'row')}. Add the column '{label}', name the file as labels in [data], "
        'and write label_weight = "weight" in [roles].',
        quiet=quiet,
    )
