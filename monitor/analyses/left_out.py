"""Rows of production that are known to be wrong: an analysis leaves them out, or says that they count."""

from __future__ import annotations

from dataclasses import dataclass, replace

from monitor.analyses.sides import Question
from monitor.engine import Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongPart:
    """Rows that an incident made wrong: its `id`, what it is called, which `rows` they are, and how many of those that are asked about."""

    id: str
    title: str
    rows: Selection
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongRows:
    """What incidents say of rows: which made rows wrong (`parts`, none: none did), how many rows these are together (`n`, a row of two
    counts once) of how many (`of`), and whether they count all the same (`counted`); `bursts`: rows that nobody wants and that are true."""

    parts: tuple[WrongPart, ...] = ()
    n: int = 0
    of: int = 0
    counted: bool = False
    bursts: tuple[WrongPart, ...] = ()

    @property
    def left_out(self) -> tuple[WrongPart, ...]:
        """Rows that are left out."""
        return () if self.counted else self.parts


def leave_out(question: Question, wrong: WrongRows | None) -> Question:
    """Return a question without the rows that are left out; as it is where nothing is known."""
    rows = () if wrong is None else tuple(one.rows for one in wrong.left_out)
    return replace(question, production=replace(question.production, wrong=rows)) if rows else question
