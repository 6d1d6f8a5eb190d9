"""`driftscope profile`: a case as a store that needs its rows no more, and its counts as tables."""

from __future__ import annotations

from pathlib import Path

from monitor.case import WindowSize, load_case
from monitor.cli.keeping import check_apart, keep_case
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Selection, build_cells, open_workspace, profile
from monitor.engine.kept.counting import made_of_days
from monitor.engine.kept.writing import Keeping
from monitor.errors import SettingError, SourceError, nearest
from monitor.export.profiles import write_profile

ENGINES = ("duckdb", "spark")


def profile_case(place: Path, out: Path, how: Keeping, *, engine: str, windows: str, quiet: bool) -> None:
    """Keep the case as a store, count both sides by window on the same cells and write both as tables.

    Raises
    ------
    SettingError
        When the engine is not one that this version has.
    """
    if engine not in ENGINES:
        raise SettingError(f"There is no engine '{engine}'.{nearest(engine, ENGINES)} Use duckdb.")
    if engine == "spark":
        raise SettingError("The engine 'spark' is not available in this version. Use duckdb.")
    case = load_case(place)
    size = case.windows if windows == "case" else WindowSize.parse(windows)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"The folder '{out}' cannot be made: {error.strerror}.") from error
    check_apart(case, out)
    if keep_case(case, out, how, quiet=quiet) and made_of_days(size):
        case = load_case(out)
    with open_workspace(case) as workspace, shown_progress(quiet=quiet) as progress:
        cells = build_cells(workspace)
        for data in ("reference", "production"):
            counted = profile(workspace, Selection(data), cells=cells, windows=size, progress=progress)
            write_profile(out, data, counted, fingerprint=workspace.fingerprint(data), windows=str(size), case=case.name)
    tell(f"Written: {out}", quiet=quiet)
