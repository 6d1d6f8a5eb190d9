"""Service level objectives of a case, kept or not: good events by window, what is left of the budget, and when it burns too fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.serving import NO_ROWS, Serving
from monitor.case import Case
from monitor.case.goals import SloSection
from monitor.engine import NO_TIME
from monitor.stats.operations.objectives import PAGE, RULES, BurnRule, budget_left, burn, burn_at_least, can_ring
from monitor.stats.performance.estimates import Estimate, share
from monitor.tables import Skipped

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CANNOT_RING = "cannot_ring"
"""Why an alarm on an objective is left out: it could never ring."""
STEP = timedelta(minutes=5)
"""Steps at which burn is looked at: the shortest stretch that a rule looks over."""
MOST_STEPS = 2_000_000
"""Steps beyond which burn is not looked at: twenty years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One objective: `good` events by window and `usual` of the reference, `left` (w,) of the budget over the period up to the end of each,
    of which `days` (w,) are known (those of the reference that lie within it count), `ringing` (w,) the name of the rule that rang in it
    ("" none), `fastest` (w,) the burn over the rule's long stretch where it rang (else nan) and `over` (w,) the hours of that stretch, and
    `burning`, the burn of the last six hours."""

    name: str
    title: str
    objective: float
    period: timedelta
    good: Estimate
    usual: float
    left: Floats
    days: Floats
    ringing: tuple[str, ...]
    fastest: Floats
    over: Floats
    burning: float

    def burnt(self, first: int, last: int) -> float:
        """Return how fast the budget burnt over windows first..last, rows of all of them together; nan without events."""
        part = slice(first, last + 1)
        known = self.good.n[part] > 0
        n, good = self.good.n[part][known], self.good.raw[part][known]
        return float(burn(np.sum(n * (1 - good)), n.sum(), self.objective)) if len(n) else float("nan")


def kept_objectives(case: Case, reference: Serving, serving: Serving) -> tuple[tuple[Kept, ...], tuple[Skipped, ...]]:
    """Say how each objective of a case is kept, and how it was in the reference; those that no column tells of are skipped."""
    found, skipped = [], []
    for one in case.slo:
        events = serving.bad(one.threshold)
        if events is None:
            needs = "latency_ms" if one.threshold is not None else "status"
            skipped.append(Skipped(one.id, "no_role", f"The objective '{one.title}' needs a column with the role {needs}."))
            continue
        found.append(_kept(one, reference, serving, *events))
        if not can_ring(one.objective, PAGE):
            message = (
                f"The objective '{one.title}' of {one.objective:g} can never ring at {PAGE.rate:g} times its budget, which burns at most "
                f"{1 / (1 - one.objective):.3g} times as fast as it may, when every call is bad. Slower rules still ring."
            )
            skipped.append(Skipped(one.id, CANNOT_RING, message))
    return tuple(found), tuple(skipped)


def _usual(slo: SloSection, reference: Serving) -> float:
    """Return the share of good events of the whole reference, nan where no column of it tells."""
    whole = reference.together()
    events = whole.bad(slo.threshold)
    return float("nan") if events is None else float(share(whole.rows, events[1] & ~events[0], events[1], why=NO_ROWS).value[0])


def _kept(slo: SloSection, reference: Serving, serving: Serving, bad: NDArray[np.bool_], event: NDArray[np.bool_]) -> Kept:
    rows = serving.rows
    before = reference.bad(slo.threshold)
    sides = [(serving, bad, event), *([(reference, *before)] if before is not None else [])]
    wrong = np.concatenate([one.rows.total(failed & happened) for one, failed, happened in sides])
    total = np.concatenate([one.rows.total(happened) for one, _, happened in sides])
    starts, every = (np.concatenate([getattr(one.windows, edge) for one, _, _ in sides]) for edge in ("start", "end"))
    ends = serving.windows.end
    inside = (every[None, :] <= ends[:, None]) & (every[None, :] > ends[:, None] - np.timedelta64(slo.span))
    ringing, fastest, over, burning = _ringing(slo, serving, bad & event, event)
    return Kept(
        name=slo.id,
        title=slo.title,
        objective=slo.objective,
        period=slo.span,
        good=share(rows, event & ~bad, event, why=NO_ROWS),
        usual=_usual(slo, reference),
        days=np.minimum(inside @ np.nan_to_num((every - starts) / np.timedelta64(1, "D")), slo.span / timedelta(days=1)),
        left=budget_left(inside @ wrong, inside @ total, slo.objective),
        ringing=ringing,
        fastest=fastest,
        over=over,
        burning=burning,
    )


def _ringing(
    slo: SloSection, serving: Serving, bad: NDArray[np.bool_], event: NDArray[np.bool_]
) -> tuple[tuple[str, ...], Floats, Floats, float]:
    """Return in which windows a rule rings, how fast the budget burnt there at most and over how many hours, and how fast it burns at the
    end."""
    many = len(serving.windows)
    found, fastest, over = np.full(many, "", dtype=object), np.full(many, np.nan), np.full(many, np.nan)
    none = tuple(found.tolist()), fastest, over, float("nan")
    begun = serving.begun
    if begun is None or not (begun != NO_TIME).any():
        return none
    timed = event & (begun != NO_TIME)
    step_us = int(STEP.total_seconds() * 1e6)
    first = int(begun[timed].min(initial=np.iinfo(np.int64).max)) // step_us
    step = begun[timed] // step_us - first
    if not len(step) or int(step.max()) > MOST_STEPS:
        return none
    length = int(step.max()) + 1
    wrong, total = (np.concatenate([[0.0], np.cumsum(np.bincount(step, part[timed], length))]) for part in (bad, event))
    window_of = np.full(length, -1)
    window_of[step] = serving.rows.window[timed]
    for rule in reversed(RULES):
        for at, rate in _rings(rule, wrong, total, slo.objective):
            window = window_of[at]
            if window < 0:
                continue
            found[window] = rule.name
            if not rate <= fastest[window]:
                fastest[window], over[window] = rate, rule.long / timedelta(hours=1)
    hours = min(72, length)
    return tuple(found.tolist()), fastest, over, float(burn(wrong[-1] - wrong[-1 - hours], total[-1] - total[-1 - hours], slo.objective))


def _rings(rule: BurnRule, wrong: Floats, total: Floats, objective: float) -> list[tuple[int, float]]:
    """Return the steps at which a rule rings with the burn over its long stretch there: the lower end of its interval is beyond the rate,
    and so is the burn over the short stretch, which surely burns at all: one of the hundred calls of a night is 1 % of them, and chance."""
    ends = np.arange(1, len(wrong))
    long, short = (np.maximum(ends - max(int(span / STEP), 1), 0) for span in (rule.long, rule.short))
    fast = burn(wrong[ends] - wrong[long], total[ends] - total[long], objective)
    near = wrong[ends] - wrong[short], total[ends] - total[short]
    likely = np.flatnonzero((fast >= rule.rate) & (burn(*near, objective) >= rule.rate))
    sure = burn_at_least((wrong[ends] - wrong[long])[likely], (total[ends] - total[long])[likely], objective) >= rule.rate
    sure &= burn_at_least(near[0][likely], near[1][likely], objective) > 1
    return [(int(at), float(fast[at])) for at in likely[sure]]
