"""Which rows of production to label next, as a table that comes back as labels with weights."""

from __future__ import annotations

from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.estimate_methods import Estimators
from monitor.analyses.estimate_rows import Estimated, gather_estimated
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Watch, Workspace
from monitor.errors import ColumnMissingError, MethodError
from monitor.stats.estimation.planning import plan_labels
from monitor.stats.performance.multiclass import Classes
from monitor.stats.performance.regression import Numbers

Floats = NDArray[np.float64]

COLUMNS = ("stratum", "probability", "weight")
"""Columns of a plan, after the id."""


def plan_case(
    workspace: Workspace,
    n: int,
    question: Question | None = None,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """Return n rows of production that have no label yet, in the order of their ids' rows: the id, and `COLUMNS`.

    Labelled and read back (`[data] labels`, with the role `label_weight` for the weight) they give every metric without bias.

    Raises
    ------
    ColumnMissingError
        No column has the role id.
    MethodError
        n is not positive, or every row has a label.
    """
    name = workspace.case.roles.id
    if name is None:
        raise ColumnMissingError("A plan names rows by their id, and no column has the role id. Name it in [roles].")
    if n < 1:
        raise MethodError(f"{n} rows cannot be labelled. Ask for at least one.")
    question = take_apart(workspace, question or Question())
    size = WindowSize(1, "whole")
    found = gather_estimated(workspace, question, size, None, also=(name,), progress=progress, cancel=cancel)
    work = Estimators(found, question.seed, Watch(progress, cancel))
    method = next(one for one, why in work.able.items() if not why)
    chance, score, decision = _told(found, work.run(method).rows)
    waiting = np.flatnonzero(~found.production.labelled)
    if not len(waiting):
        raise MethodError("Every row of production that the model answered has a label already.")
    plan = plan_labels(chance[waiting], score[waiting], decision[waiting], n, seed=question.seed)
    at = waiting[plan.place]
    ids = found.known[1].read.levels[name]
    named = np.array([*ids.names, None], dtype=object)[ids.code[found.production.at][at]]
    return pd.DataFrame({name: named, "stratum": plan.stratum, "probability": plan.probability, "weight": plan.weight})


def _told(found: Estimated, belief: object) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return what a plan is made by, (n,) each: how uncertain the outcome is (as a chance), the score, and the decision."""
    given = found.production.given
    none = np.zeros(given.rows.size, dtype=bool)
    if isinstance(given, Numbers):
        square = cast("dict[str, Floats]", belief)["mse"]
        return 0.5 - 0.5 * np.sqrt(np.maximum(1 - square / max(float(square.max()), 1e-12), 0.0)), given.prediction, none
    if isinstance(given, Classes):
        sure = np.asarray(belief).max(axis=1)
        return sure, sure, none
    binary, chance = given, np.asarray(belief)
    return chance, chance if binary.score is None else binary.score, none if binary.decision is None else binary.decision
