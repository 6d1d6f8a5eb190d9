"""CBPE of the profile is NannyML's number for number, by rows and by months."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.stats.compat import nannyml_estimates as peer
from monitor.stats.estimation.calibrating import calibrator, needs_calibration
from monitor.stats.estimation.expected import Beliefs, expected_metrics, expected_value
from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.ranking import placements

GOLDEN = Path(__file__).parents[2] / "golden"
NAMES = ("car_loan_cbpe", "car_loan_monthly_cbpe")


@cache
def rows() -> tuple[pd.DataFrame, pd.DataFrame]:
    return tuple(pd.read_parquet(GOLDEN / f"car_loan_{side}.parquet") for side in ("reference", "analysis"))


@cache
def beliefs(name: str) -> Beliefs:
    reference, analysis = rows()
    both = pd.concat([reference, analysis])
    side = pd.Series(np.repeat(["r", "a"], [len(reference), len(analysis)]))
    parts = pd.Series(np.arange(len(both)) // 5000) if name == NAMES[0] else pd.Series(both["timestamp"].dt.to_period("M").to_numpy())
    window = pd.factorize(side + parts.astype(str))[0].astype(np.int64)
    score, label = reference["y_pred_proba"].to_numpy(), reference["repaid"].to_numpy().astype(bool)
    assert needs_calibration(score, label)
    found = Labelled(window, int(window.max()) + 1, np.arange(len(window)))
    chance = calibrator(score, label).predict(both["y_pred_proba"].to_numpy())
    return Beliefs(found, chance, both["y_pred"].to_numpy().astype(bool), both["y_pred_proba"].to_numpy())


@cache
def bands(name: str) -> dict[str, peer.Band]:
    found, reference = beliefs(name), rows()[0]
    assert found.score is not None
    values = {metric: one.value for metric, one in expected_metrics(found)}
    values |= peer.rank_estimates(found.chance, found.score, found.rows.window, found.rows.windows)
    label, decision = (reference[column].to_numpy().astype(bool) for column in ("repaid", "y_pred"))
    score, window = reference["y_pred_proba"].to_numpy(), found.rows.window[: len(reference)]
    own = Labelled(window, int(window.max()) + 1, np.arange(len(window)))
    realised = {**peer.realised(label, decision, own.window, own.windows), "roc_auc": placements(own, label, score)[1]}
    return {
        metric: peer.band(values[metric], one, found.rows.rows, realised[metric], bounded=metric not in peer.UNBOUNDED)
        for metric, one in peer.components(label, decision, score).items()
    }


def golden(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())["results"]
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("metric", peer.CBPE)
def test_estimates_thresholds_and_alarms_are_equal(name: str, metric: str) -> None:
    told, known = bands(name)[metric], golden(name)[metric]
    assert np.abs(told.value - known["value"]).max() < 1e-8
    assert (told.low, told.high) == pytest.approx((known["lower_threshold"][0], known["upper_threshold"][0]), abs=1e-8)
    assert told.alert.tolist() == known["alert"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("metric", [one for one in peer.CBPE if one != "roc_auc"])
def test_sampling_errors_and_bands_are_equal(name: str, metric: str) -> None:
    told, known = bands(name)[metric], golden(name)[metric]
    for one, key in ((told.error, "sampling_error"), (told.lower, "lower_confidence_boundary"), (told.upper, "upper_confidence_boundary")):
        assert np.abs(one - known[key]).max() < 1e-8


@pytest.mark.parametrize("name", NAMES)
def test_the_sampling_error_of_auc_is_equal_but_for_the_order_of_ties(name: str) -> None:
    assert bands(name)["roc_auc"].error == pytest.approx(golden(name)["roc_auc"]["sampling_error"], rel=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_average_precision_and_business_value_are_equal(name: str) -> None:
    found = beliefs(name)
    assert found.score is not None
    ranked = peer.rank_estimates(found.chance, found.score, found.rows.window, found.rows.windows)["average_precision"]
    assert np.abs(ranked - golden(name)["average_precision"]["value"]).max() < 1e-8
    gain = {"true_negative": 0.0, "false_positive": -500.0, "false_negative": -1000.0, "true_positive": 200.0}
    assert np.abs(expected_value(found, gain).value - golden(name)["business_value"]["value"]).max() < 1e-6  # of some 200,000
