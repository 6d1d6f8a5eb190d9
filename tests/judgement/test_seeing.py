"""What could have been seen, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from monitor.judgement.seeing import could_see, seen_sentence

NAN = float("nan")


def row(size: float, unit: str, *, own: float = NAN, missing: float = NAN, label: str = "Temperature (°F)") -> pd.Series:
    return pd.Series({"label": label, "detectable": size, "detectable_unit": unit, "detectable_own": own, "detectable_missing": missing})


@pytest.mark.parametrize(
    ("given", "short", "said"),
    [
        (row(0.1234, "sd", own=1.345), "0.12 sd", "A shift of 0.12 sd (1.3 °F) would have been seen here in at least 4 of 5 cases."),
        (
            row(0.021, "share of JFK", missing=0.01),
            "2.1 points",
            "A change of the share of “JFK” by 2.1 points or 1 point more missing values would have been seen here "
            "in at least 4 of 5 cases.",
        ),
        (row(1.5, "sd", own=7, label="Seats"), "1.5 sd", "A shift of 1.5 sd (7) would have been seen here in at least 4 of 5 cases."),
        (
            row(7.5, "sd", own=80, missing=0.02),
            "> 6 sd",
            "A shift of less than 6 sd could have passed unseen: windows vary too much even without change. "
            "2 points more missing values would have been seen here in at least 4 of 5 cases.",
        ),
        (row(NAN, ""), "–", ""),
    ],
)
def test_the_smallest_change_is_said(given: pd.Series, short: str, said: str) -> None:
    assert (could_see(given), seen_sentence(given)) == (short, said)
