"""Why does the model say what it says, and why did that change? Attributions of sampled rows of both sides against one background."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.apart import take_apart
from monitor.analyses.explanation_rows import SampledSide, Sampling
from monitor.analyses.explanation_sources import PROBABILITY, Attributions, Plan, plan_of
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Watch, Workspace
from monitor.errors import MethodError, SelectionError, nearest
from monitor.models import Reproduction
from monitor.profile import Windows
from monitor.stats.explanation.attributed import Attributed, signs, tilt
from monitor.stats.explanation.probability import in_probability
from monitor.stats.explanation.ranking import ndcg, ndcg_p_value, ranks
from monitor.stats.explanation.waterfall import Waterfall, contribution, waterfall
from monitor.stats.inference.intervals import Z
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

ROWS = 2_000
"""Rows of each side that are explained at first."""
JUDGED_BY = ("contribution", "importance")
"""What is judged of a column: what it adds to the change of the mean prediction, and how much it matters whichever way."""
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


def measure_explanations(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    rows: int = ROWS,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ExplanationResult:
    """Explain sampled rows of the reference and of each window of production, and split the change of the mean prediction by column.

    Parameters
    ----------
    methods : what is judged of each column: "contribution", "importance", or "default" or "all" for both.
    rows : about how many of each side are explained.

    Raises
    ------
    ColumnMissingError, MethodError, SelectionError, CancelledError
        Among others: attributions do not add up to what the model says.
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    judged_by = _judged_by(methods)
    question = take_apart(workspace, question or Question())
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    watch = Watch(progress, cancel)
    plan = plan_of(workspace, question, watch.part(0.0, 0.1))
    reads = tuple(dict.fromkeys((*plan.reads, *told_beside(workspace))))
    sampling = Sampling(workspace, reads, rows, question.seed, plan.outputs.leading, cancel=cancel)
    sides = sampling.reference(question.reference, size), sampling.production(question.production, size)
    if not sides[0].n or not sides[1].n:
        raise SelectionError("There is no row to explain on one of the sides. Choose a longer period.")
    attributions = plan.explain(sides, watch.part(0.1, 1.0))
    counts = [_counts(plan, side) for side in sides]
    classes = tuple(_of_class(attributions, k, sides, workspace.case.task, counts) for k in range(len(attributions.classes)))
    columns = _asked(attributions.columns, question.columns)
    labels = {name: workspace.case.label(name) for name in attributions.columns}
    named = {name: labels[name] for name in columns}
    tracks = tuple(one for told in classes for one in _tracks(told, attributions.columns, named, judged_by))
    reproductions = plan.reproduced(sides[0]), plan.reproduced(sides[1])
    windows = sides[1].windows
    return ExplanationResult(
        analysis="explanations",
        case=workspace.case.name,
        table=MEASURED.check(pd.concat([_table(one, attributions, columns, sides) for one in classes], ignore_index=True)),
        skipped=_skipped(plan, attributions, sides, question),
        provenance=_provenance(
            workspace, question, sides, size, (began, time.perf_counter() - clock), (attributions, classes, reproductions)
        ),
        sides=sides,
        attributions=attributions,
        plan=plan,
        classes=classes,
        reproductions=reproductions,
        columns=columns,
        labels=labels,
        judged_by=judged_by,
        tracks=tracks,
        partial=cut_short(size, sides[1].held),
        windows=windows,
        own_windows=sides[0].windows,
        size=size,
        task=workspace.case.task,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


def told_beside(workspace: Workspace) -> tuple[str, ...]:
    """Return columns that rows are told by though the model may not read them: the id, the moment, what segments are made of."""
    roles = workspace.case.roles
    named = (roles.id, roles.timestamp, *roles.segments, *roles.protected, roles.model_version)
    return tuple(name for name in dict.fromkeys(named) if name is not None and name in workspace.columns)


def _judged_by(methods: Sequence[str]) -> tuple[str, ...]:
    if {"default", "all"} & set(methods):
        return JUDGED_BY
    unknown = next((name for name in methods if name not in JUDGED_BY), None)
    if unknown is not None:
        hint = nearest(unknown, JUDGED_BY)
        raise MethodError(f"There is no method '{unknown}' of explanations.{hint} Use default or {', '.join(JUDGED_BY)}.")
    return tuple(dict.fromkeys(methods))


def _asked(columns: Sequence[str], wanted: Sequence[str] | None) -> tuple[str, ...]:
    """Return the columns that are told of: those of the model that were asked for."""
    unknown = next((name for name in wanted or () if name not in columns), None)
    if unknown is not None:
        raise MethodError(f"The model has no column '{unknown}'.{nearest(unknown, columns)}")
    return tuple(columns) if wanted is None else tuple(name for name in columns if name in wanted)


def _counts(plan: Plan, side: SampledSide) -> Floats:
    """Return what sampled rows count for, (n,), so that their logged answers have the mean of all rows of each window."""
    _, logged = plan.outputs.numbers(side.frame)
    return tilt(logged[:, 0], side.window, side.logged) if plan.outputs.leading else np.ones(side.n)


def _of_class(found: Attributions, k: int, sides: tuple[SampledSide, SampledSide], task: Task, counts: Sequence[Floats]) -> OfClass:
    values, raw = found.values[:, :, k], found.raw[:, k]
    plain = _sides(values, raw, sides, counts)
    if task is not Task.BINARY or not found.log_odds:
        return OfClass(found.classes[k], plain, None)
    base = float(found.base[k])
    return OfClass(found.classes[k], plain, _sides(in_probability(values, raw, base), special.expit(raw), sides, counts))


def _sides(values: Floats, raw: Floats, sides: tuple[SampledSide, SampledSide], counts: Sequence[Floats]) -> tuple[Attributed, Attributed]:
    cut = sides[0].n
    first, second = sides
    return (
        Attributed(values[:cut], raw[:cut], first.window, first.held, first.block, counts[0]),
        Attributed(values[cut:], raw[cut:], second.window, second.held, second.block, counts[1]),
    )


def _tracks(told: OfClass, columns: Sequence[str], labels: Mapping[str, str], judged_by: Sequence[str]) -> Iterator[ExplanationTrack]:
    """Yield what is judged of each column that is told of."""
    for method in judged_by:
        absolute = method == "importance"
        own, found = (side.by_window(absolute=absolute) for side in told.raw)
        usual = told.raw[0].pooled(absolute=absolute).value
        for j, name in enumerate(columns):
            if name in labels:
                yield ExplanationTrack(
                    method=method, column=name, label=labels[name], klass=told.klass, value=found.value[:, j],
                    variance=found.variance[:, j], own=own.value[:, j], own_variance=own.variance[:, j], usual=float(usual[j]),
                )  # fmt: skip


def _table(told: OfClass, found: Attributions, columns: Sequence[str], sides: tuple[SampledSide, SampledSide]) -> pd.DataFrame:
    """Return the rows of one class: each column of the table in each window."""
    reference, production = told.raw
    before, size = reference.pooled(), reference.pooled(absolute=True)
    means, sizes = production.by_window(), production.by_window(absolute=True)
    added = contribution(before, means)
    half = Z * np.sqrt(added.variance)
    chance = None if told.probability is None else contribution(told.probability[0].pooled(), told.probability[1].by_window()).value
    sign = [signs(side.values, ordered) for side, ordered in zip(told.raw, found.ordered(sides), strict=True)]
    places, own_places = np.array([ranks(np.nan_to_num(row)) for row in sizes.value]), ranks(size.value)
    windows = sides[1].windows
    rows = []
    for name in columns:
        j = found.columns.index(name)
        rows.append(
            pd.DataFrame(
                {
                    "column": name, "window": windows.ids, "mean_abs_reference": size.value[j], "mean_abs_production": sizes.value[:, j],
                    "rank_reference": own_places[j], "rank_production": places[:, j], "mean_reference": before.value[j],
                    "mean_production": means.value[:, j], "contribution": added.value[:, j],
                    "lower": added.value[:, j] - half[:, j], "upper": added.value[:, j] + half[:, j],
                    "class": told.klass or None, "contribution_probability": np.nan if chance is None else chance[:, j],
                    "sign_reference": sign[0][j], "sign_production": sign[1][j], "n_reference": sides[0].n,
                    "n_production": production.n, "window_start": windows.start, "window_end": windows.end,
                }
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _skipped(plan: Plan, found: Attributions, sides: tuple[SampledSide, SampledSide], question: Question) -> tuple[Skipped, ...]:
    """Say what was not explained as it was asked: columns that a side lacks, another baseline, what the explainer could not."""
    notes = [
        Skipped(name, "lost_column", f"The {side.data} has no column '{name}': the model was given no value of it there.")
        for side in sides
        for name in side.lost
        if name in found.columns
    ]
    if question.against != "reference":
        told = "Explanations compare windows with the whole reference only, whatever other screens are compared with."
        notes.append(Skipped("against", "not_applicable", told))
    return (*plan.notes, *notes)


def _provenance(
    workspace: Workspace, question: Question, sides: tuple[SampledSide, SampledSide], size: WindowSize, timed: tuple[datetime, float],
    what: tuple[Attributions, Sequence[OfClass], tuple[Reproduction | None, Reproduction | None]],
) -> Provenance:  # fmt: skip
    found, classes, reproductions = what
    chosen = {"reference": question.reference, "production": question.production}
    lead = max(classes, key=lambda one: abs(one.fall.change))
    more = {} if len(classes) == 1 else {"classes": {one.klass: summary_of(one, question.seed) for one in classes}}
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection in chosen.values()},
        selections={side: selection.describe() for side, selection in chosen.items()},
        settings={"windows": str(size), "model": found.source, "columns": list(found.columns)},
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"sample the {name}", side.sql) for name, side in zip(chosen, sides, strict=True)),
        rows={
            name: {"used": int(side.held.sum()), "excluded": {**side.excluded, "not sampled": int(side.held.sum()) - side.n}}
            for name, side in zip(chosen, sides, strict=True)
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
        summary={
            **summary_of(lead, question.seed),
            **more,
            "n": sides[0].n + sides[1].n,
            "n_reference": sides[0].n,
            "n_production": sides[1].n,
            "explainer": found.explainer,
            "background": found.background,
            "unit": found.unit,
            "additivity_error": found.error,
            "fidelity": found.fidelity,
            "reproduction": {side: reproduction_of(one) for side, one in zip(chosen, reproductions, strict=True)},
        },
    )


def reproduction_of(one: Reproduction | None) -> dict[str, Any] | None:
    """Return how the model's answers compare with the logged ones; `alike` are scores such as out-of-fold ones."""
    if one is None:
        return None
    return {
        "compared": one.what, "n": one.n, "share_equal": one.share_equal, "largest_difference": one.largest_difference,
        "correlation": one.correlation, "first_window": one.window, "reproduced": one.reproduced, "alike": one.alike,
    }  # fmt: skip


def summary_of(told: OfClass, seed: int) -> dict[str, Any]:
    """Return the figures of one class over all judged windows."""
    fall, (reference, production) = told.fall, told.raw
    importance = [side.pooled(absolute=True).value for side in told.raw]
    chance = None if told.probability is None else told.told_fall()
    return {
        "ndcg": ndcg(importance[0], importance[1]),
        "ndcg_p_value": _shuffled(reference, production, seed),
        "mean_reference": fall.before,
        "mean_production": fall.after,
        "delta_prediction": fall.change,
        "residual": fall.residual,
        "probability_reference": None if chance is None else chance.before,
        "probability_production": None if chance is None else chance.after,
        "delta_probability": None if chance is None else chance.change,
    }


def _shuffled(reference: Attributed, production: Attributed, seed: int) -> float:
    """Return the permutation p-value of NDCG: whole stretches of time change sides."""
    totals, rows = [], []
    for side in (reference, production):
        known, place = np.unique(side.block, return_inverse=True)
        weight = side.weight / side.weight.mean()
        totals.append(np.array([np.bincount(place, weight * column, len(known)) for column in np.abs(side.values).T]).T)
        rows.append(np.bincount(place, weight, len(known)))
    live = np.repeat([False, True], [len(one) for one in rows])
    return ndcg_p_value(np.concatenate(totals), np.concatenate(rows), live, seed=seed)
