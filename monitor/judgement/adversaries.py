"""Verdicts on concerted behaviour: single events are judged as facts are, shares of scores as any number by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.adversaries import AdversariesResult, Group, expected_of
from monitor.analyses.adversary_levels import VALUE
from monitor.analyses.adversary_sides import Track, levels_text
from monitor.analyses.joint_series import Series
from monitor.case.thresholds import AdversaryThresholds
from monitor.judgement.adversary_rows import table_of
from monitor.judgement.counted_rows import judge_counted
from monitor.judgement.fact import Fact
from monitor.judgement.finding import NO_TIME, Direction, Finding, FindingKind, Measure, State
from monitor.judgement.judged_adversaries import JUDGED, JudgedAdversaries
from monitor.judgement.metric_series import Found, judge_scores
from monitor.judgement.run_times import times
from monitor.stats.adversaries.catalogue import KINDS
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status

Bools = NDArray[np.bool_]

FEWEST_OWN = 4
"""Windows of the reference below which nothing is known of how a share of scores varies."""
COVERED = 0.9
"""Part of the rows of a finding that another one of its kind holds, from which it is not told once more."""
USUAL = 1.5
"""Rows of a crowd beyond those that are told already, in parts of the expected ones, up to which it is as usual."""
WHILE = np.timedelta64(1, "h")
"""Time without such rows after which they are over."""
ORDER = ("near_duplicates", "probing", "threshold_crowding", "concentration", "new_combinations", "score_flips")
"""The order in which kinds are told."""


def judge_adversaries(result: AdversariesResult, thresholds: AdversaryThresholds | None = None) -> JudgedAdversaries:
    """Judge measured signs of concerted behaviour.

    Notes
    -----
    A count is an event, judged as facts are: beyond the largest of the reference's R windows its p-value is (largest / count)^3 / (R + 1),
    times the windows that were looked at; Holm's correction over all kinds. A share of scores just across the threshold is judged as any
    number by window is, flips as rows that come at a rate (`counted_rows`).
    """
    thresholds = thresholds or AdversaryThresholds()
    usable = result.rows >= thresholds.min_rows
    able = [one for one in result.tracks if one.event or np.isfinite(one.own).sum() >= FEWEST_OWN]
    able = [one for one in able if len(one.own)]
    verdicts = verdicts_of(able, usable, thresholds.q, result.provenance.seed)
    told, within = _distinct([pair for one in able for pair in _findings(result, thresholds, (one, usable), verdicts[one.name])])
    findings = tuple(finding for finding, _ in told)
    judged = JudgedAdversaries(
        table=result.table, findings=findings, result=result, thresholds=thresholds, behind={one.id: group for one, group in told},
        verdicts=verdicts, within=tuple(within),
    )  # fmt: skip
    table = table_of(judged, {one.name: one for one in able}, usable)
    return replace(judged, table=JUDGED.check(table))


def verdicts_of(able: Sequence[Track], usable: Bools, q: float, seed: int) -> dict[str, Found]:
    """Judge what was counted, of windows that are `usable` (w,): on at most a share `q` of screens without change anything is named.

    Rows that come at some rate are judged by themselves, each at its part of `q`, all else together at the rest.
    """
    rated, other = [one for one in able if one.clump], [one for one in able if not one.clump]
    part = q / max(len(able), 1)
    found = {one.name: judge_counted(one, usable, level=part, looked=len(able), seed=seed) for one in rated}
    facts = {one.name: fact_of(one, usable) for one in other if one.event}
    series = {one.name: _series(one, usable) for one in other}
    return found | (judge_scores(series, q=part * len(other), seed=seed, facts=facts) if other else {})


def fact_of(track: Track, usable: Bools) -> Fact:
    """Return a count as a fact: how large it is relative to its base, beside that of the reference's own windows."""
    share = KINDS[track.kind].unit == "share"
    of = track.rows.astype(float) if share else track.base
    rows = np.where(usable, np.nan_to_num(track.value) * (track.rows if share else 1.0), 0.0)
    held = float(track.own_rows.sum())
    return Fact(
        kind=FindingKind.ADVERSARY, method=track.name, rows=rows, of=of, once=float(track.own @ track.own_rows) if share else 0.0,
        known=max(held, 1.0), own=track.own / np.maximum(track.own_base, 1e-300), largest=np.full(len(rows), track.largest),
        by_chance=None if share else np.zeros(len(rows)),
    )  # fmt: skip


def _series(track: Track, usable: Bools) -> Series:
    usual = track.own[np.isfinite(track.own)]
    middle = float(np.clip(np.average(usual, weights=track.own_rows[np.isfinite(track.own)] + 1e-9), 0.0, 1.0)) if len(usual) else 0.5
    return Series(
        method=track.name, score=np.where(usable, track.value, np.nan), rows=track.rows, reference=track.own,
        reference_rows=track.own_rows, shape="level", row_variance=None if track.event else max(middle * (1 - middle), 1e-6),
    )  # fmt: skip


def _findings(
    result: AdversariesResult, thresholds: AdversaryThresholds, told: tuple[Track, Bools], verdict: Found
) -> list[tuple[Finding, Group]]:
    """Return the findings of a kind with the rows behind each: of clusters one each, else one for each run of windows."""
    track, usable = told
    found: list[tuple[Finding, Group]] = []
    groups = [one for one in result.groups if one.candidate.track == track.name]
    for scored, strength in verdict.runs:
        inside = [one for one in groups if one.candidate.first <= scored.run.last and one.candidate.last >= scored.run.first]
        if track.name == VALUE and inside:  # of whom most are in any one window
            most = max(inside, key=lambda one: one.candidate.excess).candidate.levels[0]
            inside = [one for one in inside if one.candidate.levels[0] == most]
        if not inside or (not track.event and scored.t < 0):
            continue
        for group in _clusters(inside, track, verdict) if track.kind == "near_duplicates" else [joined(inside)]:
            part = float(group.candidate.excess / max(one.candidate.excess for one in inside))
            run = Run.known(group.candidate.first, group.candidate.last)
            q_value = max(verdict.q_value, scored.p_value)
            power = strength if part >= 1 or track.kind != "near_duplicates" else max(strength * part, 1.0)
            found.append((_finding(result, thresholds, (track, usable, run), group, (power, scored.p_value, q_value)), group))
    return found


def _clusters(groups: Sequence[Group], track: Track, verdict: Found) -> list[Group]:
    """Return the clusters that alone are as large as one has to be, at least the largest."""
    ordered = sorted(groups, key=lambda one: -one.candidate.excess)
    large = [one for one in ordered if one.candidate.excess >= verdict.upper[one.candidate.first] * track.base[one.candidate.first]]
    return large or ordered[:1]


def joined(groups: Sequence[Group]) -> Group:
    """Return the rows of several windows as one group."""
    first, (low, high) = groups[0].candidate, zip(*(one.scores for one in groups), strict=True)
    rows = np.array([len(one.place) for one in groups])
    levels = tuple(one for one in first.levels if all(one in other.candidate.levels for other in groups))
    told: dict[str, int] = {}
    for one in groups:
        for name, count in one.candidate.told.items():
            told[name] = told.get(name, 0) + count
    candidate = replace(
        first, first=min(one.candidate.first for one in groups), last=max(one.candidate.last for one in groups),
        rows=np.concatenate([one.candidate.rows for one in groups]), excess=max(one.candidate.excess for one in groups),
        expected=float(sum(one.candidate.expected for one in groups)), levels=levels,
        told=dict(sorted(told.items(), key=lambda one: -one[1])),
    )  # fmt: skip
    sides = {one.side for one in groups}
    return Group(
        candidate=candidate, place=np.concatenate([one.place for one in groups]), ids=tuple(name for one in groups for name in one.ids),
        start=min(one.start for one in groups), end=max(one.end for one in groups), scores=(min(low), max(high)),
        side=groups[0].side if len(sides) == 1 else "",
        share_near=float(np.average([one.share_near for one in groups], weights=rows + 1e-9)),
        segment=levels_text(levels) or None,
    )  # fmt: skip


def _finding(
    result: AdversariesResult,
    thresholds: AdversaryThresholds,
    told: tuple[Track, Bools, Run],
    group: Group,
    judged: tuple[float, float, float],
) -> Finding:
    (track, usable, run), (strength, p_value, q_value) = told, judged
    part = slice(run.first, run.last + 1)
    rows, of = len(group.place), int(result.rows[part].sum())
    score = float(group.candidate.excess)
    values = np.where(np.isfinite(track.value[part]), track.value[part], -1.0)
    levels = tuple(f"{result.labels.get(column, column)} {level}" for column, level in group.candidate.levels)
    return Finding(
        what=track.name,
        label=KINDS[track.kind].title,
        kind=FindingKind.ADVERSARY,
        status=(Status.ALERT if strength >= thresholds.alert else Status.WARNING).value,
        first=run.first,
        last=run.last,
        direction=Direction.MORE,
        measure=Measure.SCORE,
        before=group.candidate.expected,
        after=float(rows),
        rows=rows,
        share_rows=rows / max(of, 1),
        levels=group.candidate.told,
        method=track.kind,
        score=score,
        limit=score / max(strength, 1e-9),
        strength=strength,
        p_value=p_value,
        q_value=q_value,
        worst=result.windows.ids[run.first + int(np.argmax(values))],
        bound=float(np.nanmax(expected_of(track)[part])) if track.kind == "near_duplicates" and len(track.own) else float("nan"),
        note=group.side if track.event else track.side,
        note_share=group.share_near,
        pair=group.scores,
        carried=(result.labels.get(group.candidate.column, group.candidate.column),) if group.candidate.column else levels,
        judged=int(usable.sum()),
        **_times(result, usable, run, group),
    )


def _times(result: AdversariesResult, usable: Bools, run: Run, group: Group) -> dict[str, Any]:
    """Return where a finding stands in time: by its first and last row where these are known."""
    when = times(result.windows, usable, run)
    if np.isnat(group.start):
        return when
    until = group.end + np.timedelta64(1, "us")
    over = result.last_moment - until > max(until - group.start, WHILE) or when["state"] is State.OVER
    state = State.OVER if over else when["state"]
    return {
        **when, "state": state, "start": group.start, "end": until if over else NO_TIME, "onset_lower": group.start,
        "onset_upper": group.start,
    }  # fmt: skip


def _distinct(found: Sequence[tuple[Finding, Group]]) -> tuple[list[tuple[Finding, Group]], list[tuple[Finding, str]]]:
    """Return findings in the order in which they are told, each with an id of its own, and which finding tells those that are no news
    beside it, by their ids."""
    kept: list[tuple[Finding, Group]] = []
    within: list[tuple[Finding, str]] = []
    for finding, group in sorted(found, key=lambda one: (ORDER.index(one[0].method), -len(one[1].place), -one[0].strength)):
        number = 1 + sum(one.what.partition("#")[0] == finding.what for one, _ in kept)
        named = finding if number == 1 else replace(finding, what=f"{finding.what}#{number}")
        lead = next((one for one, other in kept if _no_news((finding, group), (one, other))), None)
        if lead is None:
            kept.append((named, group))
        else:
            within.append((finding, lead.id))
    order = sorted(kept, key=lambda one: (one[0].status != Status.ALERT.value, ORDER.index(one[0].method), -one[0].strength))
    return order, within


def _no_news(new: tuple[Finding, Group], told: tuple[Finding, Group]) -> bool:
    """Say whether a finding is told already: nearly all of its rows are, or the rest of a crowd about rows alike is as usual."""
    (finding, group), (lead, other) = new, told
    rows = {*map(tuple, group.place.tolist())}
    rest = len(rows - {*map(tuple, other.place.tolist())})
    if rest == len(rows):
        return False
    if lead.method == finding.method:
        return rest <= (1 - COVERED) * len(rows)
    crowd = finding.method in ("threshold_crowding", "concentration") and lead.method in ("near_duplicates", "probing")
    return crowd and rest <= max((1 - COVERED) * len(rows), USUAL * finding.before)
