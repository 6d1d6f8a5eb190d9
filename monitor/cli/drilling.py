"""`driftscope drill`: incidents put into a copy of a case's rows, and which monitors would see them."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pandas as pd

from monitor.case import WindowSize, load_case
from monitor.cli.delivering import deliver
from monitor.cli.measuring import keep_sources
from monitor.cli.progress import shown_progress
from monitor.drill.running import SIZES, Asked, Drill, hold_drill
from monitor.drill.table import drill_table
from monitor.drill.words import cell_text, drill_answer, kind_text
from monitor.engine import open_workspace
from monitor.errors import SettingError
from monitor.export.files import records
from monitor.export.results import writer_for
from monitor.wording import share_text


def drill_case(place: Path, out: str | None, asked: Asked, *, windows: str = "case", quiet: bool = False) -> None:
    """Hold a drill and print which monitors would see each incident, or write that as a table.

    Raises
    ------
    SettingError, SelectionError
        What is asked for cannot be, or there are too few windows.
    """
    asked.check()
    if out is not None:
        writer_for(out)
    case = load_case(place)
    if out is not None:
        keep_sources(case, out)
    case = case if windows == "case" else replace(case, windows=WindowSize.parse(windows))
    with open_workspace(case) as workspace, redirect_stdout(sys.stderr), shown_progress(quiet=quiet) as progress:
        drill = hold_drill(workspace, asked, progress=progress)
    deliver(out, lambda: _text(drill), drill_table(drill), lambda table: _record(drill, table), drill_answer(drill).headline, quiet=quiet)


def asked_for(kinds: str | None, sizes: str | None, segment: str | None, on: str, columns: str | None, seed: int) -> Asked:
    """Return what a drill is of, from how it was written.

    Raises
    ------
    SettingError
        A size is no number, or a segment not written as COLUMN=LEVEL.
    """
    return Asked(
        kinds=_parts(kinds),
        sizes=tuple(_size(one) for one in _parts(sizes)) or SIZES,
        segment=dict(_place(one) for one in _parts(segment)),
        on=on,
        columns=_parts(columns),
        seed=seed,
    )


def _parts(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in (text or "").split(",") if part.strip()))


def _size(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SettingError(f"'{text}' is no size. Write the share of the rows that are hit, such as 0.2 or 0.1,0.5,1.") from error


def _place(text: str) -> tuple[str, str]:
    name, sign, level = text.partition("=")
    if not sign or not name.strip() or not level.strip():
        raise SettingError(f"'{text}' is no segment. Write it as COLUMN=LEVEL, several with a comma between.")
    return name.strip(), level.strip()


def _record(drill: Drill, table: pd.DataFrame) -> dict[str, Any]:
    return {
        "case": drill.case, "on": drill.on, "windows": drill.windows, "size": drill.size, "segment": dict(drill.segment),
        "seconds": drill.seconds, "seed": drill.seed, **asdict(drill_answer(drill)), "drill": records(table),
    }  # fmt: skip


def _text(drill: Drill) -> str:
    said = drill_answer(drill)
    grid = pd.DataFrame(
        [
            {"incident": kind_text(one), "hit": share_text(one.size), **{cell.monitor: cell_text(cell) for cell in one.cells},
             "rows": f"{one.rows:,d}", "seconds": f"{one.seconds:.1f}"}
            for one in drill.drilled if one.cells
        ]
    ).fillna("")  # fmt: skip
    ends = [name for name in ("rows", "seconds") if name in grid]
    shown = grid[[*(name for name in grid if name not in ends), *ends]].to_string(index=False) if len(grid) else ""
    return "\n".join(filter(None, (said.headline, said.doubt, "", shown))) + "\n"
