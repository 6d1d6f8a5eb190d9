"""Roles that columns of an open case seem to have and the case does not give them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from monitor.case import Case, Roles
from monitor.engine.block_sample import SAMPLE_ROWS, sample_relation
from monitor.engine.fits import fitting
from monitor.engine.likely import by_content
from monitor.engine.meaning import meaning
from monitor.engine.roles import Guess, guess_roles
from monitor.engine.workspace import Workspace
from monitor.vocabulary import Role, Task

_SEVERAL = {Role.IGNORE: "ignore", Role.PROTECTED: "protected"}
_OF_DATA = (Role.TIMESTAMP, Role.ID, *_SEVERAL)


def suggest_roles(workspace: Workspace) -> list[Guess]:
    """Return what features seem to be instead, the surest first: roles that no column has yet, and what is to be ignored or protected."""
    roles, task = workspace.case.roles, workspace.case.task
    taken = {role for role, _ in roles.singles()}
    sample = sample_relation(workspace.source("reference"), SAMPLE_ROWS)
    with workspace.cursor() as cursor:
        fits = fitting(cursor, sample, workspace.facts)
        named = guess_roles(workspace.facts, [(one.score, one.decision) for one in fits])
        guesses = by_content(cursor, sample, workspace.facts, named)
        # A decision that says the opposite of the label is no prediction of it.
        guesses = list(meaning(cursor, sample, workspace.facts, guesses, fits).guesses) if task is Task.BINARY else guesses
    # A name in roles.features was written by somebody: it stays what it is.
    free = [one for one in guesses if one.role is not Role.FEATURE and roles.of(one.column) is Role.FEATURE and roles.features is None]
    able = [one for one in free if (one.role in _SEVERAL or one.role not in taken) and (task is not Task.NONE or one.role in _OF_DATA)]
    return sorted(able, key=lambda one: not one.sure)


def with_roles(case: Case, accepted: Sequence[Guess]) -> Case:
    """Return the case with the roles of some guesses."""
    written = case.roles.model_dump()
    for guess in accepted:
        if guess.role in _SEVERAL:
            name = _SEVERAL[guess.role]
            written[name] = (*written[name], guess.column)
        else:
            written[guess.role.value] = guess.column
    return replace(case, roles=Roles.model_validate(written))
