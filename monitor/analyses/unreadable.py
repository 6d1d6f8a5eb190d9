"""Values that count as missing though they are not: texts where numbers or times are due, and those of files without the column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.case import WindowSize
from monitor.contract.clauses import Check, Clause
from monitor.contract.model import Sort, Terms
from monitor.engine import Cancel, Selection, Workspace
from monitor.engine.columns import ColumnInfo, derive, family
from monitor.engine.contract import count_broken, look_at
from monitor.profile import Ints, Windows
from monitor.vocabulary import Kind

SHOWN = 3
"""Texts that are named."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is measured of a `column` with `rows` (w,) of each window whose value is text and no number (no time, with `timed`), and the
    commonest of these `texts`; with `lost` the rows of files that have no such column."""

    column: str
    rows: Ints
    texts: tuple[str, ...]
    timed: bool = False
    lost: bool = False


def find_unreadable(
    workspace: Workspace, selection: Selection, size: WindowSize, windows: Windows, cancel: Cancel | None = None
) -> Mapping[str, Unreadable]:
    """Return what is measured of columns of which production has texts that are no number, or no time, as the others are, or files without
    them; nothing is read where there are none such.

    Raises
    ------
    SelectionError, CancelledError
    """
    data = selection.data
    texts = [name for name, one in workspace.columns.items() if one.kind is Kind.NUMERIC and family(one.types.get(data, "")) == "text"]
    lost = list(workspace.source(data).without)
    sorts = {**dict.fromkeys(texts, Sort.NUMBER), **{name: _sort(workspace.columns[name]) for name in _unread(workspace, data)}}
    if not (sorts or lost) or workspace.kept is not None or workspace.counter is not None:
        return {}
    clauses = [Clause(column=name, check=Check.TYPE, terms=Terms(type=sort)) for name, sort in sorts.items()]
    clauses += [Clause(column=name, check=Check.REQUIRED) for name in lost if name in workspace.columns]
    counted = count_broken(workspace, selection, size, clauses, cancel=cancel)
    found = {}
    for clause in clauses:
        one = counted.counts.get(clause.id)
        if one is not None and one.hits.any() and clause.check is Check.REQUIRED:
            found[clause.column] = Unreadable(clause.column, one.hits, (), lost=True)
            continue
        if one is not None and one.hits.any() and counted.windows.ids == windows.ids:
            seen_texts: Counter[str] = Counter()
            for seen in look_at(workspace, selection, size, clause).values():
                seen_texts.update(seen.values)
            told = tuple(text for text, _ in seen_texts.most_common(SHOWN))
            found[clause.column] = Unreadable(clause.column, one.hits, told, timed=sorts[clause.column] is Sort.DATETIME)
    stamp = workspace.case.roles.timestamp
    return {part.name: found[name] for name in found for part in derive(workspace.columns[name], stamp)}


def _unread(workspace: Workspace, data: str) -> list[str]:
    """Return the columns of numbers or times of which texts were left out when they were read."""
    kinds = {name: workspace.columns[name].kind for name in workspace.source(data).unread if name in workspace.columns}
    return [name for name, kind in kinds.items() if kind in (Kind.NUMERIC, Kind.DATETIME)]


def _sort(info: ColumnInfo) -> Sort:
    return Sort.DATETIME if info.kind is Kind.DATETIME else Sort.NUMBER
