"""What the model answers, of all rows and of each level of a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift_result import DriftResult
from monitor.analyses.predictions import measure_predictions
from monitor.analyses.sides import Question
from monitor.analyses.splits import MOST_LEVELS, splits_offered
from monitor.engine import Selection, Workspace, open_tables
from monitor.errors import ColumnMissingError, SettingError
from monitor.judgement.drift import judge_drift
from monitor.judgement.narration.sentences import sentence

ROLES = {
    "timestamp": "at",
    "score": "score",
    "prediction": "answer",
    "threshold": 0.5,
    "positive_class": 1,
    "segments": ["city", "age"],
    "model_version": "version",
}
Open = Callable[..., Workspace]


def rows(first: str, weeks: int, seed: int = 1, **columns: Any) -> pd.DataFrame:
    """Return hourly rows; scores are uniform."""
    draw, count = np.random.default_rng(seed), weeks * 168
    score = draw.random(count)
    table = pd.DataFrame({"at": pd.date_range(first, periods=count, freq="1h").as_unit("us"), "score": score})
    usual = {"city": draw.choice(["Rome", "Bonn"], count), "age": draw.integers(20, 60, count), "version": "v1"}
    return table.assign(answer=(score >= 0.5).astype(int), **{**usual, **columns})


REFERENCE, PRODUCTION = rows("2024-01-01", 10), rows("2024-04-01", 4, 2)


@pytest.fixture
def opened(tmp_path_factory: pytest.TempPathFactory) -> Open:
    def go(reference: pd.DataFrame = REFERENCE, production: pd.DataFrame = PRODUCTION, **roles: Any) -> Workspace:
        folder = tmp_path_factory.mktemp("cache")
        return open_tables(reference, production, roles=ROLES | roles, windows="1 week", cache=folder)

    return go


def segments(result: DriftResult) -> list[str]:
    return [part.segment for part in result.sides.parts.values() if part.column == "score"]


def test_parts_are_counted_like_the_rows_of_a_level(opened: Open) -> None:
    with opened() as workspace:
        split = measure_predictions(workspace, by="city")
        rome = {side: Selection(side, where="city = 'Rome'") for side in ("reference", "production")}
        alone = measure_predictions(workspace, Question(**rome))
    part = split.sides.production.columns["score | city = Rome"]
    assert part.counts.tolist() == alone.sides.production.columns["score"].counts.tolist()
    mine, own = (
        table[table["column"] == name].set_index(["window", "method"])["score"]
        for table, name in ((split.table, "score | city = Rome"), (alone.table, "score"))
    )
    pd.testing.assert_series_equal(mine, own)


def test_without_a_split_the_table_has_no_segment(opened: Open) -> None:
    with opened() as workspace:
        assert "segment" not in measure_predictions(workspace).table


def test_the_table_names_output_and_segment(opened: Open) -> None:
    with opened() as workspace:
        table = measure_predictions(workspace, by="city").table
    found = table[["output", "segment"]].drop_duplicates().itertuples(index=False, name=None)
    assert set(found) == {(output, segment) for output in ("score", "answer") for segment in ("", "city = Rome", "city = Bonn")}


def test_everything_on_the_screen_is_one_family(opened: Open) -> None:
    with opened() as workspace:
        judged = judge_drift(measure_predictions(workspace, by="city"))
    assert judged.family == 2 * (1 + 2)


def test_levels_beyond_the_cap_are_put_together_and_none_is_dropped(opened: Open) -> None:
    names = [f"c{i:02d}" for i in range(MOST_LEVELS + 8)]
    falling = np.repeat(names, np.arange(len(names), 0, -1))
    reference, production = (table.assign(city=np.resize(falling, len(table))) for table in (REFERENCE, PRODUCTION))
    production.loc[5:7, "city"] = None
    with opened(reference, production) as workspace:
        result = measure_predictions(workspace, by="city")
    told = segments(result)
    assert told[0] == ""
    assert told[1 : MOST_LEVELS + 1] == [f"city = c{i:02d}" for i in range(MOST_LEVELS)]
    assert told[MOST_LEVELS + 1 :] == ["city (8 other levels)", "city (missing)"]
    production_rows = {name: int(column.counts.sum()) for name, column in result.sides.production.columns.items()}
    parts = sum(n for name, n in production_rows.items() if name.startswith("score | "))
    assert parts == production_rows["score"] == len(PRODUCTION)


def test_one_level_more_than_the_cap_is_not_called_another(opened: Open) -> None:
    names = [f"c{i:02d}" for i in range(MOST_LEVELS + 1)]
    tables = (table.assign(city=np.resize(names, len(table))) for table in (REFERENCE, PRODUCTION))
    with opened(*tables) as workspace:
        assert not any("other" in one for one in segments(measure_predictions(workspace, by="city")))


def test_small_new_and_vanished_levels_have_too_few_rows(opened: Open) -> None:
    reference = REFERENCE.assign(city=np.where(REFERENCE.index < 400, "gone", "Rome"))
    production = PRODUCTION.assign(city=np.where(PRODUCTION.index % 168 < 10, "small", np.where(PRODUCTION.index < 300, "new", "Rome")))
    with opened(reference, production) as workspace:
        primary = judge_drift(measure_predictions(workspace, by="city")).primary
    statuses = primary.groupby("segment")["status"].agg(set).to_dict()
    assert statuses["city = gone"] == statuses["city = small"] == statuses["city = new"] == {"too_few_rows"}
    assert primary.groupby("segment")["window"].nunique().eq(4).all()
    assert statuses["city = Rome"] <= {"stable", "too_few_rows"}


def test_drift_of_one_level_is_found_there_and_not_in_the_other(opened: Open) -> None:
    moved = PRODUCTION.assign(score=np.where(PRODUCTION["city"] == "Rome", PRODUCTION["score"] * 0.6, PRODUCTION["score"]))
    with opened(production=moved) as workspace:
        primary = judge_drift(measure_predictions(workspace, by="city")).primary
    worst = primary[primary["output"] == "score"].groupby("segment")["status"].agg(set)
    assert worst["city = Rome"] == {"alert"}
    assert worst["city = Bonn"] == {"stable"}


def test_a_new_model_version_is_compared_with_the_whole_reference(opened: Open) -> None:
    production = PRODUCTION.assign(version=np.where(PRODUCTION.index < 336, "v1", "v2"))
    production["score"] = np.where(production["version"] == "v2", production["score"] ** 3, production["score"])
    with opened(production=production) as workspace:
        result = measure_predictions(workspace, by="version")
    rows_of = result.table.groupby("segment")[["n_reference"]].max()["n_reference"]
    assert rows_of["version = v2"] == len(REFERENCE)
    primary = judge_drift(result).primary
    new = primary[(primary["segment"] == "version = v2") & (primary["output"] == "score")]
    assert new["status"].tolist() == ["too_few_rows", "too_few_rows", "alert", "alert"]


def test_numbers_are_cut_into_four_ranges(opened: Open) -> None:
    with opened() as workspace:
        result = measure_predictions(workspace, by="age")
    told = segments(result)
    assert told == ["", "age ≤ 29", "age 29 to 39", "age 39 to 50", "age > 50"]
    young = result.sides.production.columns["score | age ≤ 29"]
    assert young.counts.sum() == (PRODUCTION["age"] <= 29).sum()


def test_by_the_predicted_class_only_scores_are_compared(opened: Open) -> None:
    with opened() as workspace:
        table = measure_predictions(workspace, by="answer").table
    assert set(table.loc[table["segment"] != "", "output"]) == {"score"}


def test_exact_methods_see_the_values_of_the_level(opened: Open) -> None:
    production = PRODUCTION.assign(city=np.where(PRODUCTION.index < 168, "Rome", "Bonn"))
    with opened(production=production) as workspace:
        table = measure_predictions(workspace, Question(columns=("score",)), by="city", methods=("energy",)).table
    rome = table[table["segment"] == "city = Rome"].set_index("window")["score"]
    assert rome.notna().tolist() == [True, False, False, False]


@pytest.mark.parametrize(("by", "error"), [("nowhere", ColumnMissingError), ("at", SettingError)])
def test_what_cannot_cut_rows_is_refused(opened: Open, by: str, error: type[Exception]) -> None:
    with opened() as workspace, pytest.raises(error, match=f"'{by}'"):
        measure_predictions(workspace, by=by)


def test_splits_that_are_offered(opened: Open) -> None:
    with opened() as workspace:
        assert splits_offered(workspace, workspace.case) == ("city", "age", "version", "answer")
    with opened(score=None, segments=[], model_version=None) as workspace:
        assert splits_offered(workspace, workspace.case) == ()


def mixed(weeks: int = 6, *, move: float = 0.25) -> pd.DataFrame:
    """Return production of which a new version scores a third of the rows of the last weeks, higher by `move`."""
    table = rows("2024-04-01", weeks, 2)
    new = (np.arange(len(table)) % 3 == 0) & (table["at"] >= "2024-04-15")
    score = np.where(new, np.minimum(table["score"] + move, 1.0), table["score"])
    return table.assign(version=np.where(new, "v'2", "v1"), score=score, answer=(score >= 0.5).astype(int))


def test_what_a_new_version_answers_is_a_finding_of_the_output(opened: Open) -> None:
    with opened(production=mixed()) as workspace:
        judged = judge_drift(measure_predictions(workspace))
    assert set(judged.table["column"]) == {"score", "answer"}
    assert {one.what for one in judged.findings} == {"score", "answer"}
    score = next(one for one in judged.findings if one.what == "score")
    assert (score.version, score.segment, score.window) == ("v'2", "version = v'2", "2024-W16")
    assert sentence(score, judged.names) == "score is higher for model version v'2 since 15 Apr: mean 0.73 against 0.5."
    told = judged.table[(judged.table["column"] == "score") & judged.table["primary"]].set_index("window")
    assert told["run"].notna().tolist() == [False, False, True, True, True, True]
    assert score.share_rows == pytest.approx(4 * 56 / (6 * 168))


def test_a_change_of_all_versions_is_not_told_as_one_of_the_new(opened: Open) -> None:
    table = mixed(move=0.0)
    later = table["at"] >= "2024-04-15"
    table = table.assign(score=np.where(later, np.minimum(table["score"] + 0.25, 1.0), table["score"]))
    with opened(production=table) as workspace:
        judged = judge_drift(measure_predictions(workspace))
    assert "" in {one.version for one in judged.findings if one.what == "score"}


@pytest.mark.parametrize(
    ("reference", "production"),
    [
        (REFERENCE, PRODUCTION),
        (REFERENCE, PRODUCTION.assign(version="v2")),
        (REFERENCE.drop(columns="version"), mixed()),
        (REFERENCE, PRODUCTION.assign(version=[f"run {i % 50}" for i in range(len(PRODUCTION))])),
    ],
    ids=["no new one", "of all rows", "unknown in the reference", "one for each run"],
)
def test_no_version_is_looked_at_that_says_nothing_new(opened: Open, reference: pd.DataFrame, production: pd.DataFrame) -> None:
    with opened(reference, production) as workspace:
        assert measure_predictions(workspace).versions is None
