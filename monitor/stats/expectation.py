"""What a window would show if nothing had changed: the p-value of a change, and the upper end of any statistic of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from monitor.stats.comparison import Layout
from monitor.stats.contrasts import Contrasts, Tally, contrasts, seldom_asked, signed_roots
from monitor.stats.overdispersion import Noise, Overdispersion, Prior, overdispersion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SIMULATIONS = 300
SIZES = 4
UPPER = 0.99
ENOUGH_WINDOWS = 8
CLUSTERED = 1.5
FARTHEST = 8.0
LARGE = 50.0


@dataclass(frozen=True, slots=True)
class History:
    """The reference as a record of what happens without change: short `blocks` in time order, and `windows` as long as the judged ones,
    each `span` blocks long; both add up to the reference. `sd` is the standard deviation of its values, `reach` how many of them its most
    extreme value is away from the mean (numeric columns whose mean is to be asked for)."""

    blocks: Tally
    windows: Tally
    span: float = 1.0
    sd: float = 0.0
    reach: float = float("inf")

    @property
    def total(self) -> Floats:
        """Counts of the whole reference, (k,)."""
        return np.asarray(self.blocks.counts.sum(axis=0))


@dataclass(frozen=True, slots=True)
class Change:
    """By window: `p_value` (w,) that anything changed; `p_missing` (w,) of the missing share, `p_unseen` (w,) of levels never seen alone;
    `question` (w,) the position of the question that answers loudest; `t` (w, j) all answers in standard errors;
    `phi` (w,) overdispersion averaged over the cells."""

    questions: Contrasts
    noise: Noise
    p_value: Floats
    p_missing: Floats
    p_unseen: Floats
    question: Ints
    t: Floats
    phi: Floats


def measure_change(
    history: History,
    windows: Tally,
    layout: Layout,
    *,
    baseline: Tally | None = None,
    spans: Floats | float = 1.0,
    prior: Prior | None = None,
) -> Change:
    """Test each window for any change, allowing for what the reference's own blocks and windows do.

    Parameters
    ----------
    history : the reference on the fine cells (last `missing`, the one before `other`).
    windows : what is judged.
    layout : how the cells are grouped; where no group is of unseen levels alone, nothing is told of them alone.
    baseline : what windows are compared with; default the whole reference.
    spans : how many times longer than `history.windows` each window is.
    prior : how the other columns of the screen vary from block to block, for a column with too few cells of its own to tell.

    Notes
    -----
    t = z / sqrt(phi) per question on Student's t, combined by a weighted Bonferroni rule: valid whatever the dependence.
    """
    total = history.total
    mean = windows.sums is not None and history.sd > 0 and history.reach <= FARTHEST
    questions = contrasts(total, layout.groups, ordered=layout.ordered, mean=mean)
    noise = _noise(questions, history, prior)
    scale = total if baseline is None else total + windows.counts.sum(axis=0)  # a moving baseline holds earlier windows
    z = signed_roots(questions, baseline or history.blocks.total(), windows, scale=scale, sd=history.sd)
    phi, df = noise.at(windows.counts.sum(axis=1), spans)
    t = z / np.sqrt(phi)
    p = np.minimum(2 * stats.t.sf(np.abs(t), np.broadcast_to(df, t.shape)), 1.0)
    p[:, 0] = np.maximum(p[:, 0], noise.eventful(z[:, 0]))
    weighted = p / questions.budget
    unseen = np.flatnonzero((questions.groups == layout.unseen) & (questions.groups >= 0))
    cells = questions.groups >= 0
    return Change(
        questions=questions,
        noise=noise,
        p_value=np.minimum(weighted.min(axis=1), 1.0),
        p_missing=p[:, 0],
        p_unseen=p[:, int(unseen[0])] if len(unseen) else np.ones(len(p)),
        question=np.argmin(weighted, axis=1),
        t=t,
        phi=np.mean(phi[:, cells], axis=1),
    )


def _noise(questions: Contrasts, history: History, prior: Prior | None) -> Noise:
    blocks = _own_noise(questions, history.blocks, history.sd, prior)
    if history.windows is history.blocks or len(history.windows.counts) < 3:
        return Noise(blocks, None, history.span)
    return Noise(blocks, _own_noise(questions, history.windows, history.sd, None), history.span)


def _own_noise(questions: Contrasts, parts: Tally, sd: float, prior: Prior | None) -> Overdispersion:
    total = parts.counts.sum(axis=0)
    z = signed_roots(questions, parts.rest(), parts, scale=total, sd=sd)
    return overdispersion(z, parts.counts.sum(axis=1), seldom_asked(questions, total, len(parts.counts)), prior)


@dataclass(frozen=True, slots=True)
class NullWindows:
    """Windows of independent rows without change, simulated once for all methods: `windows` (g, s, k) at the sizes `grid` (g,), each with
    a `baseline` (s, k); `rows` (w,) and `own_rows` (r,) of the windows to judge and of the reference's own; `phi` (w,) overdispersion."""

    grid: Floats
    baseline: Floats
    windows: Floats
    rows: Floats
    own_rows: Floats
    phi: Floats


def simulate_null(history: History, rows: Floats, *, phi: Floats, seed: int = 0) -> NullWindows:
    """Simulate windows without change at a few sizes that span the judged windows, as they are and as rows / phi independent rows.

    Parameters
    ----------
    rows : (w,) rows of the windows to judge.
    phi : (w,) overdispersion over all cells.

    Notes
    -----
    Cells are drawn as independent counts: a multinomial whose total varies a little, at a small part of its cost.
    """
    total, own_rows = history.total, history.windows.counts.sum(axis=1)
    smallest, largest = max(float(np.min(rows / phi, initial=np.inf)), 1.0), float(np.max(np.append(rows, own_rows)))
    grid = np.unique(np.round(np.geomspace(min(smallest, largest), largest, SIZES)))
    generator = np.random.default_rng(seed)
    shares = total / max(float(total.sum()), 1.0)
    baseline = _counts(generator, total)
    windows = np.array([_counts(generator, size * shares) for size in grid])
    return NullWindows(grid, baseline, windows, np.asarray(rows, dtype=float), own_rows, phi)


def _counts(generator: np.random.Generator, expected: Floats) -> Floats:
    """Draw Poisson counts (s, k); large ones by their normal approximation, which is three times as quick."""
    counts = np.empty((SIMULATIONS, len(expected)))
    large = expected >= LARGE
    normal = generator.standard_normal((SIMULATIONS, int(large.sum())), dtype=np.float32)
    counts[:, large] = np.rint(expected[large] + np.sqrt(expected[large]) * normal)
    counts[:, ~large] = generator.poisson(expected[~large], size=(SIMULATIONS, int((~large).sum())))
    return counts


def expected_upper(simulated: Sequence[Floats], own: Floats, null: NullWindows) -> Floats:
    """Return the upper end (99 %) of a statistic for windows without change, (w,).

    Parameters
    ----------
    simulated : g arrays (s,): the statistic of the simulated windows of each size, against their baselines.
    own : (r,) the statistic of the reference's own windows, each against the rest of the reference (nan where there are no rows).

    Notes
    -----
    The larger of (a) the 99 % quantile over simulated windows of independent rows, interpolated to the size, and (b) that quantile for
    rows / phi rows, times mean + t sd of what the reference's own windows, each against the rest, show as a multiple of it. (b) counts
    as far as rows hang together: not at all at phi = 1, in full from CLUSTERED on. With fewer than eight reference windows, (a) with
    rows / phi in place of rows.
    """
    level = np.array([_quantile(scores) for scores in simulated])
    clustered = _at(null, level, null.rows / null.phi)
    good = np.isfinite(own)
    if good.sum() < ENOUGH_WINDOWS:
        return clustered
    factor = float(stats.t.ppf(UPPER, good.sum() - 1)) * np.sqrt(1 + 1 / good.sum())
    multiple = own[good] / np.maximum(_at(null, level, null.own_rows[good] / float(np.median(null.phi))), 1e-12)
    upper = float(np.mean(multiple) + factor * np.std(multiple, ddof=1))
    sampling = _at(null, level, null.rows)
    weight = np.clip((null.phi - 1) / (CLUSTERED - 1), 0.0, 1.0)
    return np.asarray(sampling + weight * np.maximum(upper * clustered - sampling, 0.0))


def _at(null: NullWindows, level: Floats, rows: Floats) -> Floats:
    return np.asarray(np.interp(np.log(np.maximum(rows, 1.0)), np.log(null.grid), level))


def _quantile(scores: Floats) -> float:
    finite = scores[np.isfinite(scores)]
    return float(np.quantile(finite, UPPER)) if len(finite) else float("nan")
