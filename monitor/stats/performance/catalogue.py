"""The metrics of a model's performance: one frozen table. Adding one = a function that yields it, one row here, one test."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from monitor.vocabulary import Task

BINARY, MULTICLASS, REGRESSION = frozenset({Task.BINARY}), frozenset({Task.MULTICLASS}), frozenset({Task.REGRESSION})
CLASSES = BINARY | MULTICLASS


class Aspect(StrEnum):
    """Which question about the model a metric answers."""

    RANKING = "ranking"
    """Are the right rows above the others?"""
    LEVEL = "level"
    """Are scores and predictions as high as they should be?"""
    DECISION = "decision"
    ERROR = "error"
    MONEY = "money"
    """What its decisions are worth."""
    OWN = "own"
    """Whatever the case says."""
    RATE = "rate"
    """How common labels and decisions are: no quality of the model."""


BOUNDS: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(("roc_auc", "roc_auc_ovr_macro"), (0.5, 1.0)),
    **dict.fromkeys(("average_precision", "ks_score", "brier", "ece"), (0.0, 1.0)),
    **dict.fromkeys(("mcc", "cohen_kappa"), (-1.0, 1.0)),
}
"""Ends of metrics that are no shares of rows."""
REACH: Mapping[str, tuple[float, float]] = {
    **BOUNDS,
    **dict.fromkeys(("roc_auc", "roc_auc_ovr_macro"), (0.0, 1.0)),
    **dict.fromkeys(("log_loss", "mae", "mse", "rmse", "mape", "smape", "rmsle", "median_ae", "lift_top_decile"), (0.0, math.inf)),
    "r2": (-math.inf, 1.0),
}
"""Values that metrics which are no shares of rows can have at all, whatever a model does."""
_COEFFICIENTS = frozenset({"mcc", "cohen_kappa"})


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: `best` is the value of a perfect model (None: none is better; infinite: more, or less, is), `floor` the smallest change
    that matters (`relative`: in parts of the reference's value), `of` what its denominator counts. `leads`: judged without being asked for;
    the others say what these say (a false negative rate is 1 - recall), and to judge them too would make all of them harder to see."""

    id: str
    title: str
    tasks: frozenset[Task]
    aspect: Aspect
    best: float | None
    floor: float
    of: str
    source: str = ""
    relative: bool = False
    leads: bool = False

    @property
    def is_share(self) -> bool:
        """Whether it is a share of rows, written in percent."""
        return self.aspect in (Aspect.DECISION, Aspect.RATE) and self.id not in _COEFFICIENTS

    @property
    def ends(self) -> tuple[float, float]:
        """How far a metric can fall and rise: a share lies in [0, 1], a ranking is no worse than chance; nan: no end, infinite: for the
        better."""
        low, high = BOUNDS.get(self.id, (0.0, 1.0) if self.is_share else (math.nan, math.nan))
        if self.best is None or math.isnan(low):
            return low, high
        return (low, math.inf) if self.best >= high else (-math.inf, high)

    @property
    def reach(self) -> tuple[float, float]:
        """The values that it can have at all."""
        return REACH.get(self.id, (0.0, 1.0) if self.is_share else (-math.inf, math.inf))

    @property
    def worst(self) -> tuple[float, float]:
        """The values that it can have at worst; nan on the side that is for the better."""
        low, high = self.reach
        if self.best is None:
            return low, high
        return (math.nan if self.best <= low else low), (math.nan if self.best >= high else high)

    def worse(self, before: float, after: float) -> bool | None:
        """Say whether a change is for the worse; None where no value is better than another."""
        if self.best is not None and math.isinf(self.best):
            return after < before if self.best > 0 else after > before
        return None if self.best is None else abs(after - self.best) > abs(before - self.best)

    def smallest(self, before: float) -> float:
        """Return the smallest change that matters beside a reference's value."""
        return self.floor * abs(before) if self.relative else self.floor


_POINTS, _PART = 0.02, 0.05
"""Smallest changes that matter: two points of a share, a twentieth of an error."""
METRICS: Mapping[str, Metric] = {
    one.id: one
    for one in (
        Metric("roc_auc", "ROC AUC", CLASSES, Aspect.RANKING, 1.0, _POINTS, "the smaller class", "DeLong et al. 1988", leads=True),
        Metric("average_precision", "Average precision", BINARY, Aspect.RANKING, 1.0, _POINTS, "positives", "Boyd et al. 2013"),
        Metric("ks_score", "KS of scores", BINARY, Aspect.RANKING, 1.0, _POINTS, "the smaller class"),
        Metric("lift_top_decile", "Lift of the top tenth", BINARY, Aspect.RANKING, 10.0, _PART, "positives", relative=True),
        Metric(
            "roc_auc_ovr_macro",
            "ROC AUC, mean of classes",
            MULTICLASS,
            Aspect.RANKING,
            1.0,
            _POINTS,
            "rows",
            "Hand and Till 2001",
            leads=True,
        ),
        Metric(
            "calibration_intercept", "Calibration intercept", BINARY, Aspect.LEVEL, 0.0, 0.1, "the smaller class", "Cox 1958", leads=True
        ),
        Metric("calibration_slope", "Calibration slope", BINARY, Aspect.LEVEL, 1.0, 0.1, "the smaller class", "Cox 1958", leads=True),
        Metric("ece", "Expected calibration error", BINARY, Aspect.LEVEL, 0.0, 0.01, "rows", "Naeini et al. 2015"),
        Metric("brier", "Brier score", BINARY, Aspect.LEVEL, 0.0, _PART, "rows", "Brier 1950", relative=True, leads=True),
        Metric("log_loss", "Log loss", CLASSES, Aspect.LEVEL, 0.0, _PART, "rows", relative=True, leads=True),
        Metric("accuracy", "Accuracy", CLASSES, Aspect.DECISION, 1.0, _POINTS, "rows", leads=True),
        Metric("balanced_accuracy", "Balanced accuracy", CLASSES, Aspect.DECISION, 1.0, _POINTS, "the smaller class"),
        Metric("precision", "Precision", CLASSES, Aspect.DECISION, 1.0, _POINTS, "rows decided positive", leads=True),
        Metric("recall", "Recall", CLASSES, Aspect.DECISION, 1.0, _POINTS, "positives", leads=True),
        Metric("specificity", "Specificity", CLASSES, Aspect.DECISION, 1.0, _POINTS, "negatives"),
        Metric("false_positive_rate", "False positive rate", BINARY, Aspect.DECISION, 0.0, _POINTS, "negatives", leads=True),
        Metric("false_negative_rate", "False negative rate", BINARY, Aspect.DECISION, 0.0, _POINTS, "positives"),
        Metric("f1", "F1", CLASSES, Aspect.DECISION, 1.0, _POINTS, "positives and rows decided so"),
        Metric("mcc", "Matthews correlation", BINARY, Aspect.DECISION, 1.0, _POINTS, "the smaller class", "Matthews 1975"),
        Metric("cohen_kappa", "Cohen's kappa", BINARY, Aspect.DECISION, 1.0, _POINTS, "the smaller class", "Cohen 1960"),
        Metric("value", "Value of a decision", BINARY, Aspect.MONEY, math.inf, _PART, "rows", relative=True, leads=True),
        Metric("macro_precision", "Precision, mean of classes", MULTICLASS, Aspect.DECISION, 1.0, _POINTS, "rows decided"),
        Metric("macro_recall", "Recall, mean of classes", MULTICLASS, Aspect.DECISION, 1.0, _POINTS, "rows"),
        Metric("macro_f1", "F1, mean of classes", MULTICLASS, Aspect.DECISION, 1.0, _POINTS, "rows", leads=True),
        Metric("weighted_f1", "F1, weighted by class", MULTICLASS, Aspect.DECISION, 1.0, _POINTS, "rows"),
        Metric("selection_rate", "Share decided positive", CLASSES, Aspect.RATE, None, _POINTS, "rows"),
        Metric("base_rate", "Share of positives", CLASSES, Aspect.RATE, None, _POINTS, "rows", leads=True),
        Metric("mae", "Mean absolute error", REGRESSION, Aspect.ERROR, 0.0, _PART, "rows", relative=True, leads=True),
        Metric("mse", "Mean squared error", REGRESSION, Aspect.ERROR, 0.0, 2 * _PART, "rows", relative=True),
        Metric("rmse", "Root mean squared error", REGRESSION, Aspect.ERROR, 0.0, _PART, "rows", relative=True, leads=True),
        Metric("mape", "Mean absolute percentage error", REGRESSION, Aspect.ERROR, 0.0, _PART, "rows with labels not 0", relative=True),
        Metric("smape", "Symmetric percentage error", REGRESSION, Aspect.ERROR, 0.0, _PART, "rows", relative=True),
        Metric("rmsle", "Root mean squared log error", REGRESSION, Aspect.ERROR, 0.0, _PART, "rows above -1", relative=True),
        Metric("r2", "R squared", REGRESSION, Aspect.RANKING, 1.0, _POINTS, "rows", leads=True),
        Metric("bias", "Bias (prediction − label)", REGRESSION, Aspect.LEVEL, 0.0, 0.0, "rows", leads=True),
        Metric("median_ae", "Median absolute error", REGRESSION, Aspect.ERROR, 0.0, _PART, "rows", relative=True),
    )
}
"""Every metric, by its id, in the order in which they are offered."""
