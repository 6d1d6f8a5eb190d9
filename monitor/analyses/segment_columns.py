"""Columns that segments are made of: which, what is read of them, and their cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.analyses.labels import Answers
from monitor.analyses.performance_rows import Reads
from monitor.analyses.segment_axes import CutColumn, cut_conditions, cut_levels, cut_numbers, named
from monitor.analyses.sides import Question
from monitor.engine import Measured, Transform, Wanted, Workspace
from monitor.engine.workspace import INPUTS
from monitor.tables import Skipped
from monitor.vocabulary import Kind, Role
from monitor.wording import list_text, plural

MOST_COLUMNS = 24
"""Columns that are searched in pairs: with more, each pair would have to be farther to be told from chance."""

ROLES = frozenset({*INPUTS, Role.MODEL_VERSION, Role.VARIANT, Role.CURRENCY})


def columns_of_segments(workspace: Workspace, question: Question, answers: Answers) -> tuple[tuple[Measured, ...], tuple[Skipped, ...]]:
    """Return the columns that segments are made of, those that the case names as segments first, and what is left out."""
    measured = workspace.measured(roles=ROLES) if question.columns is None else workspace.measured(question.columns)
    named_first = set(workspace.case.roles.segments)
    mine = [one for one in measured if one.transform is Transform.NONE and one.column != answers.label]
    mine.sort(key=lambda one: one.name not in named_first)
    left = [one.name for one in measured if one.transform is not Transform.NONE]
    many, skipped = mine[:MOST_COLUMNS], []
    if left:
        skipped.append(
            Skipped("segments", "derived", f"Texts and times are no segments: {list_text(left[:5])}. Name segments of them in [segments].")
        )
    if len(mine) > len(many):
        rest = plural(len(mine) - len(many), "column")
        skipped.append(
            Skipped("segments", "many_columns", f"{rest} beyond the first {MOST_COLUMNS} are not looked at. Choose others by --columns.")
        )
    return tuple(many), tuple(skipped)


def wanted_of(workspace: Workspace, columns: Sequence[Measured]) -> Wanted:
    """Return what is read of the columns, and the saved conditions."""
    numbers = tuple(one.column for one in columns if one.kind is Kind.NUMERIC)
    levels = tuple(one.column for one in columns if one.kind is not Kind.NUMERIC)
    return Wanted(numbers=numbers, levels=levels, expressions={f"({one})": one for one in workspace.case.segments.values()})


def cut_columns(workspace: Workspace, reads: Reads, columns: Sequence[Measured]) -> list[CutColumn]:
    """Cut the columns into cells, those that vary; the saved conditions follow."""
    with workspace.cursor() as cursor:
        rows = cursor.execute("SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'").fetchall()
    reserved, sides = frozenset(name for (name,) in rows), (reads.reference, reads.production)
    made = [(cut_numbers if one.kind is Kind.NUMERIC else cut_levels)(one.column, sides, named(one.column, reserved)) for one in columns]
    asked = workspace.case.roles.segments
    return [*(replace(one, named=one.name in asked) for one in made if one is not None), *cut_conditions(workspace.case.segments, sides)]
