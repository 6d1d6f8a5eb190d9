"""How much more windows vary than independent rows would: estimated from the reference's own windows.

z of a window against the rest of the reference has variance phi >= 1; phi = 1 means independent rows. The estimates of one
column's questions borrow strength from each other by empirical Bayes (Smyth 2004, https://doi.org/10.2202/1544-6115.1027):
where they agree they are pooled, where they differ each keeps its own. A column with too few questions for that (two levels)
borrows from the other columns of the screen in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

Floats = NDArray[np.float64]
PRIOR_KURTOSIS = 6.0
PRIOR_WINDOWS = 20.0
STORM_DF = 3.0
"""Where the windows show more than chance (three standard errors of their kurtosis)."""
MISSING_DF = 6.0
"""The same tail for the missing share: its z grows like the square root of the share, so that six of z are three of the share."""
SURE = 0.99
ENOUGH_EVENTS = 8
ENOUGH_QUESTIONS = 3
NO_VARIANCE = 1e-3


@dataclass(frozen=True, slots=True)
class Overdispersion:
    """`raw` (j,) mean of z^2 over `windows` reference windows of mean size `rows`; `phi` (j,) the estimate of its expectation;
    `df` (j,) degrees of freedom of the t that t = z / sqrt(phi) follows (inf: normal); `memory` (j,) how much a run of windows keeps of
    the excess (1: windows independent); `usable` (j,) says which questions showed how they vary; `events` (e,) in order: z of the missing
    share in all windows, where it comes and goes with single events (else empty)."""

    raw: Floats
    phi: Floats
    df: Floats
    rows: float
    memory: Floats
    windows: int
    usable: NDArray[np.bool_]
    events: Floats = field(default_factory=lambda: np.array([]))

    @property
    def alone(self) -> bool:
        """Whether too few questions were usable to learn from each other."""
        return int(self.usable.sum()) < ENOUGH_QUESTIONS

    def at(self, rows: Floats, spans: Floats | float = 1.0) -> Floats:
        """Return phi (w, j) for windows of that many rows that are `spans` times as long as the reference windows were.

        Excess variance is shared by the rows of a window: it grows with rows per unit of time; over a longer span it averages out
        but for the memory. It is never scaled down.
        """
        long = np.maximum(np.asarray(spans, dtype=float), 1.0)
        density = np.maximum(rows / max(self.rows, 1.0) / long, 1.0)
        factor = np.atleast_1d(density)[:, None] * np.minimum(self.memory[None, :], np.atleast_1d(long)[:, None])
        return np.asarray(1.0 + (self.phi[None, :] - 1.0) * factor)


@dataclass(frozen=True, slots=True)
class Noise:
    """How windows vary without change: `blocks` from short blocks of the reference, `windows` from windows as long as the judged ones
    (None if there are fewer than three), each of which is `span` blocks long. Where windows vary more than their blocks explain
    (F test at 1 %: at 5 % one question in twenty would be judged by a few windows for nothing), the windows count."""

    blocks: Overdispersion
    windows: Overdispersion | None
    span: float

    def eventful(self, z: Floats) -> Floats:
        """Return the least p-value of missing shares z (w,) given the events that the reference knows."""
        windows = self.windows.events if self.windows is not None else self.blocks.events
        return event_tail(z, windows if len(windows) else self.blocks.events)

    def at(self, rows: Floats, spans: Floats | float = 1.0) -> tuple[Floats, Floats]:
        """Return phi (w, j) and degrees of freedom (j,) for windows of that many rows and `spans` judged windows long."""
        phi = self.blocks.at(rows, np.asarray(spans) * self.span)
        if self.windows is None:
            return phi, self.blocks.df
        explained = self.blocks.at(np.array([self.windows.rows]), self.span)[0]
        surprising = self.windows.raw / explained > stats.f.ppf(SURE, self.windows.windows - 1, np.minimum(self.blocks.df, 1e6))
        direct = np.maximum(self.windows.at(rows, spans), phi)
        return np.where(surprising, direct, phi), np.where(surprising, self.windows.df, self.blocks.df)


def independent(questions: int) -> Overdispersion:
    """Assume independent rows: what is left when the reference has no windows of its own."""
    ones = np.ones(questions)
    return Overdispersion(ones, ones, np.full(questions, np.inf), 1.0, ones, 0, np.zeros(questions, dtype=bool))


@dataclass(frozen=True, slots=True)
class Prior:
    """What variances of one kind have in common: their `center`, worth `df` degrees of freedom (inf: they do not differ), of which
    `pooled` were seen in all."""

    center: float
    df: float
    pooled: float


def fit_prior(variance: Floats, df: float) -> Prior | None:
    """Fit the prior of variances (j,), each on df degrees of freedom, none of them 0; None for fewer than three."""
    if len(variance) < ENOUGH_QUESTIONS:
        return None
    logs = np.log(variance) - special.digamma(df / 2) + np.log(df / 2)
    spread = float(np.var(logs, ddof=1)) - float(special.polygamma(1, df / 2))
    pooled = df * len(variance)
    if spread <= 0:
        return Prior(max(float(np.mean(variance)), 1.0), np.inf, pooled)
    prior = 2 * float(_trigamma_inverse(spread))
    return Prior(float(np.exp(np.mean(logs) + special.digamma(prior / 2) - np.log(prior / 2))), prior, pooled)


def shared_prior(columns: Iterable[Overdispersion]) -> Prior | None:
    """Fit the prior of the questions of all columns of a screen, counted on the same windows; None where they are too few."""
    seen = [column for column in columns if column.windows >= 3]
    variances = np.concatenate([column.raw[column.usable] for column in seen]) if seen else np.array([])
    return fit_prior(variances, seen[0].windows - 1.0) if seen else None


def overdispersion(z: Floats, rows: Floats, seldom: NDArray[np.bool_], prior: Prior | None = None) -> Overdispersion:
    """Estimate from z (r, j) of the reference windows, each against the rest of the reference, and their rows (r,).

    The first question is the missing share: values go missing for reasons of their own, so that it neither lends nor borrows. Questions
    marked `seldom` (j,) (cells too rare in the reference to show how they cluster) take at least the column's largest phi. `prior` helps a
    column with too few questions of its own.
    """
    count, questions = z.shape
    if count < 3:
        return independent(questions)
    df, raw = count - 1.0, np.mean(z**2, axis=0)
    of_values = np.arange(questions) > 0
    often = of_values & ~seldom if (of_values & ~seldom).any() else of_values
    phi, total = raw.copy(), np.full(questions, df)
    phi[often], total[often] = moderated(raw[often], df, prior)
    phi[of_values & ~often] = np.maximum(raw[of_values & ~often], phi[often].max(initial=1.0))
    phi = np.maximum(phi, 1.0)
    memory = np.where(of_values, _memory(z[:, 1:]), _memory(z[:, :1]))
    seen = _kurtosis(z) if count >= ENOUGH_EVENTS else np.zeros(questions)
    stormy = seen > 3 * np.sqrt(24 / count)
    heavy = np.where(of_values, STORM_DF, MISSING_DF)
    tail = _tail_df(np.where(stormy, heavy, _usual_df(seen, count / memory)), phi, count)
    total = np.minimum(np.maximum(total / memory, heavy), tail)
    events = np.sort(z[:, 0]) if stormy[0] else np.array([])
    return Overdispersion(raw, phi, total, float(np.mean(rows)), memory, count, often & (raw > NO_VARIANCE), events)


def event_tail(z: Floats, events: Floats) -> Floats:
    """Return the p-value (w,) of z beside what windows with the same events showed, (e,) in order; 0 where there are none.

    The share of windows that went at least as far; beyond the farthest, a power tail: of the share with exponent 3, which is 6 of its z.
    """
    if len(events) == 0 or events[-1] <= 0:
        return np.zeros(len(z))
    beyond = len(events) - np.searchsorted(events, z)
    far = np.minimum(events[-1] / np.maximum(z, events[-1]), 1.0) ** MISSING_DF
    return np.asarray((beyond + 1) / (len(events) + 1) * far)


def moderated(variance: Floats, df: float, prior: Prior | None = None) -> tuple[Floats, Floats]:
    """Shrink variances (j,), each on df degrees of freedom, towards each other, or (fewer than three) towards a prior from elsewhere.

    Return them and their degrees of freedom.
    """
    common = fit_prior(variance[variance > NO_VARIANCE], df) or prior
    if common is None:
        return np.maximum(variance, 1.0), np.full(len(variance), df)
    total = np.full(len(variance), min(common.df + df, common.pooled))
    if np.isinf(common.df):
        return np.full(len(variance), common.center), total
    return (common.df * common.center + df * variance) / (common.df + df), total


def _trigamma_inverse(value: float) -> float:
    """Solve trigamma(y) = value for y > 0."""
    root = optimize.brentq(lambda x: float(special.polygamma(1, np.exp(x))) - value, -12, 25, xtol=1e-8)
    return float(np.exp(root))


def _usual_df(seen: Floats, windows: Floats) -> Floats:
    """Degrees of freedom of a t as heavy as states of the world, (j,): of `PRIOR_KURTOSIS` until `windows` (j,) have `seen` otherwise."""
    kurtosis = (PRIOR_WINDOWS * PRIOR_KURTOSIS + windows * seen) / (PRIOR_WINDOWS + windows)
    return np.asarray(np.where(kurtosis > 0, 4 + 6 / np.maximum(kurtosis, 1e-9), np.inf))


def _tail_df(between_windows: Floats, phi: Floats, count: int) -> Floats:
    """Degrees of freedom of the t that stands for the tails, (j,): sampling noise is normal, states of the world are not.

    A question takes those of the states as far as its variance lies between windows, beyond the 75 % point of chance.
    """
    chance = float(stats.chi2.ppf(0.75, count - 1)) / (count - 1)
    share = np.maximum((phi - chance) / phi, 0.0)
    return np.asarray(np.where(share > 0, between_windows / np.maximum(share, 1e-9), np.inf))


def _kurtosis(z: Floats) -> Floats:
    """Excess kurtosis of each question, (j,); 0 where nothing varies."""
    apart = z - z.mean(axis=0)
    variance = np.mean(apart**2, axis=0)
    return np.asarray(np.where(variance > 0, np.mean(apart**4, axis=0) / np.maximum(variance, NO_VARIANCE**2) ** 2 - 3, 0.0))


def _memory(z: Floats) -> float:
    """(1 + r) / (1 - r) with r the lag-1 autocorrelation of the windows, pooled over questions and corrected for its bias."""
    power = float(np.sum(z**2))
    r = float(np.sum(z[1:] * z[:-1])) / power + 1 / len(z) if power > 0 else 0.0
    r = min(max(r, 0.0), 0.9)
    return (1 + r) / (1 - r)
