"""Whether the reference is fit to be compared with: does it move within itself, and does it know the seasons that production is in?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.naming import PLAIN, SideNames
from monitor.judgement.drift import JudgedDrift
from monitor.judgement.judged import Judged
from monitor.profile import Windows
from monitor.stats.inference.multiplicity import benjamini_hochberg
from monitor.stats.inference.questions import Ask
from monitor.stats.inference.trend import trend
from monitor.wording import MONTHS, list_text

WHOLE_YEAR_DAYS = 330
LONG = np.timedelta64(32, "D")
"""Length of a window from which it is of more than one month."""
A_WEEK = np.timedelta64(7, "D")
"""How much of a month such a window has to hold to be of it: about what windows of a week, which are of the month of their middle, show."""
ENOUGH_TO_MOVE = 8
"""Reference windows from which a trend within them is looked for."""


@dataclass(frozen=True, slots=True)
class ReferenceCheck:
    """`moving`: labels of the columns that rise or fall over the reference itself (Benjamini-Hochberg at 5 %), the strongest first;
    `seasons`: months that the reference covers; `unseen`: months of production that it does not (empty where it covers a year)."""

    moving: tuple[str, ...]
    seasons: tuple[str, ...]
    unseen: tuple[str, ...]
    called: SideNames = PLAIN

    def sentences(self) -> list[str]:
        """Say what is wrong with the reference, if anything is."""
        return [text for text in (self.season_sentence(), self.moving_sentence()) if text]

    def season_sentence(self) -> str:
        """Say that a change of season would look like drift; empty if it would not."""
        if not self.unseen:
            return ""
        a = f"{self.called.a[:1].upper()}{self.called.a[1:]}"
        unseen = f"{self.called.b} is also in {_span(self.unseen)}"
        return f"{a} covers one season, {_span(self.seasons)}; {unseen}, so change of season cannot be told from drift."

    def moving_sentence(self) -> str:
        """Say which columns move within the reference; empty if none does."""
        if not self.moving:
            return ""
        verb, names = "moves" if len(self.moving) == 1 else "move", list_text(self.moving)
        return f"{names} {verb} in one direction within {self.called.a} itself: what is expected there is wide, and drift easily missed."


def check_reference(judged: JudgedDrift) -> ReferenceCheck:
    """Test the reference that windows are compared with."""
    return replace(check_seasons(judged), moving=_moving(judged))


def check_seasons(judged: Judged) -> ReferenceCheck:
    """Compare the months that both sides cover; of no concern where windows are compared with those before them."""
    own = judged.own_windows
    seasons, unseen = ((), ()) if own is None else _seasons(own, judged.windows, judged.partial)
    return ReferenceCheck((), seasons, unseen, judged.called)


def _moving(judged: JudgedDrift) -> tuple[str, ...]:
    screen, names, outcomes = judged.assessment.screen, [], []
    panel = screen.evidence.panel
    for name, thing in screen.things.items():
        asks = () if thing.questions is None else thing.questions.asks
        at = [thing.first + i for i, ask in enumerate(asks) if ask in (Ask.LOCATION, Ask.MEAN)]
        if not at or panel.reference < ENOUGH_TO_MOVE or name not in judged.result.labels:
            continue
        names.append(name)
        outcomes.append(trend(panel.x[at[-1], : panel.reference]))
    if not names:
        return ()
    p_values = np.array([one.p_value for one in outcomes])
    q, order = benjamini_hochberg(p_values), np.argsort(p_values, kind="stable")
    return tuple(judged.result.labels.get(names[i], names[i]) for i in order if q[i] <= 0.05)


def _seasons(reference: Windows, production: Windows, partial: NDArray[np.bool_]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if np.isnat(reference.start).any() or np.isnat(production.start).any():
        return (), ()
    known, asked = _months(reference), _months(production, partial)
    days = (reference.end.max() - reference.start.min()) / np.timedelta64(1, "D")
    unseen = tuple(month for month in asked if month not in known) if days < WHOLE_YEAR_DAYS else ()
    return tuple(known), unseen


def _months(windows: Windows, partial: NDArray[np.bool_] | None = None) -> list[str]:
    """Return the months that the middles of windows lie in; of a last window that is cut short that of its beginning, of one longer than
    LONG all that it holds A_WEEK of."""
    middle: NDArray[np.datetime64] = windows.start + (windows.end - windows.start) // 2
    if partial is not None and len(middle) and partial[-1]:
        middle[-1] = windows.start[-1]
    long = windows.end - windows.start > LONG
    whole = [_held(start, end) for start, end in zip(windows.start[long], windows.end[long], strict=True)]
    every = np.concatenate([middle[~long].astype("datetime64[M]"), *whole]).astype(np.int64)
    return [MONTHS[number] for number in dict.fromkeys(int(one) % 12 for one in np.sort(every))]


def _held(start: np.datetime64, end: np.datetime64) -> NDArray[np.datetime64]:
    """Return the months of which at least A_WEEK lies between two moments."""
    first, last = start.astype("datetime64[M]"), end.astype("datetime64[M]")
    months = np.arange(first, last + np.timedelta64(1, "M"))
    begins, ends = months.astype("datetime64[us]"), (months + 1).astype("datetime64[us]")
    held = np.minimum(ends, end) - np.maximum(begins, start)
    return np.asarray(months[held >= A_WEEK])


def _span(months: Sequence[str]) -> str:
    numbers = [MONTHS.index(month) for month in months]
    unbroken = len(numbers) > 2 and all((b - a) % 12 == 1 for a, b in pairwise(numbers))
    return f"{months[0]} to {months[-1]}" if unbroken else list_text(list(months), limit=12)
