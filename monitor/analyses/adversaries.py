"""Does somebody play against the model? Rows alike, crowds at the threshold, probes and the like, beside what the reference had of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.adversary_fragility import Fragility, measure_fragility
from monitor.analyses.adversary_kinds import alike, busiest, combinations
from monitor.analyses.adversary_levels import VALUE, busiest_level, busiest_value, repeated
from monitor.analyses.adversary_scores import crowding, flips, near_side, places_of, probing
from monitor.analyses.adversary_sides import Candidate, Coded, Track, levels_text, read_sides
from monitor.analyses.apart import take_apart
from monitor.analyses.naming import PLAIN, SideNames, side_names
from monitor.analyses.recording import versions
from monitor.analyses.sides import Question, cut_short
from monitor.analyses.threshold import rule_of
from monitor.case import WindowSize
from monitor.engine import Cancel, Measured, Progress, Workspace, find_probes, rows_at
from monitor.engine.windows import NO_TIME
from monitor.errors import MethodError, nearest
from monitor.profile import Windows
from monitor.stats.adversaries.catalogue import KINDS
from monitor.tables import Contract, Provenance, Result, Skipped
from monitor.vocabulary import Kind as ColumnKind
from monitor.watch import Watch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PROBES = 5
"""Values of a column that make a probe."""
BY_SCORE = ("threshold_crowding", "probing", "score_flips")
"""Kinds that need the score and its threshold."""
LONGEST = 60
"""Letters of a value that rows have in common."""
MOST_IDS = 100_000
"""Letters that a list of ids may have in a table."""
MEASURED = Contract(
    "adversaries",
    ("window", "kind"),
    {
        "window": "id of the production window",
        "kind": f"one of {', '.join(KINDS)}",
        "score": "near_duplicates: rows of the largest cluster beyond expectation; threshold_crowding: share of the rows about the "
        "threshold that lie just across it; probing, score_flips: rows; new_combinations: share of rows; concentration: rows of the "
        "busiest hour (of the commonest id; of a level, or of the commonest value: in times of the reference's most)",
        "expected": "the same in a usual window of the reference, for as many rows",
        "n_rows": "rows of the window that made it: of near-duplicates the whole cluster, also in windows beside it, "
        "without rows alike that lie apart in time, which `score` counts",
        "segment": "levels that all these rows share, a condition; null: none",
        "ids": "their ids, a JSON list (rows 'file:row' where the case names no id)",
        "message": "the finding in words, null: none",
    },
    dict.fromkeys(("score", "expected", "limit"), "rows, a share or times, by `kind`"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Rows that made a number large, as people need them: what a `candidate` says, the rows as `place` (k, 2) with `ids`, their first and
    last moment in UTC (NaT where unknown), the range of their scores, and on which `side` of the threshold which share of them lies."""

    candidate: Candidate
    place: Ints
    ids: tuple[str, ...]
    start: np.datetime64
    end: np.datetime64
    scores: tuple[float, float]
    side: str
    share_near: float
    segment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversariesResult(Result):
    """Measured signs of concerted behaviour: `tracks`, the `groups` of rows behind what is large, `rows` (w,) of each window; `data` the
    data set that they are of; `left_out` columns that rows were not compared in; `threshold` of the score, nan: none;
    `fragility` of decisions, None where nothing is decided by a score; `labels` of columns."""

    tracks: tuple[Track, ...]
    groups: tuple[Group, ...]
    windows: Windows
    own_windows: Windows
    rows: Ints
    partial: Bools
    size: WindowSize
    timezone: str
    data: str
    last_moment: np.datetime64
    left_out: tuple[str, ...]
    threshold: float
    fragility: Fragility | None
    labels: Mapping[str, str] = field(default_factory=dict)
    called: SideNames = PLAIN


def measure_adversaries(
    workspace: Workspace,
    question: Question | None = None,
    *,
    methods: Sequence[str] = ("default",),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AdversariesResult:
    """Count what people and machines leave behind who play against a model.

    Parameters
    ----------
    methods : ids of kinds, or "default" or "all".

    Raises
    ------
    MethodError, ColumnMissingError, SelectionError, CancelledError
    """
    began, clock = datetime.now(UTC), time.perf_counter()
    wanted = _kinds(methods)
    question = take_apart(workspace, question or Question())
    size = workspace.case.windows if question.windows is None else WindowSize.parse(question.windows)
    rule = rule_of(workspace)
    threshold = float("nan") if isinstance(rule, str) else rule.threshold
    score = None if isinstance(rule, str) else _score(workspace, rule.score)
    watch = Watch(progress, cancel)
    coded = read_sides(workspace, question, size, score, progress=watch.part(0.0, 0.8).progress, cancel=cancel)
    tracks, found = _every(workspace, (question, size), coded, wanted, (score, threshold), cancel)
    groups = _groups(workspace, question.production.data, coded, found, threshold)
    fragility, doubts = (None, ()) if score is None else measure_fragility(workspace, question, coded, threshold, watch.part(0.8, 1.0))
    without = tuple(coded.cuts[i].measured.name for i in sorted(coded.clock | coded.keys))
    return AdversariesResult(
        analysis="adversaries",
        case=workspace.case.name,
        table=MEASURED.check(_table(wanted, tracks, coded.production.windows)),
        skipped=(*_skipped(coded, wanted, tracks, rule if isinstance(rule, str) else ""), *doubts),
        provenance=_provenance(workspace, question, coded, (size, without, threshold, fragility), (began, time.perf_counter() - clock)),
        tracks=tuple(tracks),
        groups=tuple(groups),
        windows=coded.production.windows,
        own_windows=coded.own,
        rows=coded.production.rows,
        partial=cut_short(size, coded.production.rows),
        size=size,
        timezone=workspace.case.timezone,
        data=question.production.data,
        last_moment=coded.production.windows.end[-1],
        left_out=without,
        threshold=threshold,
        fragility=fragility,
        labels={one.measured.column: workspace.case.label(one.measured.column) for one in coded.cuts},
        called=side_names(question, workspace.case.timezone),
    )


def _kinds(methods: Sequence[str]) -> tuple[str, ...]:
    if {"default", "all"} & set(methods):
        return tuple(KINDS)
    unknown = next((name for name in methods if name not in KINDS), None)
    if unknown is not None:
        raise MethodError(f"There is no kind '{unknown}' of adversaries.{nearest(unknown, KINDS)} Use default or {', '.join(KINDS)}.")
    return tuple(name for name in KINDS if name in methods)


def _score(workspace: Workspace, name: str) -> Measured:
    return next(one for one in workspace.measured([name]) if one.kind is ColumnKind.NUMERIC)


def _every(
    workspace: Workspace,
    asked: tuple[Question, WindowSize],
    coded: Coded,
    wanted: Sequence[str],
    rule: tuple[Measured | None, float],
    cancel: Cancel | None,
) -> tuple[list[Track], list[Candidate]]:
    """Look for every kind that is wanted."""
    labels = [workspace.case.label(coded.cuts[i].measured.name) for i in coded.kept if not coded.cuts[i].numeric]
    segments = frozenset(workspace.case.roles.segments)
    score, threshold = rule
    ways: list[tuple[str, Callable[[], tuple[list[Track], list[Candidate]]]]] = [
        ("near_duplicates", lambda: alike(coded)),
        ("new_combinations", lambda: combinations(coded, labels)),
        ("concentration", lambda: busiest(coded)),
        ("concentration", lambda: busiest_level(coded, segments)),
        ("concentration", lambda: busiest_value(coded, segments)),
        ("concentration", lambda: repeated(coded, workspace.case.roles.id)),
    ]
    if score is not None:
        of = (score, threshold)
        ways += [
            ("threshold_crowding", lambda: crowding(coded, threshold)),
            ("probing", lambda: _probes(workspace, asked, coded, of, cancel)),
            ("score_flips", lambda: flips(coded, threshold)),
        ]
    found = [look() for kind, look in ways if kind in wanted]
    return [one for tracks, _ in found for one in tracks], [one for _, told in found for one in told]


def _probes(
    workspace: Workspace, asked: tuple[Question, WindowSize], coded: Coded, rule: tuple[Measured, float], cancel: Cancel | None
) -> tuple[list[Track], list[Candidate]]:
    question, size = asked
    measured = [coded.cuts[i].measured for i in coded.kept]
    if len(measured) < 2:
        return [], []
    whole = WindowSize(1, "whole") if size.unit == "rows" else size
    before, after = (
        find_probes(workspace, side, of, measured, rule, least=PROBES, cancel=cancel)
        for side, of in ((question.reference, whole), (question.production, size))
    )
    own = np.zeros(len(coded.own_window), dtype=bool)
    own[places_of(coded.reference.place, before.place)] = True
    return probing(coded, own, after, [one.column for one in measured])


def _groups(workspace: Workspace, data: str, coded: Coded, found: Sequence[Candidate], threshold: float) -> list[Group]:
    """Return candidates with the ids, times and scores of their rows."""
    every = np.unique(np.concatenate([one.rows for one in found])) if found else np.zeros(0, dtype=np.int64)
    place = coded.production.place[every]
    name = workspace.case.roles.id
    if name is not None and data in workspace.schema.info(name).types and len(every):
        ids = [str(one) for one in rows_at(workspace, data, place, [name]).column(0).to_pylist()]
    else:
        ids = [f"{file}:{row}" for file, row in place.tolist()]
    return [_group(workspace, coded, _with_value(workspace, data, coded, one), (every, ids), threshold) for one in found]


def _with_value(workspace: Workspace, data: str, coded: Coded, one: Candidate) -> Candidate:
    """Return a candidate of rows that have one value in common with that value first among what they share."""
    if one.track != VALUE:
        return one
    value = rows_at(workspace, data, coded.production.place[one.rows[:1]], [one.column], longest=LONGEST).column(0)[0].as_py()
    return replace(one, column="", levels=((one.column, str(value)), *(pair for pair in one.levels if pair[0] != one.column)))


def _group(workspace: Workspace, coded: Coded, one: Candidate, told: tuple[Ints, Sequence[str]], threshold: float) -> Group:
    at = np.searchsorted(told[0], one.rows)
    known = coded.production.moment[one.rows]
    known = known[known != NO_TIME]
    bounds = [_utc(workspace, int(known.min())), _utc(workspace, int(known.max()))] if len(known) else [np.datetime64("NaT")] * 2
    score = coded.production.score[one.rows]
    finite = score[np.isfinite(score)]
    side, share = near_side(score, coded.reference.score, threshold) if len(finite) else ("", 0.0)
    return Group(
        candidate=one, place=coded.production.place[one.rows], ids=tuple(told[1][i] for i in at), start=bounds[0], end=bounds[1],
        scores=(float(finite.min()), float(finite.max())) if len(finite) else (float("nan"), float("nan")), side=side, share_near=share,
        segment=levels_text(one.levels) or None,
    )  # fmt: skip


def _utc(workspace: Workspace, local: int) -> np.datetime64:
    """Return microseconds of the local clock as a moment in UTC."""
    naive = pd.Timestamp(local, unit="us")
    zoned = naive.tz_localize(workspace.case.timezone, ambiguous=True, nonexistent="shift_forward")
    return np.datetime64(zoned.tz_convert("UTC").tz_localize(None).isoformat(), "us")


def _table(wanted: Sequence[str], tracks: Sequence[Track], windows: Windows) -> pd.DataFrame:
    """Return one row per window and kind, that of the first track of the kind; judging puts that of the strongest in its place."""
    parts = []
    for kind in wanted:
        lead = next((one for one in tracks if one.kind == kind), None)
        none = np.full(len(windows), np.nan)
        parts.append(
            pd.DataFrame(
                {
                    "window": windows.ids, "kind": kind, "score": none if lead is None else lead.value,
                    "expected": none if lead is None else expected_of(lead), "n_rows": 0, "segment": None, "ids": "[]", "message": None,
                    "window_start": windows.start, "window_end": windows.end,
                }
            )
        )  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def group_rows(workspace: Workspace, result: AdversariesResult, group: Group, *, most: int | None = None) -> pd.DataFrame:
    """Return the rows of a group, all columns, in order of time, at most so many."""
    names = [name for name, info in workspace.columns.items() if result.data in info.types]
    return pd.DataFrame(rows_at(workspace, result.data, group.place[:most], names).to_pandas())


def expected_of(track: Track) -> Floats:
    """Return the number of a usual window of the reference, for as many rows as each window has, (w,)."""
    relative = track.own / np.maximum(track.own_base, 1e-300)
    usual = float(np.nanmean(relative)) if np.isfinite(relative).any() else float("nan")
    return usual * track.base


def _skipped(coded: Coded, wanted: Sequence[str], tracks: Sequence[Track], why: str) -> tuple[Skipped, ...]:
    found = [Skipped(kind, "no_threshold", f"{KINDS[kind].title}: {why}") for kind in wanted if kind in BY_SCORE and why]
    have = {one.kind for one in tracks} | {one.what for one in found}
    reasons = {
        "concentration": "rows have no time on both sides.",
        "new_combinations": "two columns with levels are needed.",
        "near_duplicates": "no column is left to compare rows in.",
        "threshold_crowding": "the reference has too few scores near the threshold.",
        "probing": "two columns are needed.",
        "score_flips": "no column is left to compare rows in.",
    }
    found += [Skipped(kind, "not_applicable", f"{KINDS[kind].title}: {reasons[kind]}") for kind in wanted if kind not in have]
    return tuple(found)


def _provenance(
    workspace: Workspace,
    question: Question,
    coded: Coded,
    told: tuple[WindowSize, Sequence[str], float, Fragility | None],
    timed: tuple[datetime, float],
) -> Provenance:
    size, without, threshold, fragility = told
    chosen = {"reference": question.reference, "production": question.production}
    both = {"reference": coded.reference, "production": coded.production}
    return Provenance(
        fingerprints={selection.data: workspace.fingerprint(selection.data) for selection in chosen.values()},
        selections={side: selection.describe() for side, selection in chosen.items()},
        settings={
            "windows": str(size),
            "columns": [coded.cuts[i].measured.name for i in coded.kept],
            "left_out": list(without),
            "threshold": None if np.isnan(threshold) else threshold,
        },
        seed=question.seed,
        versions=versions(),
        sql=tuple((f"read the {side}", read.sql) for side, read in both.items()),
        rows={
            side: {"used": int(read.rows.sum()), "excluded": {one.reason: one.rows for one in read.excluded}} for side, read in both.items()
        },
        started=timed[0].isoformat(timespec="seconds"),
        seconds=round(timed[1], 3),
        summary={} if fragility is None else {"fragility": fragility.summary},
    )
