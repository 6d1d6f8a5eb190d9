"""What is fitted to rows of the incident: another threshold, other probabilities, another model; each tried on rows after those."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.errors import ModelError
from monitor.incidents.next_step import FEWEST_RARE, FIRST_PART
from monitor.models.training import Recipe, recipe_of
from monitor.remedies.gains import Answered, Truth, decision_loss, gains_of
from monitor.remedies.ground import DAY, FEWEST, Ground
from monitor.remedies.kinds import DOUBTED, REMOVES, SERVICE, UNWANTED, Basis, Remedy, Why
from monitor.remedies.option import Option, Tried
from monitor.stats.performance.binary import worth_of
from monitor.wording import count_text

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

THRESHOLDS = 199
"""Thresholds that are tried: between as many scores of equal counts."""
LEARNED = 60_000
"""Rows that a model learns from, at most."""
NEAR = 1e-4
"""How near to 0 and 1 probabilities are kept before they are turned into log-odds."""
MOST_WEIGHT = 20.0
"""How often a row since the onset counts beside others, at most, when it takes the place of rows of before."""


@dataclass(frozen=True)
class Parts:
    """Rows of an incident by time: `fit` the first part, `test` the later ones, `after` those of the place once it was over; `then` rows of
    the place before, all (n,). `hindsight`: labels of the first part had not come when the later ones were answered."""

    ground: Ground
    until: np.datetime64
    fit: Bools
    test: Bools
    after: Bools
    then: Bools
    hindsight: bool = False

    @classmethod
    def of(cls, ground: Ground) -> Parts:
        """Cut the labelled rows concerned where the first part has come. Of labels that come late only those of rows that were old enough
        by then count (the bad ones may come first); where these are too few, all that are known today do, in hindsight."""
        history = ground.history
        known = ground.used & np.isfinite(history.score)
        rows = np.flatnonzero(ground.hit & known)
        rows = rows[np.argsort(history.time[rows], kind="stable")]
        cut = rows[int(FIRST_PART * len(rows))] if len(rows) else 0
        until = history.time[cut] if len(rows) else np.datetime64("NaT", "us")
        late = ground.hit & known & ((history.time >= until) if not np.isnat(until) else _second(rows, len(known)))
        first = ground.hit & known & ~late
        then = ground.place & ground.before & known
        by_then = cls(ground, until, first & _known_by(ground, until), late, ground.after & known, then)
        hindsight = bool(by_then.few and by_then.fit.sum() < first.sum())
        return replace(by_then, fit=first, hindsight=True) if hindsight else by_then

    @cached_property
    def refused(self) -> Why:
        """Why nothing can be fitted; none where it can."""
        cause = self.ground.cause.cause
        if cause in DOUBTED:
            return Why.LABELS_IN_DOUBT
        if cause in UNWANTED:
            return Why.NOT_TO_LEARN
        if cause in SERVICE:
            return Why.NOT_ANSWERS
        return Why.FEW_LABELS if self.few else Why.TRIED

    @property
    def rare(self) -> int:
        """Rows of the rarer class that something would be fitted to."""
        label = self.ground.history.label[self.fit]
        return int(min((label == 1).sum(), (label == 0).sum()))

    @property
    def few(self) -> bool:
        """Whether too few labels are there to fit something, or to try it."""
        return (self.ground.binary and self.rare < FEWEST_RARE) or min(self.fit.sum(), self.test.sum()) < FEWEST

    @property
    def few_text(self) -> str:
        """How many labels there are, and how many are needed."""
        rare = f", {count_text(self.rare)} of the rarer class" if self.ground.binary else ""
        needs = f"{FEWEST} and {FEWEST_RARE} are needed" if self.ground.binary else f"{FEWEST} are needed"
        return f"{count_text(int(self.fit.sum()))} to learn from{rare}, {count_text(int(self.test.sum()))} to try it on; {needs}"

    def refuse(self, option: Option) -> Option:
        """Return an option as one that was not tried, because nothing can be fitted."""
        return option.because(self.refused, self.few_text if self.refused is Why.FEW_LABELS else "")

    def judged(self, option: Option, made: tuple[Answered, Answered | None], told: str = "") -> Option:
        """Return an option with what answers (n,) made with the rows of the incident bring, beside how they were answered and beside the
        same made without them (None: it could not be)."""
        ground, (now, before) = self.ground, made
        truth, served = ground.truth(self.test), ground.served.take(self.test)
        found = option.tried(Basis.SIMULATED, gains_of(truth, served, now.take(self.test)))
        found = replace(found, told=told, hindsight=self.hindsight, answers=Tried(self.test, now))
        if not found.gains:
            return found
        beyond = () if before is None else gains_of(truth, before.take(self.test), now.take(self.test))
        gone = ground.truth(self.after)
        after = gains_of(gone, ground.served.take(self.after), now.take(self.after)) if self.after.any() else ()
        return replace(found, beyond=beyond, after=after, moved=float(np.nanmean(np.abs(now.score[self.test] - served.score))))


def _known_by(ground: Ground, moment: np.datetime64) -> Bools:
    """Return the rows whose labels had come by a moment, and that were old enough then for them to count, (n,); all without a moment."""
    history = ground.history
    young = (moment - history.time) / DAY < ground.limit
    return np.asarray(~(history.known_at > moment) & ~young)


def _second(rows: NDArray[np.int64], n: int) -> Bools:
    """Return the second part of rows without times, in their order."""
    late = np.zeros(n, dtype=bool)
    late[rows[int(FIRST_PART * len(rows)) :]] = True
    return late


def _option(remedy: Remedy, parts: Parts) -> Option:
    return Option(remedy=remedy, basis=Basis.NONE, removes=REMOVES.get(parts.ground.cause.cause) is remedy)


def rethreshold(parts: Parts) -> Option:
    """Return what another threshold in the rows concerned would have brought."""
    ground, option = parts.ground, _option(Remedy.RETHRESHOLD, parts)
    if not ground.binary:
        return option.because(Why.NO_THRESHOLD)
    if parts.refused:
        return parts.refuse(option)
    score = ground.history.score
    edges = [best_threshold(ground.truth(rows), score[rows]) if rows.sum() >= FEWEST else None for rows in (parts.fit, parts.then)]
    if edges[0] is None:
        return option.because(Why.FEW_LABELS)
    now, before = (None if edge is None else ground.decided(score, threshold=edge) for edge in edges)
    assert now is not None  # noqa: S101 - its threshold is known
    found = parts.judged(option, (now, before), f"{edges[0]:.3g}")
    return replace(found, gains=found.gains[:1], beyond=found.beyond[:1], after=found.after[:1])


def best_threshold(truth: Truth, score: Floats) -> float:
    """Return the score from which saying positive would have been worth most, or weighed least.

    >>> rows = Truth(np.array([0.0, 0.0, 1.0, 1.0]), None, 0.5, np.arange(4))
    >>> 0.2 < best_threshold(rows, np.array([0.1, 0.2, 0.7, 0.9])) <= 0.7
    True
    """
    edges = np.unique(np.quantile(score, np.linspace(0, 1, THRESHOLDS)))
    losses = [float(np.nansum(_loss(truth, score >= edge))) for edge in (*edges, np.inf)]
    return float((*edges, float(np.nextafter(edges[-1], np.inf)))[int(np.argmin(losses))])


def _loss(truth: Truth, decision: Bools) -> Floats:
    return decision_loss(truth, decision) if truth.worth is None else -worth_of(truth.label == 1, decision, truth.worth)


def recalibrate(parts: Parts) -> Option:
    """Return what other probabilities (or values) for the same scores in the rows concerned would have brought."""
    ground, option = parts.ground, _option(Remedy.RECALIBRATE, parts)
    score = ground.history.score
    known = score[np.isfinite(score)]
    if ground.binary and (not len(known) or known.min() < 0 or known.max() > 1):
        return option.because(Why.NO_SCORE)
    if parts.refused:
        return parts.refuse(option)
    now = _mapped(ground, parts.fit)
    before = _mapped(ground, parts.then) if parts.then.sum() >= FEWEST else None
    return option.because(Why.FEW_LABELS) if now is None else parts.judged(option, (now, before))


def _mapped(ground: Ground, rows: Bools) -> Answered | None:
    """Return answers by a line through the log-odds (Platt 1999), or the values, that fits the labels of some rows; None of one class."""
    from sklearn.linear_model import LinearRegression, LogisticRegression

    label, x = ground.history.label, _scale(ground, ground.history.score)
    if ground.binary and len(np.unique(label[rows])) < 2:
        return None
    model = LogisticRegression(C=1e6) if ground.binary else LinearRegression()
    model.fit(x[rows, None], label[rows])
    known = np.isfinite(x)
    said = np.full(len(x), np.nan)
    said[known] = model.predict_proba(x[known, None])[:, 1] if ground.binary else model.predict(x[known, None])
    return ground.decided(said)


def _scale(ground: Ground, score: Floats) -> Floats:
    if not ground.binary:
        return score
    kept = np.clip(score, NEAR, 1 - NEAR)
    return np.asarray(np.log(kept / (1 - kept)))


def retrain(parts: Parts) -> Option:
    """Return what a model that learned from rows of the incident too would have brought; what the place taught before is left out."""
    ground, option = parts.ground, _option(Remedy.RETRAIN, parts)
    if parts.refused:
        return parts.refuse(option)
    history = ground.history
    recipe = recipe_of(history.case, history.features)
    old = np.flatnonzero(ground.used & ground.before)
    with_it, weight = _learnt(parts, old)
    try:
        said = [_answers(ground, recipe, rows, counts) for rows, counts in ((with_it, weight), (old, None))]
    except ModelError as error:
        return option.because(Why.NOT_FITTED, str(error))
    found = parts.judged(option, (ground.decided(said[0]), ground.decided(said[1])))
    return found if recipe.own is not None else replace(found, detail=recipe.why)


def _learnt(parts: Parts, old: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Return the rows that are learned from, and their weights: where how labels depend on inputs moved, rows of the place since then
    count as those of before did, which are left out."""
    ground, fit = parts.ground, np.flatnonzero(parts.fit)
    replaced = parts.then[old] if ground.cause.cause in REPLACED and ground.cause.segment else np.zeros(len(old), dtype=bool)
    counts = float(np.clip(replaced.sum() / max(len(fit), 1), 1.0, MOST_WEIGHT))
    kept = old[~replaced]
    return np.concatenate([kept, fit]), np.concatenate([np.ones(len(kept)), np.full(len(fit), counts)])


REPLACED = frozenset(cause for cause, remedy in REMOVES.items() if remedy is Remedy.RETRAIN)
"""Causes after which what rows of the place taught before is wrong."""


def _answers(ground: Ground, recipe: Recipe, rows: NDArray[np.int64], weight: Floats | None) -> Floats:
    """Fit a model on some rows and return what it says of the rows of the place, (n,); nan of all others."""
    history, step = ground.history, max(-(-len(rows) // LEARNED), 1)
    if recipe.own is not None and not set(recipe.columns) <= set(history.frame.columns):
        recipe = replace(recipe, own=None, columns=history.features)
    said = recipe.fit(history.frame.iloc[rows[::step]], history.label[rows[::step]], None if weight is None else weight[::step])
    found, asked = np.full(len(history.label), np.nan), ground.hit | ground.after
    found[asked] = said(history.frame.loc[asked])
    return found
