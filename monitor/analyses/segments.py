"""Where did the model get worse? Segments of one and two columns, beside all other rows and beside their own past."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from monitor.analyses.apart import take_apart
from monitor.analyses.baselines import not_compared
from monitor.analyses.label_doubts import label_doubts
from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.labels import Answers, arrival_of, last_moment, moment_of
from monitor.analyses.losses import Losing, Lost, alike
from monitor.analyses.naming import side_names
from monitor.analyses.performance import provenance_of
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Asked, Side
from monitor.analyses.segment_axes import CutColumn, predicate, spoken
from monitor.analyses.segment_columns import columns_of_segments, cut_columns, wanted_of
from monitor.analyses.segment_result import MEASURED, Found, SegmentsResult, table_of
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import MethodError, nearest
from monitor.stats.inference.rare import farthest_count
from monitor.stats.performance.cube import Cells
from monitor.stats.performance.rates import Scored, rare_counts
from monitor.stats.performance.segment_search import Pick, search
from monitor.stats.performance.segments import Part, Segment, Sides
from monitor.tables import Skipped
from monitor.vocabulary import Task
from monitor.wording import plural

SHOWN = 20
"""Segments that are told of."""

ROUNDS = 6
"""Segments that are looked for one after the other, each without the rows of those before."""

SEARCH_Q = 1e-4
"""False discovery rate up to which a segment that was searched for is named, and taken out before what is left is searched again: at
.05 a screen of labels drawn from the score itself had nine false findings, for thousands of segments share rows."""

BIAS = "bias"


def measure_segments(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> SegmentsResult:
    """Search the segments whose metric moved most beside other rows and beside the reference.

    Parameters
    ----------
    question : what is compared; its `columns` are those that segments may be made of; default every feature, segment and version.
    methods : ids of metrics, or "default" or "all" for all that the task has.
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    ColumnMissingError
        The case names no label, or nothing that the model answers, or a column is not there.
    MethodError
        A metric is unknown, or nothing says which class is positive.
    SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    question, answers = take_apart(workspace, (question or Question()).until(as_of)), Answers.of(workspace)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    columns, left = columns_of_segments(workspace, question, answers)
    asked = Asked(workspace, answers, question, None, cancel, wanted_of(workspace, columns))
    reads = asked.read(size, progress)
    moment = last_moment(answers, (reads.reference, reads.production)) if as_of is None else moment_of(as_of, workspace.case.timezone)
    sides = reads.sides(answers, moment)
    losing = Losing(workspace, answers, (reads.reference, reads.production))
    lost = _only(methods, alike((losing.of(sides[0].known), losing.of(sides[1].known))))
    labelled = np.bincount(reads.production.window[lost[1].rows], minlength=len(reads.production.windows))
    curve = arrival_of((sides[0].known, sides[1].known))
    usable = mature_windows(reads.production, sides[1].known, curve, labelled) & (labelled > 0)
    cut = cut_columns(workspace, reads, columns)
    first, second = (_cells(i, cut, side, one) for i, (side, one) in enumerate(zip(sides, lost, strict=True)))
    cells = Sides(tuple(one.axis for one in cut), first, second, usable)
    called = {one.name: workspace.case.label(one.name) for one in cut}
    found, singles, pairs = _found(cells, _Named(cut, lost[0].names, called, _scored(answers.task, sides, lost)))
    sides_called = side_names(question, workspace.case.timezone)
    rate, error = _usual(answers.task, lost[0])
    outcome = Outcome(workspace, answers, (reads.reference, reads.production), None)
    return SegmentsResult(
        analysis="segments",
        case=workspace.case.name,
        table=MEASURED.check(table_of(found, reads.production.windows, reads.production.rows)),
        skipped=(
            *left,
            *_unlabelled(lost),
            *label_doubts(outcome, sides, usable, sides_called.a),
            *not_compared(question.against, "A segment"),
        ),
        provenance=replace(
            provenance_of(asked, reads, size, moment, (began, time.perf_counter() - clock)),
            summary={"segments_of_one_column": singles, "segments_of_two_columns": pairs, "columns": [one.name for one in cut]},
        ),
        found=found,
        singles=singles,
        pairs=pairs,
        metrics=len(lost[0].names),
        usable=usable,
        rows=reads.production.rows,
        labelled=labelled,
        partial=cut_short(size, reads.production.rows),
        windows=reads.production.windows,
        own_windows=reads.own,
        base_rate=rate,
        error=error,
        size=size,
        task=workspace.case.task,
        timezone=workspace.case.timezone,
        called=sides_called,
    )


def _only(methods: Sequence[str], lost: tuple[Lost, Lost]) -> tuple[Lost, Lost]:
    """Keep the metrics that were asked for."""
    able = lost[0].names
    wanted = able if {"default", "all"} & set(methods) else tuple(methods)
    unknown = next((name for name in wanted if name not in able), None)
    if unknown is not None:
        raise MethodError(
            f"There is no metric '{unknown}' of segments of this case.{nearest(unknown, able)} Use default or {', '.join(able)}."
        )
    at = [able.index(name) for name in wanted]
    first, second = (replace(one, names=wanted, values=one.values[at]) for one in lost)
    return first, second


def _cells(at: int, cut: Sequence[CutColumn], side: Side, lost: Lost) -> Cells:
    kept = lost.rows & (side.window >= 0)
    codes = np.array([one.codes[at][kept] for one in cut], dtype=np.int32).reshape(len(cut), int(kept.sum()))
    losses = [power for values in lost.values[:, kept] for power in (values, values**2)]
    return Cells(codes, side.window[kept], side.windows, np.array([np.ones(int(kept.sum())), *losses]), side.known.read.block[kept])


@dataclass(frozen=True, slots=True)
class _Named:
    """What segments are told by: the columns `cut`, the `names` of losses, what people call columns, and labels beside scores."""

    cut: Sequence[CutColumn]
    names: Sequence[str]
    called: Mapping[str, str]
    scored: Scored | None


def _scored(task: Task, sides: tuple[Side, Side], lost: tuple[Lost, Lost]) -> Scored | None:
    """Return labels and scores of a binary task whose scores are probabilities."""
    if task is not Task.BINARY or BIAS not in lost[0].names:
        return None
    kept = [one.rows & (side.window >= 0) for side, one in zip(sides, lost, strict=True)]
    label, score = ([getattr(one, name)[rows].astype(float) for one, rows in zip(lost, kept, strict=True)] for name in ("label", "score"))
    return Scored((label[0], label[1]), (score[0], score[1]))


def _found(sides: Sides, named: _Named) -> tuple[tuple[Found, ...], int, int]:
    """Search, and add the saved segments with the metric that moved most there."""
    asked = [Segment((Part(i, part),)) for i, one in enumerate(named.cut) if one.named for part in range(len(one.single))]
    searched = search(sides, most=SHOWN, rounds=ROUNDS, q=SEARCH_Q, always=asked)
    looked = searched.singles + searched.pairs
    lucky = {one for one in {one for pick in searched.picks for one in pick.without} if _lucky(sides, named.scored, one, looked)}
    picks = [replace(pick, without=tuple(one for one in pick.without if one not in lucky)) for pick in searched.picks]
    return tuple(_tell(sides, named, one) for one in picks), searched.singles, searched.pairs


def _lucky(sides: Sides, scored: Scored | None, segment: Segment, looked: int) -> bool:
    """Say whether a segment was only searched out because its few positive labels are not normal: its rows are left where they are."""
    counts = None if scored is None else rare_counts(sides, scored, segment)
    return counts is not None and (not counts.known or farthest_count(counts).p_value * looked > SEARCH_Q)


def _tell(sides: Sides, named: _Named, pick: Pick) -> Found:
    cut, first = named.cut, named.cut[pick.segment.parts[0].column]
    asked = first.named and not pick.segment.paired
    counts = rare_counts(sides, named.scored, pick.segment, pick.without) if named.scored is not None else None
    pick = pick if counts is None else replace(pick, loss=list(named.names).index(BIAS))
    own, production = sides.contrast(pick.segment, pick.loss, without=pick.without)
    columns = tuple(dict.fromkeys(cut[one.column].name for one in pick.segment.parts))
    saved, others = not first.paired, [one for one in pick.without if _meet(sides, pick.segment, one)]
    condition = " and not ".join([predicate(pick.segment, cut), *(f"({predicate(one, cut)})" for one in others)])
    more = f", nor in {plural(len(others) - 1, 'other segment')} that changed on its own" if len(others) > 1 else ""
    more = more.replace("on its own", "on their own") if len(others) > 2 else more
    less = f"not ({spoken(others[0], cut, named.called)}){more}" if others else ""
    label = spoken(pick.segment, cut, named.called) + (f" and {less}" if others else "")
    return Found(
        condition=condition,
        name=columns[0] if saved else condition,
        columns=columns,
        metric=named.names[pick.loss],
        pick=pick,
        asked=asked,
        label=columns[0] if saved else label,
        own=own,
        production=production,
        elsewhere=sides.elsewhere(pick.segment, pick.loss, without=pick.without),
        counts=counts,
    )


def _meet(sides: Sides, one: Segment, other: Segment) -> bool:
    """Say whether two segments have rows in common: those taken out before are no part of what is told of the other."""
    return any(bool((sides.inside(one, cells) & sides.inside(other, cells)).any()) for cells in sides.both)


def _usual(task: Task, lost: Lost) -> tuple[float, float]:
    """Return the share of positives and the mean absolute error of the reference, nan where the task has none."""
    nan = float("nan")
    if not lost.rows.any():
        return nan, nan
    rate = float(lost.label[lost.rows].mean()) if task is Task.BINARY else nan
    error = float(np.abs(lost.score[lost.rows] - lost.label[lost.rows]).mean()) if task is Task.REGRESSION else nan
    return rate, error


def _unlabelled(lost: tuple[Lost, Lost]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(name, "no_labels", f"No row of the {name} has a label and an answer, so no segment can be looked at.")
        for name, one in zip(("reference", "production"), lost, strict=True)
        if not one.rows.any()
    )
