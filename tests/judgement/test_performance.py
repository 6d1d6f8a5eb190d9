"""From rows with labels to what is said of the model, on simulated cases with a known truth."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from monitor.analyses.performance import measure_performance
from monitor.analyses.sides import Question
from monitor.engine import open_tables
from monitor.errors import ColumnMissingError, MethodError
from monitor.judgement.answers import performance_answer
from monitor.judgement.findings import findings_table
from monitor.judgement.performance import JudgedPerformance, judge_performance

ROLES = {"timestamp": "at", "prediction": "decision", "score": "score", "label": "label"}


def rows(start: str, days: int, *, seed: int, wrong_from: int | None = None) -> pd.DataFrame:
    """100 rows a day of a calibrated score; from a day on labels are those of rows drawn anew (the score ranks no more)."""
    rng = np.random.default_rng(seed)
    n = 100 * days
    score = rng.beta(2, 5, n)
    label = rng.random(n) < score
    if wrong_from is not None:
        later = np.arange(n) >= 100 * wrong_from
        label[later] = rng.random(int(later.sum())) < 0.29
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 864, unit="s")
    return pd.DataFrame({"at": at, "score": score, "decision": (score >= 0.4).astype(int), "label": label.astype(int)})


def judged(reference: pd.DataFrame, production: pd.DataFrame, **more: object) -> JudgedPerformance:
    with open_tables(reference, production, roles=ROLES, windows="1 day") as workspace:
        return judge_performance(measure_performance(workspace, **more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def broken() -> JudgedPerformance:
    return judged(rows("2026-01-01", 30, seed=0), rows("2026-02-01", 30, seed=1, wrong_from=12))


def test_a_model_that_stops_ranking_is_told_since_when(broken: JudgedPerformance) -> None:
    auc = next(one for one in broken.findings if one.what == "roc_auc")
    assert auc.status == "alert"
    assert auc.note == "worse"
    assert auc.ongoing
    assert abs((auc.start - np.datetime64("2026-02-13")) / np.timedelta64(1, "D")) <= 1
    assert auc.before == pytest.approx(0.72, abs=0.03)  # of Beta(2, 5) scores that are calibrated
    assert auc.after == pytest.approx(0.5, abs=0.04)
    said = performance_answer(broken)
    assert said.headline.startswith("The model ranks cases worse since 1")
    assert said.doubt.endswith("100% of rows have a label.")


def test_rows_carry_the_verdict_of_their_run(broken: JudgedPerformance) -> None:
    table = broken.table[broken.table["metric"] == "roc_auc"]
    late = table[table["window"] >= "2026-02-14"]
    assert late["status"].eq("alert").all()
    assert (late["strength"] > 1).all()
    assert table[table["window"] < "2026-02-11"]["status"].eq("stable").all()
    assert set(broken.table.loc[broken.table["metric"] == "mcc", "status"]) == {"not_judged"}


def test_nothing_is_said_of_a_model_that_stays_as_it_was() -> None:
    alarms = [judged(rows("2026-01-01", 30, seed=2 * seed), rows("2026-02-01", 30, seed=2 * seed + 1)).findings for seed in range(10, 13)]
    assert not any(alarms)


def test_a_metric_that_is_asked_for_by_name_is_judged() -> None:
    told = judged(rows("2026-01-01", 20, seed=0), rows("2026-02-01", 10, seed=1), methods=("mcc",))
    assert set(told.table["metric"]) == {"mcc"}
    assert set(told.table["status"]) == {"stable"}


def late(start: str, days: int, *, seed: int) -> pd.DataFrame:
    """Rows whose labels come after one to five days."""
    table = rows(start, days, seed=seed)
    rng = np.random.default_rng(seed)
    return table.assign(known=table["at"] + pd.to_timedelta(24 + 96 * rng.random(len(table)), unit="h"))


def test_labels_that_are_not_in_yet_alarm_nobody() -> None:
    reference, production = late("2026-01-01", 30, seed=0), late("2026-02-01", 20, seed=1)
    with open_tables(reference, production, roles={**ROLES, "label_timestamp": "known"}, windows="1 day") as workspace:
        found = judge_performance(measure_performance(workspace, as_of=datetime(2026, 2, 21, tzinfo=UTC)))
    last = found.table[(found.table["metric"] == "accuracy") & (found.table["window"] >= "2026-02-17")]
    assert not last["mature"].any()
    assert set(last["status"]) <= {"not_judged", "too_few_rows", "not_applicable"}
    assert last["label_share"].is_monotonic_decreasing
    assert found.summary["hours_until_labelled"]["95%"] == pytest.approx(115, abs=3)
    assert "windows still waiting for theirs" in performance_answer(found).doubt


def test_a_regression_that_runs_low_is_said_plainly() -> None:
    rng = np.random.default_rng(0)
    made = []
    for start, off in (("2026-01-01", 0.0), ("2026-02-01", -20.0)):
        at = pd.date_range(start, periods=2_000, freq="15min")
        label = rng.normal(100, 15, len(at))
        made.append(pd.DataFrame({"at": at, "y": label, "p": label + rng.normal(off, 5, len(at))}))
    roles = {"timestamp": "at", "prediction": "p", "label": "y"}
    with open_tables(*made, roles=roles, task="regression", windows="1 day") as workspace:
        found = judge_performance(measure_performance(workspace))
    bias = next(one for one in found.findings if one.what == "bias")
    assert bias.after == pytest.approx(-20, abs=1)
    assert any("too low by" in line for line in (performance_answer(found).headline, *_sentences(found)))


def _sentences(found: JudgedPerformance) -> list[str]:
    return findings_table(found.findings, found.names, found.against)["sentence"].tolist()


def test_by_a_column_every_level_has_its_metrics() -> None:
    reference, production = (
        rows(start, 20, seed=seed).assign(place=["a'b", "c"] * 1_000) for start, seed in (("2026-01-01", 0), ("2026-02-01", 1))
    )
    found = judged(reference, production, by="place")
    assert set(found.table["segment"].dropna()) == {"place = 'a''b'", "place = 'c'"}
    share = found.table[(found.table["metric"] == "accuracy") & found.table["segment"].notna()].groupby("window")["n_labelled"].sum()
    assert share.eq(100).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": None}, "The case names no label"),
        ({"prediction": None, "score": None}, "neither a prediction nor a score"),
    ],
)
def test_what_is_missing_is_said(change: dict[str, None], message: str) -> None:
    roles = {name: column for name, column in {**ROLES, **change}.items() if column is not None}
    tables = rows("2026-01-01", 3, seed=0), rows("2026-02-01", 3, seed=1)
    with open_tables(*tables, roles=roles, windows="1 day") as workspace, pytest.raises(ColumnMissingError, match=message):
        measure_performance(workspace)


def test_a_label_of_three_values_is_no_yes_or_no() -> None:
    reference, production = (rows(start, 5, seed=0).assign(label=["x", "y", "z", "x", "y"] * 100) for start in ("2026-01-01", "2026-02-01"))
    with pytest.raises(MethodError, match=r"'label' has 3 values .* Name positive_class"):
        judged(reference, production)


def test_without_any_label_there_is_a_sentence_and_no_number() -> None:
    production = rows("2026-02-01", 5, seed=1).assign(label=None)
    found = judged(rows("2026-01-01", 20, seed=0), production)
    assert found.table.loc[found.table["metric"].ne("selection_rate"), "value"].isna().all()
    assert performance_answer(found).headline == "No label is in yet: the page Estimated says what can be said without."
    assert [one.reason for one in found.skipped] == ["no_labels"]


@pytest.mark.parametrize("against", ["previous", "rolling:3", "expanding"])
def test_windows_are_compared_with_those_before_where_that_is_asked(against: str) -> None:
    question = Question(against=against)
    tables = rows("2026-01-01", 30, seed=0), rows("2026-01-31", 30, seed=1, wrong_from=12)
    found = judged(*tables, question=question)
    auc = found.table[found.table["metric"] == "roc_auc"].reset_index(drop=True)
    assert auc["reference_value"].nunique() > 20
    if against == "previous":
        assert auc["reference_value"].iloc[1:].to_numpy() == pytest.approx(auc["value"].iloc[:-1].to_numpy())
    first = next((one for one in found.findings if one.what == "roc_auc"), None)
    if against == "expanding":  # a window of 100 rows beside the few before says little
        assert first is not None
        assert abs((first.start - np.datetime64("2026-02-12")) / np.timedelta64(1, "D")) <= 2
        assert found.against in _sentences(found)[0]
    assert found.provenance.settings["against"] == against


def test_a_model_that_stays_as_it_was_is_quiet_beside_the_windows_before() -> None:
    found = [
        judged(rows("2026-01-01", 30, seed=2 * seed), rows("2026-01-31", 30, seed=2 * seed + 1), question=Question(against="rolling:4"))
        for seed in range(2)
    ]
    assert not any(one.findings for one in found)


def of_classes(start: str, days: int, a_day: int, seed: int) -> pd.DataFrame:
    """Rows of three classes, one of which is rare: days of few rows often lack it."""
    rng = np.random.default_rng(seed)
    n = days * a_day
    label = rng.choice(["a", "b", "c"], n, p=[0.7, 0.28, 0.02])
    said = np.where(rng.random(n) < 0.6, label, "a")
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 86_400 // a_day, unit="s")
    return pd.DataFrame({"at": at, "said": said, "label": label})


def test_a_mean_over_classes_does_not_follow_how_many_rows_a_day_has() -> None:
    roles = {"timestamp": "at", "prediction": "said", "label": "label"}
    reference, production = of_classes("2026-01-01", 28, 120, 0), of_classes("2026-02-02", 42, 400, 1)
    for size in ("1 day", "1 week"):
        with open_tables(reference, production, roles=roles, windows=size, task="multiclass") as workspace:
            found = judge_performance(measure_performance(workspace))
        assert [one.what for one in found.findings] == []


def test_a_finding_tells_the_metric_of_all_rows_of_its_run(broken: JudgedPerformance) -> None:
    auc = next(one for one in broken.findings if one.what == "roc_auc")
    table = rows("2026-02-01", 30, seed=1, wrong_from=12)
    day = (table["at"] - pd.Timestamp("2026-02-01")).dt.days
    part = table[(day >= auc.first) & (day <= auc.last)]
    reference = rows("2026-01-01", 30, seed=0)
    assert auc.after == pytest.approx(roc_auc_score(part["label"], part["score"]))
    assert auc.before == pytest.approx(roc_auc_score(reference["label"], reference["score"]))


def test_a_class_that_scores_do_not_know_is_said_and_takes_no_metric_away() -> None:
    def scored(start: str, seed: int) -> pd.DataFrame:
        table = of_classes(start, 20, 150, seed)
        chance = np.random.default_rng(seed).dirichlet([4.0, 2.0, 1.0], len(table))
        return table.assign(p_a=chance[:, 0], p_b=chance[:, 1], p_c=chance[:, 2])

    production = scored("2026-02-02", 1)
    production.loc[production.index[2000::90], "label"] = "new"
    roles = {"timestamp": "at", "prediction": "said", "label": "label", "score": {"a": "p_a", "b": "p_b", "c": "p_c"}}
    with open_tables(scored("2026-01-05", 0), production, roles=roles, windows="1 week", task="multiclass") as workspace:
        found = measure_performance(workspace)
    told = found.table[found.table["class"].isna()].groupby("metric")["value"].agg(lambda one: one.notna().all())
    assert told["log_loss"]
    assert told["roc_auc_ovr_macro"]
    assert {"unseen_class", "unscored_class"} <= {one.reason for one in found.skipped}


def test_no_limit_lies_where_a_metric_cannot_be_and_what_cannot_alarm_is_not_judged() -> None:
    rng = np.random.default_rng(4)
    few = rows("2026-03-01", 40, seed=3)
    few = few.assign(label=few["label"].where(rng.random(len(few)) < 0.06))
    with open_tables(rows("2026-01-01", 56, seed=2), few, roles=ROLES, windows="1 week") as workspace:
        table = judge_performance(measure_performance(workspace)).table
    shares = table[table["metric"].isin(["recall", "precision", "accuracy", "false_positive_rate", "roc_auc", "base_rate"])]
    assert shares["limit_lower"].min() >= 0
    assert shares["limit_upper"].max() <= 1
    quiet = table[(table["metric"] == "recall") & (table["limit_lower"] <= 0) & table["limit_upper"].notna() & table["value"].notna()]
    assert len(quiet)
    assert not quiet["status"].eq("stable").any()
    assert quiet["reason"].isin(["not_seen_alone", "could_not_be_seen"]).all()


def test_a_change_whose_end_may_be_that_of_the_data_goes_on(broken: JudgedPerformance) -> None:
    assert all(one.ongoing for one in broken.findings if one.status == "alert")
