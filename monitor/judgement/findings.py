"""Findings: one judged statement per column, with onset, size, direction and evidence, the most severe first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from monitor.judgement.drift import JudgedDrift
from monitor.tables import Skipped
from monitor.vocabulary import SEVERITY, Status

LOST = ("missing_in_production", "type_changed")
MISSING_WORDS = ("more missing", "fewer missing")
ALARMS = (Status.ALERT.value, Status.WARNING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What changed in one column: since which window, in how many of how many judged windows, worst where and how large.

    Values that went missing and values that changed are told apart: `other` is the lesser of the two findings, where there are both.
    `score` and `expected` are those of the worst window, `moved_from` and `moved_to` the shares (0..1) of the cell that moved most there;
    `ongoing` says whether the last judged window still alarms; `share_rows` the share of production rows in alarmed windows.
    """

    column: str
    label: str
    kind: str
    status: str
    method: str
    onset: str
    last: str
    worst: str
    windows_alarmed: int
    windows_judged: int
    ongoing: bool
    strength: float
    score: float
    expected: float
    q_value: float
    direction: str
    moved_cell: str
    moved_from: float
    moved_to: float
    n_production: int
    share_rows: float
    method_title: str = ""
    """Name of the method for people; empty where it is another tool's."""
    other: Finding | None = None


def find_drift(judged: JudgedDrift) -> tuple[Finding, ...]:
    """Return one finding per column with an alarm, the most severe first (status, then how far beyond the expectation)."""
    titles = {method.id: method.title for method in judged.result.catalogue}
    found = [_finding(rows, titles) for _, rows in judged.primary.groupby("column", sort=False) if rows["status"].isin(ALARMS).any()]
    return tuple(sorted(found, key=_severity))


def lost_columns(judged: JudgedDrift) -> tuple[Skipped, ...]:
    """Return the columns that production no longer has, or has as another type: drift that needs no statistic."""
    return tuple(one for one in judged.skipped if one.reason in LOST)


def _severity(finding: Finding) -> tuple[Any, ...]:
    return (SEVERITY.index(Status(finding.status)), -finding.strength * np.sqrt(finding.windows_alarmed))


def _finding(rows: pd.DataFrame, titles: Mapping[str, str]) -> Finding:
    rows = rows.sort_values("window", kind="stable")  # ids of windows sort in time order
    judged = rows[~rows["status"].isin([Status.TOO_FEW_ROWS.value, Status.NOT_APPLICABLE.value])]
    missing, alarms = judged["direction"].isin(MISSING_WORDS), judged["status"].isin(ALARMS)
    kinds = [alarmed for alarmed in (alarms & ~missing, alarms & missing) if alarmed.any()]
    first, *others = sorted((_of_kind(rows, judged, alarmed, titles) for alarmed in kinds), key=_severity)
    return replace(first, other=others[0]) if others else first


def _of_kind(rows: pd.DataFrame, judged: pd.DataFrame, alarms: pd.Series, titles: Mapping[str, str]) -> Finding:
    alarmed = judged[alarms]
    worst = alarmed.iloc[int(np.argmax(alarmed["strength"].to_numpy(dtype=float)))]
    statuses = set(alarmed["status"])
    return Finding(
        column=str(worst["column"]),
        label=str(worst["label"]),
        kind=str(worst["kind"]),
        status=next(status for status in ALARMS if status in statuses),
        method=str(worst["method"]),
        onset=onset(judged["window"].tolist(), alarms.tolist()),
        last=str(alarmed["window"].iloc[-1]),
        worst=str(worst["window"]),
        windows_alarmed=len(alarmed),
        windows_judged=len(judged),
        ongoing=bool(alarms.iloc[-1]),
        strength=float(worst["strength"]),
        score=float(worst["score"]),
        expected=float(worst["expected"]),
        q_value=float(worst["q_value"]),
        direction=str(worst["direction"]),
        moved_cell=str(worst["moved_cell"]),
        moved_from=float(worst["moved_from"]),
        moved_to=float(worst["moved_to"]),
        n_production=int(worst["n_production"]),
        share_rows=float(alarmed["n_production"].sum() / max(rows["n_production"].sum(), 1)),
        method_title=titles.get(str(worst["method"]), ""),
    )


def onset(windows: list[str], alarmed: list[bool]) -> str:
    """Return the first window of the latest run of alarms; one quiet window does not end a run.

    >>> onset(["a", "b", "c", "d", "e"], [True, False, False, True, True])
    'd'
    """
    last = max(i for i, one in enumerate(alarmed) if one)
    first = last
    for i in range(last, -1, -1):
        if alarmed[i]:
            first = i
        elif i == 0 or not alarmed[i - 1]:
            break
    return windows[first]
