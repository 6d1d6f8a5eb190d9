"""Measured explanations: their columns, what is judged of each, and what adds up of every class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.attributions import PROBABILITY, Attributions, Plan
from monitor.analyses.explanation_rows import SampledSide
from monitor.analyses.naming import PLAIN, SideNames
from monitor.case import WindowSize
from monitor.models import Reproduction
from monitor.profile import Windows
from monitor.stats.explanation.attributed import Attributed
from monitor.stats.explanation.waterfall import Waterfall, waterfall
from monitor.tables import Contract, Result
from monitor.units import RAW
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
MEASURED = Contract(
    "explanations",
    ("column", "window", "class"),
    {
        "column": "column of the model",
        "window": "id of the production window",
        "mean_abs_reference": "mean size of its attributions in the reference, in raw units (log-odds, or those of the prediction)",
        "mean_abs_production": "the same in the window",
        "rank_reference": "its place by that among all columns, 1 matters most",
        "rank_production": "the same in the window",
        "mean_reference": "its mean attribution in the reference",
        "mean_production": "the same in the window",
        "contribution": "what it adds to the change of the mean raw prediction: over all columns they add up to it",
        "lower": "lower end of its 95 % interval",
        "upper": "upper end of its 95 % interval",
        "class": "class whose score is explained; null: there is one score",
        "contribution_probability": "the same in probability, null: not known",
        "sign_reference": "rank correlation of value and attribution in the reference, null: levels, or constant",
        "sign_production": "the same of all judged windows",
        "n_reference": "rows of the reference that were explained",
        "n_production": "rows of the window that were",
    },
    dict.fromkeys(("contribution", "lower", "upper", "limit_lower", "limit_upper"), RAW),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationTrack:
    """What is judged of one column (of one class) by window, (w,): `value` with its `variance`, and in the own windows of the reference
    (r,), all of which together have `usual`."""

    method: str
    column: str
    label: str
    klass: str
    value: Floats
    variance: Floats
    own: Floats
    own_variance: Floats
    usual: float

    @property
    def name(self) -> str:
        """Its name among the others."""
        return "~".join((self.method, self.klass, self.column))


@dataclass(frozen=True)  # without slots, so that what is worked out of it is worked out once
class OfClass:
    """Attributions of one class: `raw` units, and in `probability` where that is known, of the reference and of production."""

    klass: str
    raw: tuple[Attributed, Attributed]
    probability: tuple[Attributed, Attributed] | None

    @property
    def told(self) -> tuple[Attributed, Attributed]:
        """What people are told: probability where it is known."""
        return self.probability or self.raw

    @cached_property
    def fall(self) -> Waterfall:
        """Why the mean raw prediction of all judged windows is another than that of the reference."""
        return waterfall(*self.raw)

    def told_fall(self, kept: Bools | None = None) -> Waterfall:
        """Return the same in the unit that people are told, of the windows `kept` (w,)."""
        return waterfall(*self.told, kept)

    def moved(self, kept: Bools | None = None) -> tuple[float, float]:
        """Return the 95 % interval of the change of the mean, in the unit that people are told."""
        sides = [replace(one, values=one.raw[:, None]) for one in self.told]
        whole = waterfall(sides[0], sides[1], kept)
        return float(whole.lower[0]), float(whole.upper[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplanationResult(Result):
    """Measured explanations.

    `sides` are the sampled rows, `attributions` what each column added in each of them (the reference's first), `classes` by class;
    `columns` those of the table, `labels` what people call all of the model's. `reproductions` say whether the model says what was logged
    of the rows of the reference and of production, None where nothing can be compared.
    """

    sides: tuple[SampledSide, SampledSide]
    attributions: Attributions
    plan: Plan
    classes: tuple[OfClass, ...]
    reproductions: tuple[Reproduction | None, Reproduction | None]
    columns: tuple[str, ...]
    labels: Mapping[str, str]
    judged_by: tuple[str, ...]
    tracks: tuple[ExplanationTrack, ...]
    partial: Bools
    windows: Windows
    own_windows: Windows
    size: WindowSize
    task: Task
    timezone: str
    called: SideNames = PLAIN

    @property
    def n(self) -> Ints:
        """Explained rows of each judged window, (w,)."""
        return np.bincount(self.sides[1].window, minlength=len(self.windows))

    def of_class(self, klass: str) -> OfClass:
        """Return what is known of one class; the first one where there is no such."""
        return next((one for one in self.classes if one.klass == klass), self.classes[0])

    @property
    def told_unit(self) -> str:
        """Unit that people are told attributions in."""
        return PROBABILITY if self.classes[0].probability is not None else self.attributions.unit

    @property
    def calibrated(self) -> bool:
        """Whether sampled rows count so that their logged answers have the mean of all rows: the change is no chance of the sample."""
        return bool(self.plan.outputs.leading)

    def label(self, column: str) -> str:
        """Return what people call a column of the model."""
        return self.labels.get(column, column)

    @property
    def leading(self) -> OfClass:
        """The class whose mean moved most."""
        return max(self.classes, key=lambda one: abs(one.fall.change))

    def logged_change(self, kept: Bools | None = None) -> float:
        """Return how far the mean of what was logged moved over the windows `kept` (w,), in the sampled rows; nan where nothing was."""
        means = []
        for side, told, only in zip(self.sides, self.classes[0].raw, (None, kept), strict=True):
            _, logged = self.plan.outputs.numbers(side.frame)
            weight = told.weight if only is None else np.where(np.asarray(only)[side.window], told.weight, 0.0)
            known = np.isfinite(logged).all(axis=1) & bool(logged.shape[1])
            means.append(float(weight[known] @ logged[known, 0] / max(weight[known].sum(), 1e-300)) if known.any() else float("nan"))
        return means[1] - means[0]

    def part_of(self, column: str, first: int, last: int) -> float:
        """Return what a column adds to the change of the mean prediction over windows `first` to `last`.

        In probability where that is known; nan where the model does not have the column.
        """
        names, lead = self.attributions.columns, self.leading
        if column not in names:
            return float("nan")
        kept = (np.arange(len(self.windows)) >= first) & (np.arange(len(self.windows)) <= last)
        return float(lead.told_fall(kept).contributions[names.index(column)])
