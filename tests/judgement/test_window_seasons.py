"""Windows of some hours: what the hour of the day lets expect is no noise, and no change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from monitor.judgement.finding import Direction
from tests.judgement.counted_sides import judge, of, quiet

HOURS = (2, 6, 12)


def _days(rng: np.random.Generator, hours: int, days: int, moved: tuple[int, int] = (0, 0)) -> list[Any]:
    """Values by window that rise and fall with the day, higher by two standard deviations of an hour from one day to another."""
    found = []
    for window in range(24 // hours * days):
        day, hour = divmod(window * hours, 24)
        at = hour + np.arange(20 * hours) / 20
        found.append(10 + 8 * np.sin((at - 9) / 24 * 2 * np.pi) + rng.normal(3.0 * (moved[0] <= day < moved[1]), 1.5, len(at)))
    return found


def _judged(hours: int, moved: tuple[int, int] = (0, 0)) -> Any:
    rng, size = np.random.default_rng(3), f"{hours} hour"
    windows = (14 * 24 // hours, 6 * 24 // hours)
    return judge({"cyc": (_days(rng, hours, 14), _days(rng, hours, 6, moved)), **quiet(1, *windows, 20 * hours)}, size=size, min_rows=10)


@pytest.mark.parametrize("hours", HOURS)
def test_hours_of_the_day_are_no_change_and_a_change_could_have_been_seen(hours: int) -> None:
    judged = _judged(hours)
    rows = judged.primary[judged.primary["column"] == "cyc"]
    assert (judged.findings, set(rows["status"])) == ((), {"stable"})
    assert rows["detectable"].notna().all()


@pytest.mark.parametrize("hours", HOURS)
def test_higher_days_are_told_from_their_first_to_their_last_hour(hours: int) -> None:
    (one,) = of(_judged(hours, (2, 4)), "cyc")
    assert one.direction is Direction.HIGHER
    assert (one.first, one.last) == (2 * 24 // hours, 4 * 24 // hours - 1)
