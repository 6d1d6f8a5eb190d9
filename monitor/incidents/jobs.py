"""Jobs of a pipeline that failed, or did not run, as what an incident of the data comes from."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.evidence import Evidence
from monitor.judgement.narration.jobs import LOST, SILENT

PIPELINES = "pipelines"
BROUGHT = frozenset(
    {
        Cause.MISSING_VALUES, Cause.VOLUME_CHANGE, Cause.STUCK_VALUE, Cause.DEFAULT_FILL, Cause.LOST_COLUMN, Cause.FRESHNESS,
        Cause.LABEL_DELAY, Cause.PIPELINE_FAILURE,
    }
)  # fmt: skip
"""Causes that a job brings which did not do its work: what it fills is missing, stale, late or a default."""
BESIDE = np.timedelta64(36, "h")
"""How far from an onset a job began to fail: a job of the night fills the day before it or the day after, and half a day for time zones."""


def failed(one: Evidence) -> bool:
    """Say whether a finding is that a job had no good run on days on which it should have."""
    return one.analysis == PIPELINES and one.finding.method in (LOST, SILENT)


def may_bring(one: Evidence, cause: Hypothesis) -> bool:
    """Say whether a job that failed can be what a cause comes from, by what it fills: not one that fills other columns."""
    able = cause.cause in BROUGHT and not (cause.cause is Cause.VOLUME_CHANGE and cause.more)
    return able and (not cause.columns or not one.columns or bool(one.columns & set(cause.columns)))


def job_behind(cause: Hypothesis, evidence: Iterable[Evidence]) -> Evidence | None:
    """Return the job that failed when something of the data began, and that fills it as far as is known: the first that did, and of several
    the one that its columns name. None where there is none."""
    found = [one for one in evidence if failed(one) and may_bring(one, cause) and _at_onset(one, cause)]
    return min(found, key=lambda one: (not one.columns, one.finding.start, -one.finding.windows), default=None)


def _at_onset(one: Evidence, cause: Hypothesis) -> bool:
    """Say whether a job began to fail when a cause began; of a moment that is not known it cannot be said."""
    return bool(abs(one.finding.start - cause.start) <= BESIDE)
