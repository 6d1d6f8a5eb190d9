"""No row stands on both sides: a window is never compared with a reference that contains it."""

from __future__ import annotations

from dataclasses import replace

from monitor.analyses.sides import Question
from monitor.engine import Workspace, count_rows, shared_rows
from monitor.errors import SelectionError

SHARED = "on the other side too"
"""Why such rows are left out, as provenance says it."""


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
