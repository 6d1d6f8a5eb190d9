"""The parts of one prediction as a picture and in words, wherever a row is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.attributions import STAND_IN, is_number
from monitor.analyses.explained_rows import ExplainedRows
from monitor.charts import Chart, Theme
from monitor.charts.explained import waterfall_chart
from monitor.export.explained import BARS
from monitor.judgement.narration.explained import signed
from monitor.wording import number_text, plural

NAMED = 3
"""Columns that a row's explanation names in words."""


def row_waterfall(rows: ExplainedRows, at: int, k: int, *, theme: Theme) -> Chart:
    """Draw the parts of one prediction of class k, from the mean of the background."""
    found, parts = rows.attributions, rows.parts(at, k)
    bars = [(f"{rows.label(name)} = {value_text(rows.frame, name, at)}", value) for name, value in parts[:BARS]]
    if len(parts) > BARS:
        bars.append((f"{plural(len(parts) - BARS, 'other column')} together", sum(value for _, value in parts[BARS:])))
    place = float(found.base[k])
    drawn = [_end("Mean of the background", place, "before")]
    for label, value in bars:
        drawn.append(
            {
                "label": label, "column": None, "start": place, "end": place + value, "far": max(place, place + value), "value": value,
                "lower": np.nan, "upper": np.nan, "part": "up" if value >= 0 else "down", "said": signed(value),
            }
        )  # fmt: skip
        place += value
    drawn.append(_end("This row", float(found.raw[at, k]), "after"))
    return waterfall_chart(pd.DataFrame(drawn), unit=found.unit, title=_row_title(rows, at, k), theme=theme)


def _row_title(rows: ExplainedRows, at: int, k: int) -> str:
    """Say what is explained: what the row got, or what somebody says who is not whom the log is of, or says otherwise than the log."""
    said, logged = number_text(float(rows.told(k)[at])), float(rows.logged(k)[at])
    stand_in = rows.attributions.source == STAND_IN
    if not stand_in and (np.isnan(logged) or number_text(logged) == said):
        return f"Why this row got {said}"
    beside = "" if np.isnan(logged) else f" (logged: {number_text(logged)})"
    return f"Why the {'stand-in' if stand_in else 'model'} says {said} of this row{beside}"


def row_words(rows: ExplainedRows, at: int, k: int = 0) -> str:
    """Say which columns moved what the model says of a row most."""
    told = [f"{rows.label(name)} {value_text(rows.frame, name, at)}: {signed(value)}" for name, value in rows.parts(at, k)[:NAMED]]
    return "; ".join(told)


def value_text(frame: pd.DataFrame, name: str, at: int) -> str:
    """Return a value of a row as people read it."""
    value = frame[name].iloc[at] if name in frame else None
    if value is None or pd.isna(value):
        return "missing"
    return number_text(float(value), 6) if is_number(frame[name]) else str(value)[:40]


def _end(label: str, value: float, part: str) -> dict[str, Any]:
    ends = {"start": value, "end": value, "far": value, "value": value}
    return {"label": label, "column": None, **ends, "lower": np.nan, "upper": np.nan, "part": part, "said": ""}
