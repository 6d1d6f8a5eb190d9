"""The rows behind a finding, for the page Rows: their time, a condition, and where it was made of single rows these rows themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from monitor.cells import CellPlace
from monitor.engine import Selection, Workspace, both_conditions, levels_condition, place_condition
from monitor.errors import SelectionError
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.finding import Direction, Finding, FindingKind
from monitor.judgement.judged import Judged
from monitor.judgement.judged_outliers import JudgedOutliers
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.segments import JudgedSegments
from monitor.ui.parameters import LONGEST

Ints = NDArray[np.int64]

NARROWING = ("rows_side", "rows_from", "rows_to", "rows_where", "rows_column", "rows_cells", "rows_finding")
"""Choices of the page Rows that narrow what it shows."""
AT_PLACE = (FindingKind.VALUE, FindingKind.MISSING, FindingKind.RANGE, FindingKind.OUTLIER)
"""Kinds of findings that are of the rows in a cell, where these became more."""


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows behind a finding: a `condition` (empty: none), bounds in UTC (None: open), `places` (n, 2) by file and row (None: all that
    meet the rest), `told` what they are called, and how many the finding `counted`."""

    told: str
    condition: str
    start: datetime | None
    end: datetime | None
    places: Ints | None
    counted: int

    def narrowed(self, selection: Selection) -> Selection:
        """Return what of a selection lies in its time and meets its condition.

        Raises
        ------
        SelectionError
            The selection has nothing of its time.
        """
        starts, ends = ([one for one in both if one is not None] for both in ((selection.start, self.start), (selection.end, self.end)))
        start, end = max(starts, default=None), min(ends, default=None)
        if start is not None and end is not None and start >= end:
            raise SelectionError("The rows that are looked at hold nothing of the time of this finding. Choose another period.")
        where = self.condition or None
        if selection.where and where:
            where = both_conditions(selection.where, where)
        return replace(selection, start=start, end=end, where=where or selection.where)


def rows_behind(workspace: Workspace, judged: Judged, finding: Finding) -> Behind:
    """Return the production rows that a finding of a judged analysis is of."""
    return Behind(
        told=sentence(finding, judged.names, judged.against),
        condition=_condition(workspace, judged, finding),
        start=_moment(finding.start),
        end=_moment(finding.end),
        places=judged.places_behind(finding),
        counted=finding.rows,
    )


def rows_link(workspace: Workspace, judged: Judged, finding: Finding) -> Mapping[str, str | None]:
    """Return the choices that show the rows of a finding: its windows and a condition that can be changed, or the finding itself where
    neither says which rows they are."""
    none = dict.fromkeys(NARROWING)
    condition = _condition(workspace, judged, finding)
    if judged.places_behind(finding) is not None or not _by_windows(judged, finding) or len(condition) > LONGEST:
        return {**none, "rows_finding": f"{judged.analysis}/{finding.id}"}
    return {**none, "rows_from": finding.window, "rows_to": finding.last_window, "rows_where": condition or None}


def finding_asked(judged: Judged, name: str) -> Finding:
    """Return the finding of a judged analysis by its id.

    Raises
    ------
    SelectionError
        There is none.
    """
    found = next((one for one in judged.findings if one.id == name), None)
    if found is None:
        raise SelectionError(f"With these choices there is no finding '{name[:80]}'. Look at its page for what is found now.")
    return found


def _by_windows(judged: Judged, finding: Finding) -> bool:
    """Say whether a finding lasts as long as the windows that it is told in."""
    ids, windows = judged.windows.ids, judged.windows
    if finding.window not in ids or finding.last_window not in ids:
        return False
    first, last = ids.index(finding.window), ids.index(finding.last_window)
    begins = np.isnat(finding.start) or finding.start <= max(windows.start[first], windows.begun(first))
    ends = np.isnat(finding.end) or finding.end >= windows.end[last]
    return bool(begins and ends)


def _condition(workspace: Workspace, judged: Judged, finding: Finding) -> str:
    both = [one for one in (_place(workspace, judged, finding), _segment(judged, finding)) if one]
    return " AND ".join(f"({one})" for one in both) if len(both) > 1 else "".join(both)


def _place(workspace: Workspace, judged: Judged, finding: Finding) -> str:
    """Return the condition of the cell or the levels that a finding is of, where it has more of them; empty where all rows are meant."""
    column = _column(judged, finding)
    if column not in workspace.columns or "production" not in workspace.columns[column].types or finding.direction is not Direction.MORE:
        return ""
    if finding.kind is FindingKind.UNSEEN and finding.levels:
        return levels_condition(workspace, column, [*finding.levels], "production")
    place: CellPlace | None = finding.place if finding.kind in AT_PLACE else None
    return "" if place is None else place_condition(workspace, column, place, "production")


def _column(judged: Judged, finding: Finding) -> str:
    """Return the column whose cells a finding tells of; of findings that are of none, what they are of."""
    if isinstance(judged, JudgedOutliers):
        return next((one.column for one in judged.result.tracks.segments if one.name == finding.what), "")
    if isinstance(judged, JudgedDrift):
        return "" if finding.what in judged.result.texts else judged.assessment.sides.part(finding.what).column
    return finding.what


def _segment(judged: Judged, finding: Finding) -> str:
    """Return the condition of the segment, or of the model version, that a finding is of; empty where it is of all rows."""
    if isinstance(judged, JudgedSegments):
        return next((one.condition for one in judged.result.found if one.name == finding.what), "")
    if not isinstance(judged, JudgedDrift) or not finding.segment:
        return ""
    parts = judged.assessment.sides.parts.values()
    return next((one.production or "" for one in parts if one.column == finding.what and one.told == finding.segment), "")


def _moment(value: np.datetime64) -> datetime | None:
    return None if np.isnat(value) else datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
