"""The windows of a judged screen, as people call them: on tables that charts draw, and one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from monitor.case import WindowSize
from monitor.judgement.finding import Finding
from monitor.judgement.judged import Judged
from monitor.judgement.narration.timing import single
from monitor.judgement.narration.windows import WindowNames
from monitor.wording import common_unit, window_text


def texts_of(judged: Judged) -> Mapping[str, str]:
    """Return what each window is called, by id: "week of 8 Apr 2013", "3 months from Apr 2013"."""
    windows, names = judged.windows, _names_shown(judged)
    bounds = zip(windows.ids, windows.start, windows.end, strict=True)
    return {one: names.text(start, end, one, year=True) for one, start, end in bounds}


def _names_shown(judged: Judged) -> WindowNames:
    """Return the names of the windows that are shown, which may be longer than those that were judged: weeks of days."""
    names, unit = judged.names, common_unit(judged.windows.ids)
    longer = names.size.calendar and unit in ("day", "week", "month") and unit != names.size.unit
    return replace(names, size=WindowSize.parse(f"1 {unit}")) if longer else names


def text_of(judged: Judged, window: str) -> str:
    """Return what a window is called."""
    return texts_of(judged).get(window, window_text(window))


def with_windows(table: pd.DataFrame, judged: Judged) -> pd.DataFrame:
    """Add what charts draw of a window: `when` (its name), `units` (days, weeks ... that it is long) and `partial` (cut short)."""
    names, short = texts_of(judged), dict(zip(judged.windows.ids, judged.partial.tolist(), strict=True))
    size = judged.names.size
    return table.assign(
        when=[names.get(str(one), window_text(str(one))) for one in table["window"]],
        units=size.count if size.calendar else 1,
        partial=[short.get(str(one), False) for one in table["window"]],
    )


def last_whole(judged: Judged) -> str:
    """Return the id of the last window that is not cut short: one that may be a key figure."""
    whole = np.flatnonzero(~judged.partial)
    return judged.windows.ids[int(whole[-1])] if len(whole) else judged.windows.ids[-1]


def period_of(judged: Judged, finding: Finding) -> str:
    """Write the windows of a finding, for a heading: "week of 8 Apr 2013", "8 Apr to 3 Nov 2013", "since 8 Apr 2013"."""
    names = judged.names
    if single(finding):
        return text_of(judged, finding.window)
    if finding.ongoing and not np.isnat(finding.start):
        return names.since(finding.start, finding.window, year=True)
    said = names.period(finding.start, finding.end, finding.window, finding.last_window, year=True)
    return said.removeprefix("from ").removeprefix("in ")
