"""Labels that follow from inputs otherwise in all rows, over a long time and to and fro: no place and no moment shows it, many findings do.

What analyses of labels found in turn (labels above what inputs let expect, then worse ranking) is one thing where rows show in the windows
of each that labels are not what the reference lets expect. Whether it is a season that the reference never had or a change for good, no
rows of such a time can tell: that is said.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.incidents.asked import ALARMS, has_time, meeting
from monitor.incidents.cause import Cause, Hypothesis, Proof, Stretch
from monitor.incidents.evidence import without_labels
from monitor.incidents.expected_labels import Expected, same_versions
from monitor.incidents.label_models import BOUND, likelihood, related, shifted_all
from monitor.incidents.moments import utc
from monitor.incidents.reweighing import distance_within
from monitor.incidents.scene import TIME, Scene
from monitor.incidents.seasons import examine_seasons
from monitor.judgement.concept_told import LABELS
from monitor.judgement.finding import NO_TIME, Finding, FindingKind
from monitor.vocabulary import Status

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]

TOLD = frozenset({"concept", "performance", "estimate"})
"""Analyses of labels of all rows."""
KINDS = frozenset({FindingKind.METRIC, FindingKind.CONCEPT, FindingKind.ESTIMATE})
OF_RELATION = frozenset({"level", "concept"})
"""Methods of all rows that take inputs into account."""
LEAST_GAIN = 10.0
"""Log likelihood, in units of the luck of windows, that a relation of its own must gain over what the reference lets expect."""
EVERYWHERE = 0.5
"""What it explains at most: a place or a moment that rows show says more."""
MOVED = 2.0
"""How fast it loses when inputs moved that do not go with the year: what is found of damaged values says nothing of labels."""
LEAST = 0.3
LEAST_PART = 0.02
"""Difference from the expected share that a part must have to be told apart from the one before it."""
MOST_PARTS = 4
"""Parts that are told; what changes more often is told as a whole."""
BEYOND = 2.0
"""Standard deviations of the luck of a window beyond which it goes on in windows that nothing was found of."""
LONG, NEAR_IN_YEAR, LACKING = 28, 15, 0.5
"""Days that it must last for the time of year to matter, days that the reference may lie off, and part of its days that it must lack."""
_YEAR = 365
_MOST_ROWS = 20_000


def examine_relations(scene: Scene, expected: Expected) -> Iterator[Hypothesis]:
    """Tell since when labels of all rows follow from inputs otherwise, by all that was found of it."""
    if not expected.of_label and not same_versions(scene):  # errors are another model's then
        return
    if scene.few_days:  # which do not say how labels go to and fro
        return
    found = _found(scene)
    if not any(_of_relation(one) for _, one in found):
        return
    spans = {(one.first, one.last): one for _, one in found}  # each asked once
    shown = {span for span, one in spans.items() if _shown(scene, expected, one)}
    for chain in _chains([(key, one) for key, one in found if (one.first, one.last) in shown]):
        if any(_of_relation(one) for _, one in chain):
            told = _hypothesis(scene, expected, chain)
            if told is not None:
                yield told


def _found(scene: Scene) -> list[tuple[str, Finding]]:
    """Return what was found of labels of all rows, but for the better, in order of time."""
    found = [
        (key, one)
        for key, one in scene.findings(*TOLD)
        if one.status in ALARMS and one.kind in KINDS and one.note != "better" and not one.version and not one.segment
        if not without_labels(key.split(":", 1)[0], one)
    ]
    return sorted(found, key=lambda pair: pair[1].first)


def _of_relation(one: Finding) -> bool:
    """Say whether a finding is, by what it measures, that labels at the same inputs are others: more of them may be other inputs."""
    relation = one.method in OF_RELATION or one.note == LABELS
    return one.kind is FindingKind.CONCEPT and one.status == Status.ALERT.value and relation


def _chains(found: Sequence[tuple[str, Finding]]) -> list[list[tuple[str, Finding]]]:
    """Return findings, in order of time, of which each shares a window with one before it."""
    chains: list[list[tuple[str, Finding]]] = []
    last = -1
    for pair in found:
        if chains and pair[1].first <= last:
            chains[-1].append(pair)
        else:
            chains.append([pair])
        last = max(last if len(chains[-1]) > 1 else -1, pair[1].last)
    return chains


def _shown(scene: Scene, expected: Expected, one: Finding) -> bool:
    """Say whether labels of the windows of a finding are not what the reference lets expect, by more than the luck of its windows."""
    inside = scene.production.within(one.first, one.last) & expected.known
    rows = np.flatnonzero(inside)
    rows = rows[:: max(len(rows) // _MOST_ROWS, 1)]
    if not len(rows):
        return False
    asked = np.zeros(len(inside), dtype=bool)
    asked[rows] = True
    plain = np.clip(np.where(asked, np.nan_to_num(expected.plain, nan=0.5), 0.5), BOUND, 1 - BOUND)
    happened = expected.happened[rows]
    own = likelihood(related(expected, plain, (asked, asked))[rows], happened) - likelihood(plain[rows], happened)
    gain = max(own, shifted_all(plain[rows], happened)) / len(rows) - expected.faults[1]
    worse = expected.of_label or happened.mean() > plain[rows].mean()
    return bool(worse and gain * inside.sum() / expected.luck >= LEAST_GAIN)


def _hypothesis(scene: Scene, expected: Expected, chain: Sequence[tuple[str, Finding]]) -> Hypothesis | None:
    findings = [one for _, one in chain]
    course = _Course.of(expected)
    first, found_last = min(one.first for one in findings), max(one.last for one in findings)
    last = course.reach(found_last)
    inside = scene.production.within(first, last)
    explained = EVERYWHERE * max(1.0 - MOVED * _moved(scene, inside), 0.0)
    known = inside & expected.known
    if explained < LEAST or not known.any():
        return None
    parts = tuple(_stretch(scene, expected, known & scene.production.within(*ends)) for ends in course.parts(first, last))
    began = findings[0]
    lasting = any(one.ongoing for one in findings) or last == course.last
    share, usual = float(expected.happened[known].mean()), float(expected.plain[known].mean())
    return Hypothesis(
        cause=Cause.CONCEPT_CHANGE,
        start=began.start,
        end=NO_TIME if lasting else scene.production.windows.end[last],
        onset_lower=began.onset_lower,
        onset_upper=began.onset_upper,
        rows=int(inside.sum()),
        share_rows=1.0,
        explained=explained,
        parameters=1 + len(parts),
        proof=Proof(
            measure="labels" if expected.of_label else "errors", before=share - usual, after=0.0, rows=int(known.sum()), share=share
        ),
        evidence=tuple(key for key, _ in chain),
        parts=parts,
        known_days=_other_season(scene, inside),
    )


def _moved(scene: Scene, inside: Bools) -> float:
    """Return how far inputs moved of which something was found then, but for those that go with the year."""
    natural = {name for one in examine_seasons(scene) for name in one.columns}
    told = {one.what for one in meeting(scene, inside, lambda analysis, _: analysis in ("drift", "quality")).values()}
    return distance_within(scene, np.ones(len(scene.reference), dtype=bool), inside, told - natural)


@dataclass(frozen=True, slots=True)
class _Course:
    """By window, how many of the labelled rows came true beyond what was expected (`off`, a share), how many there are, and how far luck
    alone takes a window (`luck`, a standard deviation); (w,) each."""

    off: Floats
    rows: Floats
    luck: Floats

    @classmethod
    def of(cls, expected: Expected) -> _Course:
        window, chance = expected.windows[expected.known], expected.plain[expected.known]
        size = int(window.max()) + 1
        rows = np.bincount(window, minlength=size).astype(np.float64)
        off = np.bincount(window, weights=expected.happened[expected.known] - chance, minlength=size) / np.maximum(rows, 1.0)
        spread = np.bincount(window, weights=chance * (1 - chance), minlength=size)
        return cls(off, rows, np.sqrt(expected.luck * np.maximum(spread, 1e-12)) / np.maximum(rows, 1.0))

    @property
    def last(self) -> int:
        """The last window with labels that count."""
        return len(self.off) - 1

    def reach(self, last: int) -> int:
        """Return the window up to which labels are off by more than luck after the last that something was found of."""
        while last < self.last and abs(self.off[last + 1]) >= BEYOND * self.luck[last + 1]:
            last += 1
        return last

    def parts(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return the stretches in which more came true than was expected, or less, in turn: at most MOST_PARTS, else all as one."""
        joined: list[tuple[int, int]] = []
        for start, end in self._cut(first, min(last, self.last)):
            mean, before = self._mean(start, end), self._mean(*joined[-1]) if joined else 0.0
            if joined and (abs(mean) < LEAST_PART or (mean > 0) == (before > 0) or abs(before) < LEAST_PART):
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return joined if len(joined) <= MOST_PARTS else [(first, last)]

    def _mean(self, first: int, last: int) -> float:
        part = slice(first, last + 1)
        return float(self.off[part] @ self.rows[part] / max(self.rows[part].sum(), 1.0))

    def _cut(self, first: int, last: int) -> list[tuple[int, int]]:
        """Return stretches of one height each, in order: cut in two as long as that says more than luck."""
        part = slice(first, last + 1)
        weight = np.where(self.rows[part] > 0, self.luck[part] ** -2.0, 0.0)
        before, total = np.cumsum(weight)[:-1], float(weight.sum())
        sums = np.cumsum(weight * self.off[part])
        with np.errstate(invalid="ignore", divide="ignore"):
            gain = (sums[:-1] - before / total * sums[-1]) ** 2 * total / (before * (total - before))
        best = int(np.argmax(np.nan_to_num(gain))) if len(gain) else 0
        if not len(gain) or not gain[best] >= LEAST_GAIN:
            return [(first, last)]
        return [*self._cut(first, first + best), *self._cut(first + best + 1, last)]


def _stretch(scene: Scene, expected: Expected, rows: Bools) -> Stretch:
    time = scene.production.frame.loc[rows, TIME]
    start, end = (np.datetime64(one, "us") if pd.notna(one) else NO_TIME for one in (time.min(), time.max()))
    return Stretch(
        start=utc(scene, start),
        end=utc(scene, end),
        share=float(expected.happened[rows].mean()),
        expected=float(expected.plain[rows].mean()),
        rows=int(rows.sum()),
    )


def _other_season(scene: Scene, inside: Bools) -> tuple[np.datetime64, np.datetime64] | None:
    """Return the first and last moment of a reference which lacks most of the times of year of some long time; else None."""
    if not has_time(scene):
        return None
    sides = scene.reference.frame[TIME].dropna(), scene.production.frame.loc[inside, TIME].dropna()
    then, now = (pd.DatetimeIndex(one.dt.floor("D").unique()) for one in sides)
    if not len(then) or len(now) < LONG:
        return None
    apart = np.abs(then.day_of_year.to_numpy()[None, :] - now.day_of_year.to_numpy()[:, None])
    nearest = np.minimum(apart, _YEAR - apart).min(axis=1)
    lacking = float((nearest > NEAR_IN_YEAR).mean())
    if lacking < LACKING:
        return None
    return utc(scene, np.datetime64(sides[0].min(), "us")), utc(scene, np.datetime64(sides[0].max(), "us"))
