"""Did the relation of inputs and labels change? Each change of a metric in its parts, and what depends on what otherwise."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from monitor.analyses.apart import take_apart
from monitor.analyses.baselines import not_compared
from monitor.analyses.concept_result import MEASURED, ConceptResult, ConceptTrack, table_of
from monitor.analyses.concept_tracks import ConceptRows
from monitor.analyses.label_doubts import SELECTED, label_doubts, labels_apart
from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.labels import Answers, arrival_of, last_moment, moment_of
from monitor.analyses.losses import Losing, Lost, alike
from monitor.analyses.naming import side_names
from monitor.analyses.performance import provenance_of
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Asked, Side
from monitor.analyses.segment_axes import CutColumn
from monitor.analyses.segment_columns import columns_of_segments, cut_columns, wanted_of
from monitor.analyses.sides import Question, cut_short
from monitor.analyses.version_parts import OtherVersions, version_column, without_each
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Wanted, Workspace
from monitor.errors import MethodError, nearest
from monitor.profile import Windows
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.tables import Skipped
from monitor.vocabulary import Task

AS_LONG = 0.9
"""Part of a judged window's time that windows of the reference last at least where columns are judged; months differ by as much."""

LEAST_WINDOWS = 4
"""Windows as long as the judged ones that the reference's time holds at least, for anything to be judged."""

TOO_SHORT = Skipped(
    "concept",
    "short_reference",
    f"The relation was not judged: the reference lasts less than {LEAST_WINDOWS} windows. Choose smaller windows or a longer reference.",
)
SHORT = Skipped(
    "columns",
    "short_reference",
    "What labels depend on was not judged by column: windows of the reference are shorter. Choose smaller windows or a longer reference.",
)
SELECTIVE = Skipped(
    "concept",
    "other_rows_labelled",
    "How the metric, how common labels are and what they depend on changed is not told: labels of the two sides are of other rows.",
)


def measure_concept(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ConceptResult:
    """Split the change of a metric into its causes, and look for labels and errors that depend on columns otherwise.

    Parameters
    ----------
    methods : ids of methods, or "default" or "all".
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    ColumnMissingError, MethodError, SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    wanted = _methods(methods)
    question, answers = take_apart(workspace, (question or Question()).until(as_of)), Answers.of(workspace)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    columns, left = columns_of_segments(workspace, question, answers)
    column = version_column(workspace)
    also = Wanted(levels=() if column is None else (column,))
    asked = Asked(workspace, answers, question, None, cancel, wanted_of(workspace, columns).also(also))
    reads = asked.read(size, progress)
    moment = last_moment(answers, (reads.reference, reads.production)) if as_of is None else moment_of(as_of, workspace.case.timezone)
    sides = reads.sides(answers, moment)
    losing = Losing(workspace, answers, (reads.reference, reads.production))
    lost = alike((losing.of(sides[0].known), losing.of(sides[1].known)))
    labelled = np.bincount(reads.production.window[lost[1].rows], minlength=len(reads.production.windows))
    usable = mature_windows(reads.production, sides[1].known, arrival_of((sides[0].known, sides[1].known)), labelled) & (labelled > 0)
    metric = lost[0].names[-1]
    outcome = Outcome(workspace, answers, (reads.reference, reads.production), None)
    called = side_names(question, workspace.case.timezone)
    apart = labels_apart(outcome, sides, usable)
    able_to_tell = wanted - SELECTED if apart else wanted
    tracks: tuple[ConceptTrack, ...] = ()
    others: tuple[OtherVersions, ...] = ()
    if lost[0].rows.any() and lost[1].rows.any():
        cut = [one for one in cut_columns(workspace, reads, columns) if one.paired]
        named = [(one, workspace.case.label(one.name)) for one in cut]
        tracks = tuple(one for one in ConceptRows.of(sides, lost, named, answers.task).tracks(metric) if one.method in able_to_tell)
        others = tuple(_others(sides, lost, named, (column, answers.task, metric)))
    comparable, able = _as_long(reads.own, reads.production.windows), _long_enough(reads.own, reads.production.windows)
    return ConceptResult(
        analysis="concept",
        case=workspace.case.name,
        table=MEASURED.check(table_of(tracks, reads.production.windows, labelled, metric)),
        skipped=(
            *left,
            *_unlabelled(lost),
            *_short(able, comparable or not tracks),
            *label_doubts(outcome, sides, usable, called.a),
            *((SELECTIVE,) if apart else ()),
            *not_compared(question.against, "The relation"),
        ),
        provenance=provenance_of(asked, reads, size, moment, (began, time.perf_counter() - clock)),
        tracks=tracks,
        metric=metric,
        usable=usable,
        rows=reads.production.rows,
        labelled=labelled,
        partial=cut_short(size, reads.production.rows),
        windows=reads.production.windows,
        own_windows=reads.own,
        size=size,
        task=workspace.case.task,
        timezone=workspace.case.timezone,
        comparable=comparable,
        able=able,
        called=called,
        others=others,
    )


def _others(
    sides: tuple[Side, Side], lost: tuple[Lost, Lost], cut: Sequence[tuple[CutColumn, str]], of: tuple[str | None, Task, str]
) -> Iterator[OtherVersions]:
    """Yield what is measured without the rows of each version of the model."""
    column, task, metric = of
    for name, began, kept in without_each(sides[1].known.read, column, lost[1].rows):
        tracks = ConceptRows.of(sides, (lost[0], replace(lost[1], rows=kept)), cut, task).tracks(metric) if kept.any() else ()
        inside = sides[1].window[kept]
        rows = np.bincount(inside[inside >= 0], minlength=sides[1].windows)
        yield OtherVersions(name, began, {one.name: one.value for one in tracks}, rows)


def _short(able: bool, comparable: bool) -> tuple[Skipped, ...]:
    return (TOO_SHORT,) if not able else () if comparable else (SHORT,)


def _as_long(own: Windows, windows: Windows) -> bool:
    """Say whether windows of the reference are about as long as the judged ones: a shorter one holds fewer days, weathers and hours, whose
    differences then look like columns that labels depend on otherwise."""
    if not len(own) or not len(windows) or np.isnat(own.start).any() or np.isnat(windows.start).any():
        return True
    usual, judged = (float(np.median((one.end - one.start) / np.timedelta64(1, "s"))) for one in (own, windows))
    return usual >= AS_LONG * judged


def _long_enough(own: Windows, windows: Windows) -> bool:
    """Say whether the reference is long enough to know how windows as long as the judged ones vary."""
    if not len(own) or not len(windows) or np.isnat(own.start).any() or np.isnat(windows.start).any():
        return True
    return bool((own.end - own.start).sum() >= LEAST_WINDOWS * np.median(windows.end - windows.start))


def _methods(methods: Sequence[str]) -> frozenset[str]:
    if {"default", "all"} & set(methods):
        return frozenset(CONCEPT)
    unknown = next((name for name in methods if name not in CONCEPT), None)
    if unknown is not None:
        raise MethodError(
            f"There is no method '{unknown}' of concept drift.{nearest(unknown, CONCEPT)} Use default or {', '.join(CONCEPT)}."
        )
    return frozenset(methods)


def _unlabelled(lost: tuple[Lost, Lost]) -> tuple[Skipped, ...]:
    return tuple(
        Skipped(name, "no_labels", f"No row of the {name} has a label and an answer, so its relation cannot be looked at.")
        for name, one in zip(("reference", "production"), lost, strict=True)
        if not one.rows.any()
    )
