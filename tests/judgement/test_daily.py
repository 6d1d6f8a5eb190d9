"""Clocks that are set otherwise: values as before at another hour of the day."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from monitor.analyses.drift import measure_drift
from monitor.case import DriftThresholds
from monitor.engine import open_tables
from monitor.judgement.drift import JudgedDrift, judge_drift
from monitor.judgement.finding import Finding, FindingKind
from monitor.judgement.narration.sentences import headline, sentence

A_DAY, DAYS, SINCE = 96, 30, 12


def rows(start: str, seed: int, *, shift: float = 0.0, height: float = 10.0, noise: float = 4.0, wander: float = 0.4) -> pd.DataFrame:
    """Return 30 days of a load that peaks at 15:00, `shift` hours later and `height` high from day 12 on; days wander by hours."""
    rng = np.random.default_rng(seed)
    day, hour = np.repeat(np.arange(DAYS), A_DAY), np.tile(np.arange(A_DAY) * 24 / A_DAY, DAYS)
    moved, high = np.where(day >= SINCE, shift, 0.0), np.where(day >= SINCE, height, 10.0)
    early = rng.normal(0, wander, DAYS)[day] + moved
    load = 50 + high * np.cos(2 * np.pi * (hour - 15 - early) / 24) + rng.normal(0, noise, len(day)) + rng.normal(0, 2, DAYS)[day]
    at = pd.Timestamp(start) + pd.to_timedelta(day * 86_400 + (hour * 3_600).astype(int), unit="s")
    return pd.DataFrame({"at": at, "load": load.round(2), "flat": rng.normal(0, 1, len(day)).round(3)})


def judged(production: pd.DataFrame, reference: pd.DataFrame | None = None) -> JudgedDrift:
    reference = rows("2026-01-01", 0) if reference is None else reference
    with open_tables(reference, production, roles={"timestamp": "at"}, windows="1 day", task="none") as workspace:
        return judge_drift(measure_drift(workspace))


def clocks(found: JudgedDrift) -> list[Finding]:
    return [one for one in found.findings if one.kind is FindingKind.CLOCK]


@pytest.mark.parametrize(("shift", "told"), [(6.0, "6 hours later"), (-3.0, "3 hours earlier"), (11.0, "11 hours later")])
def test_values_of_another_hour_are_told_with_their_first_day(shift: float, told: str) -> None:
    found = judged(rows("2026-03-01", 1, shift=shift))
    (one,) = clocks(found)
    assert (one.what, one.state.value) == ("load", "ongoing")
    assert one.start == np.datetime64("2026-03-13")
    assert one.after == pytest.approx(shift, abs=0.5)
    assert sentence(one, found.names).startswith(f"load comes {told} in the day since 13 Mar")
    assert headline(one, found.names).startswith(f"load comes {told} in the day since 13 Mar")
    assert [other for other in found.findings if other is not one] == []
    assert found.summary["named"] == 1
    assert found.expected_false_alarms == pytest.approx(0.055)


@pytest.mark.parametrize("seed", range(6))
def test_days_that_wander_summer_time_and_a_higher_peak_are_no_other_clock(seed: int) -> None:
    made = rows("2026-03-01", seed + 10, shift=(0.0, 1.0)[seed % 2], height=(10.0, 20.0)[seed // 3], wander=1.0)
    assert clocks(judged(made, rows("2026-01-01", seed, wander=1.0))) == []


def test_a_column_without_a_day_is_not_asked_and_a_few_rows_of_one_say_nothing() -> None:
    found = judged(rows("2026-03-01", 1))
    assert set(found.result.daily) == {"load"}
    assert not judged(rows("2026-03-01", 1, noise=400.0), rows("2026-01-01", 0, noise=400.0)).result.daily


def test_rows_of_half_a_day_say_nothing_of_the_other_half() -> None:
    morning = [one[one["at"].dt.hour < 9] for one in (rows("2026-01-01", 0), rows("2026-03-01", 1, shift=6.0))]
    assert not judged(morning[1], morning[0]).result.daily


def test_durations_and_texts_are_passed_over_numbers_beyond_floats_are_read() -> None:
    made = [
        one.assign(
            clock=pd.to_timedelta(one["at"].dt.hour, unit="h"),
            text=one["load"].astype(str),
            large=pd.Series([2**63 + int(value) for value in one["load"]], dtype="uint64"),
            exact=[Decimal(str(value)) for value in one["load"]],
        )
        for one in (rows("2026-01-01", 0), rows("2026-03-01", 1, shift=6.0))
    ]
    found = judged(made[1], made[0])
    assert {"load", "exact"} <= set(found.result.daily)
    assert not {"clock", "text", "at"} & set(found.result.daily)


def test_a_column_with_a_threshold_of_the_analyst_s_own_is_judged_by_that_alone() -> None:
    with open_tables(
        rows("2026-01-01", 0), rows("2026-03-01", 1, shift=6.0), roles={"timestamp": "at"}, windows="1 day", task="none"
    ) as case:
        measured = measure_drift(case)
    fixed = DriftThresholds(fixed={"load": 5.0})
    assert clocks(judge_drift(measured)) != []
    assert clocks(judge_drift(measured, fixed)) == []
