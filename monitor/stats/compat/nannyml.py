"""The `nannyml` profile: scores, thresholds and alerts as NannyML 0.13.1 computes them, chunk by chunk.

Bins and levels are fixed on the reference; missing values are dropped (except by `missing_values` and `unseen_values`). The threshold of a
method is the mean plus 3 standard deviations (ddof 0) of its scores of the reference's own chunks, each against the WHOLE reference that
contains it, within the method's bounds; `chi2` alerts by p < .05 instead. Kept on purpose, although that rule alarms 4-8 % of chunks
without any drift (see `monitor.stats.inference.expectation` for ours):

- production outside the reference's range is one extra bin for `jensen_shannon` and `hellinger`;
- from 10,000 reference rows on, `kolmogorov_smirnov` and `wasserstein` are computed on 10,000 equal-width bins of the reference's range,
  and `wasserstein` counts one row too many in the lower tail if it has any;
- `unseen_values` counts missing values as unseen if the reference has none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from monitor.errors import MethodError
from monitor.stats.compat.profiles import LEVELS, NUMBERS, PeerMethod, Verdict, find, is_there, level_counts, present
from monitor.stats.methods import contingency as tests_on_counts
from monitor.stats.methods import divergences, samples
from monitor.vocabulary import Kind

Floats = NDArray[np.float64]
Values = NDArray[Any]

BINNED_FROM = 10_000
BINS = 10_000
DEVIATIONS = 3
ALPHA = 0.05
DEFAULT = "nannyml.jensen_shannon"
"""Id of the method that NannyML uses unless others are asked for, whatever the kind."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """One method fitted on the reference of one column; `judge` gives its verdict on a window."""

    method: PeerMethod
    kind: Kind
    score: Callable[[Values], float]
    lower: float
    upper: float
    p_value: Callable[[Values], float] | None

    def judge(self, production: ArrayLike) -> Verdict:
        """Return what NannyML would report of one window; a window without values gives nan and no drift."""
        values = _kept(self.method.id, production, self.kind)
        if len(values) == 0:
            return Verdict(float("nan"), self.upper, drifted=False, lower=self.lower)
        score = self.score(values)
        if self.p_value is not None:
            return Verdict(score, float("nan"), self.p_value(values) < ALPHA)
        return Verdict(score, self.upper, bool(score > self.upper or score < self.lower), lower=self.lower)


def fit(name: str, reference: ArrayLike, reference_windows: Sequence[ArrayLike], kind: Kind) -> Fitted:
    """Fit a method on the whole reference of a column and on its windows.

    Raises
    ------
    MethodError
        No such method, not for this kind, or no reference windows to take a threshold from.
    """
    method = find(METHODS, name, kind)
    if len(reference_windows) == 0:
        raise MethodError(f"Method '{name}' takes its threshold from the reference's windows; cut the reference into windows.")
    whole = _kept(name, reference, kind)
    if len(whole) == 0:
        return Fitted(method, kind, lambda _: float("nan"), float("nan"), float("nan"), None)
    score = _FITTERS[name](whole, kind)
    p_value = _chi2(whole, p=True) if name == "nannyml.chi2" else None
    lower, upper = _thresholds(name, score, [_kept(name, window, kind) for window in reference_windows])
    return Fitted(method, kind, score, lower, upper, p_value)


def _kept(name: str, values: ArrayLike, kind: Kind) -> Values:
    return np.asarray(values) if name in (MISSING, UNSEEN) else present(values, kind)


def _thresholds(name: str, score: Callable[[Values], float], windows: Sequence[Values]) -> Floats:
    """Lower and upper threshold, nan where there is none."""
    if name == UNSEEN:
        return np.array([np.nan, 0.0])
    scores = np.array([score(window) if len(window) else np.nan for window in windows])
    middle, spread = float(np.mean(scores)), DEVIATIONS * float(np.std(scores))
    upper = min(middle + spread, 1.0) if name == "nannyml.kolmogorov_smirnov" else middle + spread
    if name != MISSING:
        return np.array([np.nan, upper])
    return np.array([middle - spread if middle - spread >= 0 else np.nan, upper if upper <= 1 else np.nan])


def _shares_fixed_on(reference: Values, kind: Kind) -> Callable[[Values], tuple[Floats, Floats]]:
    """Return a function giving both sides' shares on the reference's bins or levels, plus one bin for the rest of production."""
    if kind in NUMBERS:
        edges = np.histogram_bin_edges(reference.astype(float), bins="doane")
        p = np.histogram(reference, edges)[0] / len(reference)

        def of(production: Values) -> tuple[Floats, Floats]:
            return _with_leftover(p, np.histogram(production, edges)[0] / len(production))

        return of

    against = level_counts(reference)

    def of_levels(production: Values) -> tuple[Floats, Floats]:
        counts = against(production)
        seen = counts[:, counts[0] > 0]
        return _with_leftover(seen[0] / len(reference), seen[1] / len(production))

    return of_levels


def _with_leftover(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    return np.append(p, 0.0), np.append(q, max(1 - q.sum(), 0.0))


def _on_shares(formula: Callable[[ArrayLike, ArrayLike], Floats]) -> Callable[[Values, Kind], Callable[[Values], float]]:
    def fitter(reference: Values, kind: Kind) -> Callable[[Values], float]:
        shares = _shares_fixed_on(reference, kind)
        return lambda production: float(formula(*shares(production))[0])

    return fitter


def _l_infinity(reference: Values, _: Kind) -> Callable[[Values], float]:
    against = level_counts(reference)
    return lambda production: float(divergences.l_infinity(*against(production))[0])


def _chi2(reference: Values, *, p: bool) -> Callable[[Values], float]:
    against = level_counts(reference)

    def score(production: Values) -> float:
        outcomes = tests_on_counts.chi2(*against(production), yates=True)
        return float((outcomes.p_value if p else outcomes.score)[0])

    return score


def _kolmogorov_smirnov(reference: Values, _: Kind) -> Callable[[Values], float]:
    if len(reference) < BINNED_FROM:
        return lambda production: samples.ks_statistic(reference, production)
    edges = np.linspace(reference.min(), reference.max(), BINS + 1)
    below = np.cumsum(np.histogram(reference, edges)[0] / len(reference))

    def score(production: Values) -> float:
        inside = np.cumsum(np.histogram(production, edges)[0] / len(production))
        return float(np.abs(below - inside - (production < edges[0]).mean()).max())

    return score


def _wasserstein(reference: Values, _: Kind) -> Callable[[Values], float]:
    if len(reference) < BINNED_FROM:
        return lambda production: samples.wasserstein(reference, production).score
    counts, edges = np.histogram(reference, bins=BINS)
    below = np.cumsum(counts / len(reference))

    def score(production: Values) -> float:
        rows = len(production)
        low, high = production[production < edges[0]], production[production > edges[-1]]
        tails = ((edges[0] - low).sum() + (high - edges[-1]).sum()) / rows
        shifted = (len(low) + 1) / rows if len(low) else 0.0
        inside = np.cumsum(np.histogram(production, edges)[0] / rows) + shifted
        return float((np.abs(below - inside) * (edges[1] - edges[0])).sum() + tails)

    return score


def _missing_values(_: Values, kind: Kind) -> Callable[[Values], float]:
    return lambda production: 1 - is_there(production, kind).mean()


def _unseen_values(reference: Values, kind: Kind) -> Callable[[Values], float]:
    seen, missing_is_seen = set(present(reference, kind).tolist()), not bool(is_there(reference, kind).all())

    def score(production: Values) -> float:
        there = is_there(production, kind)
        known = sum(value in seen for value in present(production, kind).tolist())
        return 1 - (known + missing_is_seen * int((~there).sum())) / len(production)

    return score


MISSING = "nannyml.missing_values"
UNSEEN = "nannyml.unseen_values"

_FITTERS: dict[str, Callable[[Values, Kind], Callable[[Values], float]]] = {
    "nannyml.jensen_shannon": _on_shares(divergences.js),
    "nannyml.hellinger": _on_shares(divergences.hellinger),
    "nannyml.kolmogorov_smirnov": _kolmogorov_smirnov,
    "nannyml.wasserstein": _wasserstein,
    "nannyml.chi2": lambda reference, _: _chi2(reference, p=False),
    "nannyml.l_infinity": _l_infinity,
    MISSING: _missing_values,
    UNSEEN: _unseen_values,
}

_ALL = NUMBERS | LEVELS
_NAN = float("nan")

METHODS: tuple[PeerMethod, ...] = (
    PeerMethod(
        "nannyml.jensen_shannon",
        "Jensen-Shannon distance",
        _ALL,
        _NAN,
        is_p_value=False,
        summary="base 2; Doane's bins or levels of the reference, plus one for the rest",
    ),
    PeerMethod(
        "nannyml.hellinger",
        "Hellinger distance",
        _ALL,
        _NAN,
        is_p_value=False,
        summary="same bins and levels as the Jensen-Shannon distance",
    ),
    PeerMethod(
        "nannyml.kolmogorov_smirnov",
        "Kolmogorov-Smirnov statistic",
        NUMBERS,
        _NAN,
        is_p_value=False,
        summary="the statistic, not the p-value; binned from 10,000 reference rows on",
    ),
    PeerMethod(
        "nannyml.wasserstein",
        "Wasserstein distance",
        NUMBERS,
        _NAN,
        is_p_value=False,
        summary="in units of the column; binned from 10,000 reference rows on",
    ),
    PeerMethod(
        "nannyml.chi2",
        "Chi2 statistic",
        LEVELS,
        _NAN,
        is_p_value=False,
        summary="two-sample, with Yates' correction for 2 x 2; alerts where p < 0.05, without a threshold",
    ),
    PeerMethod(
        "nannyml.l_infinity",
        "L-Infinity distance",
        LEVELS,
        _NAN,
        is_p_value=False,
        summary="largest difference of a level's share, unseen levels one by one",
    ),
    PeerMethod(
        MISSING,
        "Missing values rate",
        _ALL,
        _NAN,
        is_p_value=False,
        summary="share of missing values; mean ± 3 standard deviations, two-sided",
    ),
    PeerMethod(
        UNSEEN, "Unseen values rate", LEVELS, 0.0, is_p_value=False, summary="share of values the reference never had; alerts above 0"
    ),
)
