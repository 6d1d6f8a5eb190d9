"""Does the model answer differently? Drift of its predictions and scores, and what it answers by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from monitor.analyses.apart import take_apart
from monitor.analyses.drift import measure_drift, measure_sides
from monitor.analyses.drift_result import DriftResult
from monitor.analyses.output import summarise_output
from monitor.analyses.sides import Question, Sides
from monitor.analyses.splits import gather_by, gather_versions
from monitor.case import Case
from monitor.case.model import OUTPUTS
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import ColumnMissingError
from monitor.vocabulary import Role, Task

SHADOWS = (Role.CHALLENGER_PREDICTION, Role.CHALLENGER_SCORE)
PLACED = ("measure", "value", "reference_low", "reference_high", "place")
"""Columns of the table that say, where an output has one number that sums it up, where it lies among the reference's own windows."""


def measure_predictions(
    workspace: Workspace,
    question: Question | None = None,
    *,
    by: str | None = None,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> DriftResult:
    """Measure the drift of predictions and scores, as `measure_drift` does for features.

    With `by` also of each level of that column (see `gather_by`): the table then has the columns `output` and `segment`, and all of it is
    judged together. By the predicted class, scores are compared. Without, the answers of model versions that the reference never had are
    counted as well (`versions`), and judged with those of all rows.

    Raises
    ------
    ColumnMissingError
        The case names neither a prediction nor a score, or there is no column `by`.
    SettingError
        `by` has no levels.
    """
    began, asked = datetime.now(UTC), question or Question()
    names = asked.columns or tuple(m.name for m in workspace.measured(roles=OUTPUTS))
    if not names:
        raise ColumnMissingError(without_output(workspace.case))
    asked = replace(asked, columns=names)
    if by is None:
        result = measure_drift(workspace, asked, methods=methods, analysis="predictions", progress=progress, cancel=cancel)
        result = replace(result, versions=_versions(workspace, asked, result, cancel))
    else:
        asked = take_apart(workspace, asked)
        sides = gather_by(workspace, asked, by, progress=progress, cancel=cancel)
        result = measure_sides(workspace, sides, asked, methods=methods, analysis="predictions", began=began)
    shadows = frozenset(m.name for m in workspace.measured(roles=SHADOWS))
    return _placed(replace(result, shadows=shadows, cut=_cut(workspace.case)), workspace.case)


def _cut(case: Case) -> dict[str, str]:
    """Return the score of each prediction of two classes, which says on which side of a threshold it lies."""
    roles = case.roles
    pairs = ((roles.prediction, roles.score), (roles.challenger_prediction, roles.challenger_score))
    return {cut: of for cut, of in pairs if case.task is Task.BINARY and cut is not None and isinstance(of, str)}


def _versions(workspace: Workspace, question: Question, result: DriftResult, cancel: Cancel | None) -> Sides | None:
    """Count what new versions of the model answer: not of a challenger, whose answers no version gives."""
    served = tuple(name for name in result.sides.production.columns if workspace.case.roles.of(name) not in SHADOWS)
    blocks, production = (replace(side, columns={name: side.columns[name] for name in served}) for side in result.sides.both)
    return gather_versions(workspace, question, replace(result.sides, blocks=blocks, production=production), cancel=cancel)


def without_output(case: Case) -> str:
    """Say why a case has no outputs to look at, and what to do."""
    if case.task is Task.NONE:
        return 'The case watches data without a model (task "none"). To watch one, name its prediction or score in [roles], and its task.'
    return "The case names neither a prediction nor a score. Name the column in [roles] of case.toml."


def _placed(result: DriftResult, case: Case) -> DriftResult:
    """Add where each window's mean, or share of the positive class, lies among the reference's own windows."""
    series = summarise_output(result, case)
    several = series.groupby("column")["measure"].transform("nunique") > 1
    one = series[~several | (series["measure"] == "mean")]
    table = result.table.merge(one[["column", "window", *PLACED]], on=["column", "window"], how="left", validate="many_to_one")
    return replace(result, table=table)
