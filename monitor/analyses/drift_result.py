"""Measured drift: the columns of its table, and what is behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from monitor.analyses.daily import Daily
from monitor.analyses.naming import PLAIN, SideNames
from monitor.analyses.sides import Sides
from monitor.analyses.text_drift import TextDrift
from monitor.analyses.unreadable import Unreadable
from monitor.stats.methods.method import Catalogue
from monitor.tables import Contract, Result

MEASURED = Contract(
    "drift, measured",
    ("column", "window", "method"),
    {
        "column": "what is measured",
        "kind": "how it is measured",
        "window": "id of the production window",
        "window_start": "start of the window, UTC",
        "window_end": "end of the window, UTC, excluded",
        "n_reference": "rows that the window is compared with",
        "n_production": "rows of the window",
        "method": "id of the method",
        "score": "what the method says, in its unit",
        "p_value": "p-value of the method where it is a test",
        "moved_cell": "cell (interval or level) whose share of rows changed most",
        "moved_from": "its share in the reference, 0..1",
        "moved_to": "its share in the window, 0..1",
        "missing_share_reference": "share of rows without a value, 0..1",
        "missing_share_production": "share of rows without a value, 0..1",
        "basis": "cells, values (exact) or texts (a sample: n_used and n_used_reference)",
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftResult(Result):
    """Measured drift. `sides` are the counts that it rests on; `catalogue` has the methods; `verdicts` those of other tools' profiles by
    (column, window, method); `called` what the sides are called; `texts` the words behind the rows of text columns; `shadows` columns of a
    challenger, whose answers nobody is served; `cut` the score of each prediction that says on which side of a threshold it lies;
    `versions` what model versions that the reference never had answer, which is judged with the columns but has no rows of its own; `types`
    the SQL types of columns by data set; `refused` why another tool's method does not apply, by (column, method); `arrived` the position of
    the first window in which a column that only production has holds a value; `unreadable` values that are text; `daily` at which
    hour columns peak."""

    sides: Sides
    catalogue: Catalogue
    verdicts: Mapping[tuple[str, str, str], bool]
    labels: Mapping[str, str]
    called: SideNames = PLAIN
    texts: Mapping[str, TextDrift] = field(default_factory=dict)
    shadows: frozenset[str] = frozenset()
    cut: Mapping[str, str] = field(default_factory=dict)
    versions: Sides | None = None
    types: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    refused: Mapping[tuple[str, str], str] = field(default_factory=dict)
    arrived: Mapping[str, int] = field(default_factory=dict)
    unreadable: Mapping[str, Unreadable] = field(default_factory=dict)
    daily: Mapping[str, Daily] = field(default_factory=dict)

    @property
    def judged(self) -> Sides:
        """All that is judged: the columns, and the answers of new model versions."""
        return self.sides.beside(self.versions)
