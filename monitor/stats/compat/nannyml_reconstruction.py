"""The `nannyml` profile: PCA reconstruction error, its sampling error and thresholds, number for number.

Source: NannyML 0.13.1, DataReconstructionDriftCalculator (Apache-2.0), described in its documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.stats.multivariate.rows import Floats, Ints, Rows


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """What the reference taught: `fill` (p,) means, `mode` and `frequency` per categorical column, z scaling, components (k, d)."""

    fill: Floats
    mode: tuple[int, ...]
    frequency: tuple[Floats, ...]
    center: Floats
    scale: Floats
    components: Floats
    explained: Floats


@dataclass(frozen=True, slots=True)
class ReconstructionWindows:
    """Mean row error by window and its sampling error (standard error of that mean), (w,) each."""

    value: Floats
    sampling_error: Floats


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Two-sided alarm limits."""

    lower: float
    upper: float


def fit_reconstruction(reference: Rows, *, explained: float = 0.65) -> Reconstruction:
    """Fit on the whole reference: missing numbers get the mean, missing levels the commonest; levels become their reference share."""
    fill = np.nanmean(reference.numeric, axis=0) if reference.numeric.shape[1] else np.zeros(0)
    counts = [np.bincount(codes[codes >= 0], minlength=size) for codes, size in zip(reference.categorical.T, reference.sizes, strict=True)]
    mode = tuple(int(count.argmax()) for count in counts)
    frequency = tuple(
        np.bincount(np.where(codes < 0, top, codes), minlength=size) / len(reference)
        for codes, size, top in zip(reference.categorical.T, reference.sizes, mode, strict=True)
    )
    x = _matrix(reference, fill, mode, frequency)
    center, scale = x.mean(axis=0), x.std(axis=0)
    scale = np.where(scale > 10 * np.finfo(np.float64).eps, scale, 1.0)
    _, singular, vectors = np.linalg.svd((x - center) / scale, full_matrices=False)
    share = singular**2 / np.sum(singular**2)
    kept = int(np.searchsorted(np.cumsum(share), explained, side="right")) + 1
    return Reconstruction(fill, mode, frequency, center, scale, vectors[:kept], share)


def reconstruction_error(rows: Rows, model: Reconstruction) -> Floats:
    """Return the distance between each standardised row and its reconstruction, (n,)."""
    z = (_matrix(rows, model.fill, model.mode, model.frequency) - model.center) / model.scale
    return np.asarray(np.linalg.norm(z - z @ model.components.T @ model.components, axis=1))


def reconstruction_windows(error: Floats, window: Ints, windows: int) -> ReconstructionWindows:
    """Average row errors by window; the sampling error is sd (ddof 1) / sqrt(rows); nan for windows with too few rows."""
    rows = np.bincount(window, minlength=windows)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.bincount(window, error, minlength=windows) / rows
        squares = np.bincount(window, (error - value[window]) ** 2, minlength=windows)
        return ReconstructionWindows(value, np.sqrt(squares / (rows - 1) / rows))


def reconstruction_thresholds(reference_value: Floats, *, sds: float = 3.0) -> Thresholds:
    """Mean plus and minus `sds` standard deviations (ddof 0) of the reference windows' values."""
    mean, sd = float(np.mean(reference_value)), float(np.std(reference_value))
    return Thresholds(mean - sds * sd, mean + sds * sd)


def _matrix(rows: Rows, fill: Floats, mode: tuple[int, ...], frequency: tuple[Floats, ...]) -> Floats:
    numeric = np.where(np.isnan(rows.numeric), fill, rows.numeric)
    coded = [shares[np.where(codes < 0, top, codes)] for codes, top, shares in zip(rows.categorical.T, mode, frequency, strict=True)]
    return np.column_stack([numeric, *coded])
