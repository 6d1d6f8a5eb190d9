from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.engine import build_cells, init_case, open_workspace
from monitor.engine.column_facts import ColumnFacts, column_facts
from monitor.engine.roles import guess_kind, guess_roles, guess_task
from monitor.errors import CaseError
from monitor.vocabulary import Kind, Role, Task


def facts_of(table: pd.DataFrame) -> dict[str, ColumnFacts]:
    connection = duckdb.connect()
    connection.register("t", table)
    types = {row[0]: row[1] for row in connection.execute("DESCRIBE t").fetchall()}
    return column_facts(connection, "t", types)


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        (["1.5", "2", "-3e4"] * 40, Kind.NUMERIC, "text that holds numbers (all values)"),
        (["1"] * 98 + ["n/a"] * 2, Kind.NUMERIC, "text that holds numbers (98.0% of the values; the rest counts as missing)"),
        (["１２", "３"] * 50, Kind.CATEGORICAL, "text with 2 different values"),
        (["01234", "99999"] * 50, Kind.CATEGORICAL, "text with 2 different values"),
        (["2024-01-01", "2024-01-02 10:00"] * 50, Kind.DATETIME, "text that holds dates or times (all values looked at)"),
        (["2024-01-01", "2024-99-02"] * 50, Kind.CATEGORICAL, "text with 2 different values"),
        ([f"key{i}" for i in range(200)], Kind.TEXT, "text, 100% of the values differ"),
        (["red", "blue"] * 50, Kind.CATEGORICAL, "text with 2 different values"),
        ([0, 1] * 50, Kind.CATEGORICAL, "whole numbers with only 2 different value(s)"),
        ([0, 1, 2] * 50, Kind.NUMERIC, "numbers"),
        ([0.0, 1.0] * 50, Kind.NUMERIC, "numbers"),
        ([True, False] * 50, Kind.BOOLEAN, "true or false"),
        ([np.nan] * 50, Kind.NUMERIC, "no value at all; by its type"),
    ],
)
def test_kinds_have_reasons(values: list[object], kind: Kind, reason: str) -> None:
    assert guess_kind(facts_of(pd.DataFrame({"x": values}))["x"])[:2] == (kind, reason)


def test_data_without_a_prediction_are_a_case_without_a_model(tmp_path: Path) -> None:
    for name in ("reference", "production"):
        case_table().drop(columns=["y_pred", "y_pred_proba"]).to_parquet(tmp_path / f"{name}.parquet")
    made = init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    case = load_case(tmp_path / "case")
    assert (case.task, case.roles.label) == (Task.NONE, "target")
    assert any(doubt.startswith("task: no column looks like a prediction or a score, so data alone are watched") for doubt in made.unsure)


def case_table(n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "event_time": pd.date_range("2024-01-01", periods=n, freq="h"),
            "row_id": np.arange(n),
            "amount": rng.normal(size=n),
            "gender": rng.choice(["f", "m"], n),
            "y_pred_proba": rng.random(n),
            "y_pred": rng.integers(0, 2, n),
            "target": rng.integers(0, 2, n),
            "latency_ms": rng.random(n),
            "session": [f"s{i}" for i in range(n)],
        }
    )


def test_roles_by_name_type_and_content() -> None:
    facts = facts_of(case_table())
    guesses = guess_roles(facts)
    assert {guess.column: guess.role for guess in guesses} == {
        "event_time": Role.TIMESTAMP,
        "row_id": Role.ID,
        "amount": Role.FEATURE,
        "gender": Role.PROTECTED,
        "y_pred_proba": Role.SCORE,
        "y_pred": Role.PREDICTION,
        "target": Role.LABEL,
        "latency_ms": Role.LATENCY_MS,
        "session": Role.IGNORE,
    }
    assert guess_task(facts, guesses) == (Task.BINARY, True)
    assert {guess.column for guess in guesses if not guess.sure} == {"gender", "target", "session"}


def test_an_export_of_focus_has_its_cost_and_its_time() -> None:
    """FOCUS of the FinOps Foundation: a row for each charge of a period; what is billed at once is spread as effective."""
    start = pd.date_range("2026-01-01", periods=60, freq="D")
    charges = pd.DataFrame(
        {
            "BillingCurrency": "EUR", "BilledCost": np.linspace(1, 2, 60), "EffectiveCost": np.linspace(3, 4, 60),
            "ChargePeriodStart": start, "ChargePeriodEnd": start + pd.Timedelta(days=1), "ServiceName": ["Compute", "Storage"] * 30,
        }
    )  # fmt: skip
    money = (Role.COST, Role.TIMESTAMP, Role.CURRENCY)
    found = {guess.role: guess.column for guess in guess_roles(facts_of(charges)) if guess.role in money}
    assert found == {Role.CURRENCY: "BillingCurrency", Role.COST: "EffectiveCost", Role.TIMESTAMP: "ChargePeriodStart"}


def test_a_name_alone_makes_no_timestamp() -> None:
    guesses = guess_roles(facts_of(pd.DataFrame({"time": ["slow", "fast"] * 20, "seen": pd.date_range("2024-01-01", periods=40)})))
    assert [(guess.column, guess.role, guess.sure) for guess in guesses] == [("time", Role.FEATURE, True), ("seen", Role.TIMESTAMP, False)]


def test_init_writes_a_case_that_opens(tmp_path: Path) -> None:
    case_table().to_parquet(tmp_path / "train.parquet")
    case_table().drop(columns="target").to_csv(tmp_path / "serving.csv", index=False)
    report = init_case([tmp_path / "serving.csv", tmp_path / "train.parquet"], tmp_path)
    case = load_case(tmp_path)
    assert (case.data.reference, case.data.production) == (("train.parquet",), ("serving.csv",))
    assert (case.roles.timestamp, case.roles.label, case.task, str(case.windows)) == ("event_time", "target", Task.BINARY, "1 week")
    assert any(line.startswith("target:") for line in report.unsure)
    assert "# CHECK" in report.path.read_text(encoding="utf-8")
    with open_workspace(case) as workspace:
        assert list(build_cells(workspace)) == ["amount", "gender"]


def test_one_source_stands_for_both_and_says_so(tmp_path: Path) -> None:
    case_table().to_parquet(tmp_path / "all.parquet")
    report = init_case([str(tmp_path / "all.parquet")], tmp_path / "case")
    assert load_case(tmp_path / "case").data.production == (str(tmp_path / "all.parquet"),)
    assert report.unsure[0].startswith("production: only one source was given")


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text("mine", encoding="utf-8")
    with pytest.raises(CaseError, match="There is a case already"):
        init_case(["x.parquet"], tmp_path)
    with pytest.raises(CaseError, match="Name at least one source"):
        init_case([], tmp_path / "new")
    assert (tmp_path / "case.toml").read_text(encoding="utf-8") == "mine"


def foreign(columns: dict[str, str], n: int = 300) -> pd.DataFrame:
    """Return rows of a credit model under other names: of time, id, score, decision, label, amount and segment."""
    rng = np.random.default_rng(3)
    score = rng.beta(2, 5, n)
    values = {
        "time": pd.date_range("2024-01-01", periods=n, freq="5h").strftime("%d/%m/%Y %H:%M"),
        "id": [f"L{10_000 + i}" for i in range(n)],
        "score": score.round(6),
        "decision": np.where(score > 0.35, "reject", "approve"),
        "label": (rng.random(n) < score).astype(int),
        "amount": rng.gamma(2, 500, n).round(2),
        "segment": rng.choice(["shop", "web", "branch"], n),
        "version": np.where(np.arange(n) < n // 2, "v1", "v2"),
        "counter": np.arange(n),
    }
    return pd.DataFrame({name: values[what] for what, name in columns.items()})


@pytest.mark.parametrize(
    "columns",
    [
        {"time": "created_at", "amount": "amount", "segment": "segment", "score": "pd_score", "decision": "decision", "label": "defaulted"},
        {
            "counter": "Unnamed: 0",
            "time": "event_ts",
            "id": "application_id",
            "score": "prob",
            "decision": "accepted",
            "label": "is_default",
        },
        {"time": "scoringDate", "id": "loanNumber", "score": "riskScore", "decision": "modelDecision", "label": "outcome"},
        {"id": "uuid", "time": "Datum", "score": "p_default", "label": "default_flag", "amount": "x1", "segment": "x2"},
        {"counter": "__index_level_0__", "time": "ts", "score": "s", "decision": "d", "label": "y", "version": "model-version"},
        {"time": "Request Time", "score": "Churn Probability", "decision": "Predicted Class", "label": "Churned", "segment": "Plan"},
    ],
)
def test_foreign_looking_files_are_understood(tmp_path: Path, columns: dict[str, str]) -> None:
    table = foreign(columns)
    table.iloc[:200].to_csv(tmp_path / "reference.csv", index=False, sep=";")
    table.iloc[200:].to_csv(tmp_path / "production.csv", index=False, sep=";")
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    found = {guess.column: guess.role for guess in made.guesses}
    roles = {
        "time": Role.TIMESTAMP, "id": Role.ID, "score": Role.SCORE, "decision": Role.PREDICTION, "label": Role.LABEL,
        "amount": Role.FEATURE, "segment": Role.FEATURE, "version": Role.MODEL_VERSION, "counter": Role.IGNORE,
    }  # fmt: skip
    assert found == {name: roles[what] for what, name in columns.items()}
    assert load_case(tmp_path / "case").task is Task.BINARY


def test_a_feature_that_happens_to_lie_between_0_and_1_is_no_score(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    table = pd.DataFrame({"when": pd.date_range("2024-01-01", periods=200), "share": rng.random(200), "kind": rng.choice(["a", "b"], 200)})
    assert {guess.role for guess in guess_roles(facts_of(table))} == {Role.TIMESTAMP, Role.FEATURE}


def test_a_running_number_of_any_name_is_no_feature() -> None:
    """A running number is spread evenly, and in order; in any order it may be an amount, so that it is asked about."""
    draw = np.random.default_rng(0)
    columns = {
        "n": np.arange(500) + 7,
        "sampled": draw.permutation(45_000)[:500],
        "cents": draw.permutation(np.unique(draw.gamma(2, 1e7, 600).astype(int)))[:500],
    }
    table = pd.DataFrame({"at": pd.date_range("2024-01-01", periods=500, freq="h")} | columns)
    guessed = {one.column: one for one in guess_roles(facts_of(table))}
    assert [guessed[name].role for name in columns] == [Role.IGNORE, Role.FEATURE, Role.FEATURE]
    assert (guessed["n"].reason, guessed["n"].sure) == ("every value differs and they run evenly from 7 to 506: a running number", False)


@pytest.mark.parametrize(
    "name",
    ["bad_flag", "GB_Flag", "bad", "goodBad", "default_12m", "default_flag_12m", "default_in_12_months", "loan_default", "is_fraud",
     "churned", "customerChurn", "target_90d", "ever_90dpd", "dpd30plus", "churn_next_quarter", "attrition_ind"],
)  # fmt: skip
def test_labels_of_credit_risk_and_its_neighbours_are_proposed_where_they_have_two_values(name: str) -> None:
    rng = np.random.default_rng(2)
    two = pd.DataFrame({"created_at": pd.date_range("2024-01-01", periods=90), "x": rng.normal(size=90), name: rng.integers(0, 2, 90)})
    assert {one.column: (one.role, one.sure) for one in guess_roles(facts_of(two))}[name] == (Role.LABEL, False)
    several = two.assign(**{name: rng.normal(size=90)})
    assert {one.column: one.role for one in guess_roles(facts_of(several))}[name] is Role.FEATURE


def rows_at(start: str, n: int = 300) -> pd.Series:
    return pd.Series(pd.date_range(start, periods=n, freq="3h").as_unit("ms").astype("int64"))


@pytest.mark.parametrize("name", ["@timestamp", "when", "t", "mark"])
@pytest.mark.parametrize("factor", [1, 1000])
def test_unix_time_with_fractions_of_seconds_is_the_time_of_rows(name: str, factor: int) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.normal(size=300), name: (rows_at("2024-01-01") + 0.25) / factor, "pay": rng.uniform(1.2e9, 1.9e9, 300)})
    assert {guess.column: guess.role for guess in guess_roles(facts_of(table))} == {
        "a": Role.FEATURE, name: Role.TIMESTAMP, "pay": Role.FEATURE
    }  # fmt: skip


def test_numbers_of_orders_in_the_range_of_seconds_are_no_time() -> None:
    table = pd.DataFrame({"o": 1_300_000_000 + np.arange(300)})
    assert [guess.role for guess in guess_roles(facts_of(table))] == [Role.IGNORE]


@pytest.mark.parametrize("version", ["2024.03.1", "2024-03-01", "3.11.07", "20240301"])
@pytest.mark.parametrize("name", ["model_build", "loaded"])
def test_what_never_changes_is_no_clock(tmp_path: Path, name: str, version: str) -> None:
    for data, start in (("reference", "2024-01-01"), ("production", "2024-03-10")):
        table = pd.DataFrame({name: version, "@timestamp": rows_at(start), "a": np.random.default_rng(0).normal(size=300)})
        table.to_csv(tmp_path / f"{data}.csv", index=False)
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    case = load_case(tmp_path / "case")
    assert (case.roles.timestamp, case.roles.model_version) == ("@timestamp", "model_build" if name == "model_build" else None)
    assert (name in case.formats) <= (name == "loaded")
    assert name == "loaded" or not made.read


def test_a_day_of_birth_is_no_time_of_rows() -> None:
    born = pd.Timestamp("1960-01-01") + pd.to_timedelta(np.random.default_rng(0).integers(0, 15_000, 300), "D")
    for name in ("birth_date", "Geburtsdatum", "data di nascita"):
        table = pd.DataFrame({name: born, "booking": pd.date_range("2024-01-01", periods=300, freq="3h")})
        assert [guess.role for guess in guess_roles(facts_of(table))] == [Role.FEATURE, Role.TIMESTAMP]
        assert [guess.role for guess in guess_roles(facts_of(table[[name]]))] == [Role.FEATURE]


@pytest.mark.parametrize("name", ["versao_modelo", "versión del modelo", "Modell-Version", "version_modele", "model_release"])
def test_versions_of_models_in_other_languages(name: str) -> None:
    table = pd.DataFrame({name: ["v1", "v2"] * 30})
    assert [guess.role for guess in guess_roles(facts_of(table))] == [Role.MODEL_VERSION]


@pytest.mark.parametrize("name", ["usd_cost", "cost_chf", "Kosten", "coût EUR", "custo"])
def test_costs_with_a_currency_and_in_other_languages(name: str) -> None:
    assert [guess.role for guess in guess_roles(facts_of(pd.DataFrame({name: np.linspace(0.1, 2, 60)})))] == [Role.COST]


def test_codes_of_http_are_a_status_and_addresses_none() -> None:
    codes, addresses = [200, 200, 404, 503] * 20, ["https://a", "https://b"] * 40
    roles = [
        [one.role for one in guess_roles(facts_of(pd.DataFrame({"http": values})))] for values in (codes, addresses, [1, 0, 2, 3] * 20)
    ]
    assert roles == [[Role.STATUS], [Role.FEATURE], [Role.FEATURE]]
