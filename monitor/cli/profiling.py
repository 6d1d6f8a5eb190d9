"""`driftscope profile`: the counts of a case as a small folder."""

from __future__ import annotations

from pathlib import Path

from monitor.case import WindowSize, load_case
from monitor.cli.engines import Engine, opened
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Selection, build_cells, profile
from monitor.errors import SourceError
from monitor.export.profiles import write_profile


def profile_case(place: Path, out: Path, *, engine: Engine, windows: str, quiet: bool) -> None:
    """Count reference and production by window on the same cells and write both.

    Raises
    ------
    SourceError
        The folder cannot be made.
    """
    case = load_case(place)
    size = case.windows if windows == "case" else WindowSize.parse(windows)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SourceError(f"The folder '{out}' cannot be made: {error.strerror}.") from error
    with opened(case, engine) as workspace, shown_progress(quiet=quiet) as progress:
        cells = build_cells(workspace)
        for data in ("reference", "production"):
            counted = profile(workspace, Selection(data), cells=cells, windows=size, progress=progress)
            write_profile(out, data, counted, fingerprint=workspace.fingerprint(data), windows=str(size), case=case.name)
    tell(f"Written: {out}", quiet=quiet)
