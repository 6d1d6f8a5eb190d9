"""Whether the reference is fit to be compared with: does it move within itself, and does it know the seasons that production is in?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from monitor.judgement.drift import JudgedDrift
from monitor.profile import Windows
from monitor.stats.contrasts import signed_roots
from monitor.stats.trend import trend
from monitor.wording import list_text

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
WHOLE_YEAR_DAYS = 330


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    """`moving`: labels of the columns that rise or fall over the reference itself (Benjamini-Hochberg at 5 %), the strongest first;
    `seasons`: months that the reference covers; `unseen`: months of production that it does not (empty where it covers a year)."""

    moving: tuple[str, ...]
    seasons: tuple[str, ...]
    unseen: tuple[str, ...]

    def sentences(self) -> list[str]:
        """Say what is wrong with the reference, if anything is."""
        found = []
        if self.unseen:
            unseen = f"production is also in {_span(self.unseen)}"
            found.append(
                f"The reference covers one season, {_span(self.seasons)}; {unseen}, so change of season cannot be told from drift."
            )
        if self.moving:
            verb = "moves" if len(self.moving) == 1 else "move"
            names = list_text(self.moving)
            found.append(
                f"{names} {verb} in one direction within the reference itself: what is expected there is wide, and drift easily missed."
            )
        return found


def check_reference(judged: JudgedDrift) -> ReferenceCheck:
    """Test the reference that windows are compared with."""
    sides = judged.result.sides
    seasons, unseen = _seasons(sides.blocks.windows, sides.production.windows)
    return ReferenceCheck(_moving(judged), seasons, unseen)


def _moving(judged: JudgedDrift) -> tuple[str, ...]:
    sides, names, outcomes = judged.result.sides, [], []
    for name, change in judged.changes.items():
        blocks = sides.history(name).blocks
        at = [i for i, question in enumerate(change.questions.names) if question in ("mean", "location")]
        if not at or len(blocks.counts) < 8:
            continue
        history = sides.history(name)
        z = signed_roots(change.questions, blocks.rest(), blocks, scale=history.total, sd=history.sd)[:, at[-1]]
        names.append(name)
        outcomes.append(trend(z, memory=float(change.noise.blocks.memory[at[-1]])))
    if not names:
        return ()
    q = stats.false_discovery_control([one.p_value for one in outcomes])
    order = np.argsort([one.p_value for one in outcomes], kind="stable")
    return tuple(judged.result.labels.get(names[i], names[i]) for i in order if q[i] <= 0.05)


def _seasons(reference: Windows, production: Windows) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if np.isnat(reference.start).any() or np.isnat(production.start).any():
        return (), ()
    known, asked = _months(reference), _months(production)
    days = (reference.end.max() - reference.start.min()) / np.timedelta64(1, "D")
    unseen = tuple(month for month in asked if month not in known) if days < WHOLE_YEAR_DAYS else ()
    return tuple(known), unseen


def _months(windows: Windows) -> list[str]:
    middle: NDArray[np.datetime64] = windows.start + (windows.end - windows.start) // 2
    numbers = dict.fromkeys(int(one) % 12 for one in middle.astype("datetime64[M]").astype(np.int64))
    return [MONTHS[number] for number in numbers]


def _span(months: Sequence[str]) -> str:
    numbers = [MONTHS.index(month) for month in months]
    unbroken = len(numbers) > 2 and all((b - a) % 12 == 1 for a, b in pairwise(numbers))
    return f"{months[0]} to {months[-1]}" if unbroken else list_text(list(months), limit=12)
