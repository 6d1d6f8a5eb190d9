"""Guessing what a column is (role) and how it is measured (kind), always with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from monitor.case import Roles
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.columns import EARLY, EPOCHS, EXACT, LATE, NUMBERS, family
from monitor.engine.role_names import (
    NAMES,
    NAMES_LIKE,
    born_by_name,
    counts_rows,
    identifies_by_name,
    named_like,
    numbers_by_name,
    plain_name,
    stands_for,
    true_by_name,
)
from monitor.vocabulary import Kind, Role, Task

FEW_VALUES = 2
TEXT_SHARE = 0.9
NUMBER_SHARE = 0.95
SENTENCE = 3
"""Words of a value, on average, from which a text is one that somebody wrote rather than an identifier."""
RUNS = 0.9
"""Part of the steps from row to row that go one way in a column that runs: of numbers in any order half of them do, and files of several
sources, one after the other, go back only where one ends."""
A_DAY = 86_400
"""Seconds that whole numbers reach over at least to be Unix time: numbers of orders may lie there too, but one after the other."""
EVEN = 1.63
"""Kolmogorov-Smirnov distance times the square root of the rows up to which a sample may be of a running number (1 in 100 beyond)."""
MANY_LEVELS = 1000
OUR_TIME = (946_684_800, 2_208_988_800)
"""Unix seconds of 2000 and of 2040: numbers of so many digits that lie all in between are hardly anything else."""
HTTP = (100, 599)
"""Codes of status of HTTP (RFC 9110, section 15): what is called `http` alone may be an address."""
MOST_CODES = 200
"""Different whole numbers that stand for something else at most; more are identifiers."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column seems to be, why, and whether a person need not look."""

    column: str
    role: Role
    kind: Kind
    reason: str
    sure: bool


_BY_TYPE = {
    "boolean": Kind.BOOLEAN,
    "datetime": Kind.DATETIME,
    "integer": Kind.NUMERIC,
    "float": Kind.NUMERIC,
    "decimal": Kind.NUMERIC,
    "clock": Kind.NUMERIC,
    "null": Kind.NUMERIC,
}
_REASONS = {"boolean": "true or false", "datetime": "dates or times", "clock": "time of day or duration, in hours"}


def guess_kind(facts: ColumnFacts) -> tuple[Kind, str, str]:
    """Return kind, reason and the encoding of a datetime."""
    sort = family(facts.type)
    if facts.present == 0:
        return _BY_TYPE.get(sort, Kind.CATEGORICAL), "no value at all; by its type", "native"
    if sort == "text":
        return _guess_text_kind(facts)
    near = abs(facts.low) < EXACT and abs(facts.high) < EXACT  # beyond, different numbers are one as the numbers that were looked at
    if sort == "integer" and facts.distinct <= FEW_VALUES and facts.rows > 20 and near:
        return Kind.CATEGORICAL, f"whole numbers with only {facts.distinct} different value(s)", "native"
    return _BY_TYPE.get(sort, Kind.CATEGORICAL), _REASONS.get(sort, "numbers"), "native"


def _guess_text_kind(facts: ColumnFacts) -> tuple[Kind, str, str]:
    if facts.numbers >= NUMBER_SHARE and facts.zero_led == 0.0 and not facts.coded:
        share = "all values" if facts.numbers == 1.0 else f"{facts.numbers:.1%} of the values; the rest counts as missing"
        return Kind.NUMERIC, f"text that holds numbers ({share})", "text"
    if facts.times == 1.0:
        return Kind.DATETIME, "text that holds dates or times (all values looked at)", "text"
    if facts.present >= 100 and (facts.distinct_share > TEXT_SHARE or (facts.distinct_share > 0.5 and facts.words >= 3)):
        return Kind.TEXT, f"text, {facts.distinct_share:.0%} of the values differ", "native"
    return Kind.CATEGORICAL, f"text with {facts.distinct:,} different values", "native"


def epoch_of(facts: ColumnFacts) -> str | None:
    """Recognise Unix time between 1990 and 2100 by its magnitude; None when it is not."""
    fits = (name for name, factor in EPOCHS.items() if EARLY * factor <= facts.low and facts.high <= LATE * factor)
    return next(fits, None)


_OPTIONAL_CERTAIN = {Role.MODEL_VERSION, Role.LATENCY_MS, Role.LABEL_TIMESTAMP, Role.PREDICTION, Role.SCORE}


def guess_roles(facts: Mapping[str, ColumnFacts], fits: Sequence[tuple[str, str]] = ()) -> list[Guess]:
    """Guess role and kind of every column by name, type and content; one column at most per single role.

    Parameters
    ----------
    fits : pairs (score, decision) of columns of which a threshold of the first makes the second.
    """
    taken: set[Role] = set()
    guesses: dict[str, Guess] = {}

    def take(guess: Guess) -> None:
        guesses[guess.column] = guess
        taken.add(guess.role)

    for names, sure in ((NAMES, True), (NAMES_LIKE, False)):
        for role, pattern in names:
            able = _clocks(facts) if role is Role.TIMESTAMP else facts
            for guess in _guess_all_named(able, guesses, role, pattern, sure=sure):
                if role not in taken or role is Role.PROTECTED:
                    take(guess)
        for guess in _guess_fitting(facts, guesses, fits, taken) if sure else ():
            take(guess)
    clocks = [fact for name, fact in _clocks(facts).items() if name not in guesses]
    if Role.TIMESTAMP not in taken and (timed := _first_dated(clocks) or _guess_unix_time(clocks)):
        take(timed)
    for name, fact in facts.items():
        if name not in guesses:
            take(_guess_other(fact, taken))
    return [guesses[name] for name in facts]


def _clocks(facts: Mapping[str, ColumnFacts]) -> dict[str, ColumnFacts]:
    """Return the columns that may be the time of rows: no days of birth, and one that never changes only where no other holds times."""
    able = {name: fact for name, fact in facts.items() if not born_by_name(name)}
    moving = {name: fact for name, fact in able.items() if fact.distinct > 1}
    return moving if any(holds_times(fact) for fact in moving.values()) else able


def holds_times(fact: ColumnFacts) -> bool:
    """Say whether a column holds dates, or numbers of our time that can hardly be anything else than Unix time."""
    return guess_kind(fact)[0] is Kind.DATETIME or _unix_time(fact) is not None


def _guess_all_named(
    facts: Mapping[str, ColumnFacts], guesses: Mapping[str, Guess], role: Role, pattern: str, *, sure: bool
) -> list[Guess]:
    named = (_guess_named(role, pattern, fact, sure=sure) for name, fact in facts.items() if name not in guesses)
    return [guess for guess in named if guess is not None]


def _guess_fitting(
    facts: Mapping[str, ColumnFacts], guesses: Mapping[str, Guess], fits: Sequence[tuple[str, str]], taken: Set[Role]
) -> list[Guess]:
    """Guess score and prediction by what fits together: one of the two may be known by its name already."""
    for score, decision in sorted(fits, key=lambda pair: -_named_so(pair[0]) - _named_so(pair[1])):
        known = [guesses[name].role if name in guesses else None for name in (score, decision)]
        if known[0] not in (None, Role.SCORE) or known[1] not in (None, Role.PREDICTION):
            continue
        found = [
            Guess(name, role, guess_kind(facts[name])[0], reason, sure=False)
            for name, role, reason in (
                (score, Role.SCORE, f"a threshold on it makes '{decision}'"),
                (decision, Role.PREDICTION, f"a threshold on '{score}' makes it"),
            )
            if name not in guesses and role not in taken
        ]
        if found and (len(found) == 2 or Role.SCORE in known or Role.PREDICTION in known):
            return found
    return []


def _named_so(name: str) -> int:
    """Say how much a name sounds like a score or a prediction, so that of several pairs that fit the likelier one is taken."""
    return sum(named_like(role, name) for role in (Role.SCORE, Role.PREDICTION))


def _guess_named(role: Role, pattern: str, fact: ColumnFacts, *, sure: bool) -> Guess | None:
    if not re.fullmatch(pattern, plain_name(fact.name)):
        return None
    kind, why, _ = guess_kind(fact)
    if role in (Role.TIMESTAMP, Role.LABEL_TIMESTAMP):
        return _guess_time(role, fact, sure=sure)
    if role in (Role.SCORE, Role.CHALLENGER_SCORE):
        return _guess_score(role, fact, sure=sure)
    number = role not in (Role.LATENCY_MS, Role.COST) or (kind is Kind.NUMERIC and epoch_of(fact) is None)
    number &= role is not Role.STATUS or plain_name(fact.name) != "http" or HTTP[0] <= fact.low <= fact.high <= HTTP[1]
    label = sure or role is not Role.LABEL or fact.distinct == FEW_VALUES or true_by_name(fact.name)
    return Guess(fact.name, role, kind, f"its name; {why}", sure and role in _OPTIONAL_CERTAIN) if number and label else None


def _guess_time(role: Role, fact: ColumnFacts, *, sure: bool) -> Guess | None:
    kind, why, _ = guess_kind(fact)
    epoch = epoch_of(fact) if kind is Kind.NUMERIC else None
    if kind is not Kind.DATETIME and epoch is None:
        return None
    content = f"holds Unix time ({epoch})" if epoch else f"holds {why}"
    return Guess(fact.name, role, Kind.DATETIME, f"its name, and it {content}", sure)


def _guess_unix_time(facts: Sequence[ColumnFacts]) -> Guess | None:
    """Guess the time by the magnitude of its numbers."""
    found = ((fact.name, epoch) for fact in facts if (epoch := _unix_time(fact)) is not None)
    why = "all its numbers are Unix time ({}) of 2000 to 2039"
    return next((Guess(name, Role.TIMESTAMP, Kind.DATETIME, why.format(epoch), False) for name, epoch in found), None)


def _unix_time(fact: ColumnFacts) -> str | None:
    """Return the unit of numbers that are Unix time of 2000 to 2039; seconds could be numbers of anything, but for those that run."""
    epoch = epoch_of(fact) if family(fact.type) in NUMBERS and not identifies_by_name(fact.name) else None
    if epoch is None or not OUR_TIME[0] <= fact.low / EPOCHS[epoch] <= fact.high / EPOCHS[epoch] < OUR_TIME[1]:
        return None
    return epoch if epoch != "epoch_s" or (fact.runs >= RUNS and fact.high - fact.low >= A_DAY) else None


def _first_dated(facts: Sequence[ColumnFacts]) -> Guess | None:
    dated = ((fact.name, *guess_kind(fact)) for fact in facts)
    return next(
        (Guess(name, Role.TIMESTAMP, kind, f"the first column with {why}", False) for name, kind, why, _ in dated if kind is Kind.DATETIME),
        None,
    )


def _guess_score(role: Role, fact: ColumnFacts, *, sure: bool) -> Guess | None:
    kind = guess_kind(fact)[0]
    probable = kind is Kind.NUMERIC and fact.low >= 0 and fact.high <= 1
    if not sure and not (probable and fact.distinct > FEW_VALUES):
        return None
    return Guess(fact.name, role, kind, "its name" + (", and all values lie in 0..1" if probable else ""), probable and sure)


def _guess_other(fact: ColumnFacts, taken: set[Role]) -> Guess:
    kind, why, _ = guess_kind(fact)
    unique = fact.present == fact.rows and fact.distinct == fact.present and fact.rows >= 20
    if unique and counts_rows(fact.name) and family(fact.type) == "integer":
        return Guess(fact.name, Role.IGNORE, kind, "it counts rows", False)
    names = identifies_by_name(fact.name) and family(fact.type) in ("integer", "text")
    numbers = numbers_by_name(fact.name) and family(fact.type) in ("integer", "text")
    if Role.ID not in taken and (names or numbers) and unique:
        return Guess(fact.name, Role.ID, kind, "its name, and every value differs", True)
    identifies = _identifies(fact, kind, named=names) if unique and fact.present else ""
    if identifies:
        return Guess(fact.name, Role.IGNORE, kind, identifies, False)
    if fact.present == 0:
        return Guess(fact.name, Role.FEATURE, kind, why, False)
    if unique and _even(fact):
        return Guess(fact.name, Role.FEATURE, kind, f"{why}; every value differs, so that they may be identifiers", False)
    return _guess_code(fact, named=names) or Guess(fact.name, Role.FEATURE, kind, why, not _odd(fact, kind))


def _identifies(fact: ColumnFacts, kind: Kind, *, named: bool) -> str:
    """Say why a column of which every value differs is an identifier; empty if it is none."""
    sort = family(fact.type)
    if named or (sort == "text" and kind is Kind.TEXT and fact.words < SENTENCE):
        return "every value differs: an identifier rather than a feature"
    if fact.runs >= RUNS and _even(fact):
        return f"every value differs and they run evenly from {fact.low:.10g} to {fact.high:.10g}: a running number"
    return ""


def _even(fact: ColumnFacts) -> bool:
    """Say whether whole numbers may be a sample of a running number, by how evenly they are spread."""
    return family(fact.type) == "integer" and fact.spread * math.sqrt(fact.rows) <= EVEN


def _odd(fact: ColumnFacts, kind: Kind) -> bool:
    many = kind is Kind.CATEGORICAL and fact.distinct > MANY_LEVELS
    return family(fact.type) == "text" and (many or kind in (Kind.NUMERIC, Kind.TEXT))


def _guess_code(fact: ColumnFacts, *, named: bool) -> Guess | None:
    """Guess of whole numbers that they are names of something, by what they are called."""
    if family(fact.type) != "integer" or not (named or stands_for(fact.name)):
        return None
    if fact.distinct <= MOST_CODES:
        return Guess(fact.name, Role.FEATURE, Kind.CATEGORICAL, "its name: numbers that stand for something", False)
    several = "its name: it identifies something that has several rows"
    return Guess(fact.name, Role.IGNORE, Kind.NUMERIC, several, False) if named else None


def roles_from(guesses: Sequence[Guess]) -> Roles:
    """Turn guesses into the [roles] of a case; features stay the default (every other column)."""
    singles = {guess.role.value: guess.column for guess in guesses if guess.role.value in Roles.model_fields}
    protected = tuple(guess.column for guess in guesses if guess.role is Role.PROTECTED)
    ignored = tuple(guess.column for guess in guesses if guess.role is Role.IGNORE)
    return Roles.model_validate({**singles, "protected": protected, "ignore": ignored})


def guess_task(facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess]) -> tuple[Task, bool]:
    """Guess the task from the label (else the prediction); without a prediction or score data alone are watched, which is not certain."""
    found = {guess.role: facts[guess.column] for guess in guesses}
    if not {Role.PREDICTION, Role.SCORE} & set(found):
        return Task.NONE, False
    target = found.get(Role.LABEL) or found.get(Role.PREDICTION)
    if target is None:
        return Task.BINARY, False
    if target.distinct <= FEW_VALUES:
        return Task.BINARY, True
    return (Task.REGRESSION, True) if guess_kind(target)[0] is Kind.NUMERIC and target.distinct > 20 else (Task.MULTICLASS, True)
