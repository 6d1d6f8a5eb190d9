"""Where a model over- and undershoots: the mean of prediction (or score) less label, by the values of a column, of both sides."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor.analyses.fairness_groups import groups_of
from monitor.analyses.labels import Answers, last_moment
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Asked, Side
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import MethodError
from monitor.stats.inference.intervals import plain
from monitor.stats.performance.binary import NO_LABELS
from monitor.stats.performance.estimates import mean
from monitor.stats.performance.labelled import Labelled
from monitor.vocabulary import Kind, Task

COLUMNS = ("group", "side", "n", "error", "lower", "upper")


def measure_residuals(
    workspace: Workspace, question: Question, column: str, *, progress: Progress | None = None, cancel: Cancel | None = None
) -> pd.DataFrame:
    """Return `group, side, n, error, lower, upper`: the mean error of labelled rows by level of a column (of a number: by quarters of the
    reference), with 95 % intervals that know which rows hang together.

    Raises
    ------
    MethodError
        The task has no error of a row: neither predicted numbers nor the score of a class.
    ColumnMissingError, SelectionError
    """
    answers = Answers.of(workspace)
    if answers.task is Task.MULTICLASS or (answers.task is Task.BINARY and not answers.scores):
        raise MethodError("Errors by column need predicted numbers, or the score of a binary task.")
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    reads = Asked(workspace, answers, question, column, cancel).read(size, progress)
    sides = reads.sides(answers, last_moment(answers, (reads.reference, reads.production)))
    numeric = workspace.schema.info(column).kind is Kind.NUMERIC
    groups = groups_of(reads.reference.levels[column], reads.production.levels[column], numeric=numeric)
    outcome = Outcome(workspace, answers, (reads.reference, reads.production), column)
    parts = [
        _of_side(outcome, side, name, (groups.names, code))
        for name, side, code in zip(("reference", "production"), sides, (groups.reference, groups.production), strict=True)
    ]
    return pd.concat(parts, ignore_index=True)


def _of_side(outcome: Outcome, side: Side, name: str, groups: tuple[tuple[str, ...], np.ndarray]) -> pd.DataFrame:
    names, code = groups
    error, known = outcome.errors(side)
    known &= (code >= 0) & (code < len(names))
    block = side.known.read.block[known] * (len(names) + 1) + code[known]
    rows = Labelled(code[known], len(names), block)
    found = mean(rows, error[known], plain, why=NO_LABELS)
    told = {
        "group": list(names),
        "side": name,
        "n": found.n.astype(np.int64),
        "error": found.value,
        "lower": found.lower,
        "upper": found.upper,
    }
    return pd.DataFrame(told, columns=list(COLUMNS))
