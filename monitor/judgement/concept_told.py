"""Findings on concept drift told together: one event is one finding, whichever methods and columns see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.judgement.finding import Finding
from monitor.judgement.run_times import lasting_times
from monitor.profile import Windows
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status

Bools = NDArray[np.bool_]
ALIKE = ("level", "calibration_intercept", "prior")
"""Methods that see labels above or below what was answered, the one that is told first."""
LABELS = "labels"
"""Note of a finding by column: labels depend on it otherwise; of several classes it names the loss that does."""
FIRST = ("level", "calibration_intercept", "concept", "calibration_slope", "prior")
"""The order in which methods of all rows are told; what is none of them looks at one column after the other."""
NEAR = 1
"""Windows between two runs by column that still are one event: they touch."""
PART = 0.5
"""Part of the columns of an event that make it last beyond the run of its strongest one."""


@dataclass(frozen=True, slots=True)
class ToldTogether:
    """A finding as it is told, and the runs of single methods and columns that it is made of, (m,) at least one."""

    finding: Finding
    members: tuple[Finding, ...]


def tell_together(found: Sequence[Finding], windows: Windows, usable: tuple[Bools, Bools], rows: NDArray[np.int64]) -> list[ToldTogether]:
    """Return one finding per event: alerts first, of these what is seen in all rows before what single columns show.

    Parameters
    ----------
    found : runs of single methods and columns.
    usable : (w,) each, which windows were judged: by all rows, and by columns.
    rows : (w,) labelled rows.
    """
    whole = [one for one in found if one.method in FIRST]
    told = [*_all_rows(whole), *_columns([one for one in found if one.method not in FIRST], windows, usable[1], rows)]
    return sorted(told, key=lambda one: _place(one.finding))


def _place(one: Finding) -> tuple[bool, bool, int, float]:
    by_column = one.method not in FIRST
    return (one.status != Status.ALERT.value, by_column, 0 if by_column else FIRST.index(one.method), -one.strength)


def _all_rows(found: Sequence[Finding]) -> list[ToldTogether]:
    """Let each run of a method of all rows stand, but where one that says the same lies in the same time."""
    groups: list[list[Finding]] = []
    for one in sorted(found, key=lambda one: (FIRST.index(one.method), -one.strength)):
        same = next((group for group in groups if _same(group[0], one)), None)
        if same is None:
            groups.append([one])
        else:
            same.append(one)
    return [ToldTogether(replace(group[0], status=_status(group)), tuple(group)) for group in groups]


def _same(told: Finding, one: Finding) -> bool:
    alike = told.method in ALIKE and one.method in ALIKE and told.method != one.method
    return alike and told.direction is one.direction and (told.ongoing or not one.ongoing) and _apart(told, one) <= 0


def _columns(found: Sequence[Finding], windows: Windows, usable: Bools, rows: NDArray[np.int64]) -> list[ToldTogether]:
    """Gather runs by column around the strongest, then around the strongest of the rest; what goes on is not told as a part of what is
    over."""
    left, told = sorted(found, key=lambda one: -one.strength), []
    while left:
        lead = left[0]
        members = [one for one in left if (lead.ongoing or not one.ongoing) and _apart(one, lead) <= NEAR]
        left = [one for one in left if one not in members]
        told.append(ToldTogether(_event(members, windows, usable, rows), tuple(members)))
    return told


def _event(members: Sequence[Finding], windows: Windows, usable: Bools, rows: NDArray[np.int64]) -> Finding:
    """Return the finding of runs by column, the strongest first: it begins with that one, and lasts while half of the columns do."""
    lead, columns = members[0], list(dict.fromkeys(one.label for one in members))
    held = [{at for one in members if one.label == name for at in range(one.first, one.last + 1)} for name in columns]
    last = lead.last
    while last + 1 < len(windows) and sum(last + 1 in one for one in held) >= PART * len(columns):
        last += 1
    part = slice(lead.first, last + 1)
    n = int(rows[part][usable[part]].sum())
    when = lasting_times(windows, usable, Run.known(lead.first, last))
    when |= {"onset_lower": lead.onset_lower, "onset_upper": lead.onset_upper}
    return replace(
        lead, status=_status(members), last=last, rows=n, share_rows=n / max(int(rows.sum()), 1), carried=tuple(columns),
        **when,
    )  # fmt: skip


def _status(members: Sequence[Finding]) -> str:
    alert = Status.ALERT.value
    return alert if any(one.status == alert for one in members) else Status.WARNING.value


def _apart(first: Finding, second: Finding) -> int:
    """Return how many windows lie from the end of one run to the start of the other: 1 where they touch, 0 or less where they overlap.

    >>> from monitor.judgement.narration.examples import example
    >>> _apart(example(first=0, last=2), example(first=3, last=4)), _apart(example(first=0, last=2), example(first=2, last=4))
    (1, 0)
    """
    return max(first.first, second.first) - min(first.last, second.last)
