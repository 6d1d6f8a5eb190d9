"""The compatibility profiles through the whole path: tables, windows, methods, verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
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
    kinds = {"size_of_downpayment": "categorical"}  # "10%", which is read as a number unless the case says otherwise
    with open_tables(reference, production, roles=roles, kinds=kinds, windows={"rows": 5000}) as workspace:
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


@pytest.mark.parametrize("kind", ["int64", "float64"])
def test_evidently_profile_bins_whole_numbers_as_they_are_stored(kind: str) -> None:
    given = json.loads((GOLDEN / "evidently_parity.json").read_text())["pairs"]["num_int_binary"]
    inputs = pd.read_parquet(GOLDEN / "evidently_inputs.parquet").query("pair == 'num_int_binary'")
    sides = (inputs.loc[inputs["side"] == side, "num"].astype(kind) for side in ("ref", "cur"))
    reference, production = (pd.DataFrame({"v": one.to_numpy()}) for one in sides)
    with open_tables(reference, production, kinds={"v": "numeric"}, windows="whole") as workspace:
        judged = judge_drift(measure_drift(workspace, methods=["evidently.hellinger"]))
    (score,) = judged.table.loc[judged.table["method"] == "evidently.hellinger", "score"]
    assert (score == given["scores"]["hellinger"]["score"]) is (kind == "int64")


def test_whole_numbers_that_no_integer_holds_are_fractions_to_evidently_s_profile() -> None:
    sides = [pd.DataFrame({"v": np.array([1, 2, 3, 2**64 - 1] * 20, dtype="uint64") - one}) for one in (0, 1)]
    with open_tables(*sides, kinds={"v": "numeric"}, windows="whole") as workspace:
        judged = judge_drift(measure_drift(workspace, methods=["evidently.wasserstein"]))
    (score,) = judged.table.loc[judged.table["method"] == "evidently.wasserstein", "score"]
    assert 0 <= score < 1


def small(rng: np.random.Generator, first: str, days: int) -> pd.DataFrame:
    at = pd.date_range(first, periods=days * 48, freq="30min").as_unit("us")
    return pd.DataFrame({"at": at, "x": rng.normal(size=len(at)), "kind": rng.choice(["a", "b", "c"], len(at)), "same": 1.0})


def test_a_method_that_another_tool_would_refuse_has_rows_without_a_score_and_a_reason(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    reference, production = small(rng, "2024-01-01", 12), small(rng, "2024-01-13", 4)
    with open_tables(reference, production, roles={"timestamp": "at"}, windows="1 day", cache=tmp_path) as workspace:
        judged = judge_drift(measure_drift(workspace, methods=["evidently.all"]))
    refused = judged.table[judged.table["method"].isin(["evidently.g_test", "evidently.anderson"]) & judged.table["score"].isna()]
    assert set(zip(refused["column"], refused["method"], strict=True)) == {("kind", "evidently.g_test"), ("same", "evidently.anderson")}
    assert set(refused["status"]) == {"not_applicable"}
    said = dict(zip(refused["column"], refused["reason"], strict=True))
    assert said["kind"] == "Method 'evidently.g_test' needs equally many rows on both sides."
    assert "evidently.anderson" in said["same"]
    told = {one.what: one.message for one in judged.skipped if one.reason == "not_applicable" and "g_test" in one.message}
    assert "needs equally many rows on both sides" in told["kind"]
    others = judged.table[(judged.table["column"] == "kind") & (judged.table["method"] == "evidently.jensenshannon")]
    assert others["score"].notna().all()
