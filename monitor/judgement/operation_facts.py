"""Facts of operations: stretches without a row, and labels that end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.operations import AS_MANY, LABELLED, OperationsResult, OperationTrack
from monitor.analyses.quiet_hours import Quiet
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure, State
from monitor.judgement.narration.operations import GAP
from monitor.vocabulary import Status

FEWEST_UNLABELLED = 3
"""Last windows without any label from which that is told: the labels of the very last rows are on their way in most data."""


def last_whole(result: OperationsResult, track: OperationTrack) -> int | None:
    """Return the position of the last whole window that a metric is known of: one that is judged, but of the share of labels, which says
    how many are still to come, the last of all."""
    told = track.usable | (track.metric.id == LABELLED)
    known = np.flatnonzero(told & ~result.partial & np.isfinite(track.production.value))
    return int(known[-1]) if len(known) else None


def gaps(result: OperationsResult) -> list[Finding]:
    """Return stretches of windows without a row, where the reference has none such."""
    if "requests" not in result.judged or not result.size.calendar or len(_gaps(result.own_windows)):
        return []
    windows = result.windows
    return [_gap(result, (int(at), int(at) + 1), windows.end[at], windows.start[at + 1]) for at in _gaps(windows)]


def quiet_hours(result: OperationsResult, told: Sequence[Finding]) -> list[Finding]:
    """Return hours without a request where the reference has some on every day, but those within gaps that are told."""
    if "requests" not in result.judged or not result.size.calendar:
        return []
    new = [one for one in result.quiet if not any(one.start < gap.end and gap.start < one.end for gap in told)]
    met = [np.flatnonzero((result.windows.start < one.end) & (result.windows.end > one.start)) for one in new]
    return [_within(result, one, at) for one, at in zip(new, met, strict=True) if len(at)]


def _within(result: OperationsResult, quiet: Quiet, met: NDArray[np.intp]) -> Finding:
    found = _gap(result, (int(met[0]), int(met[-1])), quiet.start, quiet.end)
    return replace(found, before=float(quiet.least), span_days=float((quiet.end - quiet.start) / np.timedelta64(1, "D")))


def _gap(result: OperationsResult, ends: tuple[int, int], start: np.datetime64, end: np.datetime64) -> Finding:
    usual = np.median(result.windows.end - result.windows.start)
    at, last = ends
    return Finding(
        what=GAP,
        label="Rows",
        kind=FindingKind.OPERATION,
        status=Status.ALERT.value,
        state=State.OVER,
        first=at,
        last=last,
        window=result.windows.ids[at],
        last_window=result.windows.ids[last],
        start=start,
        end=end,
        onset_lower=start,
        onset_upper=start,
        windows=max(round((end - start) / usual), 1),
        judged=len(result.windows),
        direction=Direction.FEWER,
        measure=Measure.SCORE,
        after=0.0,
        method=GAP,
        score=0.0,
        strength=2.0,
        worst=result.windows.ids[at],
        note="worse",
    )


def labels_end(result: OperationsResult) -> list[Finding]:
    """Return that no label came from some window on, where as many as usual came up to it and the reference lacks none at its end:
    late or lost, which nothing tells where labels have no times."""
    track = next((one for one in result.tracks if one.metric.id == LABELLED and not one.segment), None)
    if track is None or LABELLED not in result.judged or len(track.own.value) == 0 or not result.size.calendar:
        return []
    share, usual, windows = track.production.value, float(track.whole.value[0]), result.windows
    some = np.flatnonzero(share > 0)
    first = int(some[-1]) + 1 if len(some) else 0
    cliff = first == 0 or share[first - 1] >= AS_MANY * usual
    if len(share) - first < FEWEST_UNLABELLED or not cliff or track.own.value[-1] < AS_MANY * usual:
        return []
    start, rows = windows.start[first], int(result.rows[first:].sum())
    return [
        Finding(
            what=track.name,
            label=track.metric.title,
            kind=FindingKind.OPERATION,
            status=Status.WARNING.value,
            state=State.ONGOING,
            first=first,
            last=len(share) - 1,
            window=windows.ids[first],
            last_window=windows.ids[-1],
            start=start,
            onset_lower=start,
            onset_upper=start,
            windows=len(share) - first,
            judged=len(share),
            direction=Direction.LOWER,
            measure=Measure.SCORE,
            before=usual,
            after=0.0,
            rows=rows,
            share_rows=float(rows / max(result.rows.sum(), 1)),
            method=LABELLED,
            score=0.0,
            strength=1.0,
            worst=windows.ids[first],
            note="worse",
        )
    ]


def _gaps(windows: Any) -> NDArray[np.intp]:
    """Return the positions of windows after which some have no row."""
    return np.flatnonzero(windows.end[:-1] < windows.start[1:])
