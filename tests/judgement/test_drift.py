"""Verdicts from tables to the judged table: what is planted is found, what is chance is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.engine import open_tables
from monitor.judgement.assessment import assess_drift
from monitor.judgement.drift import JUDGED, JudgedDrift, judge_drift
from monitor.judgement.findings import ALARMS, find_drift
from monitor.judgement.thresholds import DriftThresholds
from monitor.vocabulary import Status

DAYS, ROWS = 12, 300


def table(rng: np.random.Generator, *, cluster: int = 1, columns: int = 3) -> pd.DataFrame:
    """Return twelve days of 300 rows; `cluster` rows at a time share all their values."""
    count = DAYS * ROWS // cluster
    values = {f"number {i}": np.repeat(rng.normal(size=count), cluster) for i in range(columns)}
    levels = np.repeat(rng.choice(["a", "b", "c"], count, p=[0.5, 0.3, 0.2]), cluster)
    at = np.datetime64("2013-01-01", "us") + np.arange(DAYS * ROWS) * np.timedelta64(86_400 // ROWS, "s")
    return pd.DataFrame({"at": at, **values, "level": levels})


def judge(reference: pd.DataFrame, production: pd.DataFrame, cache: Path, *methods: str, **thresholds: Any) -> JudgedDrift:
    later = production.assign(at=production["at"] + pd.Timedelta(days=DAYS))
    with open_tables(reference, later, roles={"timestamp": "at"}, windows="1 day", cache=cache) as workspace:
        return judge_drift(measure_drift(workspace, methods=methods or ("default",)), DriftThresholds(**thresholds))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> JudgedDrift:
    """From the seventh day on, number 0 is half a standard deviation higher, a fifth of number 1 is missing, and c becomes d."""
    rng = np.random.default_rng(0)
    reference, production = table(rng), table(rng)
    late = production["at"] >= "2013-01-07"
    production.loc[late, "number 0"] += 0.5
    production.loc[late & (rng.random(len(production)) < 0.2), "number 1"] = np.nan
    production.loc[late & (production["level"] == "c"), "level"] = "d"
    return judge(reference, production, tmp_path_factory.mktemp("cache"))


def statuses(judged: JudgedDrift, column: str) -> list[str]:
    return judged.primary.loc[judged.primary["column"] == column, "status"].tolist()


def test_planted_drift_alarms_from_its_onset_on(planted: JudgedDrift) -> None:
    quiet = statuses(planted, "number 2")
    for column in ("number 0", "number 1", "level"):
        found = statuses(planted, column)
        quiet += found[:6]
        assert all(status in ALARMS for status in found[6:])
    assert sum(status in ALARMS for status in quiet) <= 1  # as many as `expected_false_alarms` says


def test_each_column_and_window_has_one_row_that_speaks_for_it(planted: JudgedDrift) -> None:
    assert not planted.primary.duplicated(["column", "window"]).any()
    assert len(planted.primary) == planted.family == 4 * DAYS
    assert list(planted.table.columns[: len(JUDGED.columns)]) == list(JUDGED.columns)


def test_directions_in_words(planted: JudgedDrift) -> None:
    last = planted.primary.groupby("column").nth(-1).set_index("column")
    assert last["direction"].to_dict() == {
        "number 0": "higher",
        "number 1": "more missing",
        "number 2": last.loc["number 2", "direction"],
        "level": "more rare or new levels",
    }


def test_expected_false_alarms_is_q_of_the_alarms(planted: JudgedDrift) -> None:
    alarms = int(planted.primary["status"].isin(ALARMS).sum())
    assert planted.expected_false_alarms == pytest.approx(0.05 * alarms)


def test_q_is_at_least_p_and_keeps_its_order(planted: JudgedDrift) -> None:
    rows = planted.table[planted.table["method"] == "js"]
    assert (rows["q_value"] >= rows["p_change"]).all()
    assert rows.sort_values("p_change")["q_value"].is_monotonic_increasing


def test_findings_name_the_onset(planted: JudgedDrift) -> None:
    found = {finding.column: finding for finding in find_drift(planted)}
    assert {name: finding.onset for name, finding in found.items()} == dict.fromkeys(("number 0", "number 1", "level"), "2013-01-19")
    assert found["number 0"].windows_alarmed == 6
    assert found["number 0"].share_rows == pytest.approx(0.5)


def test_other_thresholds_need_no_second_look_at_the_data(planted: JudgedDrift) -> None:
    assessment = assess_drift(planted.result)
    assert judge_drift(assessment).table.equals(planted.table)
    strict = judge_drift(assessment, DriftThresholds(floor=2.0, method={"*": "js"}))
    assert not strict.primary["status"].isin(ALARMS).any()


def test_fixed_threshold_alarms_whatever_chance_does(planted: JudgedDrift) -> None:
    judged = judge_drift(planted.result, DriftThresholds(fixed={"number 2:js": 0.0, "number 0:js": 2.0}, method={"number ?": "js"}))
    assert set(statuses(judged, "number 2")) == {"alert"}
    assert set(statuses(judged, "number 0")) == {"stable"}


def test_too_few_rows_is_not_an_alarm(planted: JudgedDrift) -> None:
    assert set(judge_drift(planted.result, DriftThresholds(min_rows=301)).table["status"]) == {"too_few_rows"}


def test_extremes_are_shown_but_not_judged(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    judged = judge(table(rng, columns=1), table(rng, columns=1), tmp_path, "max_change")
    assert set(judged.table["status"]) == {Status.NOT_JUDGED.value}


def test_another_tools_profile_keeps_its_own_verdict(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    reference, production = table(rng, columns=1), table(rng, columns=1)
    production["number 0"] += 0.2
    judged = judge(reference, production, tmp_path, "evidently")
    rows = judged.table[judged.table["method"] == "evidently.wasserstein"]
    assert (rows["expected"] == 0.1).all()
    assert ((rows["score"] >= 0.1) == (rows["status"] == "alert")).all()


def alarms_without_drift(cache: Path, *, cluster: int, seeds: int) -> tuple[float, int]:
    """Return the share of column-windows that alarm and the number of screens with any alarm."""
    shares = []
    for seed in range(seeds):
        rng = np.random.default_rng([cluster, seed])
        judged = judge(table(rng, cluster=cluster, columns=4), table(rng, cluster=cluster, columns=4), cache / str(seed))
        shares.append(judged.primary["status"].isin(ALARMS).mean())
    return float(np.mean(shares)), int(np.sum(np.array(shares) > 0))


@pytest.mark.parametrize("cluster", [1, 20])
def test_no_drift_no_alarm(tmp_path: Path, cluster: int) -> None:
    share, screens = alarms_without_drift(tmp_path, cluster=cluster, seeds=4)
    assert share <= 0.01
    assert screens <= 1  # of four; at a true 5 % two or more have a chance of 1.4 %


def test_clustered_rows_would_alarm_if_rows_were_taken_for_independent(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    judged = judge(table(rng, columns=6), table(rng, cluster=20, columns=6), tmp_path)
    assert judged.primary["status"].isin(ALARMS).mean() > 0.3


def test_a_baseline_that_moves_along_sees_only_the_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    reference, production = table(rng, columns=1), table(rng, columns=1)
    production.loc[production["at"] >= "2013-01-07", "number 0"] += 1.0
    production["at"] += pd.Timedelta(days=DAYS)
    with open_tables(reference, production, roles={"timestamp": "at"}, windows="1 day", cache=tmp_path) as workspace:
        judged = judge_drift(measure_drift(workspace, Question(against="previous")))
    rows = judged.primary[judged.primary["column"] == "number 0"]
    assert rows.loc[rows["status"].isin(ALARMS), "window"].tolist() == ["2013-01-19"]
