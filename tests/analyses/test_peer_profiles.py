"""The compatibility profiles through the whole path: tables, windows, methods, verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.engine import Workspace, open_tables
from monitor.judgement.drift import judge_drift

GOLDEN = Path(__file__).parents[1] / "golden"
COLUMNS = ("car_value", "salary_range", "debt_to_income_ratio", "loan_length", "repaid_loan_on_prev_car", "size_of_downpayment")


@pytest.fixture(scope="module")
def loans() -> Iterator[Workspace]:
    reference, production = (pd.read_parquet(GOLDEN / f"car_loan_{name}.parquet") for name in ("reference", "analysis"))
    roles = {"timestamp": "timestamp", "features": list(COLUMNS)}
    with open_tables(reference, production, roles=roles, windows={"rows": 5000}) as workspace:
        yield workspace


def test_nannyml_profile_reproduces_what_nannyml_reports(loans: Workspace) -> None:
    judged = judge_drift(measure_drift(loans, Question(columns=COLUMNS), methods=["nannyml.all"]))
    ours = judged.table.set_index(["column", "method"]).sort_index()
    expected = json.loads((GOLDEN / "car_loan_univariate.json").read_text())
    analysed = [i for i, period in enumerate(expected["chunks"]["period"]) if period == "analysis"]
    for column in COLUMNS:
        for name, values in expected["results"][column].items():
            rows = ours.loc[(column, f"nannyml.{name}")]
            assert rows["score"].tolist() == pytest.approx([values["value"][i] for i in analysed], rel=1e-6), (column, name)
            assert (rows["status"] == "alert").tolist() == [values["alert"][i] for i in analysed], (column, name)


def test_evidently_profile_chooses_by_size_and_says_its_threshold(loans: Workspace) -> None:
    judged = judge_drift(measure_drift(loans, Question(columns=COLUMNS), methods=["evidently"]))
    assert set(judged.table["method"]) == {"evidently.wasserstein", "evidently.jensenshannon"}
    assert set(judged.table["expected"]) == {0.1}
    assert set(judged.table["status"]) <= {"stable", "alert"}
