"""Rows of the `nannyml` profile: that tool's estimates, confidence bands, thresholds and verdicts on the same windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from monitor.analyses.estimate_rows import Estimated
from monitor.stats.compat import nannyml_estimates as peer
from monitor.stats.estimation.calibrating import calibrator, needs_calibration
from monitor.stats.estimation.expected import Beliefs, expected_metrics
from monitor.stats.estimation.learning import predicted, regressor
from monitor.stats.estimation.losses import losses
from monitor.stats.performance.binary import Binary
from monitor.stats.performance.ranking import placements
from monitor.stats.performance.regression import Numbers
from monitor.vocabulary import Status, Task

Floats = NDArray[np.float64]
CBPE, DLE = "nannyml.cbpe", "nannyml.dle"
PEER = (CBPE, DLE)
RANKED = ("roc_auc", "average_precision")
LOSSES = {"mae": "mae", "mape": "mape", "mse": "mse", "rmse": "mse", "rmsle": "msle"}
"""Metrics of DLE, and the loss that each is learned from."""


def peer_rows(found: Estimated, wanted: Sequence[str]) -> list[pd.DataFrame]:
    """Return the rows of the profile that were asked for and serve the task."""
    given = found.reference.given
    if CBPE in wanted and isinstance(given, Binary) and given.score is not None and given.decision is not None:
        return list(_cbpe(found))
    if DLE in wanted and found.task is Task.REGRESSION:
        return list(_dle(found))
    return []


def _cbpe(found: Estimated) -> Iterator[pd.DataFrame]:
    reference, produced = cast("Binary", found.reference.given), cast("Binary", found.production.given)
    kept = found.reference.labelled
    label, score = reference.label[kept], cast("Floats", reference.score)[kept]
    decision = cast("Any", reference.decision)[kept]
    other = cast("Floats", produced.score)
    chance = np.asarray(calibrator(score, label).predict(other)) if needs_calibration(score, label) else other
    rows = produced.rows
    values = {name: one.value for name, one in expected_metrics(Beliefs(rows, chance, produced.decision, None))}
    values |= peer.rank_estimates(chance, other, rows.window, rows.windows)
    own = reference.rows.take(kept)
    realised = {**peer.realised(label, decision, own.window, own.windows), "roc_auc": placements(own, label, score)[1]}
    for name, component in peer.components(label, decision, score).items():
        bounded = name not in peer.UNBOUNDED
        yield _table(found, (CBPE, name), peer.band(values[name], component, rows.rows, realised[name], bounded=bounded))
    yield _plain(found, (CBPE, "average_precision"), values["average_precision"])


def _dle(found: Estimated) -> Iterator[pd.DataFrame]:
    reference, production = found.reference, found.production
    truth = losses(cast("Numbers", reference.given))
    kept, own = reference.labelled, reference.rows
    said: dict[str, Floats] = {}
    for metric, loss in LOSSES.items():
        if loss not in truth:
            continue
        usable = kept & np.isfinite(truth[loss])
        if loss not in said:
            said[loss] = predicted(regressor(reference.seen.take(usable), truth[loss][usable], rounds=100), production.seen)
        value = np.maximum(_mean(said[loss], production.rows.window, production.rows.windows), 0.0)
        realised = _mean(truth[loss][usable], own.window[usable], own.windows)
        component = peer.Component(float(truth[loss][usable].std()))
        if metric != loss:
            root, realised = np.sqrt(np.maximum(value, 1e-300)), np.sqrt(realised)
            component = peer.Component(component.sd / (2 * float(np.nanmean(realised))))
            value = root
        yield _table(found, (DLE, metric), peer.band(value, component, production.rows.rows, realised, bounded=False))


def _mean(values: Floats, window: NDArray[np.int64], windows: int) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(window, values, windows) / np.bincount(window, minlength=windows))


def _plain(found: Estimated, names: tuple[str, str], value: Floats) -> pd.DataFrame:
    method, metric = names
    track = found.tracks.get(metric)
    return pd.DataFrame(
        {
            "metric": metric, "method": method, "estimated": np.nan_to_num(value), "lower": np.nan, "upper": np.nan,
            "realised": np.nan, "n": found.production.count, "weight": np.nan, "trusted": True, "default": False, "reason": None,
            "labels_only": np.nan, "reference_value": np.nan if track is None else float(track.whole.value[0]),
        }
    )  # fmt: skip


def _table(found: Estimated, names: tuple[str, str], band: peer.Band) -> pd.DataFrame:
    alarm = np.where(band.alert, Status.ALERT.value, Status.STABLE.value)
    return _plain(found, names, band.value).assign(
        lower=band.lower,
        upper=band.upper,
        sampling_error=band.error,
        threshold_lower=band.low,
        threshold_upper=band.high,
        peer_status=alarm,
    )
