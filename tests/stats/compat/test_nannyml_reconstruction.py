"""The nannyml profile of the PCA reconstruction error against recorded values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.stats.compat.nannyml_reconstruction import (
    fit_reconstruction,
    reconstruction_error,
    reconstruction_thresholds,
    reconstruction_windows,
)
from monitor.stats.multivariate.rows import Rows

GOLDEN = Path(__file__).parents[2] / "golden"


def frame_rows(frame: pd.DataFrame, levels: dict[str, tuple[str, ...]], window: np.ndarray, windows: int) -> Rows:
    """Rows of a pandas table with the given categorical levels."""
    numeric = [name for name in frame.columns if name not in levels]
    codes = [pd.Categorical(frame[name].astype(str), categories=list(values)).codes for name, values in levels.items()]
    return Rows(
        frame[numeric].to_numpy(dtype=np.float64),
        tuple(numeric),
        np.column_stack(codes).astype(np.int64),
        levels,
        np.arange(len(frame)),
        window,
        windows,
    )


def golden_rows(name: str, golden: dict[str, Any]) -> list[Rows]:
    columns, chunks = golden["meta"]["columns"], golden["chunks"]
    sets: list[Rows] = []
    frames = {p: pd.read_parquet(GOLDEN / f"{name}_{p}.parquet")[columns] for p in ("reference", "analysis")}
    texts = golden["meta"]["internals"]["categorical"]
    levels = {c: tuple(sorted(set(pd.concat(list(frames.values()))[c].astype(str)))) for c in texts}
    for period, frame in frames.items():
        own = [i for i, p in enumerate(chunks["period"]) if p == period]
        start = np.array([chunks["start_index"][i] for i in own])
        window = np.searchsorted(start, np.arange(len(frame)), side="right") - 1
        sets.append(frame_rows(frame, levels, window, len(own)))
    return sets


@pytest.mark.parametrize("file", ["car_loan_pca", "car_loan_monthly_pca", "car_price_pca"])
def test_equals_the_peer(file: str) -> None:
    golden = json.loads((GOLDEN / f"{file}.json").read_text())
    expected, internals = golden["results"]["reconstruction_error"], golden["meta"]["internals"]
    reference, production = golden_rows(file[: file.index("_", 4)], golden)
    model = fit_reconstruction(reference)
    both = [reconstruction_windows(reconstruction_error(r, model), r.window, r.windows) for r in (reference, production)]
    period = np.array(golden["chunks"]["period"])
    for part, name in zip(both, ("reference", "analysis"), strict=True):
        np.testing.assert_allclose(part.value, np.array(expected["value"])[period == name], rtol=1e-6)
        np.testing.assert_allclose(part.sampling_error, np.array(expected["sampling_error"])[period == name], rtol=1e-6)
    limits = reconstruction_thresholds(both[0].value)
    np.testing.assert_allclose([limits.lower, limits.upper], [expected["lower_threshold"][0], expected["upper_threshold"][0]], rtol=1e-6)
    alert = (both[1].value > limits.upper) | (both[1].value < limits.lower)
    np.testing.assert_array_equal(alert, np.array(expected["alert"])[period == "analysis"])
    order = [reference.names.index(column) for column in internals["column_order"]]
    ours, theirs = model.components[:, order], np.array(internals["components_"])
    np.testing.assert_allclose(ours * np.sign(np.sum(ours * theirs, axis=1))[:, None], theirs, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(model.scale[order], internals["scaler_scale_"], rtol=1e-6)


def test_missing_values_become_the_mean_and_the_commonest_level(mixed_rows: Rows) -> None:
    model = fit_reconstruction(mixed_rows)
    assert model.mode[0] == np.bincount(mixed_rows.categorical[10:, 0]).argmax()
    assert model.center[1] == pytest.approx(np.nanmean(mixed_rows.numeric[:, 1]))
    assert np.isfinite(reconstruction_error(mixed_rows, model)).all()


def test_unseen_level_has_frequency_zero(mixed_rows: Rows) -> None:
    model = fit_reconstruction(mixed_rows.take(mixed_rows.categorical[:, 1] < 2))
    assert model.frequency[1][2] == 0.0


def test_one_row_has_a_value_but_no_sampling_error() -> None:
    result = reconstruction_windows(np.array([2.0, 4.0, 5.0]), np.array([0, 0, 1]), 3)
    np.testing.assert_allclose(result.value, [3.0, 5.0, np.nan])
    np.testing.assert_allclose(result.sampling_error, [1.0, np.nan, np.nan])
