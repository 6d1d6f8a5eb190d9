"""How often an experiment that is looked at every day is decided falsely: `python -m benchmarks arms [--draws N] [--seed N]`.

Cards are given an arm and pay several times; arms differ in nothing. Beside it: the plain 95 % interval looked at as often, and how often
a difference of twice what matters is found.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.stats.inference.intervals import Z
from monitor.stats.performance.looks import Sums, looks_of

Floats = NDArray[np.float64]
DAYS, SEED = 60, 20261126


@dataclass(frozen=True)
class Kind:
    """What rows are worth: `draw` (rng, luck of each row's card, shift) -> (n,); `floor` the smallest difference that matters."""

    name: str
    draw: Callable[[np.random.Generator, Floats, Floats], Floats]
    floor: float
    shift: float


KINDS = (
    Kind("normal, rows of a card alike", lambda rng, luck, shift: luck + rng.normal(size=luck.size) + shift, 0.05, 0.2),
    Kind("share of 20 %", lambda rng, luck, shift: (rng.random(luck.size) < np.clip(0.2 + 0.05 * luck + shift, 0, 1)) * 1.0, 0.02, 0.06),
    Kind("share of 1 %", lambda rng, luck, shift: (rng.random(luck.size) < 0.01 * np.exp(0.5 * luck) + shift) * 1.0, 0.005, 0.01),
    Kind("money with a heavy tail", lambda rng, luck, shift: rng.lognormal(0.3 * luck, 1.5) * (1 + shift), 0.2, 0.5),
    Kind(
        "rare large losses",
        lambda rng, luck, shift: -rng.lognormal(4, 1, luck.size) * (rng.random(luck.size) < 0.01 * (1 + shift)),
        0.2,
        1.0,
    ),
)


def decided(kind: Kind, rng: np.random.Generator, *, share: float, effect: float) -> tuple[bool, bool]:
    """Draw one experiment and say whether it is ever decided, and whether plain intervals would."""
    cards = int(rng.integers(400, 4000))
    luck, treated = rng.normal(size=cards), rng.random(cards) < share
    n = cards * 3
    unit = rng.integers(0, cards, n)
    value = kind.draw(rng, luck[unit], effect * treated[unit])
    days = np.sort(rng.integers(0, DAYS, n))
    found = looks_of(Sums(value, np.ones(n), unit, days, treated[unit]), np.arange(DAYS), kind.floor)
    with np.errstate(invalid="ignore"):
        plain = np.abs(found.difference) > Z * np.sqrt(found.variance)
    return found.decided is not None, bool(plain.any())


def main(draws: int, seed: int) -> None:
    """Print the table."""
    print("| what rows are worth | arms | decided falsely | by plain intervals | a real difference found |\n|---|---|---:|---:|---:|")
    for number, kind in enumerate(KINDS):
        for share in (0.5, 0.2):
            rng = np.random.default_rng([seed, number, round(10 * share)])
            none = [decided(kind, rng, share=share, effect=0.0) for _ in range(draws)]
            some = [decided(kind, rng, share=share, effect=kind.shift)[0] for _ in range(max(draws // 4, 1))]
            false, plain = (float(np.mean(one)) for one in zip(*none, strict=True))
            print(f"| {kind.name} | {share:.0%} | {false:.1%} | {plain:.1%} | {float(np.mean(some)):.0%} |")
