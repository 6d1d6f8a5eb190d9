"""What is compared with other windows than the whole reference: a weekday that is as ever is no change, and one that is not is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import monitor

AGAINST = ("weekday", "previous", "rolling:7", "expanding")
WEEKDAYS = 3.0 * np.array([0, 0.3, 0.6, 1, 0.6, -1.3, -1.6])


def _findings(against: str, *, moved: float) -> list[monitor.Finding]:
    rng = np.random.default_rng(11)
    days = np.repeat(np.arange(70), 300)
    frame = pd.DataFrame({"at": pd.Timestamp("2025-03-03") + pd.to_timedelta(days * 86_400 + rng.integers(0, 86_400, len(days)), unit="s")})
    frame["load"] = rng.normal(10 + WEEKDAYS[days % 7] + moved * (days >= 56), 3)
    frame["other"] = rng.normal(0, 1, len(days))
    question = monitor.Question(against=against, windows="1 day")
    with monitor.open_tables(frame[days < 42], frame[days >= 42], roles={"timestamp": "at"}, task="none", windows="1 day") as workspace:
        return list(monitor.judge_drift(monitor.measure_drift(workspace, question)).findings)


@pytest.mark.parametrize("against", AGAINST)
def test_a_weekday_is_no_change(against: str) -> None:
    assert _findings(against, moved=0.0) == []


@pytest.mark.parametrize("against", AGAINST)
def test_a_jump_is_told_of_its_column_alone(against: str) -> None:
    found = _findings(against, moved=2.0)
    assert {one.what for one in found} == {"load"}
    assert min(str(one.start) for one in found)[:10] == "2025-04-28"
