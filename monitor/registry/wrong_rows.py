"""What an analysis says without rows that incidents made wrong, with what it says of all rows beside it: the one place that decides it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from monitor.analyses.left_out import WrongPart, WrongRows
from monitor.engine import Selection, Workspace, count_rows
from monitor.errors import RowsGoneError
from monitor.incidents.cause import Hypothesis
from monitor.incidents.condition import rows_condition
from monitor.incidents.judged import JudgedIncidents
from monitor.judgement.challenger_bursts import beside_bursts
from monitor.judgement.judged_shadow import JudgedShadow, nothing_left
from monitor.retraining.found import BURSTS, FALSE, making_wrong

INCIDENTS = "incidents"
"""The analysis that says which rows are wrong."""


def known_wrong(incidents: JudgedIncidents, workspace: Workspace, production: Selection) -> WrongRows:
    """Return in which of the rows that are asked about incidents made values or labels false; of a profile store in which of its sample."""
    try:
        return _known(incidents, workspace, production)
    except RowsGoneError:
        return _known(incidents, workspace.sampled(), production)


def _known(incidents: JudgedIncidents, workspace: Workspace, production: Selection) -> WrongRows:
    making = making_wrong(incidents.incidents, FALSE | BURSTS)
    if not making:
        return WrongRows()
    every = count_rows(workspace, production)
    made = {one.id: one.cause in FALSE for one in making}
    told = [(one, rows_of(one.hypothesis, workspace)) for one in making]
    hit = [(one, rows, every - count_rows(workspace, replace(production, wrong=(rows,)))) for one, rows in told]
    found = [WrongPart(id=one.id, title=one.brief or one.title, rows=rows, n=n) for one, rows, n in hit if n]
    parts, bursts = (tuple(one for one in found if made[one.id] is wrong) for wrong in (True, False))
    left = count_rows(workspace, replace(production, wrong=tuple(one.rows for one in parts))) if parts else every
    return WrongRows(parts=parts, n=every - left, of=every, bursts=bursts)


def rows_of(cause: Hypothesis, workspace: Workspace) -> Selection:
    """Return the rows of production that an incident concerns."""
    condition = rows_condition(cause, workspace.case, workspace.columns)
    return Selection("production", _moment(cause.start), _moment(cause.end), condition)


def _moment(moment: np.datetime64) -> datetime | None:
    return None if np.isnat(moment) else moment.astype("datetime64[us]").item().replace(tzinfo=UTC)


def without_wrong(standing: JudgedShadow, wrong: WrongRows, run: Callable[..., Any]) -> JudgedShadow:
    """Return what an analysis says without rows that are wrong, and beside it what it says of all (`standing`).

    Parameters
    ----------
    run : (*, wrong) -> what was judged without them.
    """
    if not wrong.parts:
        return _without_bursts(replace(standing, result=replace(standing.result, wrong=wrong)), wrong, run)
    with_them = replace(standing, result=replace(standing.result, wrong=replace(wrong, counted=True)))
    if wrong.n == wrong.of:
        return nothing_left(with_them, wrong)
    found: JudgedShadow = run(wrong=wrong)
    return _without_bursts(replace(found, with_them=with_them), wrong, run)


def _without_bursts(found: JudgedShadow, wrong: WrongRows, run: Callable[..., Any]) -> JudgedShadow:
    """Return what an analysis says with, beside it, what it says without rows of bursts: they count, and few may decide."""
    if not wrong.bursts:
        return found
    return beside_bursts(found, run(wrong=WrongRows(parts=(*wrong.parts, *wrong.bursts), n=wrong.n, of=wrong.of)))
