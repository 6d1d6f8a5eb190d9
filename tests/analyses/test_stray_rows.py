"""Rows of a binary task whose score or label cannot be: they are left out and counted, and what the others say is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.concept import measure_concept
from monitor.analyses.estimate import measure_estimate
from monitor.analyses.performance import measure_performance
from monitor.engine import open_tables

ROLES = {"timestamp": "at", "score": "score", "prediction": "said", "label": "label", "positive_class": "yes"}


def rows(start: str, seed: int) -> pd.DataFrame:
    """20 days of 100 rows of a calibrated score."""
    rng = np.random.default_rng(seed)
    score = rng.beta(1, 3, 2_000)
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(2_000) * 864, unit="s")
    said = np.where(score >= 0.5, "yes", "no")
    return pd.DataFrame({"at": at, "score": score, "said": said, "label": np.where(rng.random(2_000) < score, "yes", "no")})


def performance(reference: pd.DataFrame, production: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, str]]:
    with open_tables(reference, production, roles=ROLES, windows="1 day") as workspace:
        result = measure_performance(workspace)
    return result.table.set_index(["metric", "window"])["value"].unstack(), {one.reason: one.message for one in result.skipped}


def test_a_few_scores_beyond_0_to_1_are_left_out_and_counted() -> None:
    later, wrong = rows("2026-02-01", 2), np.arange(0, 2_000, 200)
    later.loc[wrong, "score"] = 1.7
    found, notes = performance(rows("2026-01-01", 1), later)
    kept = later.drop(index=wrong)
    error = (kept["score"] - (kept["label"] == "yes")) ** 2
    assert found.loc["brier"].to_numpy() == pytest.approx(error.groupby(kept["at"].dt.date).mean().to_numpy())
    assert notes["stray_scores"] == "Left out: 10 scores of the production beyond 0 to 1."


def test_many_scores_beyond_0_to_1_are_no_probabilities() -> None:
    later = rows("2026-02-01", 2)
    later.loc[::50, "score"] = 1.7
    found, notes = performance(rows("2026-01-01", 1), later)
    assert found.loc["brier"].isna().all()
    assert "score_is_no_probability" in notes


def test_a_label_that_the_reference_has_not_is_neither_positive_nor_negative() -> None:
    reference, later = rows("2026-01-01", 1), rows("2026-02-01", 2)
    later.loc[1_000::10, "label"] = "unclear"
    found, notes = performance(reference, later)
    kept = later[later["label"] != "unclear"]
    share = kept["label"].eq("yes").groupby(kept["at"].dt.date).mean()
    assert found.loc["base_rate"].to_numpy() == pytest.approx(share.to_numpy())
    assert "'unclear' (100 rows)" in notes["unknown_label"]
    with open_tables(reference, later, roles=ROLES, windows="1 day") as workspace:
        relation, estimate = measure_concept(workspace), measure_estimate(workspace)
    assert int(relation.labelled.sum()) == int(estimate.labelled.sum()) == 1_900
    for one in (relation, estimate):
        assert "unknown_label" in {note.reason for note in one.skipped}


def test_several_negative_labels_of_the_reference_are_said() -> None:
    both = [rows("2026-01-01", 1), rows("2026-02-01", 2)]
    for one in both:
        one.loc[one.index[::7], "label"] = "maybe"
    found, notes = performance(*both)
    assert notes["several_negative_classes"].startswith("'maybe' and 'no' count as negative")
    share = both[1]["label"].eq("yes").groupby(both[1]["at"].dt.date).mean()
    assert found.loc["base_rate"].to_numpy() == pytest.approx(share.to_numpy())
