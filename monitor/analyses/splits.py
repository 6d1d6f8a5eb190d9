"""The model's outputs by the levels of a column: each level's rows are compared with the reference's rows of that level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from monitor.analyses.sides import Part, Question, Sides, gather
from monitor.case import Case, WindowSize
from monitor.engine import (
    Cancel,
    Progress,
    Split,
    Workspace,
    build_cells,
    model_versions,
    part_predicate,
    profile,
    profile_by,
    split_column,
)
from monitor.engine.running import Watch
from monitor.profile import ColumnCounts, Profile
from monitor.vocabulary import Kind, Role
from monitor.wording import number_text, plural

MOST_LEVELS = 12
"""Levels of their own; the rest of a column is put together as one."""
RANGES = 4
_WHOLE = WindowSize(1, "whole")


def gather_by(
    workspace: Workspace, question: Question, by: str, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> Sides:
    """Count both sides of the question's columns, of all rows and of each level of the column `by`.

    The twelve commonest levels of both sides together stand alone (numbers are cut into four ranges of about equal reference mass), the
    others are put together; rows without a value are a level of their own. A level is compared with the reference's rows of that level;
    a model version, which the reference need not know, with the whole reference.

    Raises
    ------
    SelectionError, ColumnMissingError, SettingError
    """
    split_column(workspace, by)
    watch = Watch(progress, cancel)
    first, second, third = (watch.part(i / 3, (i + 1) / 3).progress for i in range(3))
    whole = gather(workspace, question, progress=first, cancel=cancel)
    found = _choose(workspace, question, by)
    outputs = tuple(name for name in whole.production.columns if name != by)
    cells = {name: whole.production.columns[name].cells for name in outputs}
    if not cells:
        return whole
    counting: dict[str, Any] = {"split": found.split, "cells": cells, "cancel": cancel}
    after = profile_by(workspace, question.production, windows=whole.size, progress=second, **counting)
    own = workspace.case.roles.of(by) is not Role.MODEL_VERSION
    before: tuple[Profile, ...] = (whole.blocks,) * found.split.parts
    if own:
        before = profile_by(workspace, question.reference, windows=whole.block_size, progress=third, **counting)
    parts = _parts(workspace, question, found, outputs, own=own)
    return _joined(whole, parts, before, after, found.split, own=own)


def gather_versions(workspace: Workspace, question: Question, whole: Sides, *, cancel: Cancel | None = None) -> Sides | None:
    """Count what model versions that the reference never had answer; None where there are none, or they answer every row.

    Each is compared with the whole reference. More than twelve new ones are no versions (ids of runs, say): none is looked at.

    Parameters
    ----------
    whole : the same outputs of all rows.
    """
    by, outputs = workspace.case.roles.model_version, {name: one.cells for name, one in whole.production.columns.items()}
    known, served = (set(model_versions(workspace, data)) for data in ("reference", "production"))
    if by is None or not known or not 0 < len(served - known) <= MOST_LEVELS or not outputs or whole.baseline.weights is not None:
        return None
    found = _choose(workspace, question, by)
    after = profile_by(workspace, question.production, windows=whole.size, split=found.split, cells=outputs, cancel=cancel)
    rows = {number: int(one.rows.sum()) for number, one in enumerate(after[: found.split.named])}
    new = [i for i, level in enumerate(found.split.levels) if level not in known and 0 < rows[i] < int(whole.production.rows.sum())]
    if not new:
        return None
    parts = [one for one in _parts(workspace, question, found, tuple(outputs), own=False) if one[0] in new]
    joined = _joined(whole, parts, (whole.blocks,) * found.split.parts, after, found.split, own=False)
    levels = {name: found.split.levels[number] for number, part in parts for name in (f"{part.column} | {part.segment}",)}
    cut = {name: replace(part, version=levels[name]) for name, part in joined.parts.items() if part.segment}
    counted = [replace(side, columns={name: side.columns[name] for name in cut}) for side in (joined.blocks, joined.production)]
    return replace(joined, blocks=counted[0], production=counted[1], parts=cut)


def _parts(workspace: Workspace, question: Question, found: _Levels, outputs: Sequence[str], *, own: bool) -> list[tuple[int, Part]]:
    """Return every part of every output with its number."""
    by, label = found.split.column, workspace.case.label(found.split.column)
    parts = []
    for number, level in enumerate(found.names):
        after = part_predicate(workspace, found.split, number, question.production.data)
        before = part_predicate(workspace, found.split, number, question.reference.data) if own else None
        parts.append([Part(output, f"{by} {level}", f"{label} {level}", after, before) for output in outputs])
    return [(number, same[i]) for i in range(len(outputs)) for number, same in enumerate(parts)]


def _joined(
    whole: Sides, found: Sequence[tuple[int, Part]], before: Sequence[Profile], after: Sequence[Profile], split: Split, *, own: bool
) -> Sides:
    """Put the parts that have any row beside the whole, as further columns."""
    parts = {name: Part(name) for name in whole.production.columns}
    sides: tuple[dict[str, ColumnCounts], dict[str, ColumnCounts]] = ({**whole.blocks.columns}, {**whole.production.columns})
    for number, part in found:
        if after[number].rows.any() or (own and before[number].rows.any()):
            name = f"{part.column} | {part.segment}"
            parts[name] = part
            sides[0][name], sides[1][name] = before[number].columns[part.column], after[number].columns[part.column]
    blocks, production = replace(whole.blocks, columns=sides[0]), replace(whole.production, columns=sides[1])
    return replace(whole, blocks=blocks, production=production, parts=parts, split=split)


@dataclass(frozen=True, slots=True)
class _Levels:
    """A split, and what each of its parts is called behind the column's name."""

    split: Split
    names: tuple[str, ...]


def _choose(workspace: Workspace, question: Question, by: str) -> _Levels:
    cells = build_cells(workspace, [by], seed=question.seed)
    sides = [profile(workspace, side, cells=cells, windows=_WHOLE).columns[by] for side in (question.reference, question.production)]
    if cells[by].kind is Kind.NUMERIC:
        return _ranges(by, sides[0])
    rows: dict[str, int] = {}
    for side in sides:
        _add(rows, dict(zip(side.cells.levels, side.counts[0].tolist(), strict=False)))
        _add(rows, side.new_levels[0])
    ranked = sorted((level for level, n in rows.items() if n), key=lambda level: (-rows[level], level))
    # One level alone is not worth being called "1 other".
    chosen = tuple(ranked if len(ranked) <= MOST_LEVELS + 1 else ranked[:MOST_LEVELS])
    others = len(cells[by].known.union(ranked)) - len(chosen)
    return _Levels(Split(by, levels=chosen), (*(f"= {level}" for level in chosen), f"({plural(others, 'other level')})", "(missing)"))


def _add(rows: dict[str, int], more: Mapping[str, int]) -> None:
    for level, count in more.items():
        rows[level] = rows.get(level, 0) + int(count)


def _ranges(by: str, reference: ColumnCounts) -> _Levels:
    """Cut numbers at the cell edges nearest to the reference's quartiles."""
    counts, edges = reference.counts[0][: reference.cells.size], reference.cells.edges
    shares = np.cumsum(counts) / max(int(counts.sum()), 1)
    at = [int(np.searchsorted(shares, (i + 1) / RANGES - 1e-9)) for i in range(RANGES - 1)]
    cut = tuple(float(edges[i]) for i in dict.fromkeys(at) if i < len(edges))
    if not cut:
        return _Levels(Split(by), ("(any value)", "(missing)"))
    names = [f"≤ {number_text(cut[0], 4)}", *(f"{number_text(a, 4)} to {number_text(b, 4)}" for a, b in pairwise(cut))]
    return _Levels(Split(by, edges=cut), (*names, f"> {number_text(cut[-1], 4)}", "(other values)", "(missing)"))


def splits_offered(workspace: Workspace, case: Case) -> tuple[str, ...]:
    """Return the columns that the outputs of a case are usually cut by: segments, protected columns, model version, predicted class."""
    roles = case.roles
    named = dict.fromkeys((*roles.segments, *roles.protected, *(name for name in (roles.model_version, roles.variant) if name)))
    predicted = [m.name for m in workspace.measured(roles=(Role.PREDICTION,)) if m.kind is not Kind.NUMERIC]
    if workspace.measured(roles=(Role.SCORE,)):
        named.update(dict.fromkeys(predicted))
    return tuple(name for name in named if _cuts(workspace, name))


def _cuts(workspace: Workspace, name: str) -> bool:
    info = workspace.columns.get(name)
    return info is not None and set(info.types) >= {"reference", "production"} and info.kind not in (Kind.DATETIME, Kind.TEXT)
