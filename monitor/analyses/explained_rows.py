"""Single rows explained, whether they were sampled or asked for: as the sampled ones are, against the same background."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.apart import take_apart
from monitor.analyses.attributions import PROBABILITY, VALUE, Attributions, Outputs, Plan, numbers_of
from monitor.analyses.explanation_result import ExplanationResult
from monitor.analyses.explanation_rows import SampledSide, Sampling
from monitor.analyses.explanation_sources import plan_of
from monitor.analyses.explanations import ROWS, told_beside
from monitor.analyses.sides import Question
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Watch, Workspace
from monitor.errors import SelectionError
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ExplainedRows:
    """Rows with what each column added: `frame` (n rows) as the model is given them, `attributions` (n, d, k), `labels` of the columns,
    `outputs` the columns of what was logged."""

    frame: pd.DataFrame
    attributions: Attributions
    labels: Mapping[str, str]
    outputs: Outputs

    def told(self, k: int = 0) -> Floats:
        """Return what the model says of each row of class k, (n,), in probability where that is known."""
        raw = self.attributions.raw[:, k]
        return np.asarray(special.expit(raw)) if self._probability else raw

    @property
    def _probability(self) -> bool:
        """Whether log-odds are told as a probability."""
        return self.outputs.task is Task.BINARY and self.attributions.log_odds

    def logged(self, k: int = 0) -> Floats:
        """Return what was logged of each row of class k, (n,), in the unit of `told`; nan where there is no such."""
        found, outputs = self.attributions, self.outputs
        column = outputs.prediction if outputs.task is Task.REGRESSION else outputs.scores.get(found.classes[k])
        known = column is not None and (self._probability or found.unit in (PROBABILITY, VALUE))
        return numbers_of(self.frame, (column,))[:, 0] if column is not None and known else np.full(len(self.frame), np.nan)

    def label(self, column: str) -> str:
        """Return what people call a column of the model."""
        return self.labels.get(column, column)

    def parts(self, at: int, k: int = 0) -> list[tuple[str, float]]:
        """Return the columns with what each added in a row, the largest first."""
        values = self.attributions.values[at, :, k]
        return [(self.attributions.columns[j], float(values[j])) for j in np.argsort(-np.abs(values), kind="stable")]


@dataclass(frozen=True, slots=True)
class RowExplainer:
    """What explains single rows: how a case is explained, and the sampled rows of the reference that stand for columns left out."""

    workspace: Workspace
    plan: Plan
    reference: SampledSide
    seed: int

    def rows(self, data: str, places: Ints, *, progress: Progress | None = None, cancel: Cancel | None = None) -> ExplainedRows:
        """Explain the rows of a data set at places (n, 2), file and row.

        Raises
        ------
        ModelError, CancelledError
            Among others: attributions do not add up to what the model says.
        """
        case, reads = self.workspace.case, tuple(self.reference.frame.columns)
        frame = Sampling(self.workspace, reads, len(places), self.seed).frame_at(data, places)
        found = self.plan.explain_more(self.reference, frame, Watch(progress, cancel))
        return ExplainedRows(frame, found, {name: case.label(name) for name in found.columns}, self.plan.outputs)


def row_explainer(
    workspace: Workspace,
    question: Question | None = None,
    *,
    rows: int = ROWS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> RowExplainer:
    """Return what explains single rows as `measure_explanations` explains those that it samples.

    Raises
    ------
    ModelError, ColumnMissingError, SelectionError, CancelledError
    """
    question = take_apart(workspace, question or Question())
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    plan = plan_of(workspace, question, Watch(progress, cancel))
    reads = tuple(dict.fromkeys((*plan.reads, *told_beside(workspace))))
    sampling = Sampling(workspace, reads, rows, question.seed, plan.outputs.leading, cancel=cancel)
    reference = sampling.reference(question.reference, size)
    if not reference.n:
        raise SelectionError("The reference has no row that others could be explained against. Choose a longer period.")
    return RowExplainer(workspace, plan, reference, question.seed)


def sampled_rows(result: ExplanationResult) -> ExplainedRows:
    """Return the sampled rows of production with what each column added."""
    found, cut = result.attributions, result.sides[0].n
    return ExplainedRows(
        result.sides[1].frame, replace(found, values=found.values[cut:], raw=found.raw[cut:]), result.labels, result.plan.outputs
    )
