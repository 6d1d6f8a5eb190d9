"""A reference that the model was fitted on is told from a model that loses its touch later."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier

from monitor.analyses.concept import measure_concept
from monitor.analyses.estimate import measure_estimate
from monitor.analyses.fairness import measure_fairness
from monitor.analyses.performance import measure_performance
from monitor.analyses.performance_result import PerformanceResult
from monitor.analyses.segments import measure_segments
from monitor.engine import open_tables
from monitor.judgement.answers import concept_answer, estimate_answer, fairness_answer, performance_answer, segments_answer
from monitor.judgement.concept import judge_concept
from monitor.judgement.estimate import judge_estimate
from monitor.judgement.fairness import judge_fairness
from monitor.judgement.finding import FindingKind
from monitor.judgement.narration.sentences import sentence
from monitor.judgement.overfitting import in_sample_sentence, optimism_table
from monitor.judgement.performance import judge_performance
from monitor.judgement.segments import judge_segments

ROLES = {"timestamp": "at", "score": "score", "label": "label", "segments": ["place"]}


def drawn(start: str, seed: int, n: int = 4_000) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 1, (n, 4))
    label = (rng.random(n) < 1 / (1 + np.exp(1 - x[:, 0]))).astype(int)
    at = pd.date_range(start, periods=n, freq="15min")
    return pd.DataFrame({f"x{i}": x[:, i] for i in range(4)} | {"at": at, "label": label, "place": rng.choice(["a", "b"], n)})


def scored(model: RandomForestClassifier, table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(score=model.predict_proba(table[[f"x{i}" for i in range(4)]].to_numpy())[:, 1])


@pytest.fixture(scope="module")
def model() -> RandomForestClassifier:
    seen = drawn("2026-01-05", 0)
    return RandomForestClassifier(40, min_samples_leaf=10, random_state=0).fit(seen[[f"x{i}" for i in range(4)]].to_numpy(), seen["label"])


def measured(reference: pd.DataFrame, production: pd.DataFrame, **more: object) -> PerformanceResult:
    with open_tables(reference, production, roles=ROLES, windows="1 week") as workspace:
        return measure_performance(workspace, **more)  # type: ignore[arg-type]


def test_scores_of_rows_that_the_model_was_fitted_on_are_named(model: RandomForestClassifier) -> None:
    found = measured(scored(model, drawn("2026-01-05", 0)), scored(model, drawn("2026-03-02", 1)), by="place")
    assert in_sample_sentence(found).startswith("Scores of the reference look in-sample: ROC AUC is 0.")
    table = optimism_table(found)
    auc = table[table["metric"].eq("roc_auc")]
    assert (auc["upper"] < 0).all()
    assert auc["segment"].nunique(dropna=False) == 3
    judged = judge_performance(found)
    told = performance_answer(judged)
    assert told.headline == "Whether the model got worse cannot be told: the reference looks in-sample."
    assert "look in-sample" in told.doubt
    assert {one.status for one in judged.findings} == {"warning"}
    assert judged.summary["reference_in_sample"]


def test_all_that_is_compared_with_such_rows_says_so(model: RandomForestClassifier) -> None:
    reference, production = scored(model, drawn("2026-01-05", 0)), scored(model, drawn("2026-03-02", 1))
    said = "Scores of the reference look in-sample"
    with open_tables(reference, production, roles={**ROLES, "threshold": 0.4, "protected": ["place"]}, windows="1 week") as workspace:
        concept = judge_concept(measure_concept(workspace))
        assert said in concept_answer(concept).doubt
        assert concept_answer(concept).headline == "Whether the relation changed cannot be told: the reference looks in-sample."
        assert {one.method for one in concept.findings} <= {"prior"}
        assert said in segments_answer(judge_segments(measure_segments(workspace))).doubt
        estimate = judge_estimate(measure_estimate(workspace, methods=("cbpe",)))
        assert said in estimate_answer(estimate).doubt
        failed = [sentence(one, estimate.names) for one in estimate.findings if one.kind is FindingKind.ESTIMATE]
        assert failed
        assert not [one for one in failed if "concept drift" in one]
        assert any(one.endswith("the reference looks in-sample.") for one in failed)
        assert said in fairness_answer(judge_fairness(measure_fairness(workspace))).doubt


def test_held_out_rows_are_not(model: RandomForestClassifier) -> None:
    found = measured(scored(model, drawn("2026-01-05", 2)), scored(model, drawn("2026-03-02", 1)))
    assert in_sample_sentence(found) == ""
    auc = optimism_table(found).set_index("metric").loc["roc_auc"]
    assert auc["lower"] < 0 < auc["upper"]


def test_a_model_that_fails_later_is_not_called_overfitted(model: RandomForestClassifier) -> None:
    production = scored(model, drawn("2026-03-02", 1))
    late = np.arange(len(production)) > 2_000
    production.loc[late, "score"] = np.random.default_rng(0).permutation(production.loc[late, "score"].to_numpy())
    assert in_sample_sentence(measured(scored(model, drawn("2026-01-05", 2)), production)) == ""
