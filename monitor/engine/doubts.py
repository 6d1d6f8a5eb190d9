"""What is likely of a column although it was not read so: words for a person who begins a case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import tomlkit

from monitor.engine.calendar_parts import calendar_doubt
from monitor.engine.column_facts import ColumnFacts
from monitor.engine.formats import LIKELY
from monitor.engine.likely import in_percent
from monitor.engine.number_formats import dressed, lettered, signed
from monitor.engine.reading import MANY_NUMBERS
from monitor.engine.role_names import named_like, named_plainly
from monitor.engine.roles import Guess
from monitor.vocabulary import Kind, Role

MOST_OTHERS, SHOWN = 5, 3
"""Different texts among numbers at most that are asked about, and those that are shown."""
SERIAL = (36_526, 51_136)
"""Days of 2000 and of 2040 as spreadsheets count them (from 1899-12-30)."""


def unread(facts: Mapping[str, ColumnFacts], guesses: Sequence[Guess], told: Collection[str] = ()) -> Iterator[str]:
    """Say of which columns it is likely that they were not read as what they are: times where there is none else, probabilities in percent,
    numbers of many units; of columns of which that is `told` already nothing."""
    timed = any(one.role is Role.TIMESTAMP for one in guesses)
    for guess in (one for one in guesses if one.column not in told):
        fact = facts[guess.column]
        told = ", ".join(map(repr, fact.examples[:2]))
        if guess.role in (Role.FEATURE, Role.IGNORE) and (calendar := calendar_doubt(guess.column, fact.examples, timed=timed)):
            yield calendar
        elif not timed and any(named(Role.TIMESTAMP, guess.column) for named in (named_plainly, named_like)):
            yield f"{guess.column}: its name is that of a time, but its values ({told}) {_untimed(fact)}"
        elif guess.role is Role.FEATURE and guess.kind is Kind.NUMERIC and in_percent(fact):
            yield f"{guess.column}: its name is that of a probability, but its values ({told}) are no parts of 1: divide them by 100"
        elif (
            guess.kind in (Kind.TEXT, Kind.CATEGORICAL) and lettered(fact.examples) and len({one.strip()[-1] for one in fact.examples}) == 1
        ):
            yield (
                f"{guess.column}: numbers with a letter behind ({told}) are read as text. If the letter is a unit, write it "
                f"under [formats], for example {toml_line(fact.name, f'unit {fact.examples[0].strip()[-1]}')}"
            )
        elif guess.kind in (Kind.TEXT, Kind.CATEGORICAL) and len(fact.examples) > 2 and dressed(fact.examples):
            yield f"{guess.column}: numbers in several units or formats ({told}) are read as text; write all of them in one"
        elif (
            guess.kind in (Kind.TEXT, Kind.CATEGORICAL) and fact.others and (signed((*fact.examples, *fact.others)) or _maybe_numbers(fact))
        ):
            yield _among_texts(fact)


def toml_line(key: str, value: object) -> str:
    r"""Return a line of case.toml, whatever signs a name or a text holds.

    >>> print(toml_line("missing", ["\\N", '"']), toml_line("a b", "%d"))
    missing = ["\\N", "\""] "a b" = "%d"
    """
    return tomlkit.dumps({key: value}).strip()


def _maybe_numbers(fact: ColumnFacts) -> bool:
    """Say whether text may be meant as numbers: half of it are such, beside few other texts; or many different ones beside very few."""
    few = len(fact.others) <= SHOWN and fact.distinct > MANY_NUMBERS
    return (
        not fact.coded and fact.zero_led == 0 and fact.numbers > 0 and (few or (fact.numbers >= LIKELY and len(fact.others) <= MOST_OTHERS))
    )


def _among_texts(fact: ColumnFacts) -> str:
    shown = ", ".join(map(repr, fact.others[:SHOWN]))
    if signed((*fact.examples, *fact.others)):
        return f"{fact.name}: numbers with a sign or a mark ({shown}) are read as text; write them as plain numbers if numbers are meant"
    stand = "it stands" if len(fact.others) == 1 else "they stand"
    return (
        f"{fact.name}: {fact.numbers:.0%} of its values are numbers, others such as {shown} are none, so that it is read as text. "
        f"If {stand} for a missing value, write {toml_line('missing', list(fact.others))} under [data]"
    )


def _untimed(fact: ColumnFacts) -> str:
    if SERIAL[0] <= fact.low <= fact.high < SERIAL[1]:
        return "count days as spreadsheets do. Save them as dates, such as 2024-12-31T23:59"
    return (
        "have no format that is known. Write how they are "
        f"written under [formats], for example {toml_line(fact.name, '%d/%m/%Y %H:%M')}, or write them as 2024-12-31T23:59"
    )
