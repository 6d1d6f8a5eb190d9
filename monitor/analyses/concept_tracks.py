"""Labelled rows of both sides, and each method of concept drift as a series by window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.concept_result import ConceptTrack
from monitor.analyses.losses import Lost
from monitor.analyses.performance_rows import Side
from monitor.analyses.segment_axes import CutColumn
from monitor.stats.performance.calibration import recalibration
from monitor.stats.performance.concept import FOLDS, Cut, Expected, dependence, expect, leaves, split_mix
from monitor.stats.performance.concept_catalogue import CONCEPT
from monitor.stats.performance.labelled import Labelled, usual_variance
from monitor.stats.performance.losses import LOSSES
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CHANCE = 1e-15


@dataclass(frozen=True, slots=True)
class ConceptRows:
    """Labelled rows of both sides: in windows, `x` as numbers, `columns` (name, label, cells) with their codes, losses, labels, answers."""

    rows: tuple[Labelled, Labelled]
    x: tuple[Floats, Floats]
    columns: tuple[tuple[str, str, tuple[str, ...]], ...]
    codes: tuple[Ints, Ints]
    losses: tuple[Floats, Floats]
    label: tuple[Floats, Floats]
    score: tuple[Floats, Floats]
    names: tuple[str, ...]
    task: Task

    @classmethod
    def of(cls, sides: tuple[Side, Side], lost: tuple[Lost, Lost], cut: Sequence[tuple[CutColumn, str]], task: Task) -> ConceptRows:
        """Return the rows of both sides that have a label and stand in a window."""
        kept = [one.rows & (side.window >= 0) for one, side in zip(lost, sides, strict=True)]
        codes = [np.array([one.codes[i] for one, _ in cut], dtype=np.int64).reshape(len(cut), len(kept[i]))[:, kept[i]] for i in range(2)]
        columns = tuple((one.name, label, tuple(one.spoken(cell, label) for cell in one.cells)) for one, label in cut)
        score = [one.score[held] for one, held in zip(lost, kept, strict=True)]
        x = [np.column_stack([code.T.astype(float), answered]) for code, answered in zip(codes, score, strict=True)]
        rows = [Labelled(side.window[held], side.windows, side.known.read.block[held]) for side, held in zip(sides, kept, strict=True)]
        return cls(
            (rows[0], rows[1]), (x[0], x[1]), columns, (codes[0], codes[1]),
            (lost[0].values[:, kept[0]], lost[1].values[:, kept[1]]), (lost[0].label[kept[0]], lost[1].label[kept[1]]),
            (score[0], score[1]), lost[0].names, task,
        )  # fmt: skip

    @property
    def _apart(self) -> Ints:
        """Return the stretch of time of each row of the reference that is left out as one: its window, where these are enough."""
        return self.rows[0].window if self.rows[0].windows >= FOLDS else self.rows[0].block

    def tracks(self, metric: str) -> Iterator[ConceptTrack]:
        """Yield every method."""
        at, (reference, production) = self.names.index(metric), self.losses
        mean = [reference[at].mean(), 0.0]
        yield self._mean("total", (reference[at] - mean[0], production[at] - mean[0]), metric)
        chance = expect(self.x, self.label[0], self._apart, chance=True) if self._by_chance(metric) else None
        told = self._expected(at, chance)
        yield self._mean("covariate", (told[0] - told[0].mean(), told[1] - told[0].mean()), metric)
        rest = float((reference[at] - told[0]).mean())
        left = reference[at] - told[0] - rest, production[at] - told[1] - rest
        yield self._mean("concept", left, metric)
        yield from self._mixed(at, metric)
        if "bias" in self.names:
            level = self.names.index("bias")
            inputs = self._expected(level, chance)
            center = float((inputs[0] - reference[level]).mean())
            away = inputs[0] - reference[level] - center, inputs[1] - production[level] - center
            yield self._mean("level", away, "")
            yield self._mean("prior", self.label, "")
            yield from self._by_column("residual", away)
        if self.task is Task.MULTICLASS:  # classes have no level: what depends on columns is how right the model is
            yield from self._by_column("residual", left)
        else:
            yield from self._by_column("association", self.label)
        if self.task is Task.BINARY and "brier" in self.names:
            yield from self._calibrated()

    def _by_chance(self, metric: str) -> bool:
        """Whether losses follow from the chance of a label."""
        return self.task is Task.BINARY and metric != "accuracy"

    def _expected(self, at: int, chance: Expected | None) -> tuple[Floats, Floats]:
        """Return what loss inputs let expect, of both sides; of a binary task by the chance of its label."""
        name = self.names[at]
        if chance is None:
            told = expect(self.x, self.losses[0][at], self._apart, chance=name == "accuracy")
            return told.reference, told.production
        made = [
            score - p if name == "bias" else score**2 - 2 * score * p + p
            for score, p in zip(self.score, (chance.reference, chance.production), strict=True)
        ]
        return made[0], made[1]

    def _mean(self, method: str, values: tuple[Floats, Floats], label: str) -> ConceptTrack:
        (own, own_spread), (value, spread) = (_means(rows, one) for rows, one in zip(self.rows, values, strict=True))
        own_variance, variance = usual_variance((own_spread, self.rows[0].rows), (spread, self.rows[1].rows))
        told = LOSSES[label].title if label else CONCEPT[method].title
        return ConceptTrack(
            method=method, column="", label=told, value=value, variance=variance, own=own, own_variance=own_variance,
            usual=float(values[0].mean()),
        )  # fmt: skip

    def _mixed(self, at: int, metric: str) -> Iterator[ConceptTrack]:
        """Yield the parts of mix and behaviour over the leaves of a small tree."""
        groups = leaves(self.x, self.losses[0][at])
        before = self.losses[0][at]
        own = split_mix((groups[0], groups[0]), (before, before), self.rows[0].window, self.rows[0].windows)
        found = split_mix(groups, (before, self.losses[1][at]), self.rows[1].window, self.rows[1].windows)
        for method in ("mix", "behaviour"):
            value, usual = getattr(found, method), getattr(own, method)
            none = np.full(len(value), np.nan), np.full(len(usual), np.nan)
            yield ConceptTrack(
                method=method,
                column="",
                label=LOSSES[metric].title,
                value=value,
                variance=none[0],
                own=usual,
                own_variance=none[1],
                usual=0.0,
            )

    def _by_column(self, method: str, values: tuple[Floats, Floats]) -> Iterator[ConceptTrack]:
        for i, (name, label, cells) in enumerate(self.columns):
            first, second = (Cut(self.codes[k][i], values[k], self.rows[k].window, self.rows[k].windows) for k in range(2))
            own, found = dependence(first), dependence(first, second)
            told = np.isfinite(own.square)
            yield ConceptTrack(
                method=method, column=name, label=label, value=found.square, variance=found.variance, own=own.square,
                own_variance=own.variance, usual=float(own.square[told].mean()) if told.any() else float("nan"),
                roots=(found.root, found.root_variance, own.root, own.root_variance), cells=cells, found=found,
            )  # fmt: skip

    def _calibrated(self) -> Iterator[ConceptTrack]:
        kept = [np.clip(one, CHANCE, 1 - CHANCE) for one in self.score]
        whole = Labelled(np.zeros(self.rows[0].size, dtype=np.int64), 1, self.rows[0].block)
        sides = [(self.rows[0], 0), (self.rows[1], 1), (whole, 0)]
        own, after, all_of = (recalibration(rows, self.label[i] > 0, kept[i], why="one_class") for rows, i in sides)
        for k, method in enumerate(("calibration_intercept", "calibration_slope")):
            yield ConceptTrack(
                method=method, column="", label=CONCEPT[method].title, value=after[k].value, variance=after[k].variance, own=own[k].value,
                own_variance=own[k].variance, usual=float(all_of[k].value[0]),
            )  # fmt: skip


def _means(rows: Labelled, values: Floats) -> tuple[Floats, Floats]:
    """Return the mean of values by window with its variance, (w,) each."""
    n = rows.rows
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = rows.total(values) / n
    variance = rows.variance((values - np.nan_to_num(mean)[rows.window]) / np.maximum(n, 1.0)[rows.window])
    return mean, np.where(n > 1, variance, np.nan)
