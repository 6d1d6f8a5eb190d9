"""`driftscope profile`: the counts of a case as a small folder."""

from __future__ import annotations

from pathlib import Path

from monitor.case import WindowSize, load_case
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Selection, build_cells, open_workspace, profile
from monitor.errors import SettingError, SourceError, nearest
from monitor.export.profiles import write_profile

ENGINES = ("duckdb", "spark")


def profile_case(place: Path, out: Path, *, engine: str, windows: str, quiet: bool) -> None:
    """Count reference and production by window on the same cells and write both.

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
    with open_workspace(case) as workspace, shown_progress(quiet=quiet) as progress:
        cells = build_cells(workspace)
        for data in ("reference", "production"):
            counted = profile(workspace, Selection(data), cells=cells, windows=size, progress=progress)
            write_profile(out, data, counted, fingerprint=workspace.fingerprint(data), windows=str(size), case=case.name)
    tell(f"Written: {out}", quiet=quiet)
