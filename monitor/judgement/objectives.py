"""Objectives whose budget burns: runs of windows in which a rule rang, each figure that of its own stretch of time."""

from __future__ import annotations

import numpy as np

from monitor.analyses.objectives import Kept
from monitor.analyses.operations import OperationsResult
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.run_times import times
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status


def burning(kept: Kept, result: OperationsResult) -> list[Finding]:
    """Return the runs of windows in which a rule on the budget rang."""
    rang = np.array([bool(one) for one in kept.ringing])
    starts = np.flatnonzero(rang & ~np.concatenate([[False], rang[:-1]]))
    ends = np.flatnonzero(rang & ~np.concatenate([rang[1:], [False]]))
    return [_burnt(kept, result, int(first), int(last)) for first, last in zip(starts, ends, strict=True)]


def _burnt(kept: Kept, result: OperationsResult, first: int, last: int) -> Finding:
    run = Run.known(first, last)
    part = slice(first, last + 1)
    page = "page" in kept.ringing[part]
    worst = first + int(np.nanargmax(kept.fastest[part]))
    fastest, left = float(kept.fastest[worst]), float(kept.left[last])
    lasts = left * float(kept.days[last]) / kept.burning if kept.burning > 0 else float("nan")
    usable = np.isfinite(kept.good.value)
    return Finding(
        what=kept.name,
        label=kept.title,
        kind=FindingKind.OBJECTIVE,
        status=(Status.ALERT if page else Status.WARNING).value,
        first=first,
        last=last,
        direction=Direction.HIGHER,
        measure=Measure.SCORE,
        before=kept.objective,
        after=left,
        rows=int(result.rows[part].sum()),
        share_rows=float(result.rows[part].sum() / max(result.rows.sum(), 1)),
        method=kept.name,
        score=kept.burnt(first, last),
        limit=1.0,
        bound=lasts,
        extreme=fastest,
        pair=(float(kept.over[worst]), kept.burning),
        span_days=float(kept.days[last]),
        strength=fastest,
        worst=result.windows.ids[worst],
        note="worse",
        judged=int(usable.sum()),
        **times(result.windows, usable, run),
    )
