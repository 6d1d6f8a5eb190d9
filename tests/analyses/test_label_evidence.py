"""Labels that are missing not at random, that exist of one decision only, that still wait: on simulated rows with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.concept import measure_concept
from monitor.analyses.estimate import measure_estimate
from monitor.analyses.label_weights import at_random
from monitor.analyses.performance import measure_performance
from monitor.analyses.performance_result import PerformanceResult
from monitor.analyses.segments import measure_segments
from monitor.engine import open_tables
from monitor.judgement.answers import concept_answer, estimate_answer, performance_answer, segments_answer
from monitor.judgement.concept import judge_concept
from monitor.judgement.estimate import judge_estimate
from monitor.judgement.performance import judge_performance
from monitor.judgement.segments import judge_segments
from monitor.stats.performance.selective import ONLY_NEGATIVE, ONLY_POSITIVE

ROLES = {"timestamp": "at", "prediction": "decision", "score": "score", "label": "label"}


def rows(start: str, seed: int, n: int = 12_000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.beta(2, 3, n)
    label = (rng.random(n) < score).astype(float)
    at = pd.date_range(start, periods=n, freq="5min")
    return pd.DataFrame({"at": at, "score": score, "decision": (score >= 0.4).astype(int), "label": label})


def measured(reference: pd.DataFrame, production: pd.DataFrame, **roles: str) -> PerformanceResult:
    with open_tables(reference, production, roles={**ROLES, **roles}, windows="1 week") as workspace:
        return measure_performance(workspace)


def test_labels_that_come_more_often_for_high_scores_are_weighted() -> None:
    production, rng = rows("2026-03-02", 1), np.random.default_rng(9)
    truth = production["label"].mean()
    seen = production.assign(label=production["label"].where(rng.random(len(production)) < production["score"]))
    found = measured(rows("2026-01-05", 0), seen)
    assert not at_random(found.evidence["labels"])
    told = found.evidence["weighted"].set_index("metric").loc["base_rate"]
    assert abs(told["plain"] - truth) > 0.05
    assert told["lower"] < truth < told["upper"]
    assert abs(told["weighted"] - truth) < 0.02
    assert "not missing at random" in performance_answer(judge_performance(found)).doubt


def test_labels_that_are_missing_by_chance_are_not_called_otherwise() -> None:
    production, rng = rows("2026-03-02", 1), np.random.default_rng(9)
    found = measured(rows("2026-01-05", 0), production.assign(label=production["label"].where(rng.random(len(production)) < 0.5)))
    assert at_random(found.evidence["labels"])
    assert "at random" not in performance_answer(judge_performance(found)).doubt


@pytest.mark.parametrize(("granted", "reason", "known"), [(1, ONLY_POSITIVE, {"precision"}), (0, ONLY_NEGATIVE, set())])
def test_labels_of_one_decision_only_give_bounds_that_hold_the_truth(granted: int, reason: str, known: set[str]) -> None:
    reference, production = (
        table.assign(label=table["label"].where(table["decision"] == granted)) for table in (rows("2026-01-05", 0), rows("2026-03-02", 1))
    )
    found = measured(reference, production)
    table = found.table[found.table["reason"].eq(reason)]
    assert {"recall", "accuracy", "false_positive_rate", "roc_auc"} <= set(table["metric"])
    assert table["value"].isna().all()
    told = found.table[found.table["metric"].isin(known)]
    assert told["value"].notna().all()
    full = measured(rows("2026-01-05", 0), rows("2026-03-02", 1)).table.set_index(["metric", "window"])["value"]
    bounds = table[table["lower"].notna()].set_index(["metric", "window"])
    for key, one in bounds.iterrows():
        assert one["lower"] - 1e-9 <= full[key] <= one["upper"] + 1e-9
    assert "Labels exist only where the model decided" in performance_answer(judge_performance(found)).doubt


def test_labels_of_granted_rows_alone_raise_no_alarm_beside_a_reference_that_has_all() -> None:
    production = rows("2026-03-02", 1)
    seen = production.assign(label=production["label"].where(production["decision"] == 1))
    judged = judge_performance(measured(rows("2026-01-05", 0), seen))
    assert judged.findings == ()
    table = judged.table.set_index(["metric", "window"])["value"]
    share = production["decision"].groupby(production["at"].dt.strftime("%G-W%V")).mean()
    assert table["selection_rate"].to_numpy() == pytest.approx(share.to_numpy())


def test_concept_segments_and_estimate_say_that_labels_are_of_granted_rows() -> None:
    production = rows("2026-03-02", 1)
    seen = production.assign(label=production["label"].where(production["decision"] == 1))
    with open_tables(rows("2026-01-05", 0), seen, roles=ROLES, windows="1 week") as workspace:
        concept = judge_concept(measure_concept(workspace))
        told = [
            concept_answer(concept),
            segments_answer(judge_segments(measure_segments(workspace))),
            estimate_answer(judge_estimate(measure_estimate(workspace, methods=("cbpe",)))),
        ]
    assert all("Labels of production exist only where the model decided positive" in one.doubt for one in told)
    assert not {"prior", "total", "association"} & set(concept.table["method"])
    assert concept.findings == ()


def test_windows_that_wait_are_told_what_they_will_come_to() -> None:
    def late(start: str, seed: int) -> pd.DataFrame:
        table, rng = rows(start, seed), np.random.default_rng(seed)
        return table.assign(known=table["at"] + pd.to_timedelta(rng.exponential(10, len(table)), unit="D"))

    reference, production = late("2026-01-05", 0), late("2026-03-02", 1)
    end = production["at"].max()
    seen = production.assign(
        label=production["label"].where(production["known"] <= end), known=production["known"].where(production["known"] <= end)
    )
    found = measured(reference[reference["known"] <= end], seen, label_timestamp="known")
    last = found.evidence["vintages"].drop_duplicates("window", keep="last").set_index("window")
    truth = production["label"].groupby(production["at"].dt.strftime("%G-W%V")).sum()
    inside = [row["lower"] * 0.9 <= truth[window] <= row["upper"] * 1.1 for window, row in last.iterrows() if row["age"] >= 1]
    assert np.mean(inside) >= 0.75
    assert last["maturity"].iloc[0] > last["maturity"].iloc[-1]


@pytest.fixture(scope="module")
def chosen() -> pd.DataFrame:
    production, rng = rows("2026-03-02", 1), np.random.default_rng(9)
    seen = rng.random(len(production)) < np.clip(0.03 + 1.2 * (production["score"] - 0.2), 0.03, 1)
    return production.assign(label=production["label"].where(seen))


def test_labels_that_depend_on_the_score_raise_no_alarm_where_nothing_drifts(chosen: pd.DataFrame) -> None:
    full = measured(rows("2026-01-05", 0), rows("2026-03-02", 1)).table.groupby("metric")["value"].mean()
    judged = judge_performance(measured(rows("2026-01-05", 0), chosen))
    assert judged.findings == ()
    told = judged.table.groupby("metric")["value"].mean()
    near = ["accuracy", "recall", "false_positive_rate", "base_rate", "brier", "roc_auc", "ece", "selection_rate"]
    assert np.abs(told[near] - full[near]).max() < 0.035
    assert told["lift_top_decile"] == pytest.approx(full["lift_top_decile"], rel=0.1)
    assert "rows are weighted to stand for all" in performance_answer(judged).doubt


def test_a_few_more_labels_of_low_scores_are_no_choice_that_matters() -> None:
    seen = rows("2026-03-02", 1)
    known = np.random.default_rng(5).random(len(seen)) < 0.99 - 0.09 * seen["score"]
    found = measured(rows("2026-01-05", 0), seen.assign(label=seen["label"].where(known)))
    assert "labels_not_at_random" not in {one.reason for one in found.skipped}


def test_a_change_is_still_seen_in_labels_that_depend_on_the_score(chosen: pd.DataFrame) -> None:
    rng, late = np.random.default_rng(3), chosen["at"] >= "2026-03-16"
    wrong = chosen.assign(label=chosen["label"].where(~late | chosen["label"].isna(), (rng.random(len(chosen)) < 0.4).astype(float)))
    judged = judge_performance(measured(rows("2026-01-05", 0), wrong))
    assert {"roc_auc", "brier"} <= {one.what for one in judged.findings if one.status == "alert"}


def test_both_sides_that_choose_alike_are_compared_as_they_are() -> None:
    def half(start: str, seed: int) -> pd.DataFrame:
        table, rng = rows(start, seed), np.random.default_rng(seed)
        return table.assign(label=table["label"].where(rng.random(len(table)) < table["score"]))

    found = measured(half("2026-01-05", 0), half("2026-03-02", 1))
    assert not found.weighed
    assert not at_random(found.evidence["labels"])


def test_windows_with_scores_of_which_no_row_gets_a_label_are_not_judged(chosen: pd.DataFrame) -> None:
    seen = chosen.assign(label=chosen["label"].where(chosen["score"] >= 0.25))
    judged = judge_performance(measured(rows("2026-01-05", 0), seen))
    assert judged.findings == ()
    table = judged.table[judged.table["metric"].isin(["accuracy", "false_positive_rate", "base_rate"])]
    assert set(table["reason"]) == {"labels_not_at_random"}
    assert set(table["status"]) == {"not_judged"}


def test_concept_and_estimate_call_no_choice_of_labels_a_drift(chosen: pd.DataFrame) -> None:
    with open_tables(rows("2026-01-05", 0), chosen, roles=ROLES, windows="1 week") as workspace:
        concept = judge_concept(measure_concept(workspace))
        estimate = judge_estimate(measure_estimate(workspace, methods=("cbpe",)))
    assert concept.findings == ()
    assert estimate.findings == ()
    for told in (concept_answer(concept), estimate_answer(estimate)):
        assert "Labels are not missing at random" in told.doubt
