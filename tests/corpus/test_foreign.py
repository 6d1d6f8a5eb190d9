"""A case from nothing but foreign-looking files: what their columns are is found, and what is not certain is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.performance import measure_performance
from monitor.case import load_case
from monitor.engine import InitReport, init_case, open_workspace
from monitor.engine.suggesting import suggest_roles, with_roles
from tests.corpus.foreign import FILES, Foreign


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_a_foreign_file_is_understood_or_asked_about(tmp_path: Path, file: Foreign) -> None:
    made = init_case(file.written(tmp_path), tmp_path / "case")
    case = load_case(tmp_path / "case")
    found = {one.column: f"{one.role} {one.kind}" for one in made.guesses}
    wanted = {name: told if " " in told else found[name] for name, told in file.columns.items()}
    assert found == wanted
    assert {name: told.split()[0] for name, told in file.columns.items()} == {one.column: str(one.role) for one in made.guesses}
    assert case.task == file.task
    with open_workspace(case) as workspace:
        assert {name: str(workspace.columns[name].role) for name in found} == {one.column: str(one.role) for one in made.guesses}
        assert {name: str(info.kind) for name, info in workspace.columns.items() if info.role == "feature"} == {
            one.column: str(one.kind) for one in made.guesses if one.role == "feature"
        }


def _made(folder: Path, table: pd.DataFrame) -> InitReport:
    for name, part in (("reference", table.iloc[: len(table) // 2]), ("production", table.iloc[len(table) // 2 :])):
        part.to_parquet(folder / f"{name}.parquet")
    return init_case([folder / "reference.parquet", folder / "production.parquet"], folder / "case")


def _roles(made: InitReport) -> dict[str, str]:
    return {one.column: str(one.role) for one in made.guesses}


def test_the_label_is_the_column_that_the_score_fits(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    score = rng.beta(2, 5, 1200)
    known = rng.random(1200) > 0.1
    table = pd.DataFrame(
        {
            "score": score,
            "cancelled": score + rng.normal(0, 0.1, 1200) > 0.62,  # named like a label, but no probability of it is the score
            "mail": rng.random(1200) < 0.3,
            "came_true": np.where(known, (rng.random(1200) < score).astype(float), np.nan),
            "no_show": ~known,
        }
    )
    made = _made(tmp_path, table)
    assert _roles(made) == {"score": "score", "cancelled": "feature", "mail": "feature", "came_true": "label", "no_show": "ignore"}
    told = " ".join(made.unsure)
    assert "came_true: label, numeric ('score' fits it as its probability, and it is missing in part)" in told
    assert "no_show: ignore, boolean (where it is true there is no label: known only afterwards)" in told


@pytest.mark.parametrize("as_text", [False, True])
def test_a_prediction_of_many_values_in_0_to_1_is_the_score_of_two_classes(tmp_path: Path, as_text: bool) -> None:
    rng = np.random.default_rng(15)
    score = rng.beta(2, 5, 1200).round(4)
    said = [str(one) for one in score] if as_text else score
    made = _made(tmp_path, pd.DataFrame({"prediction": said, "label": (rng.random(1200) < score).astype(int)}))
    assert _roles(made) == {"prediction": "score", "label": "label"}


def test_log_odds_that_were_rounded_are_the_score_of_their_decision(tmp_path: Path) -> None:
    score = np.random.default_rng(16).beta(2, 5, 2400)
    written = [f"{one:.2f}".replace(".", ",") for one in np.log(score / (1 - score))]
    made = _made(tmp_path, pd.DataFrame({"pd_score": written, "decision": (score > 0.35).astype(int), "x": range(2400)}))
    assert _roles(made)["pd_score"] == "score"


@pytest.mark.parametrize(
    ("turned", "words", "role", "told"),
    [
        (1, (0, 1), "score", "risk_score: score, numeric (it is called a score and ranks 'defaulted'; from "),
        (1, ("nein", "ja"), "score", "risk_score: score, numeric (it is called a score and ranks 'defaulted'; from "),
        (-1, ("no", "yes"), "feature", "but the other way round"),
        (-1, (0, 1), "feature", "but the other way round: if it is what the model says, turn its sign and name it"),
    ],
)
def test_a_score_that_is_no_probability_ranks(tmp_path: Path, turned: int, words: tuple[object, object], role: str, told: str) -> None:
    rng = np.random.default_rng(17)
    risk = rng.beta(2, 5, 1200)
    bad = np.where(rng.random(1200) < risk, words[1], words[0])
    made = _made(
        tmp_path, pd.DataFrame({"risk_score": (turned * risk * 1000).round(), "income": rng.gamma(2, 900, 1200), "defaulted": bad})
    )
    assert _roles(made) == {"risk_score": role, "income": "feature", "defaulted": "label"}
    assert any(told in doubt for doubt in made.unsure)


def test_two_columns_of_about_the_same_numbers_may_be_a_regression(tmp_path: Path) -> None:
    rng = np.random.default_rng(18)
    said = rng.gamma(2, 100, 900)
    made = _made(
        tmp_path, pd.DataFrame({"kalkulation": said, "age": rng.integers(18, 90, 900), "kaufpreis": said + rng.normal(0, 30, 900)})
    )
    assert load_case(tmp_path / "case").task == "none"
    assert any('such as prediction = "kalkulation" and label = "kaufpreis"' in doubt for doubt in made.unsure)


def _decided(said: np.ndarray, true: np.ndarray, score: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame({"score": score, "said": said, "label": true, "x": range(len(score))})


@pytest.mark.parametrize(
    ("said", "true", "positive"),
    [
        (("T", "F"), ("F", "T"), None),  # approved: true where a default is unlikely
        ((1, 0), (0, 1), None),
        (("ok", "no"), ("paid", "lost"), "lost"),
        (("no", "yes"), ("paid", "lost"), "lost"),
        ((0, 1), ("a", "b"), None),
    ],
)
def test_a_decision_that_says_the_opposite_or_something_else_is_a_threshold(
    tmp_path: Path, said: tuple[object, object], true: tuple[object, object], positive: str | None
) -> None:
    rng = np.random.default_rng(21)
    score = rng.beta(2, 3, 2400)
    made = _made(tmp_path, _decided(np.where(score >= 0.5, said[1], said[0]), np.where(rng.random(2400) < score, true[1], true[0]), score))
    roles = load_case(tmp_path / "case").roles
    assert _roles(made) == {"score": "score", "said": "ignore", "label": "label", "x": "ignore"}
    assert (roles.threshold, roles.positive_class) == (pytest.approx(0.5, abs=0.01), positive)
    with open_workspace(load_case(tmp_path / "case")) as workspace:
        found = measure_performance(workspace).table.set_index("metric")["value"]
        assert found["roc_auc"].mean() > 0.6
        assert found["accuracy"].mean() > 0.6


def test_what_is_called_a_prediction_is_one_whatever_it_says(tmp_path: Path) -> None:
    rng = np.random.default_rng(23)
    score = rng.beta(2, 3, 2400)
    table = _decided((score < 0.5).astype(int), (rng.random(2400) < score).astype(int), score).rename(columns={"said": "prediction"})
    made = _made(tmp_path, table)
    assert _roles(made)["prediction"] == "prediction"
    assert "prediction: where 'score' is high it is 0 while 'label' is 1" in made.unsure


def test_a_decision_in_the_words_of_the_label_is_the_prediction(tmp_path: Path) -> None:
    rng = np.random.default_rng(22)
    score = rng.beta(2, 3, 2400)
    made = _made(tmp_path, _decided(np.where(score > 0.5, "bad", "good"), np.where(rng.random(2400) < score, "bad", "good"), score))
    assert _roles(made)["said"] == "prediction"
    assert load_case(tmp_path / "case").roles.positive_class == "bad"
    assert any(one.startswith("positive_class: 'bad', for it is what high values of 'score' go with, not 'good'") for one in made.unsure)


def test_ids_beyond_the_whole_numbers_of_doubles_are_ids(tmp_path: Path) -> None:
    made = _made(tmp_path, pd.DataFrame({"loan_id": 2**60 + np.arange(600), "x": np.arange(600) % 7 + 0.5}))
    assert _roles(made)["loan_id"] == "id"


def test_a_column_that_the_model_listens_to_is_no_label(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    member = rng.random(1200) < 0.4
    table = pd.DataFrame({"score": np.clip(rng.normal(0.3 + 0.2 * member, 0.1), 0, 1), "member": member})
    assert _roles(_made(tmp_path, table)) == {"score": "score", "member": "feature"}


def test_two_columns_that_say_the_same_are_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    code = rng.choice(["AA", "UA", "DL"], 400)
    names = {"AA": "American", "UA": "United", "DL": "Delta"}
    made = _made(tmp_path, pd.DataFrame({"code": code, "x": rng.random(400), "name": [names[one] for one in code]}))
    assert _roles(made) == {"code": "feature", "x": "feature", "name": "ignore"}
    assert any("it says the same as 'code', level by level" in doubt for doubt in made.unsure)


@pytest.mark.parametrize("as_text", [False, True])
@pytest.mark.parametrize(("words", "kind"), [("%Y%m%d", "datetime"), ("%Y%m%d%H%M", "datetime"), ("%Y%m%d%H%M%S", "datetime")])
def test_dates_written_as_a_number_are_dates(tmp_path: Path, words: str, kind: str, as_text: bool) -> None:
    times = pd.date_range("2025-01-01 10:15", periods=400, freq="9h").strftime(words)
    made = _made(tmp_path, pd.DataFrame({"as_of": times if as_text else times.astype("int64"), "x": range(400)}))
    case = load_case(tmp_path / "case")
    assert (case.roles.timestamp, dict(case.formats)) == ("as_of", {"as_of": words})
    assert [str(one.kind) for one in made.guesses] == [kind, "numeric"]
    with open_workspace(case) as workspace:
        assert workspace.source("reference").types["as_of"] in ("DATE", "TIMESTAMP")


@pytest.mark.parametrize("values", [[20250101, 20250230] * 200, [20250101, 20250102] * 200, range(20250101, 20250501)])
def test_numbers_that_are_no_dates_stay_numbers(tmp_path: Path, values: list[int]) -> None:
    made = _made(tmp_path, pd.DataFrame({"as_of": values, "x": range(len(values))}))
    assert "timestamp" not in _roles(made).values()


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Latency (ms)", "latency_ms"), ("latency_s", "feature"), ("Latency [s]", "feature"), ("response time ms", "latency_ms"),
        ("Género", "protected"), ("modelVersion", "model_version"), ("client_nr", "feature"), ("Auftragsnummer", "feature"),
    ],
)  # fmt: skip
def test_names_with_units_and_accents_are_the_same_names(tmp_path: Path, name: str, role: str) -> None:
    made = _made(tmp_path, pd.DataFrame({name: [1.5, 2.5, 3.5, 4.5] * 30}))
    assert _roles(made) == {name: role}


def test_an_open_case_is_offered_the_roles_that_it_does_not_give(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    score = rng.beta(2, 5, 600)
    table = pd.DataFrame(
        {"created_at": pd.date_range("2024-01-01", periods=600), "risk": score, "hit": rng.random(600) < score, "row_number": range(600)}
    )
    for name in ("reference", "production"):
        table.to_parquet(tmp_path / f"{name}.parquet")
    head = '[case]\nname = "c"\ntask = "binary"\n[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n'
    (tmp_path / "case.toml").write_text(head + '[roles]\nscore = "risk"\n')
    with open_workspace(load_case(tmp_path)) as workspace:
        found = suggest_roles(workspace)
        assert {one.column: str(one.role) for one in found} == {"created_at": "timestamp", "hit": "label", "row_number": "ignore"}
        case = with_roles(workspace.case, found)
    with open_workspace(case) as workspace:
        assert suggest_roles(workspace) == []
        assert (case.roles.timestamp, case.roles.label, case.roles.ignore) == ("created_at", "hit", ("row_number",))


def test_an_open_case_is_not_offered_a_decision_that_says_the_opposite(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    score = rng.beta(2, 3, 900)
    table = pd.DataFrame({"risk": score, "approved": score < 0.4, "hit": rng.random(900) < score})
    for name in ("reference", "production"):
        table.to_parquet(tmp_path / f"{name}.parquet")
    head = '[case]\nname = "c"\ntask = "binary"\n[data]\nreference = "reference.parquet"\nproduction = "production.parquet"\n'
    (tmp_path / "case.toml").write_text(head + '[roles]\nscore = "risk"\nlabel = "hit"\n')
    with open_workspace(load_case(tmp_path)) as workspace:
        assert [(one.column, str(one.role)) for one in suggest_roles(workspace)] == [("approved", "ignore")]
