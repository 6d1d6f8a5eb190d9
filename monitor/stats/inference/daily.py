"""When in the day a column peaks: the phase of its first harmonic by hour of the day, in each window.

A clock that is set otherwise (a time zone, a shift of a log) moves no value: every value comes at another hour, and the mean, the spread
and every cell of a column are as before. The hour of the peak moves by as much. Source: the cosinor of Halberg 1967 (Cornelissen 2014,
Cosinor-based rhythmometry, Theoretical Biology and Medical Modelling 11:16): least squares of a cosine of 24 hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY = 24
"""Hours of the period."""
FEWEST_HOURS = 12
"""Hours of the day that a window holds at least: half of a day does not tell where the other half peaks."""
CLEAR = 4.0
"""Standard errors of the amplitude from which there is a peak: below, its hour is known to no better than an hour (one over them is the
standard error of the phase in radians)."""
SELDOM = 0.1
"""Part of the rows of a usual hour below which an hour has no mean of its own."""
ALIKE = 0.9
"""Correlation from which the day has the shape that it had, at other hours."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """By window (w,): the hour of the day at which a column peaks, 0..24, and its sampling variance (hours squared), nan where there is no
    clear peak; its rows and their sum by hour of the day, (w, 24)."""

    hour: Floats
    variance: Floats
    rows: Floats
    total: Floats

    def means(self, part: slice = slice(None)) -> Floats:
        """Return the mean of each hour of the day over some windows, (24,); nan for an hour that has less than a tenth of the rows of a
        usual one."""
        rows, total = self.rows[part].sum(axis=0), self.total[part].sum(axis=0)
        known = rows > SELDOM * rows.mean()
        return np.where(known, total / np.where(known, rows, 1.0), np.nan)


def peaks(hour: Ints, value: Floats, window: Ints, windows: int) -> Peaks:
    """Return when values peak in each window.

    Parameters
    ----------
    hour, value, window : hour of the day (0..23), finite value and window of each row, (n,).

    Examples
    --------
    >>> hour = np.tile(np.arange(24), 4)
    >>> value = 10 * np.cos(2 * np.pi * (hour + 0.5 - 15) / 24) + np.tile([0.1, -0.1], 48)
    >>> peaks(hour, value, np.zeros(96, dtype=np.int64), 1).hour.round(2).tolist()
    [15.0]
    """
    cell = window * DAY + hour
    sums = np.array([np.bincount(cell, one, windows * DAY) for one in (np.ones(len(value)), value, value**2)], dtype=np.float64)
    n, total, square = sums.reshape(3, windows, DAY)
    turn = 2 * np.pi * (np.arange(DAY) + 0.5) / DAY
    basis = np.column_stack([np.ones(DAY), np.cos(turn), np.sin(turn)])
    found, variance = np.full(windows, np.nan), np.full(windows, np.nan)
    for at in np.flatnonzero((n > 0).sum(axis=1) >= FEWEST_HOURS):
        normal, moment = basis.T @ (n[at][:, None] * basis), basis.T @ total[at]
        inverse = np.linalg.pinv(normal)
        level, a, b = inverse @ moment
        rest = max(float(square[at].sum() - moment @ np.array([level, a, b])), 0.0)
        covariance = inverse[1:, 1:] * rest / max(float(n[at].sum()) - 3, 1.0)
        amplitude = float(np.hypot(a, b))
        along, across = np.array([a, b]) / max(amplitude, 1e-300), np.array([-b, a]) / max(amplitude, 1e-300)
        if amplitude <= CLEAR * float(np.sqrt(max(along @ covariance @ along, across @ covariance @ across))):
            continue
        found[at] = float(np.arctan2(b, a)) * DAY / (2 * np.pi) % DAY
        variance[at] = float(across @ covariance @ across) / amplitude**2 * (DAY / (2 * np.pi)) ** 2
    return Peaks(found, variance, n, total)


def later(hour: Floats, than: float) -> Floats:
    """Return by how many hours peaks come later than another hour of the day, -12 up to 12.

    >>> later(np.array([23.0, 2.0, 14.0]), 1.0).tolist()
    [-2.0, 1.0, -11.0]
    """
    return np.asarray((hour - than + DAY / 2) % DAY - DAY / 2)


def moved(before: Floats, now: Floats) -> int | None:
    """Return by how many hours the means by hour of the day `now` (24,) come later than those `before`, nan where an hour has none: the
    shift under which they are most alike; None where they are alike under none.

    >>> day = 10 * np.cos(2 * np.pi * (np.arange(24) - 15) / 24)
    >>> moved(day, np.roll(day, 5) + 2), moved(day, np.roll(day, -3)), moved(day, np.random.default_rng(0).normal(0, 1, 24))
    (5, -3, None)
    """
    found: dict[int, float] = {}
    for by in range(-DAY // 2, DAY // 2):
        one = np.roll(before, by)
        both = np.isfinite(one) & np.isfinite(now)
        if both.sum() >= FEWEST_HOURS and one[both].std() > 0 and now[both].std() > 0:
            found[by] = float(np.corrcoef(one[both], now[both])[0, 1])
    best = max(found, key=lambda by: found[by], default=None)
    return None if best is None or found[best] < ALIKE else best


def middle(hour: Floats, weight: Floats) -> float:
    """Return the mean hour of the day of peaks with weights, 0..24.

    >>> middle(np.array([23.0, 1.0]), np.array([1.0, 1.0]))
    0.0
    """
    turn = np.exp(2j * np.pi * hour / DAY) * weight
    found = float(np.angle(turn.sum())) * DAY / (2 * np.pi) % DAY
    return 0.0 if np.isclose(found, DAY) else found
