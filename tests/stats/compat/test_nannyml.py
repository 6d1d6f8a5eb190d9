"""Parity with NannyML 0.13.1 on its own data sets (tests/golden/car_*), value by value, threshold by threshold, alert by alert."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from monitor.errors import MethodError
from monitor.stats.compat import nannyml
from monitor.vocabulary import Kind

GOLDEN = Path(__file__).parents[2] / "golden"
SOURCES = {
    "car_loan_univariate": "car_loan",
    "car_loan_monthly_univariate": "car_loan",
    "car_loan_small_exact_univariate": "car_loan",
    "car_price_univariate": "car_price",
    "car_loan_dq_missing": "car_loan_dq",
    "car_loan_dq_unseen": "car_loan_dq",
}
GOLD: dict[str, Any] = {name: json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")) for name in SOURCES}
QUALITY = {"car_loan_dq_missing": "missing_values", "car_loan_dq_unseen": "unseen_values"}
COLUMNS = [(name, column) for name in SOURCES for column in GOLD[name]["results"]]


@cache
def table(source: str, period: str) -> pd.DataFrame:
    frame = pd.read_parquet(GOLDEN / f"{source}_{period}.parquet")
    targets = GOLDEN / f"{source}_{period}_targets.parquet"
    return frame.merge(pd.read_parquet(targets), on="id") if targets.exists() else frame


def kind_of(name: str, column: str) -> Kind:
    levels = GOLD[name]["meta"].get("categorical_columns")
    if levels is None:
        levels = ["salary_range", "size_of_downpayment", "repaid_loan_on_prev_car"]
    return Kind.CATEGORICAL if column in levels else Kind.NUMERIC


def chunks(name: str, column: str, period: str, kind: Kind) -> list[NDArray[Any]]:
    frame, layout = table(SOURCES[name], period), GOLD[name]["chunks"]
    values = frame[column].to_numpy(dtype=object if kind is Kind.CATEGORICAL else float)
    mine = [i for i, of in enumerate(layout["period"]) if of == period]
    if "monthly" in name:
        months = frame["timestamp"].dt.strftime("%Y-%m").to_numpy()
        return [values[months == layout["key"][i]] for i in mine]
    return [values[layout["start_index"][i] : layout["end_index"][i] + 1] for i in mine]


def number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


@pytest.mark.parametrize(("name", "column"), COLUMNS)
def test_values_thresholds_and_alerts_are_nannymls(name: str, column: str) -> None:
    kind = kind_of(name, column)
    reference, production = (chunks(name, column, period, kind) for period in ("reference", "analysis"))
    golden = GOLD[name]["results"][column]
    for method, answers in ({QUALITY[name]: golden} if name in QUALITY else golden).items():
        fitted = nannyml.fit(f"nannyml.{method}", np.concatenate(reference), reference, kind)
        for i, window in enumerate([*reference, *production]):
            verdict = fitted.judge(window)
            assert verdict.score == pytest.approx(answers["value"][i], rel=1e-6, abs=1e-12), (method, i)
            assert verdict.threshold == pytest.approx(number(answers["upper_threshold"][i]), rel=1e-6, nan_ok=True), (method, i)
            assert verdict.lower == pytest.approx(number(answers["lower_threshold"][i]), rel=1e-6, nan_ok=True), (method, i)
            assert verdict.drifted == answers["alert"][i], (method, i)


def test_windows_without_values_give_no_score_and_no_drift() -> None:
    values = np.arange(20.0)
    fitted = nannyml.fit("nannyml.jensen_shannon", values, [values[:10], values[10:]], Kind.NUMERIC)
    verdict = fitted.judge(np.array([np.nan]))
    assert math.isnan(verdict.score)
    assert not verdict.drifted


def test_values_outside_the_reference_are_one_extra_bin() -> None:
    reference = np.arange(10.0)
    fitted = nannyml.fit("nannyml.jensen_shannon", reference, [reference], Kind.NUMERIC)
    assert fitted.judge(np.array([-5.0, 99.0])).score == pytest.approx(1.0)


def test_missing_values_are_unseen_unless_the_reference_has_them() -> None:
    clean, gappy = np.array(["a", "b"], dtype=object), np.array(["a", None], dtype=object)
    window = np.array(["a", "c", None, None], dtype=object)
    assert nannyml.fit("nannyml.unseen_values", clean, [clean], Kind.CATEGORICAL).judge(window).score == 0.75
    assert nannyml.fit("nannyml.unseen_values", gappy, [gappy], Kind.CATEGORICAL).judge(window).score == 0.25


def test_a_reference_without_windows_is_refused() -> None:
    with pytest.raises(MethodError, match="cut the reference into windows"):
        nannyml.fit(nannyml.DEFAULT, np.arange(5.0), [], Kind.NUMERIC)
