"""What a window would show if nothing had changed: the p-value of a change, and the upper end of any statistic of cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from monitor.stats.contrasts import Contrasts, contrasts, seldom_asked, signed_roots
from monitor.stats.overdispersion import Noise, Overdispersion, overdispersion

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
SIMULATIONS = 300
UPPER = 0.99
ENOUGH_WINDOWS = 8


@dataclass(frozen=True, slots=True)
class History:
    """The reference as a record of what happens without change: counts `blocks` (b, k) of short blocks in time order, and
    `windows` (r, k) of windows as long as the judged ones, each `span` blocks long; both add up to the reference."""

    blocks: Floats
    windows: Floats
    span: float = 1.0

    @property
    def total(self) -> Floats:
        """Counts of the whole reference, (k,)."""
        return np.asarray(self.blocks.sum(axis=0))


@dataclass(frozen=True, slots=True)
class Change:
    """By window: `p_value` (w,) that anything changed; `p_missing` (w,) of the missing share alone; `p_other` (w,) of `other` alone;
    `question` (w,) the position of the question that answers loudest; `t` (w, j) all answers in standard errors;
    `phi` (w,) overdispersion averaged over the cells."""

    questions: Contrasts
    noise: Noise
    p_value: Floats
    p_missing: Floats
    p_other: Floats
    question: Ints
    t: Floats
    phi: Floats


def leave_one_out(windows: Floats) -> Floats:
    """Return the counts of all other windows for each window, (r, k)."""
    return np.asarray(windows.sum(axis=0)[None, :] - windows)


def measure_change(
    history: History, windows: Floats, groups: Ints, *, ordered: bool, baseline: Floats | None = None, spans: Floats | float = 1.0
) -> Change:
    """Test each window for any change, allowing for what the reference's own blocks and windows do.

    Parameters
    ----------
    history : the reference on the fine cells (last `missing`, the one before `other`).
    windows : (w, k) counts to judge.
    groups : (k,) coarse group of each fine cell.
    ordered : whether the cells are numeric.
    baseline : (k,) or (w, k) what windows are compared with; default the whole reference.
    spans : how many times longer than `history.windows` each window is.

    Notes
    -----
    t = z / sqrt(phi) per question on Student's t, combined by a weighted Bonferroni rule: valid whatever the dependence.
    """
    total = history.total
    questions = contrasts(total, groups, ordered=ordered)
    noise = _noise(questions, history)
    z = signed_roots(questions, total if baseline is None else baseline, windows, scale=total)
    phi, df = noise.at(windows.sum(axis=1), spans)
    t = z / np.sqrt(phi)
    p = np.minimum(2 * stats.t.sf(np.abs(t), np.broadcast_to(df, t.shape)), 1.0)
    weighted = p / questions.budget
    other = int(np.flatnonzero(questions.groups == groups[-2])[0])
    cells = questions.groups >= 0
    return Change(
        questions=questions,
        noise=noise,
        p_value=np.minimum(weighted.min(axis=1), 1.0),
        p_missing=p[:, 0],
        p_other=p[:, other],
        question=np.argmin(weighted, axis=1),
        t=t,
        phi=np.mean(phi[:, cells], axis=1),
    )


def _noise(questions: Contrasts, history: History) -> Noise:
    blocks = _own_noise(questions, history.blocks)
    if history.windows is history.blocks or len(history.windows) < 3:
        return Noise(blocks, None, history.span)
    return Noise(blocks, _own_noise(questions, history.windows), history.span)


def _own_noise(questions: Contrasts, parts: Floats) -> Overdispersion:
    total = parts.sum(axis=0)
    z = signed_roots(questions, leave_one_out(parts), parts, scale=total)
    return overdispersion(z, parts.sum(axis=1), seldom_asked(questions, total, len(parts)))


@dataclass(frozen=True, slots=True)
class NullWindows:
    """Windows without change, simulated once for all methods: `windows` (g, s, k) at the `grid` (g,) of independent rows, each with a
    `baseline` (s, k); `judged` (w,) and `own` (r,) are the independent rows of the windows to judge and of the reference's own."""

    grid: Floats
    baseline: Floats
    windows: Floats
    judged: Floats
    own: Floats


def simulate_null(history: History, sizes: Floats, *, phi: Floats, seed: int = 0) -> NullWindows:
    """Simulate windows without change at three sizes that span those of the judged and the reference's own windows.

    Parameters
    ----------
    sizes : (w,) rows of the windows to judge.
    phi : (w,) overdispersion over all cells: rows count as rows / phi independent ones.

    Notes
    -----
    Cells are drawn as independent Poisson counts: a multinomial whose total varies a little, at a third of its cost.
    """
    total = history.total
    ratio = float(np.median(phi)) if len(phi) else 1.0
    judged, own = np.maximum(sizes / phi, 1.0), np.maximum(history.windows.sum(axis=1) / ratio, 1.0)
    grid = np.unique(np.maximum(np.round(np.quantile(np.concatenate([judged, own]), [0, 0.5, 1])), 1.0))
    generator = np.random.default_rng(seed)
    shares = total / max(float(total.sum()), 1.0)
    draw = (SIMULATIONS, len(shares))
    baseline = generator.poisson(max(total.sum() / ratio, 1.0) * shares, size=draw).astype(float)
    windows = np.array([generator.poisson(rows * shares, size=draw) for rows in grid], dtype=float)
    return NullWindows(grid, baseline, windows, judged, own)


def expected_upper(method: Callable[[Floats, Floats], Floats], history: History, null: NullWindows) -> Floats:
    """Return the upper end (99 %) of a statistic of cells for windows without change, (w,).

    Parameters
    ----------
    method : f(reference (k,) or (w, k), windows (w, k)) -> (w,).

    Notes
    -----
    The larger of (a) the 99 % quantile over simulated windows, interpolated to the size, and (b), from eight reference windows on,
    mean + t sd of the statistic over them, each against the rest, scaled to the size by (a).
    """
    level = np.array([_quantile(method(null.baseline, windows)) for windows in null.windows])
    simulated = np.asarray(np.interp(np.log(null.judged), np.log(null.grid), level))
    own = method_on_reference(method, history.windows)
    good = np.isfinite(own)
    if good.sum() < ENOUGH_WINDOWS:
        return simulated
    at_own = np.interp(np.log(null.own), np.log(null.grid), level)
    factor = float(stats.t.ppf(UPPER, good.sum() - 1)) * np.sqrt(1 + 1 / good.sum())
    upper = float(np.mean(own[good]) + factor * np.std(own[good], ddof=1))
    return np.maximum(simulated, upper * simulated / max(float(np.median(at_own[good])), 1e-12))


def _quantile(scores: Floats) -> float:
    finite = scores[np.isfinite(scores)]
    return float(np.quantile(finite, UPPER)) if len(finite) else float("nan")


def method_on_reference(method: Callable[[Floats, Floats], Floats], reference: Floats) -> Floats:
    """Return the statistic of each reference window against the rest of the reference, (r,); nan for windows without rows."""
    rest = leave_one_out(reference)
    usable = (reference.sum(axis=1) > 0) & (rest.sum(axis=1) > 0)
    result = np.full(len(reference), np.nan)
    if usable.any():
        result[usable] = method(rest[usable], reference[usable])
    return result
