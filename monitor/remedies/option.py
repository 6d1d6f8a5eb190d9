"""One way to deal with an incident, with what it would have brought."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.remedies.gains import Answered, Gain
from monitor.remedies.kinds import Basis, Remedy, Why


@dataclass(frozen=True, slots=True)
class Tried:
    """The `rows` (n,) that an option was tried on, and what it answers, (n,): of other rows that says nothing."""

    rows: NDArray[np.bool_]
    answered: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What could be done.

    Parameters
    ----------
    removes : whether it takes the cause away; any other treats what follows.
    gains : on rows concerned, the metric that decides first; none where it was not tried (`why`, with the words of a library in `detail`).
    beyond : the same beside the same option as it could have been had before the incident, where that is another: what the incident alone
        asks for.
    after : on rows of the same place after the incident, where the option would still be there.
    beside : in the metric that decides, what it brings more than the option that takes the cause away, on the rows that both answered; None
        where that is itself, was not tried, or is not of the same rows.
    answers : of the rows that it was tried on, until options are compared; they are not kept.
    moved : mean distance between answers as they were and would have been; nan where none were made.
    told : how it was made, a number or a name ("0.42" for a threshold, a version).
    hindsight : whether it learned from labels that had not come when the rows that it is tried on were answered.
    """

    remedy: Remedy
    basis: Basis
    removes: bool = False
    gains: tuple[Gain, ...] = ()
    beyond: tuple[Gain, ...] = ()
    after: tuple[Gain, ...] = ()
    beside: Gain | None = None
    answers: Tried | None = None
    why: Why = Why.TRIED
    detail: str = ""
    moved: float = float("nan")
    told: str = ""
    hindsight: bool = False

    @property
    def gain(self) -> Gain | None:
        """The gain in the metric that decides."""
        return self.gains[0] if self.gains else None

    @property
    def pays(self) -> bool:
        """Whether it brings more than chance gives, by the incident alone, and the metric that decides is not worse; what only treats what
        follows must not hurt once that is over."""
        good = any(one.sure for one in self.gains) and not self.hurts and (self.removes or not self.fades)
        return good and (not self.beyond or any(one.sure for one in self.beyond))

    @property
    def hurts(self) -> bool:
        """Whether the metric that decides becomes worse beyond chance."""
        return self.gain is not None and self.gain.worse

    @property
    def beats(self) -> bool:
        """Whether it helps, and more beyond chance than what takes the cause away."""
        return self.pays and self.beside is not None and self.beside.sure

    @property
    def fades(self) -> bool:
        """Whether it hurts on rows after the incident."""
        return any(one.worse for one in self.after)

    def because(self, why: Why, detail: str = "") -> Option:
        """Return it as one that was not tried, and why."""
        return replace(self, why=why, detail=detail)

    def tried(self, basis: Basis, gains: tuple[Gain, ...], *, moved: float = float("nan")) -> Option:
        """Return it with what it brings; too few rows are said to be so."""
        if not gains:
            return self.because(Why.FEW_LABELS)
        return replace(self, basis=basis, gains=gains, moved=moved)
