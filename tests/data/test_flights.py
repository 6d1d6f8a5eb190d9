"""The committed demo case is what its data card says."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.metrics import roc_auc_score

from monitor.analyses.quality import measure_quality
from monitor.case import load_case
from monitor.engine import open_workspace
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.quality import assess_quality, judge_quality
from monitor.vocabulary import Kind, Task

FLIGHTS = Path(__file__).parents[2] / "data" / "flights"
TREES = ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"]


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return pd.read_parquet(FLIGHTS / "reference.parquet")


@pytest.fixture(scope="module")
def production() -> pd.DataFrame:
    return pd.concat([pd.read_parquet(part) for part in sorted((FLIGHTS / "production").glob("*.parquet"))], ignore_index=True)


@pytest.fixture(scope="module")
def both(reference: pd.DataFrame, production: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([reference, production], ignore_index=True)


@pytest.fixture(scope="module")
def roles() -> dict[str, Any]:
    return tomllib.loads((FLIGHTS / "case.toml").read_text(encoding="utf-8"))["roles"]


def test_every_flight_is_there_once(reference: pd.DataFrame, production: pd.DataFrame, both: pd.DataFrame) -> None:
    assert (len(reference), len(production), len(both)) == (80_789, 255_987, 336_776)
    assert both["flight_id"].is_unique


def test_reference_is_january_to_march_and_production_the_rest(reference: pd.DataFrame, production: pd.DataFrame) -> None:
    assert sorted(reference["timestamp"].dt.month.unique()) == [1, 2, 3]
    assert sorted(production["timestamp"].dt.month.unique()) == list(range(4, 13))
    assert production["timestamp"].is_monotonic_increasing


def test_the_case_loads_and_names_every_column(both: pd.DataFrame) -> None:
    case = load_case(FLIGHTS)
    assert (case.task, str(case.windows), case.timezone) == (Task.BINARY, "1 week", "America/New_York")
    assert case.kinds["day_of_week"] is Kind.CATEGORICAL
    assert set(case.labels_text) == set(both.columns)


def test_the_roles_cover_every_column(both: pd.DataFrame, roles: dict[str, Any]) -> None:
    single = {roles[role] for role in ("timestamp", "id", "prediction", "score", "label", "label_timestamp")}
    assert len(roles["features"]) == 20
    assert single | set(roles["features"]) | set(roles["ignore"]) == set(both.columns)


def test_label_is_null_for_cancelled_and_diverted_flights_only(both: pd.DataFrame) -> None:
    assert (both["cancelled"].sum(), both["diverted"].sum()) == (8_255, 1_175)
    pd.testing.assert_series_equal(both["late15"].isna(), both["cancelled"] | both["diverted"], check_names=False)


def test_label_is_known_on_a_full_hour_after_departure(both: pd.DataFrame) -> None:
    known = both.dropna(subset=["late15"])
    assert (known["label_available_at"] == known["label_available_at"].dt.floor("h")).all()
    assert (known["label_available_at"] - known["timestamp"]).between(timedelta(0), timedelta(hours=36)).all()
    assert both.loc[both["late15"].isna(), "label_available_at"].isna().all()


def test_first_flight_by_hand(reference: pd.DataFrame) -> None:
    # UA 1545, EWR-IAH: scheduled 5:15 to 8:19, left 2 min late, flew 227 min, arrived 11 min late; N14228 was built in 1999.
    first = reference.iloc[0]
    assert first["flight_id"] == "2013-01-01-UA1545-EWR"
    assert (first["dep_hour"], first["plane_age"], first["plane_seats"], first["late15"]) == (5.25, 14, 149, 0)
    assert first["arr_hour"] == pytest.approx(8 + 19 / 60, abs=5e-5)
    # 5:15 + 2 + 227 + 25 min = 9:29, up to 10:00.
    assert first["label_available_at"] == pd.Timestamp("2013-01-01 10:00")
    assert first["temp_f"] == 39.92  # EWR at 4:00


def test_origin_hour_flights_counts_the_schedule(both: pd.DataFrame) -> None:
    counted = both.groupby(["origin", both["timestamp"].dt.floor("h")])["flight_id"].transform("size")
    assert (both["origin_hour_flights"] == counted).all()


def test_weather_is_shared_by_flights_of_one_airport_and_hour(both: pd.DataFrame) -> None:
    hours = both.groupby(["origin", both["timestamp"].dt.floor("h")])
    assert (hours["temp_f"].nunique() <= 1).all()


def test_scores_are_probabilities_cut_at_the_threshold(both: pd.DataFrame, roles: dict[str, Any]) -> None:
    assert both["score"].between(0, 1).all()
    assert (both["prediction"] == (both["score"] >= roles["threshold"])).all()


def test_the_model_is_as_good_as_the_card_says(reference: pd.DataFrame, production: pd.DataFrame) -> None:
    for rows, auc in ((reference, 0.703), (production, 0.705)):
        known = rows.dropna(subset=["late15"])
        assert roc_auc_score(known["late15"], known["score"]) == pytest.approx(auc, abs=5e-4)


def test_the_model_gives_the_scores_of_production(production: pd.DataFrame, roles: dict[str, Any]) -> None:
    model = skops.io.load(FLIGHTS / "model.skops", trusted=TREES)
    some = production.sample(2_000, random_state=1)
    np.testing.assert_allclose(model.predict_proba(some[roles["features"]])[:, 1], some["score"], atol=5.1e-5)


def test_reference_scores_are_out_of_fold(reference: pd.DataFrame, roles: dict[str, Any]) -> None:
    model = skops.io.load(FLIGHTS / "model.skops", trusted=TREES)
    known = reference.dropna(subset=["late15"])
    seen = roc_auc_score(known["late15"], model.predict_proba(known[roles["features"]])[:, 1])
    assert seen > roc_auc_score(known["late15"], known["score"]) + 0.05


def test_the_model_needs_only_the_documented_trust() -> None:
    assert skops.io.get_untrusted_types(file=FLIGHTS / "model.skops") == TREES


def test_the_case_is_small_enough_to_travel() -> None:
    files = [*FLIGHTS.glob("*.*"), *(FLIGHTS / "production").glob("*")]
    assert sum(file.stat().st_size for file in files if file.is_file()) < 9e6


def test_what_is_wrong_with_single_hours_and_rows_is_told_without_being_asked() -> None:
    with open_workspace(load_case(FLIGHTS)) as workspace:
        judged = judge_quality(assess_quality(measure_quality(workspace)))
    told = {one.what: sentence(one, judged.names, judged.against) for one in judged.findings}
    assert all(day in told["outage~wind_speed_mph"] for day in ("31 Dec", "30 Dec", "22 Aug", "19 Aug", "23 Oct"))
    assert told["odd_row~dest~2013-07-27-US1632-EWR"].startswith(
        "One row of 27 Jul 2013 (2013-07-27-US1632-EWR) has Destination airport 'LGA', "
        "Departure time of day (h) 1.1 and Distance (miles) 17"
    )
    assert told["missing~pressure_mb"].endswith("as before; more often where Relative humidity (%) is high.")
    assert all(told[f"missing~plane_{one}"].endswith("where Carrier is MQ or AA.") for one in ("age", "seats", "maker"))
