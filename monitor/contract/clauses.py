"""The clauses of a contract: each one thing that can be kept or broken, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from monitor.contract.model import DataContract, Lifecycle, NeverTogether, RangeBy, RowRule, Terms
from monitor.wording import count_text, list_text, number_text, share_text


class Check(StrEnum):
    """What a clause asks."""

    REQUIRED = "required"
    TYPE = "type"
    MISSING = "missing"
    RANGE = "range"
    LEVELS = "levels"
    PATTERN = "pattern"
    UNIQUE = "unique"
    CONSTANT = "constant"
    MONOTONE = "monotone"
    SHIFT = "shift"
    RULE = "rule"
    NEVER = "never"
    RANGE_BY = "range_by"
    NEW_COLUMN = "new_column"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One thing that is asked: of `column` ("" for rules of rows), by `terms` or `rule`; `outside`: the share of what it is asked of
    that may break it."""

    column: str
    check: Check
    terms: Terms | None = None
    rule: RowRule | NeverTogether | RangeBy | None = None
    outside: float = 0.0

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.column}.{self.check.value}" if self.rule is None else f"{self.check.value}.{self.rule.id}"

    @property
    def told(self) -> str:
        """How a row that breaks it is, after "is"."""
        if self.check is Check.RULE and isinstance(self.rule, RowRule):
            return f"against the rule {self.rule.holds}" + (f" when {self.rule.when}" if self.rule.when else "")
        if isinstance(self.rule, NeverTogether):
            return "at levels that never meet"
        if isinstance(self.rule, RangeBy):
            return f"outside the range of its {self.rule.by}"
        return _told(self.check, self.terms or Terms())


_TOLD = {
    Check.REQUIRED: "lost",
    Check.MISSING: "missing",
    Check.PATTERN: "not written as agreed",
    Check.LEVELS: "at a level that the contract does not name",
    Check.UNIQUE: "repeated",
    Check.CONSTANT: "not constant",
    Check.SHIFT: "distributed over its levels otherwise",
    Check.NEW_COLUMN: "a column that the contract does not name",
}


def _told(check: Check, terms: Terms) -> str:
    if check is Check.TYPE:
        kinds = {"integer": "a whole number", "number": "a number", "boolean": "true or false", "datetime": "a time", "text": "a text"}
        return f"not {kinds[terms.type.value]}" if terms.type else "of another type"
    if check is Check.MONOTONE:
        return f"not {terms.monotone} in time"
    if check is not Check.RANGE:
        return _TOLD[check]
    low, high = (None if end is None else number_text(end, 6) for end in (terms.min, terms.max))
    if low is None or high is None:
        return f"above {high}" if low is None else f"below {low}"
    return f"outside {low} to {high}"


def clauses_of(contract: DataContract, data: str = "production") -> tuple[Clause, ...]:
    """Return what a contract asks of a data set: of active columns, where the data set has to have them."""
    rows = [
        *(Clause(column="", check=Check.RULE, rule=one, outside=one.outside) for one in contract.rules),
        *(Clause(column="", check=Check.NEVER, rule=one) for one in contract.never),
        *(Clause(column=one.column, check=Check.RANGE_BY, rule=one, outside=one.outside) for one in contract.ranges),
    ]
    asked = {name: one for name, one in contract.columns.items() if one.lifecycle is Lifecycle.ACTIVE and data not in one.absent_in}
    return (*(clause for name, terms in asked.items() for clause in _of_column(name, terms)), *rows)


def _of_column(name: str, terms: Terms) -> Iterator[Clause]:
    def clause(check: Check, outside: float = 0.0) -> Clause:
        return Clause(column=name, check=check, terms=terms, outside=outside)

    asked = {
        Check.REQUIRED: terms.required,
        Check.TYPE: terms.type is not None,
        Check.UNIQUE: terms.unique,
        Check.CONSTANT: terms.constant,
        Check.MONOTONE: bool(terms.monotone),
    }
    yield from (clause(check) for check, wanted in asked.items() if wanted)
    if terms.missing is not None:
        yield clause(Check.MISSING, terms.missing)
    if terms.min is not None or terms.max is not None:
        yield clause(Check.RANGE, terms.outside)
    if terms.levels is not None:
        yield clause(Check.LEVELS, terms.outside)
    if terms.pattern:
        yield clause(Check.PATTERN, terms.outside)
    if terms.shift is not None:
        yield clause(Check.SHIFT, terms.shift)


def contract_summary(contract: DataContract) -> str:
    """Say in a line what a contract holds, and how it did where it was tried.

    >>> contract_summary(DataContract(columns={"age": Terms(min=0.0)}))
    '1 column, 2 clauses.'
    """
    columns, clauses = len(contract.columns), len(clauses_of(contract))
    said = [f"{count_text(columns)} {'column' if columns == 1 else 'columns'}", f"{count_text(clauses)} clauses"]
    known = contract.inferred
    tried = ""
    if known is not None and known.checks:
        tried = f" On windows that were held out {share_text(known.broke / known.checks, 2)} of {count_text(known.checks)} checks broke."
    return f"{list_text(said).replace(' and ', ', ')}.{tried}"
