"""Series of things that were measured by window, put on one scale: what `metric_series` judges, and words of texts within drift."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.joint_series import Series
from monitor.judgement.column_evidence import ColumnEvidence, ScreenEvidence
from monitor.stats.inference.evidence import gather_evidence
from monitor.stats.inference.panel import Panel
from monitor.stats.inference.questions import Answers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SAMPLED = 0.5
"""Part of the variance between a reference's windows that is taken to come from their rows, where nobody knows."""


def series_screen(things: Mapping[str, Sequence[Series]], *, spans: Floats | None = None, seed: int = 0) -> ScreenEvidence:
    """Gather the evidence on things that are each one or more numbers per window, all on the same windows.

    Parameters
    ----------
    things : series by name; those of a thing share its error probability evenly.
    spans : (w,) lengths of the judged windows in reference windows; default as long.
    """
    found: dict[str, ColumnEvidence] = {}
    answers: list[Answers] = []
    widest = max((len(one.reference) for series in things.values() for one in series), default=0)
    for name, series in things.items():
        first = len(answers)
        answers += [series_answers(one, widest) for one in series]
        found[name] = ColumnEvidence(name, first, np.full(len(series), 1.0 / max(len(series), 1)), np.ones(len(series)))
    windows = len(answers[0].x[0]) - widest if answers else 0
    x = np.concatenate([one.x for one in answers]) if answers else np.zeros((0, 0))
    variance = np.concatenate([one.variance for one in answers]) if answers else np.ones((0, 0))
    panel = Panel(x, variance, widest, np.ones(windows) if spans is None else spans, scaled=True)
    return ScreenEvidence(gather_evidence(panel, seed=seed), found)


@dataclass(frozen=True, slots=True)
class Scale:
    """What one on the scale of a panel is of a number: center + usual * x, plus `shift` (w,) in the judged windows; `ratio`: so is its
    logarithm."""

    center: float
    usual: float
    ratio: bool = False
    shift: Floats | float = 0.0

    def number(self, x: Floats) -> Floats:
        """Return judged windows (w,) on the scale of the panel as numbers."""
        value = self.center + self.usual * x + self.shift
        with np.errstate(over="ignore"):
            return np.asarray(np.exp(value) if self.ratio else value)


def series_scale(series: Series) -> Scale:
    """Return the scale that a series is put on: its reference's standard deviation is 1, its mean 0.

    Distances are taken on a logarithmic scale and for as many rows as usual.
    """
    own = np.isfinite(series.reference) & (series.reference_rows > 0)
    ratio = series.shape == "distance"
    told = _plain(series.reference, series.reference_rows, series)[own]
    scale = float(np.std(told, ddof=1)) if len(told) > 1 else np.nan
    scale = scale if np.isfinite(scale) and scale > 0 else 1.0
    return Scale(float(np.mean(told)) if len(told) else 0.0, scale, ratio, _fewer(series.rows, series) if ratio else 0.0)


def _usual_rows(series: Series) -> float:
    own = np.isfinite(series.reference) & (series.reference_rows > 0)
    return float(np.median(series.reference_rows[own])) if own.any() else 1.0


def _fewer(rows: Ints, series: Series) -> Floats:
    """Return by how much fewer rows than usual raise the logarithm of a distance, (t,)."""
    return np.asarray(np.log(np.maximum(_usual_rows(series) / np.maximum(rows, 1), 1.0)))


def _plain(value: Floats, rows: Ints, series: Series) -> Floats:
    """Return numbers (t,) on a scale on which windows of any number of rows can be compared."""
    if series.shape != "distance":
        return value
    return np.asarray(np.log(np.maximum(value, np.finfo(np.float64).tiny)) - _fewer(rows, series))


def series_answers(series: Series, reference: int) -> Answers:
    """Put a series on the scale of a panel, (1, reference + w): that of `series_scale`.

    The variance of a window is what its rows explain (known by `row_variance`, else SAMPLED of it) and falls with them. Series with fewer
    reference windows than others begin with unknown ones.
    """
    rows = np.concatenate([series.reference_rows, series.rows])
    y = _plain(np.concatenate([series.reference, series.score]), rows, series)
    usual, scale = _usual_rows(series), series_scale(series)
    known = np.isfinite(y) & (rows > 0)
    part = SAMPLED if series.row_variance is None else series.row_variance / usual / scale.usual**2
    with np.errstate(divide="ignore"):
        variance = np.where(known, max(part, 1e-6) * usual / rows, np.inf)
    pad = reference - len(series.reference)
    x = np.where(known, (y - scale.center) / scale.usual, 0.0)
    return Answers(
        np.concatenate([np.zeros(pad), x])[None, :],
        np.concatenate([np.full(pad, np.inf), variance])[None, :],
        np.array([usual]),
        np.array([np.nan]),
    )
