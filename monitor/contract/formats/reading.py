"""What was read of another tool's file: a contract, and what of the file it does not say."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.case.complaints import complaints
from monitor.contract.model import DataContract, NeverTogether, RangeBy, RowRule, Terms
from monitor.errors import CaseError

MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Read:
    """A contract and notes on the file: `notes` say what was not understood, or which of several readings was taken."""

    contract: DataContract
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A contract as another tool reads it: its text, and notes on what that does not say."""

    text: str
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class Draft:
    """Terms that are being read, column by column, and what is said of the `whole`: rules of rows."""

    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    whole: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    complete: bool = True

    def of(self, column: str) -> dict[str, Any]:
        """Return the terms of a column, to be added to."""
        return self.columns.setdefault(column, {})

    def note(self, text: str) -> None:
        """Keep what was not understood, once."""
        if text not in self.notes:
            self.notes.append(text)

    def parts(self, value: Any, called: str) -> Mapping[str, Any]:
        """Return an object of a file by its names; none, and a note, where it is another thing. What is not there has no names."""
        if isinstance(value, Mapping):
            return value
        if value is not None:
            self.note(f"{called} was not understood.")
        return {}

    def many(self, value: Any, called: str) -> list[Mapping[str, Any]]:
        """Return the objects that a list of a file holds; those that are none are noted, as is what is no list."""
        if value is not None and not isinstance(value, list):
            self.note(f"{called} was not understood.")
            return []
        return [found for one in value or () if (found := self.parts(one, f"{called}: {json.dumps(one)}"))]

    def figure(self, value: Any, called: str) -> float | None:
        """Return a number of a file; None, and a note, where it is another thing or not there."""
        if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
        self.note(f"{called} was not understood.")
        return None

    def done(self, called: str) -> Read:
        """Check what was read.

        Raises
        ------
        CaseError
            The terms contradict each other.
        """
        try:
            columns = {name: Terms.model_validate(terms) for name, terms in self.columns.items()}
            contract = DataContract.model_validate({"complete": self.complete, **self.whole, "columns": columns})
        except ValidationError as error:
            raise CaseError(f"'{called}' is no contract that holds together: {'; '.join(complaints(error, DataContract))}") from error
        return Read(contract, tuple(self.notes))


def text_of(path: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    CaseError
        It is not there, too large, or no text.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise CaseError(f"'{path}' has {path.stat().st_size / 1e6:.0f} MB; a contract has at most {MOST_BYTES / 1e6:.0f}. Is it one?")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CaseError(f"'{path}' cannot be read: {error.strerror}. Name the file of a contract.") from error
    except UnicodeDecodeError as error:
        raise CaseError(f"'{path}' is not UTF-8 text: {error}. Name the file of a contract.") from error


def json_of(path: Path) -> Mapping[str, Any]:
    """Return the object that a JSON file holds.

    Raises
    ------
    CaseError
        It is no JSON object.
    """
    try:
        found = json.loads(text_of(path))
    except (json.JSONDecodeError, RecursionError) as error:
        raise CaseError(f"'{path}' is not valid JSON: {error}") from error
    if not isinstance(found, dict):
        raise CaseError(f"'{path}' holds no JSON object, so it is no contract.")
    return found


def merged(old: DataContract, new: DataContract) -> DataContract:
    """Return a contract with the terms of another: what that names of a column is taken, what it does not stays.

    >>> old = DataContract(columns={"a": Terms(min=0.0, max=1.0)})
    >>> merged(old, DataContract(columns={"a": Terms(max=2.0)})).columns["a"].model_dump(exclude_defaults=True)
    {'min': 0.0, 'max': 2.0}
    """
    columns = dict(old.columns)
    for name, terms in new.columns.items():
        known = columns.get(name, Terms()).model_dump()
        columns[name] = Terms.model_validate(known | {key: getattr(terms, key) for key in terms.model_fields_set})
    return old.model_copy(
        update={
            "columns": columns,
            "complete": old.complete and new.complete,
            "rules": _joined(old.rules, new.rules),
            "never": _joined(old.never, new.never),
            "ranges": _joined(old.ranges, new.ranges),
        }
    )


def _joined(old: tuple[Any, ...], new: tuple[RowRule | NeverTogether | RangeBy, ...]) -> tuple[Any, ...]:
    ids = {one.id for one in new}
    return (*(one for one in old if one.id not in ids), *new)
