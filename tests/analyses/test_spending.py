"""What a month costs and will have cost, against its budget."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.operations import measure_operations
from monitor.engine import open_tables
from monitor.judgement.findings import findings_table
from monitor.judgement.narration.months import month_text
from monitor.judgement.operations import JudgedOperations, judge_operations
from monitor.stats.operations.forecast import month_end

DAYS = (100, 102, 98, 101, 99, 120, 125, 103, 101, 100)


def calls(start: str, costs: tuple[float, ...], a_day: int = 50) -> pd.DataFrame:
    at = pd.date_range(start, periods=len(costs) * a_day, freq=f"{86_400 // a_day}s")
    return pd.DataFrame({"at": at, "cost": np.repeat(np.array(costs) / a_day, a_day)})


def judged(production: pd.DataFrame, budget: float | None = None) -> JudgedOperations:
    thresholds: dict[str, Any] = {"thresholds": {"operations": {"monthly_budget": budget}}} if budget else {}
    roles = {"timestamp": "at", "cost": "cost"}
    with open_tables(calls("2026-05-01", DAYS * 3), production, roles=roles, task="none", windows="1 day", **thresholds) as workspace:
        return judge_operations(measure_operations(workspace), workspace.case.thresholds.operations)


def test_ten_days_of_june_are_thirty_days_of_cost() -> None:
    found = judged(calls("2026-06-01", DAYS))
    month = found.summary["month"]
    assert (month["month"], month["days"], month["length"], month["budget"]) == ("2026-06", 10, 30, None)
    assert month["value"] == pytest.approx(3147)
    assert month["upper"] - month["value"] == pytest.approx(82.9, abs=0.05)


def test_a_budget_that_even_the_lower_end_exceeds_is_an_alert() -> None:
    assert not [one for one in judged(calls("2026-06-01", DAYS), 3100.0).findings if one.method == "overspent"]
    found = judged(calls("2026-06-01", DAYS), 3000.0)
    said = findings_table(found.findings, found.names, found.against)["sentence"].tolist()
    assert "Cost of the month heads beyond its budget since 1 Jun, 3,060 to 3,230 at its end, 3,000 are allowed." in said
    assert len(found.rows_of("overspent")) == 10


def test_a_day_that_is_not_over_does_not_count() -> None:
    half = calls("2026-06-01", DAYS).iloc[:-30]
    assert judged(half).summary["month"]["days"] == 9


def test_of_too_few_days_nothing_is_said() -> None:
    assert judged(calls("2026-06-01", DAYS[:2])).summary["month"] is None
    assert month_end([1, float("nan"), 2], 30) is None
    whole = month_end([2.0] * 30, 30)
    assert whole is not None
    assert (whole.lower, whole.upper) == (60, 60)


STEPPED = (*(100.0, 102.0, 98.0, 101.0, 99.0, 100.0), *(250.0, 255.0, 245.0, 251.0, 249.0))


def test_days_to_come_are_as_those_since_the_cost_changed() -> None:
    """At the pace of the last five days June ends at 600 + 24 x 250; a mean of all days says 4,968."""
    found = judged(calls("2026-06-01", STEPPED), 5500.0)
    month = found.summary["month"]
    assert (month["days"], month["by"], month["changed"]) == (11, 5, "2026-06-07")
    assert month["lower"] < 600 + 24 * 250 < month["upper"]
    assert found.spending is not None
    assert month_text(found.spending) == (
        "June 2026 cost 1,850 in 11 whole days; 6,530 to 6,670 are expected at its end (95 %), by the 5 days since 7 June, when its cost "
        "changed. Its budget is 5,500."
    )
    assert [one.method for one in found.findings if one.method == "overspent"] == ["overspent"]


def test_a_step_that_too_few_days_follow_is_said_beside_the_forecast() -> None:
    found = judged(calls("2026-06-01", STEPPED[:8]))
    assert found.spending is not None
    assert month_text(found.spending).endswith(", by all of its days: there are too few since 7 June, when its cost changed.")


def test_of_a_month_that_is_over_nothing_is_expected() -> None:
    found = judged(calls("2026-06-01", DAYS * 3))
    assert found.spending is not None
    assert month_text(found.spending) == "June 2026 cost 3,150 in 30 whole days."


def charges(start: str, seed: int) -> pd.DataFrame:
    """Euros and yen in turn, forty of each a day."""
    found = calls(start, (100.0,) * 20, a_day=80)
    found["money"] = np.where(np.arange(len(found)) % 2, "JPY", "EUR")
    found["cost"] *= np.where(found["money"] == "JPY", 160, 1) * np.random.default_rng(seed).uniform(0.9, 1.1, len(found))
    return found


def measured(by: str | None, **roles: str) -> JudgedOperations:
    roles = {"timestamp": "at", "cost": "cost", **roles}
    with open_tables(charges("2026-05-01", 1), charges("2026-06-01", 2), roles=roles, task="none", windows="1 day") as workspace:
        return judge_operations(measure_operations(workspace, by=by))


def test_currencies_are_never_added_up() -> None:
    found = measured(None, currency="money")
    assert not [track.name for track in found.result.tracks if "cost" in track.metric.id]
    assert found.spending is None
    said = next(one for one in found.skipped if one.reason == "currencies")
    assert said.message == (
        "Costs are in several currencies (money: EUR and JPY), which are not added up. "
        "Take them apart by 'money', or choose the rows of one."
    )
    apart = measured("money", currency="money")
    usual = {track.segment: track.usual for track in apart.result.tracks if track.metric.id == "cost_per_1000"}
    assert usual == {"money = 'EUR'": pytest.approx(1250, rel=0.05), "money = 'JPY'": pytest.approx(200_000, rel=0.05)}
