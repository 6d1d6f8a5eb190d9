"""What the sides differ in on purpose: no row stands on both, and columns that they were chosen by are no news."""

from __future__ import annotations

from dataclasses import replace

from monitor.analyses.sides import Question
from monitor.engine import Workspace, chosen_by, count_rows, shared_rows
from monitor.errors import SelectionError
from monitor.tables import Skipped


def take_apart(workspace: Workspace, question: Question) -> Question:
    """Leave rows that both sides hold out of the reference, or out of production where nothing else would be left of the reference.

    Raises
    ------
    SelectionError
        Both sides are the same rows.
    """
    a, b = question.reference, question.production
    if a.without is not None or b.without is not None:
        return question
    shared = shared_rows(workspace, a, b)
    if not shared:
        return question
    if shared < count_rows(workspace, a):
        return replace(question, reference=replace(a, without=b))
    if shared < count_rows(workspace, b):
        return replace(question, production=replace(b, without=a))
    raise SelectionError("Both sides hold the same rows, so there is nothing to compare. Choose another period, segment, version or file.")


def without_chosen(workspace: Workspace, question: Question, *, least: int = 1) -> tuple[Question, tuple[Skipped, ...]]:
    """Leave out the columns by which the sides were chosen: they differ by choice, which is no change; say which.

    Columns that the question names are kept, and so are all where fewer than `least` others are left.
    """
    chosen = set(chosen_by(workspace, question.reference, question.production))
    every = dict.fromkeys(one.column for one in workspace.measured(roles=question.roles))
    kept, left_out = tuple(name for name in every if name not in chosen), tuple(name for name in every if name in chosen)
    if question.columns is not None or len(kept) < least or not left_out:
        return question, ()
    told = "the sides were chosen by it, so it differs by choice and is left out of the verdict."
    return replace(question, columns=kept), tuple(Skipped(name, "chosen_by", f"'{name}': {told}") for name in left_out)
