"""What silence is worth in each column and window: the smallest change that would have alarmed, and the score from which one does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.errors import MethodError
from monitor.judgement.column_evidence import ColumnEvidence, ScreenEvidence
from monitor.judgement.column_findings import Counted
from monitor.stats.comparison import Comparison, Side
from monitor.stats.inference.power import LUCK, Planted, plant_level, plant_shifts, reached
from monitor.stats.inference.questions import Ask, Questions
from monitor.stats.method import Method

Floats = NDArray[np.float64]
ORDER = (Ask.LOCATION, Ask.MEAN)
"""Questions that a shift of all values answers."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Of one column: `size` (w,) of the smallest planted change that alarms in four of five cases (nan: none), `edge` (w,) of one that
    reaches the limit exactly, `unit` ("sd" or empty for a share), `group` of the level that was changed, `missing` (w,) the smallest rise
    of the missing share; `planted` the changes."""

    size: Floats
    edge: Floats
    missing: Floats
    group: int
    planted: Planted

    @property
    def possible(self) -> NDArray[np.bool_]:
        """Whether any change of values could have alarmed in a window alone, (w,)."""
        return np.isfinite(self.edge)


def silence(screen: ScreenEvidence, name: str, counted: Counted, level: float) -> Silence:
    """Work out what could have been seen of a column at an error probability of `level`."""
    thing, total = screen.things[name], counted.reference.counts[0].astype(float)
    sd = float(counted.reference.sd[0])
    ordered = counted.layout.ordered and np.isfinite(sd) and sd > 0
    planted = plant_shifts(total, counted.layout, sd) if ordered else plant_level(total, counted.layout)
    size = edge = np.full(len(counted.production.rows), np.nan)
    for position in _answering(thing.questions, planted, ordered=ordered):
        moved = planted.moved(thing.questions, position, total) if thing.questions is not None else np.zeros(len(planted.size))
        needed, error = _needed(screen, thing, position, level)
        rows = max(float(thing.usual[position]), 1.0)  # what the scale of the series rests on
        size = np.fmin(size, reached(planted, moved, (needed + LUCK * error) / np.sqrt(rows)))
        edge = np.fmin(edge, reached(planted, moved, needed / np.sqrt(rows)))
    return Silence(size, edge, _missing(screen, thing, counted, level), planted.group, planted)


def _answering(questions: Questions | None, planted: Planted, *, ordered: bool) -> list[int]:
    if questions is None:
        return []
    asks, groups = questions.asks, questions.groups
    if ordered:
        return [i for i, ask in enumerate(asks) if ask in ORDER]
    own = [i for i, ask in enumerate(asks) if ask is Ask.CELL and groups[i] == planted.group]
    return own or [i for i, ask in enumerate(asks) if ask is Ask.CELL]


def _needed(screen: ScreenEvidence, thing: ColumnEvidence, position: int, level: float) -> tuple[Floats, Floats]:
    """Return how far a window alone has to lie, and its standard error, in sampling standard deviations of a usual window, (w,)."""
    evidence, series = screen.evidence, thing.first + position
    reach = evidence.reference(series).reach(level * float(thing.budget[position]))
    error = evidence.single_error(series)
    return reach * error, error


def _missing(screen: ScreenEvidence, thing: ColumnEvidence, counted: Counted, level: float) -> Floats:
    """Return the smallest rise of the missing share that alarms: the normal approximation with the variance of the raised share."""
    position = 0  # the missing share is always asked first
    needed, error = _needed(screen, thing, position, level)
    before = float(counted.reference.missing[0] / max(int(counted.reference.rows[0]), 1))
    rows = max(float(thing.usual[position]), 1.0)
    far = (needed + LUCK * error) / np.sqrt(rows)
    least = -np.log(max(level * float(thing.budget[position]), 1e-300)) / np.maximum(counted.production.rows, 1)
    rise = np.maximum(far * np.sqrt(max(before * (1 - before), 0.0)), np.where(before == 0, least, 0.0))
    return np.where(rise <= 1.0 - before, rise, np.nan)


def edge_scores(found: Silence, counted: Counted, method: Method) -> Floats:
    """Return the score of the smallest planted change that alarms alone, (w,): how far it lies from "nothing changed"."""
    if method.on_cells is None or not np.isfinite(found.edge).any():
        return np.full(len(found.edge), np.nan)
    total = counted.reference.counts[0].astype(float)
    none = 0.0 if np.isnan(method.none) else method.none
    sides = Side.of_counts(total, counted.layout), Side.of_counts(found.planted.shares * total.sum(), counted.layout)
    try:
        away = np.abs(method.compare(Comparison(counted.layout, *sides)).score - none)
    except MethodError:  # an analyst's own method that cannot be asked about planted changes: its limit is known of seen scores only
        return np.full(len(found.edge), np.nan)
    score = np.maximum.accumulate(np.nan_to_num(away))
    return np.asarray(np.where(np.isfinite(found.edge), np.interp(np.nan_to_num(found.edge), found.planted.size, score), np.nan))
