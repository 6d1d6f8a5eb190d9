"""Would a retrained model be better? Models that learn up to a day, on the rows after it: retraining can hurt as well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from monitor.analyses.duel import paired_binary, paired_numbers
from monitor.engine import Cancel, Progress, Watch
from monitor.errors import MethodError
from monitor.models.training import Recipe, Scoring, likeness, recipe_of
from monitor.retraining.plan import ALIKE, LATEST
from monitor.retraining.rows import Choice, History
from monitor.stats.performance.binary import Binary
from monitor.stats.performance.estimates import TOO_FEW
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.paired import Paired
from monitor.stats.performance.regression import Numbers
from monitor.vocabulary import Task

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TESTS = 3
"""Times at which a model is retrained, each tested on what follows until the next."""
TESTED_PART = 0.5
"""Part of the usable windows of production, the last ones, that are tested on."""
LEARNED, TESTED = 60_000, 6_000
"""Rows that a model learns from and that it is tested on, at most, at each time."""
FEWEST, HALF = 200, 0.5
CURRENT, SAME_RECIPE = "in charge", "same recipe, reference only"


@dataclass(frozen=True, slots=True)
class Trial:
    """One time of retraining: learned from `learned` rows until `until`, tested on `rows` of `windows`."""

    until: np.datetime64
    windows: tuple[str, ...]
    learned: int
    rows: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """Retrained models on rows that they have not seen, beside `base` (what they are compared with): metrics of all trials together
    (window 0) and of each (from 1), by id; `beside` the same against the other of the model in charge and the same recipe on the reference;
    `recipe` that they follow."""

    trials: tuple[Trial, ...]
    base: str
    found: Mapping[str, Paired]
    beside: Mapping[str, Paired]
    recipe: Recipe

    @property
    def lead(self) -> str:
        """The metric that decides; empty where none is known."""
        known = [name for name, one in self.found.items() if one.reason[0] == ""]
        return next((name for name in ("roc_auc", "mae", "brier", "value") if name in known), "")


def backtest(history: History, choice: Choice, *, progress: Progress | None = None, cancel: Cancel | None = None) -> Backtest:
    """Retrain at some times of the past and test on what followed; only labels that were in at that time are learned from.

    Raises
    ------
    MethodError
        Rows have no times, or too few have a label.
    ModelError
        The model cannot be fitted anew.
    CancelledError
        It was called off.
    """
    watch = Watch(progress, cancel)
    recipe = recipe_of(history.case, history.features)
    recipe = recipe if set(recipe.columns) <= set(history.frame.columns) else replace(recipe, own=None, columns=history.features)
    draw = np.random.default_rng(choice.seed)
    old = _fitted(history, recipe, _drawn(draw, history.used & ~history.production, LEARNED), None)
    trials, parts = [], []
    for at, (until, windows) in enumerate(_times(history)):
        watch.tell(at / TESTS, f"retraining as of {str(until)[:10]}")
        learn = _drawn(draw, _learnable(history, choice, until), LEARNED)
        test = _drawn(draw, history.used & history.production & np.isin(history.window, windows), TESTED)
        if len(learn) < FEWEST or len(test) < FEWEST:
            continue
        weight = _weights(history, choice, learn, until)
        said = _fitted(history, recipe, learn, weight)
        assert said is not None  # noqa: S101 - enough rows
        rows = history.frame.iloc[test]
        parts.append((test, said(rows), np.full(len(test), np.nan) if old is None else old(rows)))
        trials.append(Trial(until, windows, len(learn), len(test)))
    if not trials:
        raise MethodError("Too few rows of production have a label: there is nothing to test a retrained model on.")
    return _compared(history, recipe, trials, parts)


def _drawn(draw: np.random.Generator, kept: Bools, most: int) -> Ints:
    at = np.flatnonzero(kept)
    return np.sort(draw.permutation(at)[:most])


def _times(history: History) -> list[tuple[np.datetime64, tuple[str, ...]]]:
    """Return moments of retraining, each with the windows until the next."""
    usable = history.used & history.production & ~np.isnat(history.time)
    windows = sorted(set(history.window[usable]))
    if len(windows) < 2:
        raise MethodError("A back-test needs rows of production with times and labels in at least two windows.")
    tested = windows[int(len(windows) * (1 - TESTED_PART)) :]
    parts = [tuple(part) for part in np.array_split(np.array(tested, dtype=object), min(TESTS, len(tested)))]
    return [(history.time[usable & (history.window == part[0])].min(), part) for part in parts]


def _learnable(history: History, choice: Choice, until: np.datetime64) -> Bools:
    """Return the rows that could be learned from at a moment: those whose labels were in, and, where they come late, of an age at which
    nearly all are."""
    before = history.used & (~history.production | (history.time < until))
    if not np.isnat(history.known_at).all():
        before &= ~(history.known_at > until)
        if np.isfinite(history.delay):
            before &= ~history.production | (history.time < until - np.timedelta64(int(history.delay * 3600), "s"))
    return np.asarray(before & (choice.reference | history.production))


def _weights(history: History, choice: Choice, learn: Ints, until: np.datetime64) -> Floats | None:
    """Return weights toward the inputs of the windows before a moment, as the training set has them."""
    if not choice.weighted:
        return None
    seen = history.production & (history.time < until)
    latest = np.flatnonzero(seen & np.isin(history.window, sorted(set(history.window[seen]))[-LATEST:]))[-LEARNED // 2 :]
    if len(latest) < FEWEST:
        return None
    columns = list(history.features)
    like = likeness(history.frame[columns].iloc[learn], history.frame[columns].iloc[latest])
    return like.weight if like.auc >= ALIKE else None


def _fitted(history: History, recipe: Recipe, learn: Ints, weight: Floats | None) -> Scoring | None:
    if len(learn) < FEWEST:
        return None
    return recipe.fit(history.frame.iloc[learn], history.label[learn], weight)


def _compared(history: History, recipe: Recipe, trials: list[Trial], parts: list[tuple[Ints, Floats, Floats]]) -> Backtest:
    at = np.concatenate([part[0] for part in parts])
    new, old = (np.concatenate([part[k] for part in parts]) for k in (1, 2))
    trial = np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts])
    logged = history.score[at]
    # What a recipe of ours differs in from the case's own model is not the new data: it is compared with itself on the old.
    base = CURRENT if recipe.own is not None and np.isfinite(logged).mean() > HALF else SAME_RECIPE
    first, other = (logged, old) if base == CURRENT else (old, logged)
    found = _paired(history, at, trial, first, new)
    beside = _paired(history, at, trial, other, new) if np.isfinite(other).any() else {}
    return Backtest(tuple(trials), base, found, beside, recipe)


def _paired(history: History, at: Ints, trial: Ints, first: Floats, second: Floats) -> dict[str, Paired]:
    """Compare two models, in all trials together (window 0) and in each."""
    known = np.isfinite(first) & np.isfinite(second)
    at, trial, first, second = at[known], trial[known], first[known], second[known]
    hour = pd.Series(history.time[at]).dt.floor("h").rank(method="dense").fillna(0).to_numpy(dtype=np.int64)
    block = hour + trial * (int(hour.max(initial=0)) + 1)
    rows, label = Labelled(trial, int(trial.max(initial=0)) + 1, block), history.label[at]
    if history.case.task is Task.REGRESSION:
        return {name: _with_all(one) for name, one in paired_numbers(Numbers(rows, label, first), Numbers(rows, label, second))}
    threshold = history.case.roles.threshold
    worth = None if history.worth is None or threshold is None else history.worth[:, at]
    edge = HALF if threshold is None else float(threshold)
    both = [Binary(rows, label == 1, score >= edge, score, worth) for score in (first, second)]
    return {name: _with_all(one) for name, one in paired_binary(both[0], both[1])}


def _with_all(one: Paired) -> Paired:
    """Put all trials before each: models of different times rank rows of their own time, so the mean over trials is taken, by rows."""
    known = one.reason == ""
    part = np.where(known, one.n, 0.0) / max(float(one.n[known].sum()), 1e-300)
    value, challenger = (float(part @ np.where(known, values, 0.0)) for values in (one.value, one.challenger))
    variance = float(part**2 @ np.where(known, one.variance, 0.0))
    reach = float(np.sqrt(part**2 @ np.where(known, ((one.upper - one.lower) / 2) ** 2, 0.0)))
    difference = challenger - value
    p_value = float(2 * special.ndtr(-abs(difference) / np.sqrt(variance))) if variance > 0 else 1.0
    first = {
        "value": value, "challenger": challenger, "difference": difference, "variance": variance, "lower": difference - reach,
        "upper": difference + reach, "p_value": p_value, "n": float(one.n[known].sum()), "reason": "" if known.any() else TOO_FEW,
    }  # fmt: skip
    return Paired(**{name: np.r_[np.array([told]), getattr(one, name)] for name, told in first.items()})
