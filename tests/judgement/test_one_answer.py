"""A model that decides all rows alike, stretches of a wrong level, and verdicts that silence is not worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.performance import measure_performance
from monitor.engine import open_tables
from monitor.judgement.answers import performance_answer
from monitor.judgement.level import level_text
from monitor.judgement.one_answer import one_answer
from monitor.judgement.performance import JudgedPerformance, judge_performance
from monitor.stats.performance.estimates import Estimate
from monitor.stats.performance.levels import stretches

ROLES = {"timestamp": "at", "prediction": "decision", "score": "score", "label": "label"}


def days(start: str, *, seed: int, none_from: int = 99, high_from: int = 99) -> pd.DataFrame:
    """30 days of 100 rows of a calibrated score; from a day on none is decided positive, or labels are more often than scores say."""
    rng = np.random.default_rng(seed)
    n = 3_000
    score, day = rng.beta(2, 5, n), np.arange(n) // 100
    label = rng.random(n) < score + 0.15 * (day >= high_from)
    decision = (score >= 0.4) & (day < none_from)
    at = pd.Timestamp(start) + pd.to_timedelta(np.arange(n) * 864, unit="s")
    return pd.DataFrame({"at": at, "score": score, "decision": decision.astype(int), "label": label.astype(int)})


def judged(production: pd.DataFrame) -> JudgedPerformance:
    with open_tables(days("2026-01-01", seed=0), production, roles=ROLES, windows="1 day") as workspace:
        return judge_performance(measure_performance(workspace))


@pytest.fixture(scope="module")
def silent() -> JudgedPerformance:
    return judged(days("2026-02-01", seed=1, none_from=15))


def test_no_row_decided_positive_is_told_with_its_days(silent: JudgedPerformance) -> None:
    told = next(one for one in silent.findings if one.carried)
    assert (told.what, told.status, told.after) == ("recall", "alert", 0.0)
    assert told.start == np.datetime64("2026-02-16")
    assert told.ongoing
    assert "No row is decided positive since 16 Feb" in performance_answer(silent).headline or told in silent.findings


def test_recall_and_the_share_decided_carry_the_verdict(silent: JudgedPerformance) -> None:
    late = silent.table[silent.table["window"] >= "2026-02-17"]
    for metric in ("recall", "selection_rate"):
        assert set(late.loc[late["metric"].eq(metric), "status"]) == {"alert"}


def test_metrics_that_nobody_asked_for_say_so(silent: JudgedPerformance) -> None:
    table = silent.table
    assert set(table.loc[table["metric"].eq("specificity"), "reason"]) == {"not_asked"}
    assert table.loc[table["status"].eq("not_judged"), "reason"].notna().all()


def estimate(values: list[float], rows: float = 100.0) -> Estimate:
    value, n = np.array(values), np.full(len(values), rows)
    none = np.zeros(len(values))
    return Estimate(value, none, none, none, n, np.full(len(values), "", dtype=object), value)


def test_a_stretch_that_the_reference_had_as_long_is_no_news() -> None:
    own = estimate([0.3, 0.0, 0.0, 0.3, 0.3, 0.3])
    usable = np.ones(6, dtype=bool)
    assert one_answer(estimate([0.3, 0.0, 0.0, 0.0, 0.0, 0.3]), own, usable) == []
    (found,) = one_answer(estimate([0.3, 0.0, 0.0, 0.0, 0.0, 0.0]), own, usable)
    assert (found.run.first, found.run.last, found.positive, found.longest) == (1, 5, False, 2)


def test_scores_that_are_too_low_are_told_with_their_days() -> None:
    found = judged(days("2026-02-01", seed=2, high_from=12))
    assert level_text(found).startswith("Scores were too low from 1")
    assert "Feb to 2 Mar (43% positive, 29% said)" in level_text(found)


def test_a_level_beside_no_change_is_said_to_be_none() -> None:
    found = judged(days("2026-02-01", seed=2, high_from=12))
    assert "That is no more than" not in performance_answer(found).doubt
    said = performance_answer(replace(found, findings=()))
    assert said.headline == "No metric of the model changed beyond chance."
    assert "29% said). That is no more than windows of the reference differ." in said.doubt


def test_noise_of_windows_makes_few_stretches() -> None:
    """A level is told, not alarmed on: where none is wrong, one in ten screens may have a stretch."""
    told = 0
    for seed in range(60):
        error = np.random.default_rng(seed).normal(0, 0.1, 40)
        told += any(one.told for one in stretches(error, np.full(40, 0.01)))
    assert told <= 12


def test_a_quiet_day_is_no_fact_where_nine_days_vary_much() -> None:
    """The lowest of nine days is no bound of forty more; of nine days that are nearly alike it nearly is."""
    now = estimate([0.2] * 20 + [0.0] + [0.2] * 19, 900.0)
    usable = np.ones(40, dtype=bool)
    assert one_answer(now, estimate([0.03, 0.3, 0.1, 0.5, 0.2, 0.06, 0.4, 0.15, 0.25]), usable) == []
    (told,) = one_answer(now, estimate([0.19, 0.2, 0.21, 0.2, 0.18, 0.22, 0.2, 0.21, 0.19]), usable)
    assert (told.run.first, told.run.last) == (20, 20)
