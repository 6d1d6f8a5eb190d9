"""Which estimator a case believes: the one with the smallest errors, in the reference and where labels of production are in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.estimate_methods import Believed
from monitor.analyses.estimate_rows import Estimated
from monitor.analyses.label_maturity import few_labelled
from monitor.stats.estimation.expected import Expected
from monitor.stats.estimation.scoreboard import ENOUGH, Past, best_method, reach
from monitor.stats.performance.catalogue import METRICS
from monitor.stats.performance.estimates import Estimate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

METHODS: Mapping[str, str] = {
    "cbpe": "calibrated scores",
    "pape": "calibration weighed for the window",
    "nanny": "model of the labels",
    "dle": "model of the errors",
}
"""Methods, the first that can be used being the usual one, and what each estimates from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The default estimate of one metric: of the reference's windows (`own`, out of fold) and of production's, with what each realised;
    `realised` is nan where labels are not in, and rests on `rows` (w,); `own_sampled` (r,) and `sampled` (w,) are what the variance of
    what was realised gains because labels are of some rows only. `half` (w,) is how far its interval reaches, `past` its errors in
    the reference."""

    metric: str
    own: Expected
    production: Expected
    own_realised: Floats
    realised: Floats
    rows: Floats
    own_sampled: Floats
    sampled: Floats
    half: Floats
    past: Past
    whole: float


class Chosen:
    """What was believed, and which of it is the case's own choice; labels of `mature` windows are in, those of `complete` ones are no
    sample."""

    def __init__(self, found: Estimated, believed: Mapping[str, Believed], mature: Bools) -> None:
        self.found, self.believed, self.mature = found, believed, mature
        side = found.production
        labelled = np.bincount(side.rows.window[side.labelled], minlength=side.rows.windows)
        self.complete = mature & ~few_labelled(labelled, side.count)
        first = next(name for name in METHODS if name in believed)
        now = {name: self._errors(one.production, "production") for name, one in believed.items()}
        past = {name: self._errors(one.own, "own") for name, one in believed.items()}
        scored = int(mature.sum()) >= ENOUGH
        self.by = "scoreboard" if scored else "back-test"
        self.method = best_method(now if scored else past, first)
        self.errors = {"production": now, "reference": past}

    def realised(self, metric: str, side: str) -> Floats:
        """Return what labels say of a metric, (w,); nan where they are not in."""
        track = self.found.tracks.get(metric)
        many = (self.found.production if side == "production" else self.found.reference).rows.windows
        if track is None:
            return np.full(many, np.nan)
        return np.where(self.mature, track.production.value, np.nan) if side == "production" else track.own.value

    def _sampled(self, metric: str, side: str) -> Floats:
        """Return the variance that labels of some rows add to a metric beside labels of all, (w,): a sample without replacement."""
        rows = self.found.production if side == "production" else self.found.reference
        labelled = np.bincount(rows.rows.window[rows.labelled], minlength=rows.rows.windows)
        if metric not in self.found.tracks:
            return np.zeros(rows.rows.windows)
        track: Estimate = getattr(self.found.tracks[metric], side)
        return np.asarray((1 - labelled / np.maximum(rows.count, 1)) * np.nan_to_num(track.variance))

    def past(self, method: str, metric: str) -> Past:
        """Return the errors of a method in the reference."""
        own = self.believed[method].own[metric]
        return Past(own.value - self.realised(metric, "own"), own.noise + self._sampled(metric, "own"))

    def half(self, method: str, metric: str) -> Floats:
        """Return how far the interval of each window reaches, (w,): what labels may do, past errors, and how far methods lie apart."""
        now, past = self.believed[method].production[metric], self.past(method, metric)
        apart = np.zeros(len(now.value))
        if len(self.believed) > 1:
            values = np.array([one.production[metric].value for one in self.believed.values() if metric in one.production])
            apart = np.nan_to_num(values.var(axis=0, ddof=1)) if len(values) > 1 else apart
        variance = now.noise + past.more + apart
        with np.errstate(invalid="ignore", divide="ignore"):  # what a sample of labels adds to an error is none of the estimate
            alone = np.sqrt(variance / (variance + self._sampled(metric, "production")))
        return reach(variance, past, (now.value - self.realised(metric, "production")) * alone, self.mature)

    def lines(self) -> dict[str, Line]:
        """Return the default's metrics that labels could tell as well."""
        one = self.believed[self.method]
        return {
            metric: Line(
                metric=metric,
                own=one.own[metric],
                production=found,
                own_realised=self.realised(metric, "own"),
                realised=self.realised(metric, "production"),
                rows=self.found.tracks[metric].production.n,
                own_sampled=self._sampled(metric, "own"),
                sampled=self._sampled(metric, "production"),
                half=self.half(self.method, metric),
                past=self.past(self.method, metric),
                whole=float(self.found.tracks[metric].whole.value[0]),
            )
            for metric, found in one.production.items()
            if metric in self.found.tracks and metric in one.own
        }

    def scoreboard(self) -> pd.DataFrame:
        """Return the mean absolute errors of each method by metric, with the windows that they rest on."""
        rows = []
        for method in self.believed:
            for metric, now in self.errors["production"][method].items():
                before = self.errors["reference"][method].get(metric, np.zeros(0))
                rows.append(
                    {
                        "method": method, "metric": metric, "windows": int(np.isfinite(now).sum()), "error": _mean(np.abs(now)),
                        "bias": _mean(now), "reference_error": _mean(np.abs(before)), "default": method == self.method,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    def _errors(self, expected: Mapping[str, Expected], side: str) -> dict[str, Floats]:
        led = [name for name in expected if name in METRICS and METRICS[name].leads and name in self.found.tracks]
        return {name: expected[name].value - self.realised(name, side) for name in led}


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
