"""Something bad is planted into rows of a real case: is its place told, and when it began (`python -m benchmarks places`)?

A row is bad outside at the rate of 0, 2 or 20 %, within at 30, 60 or 100 %, for a twentieth to a third of production's time, in the rows

- at a level of one column, or at levels of two;
- of all places;
- whose value of some number lies above a quantile, wherever they are: no place, though some places hold many more of them.

Its place is told where the rows that are named are nineteen of twenty of those planted, and these of those: a currency may say what its
only country does.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.incidents.located import locate
from monitor.incidents.places import told_by_day
from monitor.incidents.scene import TIME, Scene, in_segment

Bools = NDArray[np.bool_]

KINDS = ("one column", "two columns", "all rows", "above a value")
FEWEST = 30
"""Bad rows that are planted at least."""
SAME = 0.95
NEAR = np.timedelta64(12, "h")
"""How near the onset has to be."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What was planted: `bad` rows of production, at which `segment`, from `start` on."""

    bad: Bools
    segment: dict[str, str]
    inside: Bools
    start: np.datetime64


class Drawer:
    """Draws what is planted into the rows of a case."""

    def __init__(self, folder: Path, seed: int) -> None:
        scene = Scene(workspace=open_workspace(load_case(folder)), question=Question(windows="1 day"), judged={})
        self.reference, self.production = scene.reference.frame, scene.production.frame
        self.places = [name for name in scene.places if not told_by_day(self.production, name)]
        self.numbers = [name for name, kind in self.reference.dtypes.items() if kind == np.float64 and self.reference[name].nunique() > 20]
        self.rng = np.random.default_rng(seed)

    def draw(self, kind: str) -> tuple[Bools, Planted] | None:
        """Return which rows of the reference are bad, and what was planted; None where too few rows would be."""
        usual, rate = self.rng.choice([0.0, 0.02, 0.2]), self.rng.choice([0.3, 0.6, 1.0])
        before, now = (self.rng.random(len(frame)) < usual for frame in (self.reference, self.production))
        inside = self._meanwhile()
        start = self.production[TIME][inside].min().to_datetime64()
        if kind == "above a value":
            name = str(self.rng.choice(self.numbers))
            hit = inside & (self.production[name] > self.reference[name].quantile(self.rng.uniform(0.5, 0.9))).to_numpy()
            return (before, Planted(now | hit, {}, inside, start)) if hit.sum() >= FEWEST else None
        segment = self._segment(inside, KINDS.index(kind) + 1) if kind != "all rows" else {}
        concerned = inside & in_segment(self.production, segment)
        hit = concerned & (self.rng.random(len(now)) < rate)
        few, nearly_all = hit.sum() < FEWEST, bool(segment) and concerned.sum() > 0.9 * inside.sum()
        return None if few or nearly_all else (before, Planted(now | hit, segment, inside, start))

    def _meanwhile(self) -> Bools:
        times = self.production[TIME].to_numpy()
        first, span = np.nanmin(times), np.nanmax(times) - np.nanmin(times)
        begun = first + span * self.rng.uniform(0.1, 0.6)
        return np.asarray((times >= begun) & (times < begun + span * self.rng.uniform(0.05, 0.35)))

    def _segment(self, inside: Bools, columns: int) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in self.rng.choice(self.places, columns, replace=False):
            held: pd.Series[int] = self.production[name][inside & in_segment(self.production, found)].value_counts()
            common = held[held >= FEWEST]
            found |= {str(name): str(self.rng.choice(common.index.astype(str)))} if len(common) else {}
        return found


def report(folder: Path, draws: int, seed: int) -> None:
    """Print how often place and time are told."""
    drawer = Drawer(folder, seed)
    print("| planted in | n | its place | another segment | no segment | onset within 12 h |")
    print("|---|---:|---:|---:|---:|---:|")
    for kind in KINDS:
        count = Counter(told for _ in range(draws) for told in _told(drawer, kind))
        print(f"| {kind} | {count['n']} | {count['place']} | {count['other']} | {count['none']} | {count['onset']} |")


def _told(drawer: Drawer, kind: str) -> list[str]:
    drawn = drawer.draw(kind)
    if drawn is None:
        return []
    before, planted = drawn
    found = locate(drawer.reference, drawer.production, before, planted.bad, drawer.places)
    named, true = found.place.are(drawer.production[planted.inside]), in_segment(drawer.production[planted.inside], planted.segment)
    right = (named & true).sum() >= SAME * max(named.sum(), true.sum())
    place = "place" if right else "other" if found.place.segment else "none"
    near = found.time is not None and abs(found.time.start - planted.start) <= NEAR
    return ["n", place, *(["onset"] if near else [])]
