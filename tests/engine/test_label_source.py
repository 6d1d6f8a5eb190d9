"""A case that is started with labels in a file of their own, or with the scores of several classes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.performance import measure_performance
from monitor.analyses.sides import Question
from monitor.case import load_case
from monitor.engine import init_case, open_workspace
from monitor.errors import ColumnMissingError
from monitor.registry import find_analysis
from monitor.vocabulary import Role


def rows(start: str, first: int) -> pd.DataFrame:
    rng = np.random.default_rng(first)
    score = rng.random(600)
    at = pd.date_range(start, periods=600, freq="h")
    label = (rng.random(600) < score).astype(int)
    return pd.DataFrame(
        {"row_id": np.arange(first, first + 600), "at": at, "score": score, "y": label, "known_at": at + pd.Timedelta("3D")}
    )


def started(folder: Path, labels: pd.DataFrame) -> tuple[Path, tuple[str, ...]]:
    before, after = rows("2026-01-01", 0), rows("2026-02-01", 600)
    for name, table in (("reference", before), ("production", after)):
        table.drop(columns=["y", "known_at"]).to_csv(folder / f"{name}.csv", index=False)
    labels.to_csv(folder / "labels.csv", index=False)
    made = init_case([folder / f"{name}.csv" for name in ("reference", "production", "labels")], folder / "case")
    return made.path, made.unsure


def every_label() -> pd.DataFrame:
    return pd.concat([rows("2026-01-01", 0), rows("2026-02-01", 600)])[["row_id", "y", "known_at"]]


def test_roles_of_a_labels_file_are_guessed_and_the_case_runs(tmp_path: Path) -> None:
    path, _ = started(tmp_path, every_label())
    case = load_case(path.parent)
    assert (case.roles.id, case.roles.label, case.roles.label_timestamp) == ("row_id", "y", "known_at")
    with open_workspace(case) as workspace:
        assert measure_performance(workspace).labelled.sum() > 500


@pytest.mark.parametrize(("other", "asked"), [(-1, True), (0, False)])
def test_two_labels_that_are_three_together_are_asked_about(tmp_path: Path, other: int, asked: bool) -> None:
    tables = {"reference": rows("2026-01-01", 0), "production": rows("2026-02-01", 600).drop(columns="y")}
    for name, table in (*tables.items(), ("labels", every_label().assign(y=lambda made: made["y"].where(made["y"] == 1, other)))):
        table.drop(columns="known_at").to_parquet(tmp_path / f"{name}.parquet")
    made = init_case([tmp_path / f"{name}.parquet" for name in ("reference", "production", "labels")], tmp_path / "case")
    assert any("in the labels file, and nothing says which of them mean the same" in one for one in made.unsure) == asked


def test_a_join_column_of_another_name_is_said(tmp_path: Path) -> None:
    _, unsure = started(tmp_path, every_label().rename(columns={"row_id": "case_number"}))
    assert any("'case_number' holds what is called 'row_id' in the data" in one for one in unsure)


def test_labels_that_share_no_column_are_said(tmp_path: Path) -> None:
    _, unsure = started(tmp_path, every_label().assign(row_id=lambda made: made["row_id"] + 10**6))
    assert any("no column shares its values" in one for one in unsure)


def classes(columns: dict[str, str]) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    chance = rng.dirichlet([1, 1, 1], 400)
    names = np.array(["cat", "dog", "fox"])
    made = pd.DataFrame({"at": pd.date_range("2026-01-01", periods=400, freq="h"), "prediction": names[chance.argmax(axis=1)]})
    made["label"] = [rng.choice(names, p=one) for one in chance]
    return made.assign(**{column: chance[:, i] for i, column in enumerate(columns)})


def test_scores_of_classes_are_written_by_class(tmp_path: Path) -> None:
    classes({"p_cat": "", "p_dog": "", "p_fox": ""}).to_parquet(tmp_path / "all.parquet")
    made = init_case([tmp_path / "all.parquet"], tmp_path / "case")
    assert load_case(made.path.parent).roles.score == {"cat": "p_cat", "dog": "p_dog", "fox": "p_fox"}


def test_a_probability_of_one_class_is_no_score_of_several(tmp_path: Path) -> None:
    classes({"p_cat": "", "x1": "", "x2": ""}).to_parquet(tmp_path / "all.parquet")
    made = init_case([tmp_path / "all.parquet"], tmp_path / "case")
    assert load_case(made.path.parent).roles.score is None
    assert any(one.startswith("score: no columns hold the probabilities") for one in made.unsure)


def test_a_label_that_is_null_everywhere_changed_no_type(tmp_path: Path) -> None:
    rows("2026-01-01", 0).drop(columns="known_at").to_csv(tmp_path / "reference.csv", index=False)
    rows("2026-02-01", 600).drop(columns="known_at").assign(y="").to_csv(tmp_path / "production.csv", index=False)
    made = init_case([tmp_path / "reference.csv", tmp_path / "production.csv"], tmp_path / "case")
    with open_workspace(load_case(made.path.parent)) as workspace:
        assert "type_changed" not in {one.reason for one in workspace.skipped}


@pytest.mark.parametrize("data", [int, float, "{:09d}".format, "{}.0".format])
@pytest.mark.parametrize("labels", [int, float, "{:09d}".format])
def test_labels_find_their_rows_whatever_the_type_of_the_id(
    tmp_path: Path, data: Callable[[int], Any], labels: Callable[[int], Any]
) -> None:
    ids = range(200_000, 200_300)
    for name in ("reference", "production"):
        pd.DataFrame({"ref": [data(one) for one in ids], "p": [one % 3 / 3 for one in ids]}).to_parquet(tmp_path / f"{name}.parquet")
    late = pd.DataFrame({"ref": [labels(one) for one in [*ids[:200], 900_001]], "y": [True, False, True] * 67})
    late.to_parquet(tmp_path / "labels.parquet")
    made = init_case([tmp_path / f"{name}.parquet" for name in ("reference", "production", "labels")], tmp_path / "case")
    case = load_case(made.path.parent)
    if {data(7), labels(7)} == {"7.0", "000000007"}:
        return  # two texts are one id only where they are one text
    assert (case.roles.id, case.roles.label) == ("ref", "y")
    with open_workspace(case) as workspace:
        relation = workspace.relation("production", ["y"])
        assert workspace.connection.execute(f"SELECT count(y), count(*) FROM {relation}").fetchall() == [(200, 300)]
        assert [note.message[:14] for note in workspace.notes if note.reason == "unknown_id"] == ["labels: 1 rows"]


def test_a_label_in_another_type_is_the_same_label(tmp_path: Path) -> None:
    """No change of type, and no labels that are late because those of the reference have no time."""
    rng = np.random.default_rng(2)
    times = {"reference": "2024-01-01", "production": "2024-03-04"}
    for i, (name, start) in enumerate(times.items()):
        at, ids = pd.date_range(start, periods=1500, freq="40min"), range(i * 10_000, i * 10_000 + 1500)
        table = pd.DataFrame({"at": at, "ref": ids, "score": rng.random(1500), "y": rng.integers(0, 2, 1500)})
        late = table[["ref"]].assign(y=table["y"] == 1, known_at=at + pd.Timedelta(days=3))
        (table if name == "reference" else table.drop(columns="y")).to_parquet(tmp_path / f"{name}.parquet")
    late.to_parquet(tmp_path / "labels.parquet")
    made = init_case([tmp_path / f"{name}.parquet" for name in ("reference", "production", "labels")], tmp_path / "case")
    assert not [doubt for doubt in made.unsure if "in the reference but not in production" in doubt]
    with open_workspace(load_case(made.path.parent)) as workspace:
        assert workspace.skipped == ()
        row = find_analysis("operations")
        judged = row.judge(row.assess(row.measure(workspace, Question())), row.thresholds(workspace.case))
        assert judged.findings == ()
        assert "label_on_time_share" not in set(judged.table["metric"])
        shares = judged.table[judged.table["metric"] == "label_share"]
        assert set(shares["reference_value"]) == {1.0}


def written(folder: Path, no: str, yes: str, *, own: tuple[str, str] | None = None) -> tuple[Path, tuple[str, ...]]:
    """Start a case whose reference has labels of 0 and 1 (or `own`) and whose labels of production are in a file in other words."""
    before, after = rows("2026-01-01", 0), rows("2026-02-01", 600)
    labels = after[["row_id"]].assign(y=np.where(after["y"] == 1, yes, no))
    before = before.assign(y=np.where(before["y"] == 1, own[1], own[0])) if own else before
    for name, table in (("reference", before), ("production", after.drop(columns="y")), ("labels", labels)):
        table.drop(columns="known_at", errors="ignore").to_csv(folder / f"{name}.csv", index=False)
    made = init_case([folder / f"{name}.csv" for name in ("reference", "production", "labels")], folder / "case")
    return made.path, made.unsure


@pytest.mark.parametrize(("no", "yes"), [("N", "Y"), ("no", "yes"), ("0.0", "1.0"), ("false", "true")])
def test_labels_of_yes_and_no_are_those_of_0_and_1(tmp_path: Path, no: str, yes: str) -> None:
    path, unsure = written(tmp_path, no, yes)
    with open_workspace(load_case(path.parent)) as workspace:
        performance = find_analysis("performance")
        judged = performance.judge(performance.assess(performance.measure(workspace, Question())), performance.thresholds(workspace.case))
        told = judged.table[(judged.table["metric"] == "base_rate") & judged.table["segment"].isna()]["value"]
        assert told.mean() == pytest.approx(rows("2026-02-01", 600)["y"].mean(), abs=0.05)
        assert not [note for note in workspace.skipped if note.what == "y"]
    assert not [one for one in unsure if "'y'" in one]


@pytest.mark.parametrize("own", [None, ("N", "Y")])
def test_labels_in_words_that_nobody_can_match_are_refused_in_words(tmp_path: Path, own: tuple[str, str] | None) -> None:
    path, unsure = written(tmp_path, "good", "bad", own=own)
    told = f"The label 'y' is {' and '.join(map(repr, own or ('0', '1')))} in the data and 'bad' and 'good' in the labels file"
    assert [one for one in unsure if one.startswith(told)]
    with open_workspace(load_case(path.parent)) as workspace:
        with pytest.raises(ColumnMissingError, match=told):
            measure_performance(workspace)
        assert [note.what for note in workspace.skipped] == ["y"]
        assert "y" not in {one.name for one in workspace.measured(roles=Role)}
