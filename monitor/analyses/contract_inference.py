"""A contract that the reference suggests: each term is tried on stretches of time that were held out, and kept only if they keep it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from monitor.case import WindowSize
from monitor.contract.clauses import Check, Clause, clauses_of
from monitor.contract.model import DataContract, Inferred, NeverTogether, RangeBy, RowRule, Sort, Terms
from monitor.engine import Progress, Selection, Workspace, sample
from monitor.engine.contract import count_broken
from monitor.engine.evidence import ColumnEvidence, Evidence, exact_distinct, level_ranges, read_evidence
from monitor.engine.identifiers import quote
from monitor.errors import SelectionError
from monitor.stats.contract.bounds import MOST_BROKEN, allowed_share, breaks, folds
from monitor.stats.contract.pairs import below, is_fixed_by, never_together, ranges_by_level
from monitor.stats.contract.terms import level_list, pattern_of, range_of
from monitor.vocabulary import Kind, Role

REFERENCE = Selection("reference")
LEAST_WINDOWS, ROW_WINDOWS = 10, 40
SAMPLE = 20_000
MOST_NUMBERS, MOST_PAIRS, MOST_FIXED, MOST_PATTERN = 40, 200, 12, 5_000
LATE = (Role.LABEL, Role.LABEL_TIMESTAMP, Role.LABEL_WEIGHT)
"""Roles of columns that serving need not have yet."""
_SORTS: Mapping[str, Sort] = {
    "integer": Sort.INTEGER, "float": Sort.NUMBER, "decimal": Sort.NUMBER, "boolean": Sort.BOOLEAN, "text": Sort.TEXT,
    "datetime": Sort.DATETIME,
}  # fmt: skip


@dataclass(slots=True)
class _Trial:
    """Checks on windows that were held out, and how many of them broke."""

    checks: int = 0
    broke: int = 0

    def add(self, checks: int, broke: int) -> None:
        self.checks += checks
        self.broke += broke


@dataclass(frozen=True, slots=True)
class _Source:
    workspace: Workspace
    selection: Selection
    size: WindowSize
    evidence: Evidence
    trial: _Trial = field(default_factory=_Trial)


def infer_contract(workspace: Workspace, selection: Selection = REFERENCE, *, progress: Progress | None = None) -> DataContract:
    """Return the contract that a data set suggests.

    Parameters
    ----------
    selection : the rows that it is inferred from; default the whole reference.

    Raises
    ------
    SelectionError
        There are no rows.

    Notes
    -----
    The rows are cut into days (hours where these are few, runs of rows without a time) and these into five stretches. A term is made from
    four of them and tried on the fifth, each in turn; of several strictnesses the strictest is kept that breaks in less than 1 % of the
    windows held out. What is kept is then made from all rows.
    """
    data = selection.data
    names = [name for name, one in workspace.columns.items() if one.role is not Role.IGNORE and (data in one.types or one.late)]
    size, evidence = _read(workspace, selection, names, progress)
    source = _Source(workspace, selection, size, evidence)
    columns = {name: _terms(source, one) for name, one in evidence.columns.items()}
    columns = _with_orders(source, columns)
    rules = _RowRules(source)
    contract = DataContract(columns=columns, rules=tuple(rules.below()), never=tuple(rules.never()), ranges=tuple(rules.fixed()))
    contract = _kept(source, contract)
    made = Inferred(rows=int(evidence.rows.sum()), windows=len(evidence.windows), checks=source.trial.checks, broke=source.trial.broke)
    return contract.model_copy(update={"inferred": made})


def window_size(workspace: Workspace, data: str) -> WindowSize:
    """Return the windows that a contract is tried on: days, or runs of rows where there is no time."""
    if workspace.case.roles.timestamp is not None and workspace.schema.time(data) is not None:
        return WindowSize(1, "day")
    return WindowSize(max(workspace.rows(data) // ROW_WINDOWS, 1), "rows")


def _read(workspace: Workspace, selection: Selection, names: Sequence[str], progress: Progress | None) -> tuple[WindowSize, Evidence]:
    size = window_size(workspace, selection.data)
    found = read_evidence(workspace, selection, size, names, progress=progress)
    if len(found.windows) >= LEAST_WINDOWS or not size.calendar:
        return size, found
    try:
        hours = WindowSize(1, "hour")
        return hours, read_evidence(workspace, selection, hours, names, progress=progress)
    except SelectionError:  # more hours than anybody can look at: days far apart
        return size, found


def _terms(source: _Source, one: ColumnEvidence) -> Terms:
    """Return the terms of one column."""
    role = source.workspace.schema.info(one.name).role
    found: dict[str, Any] = {"type": _sort(one)}
    if role in LATE:
        there = "production" in source.workspace.columns[one.name].types
        return Terms(**found, required=False, absent_in=() if there else ("production",))
    if int(one.missing.sum()) == int(one.rows.sum()):
        return Terms(**found)  # nothing but missing values: there is no more to say
    gone = allowed_share(one.missing, one.rows)
    source.trial.add(gone.checks, gone.broke)
    found["missing"] = gone.value
    if one.kind is Kind.NUMERIC and role is not Role.ID:
        found |= _range(source, one)
    elif one.levels and role is not Role.ID:
        listed = level_list(one.levels)
        source.trial.add(listed.checks, listed.broke)
        found |= {"levels": listed.levels, "outside": listed.outside} if listed.levels else {}
    return Terms(**found)


def _sort(one: ColumnEvidence) -> Sort | None:
    if one.kind is Kind.DATETIME:
        return Sort.DATETIME
    return Sort.NUMBER if one.kind is Kind.NUMERIC and one.sort == "text" else _SORTS.get(one.sort)


def _range(source: _Source, one: ColumnEvidence) -> dict[str, Any]:
    found = range_of(one.low, one.high)
    source.trial.add(found.checks, found.broke)
    probability = source.workspace.schema.info(one.name).role in (Role.SCORE, Role.CHALLENGER_SCORE)
    if probability and np.nanmin(one.low) >= 0 and np.nanmax(one.high) <= 1:
        return {"min": 0.0, "max": 1.0}  # the ends of what a probability can be, not those that were met
    low, high = found.low, found.high
    if one.whole:
        low, high = None if low is None else float(math.floor(low)), None if high is None else float(math.ceil(high))
    return {"min": low, "max": high}


def _with_orders(source: _Source, columns: dict[str, Terms]) -> dict[str, Terms]:
    """Add what single windows do not show: values that are never repeated, that only rise in time, and how texts are written."""
    rows = int(source.evidence.rows.sum())
    about = source.evidence.columns
    full = [one for one in about.values() if not one.missing.any() and one.sort in ("integer", "text") and one.distinct >= 0.9 * rows]
    roles = source.workspace.schema.info
    names = [one.name for one in full if roles(one.name).role not in LATE and rows >= 2 * LEAST_WINDOWS]
    counted = exact_distinct(source.workspace, source.selection, names)
    unique = [name for name in names if counted[name] == rows]
    found = dict(columns)
    for name in unique:
        found[name] = found[name].model_copy(update={"unique": True})
    for name in _rising(source, [name for name in unique if about[name].sort == "integer"]):
        found[name] = found[name].model_copy(update={"monotone": "increasing", "min": None, "max": None})
    texts = [name for name, one in found.items() if about[name].sort == "text" and one.levels is None and one.type is Sort.TEXT]
    for name in texts:
        pattern = _pattern(source, name)
        found[name] = found[name].model_copy(update={"pattern": pattern}) if pattern else found[name]
    return found


def _rising(source: _Source, names: Sequence[str]) -> list[str]:
    if source.workspace.schema.time(source.selection.data) is None:
        return []
    asked = [Clause(column=name, check=Check.MONOTONE, terms=Terms(monotone="increasing")) for name in names]
    counted = count_broken(source.workspace, source.selection, source.size, asked).counts if asked else {}
    return [one.column for one in asked if not counted[one.id].hits.any()]


def _pattern(source: _Source, name: str) -> str:
    """Return how the texts of a column are written in a sample of its rows; empty if there is no rule."""
    values = sample(source.workspace, source.selection, [name], rows=MOST_PATTERN).column(0).to_pylist()
    told = sorted({str(one) for one in values if one is not None})
    return pattern_of(told) if len(told) >= LEAST_WINDOWS else ""


class _RowRules:
    """Rules of two columns, suggested by a sample of the first four stretches of time."""

    def __init__(self, source: _Source) -> None:
        self.source = source
        about = source.evidence.columns.values()
        inputs = [one for one in about if source.workspace.schema.info(one.name).role in (Role.FEATURE, Role.SEGMENT, Role.PROTECTED)]
        self.numbers = [one.name for one in inputs if one.kind is Kind.NUMERIC and one.distinct > 2][:MOST_NUMBERS]
        texts = [one for one in inputs if one.kind is Kind.CATEGORICAL and one.sort in ("text", "integer")]
        self.levels = [one.name for one in texts if len(one.levels) >= 2][:MOST_FIXED]
        table = sample(source.workspace, self._early(), [*self.numbers, *self.levels], rows=SAMPLE)
        self.column = {
            name: np.asarray(table.column(name).to_numpy(), dtype=np.float64) for name in self.numbers if _is_plain(table.column(name))
        }
        self.level = {name: _texts(table.column(name)) for name in self.levels}

    def _early(self) -> Selection:
        """Return the rows before the last stretch, which is held out."""
        windows = self.source.evidence.windows
        last = np.flatnonzero(folds(len(windows)) == folds(len(windows)).max())
        start = windows.start[last[0]] if len(last) and last[0] > 0 else np.datetime64("NaT")
        if np.isnat(start) or self.source.selection.end is not None or not self.source.size.calendar:
            return self.source.selection
        return replace(self.source.selection, end=datetime.fromisoformat(str(start)).replace(tzinfo=UTC))

    def below(self) -> Iterator[RowRule]:
        """Yield numbers that never lie above another."""
        for first, second in permutations(self.column, 2):
            if below(self.column[first], self.column[second]):
                yield RowRule(id=f"{first}<={second}", holds=f"{quote(first)} <= {quote(second)}")

    def never(self) -> Iterator[NeverTogether]:
        """Yield levels of two columns that never meet."""
        for first, second in combinations(self.level, 2):
            pairs = never_together(self.level[first], self.level[second])
            if 0 < len(pairs) <= MOST_PAIRS:
                yield NeverTogether(columns=(first, second), pairs=tuple(pairs))

    def fixed(self) -> Iterator[RangeBy]:
        """Yield numbers whose range a level fixes."""
        found = 0
        for column, by in ((column, by) for by in self.level for column in self.column):
            if found < MOST_FIXED and is_fixed_by(self.column[column], self.level[by]):
                windows = len(self.source.evidence.windows)
                levels = level_ranges(self.source.workspace, self.source.selection, self.source.size, column, by, windows)
                ranges, checks, broke = ranges_by_level(levels)
                if ranges:
                    found += 1
                    self.source.trial.add(checks, broke)
                    yield RangeBy(column=column, by=by, ranges=ranges)


def _is_plain(column: Any) -> bool:
    """Say whether a column of the sample holds numbers."""
    return bool(pa.types.is_integer(column.type) or pa.types.is_floating(column.type))


def _texts(column: Any) -> NDArray[np.object_]:
    return np.array([None if one is None else str(one) for one in column.to_pylist()], dtype=object)


def _kept(source: _Source, contract: DataContract) -> DataContract:
    """Leave out what windows of the reference break after all: rules of rows and ways of writing, which were suggested by a
    sample, and types that some texts do not have."""
    unread = source.workspace.source(source.selection.data).unread
    asked = {Check.RULE, Check.NEVER, Check.PATTERN}
    every = clauses_of(contract, source.selection.data)
    tried = [one for one in every if one.check in asked or (one.check is Check.TYPE and one.column in unread)]
    if not tried:
        return contract
    counted = count_broken(source.workspace, source.selection, source.size, tried)
    late = folds(len(counted.windows)) == folds(len(counted.windows)).max(initial=0)
    gone: set[str] = set()
    for one in tried:
        found = counted.counts.get(one.id)
        broke = None if found is None else breaks(found.hits, found.known, one.outside)
        if found is None or broke is None or broke.sum() >= MOST_BROKEN * max(int((found.known > 0).sum()), 1):
            gone.add(one.id)
        else:
            source.trial.add(int((found.known[late] > 0).sum()), int(broke[late].sum()))
    columns = dict(contract.columns)
    for one in (one for one in tried if one.id in gone and one.column):
        columns[one.column] = columns[one.column].model_copy(update={"pattern": ""} if one.check is Check.PATTERN else {"type": None})
    return contract.model_copy(
        update={
            "columns": columns,
            "rules": tuple(one for one in contract.rules if f"rule.{one.id}" not in gone),
            "never": tuple(one for one in contract.never if f"never.{one.id}" not in gone),
        }
    )
