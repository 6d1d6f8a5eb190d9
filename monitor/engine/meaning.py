"""Which value of a label goes with a high score, and whether a decision says the same or the opposite: told by the rows, not by words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import duckdb
import numpy as np

from monitor.engine.column_facts import ColumnFacts
from monitor.engine.fits import FEWEST_ROWS, Fit
from monitor.engine.identifiers import quote, translated
from monitor.engine.limits import limited
from monitor.engine.roles import FEW_VALUES, Guess
from monitor.vocabulary import Role

SIGMAS = 4.0
"""Standard errors by which the mean scores of two values differ where one of them goes with high scores (1 in 15,000 by chance)."""
_TRUTH = frozenset({"0", "1", "-1", "2", "true", "false", "t", "f", "yes", "no", "y", "n"})
"""Values of which the last in order means yes, whatever the words of the other column."""
Value = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Ends:
    """The value of two that goes with `low` and the one that goes with `high` scores."""

    low: Value
    high: Value

    @property
    def words(self) -> frozenset[str]:
        """Both values as levels."""
        return frozenset({_level(self.low), _level(self.high)})

    @property
    def as_usual(self) -> bool:
        """Whether the larger value goes with high scores, as is assumed where a case does not say it."""
        return self.high == max(self.low, self.high)

    def agrees(self, other: Ends) -> bool:
        """Whether another pair says the same of the same rows, in words that are taken for the same."""
        alike = self.words == other.words and _level(self.high) == _level(other.high)
        return alike or (self.words | other.words <= _TRUTH and self.as_usual and other.as_usual)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a case of two classes has to say: the guesses, the class that the score is the probability of where it is not the larger value,
    the threshold where no prediction says what the score says, and what a person should look at."""

    guesses: Sequence[Guess]
    positive: Value | None = None
    threshold: float | None = None
    doubts: tuple[str, ...] = ()


def meaning(
    connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess], fits: Sequence[Fit]
) -> Meaning:
    """Look at the scores of the values of a label and of a decision; `relation` stands after FROM and is a sample."""
    score, label, said = (next((one.column for one in guesses if one.role is role and one.column in facts), None) for role in _ROLES)
    if score is None:
        return Meaning(guesses)
    true, told = (_ends(connection, relation, facts, score, name) for name in (label, said))
    cut = next((fit.threshold for fit in fits if (fit.score, fit.decision) == (score, said)), None)
    if told is not None and _opposed(told, true):
        reason, plain = _opposite(score, told, true, label), _positive(guesses, score, true)
        if cut is None or any(one.column == said and one.sure for one in guesses):  # called a prediction, it is one
            return replace(plain, doubts=(*plain.doubts, f"{said}: {reason}"))
        kept = [
            replace(one, role=Role.IGNORE, reason=f"{reason}; the threshold says it", sure=False) if one.column == said else one
            for one in guesses
        ]
        return replace(_positive(kept, score, true), threshold=cut)
    return _positive(guesses, score, true or told)


_ROLES = (Role.SCORE, Role.LABEL, Role.PREDICTION)


def _opposed(told: Ends, true: Ends | None) -> bool:
    """Say whether a decision cannot be compared with the label as it is; without one a 0 where the score is high says the opposite."""
    return not told.agrees(true) if true is not None else told.words <= _TRUTH and not told.as_usual


def _opposite(score: str, told: Ends, true: Ends | None, label: str | None) -> str:
    other = f" while '{label}' is {_shown(true.high)}" if true is not None else ""
    return f"where '{score}' is high it is {_shown(told.high)}{other}"


def _positive(guesses: Sequence[Guess], score: str, known: Ends | None) -> Meaning:
    if known is None or known.as_usual:
        return Meaning(guesses)
    told = f"positive_class: {_shown(known.high)}, for it is what high values of '{score}' go with, not {_shown(known.low)}"
    return Meaning(guesses, positive=known.high, doubts=(told,))


def _ends(
    connection: duckdb.DuckDBPyConnection, relation: str, facts: Mapping[str, ColumnFacts], score: str, name: str | None
) -> Ends | None:
    if name is None or facts[name].distinct != FEW_VALUES:
        return None
    number = f"TRY_CAST({quote(score)} AS DOUBLE)"
    asked = f"SELECT {quote(name)}, avg({number}), coalesce(var_samp({number}), 0) / count({number}) FROM {relation}"
    known = f"{quote(name)} IS NOT NULL AND isfinite({number})"
    with translated("comparing scores with labels"), limited(connection, "comparing scores with labels"):
        rows = connection.execute(f"{asked} WHERE {known} GROUP BY 1 HAVING count(*) >= {FEWEST_ROWS // 5} ORDER BY 2").fetchall()
    if len(rows) != FEW_VALUES or rows[1][1] - rows[0][1] <= SIGMAS * np.sqrt(rows[0][2] + rows[1][2]):
        return None
    return Ends(_native(rows[0][0]), _native(rows[1][0]))


def _native(value: object) -> Value:
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value if isinstance(value, int | float | bool) else str(value)


def _level(value: Value) -> str:
    return str(int(value)) if isinstance(value, bool | int | float) and value == int(value) else str(value).lower()


def _shown(value: Value) -> str:
    return repr(value) if isinstance(value, str) else str(value).lower()
