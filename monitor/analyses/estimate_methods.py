"""Estimators of performance without labels: what each believes of every row, and the metrics that follow, in both sides' windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.estimate_rows import FIT_ROWS, Estimated, SideRows
from monitor.engine import Watch
from monitor.stats.estimation.calibrating import calibrator, needs_calibration
from monitor.stats.estimation.expected import Beliefs, Expected, expected_metrics
from monitor.stats.estimation.expected_classes import ClassBeliefs, expected_of_classes
from monitor.stats.estimation.learning import FOLDS, Features, chances, classifier, predicted, regressor, slices
from monitor.stats.estimation.losses import SIZES, expected_losses, losses
from monitor.stats.estimation.shifted import Shift, cell_shift, domain_shift, recalibrate, trusted
from monitor.stats.performance.binary import Binary
from monitor.stats.performance.multiclass import Classes
from monitor.stats.performance.regression import Numbers
from monitor.vocabulary import Task

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PAPE_ROWS = 5_000
"""Rows of a window that are told from the reference, to weigh the reference anew."""
AGAINST = 2
"""Rows of the reference beside each of a window."""
SAMPLED_CALIBRATION = 100_000
"""Rows from which it is found out whether calibration helps."""
Belief = Floats | Mapping[str, Floats]


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """One method: `own` and `production` metrics by window, and what it believes of the answered rows, the chance of each class or the size
    of each loss: of production's (`rows`), and out of fold of the reference's (`reference_rows`). `looked` rows of each window that it
    looked at, `auc` and `share` how the window differs from the reference in what it rests on, (w,) each."""

    method: str
    own: Mapping[str, Expected]
    production: Mapping[str, Expected]
    rows: Belief
    reference_rows: Belief
    looked: Ints
    auc: Floats
    share: Floats

    @property
    def trusted(self) -> Bools:
        """Whether the reference says anything of such rows, (w,)."""
        return trusted(self.auc, self.share)


def expected_of(side: SideRows, belief: Belief, kept: Bools | None = None) -> dict[str, Expected]:
    """Return metrics of the kept rows by window; rows of which nothing is believed are left out."""
    kept = np.ones(side.rows.size, dtype=bool) if kept is None else kept
    if not isinstance(belief, np.ndarray):
        return dict(expected_losses(side.rows.take(kept), {name: one[kept] for name, one in belief.items()}))
    known = kept & np.isfinite(belief).reshape(side.rows.size, -1).all(axis=1)
    rows, given = side.rows.take(known), side.given
    if isinstance(given, Classes):
        said = np.full(side.rows.size, -1, dtype=np.int64) if given.decision is None else given.decision
        scores = None if given.score is None else given.score[known]
        return dict(expected_of_classes(ClassBeliefs(rows, belief[known], said[known], scores)))
    given = cast("Binary", given)
    decision = None if given.decision is None else given.decision[known]
    score = None if given.score is None else given.score[known]
    return dict(expected_metrics(Beliefs(rows, belief[known], decision, score)))


class Estimators:
    """The methods that a case can be asked for."""

    def __init__(self, found: Estimated, seed: int, watch: Watch) -> None:
        self.found, self.seed, self.tell = found, seed, watch.tell
        self.fold = slices(found.reference.rows.block)
        self._calibrated: tuple[Floats, Floats] | None = None
        self._shifts: list[Shift] = []

    @property
    def able(self) -> dict[str, str]:
        """Say of each method why it cannot be used here; empty where it can."""
        task, given = self.found.task, self.found.reference.given
        if task is Task.REGRESSION:
            no = "is for classes; numbers have 'dle'."
            return {"cbpe": no, "nanny": no, "pape": no, "dle": ""}
        scored = cast("Binary | Classes", given).score is not None
        cbpe = "" if scored else "needs a score of every class."
        pape = cbpe or ("" if task is Task.BINARY else "serves two classes only.")
        labels = np.unique(given.label[self.found.reference.labelled])
        nanny = "" if len(labels) > 1 else "needs labels of more than one class in the reference."
        return {"cbpe": cbpe, "nanny": nanny, "pape": pape, "dle": "is for numbers; classes have 'cbpe'."}

    def run(self, method: str) -> Believed:
        """Run a method.

        Raises
        ------
        CancelledError
            When the work was called off.
        """
        make: Mapping[str, Callable[[], tuple[Belief, Belief]]] = {
            "cbpe": self._cbpe, "nanny": self._nanny, "dle": self._dle, "pape": self._pape,
        }  # fmt: skip
        own, rows = make[method]()
        sides = self.found.reference, self.found.production
        told = [expected_of(side, one) for side, one in zip(sides, (own, rows), strict=True)]
        looked = sides[1].count if method != "pape" else np.minimum(sides[1].count, PAPE_ROWS)
        auc, share = self._apart(method, own, rows)
        return Believed(method=method, own=told[0], production=told[1], rows=rows, reference_rows=own, looked=looked, auc=auc, share=share)

    def _apart(self, method: str, own: Belief, rows: Belief) -> tuple[Floats, Floats]:
        """Say how windows differ from the reference, (w,) each, in what a method rests on: its beliefs, for `pape` all columns."""
        if method == "pape":
            return np.array([one.auc for one in self._shifts]), np.array([one.share for one in self._shifts])
        before, now = (one.get("mae", next(iter(one.values()))) if not isinstance(one, np.ndarray) else one for one in (own, rows))
        before, now = (one.max(axis=1) if one.ndim > 1 else one for one in (before, now))
        known, side = np.isfinite(now), self.found.production
        return cell_shift(before[np.isfinite(before)], now[known], side.rows.window[known], side.rows.windows)

    def _windows(self, side: SideRows, rows: int) -> list[Ints]:
        """Return the positions of at most so many rows of each window."""
        order = np.argsort(side.rows.window, kind="stable")
        ends = np.append(0, np.cumsum(side.count))
        return [self._drawn(order[ends[i] : ends[i + 1]], rows, i) for i in range(side.rows.windows)]

    def _cbpe(self) -> tuple[Floats, Floats]:
        if self._calibrated is None:
            self.tell(0.0, "calibrating scores")
            self._calibrated = self._calibrate_classes() if self.found.task is Task.MULTICLASS else self._calibrate()
        return self._calibrated

    def _calibrate(self) -> tuple[Floats, Floats]:
        reference, given, produced = (
            self.found.reference,
            cast("Binary", self.found.reference.given),
            cast("Binary", self.found.production.given),
        )
        score, other = cast("Floats", given.score), cast("Floats", produced.score)
        return self._calibrated_by(score, given.label, other, reference.labelled)

    def _calibrate_classes(self) -> tuple[Floats, Floats]:
        """Calibrate each class against the rest and divide by their sum."""
        reference, given, produced = (
            self.found.reference,
            cast("Classes", self.found.reference.given),
            cast("Classes", self.found.production.given),
        )
        score, other = cast("Floats", given.score), cast("Floats", produced.score)
        pairs = [self._calibrated_by(score[:, i], given.label == i, other[:, i], reference.labelled) for i in range(len(given.classes))]
        whole = [np.column_stack([pair[side] for pair in pairs]) for side in (0, 1)]
        own, rows = (one / np.maximum(one.sum(axis=1, keepdims=True), 1e-12) for one in whole)
        return own, rows

    def _calibrated_by(self, score: Floats, label: Bools, other: Floats, labelled: Bools) -> tuple[Floats, Floats]:
        """Return chances of the reference's rows, each out of its fold, and of production's."""
        drawn = self._drawn(np.flatnonzero(labelled), SAMPLED_CALIBRATION, 0)
        if not needs_calibration(score[drawn], label[drawn]):
            return score, other
        own = np.empty(len(score))
        for part in range(FOLDS):
            train = labelled & (self.fold != part)
            own[self.fold == part] = calibrator(score[train], label[train]).predict(score[self.fold == part])
        return own, np.asarray(calibrator(score[labelled], label[labelled]).predict(other))

    def _nanny(self) -> tuple[Floats, Floats]:
        reference, production = self.found.reference, self.found.production
        given = cast("Binary | Classes", reference.given)
        many = len(given.classes) if isinstance(given, Classes) else 2
        label = given.label.astype(np.int64)

        def fitted(train: Bools, text: str) -> Callable[[Features], Floats]:
            at = self._drawn(np.flatnonzero(train), FIT_ROWS, 1)
            self.tell(0.0, text)
            model = classifier(reference.seen.take(at), label[at], seed=self.seed)
            return lambda seen: chances(model, seen, many)

        own, rows = self._out_of_fold(fitted, reference, production)
        return (own, rows) if many > 2 or isinstance(given, Classes) else (own[:, 1], rows[:, 1])

    def _dle(self) -> tuple[Mapping[str, Floats], Mapping[str, Floats]]:
        reference, production = self.found.reference, self.found.production
        truth = losses(cast("Numbers", reference.given))
        own, rows = {}, {}
        for name, target in truth.items():
            usable = np.isfinite(target)

            def fitted(
                train: Bools, text: str, target: Floats = target, usable: Bools = usable, name: str = name
            ) -> Callable[[Features], Floats]:
                at = self._drawn(np.flatnonzero(train & usable), FIT_ROWS, 1)
                self.tell(0.0, f"{text}: {name}")
                model = regressor(reference.seen.take(at), target[at], sizes=name in SIZES, seed=self.seed)
                return lambda seen: predicted(model, seen)

            own[name], rows[name] = self._out_of_fold(fitted, reference, production)
            if name != "bias":
                own[name], rows[name] = np.maximum(own[name], 0.0), np.maximum(rows[name], 0.0)
        return own, rows

    def _out_of_fold(
        self, fitted: Callable[[Bools, str], Callable[[Features], Floats]], reference: SideRows, production: SideRows
    ) -> tuple[Floats, Floats]:
        parts = []
        for part in range(FOLDS):
            held = self.fold == part
            parts.append((held, fitted(reference.labelled & ~held, "learning from the reference")(reference.seen.take(held))))
        own = np.empty((reference.rows.size, *parts[0][1].shape[1:]))
        for held, one in parts:
            own[held] = one
        return own, fitted(reference.labelled, "learning from the whole reference")(production.seen)

    def _pape(self) -> tuple[Floats, Floats]:
        """Weigh the reference's labels for each window, on samples; rows that were not drawn have no chance."""
        plain, sides = self._cbpe(), (self.found.reference, self.found.production)
        found = [np.full(side.rows.size, np.nan) for side in sides]
        done, many = 0, sum(side.rows.windows for side in sides)
        self._shifts = []
        for number, side in enumerate(sides):
            for window, at in enumerate(self._windows(side, PAPE_ROWS)):
                self.tell(done / max(many, 1), "weighing the reference for each window")
                apart = sides[0].labelled & ((sides[0].rows.window != window) | (number == 1))
                shift, kept = self._shift(side, at, apart)
                found[number][at] = self._weighed(side, at, (shift, kept), plain[number][at])
                self._shifts += [shift] * number
                done += 1
        return found[0], found[1]

    def _weighed(self, side: SideRows, at: Ints, told: tuple[Shift, Ints], plain: Floats) -> Floats:
        shift, kept = told
        if not len(at) or not len(kept):
            return plain
        given, window = cast("Binary", self.found.reference.given), cast("Binary", side.given)
        score, other = cast("Floats", given.score), cast("Floats", window.score)
        moved = recalibrate(score[kept], given.label[kept], self._cbpe()[0][kept], shift.weight)
        return moved.at(other[at], plain)

    def _shift(self, side: SideRows, at: Ints, apart: Bools) -> tuple[Shift, Ints]:
        """Tell rows of a window from a sample of the reference's that are `apart`; return also which."""
        reference = self.found.reference
        kept = self._drawn(np.flatnonzero(apart), AGAINST * max(len(at), PAPE_ROWS // 2), 2)
        blocks = reference.rows.block[kept], side.rows.block[at]
        return domain_shift(reference.seen.take(kept), side.seen.take(at), blocks, seed=self.seed), kept

    def _drawn(self, at: Ints, many: int, salt: int) -> Ints:
        """Return some of the positions, the same ones each time, in order."""
        if len(at) <= many:
            return at
        return np.sort(np.random.default_rng((self.seed, salt)).choice(at, many, replace=False))
