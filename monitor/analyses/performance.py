"""Is the model still right? Every metric by window, with its interval, beside the reference; labels as of a date."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.baselines import baseline_weights
from monitor.analyses.label_evidence import label_evidence
from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.label_notes import label_notes
from monitor.analyses.label_weights import stand_for_all
from monitor.analyses.labels import Answers, Known, arrival_of, clock_time, last_moment, moment_of
from monitor.analyses.naming import side_names
from monitor.analyses.own_metrics import OwnMetrics
from monitor.analyses.performance_metrics import Outcome, Pools, Track, segments_of
from monitor.analyses.performance_result import MEASURED, Against, Fine, PerformanceResult
from monitor.analyses.performance_rows import Asked, Reads
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import Cancel, OutcomeRows, Progress, Workspace, finer
from monitor.errors import MethodError, SelectionError, nearest
from monitor.profile import Windows
from monitor.stats.performance.maturity import Arrival
from monitor.tables import Provenance, Skipped
from monitor.vocabulary import Task
from monitor.wording import plural

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MANY_WINDOWS = 30
"""Reference windows from which they alone say how metrics vary, and for how long."""
ROWS_IN_FINE = 100
"""Labelled rows of a usual shorter window from which runs are looked for in these."""


def measure_performance(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    by: str | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> PerformanceResult:
    """Measure every metric of a model's answers in every window.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : ids of metrics, or "default" or "all" for all that the task has.
    by : also each of the commonest levels of a column.
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    ColumnMissingError
        The case names no label, or nothing that the model answers, or there is no column `by`.
    MethodError
        A metric is unknown, or nothing says which class is positive.
    SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    workspace = workspace if as_of is None else workspace.known_at(clock_time(as_of, workspace.case.timezone))
    question, answers = take_apart(workspace, (question or Question()).until(as_of)), Answers.of(workspace)
    wanted = _metrics(methods, workspace.case.task, answers.own)
    if "value" in methods and not answers.worth:
        raise MethodError("The case does not say what decisions are worth. Write [value] with tp, fp, fn and tn in case.toml.")
    if by is not None:
        workspace.schema.info(by)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    asked = Asked(workspace, answers, question, by, cancel)
    reads = asked.read(size, progress)
    moment = last_moment(answers, (reads.reference, reads.production)) if as_of is None else moment_of(as_of, workspace.case.timezone)
    sides = reads.sides(answers, moment)
    known, production = sides[1].known, reads.production
    curve = arrival_of((sides[0].known, known))
    labelled = np.bincount(production.window[known.labelled], minlength=len(production.windows))
    mature = mature_windows(production, known, curve, labelled)
    against = _against(question, reads, workspace, mature)
    outcome = Outcome(workspace, answers, (reads.reference, production), by)
    plain, (sides, unknown) = sides, stand_for_all(outcome, sides, mature)
    tracks = tuple(one for segment in segments_of(by, production) for one in outcome.tracks(segment, sides, wanted))
    judged = frozenset(methods) & wanted or frozenset(name for name in wanted if answers.own.catalogue[name].leads)
    return PerformanceResult(
        analysis="performance",
        case=workspace.case.name,
        table=MEASURED.check(_table(tracks, (production, known, mature), by, against)),
        skipped=(*_skipped(labelled, (sides[0].known, known)), *label_notes(outcome, sides), *answers.own.refused),
        provenance=provenance_of(asked, reads, size, moment, (began, time.perf_counter() - clock)),
        tracks=tracks,
        pools=Pools(outcome, sides[1], dict(segments_of(by, production))),
        windows=production.windows,
        own_windows=reads.own,
        rows=production.rows,
        labelled=labelled,
        mature=mature,
        partial=cut_short(size, production.rows),
        arrival=curve,
        judged=judged,
        fine=_fine(asked, reads, size, (moment, curve), (outcome, judged)) if against is None else None,
        evidence={**outcome.evidence(sides, mature), **label_evidence(outcome, plain[1], mature, moment)},
        weighed=sides is not plain,
        unknown=unknown,
        size=size,
        task=workspace.case.task,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
        against=against,
        catalogue=answers.own.catalogue,
    )


def _against(question: Question, reads: Reads, workspace: Workspace, mature: Bools) -> Against | None:
    """Return which windows each is compared with; None where that is the whole reference. Nobody is compared with a window that waits."""
    windows, none = reads.production.windows, Windows((), reads.own.start[:0], reads.own.end[:0])
    found = baseline_weights(question.against, reads.own, windows, workspace.case)
    own = baseline_weights(question.against, none, reads.own, workspace.case)
    if found.weights is None or own.weights is None:
        return None
    usable = np.concatenate([np.ones(len(reads.own), dtype=bool), mature])
    return Against(production=found.weights & usable, own=own.weights, described=found.described)


def _fine(asked: Asked, reads: Reads, size: WindowSize, known: tuple[int, Arrival], told: tuple[Outcome, frozenset[str]]) -> Fine | None:
    """Measure the judged metrics in shorter windows, where the reference has few long ones and rows are enough for short ones."""
    shorter = finer(size) if size.calendar else None
    if shorter is None or len(reads.own) >= MANY_WINDOWS:
        return None
    try:
        short = asked.read(shorter)
    except SelectionError:  # more windows than anybody can look at
        return None
    moment, curve = known
    outcome, judged = told
    sides = short.sides(asked.answers, moment)
    production, of = short.production, sides[1].known
    labelled = np.bincount(production.window[of.labelled], minlength=len(production.windows))
    if float(np.median(labelled)) < ROWS_IN_FINE or len(short.own) <= len(reads.own):
        return None
    mature = mature_windows(production, of, curve, labelled)
    sides, unknown = stand_for_all(outcome, sides, mature)
    tracks = [one for segment in segments_of(asked.by, reads.production) for one in outcome.tracks(segment, sides, judged)]
    place = np.searchsorted(reads.production.windows.start, production.windows.start, side="right") - 1
    return Fine(
        tracks={one.name: one for one in tracks},
        windows=production.windows,
        size=shorter,
        place=place,
        labelled=labelled,
        mature=mature & ~unknown,
        pools=Pools(outcome, sides[1], dict(segments_of(asked.by, reads.production))),
    )


def _metrics(methods: Sequence[str], task: Task, own: OwnMetrics) -> frozenset[str]:
    able = [one.id for one in own.catalogue.values() if task in one.tasks]
    refused = next((one for one in own.refused if one.what in methods), None)
    if refused is not None:
        raise MethodError(refused.message)
    found: set[str] = set()
    for name in methods:
        if name in ("default", "all"):
            found.update(able)
        elif name in able:
            found.add(name)
        else:
            raise MethodError(f"There is no metric '{name}' of a {task} task.{nearest(name, able)} Use default or {', '.join(able)}.")
    return frozenset(found)


def _table(tracks: Sequence[Track], side: tuple[OutcomeRows, Known, Bools], by: str | None, against: Against | None) -> pd.DataFrame:
    production, known, mature = side
    shares = {segment: _shares(production, known, by, level) for segment, level in segments_of(by, production)}
    parts = []
    for one in tracks:
        labelled, share = shares[one.segment]
        found = one.production
        parts.append(
            pd.DataFrame(
                {
                    "window": production.windows.ids,
                    "segment": one.segment or None,
                    "class": one.klass or None,
                    "metric": one.metric,
                    "value": found.value,
                    "lower": found.lower,
                    "upper": found.upper,
                    "n_labelled": labelled,
                    "label_share": share,
                    "mature": mature,
                    "reference_value": float(one.whole.value[0]) if against is None else against.base(one)[0].value,
                    "reason": [reason or None for reason in found.reason],
                    "n": found.n.round().astype(np.int64),
                    "window_start": production.windows.start,
                    "window_end": production.windows.end,
                    "n_production": production.rows,
                }
            )
        )
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(MEASURED.columns))


def _shares(production: OutcomeRows, known: Known, by: str | None, level: str) -> tuple[Ints, Floats]:
    inside = np.ones(len(production.window), dtype=bool) if not level or by is None else production.levels[by].are(level)
    many = len(production.windows)
    rows, labelled = (np.bincount(production.window[part], minlength=many) for part in (inside, inside & known.labelled))
    with np.errstate(invalid="ignore", divide="ignore"):
        return labelled, np.where(rows > 0, labelled / rows, np.nan)


def _skipped(labelled: Ints, known: tuple[Known, ...]) -> tuple[Skipped, ...]:
    found = []
    for name, side in zip(("reference", "production"), known, strict=True):
        if not side.labelled.any():
            many = plural(len(side.labelled), "row")
            found.append(Skipped(name, "no_labels", f"None of the {many} of the {name} has a label, so there is nothing to compare with."))
    return tuple(found)


def provenance_of(asked: Asked, reads: Reads, size: WindowSize, moment: int, timed: tuple[datetime, float]) -> Provenance:
    """Return where the numbers of an analysis of labels come from; `timed` is when it began, and the seconds it took."""
    question, answers, workspace = asked.question, asked.answers, asked.workspace
    chosen = {"reference": question.reference, "production": question.production}
    both: Mapping[str, OutcomeRows] = {"reference": reads.reference, "production": reads.production}
    settings = {
        "windows": str(size),
        "against": "the whole reference" if question.against == "reference" else question.against,
        "label": answers.label,
        "threshold": answers.threshold if answers.prediction is None else None,
        "by": asked.by,
        "as_of": str(np.datetime64(moment, "us")) if answers.arrived or answers.timestamp else None,
    }
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection in chosen.values()},
        selections={side: selection.describe() for side, selection in chosen.items()},
        settings=settings,
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", read.sql) for side, read in both.items()),
        rows={
            side: {"used": int(read.rows.sum()), "excluded": {one.reason: one.rows for one in read.excluded}} for side, read in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
