"""What the model answers by window, beside the reference's own windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.output import OUTPUT, score_deciles, summarise_output
from monitor.analyses.predictions import measure_predictions
from monitor.analyses.sides import Question
from monitor.analyses.threshold import disagreement, measure_answers, positive_level, rule_of
from monitor.engine import Workspace, open_tables
from monitor.stats.inference.intervals import wilson

Open = Callable[..., Workspace]
ROLES = {"timestamp": "at", "score": "score", "prediction": "answer", "threshold": 0.5, "positive_class": 1}


def weeks(first: str, shares: list[float], **columns: Any) -> pd.DataFrame:
    """Return 168 hourly rows a week; that share of each week's scores is 0.8, the others are spread over 0 to 0.4."""
    parts = [np.where(np.arange(168) < round(share * 168), 0.8, np.linspace(0, 0.4, 168)) for share in shares]
    score = np.concatenate(parts)
    table = pd.DataFrame({"at": pd.date_range(first, periods=len(score), freq="1h").as_unit("us"), "score": score})
    return table.assign(answer=(score >= 0.5).astype(int), **columns)


REFERENCE, PRODUCTION = weeks("2024-01-01", [0.25, 0.5, 0.375, 0.25]), weeks("2024-04-01", [0.25, 0.125, 0.75])


@pytest.fixture
def opened(tmp_path_factory: pytest.TempPathFactory) -> Open:
    def go(reference: pd.DataFrame = REFERENCE, production: pd.DataFrame = PRODUCTION, *, task: str = "binary", **roles: Any) -> Workspace:
        own = {name: value for name, value in (ROLES | roles).items() if value is not None}
        return open_tables(reference, production, roles=own, task=task, windows="1 week", cache=tmp_path_factory.mktemp("cache"))

    return go


def summary(workspace: Workspace) -> pd.DataFrame:
    result = measure_predictions(workspace)
    return summarise_output(result, workspace.case, measure_answers(workspace, result, Question()))


def test_the_positive_share_by_hand(opened: Open) -> None:
    with opened() as workspace:
        table = summary(workspace)
    assert list(table.columns) == list(OUTPUT.columns)
    share = table[table["measure"] == "share ≥ 0.5"]
    assert share["value"].tolist() == [0.25, 0.125, 0.75]
    assert share["n"].tolist() == [168] * 3
    assert share[["reference_value", "reference_low", "reference_high"]].iloc[0].tolist() == [0.34375, 0.25, 0.5]
    assert share["place"].tolist() == ["within the 4 reference weeks", "below all 4 reference weeks", "above all 4 reference weeks"]
    pd.testing.assert_series_equal(
        share["value"].reset_index(drop=True), table[table["measure"] == "share of 1"]["value"].reset_index(drop=True)
    )


def test_windows_cut_short_do_not_widen_the_range(opened: Open) -> None:
    reference = pd.concat([REFERENCE, weeks("2024-01-29", [0.0]).head(20)])
    production = pd.concat([PRODUCTION, weeks("2024-04-22", [0.0]).head(20)])
    with opened(reference, production) as workspace:
        share = summary(workspace).query("measure == 'share ≥ 0.5'")
    assert share["reference_low"].iloc[0] == 0.25
    assert share["place"].tolist()[1:] == ["below all 4 reference weeks", "above all 4 reference weeks", "too few rows to say"]


def test_the_judged_table_says_where_each_window_lies(opened: Open) -> None:
    with opened() as workspace:
        table = measure_predictions(workspace).table
    mine = table[(table["column"] == "answer") & (table["method"] == "js")]
    assert mine["measure"].unique().tolist() == ["share of 1"]
    assert mine["place"].tolist()[1] == "below all 4 reference weeks"


def test_predictions_that_differ_from_the_threshold_are_told(opened: Open) -> None:
    production = PRODUCTION.copy()
    production.loc[168:209, "answer"] = 1 - production.loc[168:209, "answer"]
    with opened(production=production) as workspace:
        answers = measure_answers(workspace, measure_predictions(workspace), Question())
    assert answers is not None
    assert answers.table["share"].tolist() == [0.0, 0.25, 0.0]
    assert disagreement(answers) == (
        "The prediction is not what the threshold 0.5 says in 42 rows (8.33%), most in week of 8 Apr 2024 (25%); 0% in the reference."
    )


def test_predictions_that_agree_are_not_mentioned(opened: Open) -> None:
    with opened() as workspace:
        assert disagreement(measure_answers(workspace, measure_predictions(workspace), Question())) is None


@pytest.mark.parametrize(
    ("roles", "why"),
    [({"threshold": None}, "names no threshold"), ({"score": None}, "names no score")],
)
def test_without_a_rule_the_reason_is_given(opened: Open, roles: dict[str, Any], why: str) -> None:
    with opened(**roles) as workspace:
        found = rule_of(workspace)
        assert isinstance(found, str)
        assert why in found
        assert measure_answers(workspace, measure_predictions(workspace), Question()) is None


def test_a_score_alone_has_a_positive_share(opened: Open) -> None:
    tables = [table.drop(columns="answer") for table in (REFERENCE, PRODUCTION)]
    with opened(*tables, prediction=None) as workspace:
        answers = measure_answers(workspace, measure_predictions(workspace), Question())
        assert "share ≥ 0.5" in set(summary(workspace)["measure"])
    assert disagreement(answers) is None


def test_one_class_in_the_reference_is_not_taken_for_the_positive_one(opened: Open) -> None:
    with opened(REFERENCE.assign(answer=0), positive_class=None) as workspace:
        share = summary(workspace).query("measure == 'share of 1'")
    assert share["value"].tolist() == [0.25, 0.125, 0.75]
    assert share["reference_high"].iloc[0] == 0


@pytest.mark.parametrize(
    ("named", "levels", "found"),
    [(None, ["0", "1"], "1"), (None, ["no", "yes"], "yes"), (None, ["false"], "true"), (None, ["x"], None), (None, [], None),
     (1, ["0", "1"], "1"), (1, ["false", "true"], "true"), (1.0, ["1", "0"], "1"), (True, ["true", "false"], "true"), ("b", ["a"], "b")],
)  # fmt: skip
def test_the_positive_level(opened: Open, named: Any, levels: list[str], found: str | None) -> None:
    with opened(positive_class=named) as workspace:
        assert positive_level(levels, workspace.case) == found


def test_shares_of_many_classes_add_up(opened: Open) -> None:
    names = [f"class {i:02d}" for i in range(12)]
    tables = [table.assign(answer=np.resize(names, len(table))) for table in (REFERENCE, PRODUCTION)]
    with opened(*tables, task="multiclass", threshold=None, positive_class=None, score=None) as workspace:
        table = summary(workspace)
    assert table["measure"].nunique() == 9
    assert table.groupby("window")["value"].sum().tolist() == pytest.approx([1, 1, 1])
    assert table.loc[table["measure"] == "share of other classes", "value"].iloc[0] == pytest.approx(4 / 12, abs=0.01)


def test_a_predicted_number_has_quantiles_near_the_exact_ones(opened: Open) -> None:
    draw = np.random.default_rng(0)
    tables = [table.assign(answer=draw.gamma(2, 10, len(table))) for table in (REFERENCE, PRODUCTION)]
    with opened(*tables, task="regression", threshold=None, positive_class=None, score=None) as workspace:
        table = summary(workspace).set_index("measure")
    exact = tables[1]["answer"].head(168).quantile([0.1, 0.5, 0.9]).tolist()
    first = table[table["window"] == "2024-W14"]
    assert first.loc[["10 % quantile", "median", "90 % quantile"], "value"].tolist() == pytest.approx(exact, rel=0.1)
    assert (first["lower"] <= first["value"]).all()
    assert (first["value"] <= first["upper"]).all()


def test_deciles_of_an_unchanged_score_hold_a_tenth_each(opened: Open) -> None:
    draw = np.random.default_rng(0)
    tables = [table.assign(score=draw.random(len(table))) for table in (REFERENCE, PRODUCTION)]
    with opened(*tables) as workspace:
        table = score_deciles(measure_predictions(workspace), "score")
    first = table[table["window"] == "2024-W14"]
    assert first["decile"].tolist() == list(range(1, 11))
    assert first["share_reference"].tolist() == pytest.approx([0.1] * 10, abs=0.005)
    exact = np.histogram(tables[1]["score"].head(168), [0, *first["upper"].tolist()[:-1], 1])[0] / 168
    assert first["share_production"].tolist() == pytest.approx(exact.tolist(), abs=1 / 168)
    assert table.groupby("window")["share_production"].sum().tolist() == pytest.approx([1, 1, 1])


def test_scores_that_repeat_have_fewer_deciles(opened: Open) -> None:
    with opened(REFERENCE.assign(score=np.resize([0.1, 0.9], len(REFERENCE)))) as workspace:
        table = score_deciles(measure_predictions(workspace), "score")
    assert table["decile"].max() == 2
    assert table["share_reference"].head(2).tolist() == [0.5, 0.5]


def test_wilson_by_hand() -> None:
    lower, upper = wilson(np.array([0, 5, 0]), np.array([10, 10, 0]))
    assert lower[:2] == pytest.approx([0.0, 0.2366], abs=1e-4)
    assert upper[:2] == pytest.approx([0.2775, 0.7634], abs=1e-4)
    assert np.isnan(upper[2])
