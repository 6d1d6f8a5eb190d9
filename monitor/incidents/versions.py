"""Rows scored by another model: of another version that the data name, or by scores that the same inputs did not get before."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from monitor.incidents.asked import Asked, meeting, merged, side_by_side, stretches
from monitor.incidents.cause import Cause, Hypothesis, Proof
from monitor.incidents.expected_labels import inputs_of, named_inputs, with_values
from monitor.incidents.moments import evidence, when
from monitor.incidents.places import localise
from monitor.incidents.reweighing import distance_within
from monitor.incidents.scene import WINDOW, Scene
from monitor.judgement.explanations import JudgedExplanations
from monitor.judgement.finding import Finding
from monitor.vocabulary import Role

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

ANALYSES = frozenset({"predictions", "performance", "segments", "estimate", "explanations", "operations"})
FAR = 0.95
"""Quantile of what scores of the reference lie off what their inputs tell, above which a score is not what the inputs got before."""
LEAST_APART = 0.1
"""Kolmogorov distance between scores of a version and of the others, inputs taken into account, from which it scores otherwise."""
_LEAST_MORE = 0.1
_UNNAMED = 0.7
"""What an explanation is worth at most where no column names a version: other things may change scores too."""
_MOVED = 0.3
"""Total variation of an input that drifts, in the rows concerned, from which scores are not compared: such inputs were never scored."""
_CLASSES = 8
"""Classes whose scores are compared; another model scores more than one of them otherwise."""
_FEWEST = 50
_MOST_ROWS = 12_000
_MUCH_MORE = 0.02
_SELDOM, _FEWER = 0.1, 20.0
"""Quantile of the shares that a version has in its windows, which says how many rows show that it serves; before, it was so much rarer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Off:
    """How far scores lie from what their inputs tell: of rows of the reference that nothing was learned from, with the windows they are of,
    and of production's."""

    before: Floats
    window: NDArray[np.int64]
    now: Floats


def examine_versions(scene: Scene) -> tuple[Hypothesis, ...]:
    """Return which rows another model scored, and since when."""
    scores = _scores(scene)
    answers = {*scores, scene.workspace.case.roles.prediction} if len(scores) > 1 else set(scores)
    wanted = stretches(scene, lambda analysis, finding: _of_output(analysis, finding, answers))
    looked = wanted or _new_levels(scene)
    offs = {name: off for name in scores if (off := _off(scene, name)) is not None} if looked else {}
    if not offs:
        return ()
    score = max(offs, key=lambda name: _ks(offs[name].now[np.isfinite(offs[name].now)], offs[name].before))
    found = tuple(_named(scene, wanted, offs[score], score))
    return merged(found or tuple(_unnamed(scene, wanted, offs[score], score)))


def _scores(scene: Scene) -> tuple[str, ...]:
    """Return the columns of scores, of several classes the first ones; where there are none, a prediction that is a number."""
    roles, frames = scene.workspace.case.roles, (scene.reference.frame, scene.production.frame)
    asked = tuple(roles.score.values())[:_CLASSES] if isinstance(roles.score, dict) else (roles.score or roles.prediction,)
    return tuple(name for name in asked if name is not None and all(name in one and one[name].dtype == np.float64 for one in frames))


def _of_output(analysis: str, finding: Finding, answers: Set[str | None]) -> bool:
    if analysis == "operations":
        return False
    return analysis in ANALYSES and (analysis != "predictions" or bool(finding.version) or finding.what.split("~")[0] in answers)


def _off(scene: Scene, score: str) -> _Off | None:
    """Learn the score of the reference from its inputs, every other window, and return how far all others lie from it."""
    names, categorical = named_inputs(scene, (Role.FEATURE,))
    window = scene.reference.frame[WINDOW].to_numpy()
    then = scene.reference.frame[score].to_numpy()
    learnt = np.flatnonzero((window % 2 == 0) & np.isfinite(then))
    other = np.flatnonzero((window % 2 == 1) & np.isfinite(then))
    if len(learnt) < _FEWEST or len(other) < _FEWEST:
        rows = np.flatnonzero(np.isfinite(then))
        learnt, other = rows[::2], rows[1::2]
    if len(learnt) < _FEWEST or not names:
        return None
    learnt, other = (rows[:: max(len(rows) // _MOST_ROWS, 1)] for rows in (learnt, other))
    before, now = inputs_of(scene, scene.reference, names), inputs_of(scene, scene.production, names)
    model = HistGradientBoostingRegressor(max_iter=80, max_leaf_nodes=31, categorical_features=np.array(categorical), random_state=0)
    with threadpool_limits(limits=1):
        model.fit(with_values(before[learnt]), _wide(then[learnt]))
        told_before, told_now = model.predict(before[other]), model.predict(now)
    scores = _wide(scene.production.frame[score].to_numpy())
    return _Off(before=_wide(then[other]) - told_before, window=window[other], now=scores - told_now)


def _wide(score: Floats) -> Floats:
    """Return scores between 0 and 1 as log-odds, others as they are: small ones differ too."""
    known = score[np.isfinite(score)]
    if not len(known) or known.min() < 0 or known.max() > 1:
        return score
    kept = np.clip(score, 1e-4, 1 - 1e-4)
    return np.asarray(np.log(kept / (1 - kept)))


def _new_levels(scene: Scene) -> frozenset[str]:
    """Return the versions that the reference never had and that serve rows enough."""
    name = scene.workspace.case.roles.model_version
    if name is None or any(name not in one.frame for one in (scene.reference, scene.production)):
        return frozenset()
    known, rows = set(scene.reference.frame[name].dropna().astype(str)), scene.production.frame[name].value_counts()
    return frozenset(str(level) for level, n in rows.items() if n >= _FEWEST and str(level) not in known)


def _named(scene: Scene, wanted: tuple[Asked, ...], off: _Off, score: str) -> Iterator[Hypothesis]:
    """Tell of versions that serve more rows than they did, and score otherwise than the others."""
    name = scene.workspace.case.roles.model_version
    if name is None or name not in scene.production.frame:
        return
    now = scene.production.frame[name]
    then = scene.reference.frame.get(name)
    for level, share in now.value_counts(normalize=True).items():
        before = float((then == level).mean()) if then is not None else 0.0
        if share - before < _MUCH_MORE or int((now == level).sum()) < _FEWEST:
            continue
        told = _version(scene, wanted, off, (name, str(level), score))
        if told is not None:
            yield told


def _version(scene: Scene, wanted: tuple[Asked, ...], off: _Off, names: tuple[str, str, str]) -> Hypothesis | None:
    name, level, score = names
    mine = scene.production.are({name: level})
    window = scene.production.frame[WINDOW].to_numpy()
    span = (window >= window[mine].min()) & (window <= window[mine].max())
    by_window = np.bincount(window[span], weights=mine[span]) / np.maximum(np.bincount(window[span]), 1)
    share = float(np.quantile(by_window[by_window > 0], _SELDOM))
    spell = when(scene, evidence(mine, share / _FEWER, share))
    hit = mine & spell.inside if spell is not None else mine
    if spell is None or int(hit.sum()) < _FEWEST:
        return None
    known = np.isfinite(off.now)
    peers = off.now[~mine & spell.inside & known]
    others = peers if len(peers) >= _FEWEST else off.before
    apart = _ks(off.now[hit & known], others)
    if apart < LEAST_APART:
        return None
    before, after = _ks(off.now[spell.inside & known], off.before), _ks(peers, off.before) if len(peers) >= _FEWEST else 0.0
    keys = [key for one in wanted if _meets(one, window[hit]) for key, finding in one.findings if finding.version in ("", level)]
    if not keys and level not in _new_levels(scene):  # rows of other versions beside it show what days that differ hide
        return None
    return Hypothesis(
        cause=Cause.MODEL_VERSION,
        columns=(score,),
        segment={name: level},
        start=spell.start,
        end=spell.end,
        onset_lower=spell.lower,
        onset_upper=spell.upper,
        rows=int(hit.sum()),
        share_rows=float(hit.sum() / max(spell.inside.sum(), 1)),
        explained=max(1.0 - after / max(before, apart), 0.0),
        parameters=1,
        proof=Proof(measure="ks", before=before, after=after, rows=int((spell.inside & known).sum())),
        evidence=tuple(keys),
        version=level,
    )


def _meets(asked: Asked, window: NDArray[np.int64]) -> bool:
    return bool(asked.first <= window.max() and asked.last >= window.min())


def _unnamed(scene: Scene, wanted: tuple[Asked, ...], off: _Off, score: str) -> Iterator[Hypothesis]:
    """Tell of rows whose scores are not what such inputs got before, more of them than in any window of the reference, where no column
    names a version and the model does not say what was logged."""
    if scene.few_days or _says_what_was_logged(scene):
        return
    limit = float(np.quantile(np.abs(off.before), FAR))
    then = np.abs(off.before) > limit
    now = np.abs(off.now) > limit
    most = max(_shares(then, off.window), default=0.0)
    for asked in wanted:
        inside = scene.production.within(asked.first, asked.last) & np.isfinite(off.now)
        share = float(now[inside].mean()) if inside.any() else 0.0
        if share - float(then.mean()) < _LEAST_MORE or share <= most:
            continue
        frame = scene.production.frame
        before = scene.reference.frame.iloc[:: max(len(scene.reference) // max(len(then), 1), 1)].iloc[: len(then)]
        place = localise(before, frame[inside], then[: len(before)], now[inside], side_by_side(scene, inside))
        among = place.are(frame)
        spell = when(scene, evidence(now, float(then.mean()), place.bad / max(place.rows, 1)), among & np.isfinite(off.now))
        if spell is None:
            continue
        hit = among & spell.inside
        told = {finding.what for finding in meeting(scene, spell.inside, lambda analysis, _: analysis in ("drift", "quality")).values()}
        moved = distance_within(scene, place.are(scene.reference.frame), hit, told)
        if moved > _MOVED:
            continue
        yield Hypothesis(
            cause=Cause.MODEL_VERSION,
            columns=(score,),
            segment=place.segment,
            beside=place.beside,
            start=spell.start,
            end=spell.end,
            onset_lower=spell.lower,
            onset_upper=spell.upper,
            rows=int((hit & now).sum()),
            share_rows=float((hit & now).sum() / max(spell.inside.sum(), 1)),
            explained=_UNNAMED * place.share * (1.0 - moved),
            parameters=1 + len(place.segment) + len(place.beside),
            proof=Proof(measure="share", before=float(now[hit].mean()), after=float(then.mean()), rows=int(hit.sum())),
            evidence=asked.evidence,
        )


def _says_what_was_logged(scene: Scene) -> bool:
    """Say whether the model of the case gave the answers of production, as the analysis of explanations saw on its sample: no other did."""
    judged = scene.judged.get("explanations")
    check = judged.result.reproductions[1] if isinstance(judged, JudgedExplanations) else None
    return check is not None and check.reproduced


def _shares(hit: Bools, window: NDArray[np.int64]) -> Iterator[float]:
    """Yield the share of rows that are hit in each window of enough rows."""
    for one in np.unique(window):
        if int((window == one).sum()) >= _FEWEST:
            yield float(hit[window == one].mean())


def _ks(one: Floats, other: Floats) -> float:
    """Return the largest distance between two distribution functions."""
    if not len(one) or not len(other):
        return 0.0
    every = np.sort(np.concatenate([one, other]))
    below = (np.searchsorted(np.sort(part), every, side="right") / len(part) for part in (one, other))
    first, second = below
    return float(np.abs(first - second).max())
