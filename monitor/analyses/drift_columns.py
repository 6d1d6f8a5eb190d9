"""Columns asked by every method that serves them: on cells where these are enough, on all values where they are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from monitor.analyses.moved_cells import facts_by_window
from monitor.analyses.peer_rows import peer_rows
from monitor.analyses.requests import own_methods, peer_methods
from monitor.analyses.sides import Question, Sides
from monitor.engine import Workspace, values
from monitor.errors import MethodError
from monitor.stats.counts.comparison import Comparison
from monitor.stats.methods.method import Catalogue, Method
from monitor.stats.methods.outcomes import Outcomes
from monitor.tables import Skipped
from monitor.vocabulary import Kind


@dataclass(frozen=True, slots=True)
class Collected:
    """What was collected of all columns: rows of the table, what was skipped and why; what peers say, or why they do not, by method."""

    tables: list[Mapping[str, Any] | pd.DataFrame] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    verdicts: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    refused: dict[tuple[str, str], str] = field(default_factory=dict)


def measure_columns(workspace: Workspace, sides: Sides, question: Question, methods: Sequence[str], catalogue: Catalogue) -> Collected:
    """Return what every method asked for says of the columns that it serves, and which columns none serves."""
    part = Collected()
    for name, production in sides.production.columns.items():
        kind = production.cells.kind
        own, peers = own_methods(methods, kind, catalogue), peer_methods(methods, kind)
        if not own and not peers:
            part.skipped.append(Skipped(name, "not_applicable", f"None of the methods asked for serves {kind} columns."))
            continue
        comparison = Comparison.of(sides.reference(name), production)
        facts = facts_by_window(sides, name, comparison)
        answers = _answers(workspace, sides, name, own, question, comparison, part)
        if answers:
            part.tables.append(own_rows(facts, answers))
        if peers and workspace.counter is not None:
            part.skipped.extend(_without_values(workspace, sides, name, peers))
        elif peers and sides.on_both_sides(name):
            rows = peer_rows(workspace, sides, name, peers, sides.part(name).narrowed(question))
            part.tables.append(pd.DataFrame(facts).merge(rows.table, on="window").assign(basis="values"))
            part.verdicts.update(rows.verdicts)
            part.skipped.extend(Skipped(name, "not_applicable", why) for why in rows.refused.values())
            part.refused.update({(name, method): why for method, why in rows.refused.items()})
    return part


def _answers(
    workspace: Workspace,
    sides: Sides,
    name: str,
    methods: Sequence[Method],
    question: Question,
    comparison: Comparison,
    part: Collected,
) -> list[Answered]:
    at_hand = sides.on_both_sides(name) and sides.baseline.weights is None and workspace.counter is None
    exact = [method for method in methods if method.on_cells is None or (method.exact and at_hand)]
    tried = ((m.id, outcomes_or_note(name, part, partial(m.compare, comparison))) for m in methods if m not in exact)
    found = [Answered(method, "cells", outcomes) for method, outcomes in tried if outcomes is not None]
    if not exact:
        return found
    if at_hand:
        found += _exact(workspace, sides, name, exact, sides.part(name).narrowed(question), part)
        order = {method.id: place for place, method in enumerate(methods)}
        return sorted(found, key=lambda one: order[one.method])
    part.skipped.extend(_without_values(workspace, sides, name, [one.id for one in exact]))
    return found


def _without_values(workspace: Workspace, sides: Sides, name: str, methods: Sequence[str]) -> Iterator[Skipped]:
    """Say why methods that need every value were not run."""
    if not sides.on_both_sides(name):
        yield Skipped(name, "no_rows", f"'{sides.part(name).segment}' has rows on one side only; exact methods need both.")
        return
    why = "needs every value of the reference; it is not run against other baselines"
    if workspace.counter is not None:
        why = f"needs every value; {workspace.counter.described} gives counts alone. Use --engine duckdb for it"
    yield from (Skipped(name, "not_applicable", f"'{method}' {why}.") for method in methods)


def outcomes_or_note(name: str, part: Collected, measure: Callable[[], Outcomes]) -> Outcomes | None:
    """Return what a method answers; one that fails, as an analyst's own may, is noted."""
    try:
        return measure()
    except MethodError as error:
        part.skipped.append(Skipped(name, "method_failed", str(error)))
        return None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a method says of a column in each window, on its cells or on all `values`: `basis`."""

    method: str
    basis: str
    outcomes: Outcomes


def own_rows(facts: Mapping[str, Any], answers: Sequence[Answered]) -> dict[str, Any]:
    """Return the columns of one row per method and window: the facts of the windows, repeated for each method."""
    windows = len(facts["window"])
    return {
        **{name: np.tile(np.asarray(values), len(answers)) for name, values in facts.items()},
        "method": np.repeat(np.array([one.method for one in answers], dtype=object), windows),
        "score": np.concatenate([np.broadcast_to(one.outcomes.score, windows) for one in answers]),
        "p_value": np.concatenate([np.broadcast_to(one.outcomes.p_value, windows) for one in answers]),
        "basis": np.repeat(np.array([one.basis for one in answers], dtype=object), windows),
    }


def joined(tables: Sequence[Mapping[str, Any] | pd.DataFrame]) -> pd.DataFrame:
    """Return tables one below the other; pandas takes longer over a frame for each column of data than over all of their rows."""
    if any(isinstance(one, pd.DataFrame) for one in tables):
        return pd.concat([pd.DataFrame(one) for one in tables], ignore_index=True)
    return pd.DataFrame({name: np.concatenate([one[name] for one in tables]) for name in map(str, tables[0])})


def _exact(workspace: Workspace, sides: Sides, name: str, methods: Sequence[Method], question: Question, part: Collected) -> list[Answered]:
    """Run methods that need every value: one column is fetched, window by window; numbers as float, levels as texts."""
    column = sides.part(name).column
    sort = np.float64 if sides.production.columns[name].cells.kind is Kind.NUMERIC else object
    whole = np.asarray(values(workspace, question.reference, column).values, dtype=sort)
    found = values(workspace, question.production, column, windows=sides.size)
    position = {window: i for i, window in enumerate(found.windows.ids)}
    taken = np.asarray(found.values, dtype=sort)
    parts = [taken[found.window == position.get(window, -1)] for window in sides.production.windows.ids]
    tried = ((method.id, outcomes_or_note(name, part, partial(_outcomes, method, whole, parts))) for method in methods)
    return [Answered(method, "values", outcomes) for method, outcomes in tried if outcomes is not None]


def _outcomes(method: Method, whole: Any, parts: Sequence[Any]) -> Outcomes:
    answers = [method.compare_values(whole, part) for part in parts]
    return Outcomes(np.array([a.score for a in answers]), np.array([a.p_value for a in answers]))
