"""How far columns moved beside what that did to the mean prediction: the two lists are seldom the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.charts import Chart, Theme
from monitor.charts.explained import quadrant_chart
from monitor.export.explained import SEEN, fall_of, unit_title
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.narration.places import name_of
from monitor.wording import list_text, number_text

Bools = NDArray[np.bool_]

IDLE = 0.1
"""Part of what the column that matters most did to the mean below which another is said to hardly matter."""
DIGITS = 2
"""Digits of a strength that are told: columns whose strengths read alike are in no order."""
NAMED = 3


def quadrant_rows(judged: JudgedExplanations, klass: str, drift: JudgedDrift, kept: Bools | None = None) -> pd.DataFrame:
    """Return how far each column moved and what that did to the mean.

    Columns: `column, label, contribution, moved` (its size), `importance, drift`: the strength of the strongest finding of the analysis of
    drift in these windows, else how far the judged windows came towards their limit; nan: no window of the column could be judged.
    """
    result, fall = judged.result, fall_of(judged, klass, kept)
    importance = result.of_class(klass).raw[1].pooled(kept, absolute=True).value
    table = pd.DataFrame(
        {
            "column": result.attributions.columns, "label": [result.label(one) for one in result.attributions.columns],
            "contribution": fall.contributions, "moved": np.abs(fall.contributions), "importance": importance,
        }
    )  # fmt: skip
    table = table[table["column"].isin(drift.primary["column"])].reset_index(drop=True)
    return table.assign(drift=table["column"].map(_strengths(judged, drift, kept)).astype(float))


def _strengths(judged: JudgedExplanations, drift: JudgedDrift, kept: Bools | None) -> dict[str, float]:
    """Return how far each column that was judged moved, in times of its limit."""
    meant = ~judged.partial if kept is None else kept  # in a window that is cut short other days move calendars
    windows = set(np.array(judged.windows.ids, dtype=object)[meant].tolist())
    rows = drift.primary
    rows = rows[rows["status"].isin(SEEN) & (rows["window"].isin(windows) if windows else True)]
    rows = rows[rows["limit"].notna() | (rows["strength"] > 0)]  # without a limit nothing says that it did not move
    found = {str(name): float(one) for name, one in rows.groupby("column")["strength"].max().items()}
    told: dict[str, float] = {}
    for one in drift.findings:
        if not windows or windows & {*drift.windows.ids[one.first : one.last + 1]}:
            told[one.what] = max(one.strength, told.get(one.what, 0.0))
    return found | told


def quadrant_picture(
    judged: JudgedExplanations, klass: str, drift: JudgedDrift, kept: Bools | None = None, *, selected: str | None = None,
    theme: Theme = "light",
) -> Chart | None:  # fmt: skip
    """Draw how far columns moved beside what that did to the mean; None where none was measured for drift."""
    rows = quadrant_rows(judged, klass, drift, kept)
    if rows.empty:
        return None
    return quadrant_chart(rows, unit=f"mean {unit_title(judged)}", title=quadrant_title(rows), selected=selected, theme=theme)


def quadrant_title(rows: pd.DataFrame) -> str:
    """Say which column moved predictions most, which moved farthest, and which moved beyond its limit and hardly mattered.

    >>> rows = pd.DataFrame({"label": ["heat", "dew"], "drift": [1.1005, 1.1006], "moved": [0.04, 0.02]})
    >>> quadrant_title(rows), quadrant_title(rows.assign(drift=[np.nan, 1.1]))
    ('heat matters most and moved as far as dew', 'heat matters most, whether it moved could not be judged; dew moved farthest')
    """
    names = [*rows["label"].map(name_of)]
    most = int(rows["moved"].to_numpy().argmax())
    reach = rows["drift"].max()
    read = [number_text(float(one), DIGITS) for one in rows["drift"]]
    far = [i for i, one in enumerate(rows["drift"]) if np.isfinite(one) and read[i] == number_text(float(reach), DIGITS)]
    first = _first(names, most, far, judged=bool(np.isfinite(rows["drift"].iloc[most])))
    if not reach > 1:
        return f"{first}; no column moved beyond its limit" if far else first
    idle = rows[(rows["drift"] > 1) & (rows["moved"] < IDLE * rows["moved"].max())]
    if len(idle):
        return f"{first}; {name_of(str(idle.sort_values('drift')['label'].iloc[-1]))} moved and hardly matters"
    if most in far:
        return first
    sign = "," if np.isfinite(rows["drift"].iloc[most]) else ";"
    return f"{first}{sign} {list_text([names[i] for i in far], limit=NAMED)} moved farthest"


def _first(names: Sequence[str], most: int, far: Sequence[int], *, judged: bool) -> str:
    """Say which column matters most, and whether it moved as far as any."""
    others = [names[i] for i in far if i != most]
    if not judged:
        return f"{names[most]} matters most, whether it moved could not be judged"
    if most not in far:
        return f"{names[most]} matters most"
    if not others:
        return f"{names[most]} moved farthest and matters most"
    return f"{names[most]} matters most and moved as far as {others[0] if len(others) == 1 else 'any'}"
