"""What a contract says, as checked models: terms of each column, rules of rows, levels that never meet, ranges that a level fixes."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from monitor.case.section import Section
from monitor.case.values import Flag, Number, Texts, is_number

ENVIRONMENTS = ("reference", "production")
"""The data sets of a case, in which a column may be absent by agreement."""
MOST_LEVELS = 500
"""Levels of a column beyond which they are no list that anybody reads."""


class Sort(StrEnum):
    """What the values of a column are."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATETIME = "datetime"


class Lifecycle(StrEnum):
    """Where a column stands: only of active ones is anything asked."""

    ACTIVE = "active"
    PLANNED = "planned"
    DEPRECATED = "deprecated"


def _part(value: object) -> object:
    if not is_number(value) or not 0 <= value <= 1:  # type: ignore[operator] # it is a number where it is compared
        raise ValueError("give a share from 0 to 1, such as 0.01")
    return value


Part = Annotated[float, BeforeValidator(_part)]


def _environments(value: tuple[str, ...]) -> tuple[str, ...]:
    wrong = next((one for one in value if one not in ENVIRONMENTS), None)
    if wrong is not None:
        raise ValueError(f"'{wrong}' is no data set: write {' or '.join(ENVIRONMENTS)}")
    return value


class Terms(Section):
    """What one column has to keep; what is not named is not asked.

    `missing` is the largest share of rows without a value; `outside` the largest share of values that may lie outside `min` to `max`, be
    none of `levels` or not follow `pattern` (a regular expression of the whole text). `monotone`: in order of time it never falls (or
    never rises). `shift` is the largest change of the share of a level against the reference. `absent_in` names data sets that need not
    have the column.
    """

    type: Sort | None = None
    required: Flag = True
    missing: Part | None = None
    min: Number | None = None
    max: Number | None = None
    levels: Texts | None = None
    pattern: str = ""
    outside: Part = 0.0
    unique: Flag = False
    constant: Flag = False
    monotone: Literal["increasing", "decreasing", ""] = ""
    shift: Part | None = None
    absent_in: Texts = ()
    lifecycle: Lifecycle = Lifecycle.ACTIVE

    @field_validator("absent_in")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _environments(value)

    @field_validator("pattern")
    @classmethod
    def _readable(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"is no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Terms:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} lies above max {self.max:g}")
        return self


class RowRule(Section):
    """A condition in SQL that all rows but a share `outside` keep; rows where it is null, or that `when` leaves out, are no matter."""

    id: str = Field(min_length=1)
    holds: str = Field(min_length=1)
    when: str = ""
    outside: Part = 0.0


class NeverTogether(Section):
    """Pairs of levels of two columns that no row has, however common each is alone."""

    columns: Texts
    pairs: tuple[tuple[str, str], ...] = Field(min_length=1)

    @field_validator("columns")
    @classmethod
    def _two(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) != 2 or value[0] == value[1]:
            raise ValueError("name two different columns")
        return value

    @property
    def id(self) -> str:
        """Its name among the rules."""
        return f"{self.columns[0]}+{self.columns[1]}"


class RangeBy(Section):
    """The range of a number at each level of another column; of levels that are not named nothing is asked."""

    column: str
    by: str
    ranges: dict[str, tuple[Number, Number]]
    outside: Part = 0.0

    @field_validator("ranges")
    @classmethod
    def _in_order(cls, value: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
        wrong = next((level for level, (low, high) in value.items() if low > high), None)
        if wrong is not None:
            raise ValueError(f"the range of '{wrong}' begins above its end")
        return value

    @property
    def id(self) -> str:
        """Its name among the rules."""
        return f"{self.column}|{self.by}"


class Inferred(Section):
    """Where the terms come from: rows and windows of the reference, and how many of the `checks` on windows that were held out `broke`."""

    rows: int = 0
    windows: int = 0
    checks: int = 0
    broke: int = 0


class DataContract(Section):
    """A contract: terms by column and rules of rows. `complete`: a column that it does not name is told."""

    version: Literal[1] = 1
    complete: Flag = True
    inferred: Inferred | None = None
    columns: dict[str, Terms] = Field(default_factory=dict)
    rules: tuple[RowRule, ...] = ()
    never: tuple[NeverTogether, ...] = ()
    ranges: tuple[RangeBy, ...] = ()

    @model_validator(mode="after")
    def _one_of_each(self) -> DataContract:
        counted = Counter(one.id for part in (self.rules, self.never, self.ranges) for one in part)
        twice = next((name for name, count in counted.items() if count > 1), None)
        if twice is not None:
            raise ValueError(f"two rules are called '{twice}'")
        return self

    def with_terms(self, column: str, **changes: object) -> DataContract:
        """Return the contract with other terms of a column, checked."""
        terms = self.columns.get(column, Terms()).model_dump() | changes
        return self.model_copy(update={"columns": {**self.columns, column: Terms.model_validate(terms)}})
