"""Labels that follow from scores and inputs otherwise than they did: turned round whatever the columns, or another relation to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from monitor.incidents.asked import Asked, meeting, merged, side_by_side, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.expected_labels import Expected, by_luck, expected_labels
from monitor.incidents.label_findings import about_class, classes_found, of_labels
from monitor.incidents.label_models import BOUND, ONLY_MORE, depends_on, likelihood, related, shifted_all, turned_round, usual_gains
from monitor.incidents.moments import DOUBT, Spell, when
from monitor.incidents.relations import examine_relations
from monitor.incidents.reweighing import distance_within
from monitor.incidents.scene import WINDOW, Scene, in_segment
from monitor.incidents.where import Place, place_of
from monitor.judgement.finding import Finding, FindingKind

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_LEAST_GAIN = 10.0
"""Log likelihood, labels as uneven as in the reference and choices paid for, that a segment must gain by chances of its own."""
_VOUCHED = 3.0
"""The same where an analysis found a segment in these windows."""
_NO_DOUBT = 25.0
"""The same where no analysis found anything: windows may be too short to show what all rows of a segment together prove. And where the
reference holds too few days to tell how unlucky a week of a segment may be."""
_LEAST_MORE = 5.0
_MORE = 0.03
"""What inputs must add to the log likelihood, at least, and as a share of what labels turned round reach: of ten cases of labels turned
round on real days they added up to 2 %, where the relation to one input was turned 6 to 35 %."""
BESIDE = 0.6
"""What is left of the explanation of the model that the other one beats: each says most of what happened, and only one is what did."""
NEARLY = 0.9
"""Share of rows scored by a new version from which errors are its errors."""
_FEWEST = 100
_NEAR = 3
"""Windows beside those that were found which it may reach at least."""
_ROUNDS = 2
_MOST_PLACES = 2
_MOST_STRETCHES = 5
_MOST_ROWS = 20_000
_MOST_PLACED = 60_000
MOVED = 2.0
"""How fast an explanation by labels loses when inputs of the rows moved: where half of them did, they say nothing of labels."""
LEAST_SAID = 0.2
"""Share of what happened that a hypothesis must explain to be told at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """How well chances by the reference, labels turned round, and another relation say what happened: log likelihoods of the rows `hit`;
    `risen`: nothing but that the label became more frequent."""

    expected: Expected
    hit: Bools
    spell: Spell
    place: Place
    turned: float
    relation: float
    risen: bool
    columns: tuple[str, ...]
    parameters: int
    before: float
    after: tuple[float, float]
    keys: tuple[str, ...] = ()


def examine_labels(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return where and since when labels were changed, or depend on inputs otherwise."""
    wanted = stretches(scene, of_labels)[:_MOST_STRETCHES]
    expected = expected_labels(scene)
    if expected is None:
        return ()
    expected = replace(expected, faults=usual_gains(expected))
    whole = Asked(first=0, last=len(scene.production.windows) - 1, findings=())
    found: list[_Judged] = []
    for one in (*wanted, whole):
        found += _examined(scene, expected, one, _NO_DOUBT if one is whole or scene.few_days else _LEAST_GAIN)
    for name in classes_found(scene):
        of_class = expected_labels(scene, name)
        if of_class is not None:
            of_class = replace(of_class, faults=usual_gains(of_class))
            found += [each for one in about_class(scene, name) for each in _examined(scene, of_class, one, _LEAST_GAIN)]
    told = merged(told for one in _once(found) for told in _hypotheses(scene, one))
    return (*told, *examine_relations(scene, expected))


def _once(found: Sequence[_Judged]) -> list[_Judged]:
    """Return what was found, each place and time once: where analyses found it before where all rows were asked, then as it is told by the
    rows that it says most of, with the evidence of all."""
    kept: list[_Judged] = []
    for one in sorted(found, key=_rank):
        same = next((i for i, other in enumerate(kept) if _overlap(one, other)), None)
        if same is None:
            kept.append(one)
        else:
            kept[same] = replace(kept[same], keys=tuple(dict.fromkeys((*kept[same].keys, *one.keys))))
    return kept


def _rank(one: _Judged) -> tuple[bool, bool, bool, float]:
    """Return what orders findings, the one to be told first: of several classes, that whose labels became another, which says why there are
    errors, and why another class has more where inputs are like its."""
    of_class = bool(one.expected.of_class)
    return not one.keys, not of_class, of_class and _depends(one), -max(one.turned, one.relation)


def _overlap(one: _Judged, other: _Judged) -> bool:
    """Say whether a finding is of the place and time of another, or of errors within a place whose labels of a class are told."""
    mine, theirs = one.place, other.place
    errors = bool(other.expected.of_class) and not one.expected.of_class and theirs.segment.items() <= mine.segment.items()
    same = (dict(mine.segment), mine.beside) == (dict(theirs.segment), theirs.beside)
    return (same or (errors and not theirs.beside)) and bool((one.spell.inside & other.spell.inside).any())


def _vouched(one: Asked) -> bool:
    """Say whether an analysis found that a segment of these windows differs from the rest: then it is only asked which."""
    return any(finding.kind is FindingKind.SEGMENT for _, finding in one.findings)


def _examined(scene: Scene, expected: Expected, one: Asked, least: float) -> Iterator[_Judged]:
    """Tell of the places of a stretch, the surest first; rows of one are left out when the next is looked for."""
    inside = scene.production.within(one.first, one.last) & expected.known
    for number in range(_MOST_PLACES):
        vouched = number == 0 and _vouched(one) and not scene.few_days
        place = _placed(scene, expected, inside, _VOUCHED if vouched else least)
        others = inside if place is None else inside & ~scene.production.are(place.segment, place.beside)
        every = _everywhere(expected, others, least) if int(others.sum()) >= _FEWEST else None
        if every is not None and (place is None or every.gain > place.gain):
            place = every
        if place is None:
            return
        near = scene.production.within(*_reach(scene, one)) & expected.known
        found = _shown(scene, expected, place, (inside, near), vouched=vouched and bool(place.segment))
        if found is not None:
            yield replace(found, keys=one.evidence)
        if not place.segment:
            return
        inside = inside & ~scene.production.are(place.segment, place.beside)


def _reach(scene: Scene, one: Asked) -> tuple[int, int]:
    """Return the first and last window that what was found may reach: what moved earlier by much would have been found earlier."""
    reach = max(_NEAR, (one.last - one.first + 1) // 2)
    return max(one.first - reach, 0), min(one.last + reach, len(scene.production.windows) - 1)


def _shown(scene: Scene, expected: Expected, place: Place, where: tuple[Bools, Bools], *, vouched: bool) -> _Judged | None:
    """Return since when rows of a place show it, and what says best what they show; None where they do not.

    Parameters
    ----------
    where : rows that are asked, and those that it may reach.
    """
    inside, near = where
    among = scene.production.are(place.segment, place.beside) & near
    chance = _chance(scene, expected, among) if place.segment else expected.plain
    uneven = expected.uneven if place.segment else expected.luck
    fit, spell = among & inside, None
    for _ in range(_ROUNDS):
        sampled, told = _told(scene, expected, chance, (fit, among))
        spell = when(scene, told / uneven, sampled, vouched=vouched)
        fit = among & spell.inside if spell is not None else fit
        if spell is None or int(fit.sum()) < _FEWEST:
            return None
    return None if spell is None else _judge(scene, expected, chance, fit, (spell, place))


def _placed(scene: Scene, expected: Expected, inside: Bools, least: float) -> Place | None:
    """Return the segment where labels are least what was expected: more of them, fewer, or the wrong way round; None where none is sure."""
    sampled = np.zeros(len(inside), dtype=bool)
    sampled[_sampled(inside, _MOST_PLACED)] = True
    inside = sampled
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
    return best if best.segment and sure else None


def _everywhere(expected: Expected, inside: Bools, least: float) -> Place | None:
    """Return all rows, where labels of these are what they were not by more than the luck of windows in the reference."""
    rows = _sampled(inside)
    share, gain = turned_round(expected.plain[rows], expected.happened[rows])
    gain = (gain / max(len(rows), 1) - expected.faults[0]) * float(inside.sum())
    if gain / expected.luck < least:
        return None
    return Place(segment={}, gain=gain / expected.luck, share=1.0, rate=share[0])


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
    (up, down), turned = turned_round(chance[fit], expected.happened[fit])
    plain = np.where(asked, np.nan_to_num(chance, nan=0.5), 0.5)
    now = np.clip(plain * (1 - down) + (1 - plain) * up, BOUND, 1 - BOUND)
    other = related(expected, now, (fit, asked))
    gain = likelihood(other[fit], expected.happened[fit]) - likelihood(plain[fit], expected.happened[fit])
    best = np.clip(other if gain > turned else now, BOUND, 1 - BOUND)
    return asked, np.where(expected.happened, np.log(best / plain), np.log((1 - best) / (1 - plain)))


def _sampled(among: Bools, most: int = _MOST_ROWS) -> Ints:
    """Return the places of evenly spaced rows, where there are too many to ask all."""
    rows = np.flatnonzero(among)
    return rows[:: max(len(rows) // most, 1)]


def _judge(scene: Scene, expected: Expected, chance: Floats, hit: Bools, where: tuple[Spell, Place]) -> _Judged:
    rows = _sampled(hit)
    happened, before = expected.happened[rows], chance[rows]
    (up, down), turned = turned_round(before, happened)
    now = np.clip(before * (1 - down) + (1 - before) * up, BOUND, 1 - BOUND)
    these = np.zeros(len(hit), dtype=bool)
    these[rows] = True
    all_now = np.full(len(hit), 0.5)
    all_now[rows] = now
    relation = related(expected, all_now, (these, these))[rows]
    shifted = shifted_all(before, happened)
    return _Judged(
        expected=expected,
        hit=hit,
        spell=where[0],
        place=where[1],
        turned=turned - expected.faults[0] * len(rows),
        relation=max(likelihood(relation, happened) - likelihood(before, happened) - expected.faults[1] * len(rows), shifted),
        risen=turned - max(shifted, turned_round(before, happened, ONLY_MORE)[1]) < DOUBT and bool(happened.mean() > before.mean()),
        columns=depends_on(expected, happened - now, rows),
        parameters=1 if min(up, down) == 0 or abs(up - down) < 0.1 else 2,
        before=float(before.mean()),
        after=(float(happened.mean()), float(now.mean())),
    )


def _hypotheses(scene: Scene, one: _Judged) -> Iterator[Hypothesis]:
    expected, best = one.expected, max(one.turned, one.relation)
    hit = scene.production.are(one.place.segment, one.place.beside) & one.spell.inside
    if best / expected.uneven < _LEAST_GAIN / 2 or (not expected.of_label and _began_with_version(scene, one.spell, hit)):
        return
    if not expected.of_label and one.after[0] < one.before:  # fewer errors than expected harm nobody
        return
    moved = distance_within(
        scene,
        scene.reference.are(one.place.segment, one.place.beside),
        one.hit,
        {finding.what for finding in _drifts(scene, one.spell).values()},
    )
    depends = _depends(one)
    other = depends or one.risen
    columns = one.columns if depends else tuple(one.place.segment)
    label = scene.workspace.case.roles.label or ""
    for cause, fits, gain, named, parameters in (
        (Cause.LABEL_CHANGE, not other, one.turned, (label,), one.parameters),
        (Cause.CONCEPT_CHANGE, other, one.relation, columns, one.parameters + 1),
    ):
        explained = min(gain / best, 1.0) * (1.0 if fits else BESIDE) * max(1.0 - MOVED * moved, 0.0)
        if explained > LEAST_SAID:
            measure = "labels" if expected.of_label else "errors"
            yield _hypothesis(one, hit, measure, cause=cause, columns=named, explained=explained, parameters=parameters)


def _depends(one: _Judged) -> bool:
    """Say whether inputs say more of what happened than labels turned round do."""
    return one.relation - one.turned > max(_LEAST_MORE * one.expected.uneven, _MORE * one.turned)


def _began_with_version(scene: Scene, spell: Spell, hit: Bools) -> bool:
    """Say whether nearly all rows concerned were scored by versions that served few before: errors are another model's then."""
    name = scene.workspace.case.roles.model_version
    if name is None or name not in scene.production.frame or not hit.any():
        return False
    version = scene.production.frame[name]
    known: list[object] = list(scene.reference.frame[name].dropna().unique()) if name in scene.reference.frame else []
    new = (version.notna() & ~version.isin(known)).to_numpy()
    first = scene.production.frame[WINDOW].to_numpy()[spell.inside].min()
    earlier = new[scene.production.frame[WINDOW].to_numpy() < first]
    return bool(new[hit].mean() >= NEARLY and (not len(earlier) or earlier.mean() <= 1 - NEARLY))


def _drifts(scene: Scene, spell: Spell) -> dict[str, Finding]:
    return meeting(scene, spell.inside, lambda analysis, _: analysis in ("drift", "quality"))


def _hypothesis(
    one: _Judged, hit: Bools, measure: str, *, cause: Cause, columns: tuple[str, ...], explained: float, parameters: int
) -> Hypothesis:
    return Hypothesis(
        cause=cause,
        columns=columns,
        segment=one.place.segment,
        beside=one.place.beside,
        start=one.spell.start,
        end=one.spell.end,
        shown_until=one.spell.shown,
        onset_lower=one.spell.lower,
        onset_upper=one.spell.upper,
        rows=int(hit.sum()),
        share_rows=float(hit.sum() / max(one.spell.inside.sum(), 1)),
        explained=explained,
        parameters=parameters + len(one.place.segment) + len(one.place.beside),
        proof=Proof(
            measure=measure,
            before=one.after[0] - one.before,
            after=one.after[0] - one.after[1],
            rows=int(one.hit.sum()),
            share=one.after[0],
        ),
        evidence=one.keys,
    )
