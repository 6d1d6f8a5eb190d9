"""What could have been seen, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from monitor.judgement.seeing import chance_sentence, could_see, seen_sentence

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


@pytest.mark.parametrize(
    ("p_change", "size", "status", "said"),
    [(0.01, 0.4, "stable", True), (0.01, 0.1, "stable", False), (1e-4, 0.4, "stable", False), (0.01, 0.4, "alert", False)],
)
def test_a_score_beyond_its_expectation_without_an_alarm_is_explained(p_change: float, size: float, status: str, said: bool) -> None:
    told = pd.Series({"p_change": p_change, "size": size, "expected_size": 0.26, "status": status})
    assert ("of 80 looks about 0.8 go this far by chance" in chance_sentence(told, 80)) == said
