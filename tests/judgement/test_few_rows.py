"""Windows with fewer rows than are asked for: facts are told from however few, all else is not judged, and rows and words agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

import monitor
from monitor.judgement.answers import inputs_answer


def _judged(rows: int) -> monitor.JudgedDrift:
    rng = np.random.default_rng(8)
    day = np.repeat(np.arange(12), rows)
    at = pd.Timestamp("2026-03-02") + pd.to_timedelta(day * 86_400 + rng.integers(0, 86_400, len(day)), unit="s")
    frame = pd.DataFrame({"at": at, "code": np.where(day < 8, "old", "new"), "same": rng.normal(size=len(day))})
    frame["moved"] = rng.normal(size=len(day)) + 2.0 * (day >= 8)
    with monitor.open_tables(frame[day < 6], frame[day >= 6], roles={"timestamp": "at"}, task="none", windows="1 day") as workspace:
        return monitor.judge_drift(monitor.measure_drift(workspace))


def test_a_fact_is_told_from_few_rows_and_its_rows_say_so() -> None:
    judged = _judged(12)
    (one,) = judged.findings
    assert (one.what, one.windows, one.status) == ("code", 4, "alert")
    rows = judged.primary[judged.primary["column"].eq("code")].set_index("window")["status"]
    assert rows.iloc[:2].tolist() == ["too_few_rows"] * 2
    assert rows.iloc[2:].tolist() == ["alert"] * 4


def _said(judged: monitor.JudgedDrift) -> str:
    answer = inputs_answer(judged)
    return f"{answer.headline} {answer.doubt}"


def test_the_answer_counts_what_could_not_be_judged_without_what_changed() -> None:
    assert "2 columns could not be judged: every window has fewer than 30 rows" in _said(_judged(12))
    assert "2 of 3 columns changed" in _said(_judged(60))
