"""What may have happened: a cause with its place and time, what it explains, and what remains when it is taken away."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from monitor.engine.identifiers import literal
from monitor.judgement.finding import NO_TIME
from monitor.vocabulary import Cause

__all__ = ["OF_LABELS", "Cause", "Hypothesis", "Inverse", "Proof", "predicate"]


OF_LABELS = frozenset({Cause.CONCEPT_CHANGE, Cause.LABEL_CHANGE})
"""Causes that rows with a label alone can show; those without one yet are concerned too."""
NEARLY = 1e-6
"""Difference of logarithms by which two factors count as one."""
MOMENTS = "moments"
"""Of times that are later or earlier themselves, and are not values of other hours."""
PLACES = "levels that changed places"
"""What a map of known levels to known levels says."""
THRESHOLD = "threshold"
"""Of decisions: they follow the score from `offset` on, and did from `scale` on."""
TIMES = "times"
"""Of a factor that is told as a number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverse:
    """What undoes a change of the values of one column.

    `kind`: affine (value * `scale` + `offset`), exp, exp10, expm1, log, log10, square, root, shift (by `offset` hours), map (`levels`, now
    -> before), swap and rename (with column `other`), fill (values equal to `value` were `other`: "missing", another value, or several if
    empty), clip (at `offset`), round (to multiples of `scale`), trend (`scale` a day), stuck, missing (of new levels, with the `levels`,
    most frequent first), retype (`value` is the text round a number), THRESHOLD; `value` of affine is TIMES where several units have
    about its factor, of shift MOMENTS. `says` it for people as in "values look like <says>": "Celsius for Fahrenheit".
    """

    kind: str
    scale: float = 1.0
    offset: float = 0.0
    levels: Mapping[str, str] = field(default_factory=dict)
    other: str = ""
    value: str = ""
    says: str = ""

    @property
    def is_decimal(self) -> bool:
        """Whether values were multiplied by a power of ten, which is known and not fitted."""
        if self.kind != "affine" or self.scale <= 0 or self.offset:
            return False
        power = math.log10(self.scale)
        return abs(power - round(power)) < NEARLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How far the rows concerned lie from the reference before and after a cause is taken away, on `rows` rows that it was not fitted on.

    `measure`: ks, tv (total variation of levels), share, values (share that the reference never had), level (its share before, and now),
    ratio, auc, mean, or labels and errors (how far their `share` in the rows themselves lies from what was expected).
    """

    measure: str
    before: float
    after: float
    rows: int
    share: float = float("nan")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """What came true in a stretch of time (first and last row, UTC): its `share` of `rows` labelled rows, and what was `expected`."""

    start: np.datetime64
    end: np.datetime64
    share: float
    expected: float
    rows: int

    @property
    def off(self) -> float:
        """How far it lies above what was expected."""
        return self.share - self.expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """One cause that rows of production speak for.

    Parameters
    ----------
    columns : it happened in; empty where it concerns whole rows.
    segment : level (as text) by column of the rows concerned; empty: all rows. `beside`: further levels of its only column that are
        concerned as well (carrier US, beside it WN).
    start, end : UTC; `end` NaT while it lasts. `onset_lower`, `onset_upper`: bounds that the onset is in.
    rows, share_rows : rows concerned, and of all rows in [start, end).
    explained : share of the change in what it is about that is gone when it is taken away, 0..1; of causes without an inverse: how surely
        the rows show it (1 - p, or the share of the excess that they hold).
    parameters : how many free choices were made to fit it (columns of the segment, factor, offset ...); fewer is better.
    evidence : keys (`key_of`) of the findings that it was looked for because of.
    more : of causes that change how many rows come: whether more do; of labels that come later: whether any does; None: not known.
    version : that scores the rows, a level of the segment, where a column names it.
    shown_until : of what labels show and that lasts, the last row that speaks for it; later ones may be too few to say that it ended.
    answers : whether `columns` are answers of the model, which follow from inputs as well.
    parts : of a relation of all rows, what came true in turn.
    known_days : of the same, first and last moment of a reference that holds no such time of year.
    watched : whether its segment is one that the case names among those it watches.
    unfelt : whether the model hardly uses its columns, so that none of its answers follows from it.
    partly : share of the rows of its place and time whose values it changed, where these are not nearly all (nan).
    held : where rows have no time, the positions of its first and last window; `ceased`: rows after these do not show it.
    """

    cause: Cause
    columns: tuple[str, ...] = ()
    segment: Mapping[str, str] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    start: np.datetime64 = NO_TIME
    end: np.datetime64 = NO_TIME
    onset_lower: np.datetime64 = NO_TIME
    onset_upper: np.datetime64 = NO_TIME
    rows: int = 0
    share_rows: float = float("nan")
    explained: float = 0.0
    parameters: int = 0
    proof: Proof | None = None
    inverse: Inverse | None = None
    evidence: tuple[str, ...] = ()
    more: bool | None = True
    version: str = ""
    shown_until: np.datetime64 = NO_TIME
    answers: bool = False
    parts: tuple[Stretch, ...] = ()
    known_days: tuple[np.datetime64, np.datetime64] | None = None
    watched: bool = False
    held: tuple[int, int] | None = None
    ceased: bool = False
    partly: float = float("nan")
    unfelt: bool = False

    @property
    def everywhere(self) -> bool:
        """Whether labels of all rows follow from inputs otherwise, and no column or place says where."""
        return self.cause is Cause.CONCEPT_CHANGE and not self.segment and not self.columns

    @property
    def ongoing(self) -> bool:
        """Whether it lasts."""
        return bool(np.isnat(self.end)) and not self.ceased


def predicate(segment: Mapping[str, str], written: Callable[[str], str] = str, *, beside: tuple[str, ...] = ()) -> str | None:
    """Return the SQL condition of the rows of a segment; None of all rows.

    Parameters
    ----------
    written : column -> as SQL writes it (`monitor.engine.identifiers.quote` where a name may be any).
    beside : further levels of the only column.
    """
    parts = [f"{written(name)} {_is_one_of((level, *beside))}" for name, level in segment.items()]
    return " AND ".join(parts) or None


def _is_one_of(levels: tuple[str, ...]) -> str:
    return f"= {literal(levels[0])}" if len(levels) == 1 else f"IN ({', '.join(map(literal, levels))})"
