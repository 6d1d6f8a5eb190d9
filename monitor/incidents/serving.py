"""The service itself: calls that take longer, fail, or cost more, and rows that arrive late."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.asked import Asked, meeting, merged, side_by_side, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.moments import Spell, evidence, when
from monitor.incidents.places import Localised, localise
from monitor.incidents.scene import Scene, Side
from monitor.judgement.finding import Direction, Finding

Bools = NDArray[np.bool_]

USUAL_TOPS = (0.5, 0.75, 0.9, 0.95, 0.98)
"""Quantiles of the reference above one of which a call is slow, or dear: the one that tells most."""
_SAID = 0.5
"""Part of the variance of a value that the level of a column says, from which calls are compared with those of their level."""
_NO_ROWS = 0.5
"""What an explanation is worth that no rows prove."""
_LEAST_SAID = 0.3
"""Share of what is more than usual that a hypothesis must explain to be told."""
_OK = frozenset({"ok", "success", "succeeded", "200"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matter:
    """One thing of the service: the metrics that tell of it, and which rows are bad in it."""

    cause: Cause
    metrics: frozenset[str]
    column: str
    bad: Callable[[Side], Bools]


def examine_serving(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return where and since when calls are slower, fail more often, or cost more than they did."""
    found: list[Hypothesis] = []
    for matter in _matters(scene):
        for asked in stretches(scene, partial(_worse, matter.metrics)):
            told = _examined(scene, matter, asked)
            if told is not None and told.explained >= _LEAST_SAID:
                found.append(told)
    return (*merged(found), *_stale(scene))


def _stale(scene: Scene) -> Iterator[Hypothesis]:
    """Tell of rows that arrive late by what was found of the age of the newest: no row says when it arrived."""
    for asked in stretches(scene, partial(_worse, frozenset({"freshness_lag_s"}))):
        finding = asked.findings[0][1]
        yield Hypothesis(
            cause=Cause.FRESHNESS,
            start=finding.start,
            end=finding.end,
            onset_lower=finding.onset_lower,
            onset_upper=finding.onset_upper,
            rows=finding.rows,
            share_rows=finding.share_rows,
            explained=_NO_ROWS,
            evidence=asked.evidence,
        )


def _slow_share(scene: Scene, matter: _Matter, bad: Bools) -> float:
    """Return how many of the dear or failed calls are slow ones, which is why they are; 0 of slow calls themselves."""
    slow = next((one for one in _matters(scene) if one.cause is Cause.LATENCY), None)
    if slow is None or matter.cause is Cause.LATENCY or not bad.any():
        return 0.0
    often = float(slow.bad(scene.production)[bad].mean())
    usual = float(slow.bad(scene.reference).mean())
    return max(often - usual, 0.0) / max(1.0 - usual, 1e-9)


def _matters(scene: Scene) -> list[_Matter]:
    roles, frames = scene.workspace.case.roles, (scene.reference.frame, scene.production.frame)
    matters = []
    for name, cause, metrics in (
        (roles.latency_ms, Cause.LATENCY, {"latency_p50_ms", "latency_p95_ms", "latency_p99_ms", "apdex", "timeout_share"}),
        (roles.cost, Cause.COST, {"cost_total", "cost_per_1000", "cost_per_correct"}),
    ):
        if name is not None and all(name in frame for frame in frames):
            matters.append(_Matter(cause=cause, metrics=frozenset(metrics), column=name, bad=_clearest(scene, name, metrics)))
    if roles.status is not None and all(roles.status in frame for frame in frames):
        fine = _fine(scene, roles.status)
        failing = frozenset({"error_share", "timeout_share", "availability"})
        matters.append(_Matter(cause=Cause.ERRORS, metrics=failing, column=roles.status, bad=_other(roles.status, fine)))
    return matters


def _clearest(scene: Scene, name: str, metrics: Collection[str]) -> Callable[[Side], Bools]:
    """Return what says which calls are above a quantile of the reference: that above which those alarmed lie more often, most clearly so.

    Where the level of a column says most of a value, calls are compared with those of their level.
    """
    inside = np.zeros(len(scene.production), dtype=bool)
    for asked in stretches(scene, partial(_worse, frozenset(metrics))):
        inside |= scene.production.within(asked.first, asked.last)
    by = _told_by(scene, name)
    rules = {q: _above(scene, name, by, q) for q in USUAL_TOPS}
    clear = {q: ((rules[q](scene.production)[inside]).mean() - (1 - q)) / np.sqrt(q * (1 - q)) if inside.any() else -q for q in USUAL_TOPS}
    return rules[max(USUAL_TOPS, key=lambda q: clear[q])]


def _told_by(scene: Scene, name: str) -> str | None:
    """Return the column whose level says at least half of the variance of a value in the reference; None where none does."""
    frame = scene.reference.frame
    value = frame[name]
    total = float(value.var())
    parts = {one: float(value.groupby(frame[one], observed=True).transform("mean").var()) for one in scene.places}
    best = max(parts, key=lambda one: parts[one], default=None)
    return best if best is not None and total > 0 and parts[best] >= _SAID * total else None


def _above(scene: Scene, name: str, by: str | None, q: float) -> Callable[[Side], Bools]:
    frame = scene.reference.frame
    top = float(frame[name].quantile(q))
    if by is None:
        return lambda side: np.asarray(side.frame[name].to_numpy() > top)
    tops = frame[name].groupby(frame[by], observed=True).quantile(q)
    return lambda side: np.asarray(
        side.frame[name].to_numpy() > side.frame[by].astype(object).map(tops).astype(float).fillna(top).to_numpy()
    )


def _other(name: str, fine: frozenset[str]) -> Callable[[Side], Bools]:
    return lambda side: np.asarray(side.frame[name].notna() & ~side.frame[name].isin(fine))


def _fine(scene: Scene, name: str) -> frozenset[str]:
    """Return the levels that mean that a call was answered: those called so, else the commonest of the reference."""
    levels = scene.reference.frame[name].value_counts()
    called = frozenset(str(level) for level in levels.index if str(level).lower() in _OK)
    return called or frozenset({str(levels.index[0])} if len(levels) else ())


def _worse(metrics: frozenset[str], analysis: str, finding: Finding) -> bool:
    return analysis == "operations" and finding.what in metrics and finding.direction is not Direction.CHANGED and finding.note != "better"


def _examined(scene: Scene, matter: _Matter, asked: Asked) -> Hypothesis | None:
    now = matter.bad(scene.production)
    place, spell = _located(scene, matter.bad(scene.reference), now, scene.production.within(asked.first, asked.last))
    if spell is not None and place.segment:  # whose days before it are no part of its place
        again, then = _located(scene, matter.bad(scene.reference), now, spell.inside)
        place, spell = (again, then) if then is not None else (place, spell)
    usual = place.expected / max(place.rows, 1)
    return None if spell is None else _told(scene, matter, place, spell, (now, usual), asked.evidence)


def _located(scene: Scene, before: Bools, now: Bools, inside: Bools) -> tuple[Localised, Spell | None]:
    """Return where rows of some time are bad, and when rows of that place are."""
    frame = scene.production.frame
    place = localise(scene.reference.frame, frame[inside], before, now[inside], side_by_side(scene, inside))
    usual, rate = (part / max(place.rows, 1) for part in (place.expected, place.bad))
    return place, when(scene, evidence(now, usual, rate), place.are(frame))


def _told(scene: Scene, matter: _Matter, place: Localised, spell: Spell, rates: tuple[Bools, float], keys: tuple[str, ...]) -> Hypothesis:
    now, usual = rates
    among = place.are(scene.production.frame)
    hit, rest = among & spell.inside, ~among & spell.inside
    more, elsewhere = (float(now[part].sum() - usual * part.sum()) for part in (hit, rest))
    own = more * (1.0 - _slow_share(scene, matter, hit & now))
    return Hypothesis(
        cause=matter.cause,
        columns=(matter.column, *_companions(scene, matter, spell)),
        segment=place.segment,
        beside=place.beside,
        start=spell.start,
        end=spell.end,
        onset_lower=spell.lower,
        onset_upper=spell.upper,
        rows=int(hit.sum()),
        share_rows=float(hit.sum() / max(spell.inside.sum(), 1)),
        explained=max(own / max(more + max(elsewhere, 0.0), 1.0), 0.0),
        parameters=len(place.segment) + len(place.beside),
        proof=Proof(
            measure="share",
            before=float(now[hit].mean()) if hit.any() else 0.0,
            after=float(now[rest].mean()) if rest.any() else usual,
            rows=int(hit.sum()),
        ),
        evidence=keys,
    )


def _companions(scene: Scene, matter: _Matter, spell: Spell) -> tuple[str, ...]:
    """Return the other columns of the service that are told of in the same time."""
    others = [other for other in _matters(scene) if other.cause is not matter.cause]
    return tuple(other.column for other in others if meeting(scene, spell.inside, partial(_worse, other.metrics)))
