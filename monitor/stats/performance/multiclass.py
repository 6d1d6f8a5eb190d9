"""Metrics of a choice among several classes, of all classes together and one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from monitor.stats.inference.intervals import on_log, wilson
from monitor.stats.performance.binary import NO_LABELS, ONE_CLASS, SMALLEST_CHANCE, decision_metrics
from monitor.stats.performance.estimates import Estimate, mean, share, told
from monitor.stats.performance.labelled import Bools, Floats, Ints, Labelled
from monitor.stats.performance.ranking import placements, roc_auc

LACKS_A_CLASS = "lacks_a_class"
BY_CLASS = ("precision", "recall", "specificity", "f1", "selection_rate")
"""Metrics of decisions that are told of each class beside all others."""


@dataclass(frozen=True, slots=True)
class Classes:
    """Labelled rows of several `classes`: `label` and `decision` (n,) are positions among them (-1: none of them), `score` (n, c) their
    probabilities (None: there are none). `usual` are the classes that means are taken over (None: all): those of the reference, so that
    windows are compared by the same ones; `scored` those that scores know of (None: all)."""

    rows: Labelled
    classes: tuple[str, ...]
    label: Ints
    decision: Ints | None
    score: Floats | None
    usual: tuple[int, ...] | None = None
    scored: tuple[int, ...] | None = None

    @property
    def told(self) -> tuple[int, ...]:
        """The classes that means are taken over."""
        return tuple(range(len(self.classes))) if self.usual is None else self.usual

    @property
    def with_scores(self) -> tuple[int, ...]:
        """The classes that have a score."""
        return tuple(range(len(self.classes))) if self.scored is None else self.scored


def multiclass_metrics(found: Classes) -> Iterator[tuple[str, str, Estimate]]:
    """Yield (id, class, metric); the class is "" for all together."""
    rows = found.rows
    if found.decision is not None:
        yield "accuracy", "", share(rows, found.label == found.decision, np.ones(rows.size), why=NO_LABELS)
        alone = {name: dict(_alone(found, i)) for i, name in enumerate(found.classes)}
        yield from (("macro_" + name if name != "balanced_accuracy" else name, "", one) for name, one in _together(found))
        yield "weighted_f1", "", _weighted(found, alone)
        yield from ((metric, name, one) for name, metrics in alone.items() for metric, one in metrics.items())
    for i, name in enumerate(found.classes):
        yield "base_rate", name, share(rows, found.label == i, np.ones(rows.size), why=NO_LABELS)
    if found.score is not None:
        yield from _of_scores(found, found.score)


def _alone(found: Classes, i: int) -> Iterator[tuple[str, Estimate]]:
    assert found.decision is not None  # noqa: S101 - asked only where there is one
    return ((name, one) for name, one in decision_metrics(found.rows, found.label == i, found.decision == i) if name in BY_CLASS)


def _together(found: Classes) -> Iterator[tuple[str, Estimate]]:
    """Yield means over the usual classes, however few rows each has. The precision of a class that is never decided counts as 0, as in
    scikit-learn; a window that lacks one of the classes has no mean: over fewer classes it would be another metric."""
    rows, decision = found.rows, found.decision
    assert decision is not None  # noqa: S101 - asked only where there is one
    held = np.array([rows.total(found.label == i) > 0 for i in found.told]).all(axis=0)
    recall = _of_every(found, lambda label, said: (label & said, label))
    precision = _of_every(found, lambda label, said: (label & said, said))
    f1 = _of_every(found, lambda label, said: (np.multiply(label & said, 2.0), np.add(label, said, dtype=np.float64)))
    for name, parts in (("precision", precision), ("recall", recall), ("f1", f1), ("balanced_accuracy", recall)):
        mean_ = _mean_of(parts, np.full((len(parts), rows.windows), 1 / max(len(parts), 1)))
        yield name, told(np.where(held, mean_.value, np.nan), (mean_.lower, mean_.upper), mean_.n, why=LACKS_A_CLASS, low=0.0, high=1.0)


def _of_every(found: Classes, sums: Callable[[Bools, Bools], tuple[Bools | Floats, Bools | Floats]]) -> list[Estimate]:
    """Return the share of two sums of each usual class, also where it rests on few rows."""
    decision = found.decision
    assert decision is not None  # noqa: S101 - asked only where there is one
    pairs = [(found.label == i, decision == i) for i in found.told]
    both = [sums(*pair) for pair in pairs]
    return [share(found.rows, part, whole, why=NO_LABELS, count=np.asarray(whole, dtype=bool), fewest=1) for part, whole in both]


def _mean_of(parts: list[Estimate], weight: Floats | None = None) -> Estimate:
    """Return the mean of shares (c of (w,)) with a Wilson interval of as many rows as its variance, classes taken as independent, says."""
    values, variances, n = (np.array([getattr(one, name) for one in parts]) for name in ("value", "variance", "n"))
    known = np.isfinite(values)
    w = known / np.maximum(known.sum(axis=0), 1) if weight is None else known * weight
    value = np.where(known.any(axis=0), (w * np.nan_to_num(values)).sum(axis=0), np.nan)
    variance = (w**2 * np.nan_to_num(variances)).sum(axis=0)
    rows = np.where(known, n, 0.0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        worth = np.where((value > 0) & (value < 1) & (variance > 0), value * (1 - value) / variance, rows)
    return told(value, wilson(value * worth, worth), rows, why=NO_LABELS, low=0.0, high=1.0)


def _weighted(found: Classes, alone: Mapping[str, Mapping[str, Estimate]]) -> Estimate:
    labelled = np.array([found.rows.total(found.label == i) for i in range(len(found.classes))])
    return _mean_of([metrics["f1"] for metrics in alone.values()], labelled / np.maximum(labelled.sum(axis=0), 1.0))


def _of_scores(found: Classes, score: Floats) -> Iterator[tuple[str, str, Estimate]]:
    """Yield metrics of scores; rows whose label has no score are left out."""
    known = np.isfinite(score).all(axis=1) & np.isin(found.label, found.with_scores)
    rows, label, held = found.rows.take(known), found.label[known], score[known]
    own = np.clip(held[np.arange(len(held)), label], SMALLEST_CHANCE, 1.0)
    yield "log_loss", "", mean(rows, -np.log(own), on_log, why=NO_LABELS, low=0.0)
    areas = [roc_auc(rows, label == i, held[:, i]) for i in found.with_scores]
    told_apart = [placements(rows, label == i, held[:, i])[1] for i in found.with_scores]
    yield "roc_auc_ovr_macro", "", _every(areas, told_apart)
    yield from (("roc_auc", found.classes[i], one) for i, one in zip(found.with_scores, areas, strict=True))


def _every(areas: list[Estimate], values: list[Floats]) -> Estimate:
    """Return the mean area over all classes; a window that lacks a class has none, as in scikit-learn."""
    found = _mean_of(areas)
    whole = np.isfinite(np.array(values)).all(axis=0)
    value = np.where(whole, found.value, np.nan)
    return told(value, (found.lower, found.upper), np.where(whole, found.n, 0.0), why=ONE_CLASS, low=0.0, high=1.0)
