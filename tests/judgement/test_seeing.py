"""What could have been seen, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from monitor.judgement.seeing import could_see, seen_text
from monitor.vocabulary import Status

NAN = float("nan")
SEEN = "would have been seen here in 4 of 5 cases."


def row(size: float, unit: str, *, own: float = NAN, missing: float = NAN, status: str = "stable") -> pd.Series:
    told = {"detectable": size, "detectable_unit": unit, "detectable_own": own, "detectable_missing": missing}
    return pd.Series({"label": "Temperature (°F)", "status": status, **told})


@pytest.mark.parametrize(
    ("given", "short", "said"),
    [
        (row(0.1234, "sd", own=1.345), "0.12 sd", f"A shift of 1.3 °F {SEEN}"),
        (row(0.021, "share of JFK", missing=0.01), "2.1 points", f"or 1 point more missing values {SEEN}"),
        (row(7.5, "sd", own=80, missing=0.02), "> 6 sd", f"2 points more missing values {SEEN}"),
        (row(NAN, ""), "–", ""),
        (row(NAN, "sd", status=Status.NOT_JUDGED), "–", "Temperature (°F) was not judged: no change, however large, could have been seen"),
    ],
)
def test_the_smallest_change_is_said(given: pd.Series, short: str, said: str) -> None:
    assert could_see(given) == short
    assert said in seen_text(given)


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert seen_text(row(NAN, "")) == ""
