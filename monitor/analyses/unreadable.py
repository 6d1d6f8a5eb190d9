"""Values of a column of numbers that are text and no number: they count as missing, and rows hold them all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.case import WindowSize
from monitor.contract.clauses import Check, Clause
from monitor.contract.model import Sort, Terms
from monitor.engine import Cancel, Selection, Workspace
from monitor.engine.columns import family
from monitor.engine.contract import count_broken, look_at
from monitor.profile import Ints, Windows
from monitor.vocabulary import Kind

SHOWN = 3
"""Texts that are named."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A column of numbers with `rows` (w,) of each window whose value is text and no number, and the commonest of these `texts`."""

    rows: Ints
    texts: tuple[str, ...]


def find_unreadable(
    workspace: Workspace, selection: Selection, size: WindowSize, windows: Windows, cancel: Cancel | None = None
) -> Mapping[str, Unreadable]:
    """Return the columns of numbers that production keeps as text, some of which is none; nothing is read where there are none such.

    Raises
    ------
    SelectionError, CancelledError
    """
    data = selection.data
    columns = [name for name, one in workspace.columns.items() if one.kind is Kind.NUMERIC and family(one.types.get(data, "")) == "text"]
    if not columns or workspace.kept is not None or workspace.counter is not None:
        return {}
    clauses = [Clause(column=name, check=Check.TYPE, terms=Terms(type=Sort.NUMBER)) for name in columns]
    counted = count_broken(workspace, selection, size, clauses, cancel=cancel)
    found = {}
    for clause in clauses:
        one = counted.counts.get(clause.id)
        if one is not None and one.hits.any() and counted.windows.ids == windows.ids:
            texts: Counter[str] = Counter()
            for seen in look_at(workspace, selection, size, clause).values():
                texts.update(seen.values)
            found[clause.column] = Unreadable(one.hits, tuple(text for text, _ in texts.most_common(SHOWN)))
    return found
