"""Many rows in a few hours: that nobody meant, or that somebody sent on purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.asked import meeting, merged, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.hours import LONGEST, Hours, hours_of
from monitor.incidents.moments import utc
from monitor.incidents.scene import TIME, Scene
from monitor.judgement.finding import NO_TIME, Finding, FindingKind
from monitor.vocabulary import Kind, Role

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

TIMES = 3.0
"""Rows of an hour, beside those of usual ones, from which it may be a burst ..."""
ABOVE = 1.5
"""... where they also are as many times those of the busiest hour that the reference has."""
_FEWEST = 30
_SAMPLE = 4_000
_BINS = 6
_MOST_LEVELS = 12
_MOST_COLUMNS = 20
_SAME = 0.15
"""Mean total variation of columns up to which rows are like the reference's, each column taken for itself."""
_ON_PURPOSE = ("near_duplicates", "threshold_crowding", "probing")
_OWN = 3
"""Columns of a segment that names rows sent on purpose, at most."""


def examine_bursts(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return bursts of rows with their exact hours."""
    return merged((*_traffic(scene), *_purposes(scene)))


def _traffic(scene: Scene) -> Iterator[Hypothesis]:
    hours = hours_of(scene)
    if hours is None:
        return
    for begin, stop in _bursts(hours):
        low, high = hours.start(begin), hours.start(stop)
        time = scene.production.frame[TIME].to_numpy()
        inside = np.asarray((time >= low) & (time < high))
        found = meeting_loosely(scene, inside)
        if found:
            yield _burst(scene, hours, (begin, stop), inside, found)


def meeting_loosely(scene: Scene, inside: Bools) -> tuple[str, ...]:
    """Return the keys of alarmed findings in whose windows some rows lie, and that are short: bursts make no long runs."""
    found = meeting(scene, inside, lambda analysis, finding: True)
    return tuple(found)


def _bursts(hours: Hours) -> list[tuple[int, int]]:
    """Return the bursts as positions (first hour, first after): an hour between two busy ones belongs to them."""
    usual = np.maximum(hours.expected, 1.0)
    busy = (hours.seen >= TIMES * usual) & (hours.seen >= ABOVE * hours.highest) & (hours.seen >= _FEWEST)
    busy |= np.concatenate([[False], busy[:-1]]) & np.concatenate([busy[1:], [False]])
    edges = np.flatnonzero(np.diff(np.concatenate([[0], busy.astype(np.int8), [0]])))
    found = [(int(begin), int(stop)) for begin, stop in zip(edges[::2], edges[1::2], strict=True)]
    return [(begin, stop) for begin, stop in found if stop - begin <= LONGEST]


def _burst(scene: Scene, hours: Hours, place: tuple[int, int], inside: Bools, keys: tuple[str, ...]) -> Hypothesis:
    start, end = _minutes(scene, hours, place)
    time = scene.production.frame[TIME].to_numpy()
    within = np.asarray((time >= start) & (time < end))
    expected = float(hours.expected[place[0] : place[1]].mean() * ((end - start) / np.timedelta64(1, "h")))
    extra = max(float(within.sum()) - expected, 0.0)
    apart, before = _belonging(scene, within)
    last = bool((time[~np.isnat(time)] < end).all())
    return Hypothesis(
        cause=Cause.TRAFFIC_BURST,
        start=utc(scene, start),
        end=NO_TIME if last else utc(scene, end),
        onset_lower=utc(scene, hours.start(place[0])) if start > hours.start(place[0]) else utc(scene, start),
        onset_upper=utc(scene, start),
        rows=round(extra),
        share_rows=extra / max(float(within.sum()), 1.0),
        explained=extra / max(float(within.sum()), 1.0) * (1.0 if apart < before / 2 else HALF_SAID),
        proof=Proof(measure="mean", before=before, after=apart, rows=int(within.sum())),
        evidence=keys,
    )


HALF_SAID = 0.6
"""What is left of a burst's explanation where its rows are like others, or all alike: somebody may have sent them, or more came."""


def _minutes(scene: Scene, hours: Hours, place: tuple[int, int]) -> tuple[np.datetime64, np.datetime64]:
    """Return the minutes (first, first after) in which rows came as densely as in the burst."""
    begin, stop = max(place[0] - 1, 0), min(place[1] + 1, len(hours.seen))
    time = scene.production.frame[TIME].to_numpy()
    low = hours.start(begin)
    minute = ((time[(time >= low) & (time < hours.start(stop))] - low) / np.timedelta64(1, "m")).astype(np.int64)
    seen = np.bincount(minute, minlength=(stop - begin) * 60).astype(np.float64)
    usual = np.repeat(np.maximum(hours.expected[begin:stop], 0.5) / 60, 60)
    busy = float(hours.seen[place[0] : place[1]].mean()) / 60
    told = seen * np.log(busy / usual) - (busy - usual)
    total = np.concatenate([[0.0], np.cumsum(told)])
    lowest = np.minimum.accumulate(total[:-1])
    last = int(np.argmax(total[1:] - lowest)) + 1
    first = int(np.flatnonzero(total[:last] == lowest[last - 1])[-1])
    return low + first * np.timedelta64(1, "m"), low + last * np.timedelta64(1, "m")


def _belonging(scene: Scene, inside: Bools) -> tuple[float, float]:
    """Return how much columns tell of each other in some rows, and in as many of the reference: mean information in nats, bias removed.

    Rows whose columns, each taken for itself, are unlike the reference's are not drawn from it: they tell nothing here.
    """
    names = _inputs(scene)
    now = scene.production.frame.loc[inside, names]
    now = now.iloc[:: max(len(now) // _SAMPLE, 1)]
    step = max(len(scene.reference) // max(len(now), 1), 1)
    then = scene.reference.frame[names].iloc[::step].iloc[: len(now)]
    coded = [_coded(scene.reference.frame[name], then[name], now[name]) for name in names]
    if len(coded) < 2 or not len(then):
        return 1.0, 0.0
    unlike = float(np.mean([_apart(a, b, size) for a, b, size in coded]))
    sides = ([one for one, _, _ in coded], [one for _, one, _ in coded])
    before, after = (float(np.mean([_information(*pair) for pair in combinations(side, 2)])) for side in sides)
    return (after, before) if unlike <= _SAME else (before, before)


def _inputs(scene: Scene) -> list[str]:
    kinds = (Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN)
    named = [info.name for info in scene.workspace.columns.values() if info.role is Role.FEATURE and info.kind in kinds]
    return [name for name in named if name in scene.reference.frame and name in scene.production.frame][:_MOST_COLUMNS]


def _coded(known: pd.Series, then: pd.Series, now: pd.Series) -> tuple[Ints, Ints, int]:
    if isinstance(known.dtype, pd.CategoricalDtype):
        place = {level: i for i, level in enumerate(known.value_counts().index[:_MOST_LEVELS])}
        one, other = (side.astype(object).map(place).fillna(_MOST_LEVELS).to_numpy(dtype=np.int64) for side in (then, now))
        return one, other, _MOST_LEVELS + 1
    values = known.dropna().to_numpy()
    edges = np.unique(np.quantile(values, np.linspace(0, 1, _BINS + 1)[1:-1])) if len(values) else np.zeros(0)
    one, other = (
        np.where(side.isna().to_numpy(), len(edges) + 1, np.searchsorted(edges, side.to_numpy(), side="right")) for side in (then, now)
    )
    return one, other, len(edges) + 2


def _apart(one: Ints, other: Ints, size: int) -> float:
    return float(np.abs(np.bincount(one, minlength=size) / len(one) - np.bincount(other, minlength=size) / len(other)).sum() / 2)


def _information(one: Ints, other: Ints) -> float:
    """Return the mutual information of two columns of cells in nats, without what chance adds (Miller and Madow)."""
    n = len(one)
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1))
    np.add.at(table, (one, other), 1.0)
    joint = table / n
    fair = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0, keepdims=True)
    there = joint > 0
    value = float((joint[there] * np.log(joint[there] / fair[there])).sum())
    rows, columns = int((table.sum(axis=1) > 0).sum()), int((table.sum(axis=0) > 0).sum())
    return max(value - (rows - 1) * (columns - 1) / (2 * n), 0.0)


# ---------------------------------------------------------------- on purpose


def _purposes(scene: Scene) -> Iterator[Hypothesis]:
    for asked in stretches(scene, _on_purpose):
        for key, finding in asked.findings:
            told = _purpose(scene, key, finding)
            if told is not None:
                yield told


def _on_purpose(analysis: str, finding: Finding) -> bool:
    return analysis == "adversaries" and finding.kind is FindingKind.ADVERSARY and finding.what.startswith(_ON_PURPOSE)


def _purpose(scene: Scene, key: str, finding: Finding) -> Hypothesis | None:
    rows = _named(scene, finding)
    if rows is None or not rows.any():
        return None
    time = scene.production.frame[TIME].to_numpy()[rows]
    known = time[~np.isnat(time)]
    first, last = (known.min(), known.max()) if len(known) else (NO_TIME, NO_TIME)
    all_time = scene.production.frame[TIME].to_numpy()
    among = np.asarray((all_time >= first) & (all_time <= last)) if len(known) else np.ones(len(scene.production), dtype=bool)
    ongoing = bool(len(known) and last >= np.nanmax(all_time))
    return Hypothesis(
        cause=Cause.ADVERSARIAL_BURST,
        columns=_aimed_at(scene),
        segment=_shared(scene, rows),
        start=utc(scene, first),
        end=NO_TIME if ongoing or not len(known) else utc(scene, last) + np.timedelta64(1, "us"),
        onset_lower=utc(scene, first),
        onset_upper=utc(scene, first),
        rows=int(rows.sum()),
        share_rows=float(rows.sum() / max(among.sum(), 1)),
        explained=max(1.0 - max(finding.before, 0.0) / max(finding.after, 1.0), 0.0) if finding.after > finding.before else 0.5,
        parameters=0,
        proof=Proof(measure="share", before=float(rows.sum() / max(among.sum(), 1)), after=0.0, rows=int(among.sum())),
        evidence=(key,),
    )


def _named(scene: Scene, finding: Finding) -> Bools | None:
    """Return the rows of a finding: by their ids, else those of its time and scores that share its levels."""
    frame = scene.production.frame
    table = scene.judged["adversaries"].table
    name = scene.workspace.case.roles.id
    texts = table.loc[(table["run"] == finding.id) & table["ids"].notna(), "ids"]
    ids = {str(one) for text in texts for one in json.loads(text)}
    if name is not None and name in frame and ids:
        rows = frame[name].isin(ids).to_numpy(dtype=bool)
        if rows.any():
            return np.asarray(rows & _during(scene, finding))
    return _most_alike(scene, _during(scene, finding))


def _during(scene: Scene, finding: Finding) -> Bools:
    """Say which rows lie in the windows of a finding; of near-duplicates also those beside it, where a cluster may begin."""
    return scene.production.within(finding.first - 1, finding.last + 1)


def _most_alike(scene: Scene, among: Bools) -> Bools | None:
    """Return the rows of the cell of levels that is held far more often than in the reference; None where there is none."""
    names = [name for name in scene.places if not name.startswith("@")]
    if not names or not among.any():
        return None
    now = _cells_of(scene.production.frame.loc[among, names])
    cells, counts = np.unique(now, return_counts=True)
    then, before = np.unique(_cells_of(scene.reference.frame[names]), return_counts=True)
    usual = pd.Series(before, index=then).reindex(cells).fillna(0.0).to_numpy() / max(len(scene.reference), 1) * len(now)
    most = int(np.argmax(counts - usual))
    if counts[most] < _FEWEST or counts[most] < TIMES * usual[most]:
        return None
    rows = np.zeros(len(among), dtype=bool)
    rows[np.flatnonzero(among)[now == cells[most]]] = True
    return rows


def _cells_of(frame: pd.DataFrame) -> NDArray[np.uint64]:
    """Return one number for each row by its levels, missing being one of them, (n,)."""
    return np.asarray(pd.util.hash_pandas_object(frame.astype(object).fillna("\x00").astype(str), index=False))


def _aimed_at(scene: Scene) -> tuple[str, ...]:
    roles = scene.workspace.case.roles
    score = roles.score if isinstance(roles.score, str) else None
    return (score,) if score is not None else ()


def _shared(scene: Scene, rows: Bools) -> dict[str, str]:
    """Return the levels that all rows share and fewest others have, of columns that the case tells segments by first."""
    frame, before = scene.production.frame, scene.reference.frame
    own = [name for name in scene.workspace.case.roles.segments if name in scene.places]
    shared: dict[str, tuple[float, str]] = {}
    for name in (*own, *(place for place in scene.places if place not in own)):
        levels = frame.loc[rows, name]
        level = levels.iloc[0] if len(levels) else None
        if level is not None and (levels == level).all() and (name in own or not (shared and own)):
            shared[name] = (float((before[name] == level).mean()), str(level))
    rarest = sorted(shared, key=lambda name: shared[name][0])[:_OWN]
    return {name: shared[name][1] for name in own if name in rarest} | {name: shared[name][1] for name in rarest if name not in own}
