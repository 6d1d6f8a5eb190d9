"""Does the model treat groups alike? Every metric by group of the protected attributes, beside all other rows, by window."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.apart import take_apart
from monitor.analyses.baselines import not_compared
from monitor.analyses.fairness_groups import MOST_GROUPS, UNLABELLED, GapTrack, Groups, gap_tracks, groups_of
from monitor.analyses.fairness_result import MEASURED, FairnessResult
from monitor.analyses.label_doubts import label_doubts
from monitor.analyses.label_maturity import mature_windows
from monitor.analyses.label_notes import label_notes
from monitor.analyses.labels import Answers, arrival_of, clock_time, last_moment, moment_of
from monitor.analyses.naming import side_names
from monitor.analyses.performance_metrics import Outcome
from monitor.analyses.performance_rows import Asked, Reads
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, cut_short
from monitor.case import WindowSize
from monitor.engine import Cancel, Progress, Workspace
from monitor.errors import ColumnMissingError, MethodError, SelectionError, nearest
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.disparity import BETWEEN, JUDGED, Between, between, gap
from monitor.stats.performance.estimates import TOO_FEW
from monitor.tables import Provenance, Skipped
from monitor.vocabulary import Kind, Task
from monitor.wording import list_text, plural

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def measure_fairness(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    by: str | None = None,
    as_of: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> FairnessResult:
    """Measure every metric of each group of the protected attributes beside that of all other rows.

    Parameters
    ----------
    question : what is compared; default all of production, by the case's windows, with the reference.
    methods : ids of metrics, or "default" or "all" for all that the task has.
    by : a column whose groups are compared instead of those of the protected columns.
    as_of : only labels that were known then count; default the last moment in the data.

    Raises
    ------
    ColumnMissingError
        No column is protected and none was named, or the case names nothing that the model answers.
    MethodError
        A metric is unknown, or nothing says which class is positive.
    SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    workspace = workspace if as_of is None else workspace.known_at(clock_time(as_of, workspace.case.timezone))
    question, answers = take_apart(workspace, (question or Question()).until(as_of)), Answers.of(workspace, labelled=False)
    attributes = _attributes(workspace, by)
    wanted = _wanted(methods, workspace.case.task)
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    looked = [
        _look(Asked(workspace, answers, question, name, cancel), size, as_of, _part(progress, i, len(attributes)))
        for i, name in enumerate(attributes)
    ]
    tracks = tuple(one for found in looked for one in found.tracks if one.metric in wanted)
    first = looked[0]
    return FairnessResult(
        analysis="fairness",
        case=workspace.case.name,
        table=MEASURED.check(_table(tracks, first)),
        skipped=(
            *dict.fromkeys((*(note for found in looked for note in found.notes), *first.doubts)),
            *not_compared(question.against, "Fairness"),
        ),
        provenance=_provenance(first, question, attributes, (began, time.perf_counter() - clock)),
        tracks=tracks,
        windows=first.reads.production.windows,
        own_windows=first.reads.own,
        rows=first.reads.production.rows,
        labelled=first.labelled,
        mature=first.mature,
        partial=cut_short(size, first.reads.production.rows),
        judged=frozenset(methods) & wanted or frozenset(JUDGED) & wanted,
        size=size,
        task=workspace.case.task,
        timezone=workspace.case.timezone,
        called=side_names(question, workspace.case.timezone),
    )


def _attributes(workspace: Workspace, by: str | None) -> tuple[str, ...]:
    """Return the columns whose groups are compared."""
    if by is not None:
        workspace.schema.info(by)
        return (by,)
    named = workspace.case.roles.protected
    if not named:
        raise ColumnMissingError(
            "No column of the case is protected. Name one as protected in [roles] of case.toml, or a column with --by."
        )
    held = [name for name in named if set(workspace.columns[name].types) >= {"reference", "production"}]
    if not held:
        raise ColumnMissingError(f"{list_text([repr(name) for name in named])} must be in the reference and in production to be compared.")
    return tuple(held)


def _wanted(methods: Sequence[str], task: Task) -> frozenset[str]:
    able = [one.id for one in METRICS.values() if task in one.tasks]
    named = [name for name in methods if name not in ("default", "all")]
    wrong = next((name for name in named if name not in able), None)
    if wrong is not None:
        raise MethodError(f"There is no metric '{wrong}' of a {task} task.{nearest(wrong, able)} Use default or {', '.join(able)}.")
    return frozenset(able if len(named) < len(methods) else named)


def _part(progress: Progress | None, i: int, many: int) -> Progress | None:
    if progress is None:
        return None
    return lambda share, text: progress((i + share) / many, text)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Looked:
    """What was found of one attribute."""

    reads: Reads
    size: WindowSize
    workspace: Workspace
    labelled: Ints
    mature: Bools
    tracks: tuple[GapTrack, ...]
    notes: tuple[Skipped, ...]
    doubts: tuple[Skipped, ...]


def _look(asked: Asked, size: WindowSize, as_of: datetime | None, progress: Progress | None) -> _Looked:
    answers, workspace, name = asked.answers, asked.workspace, str(asked.by)
    reads = asked.read(size, progress)
    moment = last_moment(answers, (reads.reference, reads.production)) if as_of is None else moment_of(as_of, workspace.case.timezone)
    sides = reads.sides(answers, moment)
    known = sides[1].known
    labelled = np.bincount(reads.production.window[known.labelled], minlength=len(reads.production.windows))
    mature = mature_windows(reads.production, known, arrival_of((sides[0].known, known)), labelled)
    numeric = workspace.columns[name].kind is Kind.NUMERIC
    groups = groups_of(reads.reference.levels[name], reads.production.levels[name], numeric=numeric)
    if len(groups.names) < 2:
        only = f" ({groups.names[0]!r})" if groups.names else ""
        raise SelectionError(f"'{name}' has {plural(len(groups.names), 'group')}{only}: there is nothing to compare. Name another column.")
    outcome = Outcome(workspace, answers, (reads.reference, reads.production), name)
    return _Looked(
        reads=reads,
        size=size,
        workspace=workspace,
        labelled=labelled,
        mature=mature,
        tracks=tuple(gap_tracks((name, workspace.case.label(name)), groups, outcome, sides, mature)),
        notes=(*_notes(name, groups, reads, answers), *label_notes(outcome, sides)),
        doubts=tuple(label_doubts(outcome, sides, mature, side_names(asked.question, workspace.case.timezone).a)),
    )


def _notes(name: str, groups: Groups, reads: Reads, answers: Answers) -> Iterator[Skipped]:
    """Yield what is not told of an attribute."""
    missing = int((groups.production < 0).sum())
    if missing:
        text = f"{plural(missing, 'row')} of production without a value of '{name}' belong to no group and are left out."
        yield Skipped(name, "group_missing", text)
    rare = int((groups.production == len(groups.names)).sum())
    if rare:
        yield Skipped(
            name,
            "rare_groups",
            f"'{name}' has more than {MOST_GROUPS} groups: {plural(rare, 'row')} of the rarer ones only count as others.",
        )
    if not answers.label:
        yield Skipped(name, "no_labels", "The case names no label, so only how often groups are decided positive can be compared.")


def _table(tracks: Sequence[GapTrack], looked: _Looked) -> pd.DataFrame:
    windows = looked.reads.production.windows
    parts = [_rows(one, looked) for one in tracks]
    parts += list(_together(tracks, looked))
    if not parts:
        return pd.DataFrame(columns=list(MEASURED.columns))
    table = pd.concat(parts, ignore_index=True)
    bounds = {"window_start": windows.start, "window_end": windows.end, "n_production": looked.reads.production.rows}
    return table.assign(**{name: np.tile(values, len(parts)) for name, values in bounds.items()})


def _rows(one: GapTrack, looked: _Looked) -> pd.DataFrame:
    mine, found = one.production.one, gap(one.production.one, one.production.other, one.scale)
    whole = gap(one.whole.one, one.whole.other, one.scale)
    reason = np.where(mine.reason != "", mine.reason, np.where(one.production.other.reason != "", "too_few_others", ""))
    return pd.DataFrame(
        {
            "attribute": one.attribute,
            "group": one.group,
            "window": looked.reads.production.windows.ids,
            "metric": one.metric,
            "value": mine.raw,
            "lower": mine.lower,
            "upper": mine.upper,
            "n": mine.n.round().astype(np.int64),
            "difference": found.difference,
            "ratio": found.ratio,
            "class": one.klass or None,
            "others": one.production.other.raw,
            "difference_lower": found.difference_lower,
            "difference_upper": found.difference_upper,
            "ratio_lower": found.ratio_lower,
            "ratio_upper": found.ratio_upper,
            "reference_value": float(one.whole.one.raw[0]),
            "reference_ratio": float(whole.ratio[0]),
            "mature": looked.mature | (one.metric in UNLABELLED),
            "reason": [text or None for text in reason],
        }
    )


def _together(tracks: Sequence[GapTrack], looked: _Looked) -> Iterator[pd.DataFrame]:
    """Yield what is told of all groups of an attribute together, class by class."""
    for attribute in dict.fromkeys(one.attribute for one in tracks):
        mine = [one for one in tracks if one.attribute == attribute]
        for klass in dict.fromkeys(one.klass for one in mine):
            for name in BETWEEN:
                metrics = [metric for metric, fair in JUDGED.items() if fair.gives == name]
                found = {m: [one for one in mine if (one.metric, one.klass) == (m, klass)] for m in metrics}
                told = {m: groups for m, groups in found.items() if len(groups) > 1}
                if told:
                    yield _all_groups((attribute, klass, name), told, looked)


def _all_groups(key: tuple[str, str, str], told: dict[str, list[GapTrack]], looked: _Looked) -> pd.DataFrame:
    """Return the largest difference and the smallest ratio between two groups, the worst of its metrics."""
    now = [between([one.production.one for one in groups], groups[0].scale) for groups in told.values()]
    before = [between([one.whole.one for one in groups], groups[0].scale) for groups in told.values()]
    worst = _worst(now)
    few = np.any([one.few for one in now], axis=0)
    at = {
        name: _chosen([getattr(one.gap, name) for one in now], worst[0]) for name in ("difference", "difference_lower", "difference_upper")
    }
    at |= {name: _chosen([getattr(one.gap, name) for one in now], worst[1]) for name in ("ratio", "ratio_lower", "ratio_upper")}
    attribute, klass, name = key
    none = ~np.isfinite(at["difference"])
    return pd.DataFrame(
        {
            "attribute": attribute,
            "group": None,
            "window": looked.reads.production.windows.ids,
            "metric": name,
            "value": at["difference"],
            "lower": at["difference_lower"],
            "upper": at["difference_upper"],
            "n": np.min([one.n for one in now], axis=0).round().astype(np.int64),
            "class": klass or None,
            "others": np.nan,
            **at,
            "reference_value": float(np.max([one.gap.difference[0] for one in before])),
            "reference_ratio": float(np.min([one.gap.ratio[0] for one in before])),
            "mature": looked.mature | (set(told) <= UNLABELLED),
            "reason": [text or None for text in np.select([none, few], ["no_rows", TOO_FEW], "").tolist()],
        }
    )


def _worst(found: list[Between]) -> tuple[Ints, Ints]:
    """Return by window which of the metrics has the largest difference and which the smallest ratio."""
    difference, ratio = (np.array([getattr(one.gap, name) for one in found]) for name in ("difference", "ratio"))
    return np.argmax(np.nan_to_num(difference, nan=-np.inf), axis=0), np.argmin(np.nan_to_num(ratio, nan=np.inf), axis=0)


def _chosen(values: list[Any], at: Ints) -> Any:
    return np.array(values)[at, np.arange(len(at))]


def _provenance(looked: _Looked, question: Question, attributes: tuple[str, ...], timed: tuple[datetime, float]) -> Provenance:
    workspace, reads = looked.workspace, looked.reads
    chosen = {"reference": question.reference, "production": question.production}
    both = {"reference": reads.reference, "production": reads.production}
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection in chosen.values()},
        selections={side: selection.describe() for side, selection in chosen.items()},
        settings={"windows": str(looked.size), "attributes": list(attributes), "compared": "each group with all other rows"},
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", read.sql) for side, read in both.items()),
        rows={
            side: {"used": int(read.rows.sum()), "excluded": {one.reason: one.rows for one in read.excluded}} for side, read in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
    )
