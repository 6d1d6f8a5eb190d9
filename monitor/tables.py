"""What every analysis returns: one tidy table that keeps its contract, what was skipped and why, and where it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from monitor.errors import ContractError, brief
from monitor.units import UNITS


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not run: what, a reason code (snake_case) and a sentence for people, of at most 600 letters."""

    what: str
    reason: str
    message: str

    def __post_init__(self) -> None:
        """Cut a message that names or values of the data made too long."""
        object.__setattr__(self, "message", brief(self.message))


@dataclass(frozen=True, slots=True)
class Provenance:
    """Behind a number: what data, which rows, which settings, which SQL.

    `fingerprints` maps "reference"/"production"/"labels" to a content fingerprint; `selections` maps "reference" and
    "production" to a readable description; `rows` maps each selection to {"used": n, "excluded": {reason: n}}; `sql` is a tuple of
    (step name, SQL text); `summary` holds figures of the whole result.
    """

    fingerprints: Mapping[str, str]
    selections: Mapping[str, str]
    settings: Mapping[str, Any]
    seed: int
    versions: Mapping[str, str]
    sql: tuple[tuple[str, str], ...]
    rows: Mapping[str, Any]
    started: str
    seconds: float
    summary: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contract:
    """The columns that a table always has, keys first, each with what it means.

    `units` are those of columns that have another one here than everywhere else (`monitor.units`); a column without any is an error.
    """

    name: str
    keys: tuple[str, ...]
    columns: Mapping[str, str]
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a column without a unit."""
        bare = [name for name in self.columns if name not in self.units and name not in UNITS]
        if bare:
            raise ContractError(f"Table '{self.name}' does not say the unit of {bare}. Give it in `units`.")

    def unit(self, column: str) -> str:
        """Return the unit of a column: "text", "rows", "share, 0..1" or the like."""
        return self.units.get(column) or UNITS[column]

    def check(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the table with the contract's columns first, or raise what is broken."""
        lost = [name for name in self.columns if name not in table.columns]
        if lost:
            raise ContractError(f"Table '{self.name}' lacks the columns {lost}.")
        if table.duplicated(list(self.keys)).any():
            raise ContractError(f"Table '{self.name}' has two rows with the same {self.keys}.")
        rest = [name for name in table.columns if name not in self.columns]
        return table[[*self.columns, *rest]].reset_index(drop=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Base of every analysis result: `table` is tidy, key columns first, without verdicts until judged; `findings` come of judging."""

    analysis: str
    case: str
    table: pd.DataFrame
    skipped: tuple[Skipped, ...]
    provenance: Provenance
    findings: pd.DataFrame | None = None
