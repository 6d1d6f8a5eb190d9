"""Labels that follow from scores and inputs otherwise than they did: turned round whatever the columns, or another relation to them.

Two models of the rows concerned compete. `turned`: some labels are another, as many at every score and input (one or two numbers).
`relation`: what inputs add to that (a linear model, asked only about windows that it did not see). Labels were changed where the first says
as much as the second; the relation turned where inputs tell who was hit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from monitor.incidents.asked import Asked, meeting, merged, side_by_side, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.expected_labels import Expected, by_luck, expected_labels
from monitor.incidents.moments import Spell, when
from monitor.incidents.reweighing import distance_within
from monitor.incidents.scene import WINDOW, Scene, in_segment
from monitor.incidents.where import Place, place_of
from monitor.judgement.finding import Finding, FindingKind

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ANALYSES = frozenset({"performance", "segments", "concept", "estimate", "fairness"})
KINDS = frozenset({FindingKind.METRIC, FindingKind.SEGMENT, FindingKind.CONCEPT, FindingKind.ESTIMATE, FindingKind.GAP})
_LEAST_GAIN = 10.0
"""Log likelihood, labels as uneven as in the reference and choices paid for, that a segment must gain by chances of its own."""
_NO_DOUBT = 25.0
"""The same where no analysis found anything: windows may be too short to show what all rows of a segment together prove."""
_LEAST_MORE = 5.0
_MORE = 0.02
"""What inputs must add to the log likelihood, at least, and as a share of what labels turned round reach."""
BESIDE = 0.6
"""What is left of the explanation of the model that the other one beats: each says most of what happened, and only one is what did."""
_FEWEST = 100
_FOLDS = 4
_ROUNDS = 2
_MOST_PLACES = 3
_SOME = np.array([0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5])
_SHARES = np.array([*((up, down) for up in _SOME for down in _SOME), *((both, both) for both in (0.6, 0.7, 0.8, 0.9, 1.0))])
"""Shares of labels turned round, (negatives that became positive, positives that became negative): up to half of either, or any of both."""
_SMOOTH = 0.01
"""Weight of the data beside the ridge that draws a relation of inputs to none, by rows."""
_COMMON = 10
_BOUND = 1e-3
_MOST_ROWS = 20_000
_MOST_COLUMNS = 3
MOVED = 2.0
"""How fast an explanation by labels loses when inputs of the rows moved: where half of them did, they say nothing of labels."""
LEAST_SAID = 0.2
"""Share of what happened that a hypothesis must explain to be told at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """How well chances by the reference, labels turned round, and another relation say what happened: log likelihoods of the rows `hit`."""

    hit: Bools
    spell: Spell
    place: Place
    turned: float
    relation: float
    columns: tuple[str, ...]
    parameters: int
    before: float
    after: tuple[float, float]


def examine_labels(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return where and since when labels were changed, or depend on inputs otherwise."""
    wanted = stretches(scene, lambda analysis, finding: analysis in ANALYSES and finding.kind in KINDS)
    expected = expected_labels(scene)
    if expected is None:
        return ()
    whole = Asked(first=0, last=len(scene.production.windows) - 1, findings=())
    found: list[Hypothesis] = []
    for one, least in (*((one, _LEAST_GAIN) for one in wanted), (whole, _NO_DOUBT)):
        found += _examined(scene, expected, one, least)
    return merged(found)


def _examined(scene: Scene, expected: Expected, one: Asked, least: float) -> Iterator[Hypothesis]:
    """Tell of the places of a stretch, the surest first; rows of one are left out when the next is looked for."""
    inside = scene.production.within(one.first, one.last) & expected.known
    for _ in range(_MOST_PLACES):
        place = _placed(scene, expected, inside, least)
        if place is None:
            return
        among = scene.production.are(place.segment, place.beside)
        found = _shown(scene, expected, place, inside)
        if found is not None:
            yield from _hypotheses(scene, expected, found, one.evidence)
        if not place.segment:
            return
        inside = inside & ~among


def _shown(scene: Scene, expected: Expected, place: Place, inside: Bools) -> _Judged | None:
    """Return since when rows of a place show it, and what says best what they show; None where they do not."""
    among = scene.production.are(place.segment, place.beside) & expected.known
    chance = _chance(scene, expected, among) if place.segment else expected.plain
    uneven = expected.uneven if place.segment else expected.luck
    fit, spell = among & inside, None
    for _ in range(_ROUNDS):
        sampled, told = _told(scene, expected, chance, (fit, among))
        spell = when(scene, told / uneven, sampled)
        fit = among & spell.inside if spell is not None else fit
        if spell is None or int(fit.sum()) < _FEWEST:
            return None
    return None if spell is None else _judge(scene, expected, chance, fit, (spell, place))


def _placed(scene: Scene, expected: Expected, inside: Bools, least: float) -> Place | None:
    """Return where labels are least what was expected: more of them, fewer, or the wrong way round."""
    frame = scene.production.frame[inside]
    chance, happened = expected.chance[inside], expected.happened[inside]
    if len(frame) < _FEWEST:
        return None
    roles = scene.workspace.case.roles
    places = [name for name in side_by_side(scene, inside) if name not in (roles.model_version, roles.variant)]
    unlikely = chance < np.median(chance)
    pairs = [(happened, chance), (~happened, 1 - chance), (happened == unlikely, np.where(unlikely, chance, 1 - chance))]
    found = [place_of(frame, bad, usual, places, uneven=expected.uneven) for bad, usual in (pairs if expected.of_label else pairs[:1])]
    best = max(found, key=lambda place: place.gain if place.segment else 0.0)
    mine = in_segment(frame, best.segment, best.beside)
    allowed = 1.0 + expected.misfit * float((chance[mine] * (1 - chance[mine])).sum())
    sure = best.gain >= least and best.gain * expected.uneven / allowed >= least
    return best if best.segment and sure else _everywhere(expected, inside, least)


def _everywhere(expected: Expected, inside: Bools, least: float) -> Place | None:
    """Return all rows, where labels are what they were not by more than windows of the reference had by luck."""
    share, gain = _turned(expected.plain[inside], expected.happened[inside])
    if gain / expected.luck < least:
        return None
    return Place(segment={}, gain=gain, share=1.0, rate=share[0])


def _chance(scene: Scene, expected: Expected, among: Bools) -> Floats:
    """Return chances with the luck of each window as the rows outside a segment tell it, which the segment has no part in."""
    window = scene.production.frame[WINDOW].to_numpy()
    chance = np.where(expected.known, expected.plain, 0.5)
    return np.where(expected.known, by_luck(chance, expected.happened, window, expected.known & ~among), np.nan)


def _told(scene: Scene, expected: Expected, chance: Floats, rows: tuple[Bools, Bools]) -> tuple[Bools, Floats]:
    """Return which rows of a segment (the second of `rows`) are asked, and how much each speaks for what those to fit (the first) show."""
    fit, among = rows
    asked = np.zeros(len(among), dtype=bool)
    asked[_sampled(among)] = True
    fit = fit & asked
    (up, down), turned = _turned(chance[fit], expected.happened[fit])
    plain = np.where(asked, np.nan_to_num(chance, nan=0.5), 0.5)
    now = np.clip(plain * (1 - down) + (1 - plain) * up, _BOUND, 1 - _BOUND)
    other = _related(scene, expected, now, (fit, asked))
    related = _likelihood(other[fit], expected.happened[fit]) - _likelihood(plain[fit], expected.happened[fit])
    best = np.clip(other if related > turned else now, _BOUND, 1 - _BOUND)
    return asked, np.where(expected.happened, np.log(best / plain), np.log((1 - best) / (1 - plain)))


def _sampled(among: Bools) -> Ints:
    rows = np.flatnonzero(among)
    return rows[:: max(len(rows) // _MOST_ROWS, 1)]


def _turned(chance: Floats, happened: Bools) -> tuple[tuple[float, float], float]:
    """Return the shares of negatives that became positive, and of positives that became negative, which fit best, and their gain."""
    base = _likelihood(chance, happened)
    gains = [_likelihood(chance * (1 - down) + (1 - chance) * up, happened) - base for up, down in _SHARES]
    best = int(np.argmax(gains))
    return (float(_SHARES[best][0]), float(_SHARES[best][1])), gains[best]


def _likelihood(chance: Floats, happened: Bools) -> float:
    p = np.clip(chance, _BOUND, 1 - _BOUND)
    return float(np.where(happened, np.log(p), np.log(1 - p)).sum())


def _judge(scene: Scene, expected: Expected, chance: Floats, hit: Bools, where: tuple[Spell, Place]) -> _Judged:
    rows = _sampled(hit)
    happened, before = expected.happened[rows], chance[rows]
    (up, down), turned = _turned(before, happened)
    now = np.clip(before * (1 - down) + (1 - before) * up, _BOUND, 1 - _BOUND)
    these = np.zeros(len(hit), dtype=bool)
    these[rows] = True
    all_now = np.full(len(hit), 0.5)
    all_now[rows] = now
    relation = _related(scene, expected, all_now, (these, these))[rows]
    return _Judged(
        hit=hit,
        spell=where[0],
        place=where[1],
        turned=turned,
        relation=_likelihood(relation, happened) - _likelihood(before, happened),
        columns=_depends(expected, happened - now, rows),
        parameters=1 if min(up, down) == 0 or abs(up - down) < 0.1 else 2,
        before=float(before.mean()),
        after=(float(happened.mean()), float(now.mean())),
    )


def _related(scene: Scene, expected: Expected, chance: Floats, rows: tuple[Bools, Bools]) -> Floats:
    """Return chances (n,) by a relation of their own: what inputs of rows to fit add to chances of theirs; each window is asked of others.

    Rows asked that are not fitted are told by all that are; rows not asked keep their chance.
    """
    fit, asked = rows
    places = np.flatnonzero(asked)
    inputs = _design(expected, places, np.log(chance[places] / (1 - chance[places])))
    happened, mine = expected.happened[places], fit[places]
    fold = np.where(mine, _folds(scene.production.frame[WINDOW].to_numpy()[places], mine), _FOLDS)
    told = chance.copy()
    for part in np.unique(fold):
        learnt, held = mine & (fold != part), fold == part
        if len(np.unique(happened[learnt])) == 2:
            with threadpool_limits(limits=1):
                model = LogisticRegression(C=_SMOOTH, max_iter=300).fit(inputs[learnt], happened[learnt])
                told[places[held]] = model.predict_proba(inputs[held])[:, 1]
    return told


def _folds(window: Ints, fit: Bools) -> Ints:
    """Return the part of each row: stretches of windows, or every so-manieth row where there are too few windows."""
    known = np.unique(window[fit])
    if len(known) < _FOLDS:
        return np.arange(len(window)) % _FOLDS
    return np.minimum(np.searchsorted(known, window) * _FOLDS // len(known), _FOLDS - 1)


def _design(expected: Expected, rows: Ints, logit: Floats) -> Floats:
    """Return inputs as a linear model takes them: numbers in units of their spread, the commonest levels as columns of their own."""
    columns = [logit]
    for place, levels in enumerate(expected.categorical):
        values = expected.inputs[rows, place]
        if levels:
            seen, code = np.unique(np.nan_to_num(values, nan=-1.0), return_inverse=True)
            common = np.argsort(-np.bincount(code), kind="stable")[:_COMMON]
            columns += [(code == one).astype(np.float64) for one in common if len(seen) > 1]
        elif np.isfinite(values).any():
            filled = np.where(np.isfinite(values), values, np.nanmedian(values))
            columns.append((filled - filled.mean()) / (filled.std() + 1e-9))
    return np.column_stack(columns)


def _depends(expected: Expected, off: Floats, rows: Ints) -> tuple[str, ...]:
    """Return the columns by whose cells labels are off most, which hold at least half of what the first of them does."""
    strength = {}
    for place, name in enumerate(expected.names):
        values = expected.inputs[rows, place]
        cell = values if expected.categorical[place] else np.searchsorted(np.unique(np.nanquantile(values, [0.2, 0.4, 0.6, 0.8])), values)
        _, cell = np.unique(np.nan_to_num(cell, nan=-1.0), return_inverse=True)
        n, sums = np.bincount(cell), np.bincount(cell, weights=off - off.mean())
        strength[name] = float((sums**2 / np.maximum(n, 1)).sum() / max(off.var(), 1e-9)) - (len(n) - 1)
    top = max(strength.values(), default=0.0)
    told = [name for name in sorted(strength, key=lambda one: -strength[one]) if strength[name] >= top / 2 > 0]
    return tuple(told[:_MOST_COLUMNS])


def _hypotheses(scene: Scene, expected: Expected, one: _Judged, keys: tuple[str, ...]) -> Iterator[Hypothesis]:
    best = max(one.turned, one.relation)
    if best / expected.uneven < _LEAST_GAIN / 2:
        return
    moved = distance_within(
        scene,
        scene.reference.are(one.place.segment, one.place.beside),
        one.hit,
        {finding.what for finding in _drifts(scene, one.spell).values()},
    )
    depends = one.relation - one.turned > max(_LEAST_MORE * expected.uneven, _MORE * one.turned)
    label = scene.workspace.case.roles.label or ""
    for cause, fits, gain, columns, parameters in (
        (Cause.LABEL_CHANGE, not depends, one.turned, (label,), one.parameters),
        (Cause.CONCEPT_CHANGE, depends, one.relation, one.columns, one.parameters + 1),
    ):
        explained = min(gain / best, 1.0) * (1.0 if fits else BESIDE) * max(1.0 - MOVED * moved, 0.0)
        if explained > LEAST_SAID:
            yield _hypothesis(one, keys, cause=cause, columns=columns, explained=explained, parameters=parameters)


def _drifts(scene: Scene, spell: Spell) -> dict[str, Finding]:
    return meeting(scene, spell.inside, lambda analysis, _: analysis in ("drift", "quality"))


def _hypothesis(
    one: _Judged, keys: tuple[str, ...], *, cause: Cause, columns: tuple[str, ...], explained: float, parameters: int
) -> Hypothesis:
    return Hypothesis(
        cause=cause,
        columns=columns,
        segment=one.place.segment,
        beside=one.place.beside,
        start=one.spell.start,
        end=one.spell.end,
        onset_lower=one.spell.lower,
        onset_upper=one.spell.upper,
        rows=int(one.hit.sum()),
        share_rows=float(one.hit.sum() / max(one.spell.inside.sum(), 1)),
        explained=explained,
        parameters=parameters + len(one.place.segment) + len(one.place.beside),
        proof=Proof(measure="mean", before=one.after[0] - one.before, after=one.after[0] - one.after[1], rows=int(one.hit.sum())),
        evidence=keys,
    )
