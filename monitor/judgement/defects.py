"""Defects that are no drift: what rows fail on both sides alike, hours without values and single rows that cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from monitor.analyses.quality import QualityResult
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.run_times import times
from monitor.stats.counts.checks import FAR, LEAKAGE, ODD, OUTAGE, STUCK_IN, UNKNOWN
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status
from monitor.wording import day_text, list_text, plural

CERTAIN = 2.0
"""Strength of what is a fact and no estimate."""
MOST_ODD = 5
"""Odd rows that are told one by one."""


def stable_defect(result: QualityResult, named: tuple[str, str, str], shares: tuple[float, float], rows: int) -> Finding:
    """Return what rows fail on both sides alike; `named` is what it is, its label and the check, `shares` those before and now."""
    what, label, check = named
    last = len(result.windows) - 1
    return Finding(
        what=what,
        label=label,
        kind=FindingKind.DEFECT,
        status=Status.STABLE.value,
        state=State.ONGOING,
        first=0,
        last=last,
        window=result.windows.ids[0],
        last_window=result.windows.ids[last],
        start=result.windows.start[0],
        windows=last + 1,
        judged=last + 1,
        direction=Direction.CHANGED,
        measure=Measure.SHARE,
        before=shares[0],
        after=shares[1],
        rows=rows,
        share_rows=shares[1],
        method=check,
        score=shares[1],
        strength=0.0,
        worst=result.windows.ids[last],
    )


def told_outages(result: QualityResult) -> Iterator[Finding]:
    """Yield the hours in which columns have no value at all; they say nothing of windows, which may be alarms of their own."""
    labels, rows = result.drift.labels, [max(int(one.rows.sum()), 1) for one in (result.drift.sides.blocks, result.drift.sides.production)]
    for one in result.outages if "missing" in result.asked else ():
        shares = sum(one.own_days.values()) / rows[0], one.rows / rows[1]
        named = [labels.get(name, name) for name in one.names]
        made = stable_defect(result, (f"{OUTAGE}~{one.names[0]}", named[0], OUTAGE), shares, one.rows)
        by = labels.get(one.by, one.by)
        yield replace(
            made, carried=tuple(named[1:]), levels=one.days, levels_lost=tuple(one.own_days), where=by, note="hour" if one.hourly else "day"
        )


def told_new_levels(result: QualityResult, told: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the levels that the reference never had and that no finding names, with their first day: few rows are no alarm, but news."""
    for one in result.new_levels:
        named = {level for finding in told if finding.what == one.column for level in finding.levels}
        left = {level: rows for level, rows in one.rows.items() if level not in named}
        if left:
            label = result.drift.labels.get(one.column, one.column)
            made = stable_defect(result, (f"{UNKNOWN}~{one.column}", label, UNKNOWN), (0.0, float("nan")), sum(left.values()))
            days = tuple(f"{one.first[level]:%Y-%m-%d}" if level in one.first else "" for level in left)
            yield replace(made, levels=left, carried=days)


def told_far_values(result: QualityResult, found: Collection[str]) -> Iterator[Finding]:
    """Yield numbers beyond what the reference lets expect, of columns without a change that was `found`, in other rows than odd ones."""
    odd = Counter(name for row in result.odd for name, *_ in row.numbers)
    for one in result.far if "out_of_range" in result.asked else ():
        if one.column not in found and one.rows > odd[one.column]:
            label = result.drift.labels.get(one.column, one.column)
            made = stable_defect(result, (f"{FAR}~{one.column}", label, FAR), (0.0, float("nan")), one.rows)
            start = result.windows.start[one.window]
            first = "" if np.isnat(start) else f"{pd.Timestamp(start, tz='UTC').tz_convert(result.timezone):%Y-%m-%d}"
            yield replace(made, pair=one.extremes, extreme=one.ends[0], bound=one.ends[1], brief=first)


def told_stuck(result: QualityResult) -> Iterator[Finding]:
    """Yield the runs of windows in which a column keeps one value in all rows of a segment."""
    labels, windows = result.drift.labels, len(result.windows)
    for one in result.stuck:
        edges = np.flatnonzero(np.diff(one.at, prepend=False, append=False))
        for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            rows = int(one.rows[first:end].sum())
            yield Finding(
                what=f"stuck~{one.column}~{one.by}={one.level}",
                label=labels.get(one.column, one.column),
                kind=FindingKind.QUALITY,
                status=Status.ALERT.value,
                first=first,
                last=end - 1,
                judged=windows,
                direction=Direction.CHANGED,
                rows=rows,
                share_rows=rows / max(int(result.rows[first:end].sum()), 1),
                method=STUCK_IN,
                extreme=one.value,
                where=labels.get(one.by, one.by),
                carried=(one.level,),
                score=1.0,
                strength=CERTAIN,
                worst=result.windows.ids[first],
                **times(result.windows, np.ones(windows, dtype=bool), Run.known(first, end - 1)),
            )


def told_odd_rows(result: QualityResult) -> Iterator[Finding]:
    """Yield rows that are odd in two columns at once."""
    labels = result.drift.labels
    for one in result.odd[:MOST_ODD] if {"new_levels", "out_of_range"} <= result.asked else ():
        made = stable_defect(
            result, (f"{ODD}~{one.column}~{one.id or one.day}", labels.get(one.column, one.column), ODD), (0.0, float("nan")), 1
        )
        (name, value, bound), *more = one.numbers
        also = [labels.get(other, other) for other, *_ in more[:1]]
        told = replace(made, levels={one.level: 1}, where=labels.get(name, name), extreme=value, bound=bound, note=one.id, brief=one.day)
        yield replace(told, carried=tuple(also), pair=more[0][1:]) if also else told


def told_leaks(result: QualityResult) -> Iterator[Finding]:
    """Yield columns that alone tell the label of the reference."""
    for name, auc in result.leaks:
        made = stable_defect(result, (f"{LEAKAGE}~{name}", result.drift.labels.get(name, name), LEAKAGE), (float("nan"), float("nan")), 0)
        yield replace(made, score=auc)


def blank_hours(result: QualityResult) -> dict[tuple[str, str], str]:
    """Return what is said of windows in which a column has no value for hours, by column and window."""
    words: dict[tuple[str, str], list[str]] = {}
    for one in result.outages:
        for day, rows in one.days.items():
            begins = pd.Timestamp(day, tz=result.timezone)
            first, last = (end.tz_convert(None).to_datetime64() for end in (begins, begins + pd.DateOffset(days=1)))
            told = f"all rows of hours on {day_text(date.fromisoformat(day))} ({plural(rows, 'row')})"
            for at in np.flatnonzero((result.windows.start < last) & (result.windows.end > first)):
                for name in one.names:
                    words.setdefault((name, result.windows.ids[at]), []).append(told)
    return {key: list_text(several) for key, several in words.items()}
