"""Which map of the values of a column undoes a change: a table of units, free factors and offsets, and how far two samples lie apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A known map of one unit to another: `now` = value * `scale` + `offset`. `says` it as in "values look like <says>"."""

    name: str
    says: str
    scale: float
    offset: float = 0.0

    def forward(self, values: Floats) -> Floats:
        """Return values as they look after the change."""
        return np.asarray(values * self.scale + self.offset)


ROUGH = 5e-4
"""Part of a value by which two count as equal."""
_PAIRS: tuple[tuple[str, str, float], ...] = (
    ("centimetres", "inches", 2.54),
    ("millimetres", "inches", 25.4),
    ("metres", "feet", 0.3048),
    ("centimetres", "feet", 30.48),
    ("inches", "feet", 12.0),
    ("feet", "yards", 3.0),
    ("metres", "yards", 0.9144),
    ("kilometres", "miles", 1.609344),
    ("kilometres (an hour)", "nautical miles (knots)", 1.852),
    ("miles (an hour)", "nautical miles (knots)", 1.150779),
    ("feet", "miles", 5280.0),
    ("metres", "miles", 1609.344),
    ("kilograms", "pounds", 0.45359237),
    ("ounces", "pounds", 16.0),
    ("grams", "ounces", 28.349523),
    ("grams", "pounds", 453.59237),
    ("litres", "gallons", 3.785412),
    ("litres", "imperial gallons", 4.54609),
    ("hectares", "acres", 0.40468564),
    ("square metres", "square feet", 0.09290304),
    ("hectopascals", "inches of mercury", 33.86389),
    ("hectopascals", "millimetres of mercury", 1.333224),
    ("kilopascals", "pounds per square inch", 6.894757),
    ("bars", "pounds per square inch", 0.06894757),
    ("kilojoules", "kilocalories", 4.184),
    ("kilowatts", "horsepower", 0.7456999),
    ("metres per second", "kilometres per hour", 1 / 3.6),
    ("metres per second", "miles per hour", 0.44704),
    ("metres per second", "knots", 0.514444),
    ("minutes", "hours", 60.0),
    ("seconds", "hours", 3600.0),
    ("hours", "days", 24.0),
    ("minutes", "days", 1440.0),
    ("seconds", "days", 86400.0),
    ("days", "weeks", 7.0),
    ("months", "years", 12.0),
    ("days", "years", 365.25),
    ("degrees", "radians", 180 / np.pi),
    ("milligrams per decilitre", "millimoles per litre of glucose", 18.0182),
    ("pieces", "dozens", 12.0),
    ("bits", "bytes", 8.0),
    ("smaller units of 1024", "the larger unit", 1024.0),
    ("smaller units of 1024 * 1024", "the larger unit", 1024.0**2),
)
_DECIMAL = {10.0: "ten", 100.0: "a hundred", 1e3: "a thousand", 1e4: "ten thousand", 1e6: "a million", 1e9: "a thousand million"}
_SMALL = {
    10.0: "tenths",
    100.0: "hundredths (cents for euro, percent for a share)",
    1e3: "thousandths (milli, kilo)",
    1e4: "basis points for a share",
    1e6: "millionths (micro, mega)",
    1e9: "thousand-millionths (nano, giga)",
}
_TEMPERATURES: tuple[Unit, ...] = (
    Unit(name="celsius for fahrenheit", says="Celsius for Fahrenheit", scale=5 / 9, offset=-160 / 9),
    Unit(name="fahrenheit for celsius", says="Fahrenheit for Celsius", scale=1.8, offset=32.0),
    Unit(name="kelvin for celsius", says="Kelvin for Celsius", scale=1.0, offset=273.15),
    Unit(name="celsius for kelvin", says="Celsius for Kelvin", scale=1.0, offset=-273.15),
    Unit(name="kelvin for fahrenheit", says="Kelvin for Fahrenheit", scale=5 / 9, offset=273.15 - 160 / 9),
    Unit(name="fahrenheit for kelvin", says="Fahrenheit for Kelvin", scale=1.8, offset=32.0 - 273.15 * 1.8),
)


def _both_ways(now: str, before: str, factor: float) -> tuple[Unit, Unit]:
    return (
        Unit(name=f"{now} for {before}", says=f"{now} for {before}", scale=factor),
        Unit(name=f"{before} for {now}", says=f"{before} for {now}", scale=1 / factor),
    )


def _decimal(factor: float) -> tuple[Unit, Unit]:
    return (
        Unit(name=f"x{factor:g}", says=f"{_DECIMAL[factor]} times the value: {_SMALL[factor]}", scale=factor),
        Unit(name=f"x1/{factor:g}", says=f"the value divided by {_DECIMAL[factor]}", scale=1 / factor),
    )


UNITS: tuple[Unit, ...] = (
    *(unit for factor in _DECIMAL for unit in _decimal(factor)),
    *_TEMPERATURES,
    *(unit for pair in _PAIRS for unit in _both_ways(*pair)),
    Unit(name="sign", says="the sign turned round", scale=-1.0),
    Unit(name="complement", says="one minus the share", scale=-1.0, offset=1.0),
    Unit(name="complement of percent", says="a hundred minus the percentage", scale=-1.0, offset=100.0),
)
"""Known maps, the commonest first: of those that fit as well as each other the first is told."""


ANYTHING: tuple[Unit, ...] = tuple(one for one in UNITS if one.name.startswith("x") or one.scale == -1)
"""Those that values of any dimension may be in, money too: powers of ten, and what is turned round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A known map that is no line; `kind` names what undoes it."""

    name: str
    says: str
    kind: str
    forward: Callable[[Floats], Floats]


CURVES: tuple[Curve, ...] = (
    Curve(name="log", says="the natural logarithm of the value", kind="exp", forward=np.log),
    Curve(name="log10", says="the decimal logarithm of the value", kind="exp10", forward=np.log10),
    Curve(name="log1p", says="the logarithm of one plus the value", kind="expm1", forward=np.log1p),
    Curve(name="exp", says="the value where its logarithm was", kind="log", forward=np.exp),
    Curve(name="exp10", says="the value where its decimal logarithm was", kind="log10", forward=lambda x: 10.0**x),
    Curve(name="square", says="the square of the value", kind="root", forward=np.square),
    Curve(name="root", says="the square root of the value", kind="square", forward=np.sqrt),
)


def ks(first: Floats, second: Floats, slack: float = 0.0) -> float:
    """Return the largest distance of the distribution functions of two samples of finite values, (n,) and (m,); nan without values.

    Values that differ by no more than `slack`, or by a two-thousandth of their size, count as equal: factors are written with few digits,
    and values are rounded after they were multiplied.

    >>> ks(np.array([0.0, 1.0]), np.array([1.0, 2.0]))
    0.5
    >>> ks(np.array([9.998, 1.0]), np.array([10.0, 1.0]))
    0.0
    """
    if not len(first) or not len(second):
        return float("nan")
    a, b = np.sort(first), np.sort(second)
    return max(_above(a, b, slack), _above(b, a, slack), 0.0)


def _above(a: Floats, b: Floats, slack: float) -> float:
    """Return how far the distribution function of sorted `a` lies above that of sorted `b` moved by the slack at most."""
    moved = a + slack + ROUGH * np.abs(a)
    return float((np.arange(1, len(a) + 1) / len(a) - np.searchsorted(b, moved, side="right") / len(b)).max())


def ks_noise(first: int, second: int) -> float:
    """Return the distance that two samples of one distribution stay below in 999 of 1000 cases (asymptotic, rows independent)."""
    return float(1.95 * np.sqrt(1 / max(first, 1) + 1 / max(second, 1)))


def decimals_of(values: Floats, most: int = 6) -> int:
    """Return how many decimals values have, at most `most`.

    >>> decimals_of(np.array([1.25, 3.0]))
    2
    """
    return next((d for d in range(most) if np.allclose(values, np.round(values, d), rtol=1e-9, atol=1e-9)), most)


def free_scale(before: Floats, now: Floats) -> float:
    """Return the factor from `before` to `now`: the median over quantiles of their ratio; nan where they cannot be divided.

    >>> free_scale(np.arange(1.0, 100.0), 3 * np.arange(1.0, 100.0))
    3.0
    """
    at = np.linspace(0.05, 0.95, 19)
    low, high = np.quantile(before, at), np.quantile(now, at)
    usable = np.abs(low) > 1e-12 * max(1.0, float(np.abs(low).max()))
    return float(np.median(high[usable] / low[usable])) if usable.sum() > len(at) // 3 else float("nan")


def free_scale_error(before: Floats, now: Floats, draws: int = 100) -> float:
    """Return the standard error of the logarithm of the factor from `before` to `now` (bootstrap); nan where there is none."""
    rng = np.random.default_rng(0)
    found = [free_scale(rng.choice(before, len(before)), rng.choice(now, len(now))) for _ in range(draws)]
    return float(np.std(np.log(found))) if min(found) > 0 else float("nan")


def free_offset(before: Floats, now: Floats) -> float:
    """Return what was added from `before` to `now`: the median over quantiles of their difference."""
    at = np.linspace(0.05, 0.95, 19)
    return float(np.median(np.quantile(now, at) - np.quantile(before, at)))


def free_line(before: Floats, now: Floats) -> tuple[float, float]:
    """Return scale and offset of the line from the quantiles of `before` to those of `now`; nan where `before` is constant."""
    at = np.linspace(0.05, 0.95, 19)
    low, high = np.quantile(before, at), np.quantile(now, at)
    if np.ptp(low) <= 0:
        return float("nan"), float("nan")
    scale, offset = np.polyfit(low, high, 1)
    return float(scale), float(offset)


STEPS: tuple[float, ...] = tuple(base * 10.0**power for power in range(6, -7, -1) for base in (5.0, 2.5, 2.0, 1.0))
"""Steps of rounding, the coarsest first."""


MOST_PILED = 8
"""Values on which many rows lie, of which a step is made."""
PILED = 3.0
"""Times as many rows as are expected that lie on such a value, and five at least."""
DECIMALS = 6


def piled_step(before: Floats, now: Floats) -> float:
    """Return the largest step that all values on which far more rows lie than before are multiples of; nan of fewer than three.

    >>> piled_step(np.arange(100.0, 2000.0), np.repeat([300.0, 600.0, 900.0, 1234.0], [20, 30, 20, 1]))
    300.0
    """
    before, now = (one[np.isfinite(one)] for one in (before, now))
    if not len(before) or not len(now):
        return float("nan")
    values, rows = np.unique(now, return_counts=True)
    known, often = np.unique(before, return_counts=True)
    at = np.minimum(np.searchsorted(known, values), len(known) - 1)
    expected = np.where(known[at] == values, often[at], 0) * len(now) / len(before)
    more = np.where(rows >= np.maximum(PILED * expected, 5), rows - expected, 0.0)
    top = values[np.argsort(-more, kind="stable")[:MOST_PILED]][: int((more > 0).sum())]
    whole = np.round(top * 10.0**DECIMALS)
    if len(top[top != 0]) < 3 or np.abs(whole).max() > 2.0**53:
        return float("nan")
    return float(np.gcd.reduce(whole.astype(np.int64)) / 10.0**DECIMALS)


def on_step(values: Floats, step: float) -> NDArray[np.bool_]:
    """Say which values are multiples of a step, (n,)."""
    scaled = values / step
    return np.asarray(np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1.0, np.abs(scaled)))


def heaviest_stretch(weights: Floats) -> tuple[int, int]:
    """Return first and last position of the stretch of the largest sum; (0, -1) where no weight is positive.

    Weights are log likelihood ratios of "it happened in this row" in time order: the stretch is where it most likely lasted.

    >>> heaviest_stretch(np.array([-1.0, 2.0, -1.0, 3.0, -5.0, 1.0]))
    (1, 3)
    """
    if not len(weights) or weights.max() <= 0:
        return 0, -1
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    lowest = np.minimum.accumulate(sums)
    last = int(np.argmax(sums[1:] - lowest[:-1]))
    first = int(np.flatnonzero(sums[: last + 1] == lowest[last])[-1])
    return first, last
