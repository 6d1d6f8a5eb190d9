"""What a change of a column does to predictions: its part in the change of their mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from monitor.analyses.explanation_result import ExplanationResult
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.judged import Judged
from monitor.vocabulary import Task
from monitor.wording import number_text

J = TypeVar("J", bound=Judged)

SMALL = 0.02
"""Part of the spread of the reference's predictions below which an impact is told as hardly any."""
OF_ROWS = frozenset({FindingKind.QUALITY, FindingKind.DEFECT, FindingKind.RANGE, FindingKind.UNSEEN})
"""Findings that count single rows of a column."""
FEW = 0.05
"""Share of rows that these count below which what their column adds to predictions is that of all its rows, not theirs."""


def weigh(judged: J, explained: ExplanationResult) -> J:
    """Return what was judged, each finding with its impact: what its column adds to the change of the mean prediction over its windows.

    Both have to compare the same sides. A finding about an output of the model has the whole change; one about a column that the model does
    not read, of windows that were not explained, or of FEW rows of its column, has none (nan).
    """
    changed: Any = replace(judged, findings=tuple(replace(one, impact=impact_of(one, explained)) for one in judged.findings))  # type: ignore[type-var]
    return changed  # type: ignore[no-any-return]


def impact_of(finding: Finding, explained: ExplanationResult) -> float:
    """Return what a finding adds to the change of the mean prediction, in the unit that explanations are told in; nan: not known."""
    ids = explained.windows.ids
    if finding.window not in ids or finding.last_window not in ids:
        return float("nan")
    first, last = ids.index(finding.window), ids.index(finding.last_window)
    column = column_of(finding)
    if finding.kind in OF_ROWS and 0 < finding.rows < FEW * explained.leading.raw[1].held[first : last + 1].sum():
        return float("nan")
    if column not in explained.plan.outputs.columns:
        return explained.part_of(column, first, last)
    return _whole_change(column, explained, first, last)


def column_of(finding: Finding) -> str:
    """Return the column that a finding is about: that of a check is named behind it; empty where it is about whole rows."""
    return finding.what.partition("~")[2] if finding.kind in (FindingKind.QUALITY, FindingKind.DEFECT) else finding.what


def _whole_change(output: str, explained: ExplanationResult, first: int, last: int) -> float:
    """Return the change of the mean of one output over windows; nan for the class that a model of several classes predicts."""
    scores = explained.plan.outputs.scores
    klass = next((one for one, name in scores.items() if name == output), "")
    if explained.task is Task.MULTICLASS and output not in scores.values():
        return float("nan")
    at = np.arange(len(explained.windows))
    return float(explained.of_class(klass).told_fall((at >= first) & (at <= last)).change)


def spread(explained: ExplanationResult) -> float:
    """Return the standard deviation of the reference's predictions, in the unit that explanations are told in."""
    return float(explained.leading.told[0].raw.std())


def impact_together(findings: Iterable[Finding]) -> float:
    """Return what findings add to the change of the mean prediction together, each column once by its largest; nan: not known.

    >>> impact_together([])
    nan
    """
    largest: dict[str, float] = {}
    for one in findings:
        column = column_of(one)
        if np.isfinite(one.impact) and abs(one.impact) >= abs(largest.get(column, 0.0)):
            largest[column] = one.impact
    return float(sum(largest.values())) if largest else float("nan")


def impact_sentence(impact: float, unit: str, usual: float, *, columns: int = 1, stand_in: bool = False) -> str:
    """Say what so many columns (0: an output itself) do to the mean prediction, of the model or of a stand-in, beside the `usual` spread of
    predictions; empty where it is not known.

    >>> impact_sentence(0.0312, "probability", 0.1)
    'The column moves the mean prediction by +0.0312 there (probability).'
    >>> impact_sentence(-0.0004, "probability", 0.1, columns=3)
    'Together these columns hardly move the mean prediction there (−0.0004 in probability).'
    >>> impact_sentence(0.0312, "probability", 0.1, stand_in=True)
    "The column moves a stand-in's mean prediction by +0.0312 there (probability)."
    """
    if not np.isfinite(impact):
        return ""
    told = f"{'+' if impact > 0 else '−' if impact < 0 else ''}{number_text(abs(impact))}"
    mean = "a stand-in's mean prediction" if stand_in else "the mean prediction"
    if columns == 0:
        return f"{mean[0].upper()}{mean[1:]} moved by {told} ({unit})."
    who, ending = ("The column", "s") if columns == 1 else ("Together these columns", "")
    if abs(impact) < SMALL * usual:
        return f"{who} hardly move{ending} {mean} there ({told} in {unit})."
    return f"{who} move{ending} {mean} by {told} there ({unit})."
