"""The smallest change that an alarm would see at this volume: what silence is worth.

Two things must hold: the questions asked of a column answer loud enough to survive the correction for all looks, and the score of a
judging method reaches what it is held to. Each is turned into the size of a planted change; the larger one counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from monitor.stats.comparison import Comparison, Layout
from monitor.stats.contrasts import Contrasts, Tally, signed_roots
from monitor.stats.expectation import History
from monitor.stats.grouping import group_counts

Floats = NDArray[np.float64]
Score = Callable[[Comparison], Floats]

POWER = 0.8
STEPS = 24
LARGEST_SHIFT = 6.0
"""Largest shift that is looked at, in standard deviations of the reference."""
TYPICAL_TO_UPPER = 0.6
"""What a score of windows without change typically is, as a part of its upper end: this much of a score is noise."""


@dataclass(frozen=True, slots=True)
class Looks:
    """How hard it is to alarm on a screen: false discovery rate `q` over `count` column-windows, of which `alarmed` do already."""

    q: float
    count: int
    alarmed: int = 0

    def threshold(self, budget: Floats, df: Floats) -> Floats:
        """Return the |t| from which a question alarms beside the others: Benjamini-Hochberg asks for q (alarmed + 1) / count, of which it
        may spend its budget."""
        share = self.q * min((self.alarmed + 1) / max(self.count, 1), 1.0)
        return np.asarray(stats.t.isf(budget * share / 2, df))


@dataclass(frozen=True, slots=True)
class Held:
    """What one judging method asks for: `score` as a function of a comparison (its distance from "nothing changed"), the `floor` it has to
    reach and the `upper` end (w,) without change that it has to exceed."""

    score: Score
    floor: float
    upper: Floats


@dataclass(frozen=True, slots=True)
class Setting:
    """One column on a screen: its `history` and `layout`, the `questions` it is asked with their overdispersion `phi` (w, j) and degrees of
    freedom `df`, (w,) `rows` of windows and of their `baseline`, and how many `looks` there were."""

    history: History
    layout: Layout
    questions: Contrasts
    phi: Floats
    df: Floats
    rows: Floats
    baseline: Floats
    looks: Looks

    @property
    def shares(self) -> Floats:
        """Shares of the reference's rows on the fine cells, (k,)."""
        total = self.history.total
        return np.asarray(total / max(float(total.sum()), 1.0))

    def error(self) -> Floats:
        """Return the standard error of each question's answer in row-to-row standard deviations of rows with a value, (w, j)."""
        part = 1.0 - float(self.shares[-1])
        with np.errstate(divide="ignore"):
            return np.asarray(np.sqrt(self.phi * (1 / (part * self.rows) + 1 / (part * self.baseline))[:, None]))

    @property
    def needed(self) -> Floats:
        """The |t| that each question must be expected to have so that it alarms with POWER."""
        return self.looks.threshold(self.questions.budget, self.df) + stats.t.ppf(POWER, self.df)


def detectable_shift(setting: Setting, held: Sequence[Held]) -> Floats:
    """Return the smallest shift of all values of a numeric column that alarms with POWER, in reference sd, (w,); nan if none does."""
    names, error, needed = setting.questions.names, setting.error(), setting.needed
    grid = np.concatenate([[0.0], np.geomspace(0.005, LARGEST_SHIFT, STEPS)])
    moved = np.array([[shifted(setting, sign * shift) for shift in grid] for sign in (1.0, -1.0)])
    at = names.index("location")
    gain = np.abs((moved - moved[:, :1]) @ setting.questions.weights[at]).min(axis=0) / max(1.0 - float(setting.shares[-1]), 1e-9)
    found = _reached(grid, gain, needed[..., at] * error[:, at] * _row_sd(setting, at))
    if "mean" in names:
        mean = names.index("mean")
        found = np.fmin(found, needed[..., mean] * error[:, mean])
    noise = float(stats.norm.ppf(POWER)) * error[:, at]
    return _finite(np.maximum(found, _judged(setting, held, grid, moved) + noise))


def detectable_share(setting: Setting, held: Sequence[Held], group: int) -> Floats:
    """Return the smallest change of the share of a level that alarms with POWER, (w,) in 0..1 of the rows with a value; nan if none does.

    `group` is the coarse group of the level; the shares of all others change in proportion.
    """
    share = float(level_shares(setting)[group])
    room, sign = max(share, 1 - share), 1.0 if share < 0.5 else -1.0
    asked = _asked_of(setting.questions, group)
    grid = np.concatenate([[0.0], np.geomspace(1e-4, room, STEPS)])
    moved = np.array([[_with_share(setting, group, share + sign * step) for step in grid]])
    noise = float(stats.norm.ppf(POWER)) * setting.error()[:, asked] * np.sqrt(max(share * (1 - share), 0.0))
    found = np.maximum(_seen(setting, asked, share, sign, room), _judged(setting, held, grid, moved) + noise)
    return np.where(found <= room, found, np.nan)


def detectable_missing(setting: Setting, *, floor: float, upper: Floats) -> Floats:
    """Return the smallest rise of the missing share that alarms with POWER, (w,) in 0..1; nan if none does."""
    before = float(setting.shares[-1])
    noise = float(stats.norm.ppf(POWER)) * np.sqrt(setting.phi[:, 0] * before * (1 - before) / setting.rows)
    found = np.maximum(_seen(setting, 0, before, 1.0, 1.0 - before), np.fmax(floor, np.nan_to_num(upper)) + noise)
    return np.where(found <= 1.0 - before, found, np.nan)


def _seen(setting: Setting, asked: int, before: float, sign: float, room: float) -> Floats:
    """Return the change of a share from which its question alarms, though chance (the quantile of POWER) plays against it, (w,)."""
    part = 1.0 if asked == 0 else 1.0 - float(setting.shares[-1])
    n, m, phi = part * setting.rows[:, None], part * setting.baseline[:, None], setting.phi[:, [asked]]
    grid = np.geomspace(min(1e-4, room), max(room, 1e-4), STEPS)
    after = np.clip(before + sign * grid, 0.0, 1.0)[None, :]
    luck = float(stats.norm.ppf(POWER)) * np.sqrt(phi * after * (1 - after) / n)
    share = np.clip(after - sign * luck, 0.0, 1.0)
    windows, base = _of_share(n * share, n), _of_share(np.broadcast_to(m * before, share.shape), m)
    known = setting.history.total.sum() * part * np.array([before, 1 - before, 0.0, 0.0])
    z = signed_roots(_ONE_SHARE, base, windows, scale=known)[:, 1].reshape(share.shape)
    level = setting.looks.threshold(setting.questions.budget, setting.df)[..., asked]
    return _crossed(grid, sign * z / np.sqrt(phi) - np.reshape(level, (-1, 1)))


def _crossed(grid: Floats, above: Floats) -> Floats:
    """Return where rows of `above` (w, g) first reach 0, between the steps of a geometric grid (g,); nan where they never do."""
    at, rows = np.argmax(above >= 0, axis=1), np.arange(len(above))
    before = np.maximum(at - 1, 0)
    low, high = above[rows, before], above[rows, at]
    part = np.where(at > 0, -low / np.where(high > low, high - low, 1.0), 1.0)
    found = np.exp(np.log(grid[before]) + np.clip(part, 0.0, 1.0) * np.log(grid[at] / grid[before]))
    return np.where((above >= 0).any(axis=1), found, np.nan)


_ONE_SHARE = Contrasts(("missing", "cell 0"), np.array([[0.0, 0, 0, 0], [1, 0, 0, 0]]), np.array([3, 0]), np.array([0.5, 0.5]))
"""The question after one share (the other one is not asked): the cells are those rows, the others, `other` and `missing`."""


def _of_share(rows: Floats, of: Floats) -> Tally:
    counts = np.zeros((rows.size, 4))
    counts[:, 0] = rows.ravel()
    counts[:, 1] = np.broadcast_to(of, rows.shape).ravel() - counts[:, 0]
    return Tally(counts)


def commonest(setting: Setting) -> int:
    """Return the coarse group of the commonest level."""
    return int(np.argmax(level_shares(setting)[:-1]))


def level_shares(setting: Setting) -> Floats:
    """Return the share of each coarse group but `missing` among the rows with a value, the last being `other`."""
    counts = group_counts(setting.history.total, setting.layout.groups)[0][:-1]
    return np.asarray(counts / max(float(counts.sum()), 1.0))


def shifted(setting: Setting, shift: float) -> Floats:
    """Return the reference's shares, (k,), after all values moved by `shift` sd: rows go to the two cells around their new place."""
    size, positions = setting.layout.size, setting.layout.positions
    shares = setting.shares.copy()
    place = positions + shift * setting.history.sd
    right = np.clip(np.searchsorted(positions, place), 1, max(size - 1, 1))
    if size == 1:
        return shares
    gap = np.maximum(positions[right] - positions[right - 1], 1e-300)
    weight = np.clip((place - positions[right - 1]) / gap, 0.0, 1.0)
    if size > 2 and shares[0] == shares[size - 1] == 0:  # only what is wholly outside the reference leaves its range
        weight = np.where((right == size - 1) & (weight < 1), 0.0, np.where((right == 1) & (weight > 0), 1.0, weight))
    own = shares[:size]
    moved = np.bincount(right - 1, own * (1 - weight), size) + np.bincount(right, own * weight, size)
    return np.concatenate([moved, shares[size:]])


def _with_share(setting: Setting, group: int, share: float) -> Floats:
    """Return the reference's shares, (k,), with the share of a level among the rows with a value changed, the others in proportion."""
    shares, mine = setting.shares.copy(), setting.layout.groups == group
    others = ~mine
    others[-1] = False
    present, share = 1.0 - float(shares[-1]), float(np.clip(share, 0.0, 1.0))
    for part, wanted in ((mine, share), (others, 1.0 - share)):
        held = float(shares[part].sum())
        shares[part] = shares[part] * (wanted * present / held) if held > 0 else wanted * present / max(int(part.sum()), 1)
    return shares


def _judged(setting: Setting, held: Sequence[Held], grid: Floats, moved: Floats) -> Floats:
    """Return the size from which some judging method reaches what it is held to, (w,), for `moved` (directions, grid, k)."""
    found = np.full(len(setting.rows), np.nan)
    total = float(setting.history.total.sum())
    for one in held:
        scores = [one.score(Comparison.of_counts(setting.history.total, side * total, setting.layout)) for side in moved]
        score = np.nan_to_num(np.min(np.abs(scores), axis=0))
        upper = np.nan_to_num(one.upper)
        beyond = np.sqrt(np.maximum(np.fmax(one.floor, upper) ** 2 - (TYPICAL_TO_UPPER * upper) ** 2, 0.0))
        found = np.fmin(found, _reached(grid, score, beyond))
    return found


def _reached(grid: Floats, score: Floats, level: Floats) -> Floats:
    """Return where a rising curve reaches each level, nan where it never does."""
    rising = np.maximum.accumulate(score)
    steps = np.concatenate([[True], np.diff(rising) > 0])
    return np.asarray(np.interp(level, rising[steps], grid[steps], right=np.nan))


def _row_sd(setting: Setting, question: int) -> float:
    total, weights = setting.history.total, setting.questions.weights[question]
    rows = max(float(total[:-1].sum()), 1.0)
    return float(np.sqrt(max(total @ weights**2 / rows - (total @ weights / rows) ** 2, 0.0)))


def _asked_of(questions: Contrasts, group: int) -> int:
    """Return the question asked of a level; of two levels only one is asked, for the other mirrors it."""
    mine = np.flatnonzero(questions.groups == group)
    return int(mine[0]) if len(mine) else int(np.flatnonzero(questions.groups >= 0)[1])


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)
