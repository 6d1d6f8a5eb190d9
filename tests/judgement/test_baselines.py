"""Windows that are compared with other windows: what is told of them is of these, and silence where nothing could be seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.engine import open_tables
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.finding import Direction, FindingKind
from monitor.vocabulary import Status

ROWS, OLD, NEW = 200, 30, 20


def days(seed: int, first: str, count: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    at = pd.Timestamp(first) + pd.to_timedelta(np.arange(count * ROWS) * (24 * 60 / ROWS), unit="min")
    return pd.DataFrame({"at": at, "x": rng.normal(100, 10, len(at)), "plan": rng.choice(["a", "b", "c"], len(at))})


def judged(production: pd.DataFrame, against: str, folder: Path) -> JudgedDrift:
    reference = days(1, "2025-01-01", OLD)
    with open_tables(reference, production, roles={"timestamp": "at"}, windows="1 day", cache=folder) as workspace:
        return judge_drift(measure_drift(workspace, Question(against=against)))


@pytest.mark.parametrize(("against", "before"), [("previous", 150.0), ("rolling:3", 150.0), ("expanding", None)])
def test_what_is_told_to_have_been_before_is_that_of_the_windows_compared_with(against: str, before: float | None, tmp_path: Path) -> None:
    production = days(2, "2025-01-31", NEW)
    day = np.arange(len(production)) // ROWS
    production["x"] += np.where(day < 8, 50, 0)  # from the first day on, and back to the reference's level on the ninth
    found = [one for one in judged(production, against, tmp_path).findings if one.what == "x" and one.kind is FindingKind.VALUE]
    back = next(one for one in found if one.first == 8 and one.direction is Direction.LOWER)
    assert back.after == pytest.approx(100, abs=5)
    assert back.before > 105 if before is None else back.before == pytest.approx(before, abs=20)


def test_a_window_with_nothing_before_it_says_nothing(tmp_path: Path) -> None:
    production = days(2, "2024-12-01", NEW)  # before the reference
    production["x"] += 50
    result = judged(production, "previous", tmp_path)
    assert [one for one in result.findings if one.first == 0] == []


def test_where_no_change_could_be_named_nothing_is_called_stable(tmp_path: Path) -> None:
    production = days(2, "2025-01-31", NEW)
    day = np.arange(len(production)) // ROWS
    production.loc[day == 12, "plan"] = "never seen"
    table = judged(production, "previous", tmp_path).table
    stable = table[(table["column"] == "plan") & (table["status"] == Status.STABLE.value)]
    assert len(stable)
    assert stable["limit"].notna().all()
    new = table[(table["column"] == "plan") & (table["method"] == "new_levels")]
    assert (new["status"] != Status.STABLE.value).all()
    assert new["reason"].notna().all()
