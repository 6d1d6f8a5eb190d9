"""Why does the model say what it says, and why did that change? Attributions of sampled rows of both sides against one background."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.apart import take_apart
from monitor.analyses.attributions import Attributions, Plan
from monitor.analyses.explanation_provenance import provenance_of
from monitor.analyses.explanation_result import MEASURED, ExplanationResult, ExplanationTrack, OfClass
from monitor.analyses.explanation_rows import SampledSide, Sampling
from monitor.analyses.explanation_sources import plan_of
from monitor.analyses.naming import side_names
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Watch, Workspace
from monitor.errors import MethodError, SelectionError, nearest
from monitor.stats.explanation.attributed import Attributed, signs, tilt
from monitor.stats.explanation.probability import in_probabilities, in_probability
from monitor.stats.explanation.ranking import ranks
from monitor.stats.explanation.waterfall import contribution
from monitor.stats.inference.intervals import Z
from monitor.tables import Skipped
from monitor.vocabulary import Task

Floats = NDArray[np.float64]

ROWS = 2_000
"""Rows of each side that are explained at first."""

JUDGED_BY = ("contribution", "importance")
"""What is judged of a column: what it adds to the change of the mean prediction, and how much it matters whichever way."""


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
    chances = _chances(attributions, workspace.case.task)
    classes = tuple(_of_class(attributions, k, sides, chances, counts) for k in range(len(attributions.classes)))
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
        provenance=provenance_of(
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


def _chances(found: Attributions, task: Task) -> tuple[Floats, Floats] | None:
    """Return attributions in probability, (n, d, k), and the probabilities of rows, (n, k); None where they do not follow from log-odds."""
    if found.softmax:
        return in_probabilities(found.values, found.raw, found.base), special.softmax(found.raw, axis=1)
    if task is not Task.BINARY or not found.log_odds:
        return None
    return in_probability(found.values[:, :, 0], found.raw[:, 0], float(found.base[0]))[:, :, None], special.expit(found.raw)


def _of_class(
    found: Attributions,
    k: int,
    sides: tuple[SampledSide, SampledSide],
    chances: tuple[Floats, Floats] | None,
    counts: Sequence[Floats],
) -> OfClass:
    plain = _sides(found.values[:, :, k], found.raw[:, k], sides, counts)
    if chances is None:
        return OfClass(found.classes[k], plain, None)
    values, chance = chances
    return OfClass(found.classes[k], plain, _sides(values[:, :, k], chance[:, k], sides, counts))


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
