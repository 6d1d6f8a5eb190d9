"""One judge for any number per window: the reference's own windows say what is usual, runs of the judged ones go beyond it or not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.analyses.joint_methods import Series
from monitor.judgement.column_evidence import ColumnEvidence, ScreenEvidence
from monitor.stats.inference.evidence import Panel, gather_evidence
from monitor.stats.inference.questions import Answers

Floats = NDArray[np.float64]

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


def series_answers(series: Series, reference: int) -> Answers:
    """Put a series on the scale of a panel, (1, reference + w): its reference's standard deviation is 1.

    Distances are taken on a logarithmic scale and for as many rows as usual; the variance of a window is what its rows explain (known by
    `row_variance`, else SAMPLED of it) and falls with them. Series with fewer reference windows than others begin with unknown ones.
    """
    rows = np.concatenate([series.reference_rows, series.rows]).astype(float)
    y = np.concatenate([series.reference, series.score])
    own = np.isfinite(series.reference) & (series.reference_rows > 0)
    usual = float(np.median(series.reference_rows[own])) if own.any() else 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        if series.shape == "distance":
            y = np.log(np.maximum(y, np.finfo(np.float64).tiny)) - np.log(np.maximum(usual / rows, 1.0))
        known = np.isfinite(y) & (rows > 0)
        told = y[: len(own)][own & known[: len(own)]]
        scale = float(np.std(told, ddof=1)) if len(told) > 1 else np.nan
        scale = scale if np.isfinite(scale) and scale > 0 else 1.0
        part = SAMPLED if series.row_variance is None else series.row_variance / usual / scale**2
        variance = np.where(known, max(part, 1e-6) * usual / rows, np.inf)
    center = float(np.mean(told)) if len(told) else 0.0
    pad = reference - len(own)
    x = np.where(known, (y - center) / scale, 0.0)
    return Answers(
        np.concatenate([np.zeros(pad), x])[None, :],
        np.concatenate([np.full(pad, np.inf), variance])[None, :],
        np.array([usual]),
        np.array([np.nan]),
    )
