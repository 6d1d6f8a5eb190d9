"""A drill as a table: one row per incident, size and monitor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from monitor.drill.running import Cell, Drill, Drilled
from monitor.tables import Contract

DRILL = Contract(
    "drill",
    ("kind", "size", "monitor"),
    {
        "kind": "what was put into the rows, by the name of its cause",
        "size": "share of the rows of the segment that are hit, above 0 to 1",
        "monitor": "analysis that could see it; empty where it could not be put there",
        "does": "what is done to the rows, for people",
        "columns": "columns that it happened in, JSON list",
        "rows": "rows that it concerns",
        "share_rows": "of all rows in the windows that it lasts",
        "fired": "whether the monitor warned or alarmed of what it did not before, null where it was not asked",
        "windows": "after how many windows, 0: not",
        "finding": "what it said, null: nothing",
        "already": "whether it alarmed of the same without the incident, or of what began before it: it could not tell",
        "seen": "whether any monitor fired, null where none did and one alarmed of the same before: nobody can tell",
        "rescored": "whether the model answered the changed rows again; where not, answers are as they were logged",
        "seconds": "that the incident took, all monitors together",
        "why": "why it was not put there or not asked, null where it was",
    },
)


def drill_table(drill: Drill) -> pd.DataFrame:
    """Return what each monitor made of each incident."""
    rows = [_row(one, cell) for one in drill.drilled for cell in (one.cells or (Cell(monitor="", why=one.why),))]
    return DRILL.check(pd.DataFrame(rows, columns=list(DRILL.columns)))


def _row(one: Drilled, cell: Cell) -> Mapping[str, Any]:
    asked = bool(cell.monitor) and not cell.why
    return {
        "kind": one.kind.cause.value,
        "size": one.size,
        "monitor": cell.monitor,
        "does": one.kind.does,
        "columns": json.dumps(list(one.columns)),
        "rows": one.rows,
        "share_rows": one.share,
        "fired": cell.fired if asked else None,
        "windows": cell.windows,
        "finding": cell.said or None,
        "already": cell.already,
        "seen": None if one.blind or not one.cells else one.seen,
        "rescored": one.rescored,
        "seconds": one.seconds,
        "why": cell.why or None,
    }
