"""`driftscope profile`: a case as a store that needs its rows no more, and its counts as tables."""

from __future__ import annotations

from pathlib import Path

from monitor.case import WindowSize, load_case
from monitor.cli.engines import Engine, opened
from monitor.cli.keeping import check_store, keep_case
from monitor.cli.progress import shown_progress, tell
from monitor.engine import Selection, build_cells, profile
from monitor.engine.kept.counting import made_of_days
from monitor.engine.kept.writing import Keeping
from monitor.engine.outputs import make_folder
from monitor.errors import SettingError
from monitor.export.profiles import write_profile


def profile_case(place: Path, out: Path, how: Keeping, *, engine: Engine, windows: str, quiet: bool) -> None:
    """Keep the case as a store, count both sides by window on the same cells and write both as tables; Spark writes the tables alone.

    Raises
    ------
    SettingError
        Spark is asked for a store.
    SourceError
        The folder cannot be made.
    """
    if engine.cluster and how != Keeping():
        raise SettingError("Spark counts and keeps no store. Leave --since, --sample and --keep-days out, or --engine.")
    case = load_case(place)
    size = case.windows if windows == "case" else WindowSize.parse(windows)
    check_store(case, out)
    make_folder(out)
    if not engine.cluster and keep_case(case, out, how, quiet=quiet) and made_of_days(size):
        case = load_case(out)
    with opened(case, engine) as workspace, shown_progress(quiet=quiet) as progress:
        cells = build_cells(workspace)
        for data in ("reference", "production"):
            counted = profile(workspace, Selection(data), cells=cells, windows=size, progress=progress)
            write_profile(out, data, counted, fingerprint=workspace.fingerprint(data), windows=str(size), case=case.name)
    tell(f"Written: {out}", quiet=quiet)
