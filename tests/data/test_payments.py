"""The committed simulated case is what its script builds and what its data card says."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import roc_auc_score

from monitor.case import load_case
from monitor.vocabulary import Kind, Task

PAYMENTS = Path(__file__).parents[2] / "data" / "payments"
TABLES = ("reference", "labels", "runs", *(f"production/2025-0{month}" for month in (3, 4, 5, 6)))


@pytest.fixture(scope="module")
def payments() -> pd.DataFrame:
    parts = [PAYMENTS / "reference.parquet", *sorted((PAYMENTS / "production").glob("*.parquet"))]
    return pd.concat([pd.read_parquet(part) for part in parts], ignore_index=True)


@pytest.fixture(scope="module")
def labels() -> pd.DataFrame:
    return pd.read_parquet(PAYMENTS / "labels.parquet")


@pytest.fixture(scope="module")
def roles() -> dict[str, Any]:
    return tomllib.loads((PAYMENTS / "case.toml").read_text(encoding="utf-8"))["roles"]


@pytest.fixture(scope="module")
def labelled(payments: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    return payments.merge(labels, on="payment_id").assign(delay=lambda rows: rows["label_known_at"] - rows["timestamp"].dt.normalize())


@pytest.mark.slow
def test_the_script_builds_the_committed_files(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(PAYMENTS / "build.py"), "--out", str(tmp_path)], check=True, capture_output=True)
    for name in TABLES:
        built, committed = (pd.read_parquet(folder / f"{name}.parquet") for folder in (tmp_path, PAYMENTS))
        pd.testing.assert_frame_equal(built, committed, check_exact=True)
    for name in ("case.toml", "README.md", "truth.json"):
        assert (tmp_path / name).read_text(encoding="utf-8") == (PAYMENTS / name).read_text(encoding="utf-8")


def test_it_says_what_is_wrong_with_its_options(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(PAYMENTS / "build.py"), "--rows", "5", "--out", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--rows must be at least 10000" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_says_everywhere_that_it_is_simulated() -> None:
    case = load_case(PAYMENTS)
    assert "simulated" in case.name
    assert "Simulated data" in case.description
    assert "Everything is simulated" in (PAYMENTS / "README.md").read_text(encoding="utf-8")
    assert json.loads((PAYMENTS / "truth.json").read_text(encoding="utf-8"))["simulated"] is True


def test_the_case_loads_and_names_every_column(payments: pd.DataFrame, labels: pd.DataFrame) -> None:
    case = load_case(PAYMENTS)
    assert (case.task, str(case.windows), case.timezone) == (Task.BINARY, "1 week", "UTC")
    assert case.kinds["day_of_week"] is Kind.CATEGORICAL
    assert set(case.labels_text) == {*payments.columns, *labels.columns}


def test_the_protected_attribute_is_no_feature(roles: dict[str, Any]) -> None:
    assert roles["protected"] == ["age_band"]
    assert not {"age_band", "card_id"} & set(roles["features"])


def test_six_months_in_order_each_payment_once(payments: pd.DataFrame) -> None:
    assert payments["payment_id"].is_unique
    assert payments["timestamp"].is_monotonic_increasing
    assert 140_000 < len(payments) < 160_000
    assert sorted(payments["timestamp"].dt.strftime("%Y-%m").unique()) == [f"2025-0{month}" for month in range(1, 7)]


def test_a_column_has_one_type_in_all_files() -> None:
    schemas = [
        pq.read_schema(part).remove_metadata() for part in [PAYMENTS / "reference.parquet", *(PAYMENTS / "production").glob("*.parquet")]
    ]
    assert [schema for schema in schemas if schema != schemas[0]] == []


def test_fraud_is_rare(payments: pd.DataFrame, labels: pd.DataFrame) -> None:
    latest = labels.drop_duplicates("payment_id", keep="last").set_index("payment_id")["fraud"]
    mature = payments[payments["timestamp"] < "2025-05-01"]
    for rows in (mature[mature["timestamp"] < "2025-03-01"], mature):
        known = latest.reindex(rows["payment_id"])
        assert known.notna().all()
        assert 0.01 < known.mean() < 0.02


def test_chargebacks_arrive_after_3_to_45_days_and_good_ones_are_confirmed_on_day_45(labelled: pd.DataFrame) -> None:
    first = labelled.drop_duplicates("payment_id", keep="first")
    days = first.groupby("fraud")["delay"].agg(["min", "max"]).map(lambda delay: delay.days)
    assert days.loc[0].tolist() == [45, 45]
    assert days.loc[1].tolist() == [3, 45]


def test_some_labels_are_restated_and_then_say_the_opposite(labelled: pd.DataFrame) -> None:
    again = labelled[labelled["payment_id"].duplicated(keep=False)].groupby("payment_id")["fraud"].agg(["first", "last", "size"])
    assert 30 < len(again) < 300
    assert (again["size"] == 2).all()
    assert (again["first"] + again["last"] == 1).all()
    assert set(again["last"]) == {0, 1}


def test_of_the_last_weeks_only_frauds_are_known(payments: pd.DataFrame, labelled: pd.DataFrame) -> None:
    assert labelled["label_known_at"].max() < pd.Timestamp("2025-07-01")
    assert labelled.loc[labelled["timestamp"] >= "2025-05-17", "fraud"].mean() > 0.9  # but for chargebacks that were withdrawn
    late = payments["timestamp"] >= "2025-06-01"
    assert labelled.loc[labelled["timestamp"] >= "2025-06-01", "payment_id"].nunique() < 0.02 * late.sum()


def test_scores_are_probabilities_cut_at_the_threshold(payments: pd.DataFrame, roles: dict[str, Any]) -> None:
    for score, prediction in (("score", "prediction"), ("challenger_score", "challenger_prediction")):
        assert payments[score].between(0, 1).all()
        assert (payments[prediction] == (payments[score] >= roles["threshold"])).all()


def test_the_reference_is_scored_as_well_as_production_and_calibrated(labelled: pd.DataFrame) -> None:
    rows = labelled.drop_duplicates("payment_id", keep="last")
    reference = rows[rows["timestamp"] < "2025-03-01"]
    assert 0.75 < roc_auc_score(reference["fraud"], reference["score"]) < 0.9
    assert reference["score"].mean() == pytest.approx(reference["fraud"].mean(), rel=0.15)


def test_versions_and_arms_are_those_of_the_deployment(payments: pd.DataFrame) -> None:
    truth = json.loads((PAYMENTS / "truth.json").read_text(encoding="utf-8"))
    start, deployed = (pd.Timestamp(time) for time in truth["experiment"])
    tried = payments["timestamp"].between(start, deployed, inclusive="left")
    assert (payments["variant"].notna() == tried).all()
    assert (payments.loc[tried, "variant"].eq("treatment") == payments.loc[tried, "model_version"].eq("v2")).all()
    assert set(payments.loc[payments["timestamp"] < start, "model_version"]) == {"v1"}
    assert set(payments.loc[payments["timestamp"] >= deployed, "model_version"]) == {"v2"}


def test_every_incident_stands_in_the_data_card() -> None:
    card = (PAYMENTS / "README.md").read_text(encoding="utf-8")
    for incident in json.loads((PAYMENTS / "truth.json").read_text(encoding="utf-8"))["incidents"]:
        assert f"| {incident['name']} | `{incident['cause']}` |" in card
        assert f"{incident['share_rows']:.2%}" in card


def test_the_case_is_small_enough_to_travel() -> None:
    assert sum(file.stat().st_size for file in PAYMENTS.rglob("*.parquet")) < 5e6
