"""Quality as a map: columns by windows, each cell the check of the column that went farthest there."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor.charts import Chart, Theme, drift_heatmap_chart
from monitor.judgement.finding import FindingKind
from monitor.judgement.quality import JudgedQuality, place_of
from monitor.judgement.window_texts import with_windows
from monitor.stats.counts.checks import CHECKS
from monitor.vocabulary import Status

ROWS = "Rows"
"""Whole rows, as a row of the map."""
MOST_ROWS = 15
"""Columns on the map: with what stands above it they are seen without scrolling."""
_SEVERE = {Status.ALERT.value: 3, Status.WARNING.value: 2, Status.STABLE.value: 1}


def quality_cells(judged: JudgedQuality) -> pd.DataFrame:
    """Return one row per column in which anything was found and window: that of the check that went farthest, those with most first.

    Columns are `column, label, window, check, measured, score` (the share of rows), `limit` (the expected one), `strength, status, run`.
    """
    told = {column or ROWS: None for one in judged.findings for column in [place_of(one)[1]]}
    table = judged.table.assign(column=judged.table["column"].fillna(ROWS))
    table = table[table["column"].isin(list(told))]
    severe = [_SEVERE.get(str(status), 0) for status in table["status"]]
    share, strength = (np.nan_to_num(table[name].to_numpy(dtype=float)) for name in ("value", "strength"))
    order = np.lexsort((-share, -strength, -np.array(severe, dtype=float)))
    cells = table.iloc[order].drop_duplicates(["column", "window"]).sort_index()
    labels = judged.result.drift.labels
    return cells.assign(
        label=[labels.get(name, name) for name in cells["column"]],
        measured=[_words(check, message) for check, message in zip(cells["check"], cells["message"], strict=True)],
        score=cells["value"],
        limit=cells["expected"],
        q_value=np.nan,
        at=cells["column"].map({name: i for i, name in enumerate(told)}),
    ).sort_values(["at", "window"], kind="stable", ignore_index=True)


def _words(check: str, message: object) -> str:
    what = CHECKS[check].told if check in CHECKS else check.replace("_", " ")
    return f"{what}: {message}" if isinstance(message, str) and message not in (check, what) else what


def quality_map(
    judged: JudgedQuality, *, selected: tuple[str, str] | None = None, annotations: pd.DataFrame | None = None, theme: Theme = "light"
) -> Chart | None:
    """Draw the map; None where nothing was found in any column."""
    cells = quality_cells(judged)
    cells = cells[cells["at"].isin(sorted(cells["at"].unique())[:MOST_ROWS])]
    if cells.empty:
        return None
    rows = with_windows(cells, judged)
    order, shown = [*cells["column"]], set(cells["column"])
    runs = sum(one.kind is not FindingKind.DEFECT and (place_of(one)[1] or ROWS) in shown for one in judged.findings)
    found = rows.assign(found=runs)
    return drift_heatmap_chart(found, method="", order=order, selected=selected, annotations=annotations, theme=theme)


def finding_at(judged: JudgedQuality, column: str, window: str) -> str | None:
    """Return the id of what was found in a cell of the map: the run that it belongs to, else what is told of the column."""
    cells = quality_cells(judged)
    runs = cells.loc[cells["column"].eq(column) & cells["window"].eq(window), "run"].dropna()
    known = {one.id for one in judged.findings}
    if len(runs) and runs.iloc[0] in known:
        return str(runs.iloc[0])
    mine = [one for one in judged.findings if (place_of(one)[1] or ROWS) == column]
    defects = [one for one in mine if one.kind is FindingKind.DEFECT]
    return next((one.id for one in [*defects, *mine]), None)
