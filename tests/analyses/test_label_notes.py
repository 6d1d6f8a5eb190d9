"""Odd labels and scores: each has a sentence, and what cannot be told has a reason and no number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.concept import measure_concept
from monitor.analyses.estimate import measure_estimate
from monitor.analyses.performance import measure_performance
from monitor.analyses.performance_result import PerformanceResult
from monitor.analyses.segments import measure_segments
from monitor.case import load_case
from monitor.engine import open_tables, open_workspace
from monitor.judgement.answers import concept_answer, estimate_answer, performance_answer
from monitor.judgement.concept import judge_concept
from monitor.judgement.estimate import judge_estimate
from monitor.judgement.performance import judge_performance

ROLES = {"timestamp": "at", "id": "id", "prediction": "decision", "score": "score", "label": "label"}
WORDS = {0: "good", 1: "bad"}


def rows(start: str, seed: int, n: int = 2_000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.beta(2, 4, n)
    at = pd.date_range(start, periods=n, freq="20min")
    label = (rng.random(n) < score).astype(int)
    return pd.DataFrame({"id": np.arange(n), "at": at, "score": score, "decision": (score >= 0.4).astype(int), "label": label})


def measured(change: Any, *, task: str = "binary", **roles: Any) -> PerformanceResult:
    given = {**ROLES, **roles}
    reference, production = change(rows("2026-01-05", 0), False), change(rows("2026-03-02", 1), True)
    known = {role: column for role, column in given.items() if column is not None}
    with open_tables(reference, production, roles=known, task=task, windows="1 week") as workspace:
        return measure_performance(workspace)


@pytest.mark.parametrize(
    ("change", "roles", "reason", "message"),
    [
        (lambda t, late: t.assign(label=0) if late else t, {}, "one_class", "Every label of the production is '0'"),
        (lambda t, _: t.assign(score=t["score"] * 100), {}, "score_is_no_probability", "beyond 0 to 1"),
        (lambda t, _: t.assign(score=t["decision"]), {}, "score_is_a_class", "only 0 and 1: a class"),
        (
            lambda t, _: t.assign(label=t["label"].map(WORDS)),
            {"prediction": None, "threshold": 0.4},
            "positive_class_guessed",
            "'good' is taken",
        ),
    ],
)
def test_what_is_odd_is_said(change: Any, roles: dict[str, Any], reason: str, message: str) -> None:
    found = measured(change, **roles)
    said = [one.message for one in found.skipped if one.reason == reason]
    assert said
    assert message in said[0]


@pytest.mark.parametrize("values", [{0: "no", 1: "yes"}, {0: False, 1: True}, {0: 0.0, 1: 1.0}])
def test_labels_of_any_plain_kind_mean_the_same(values: dict[int, Any]) -> None:
    found, usual = measured(lambda t, _: t.assign(label=t["label"].map(values))), measured(lambda t, _: t)
    assert [one.reason for one in found.skipped] == []
    pd.testing.assert_series_equal(found.table["value"], usual.table["value"])


@pytest.mark.parametrize(("words", "positive"), [({0: "no", 1: "yes"}, "yes"), ({0: "n", 1: "y"}, "y"), ({0: "yes", 1: "no"}, "no")])
def test_the_positive_class_is_named_as_the_file_writes_it(tmp_path: Path, words: dict[int, str], positive: str) -> None:
    """Words for true and false are read as such: the case names the word, and the columns hold true and false."""
    for name, table in (("r.csv", rows("2026-01-05", 0)), ("p.csv", rows("2026-03-02", 1))):
        table.assign(label=table["label"].map(words), decision=table["decision"].map(words)).to_csv(tmp_path / name, index=False)
    head = '[case]\nname = "x"\ntask = "binary"\n[data]\nreference = "r.csv"\nproduction = "p.csv"\n[roles]\n'
    roles = "".join(f'{role} = "{column}"\n' for role, column in ROLES.items())
    told = f'{head}{roles}positive_class = "{positive}"\n[windows]\nsize = "1 week"\n'
    (tmp_path / "case.toml").write_text(told, encoding="utf-8")
    with open_workspace(load_case(tmp_path)) as workspace:
        table = measure_performance(workspace).table
    usual = measured(lambda t, _: t).table
    recall = [one.loc[one["metric"] == "recall", "value"].to_numpy() for one in (table, usual)]
    np.testing.assert_allclose(recall[0], recall[1])


def test_calibration_of_a_class_has_a_reason_and_no_number() -> None:
    table = measured(lambda t, _: t.assign(score=t["decision"])).table
    mine = table[table["metric"].isin(["calibration_intercept", "calibration_slope", "brier", "log_loss"])]
    assert mine["value"].isna().all()
    assert set(mine["reason"]) == {"score_is_a_class"}


def test_nothing_takes_a_class_for_a_probability() -> None:
    said = "Scores are only 0 and 1: a class and no probability."
    both = [rows("2026-01-05", 0), rows("2026-03-02", 1).assign(label=1)]
    with open_tables(*(table.assign(score=table["decision"]) for table in both), roles=ROLES, windows="1 week") as workspace:
        performance = judge_performance(measure_performance(workspace))
        concept, estimate = measure_concept(workspace), measure_estimate(workspace)
        segments = measure_segments(workspace)
    assert not {"level", "calibration"} & set(performance.result.evidence)
    assert "Scores were too" not in performance_answer(performance).doubt
    assert concept.metric == "accuracy"
    assert not {"level", "calibration_slope"} & set(concept.table["method"])
    assert not {"brier", "log_loss"} & set(estimate.table["metric"])
    assert set(segments.table["metric"]) <= {"accuracy"}
    assert said in concept_answer(judge_concept(concept)).doubt
    assert said in estimate_answer(judge_estimate(estimate)).doubt


def test_no_positive_in_a_window_is_a_reason_and_never_0() -> None:
    table = measured(lambda t, late: t.assign(label=t["label"].where(t["at"] >= t["at"].iloc[600], 0)) if late else t).table
    first = table[table["metric"].isin(["recall", "roc_auc"]) & table["window"].eq(table["window"].iloc[0])]
    assert first["value"].isna().all()
    assert set(first["reason"]) == {"no_positives", "one_class"}


def test_a_class_that_the_reference_never_had_is_named() -> None:
    def three(table: pd.DataFrame, late: bool) -> pd.DataFrame:
        label = np.where(table["id"] % 3 == 0, "x", "y")
        return table.assign(label=np.where(late & (table["id"] % 5 == 0), "w", label), decision=np.where(table["id"] % 3 == 0, "x", "y"))

    found = measured(three, task="multiclass", score=None)
    assert any("The reference has no label 'w' (400 rows)" in one.message for one in found.skipped)


def test_labels_of_unknown_and_of_repeated_ids_are_counted(tmp_path: Path) -> None:
    reference, production = rows("2026-01-05", 0), rows("2026-03-02", 1).assign(id=lambda t: t["id"] + 5_000)
    late = production[["id", "label"]]
    labels = pd.concat([late, late.head(20), late.head(7).assign(id=lambda t: t["id"] + 90_000)])
    reference.to_parquet(tmp_path / "r.parquet")
    production.drop(columns="label").to_parquet(tmp_path / "p.parquet")
    labels.to_parquet(tmp_path / "l.parquet")
    head = '[case]\nname = "x"\ntask = "binary"\n[data]\nreference = "r.parquet"\nproduction = "p.parquet"\nlabels = "l.parquet"\n[roles]\n'
    roles = "".join(f'{role} = "{column}"\n' for role, column in ROLES.items())
    (tmp_path / "case.toml").write_text(f'{head}{roles}[windows]\nsize = "1 week"\n', encoding="utf-8")
    with open_workspace(load_case(tmp_path)) as workspace:
        said = [one.message for one in workspace.notes]
        assert measure_performance(workspace).labelled.sum() == 2_000
    assert any("7 rows have an id that is neither in the reference nor in production" in one for one in said)
    assert any("the latest label counts" in one for one in said)


def test_a_label_that_was_restated_counts_as_it_was_known_then(tmp_path: Path) -> None:
    reference, production = rows("2026-01-05", 0), rows("2026-03-02", 1).assign(id=lambda t: t["id"] + 5_000)
    first = production[["id"]].assign(label=0, known=production["at"] + pd.Timedelta(1, "D"))
    again = production[["id"]].head(100).assign(label=1, known=pd.Timestamp("2026-05-01"))
    reference.assign(known=reference["at"]).to_parquet(tmp_path / "r.parquet")
    production.drop(columns="label").to_parquet(tmp_path / "p.parquet")
    pd.concat([first, again]).to_parquet(tmp_path / "l.parquet")
    head = '[case]\nname = "x"\ntask = "binary"\n[data]\nreference = "r.parquet"\nproduction = "p.parquet"\nlabels = "l.parquet"\n[roles]\n'
    roles = "".join(f'{role} = "{column}"\n' for role, column in {**ROLES, "label_timestamp": "known"}.items())
    (tmp_path / "case.toml").write_text(f'{head}{roles}[windows]\nsize = "1 month"\n', encoding="utf-8")
    with open_workspace(load_case(tmp_path)) as workspace:
        now, then = (measure_performance(workspace, as_of=datetime(2026, month, 10, tzinfo=UTC)) for month in (6, 4))
    shares = [one.table.loc[one.table["metric"].eq("base_rate"), "value"].item() for one in (now, then)]
    assert shares == pytest.approx([100 / 2_000, 0.0])
    assert then.labelled.sum() == 2_000


def test_decisions_that_leave_the_threshold_of_the_case_are_said() -> None:
    def moved(table: pd.DataFrame, late: bool) -> pd.DataFrame:
        lower = np.where(late & (table["at"] >= "2026-03-16"), 0.2, 0.4)
        return table.assign(decision=(table["score"] >= lower).astype(int))

    found = measured(moved, threshold=0.4)
    note = next(one for one in found.skipped if one.reason == "decisions_off_threshold")
    production = rows("2026-03-02", 1)
    share = ((production["at"] >= "2026-03-16") & production["score"].between(0.2, 0.4, inclusive="left")).mean()
    assert f"{share:.0%} of rows (0% in the reference); first: week of 16 Mar" in note.message
    assert note.message in performance_answer(judge_performance(found)).doubt
    assert not [one for one in measured(lambda t, _: t, threshold=0.4).skipped if one.reason == "decisions_off_threshold"]


def test_rows_after_the_date_that_is_asked_for_are_no_rows_that_wait() -> None:
    moment = datetime(2026, 3, 16, tzinfo=UTC)
    roles = {**ROLES, "label_timestamp": "known"}
    sides = [t.assign(known=t["at"] + pd.Timedelta("3D")) for t in (rows("2026-01-05", 0), rows("2026-03-02", 1))]
    with open_tables(*sides, roles=roles, windows="1 week") as workspace:
        found = measure_performance(workspace, as_of=moment)
        estimate = measure_estimate(workspace, methods=("cbpe",), as_of=moment)
    there = int((sides[1]["at"] <= "2026-03-16").sum())
    assert found.rows.sum() == there
    assert estimate.rows.sum() == there
    assert found.windows.start.max() <= np.datetime64("2026-03-16")
