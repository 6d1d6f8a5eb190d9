"""What could have been seen, in words."""

from __future__ import annotations

import pandas as pd
import pytest

from monitor.judgement.seeing import could_see, seen_text

NAN = float("nan")


def row(
    size: float,
    unit: str,
    *,
    own: float = NAN,
    missing: float = NAN,
    label: str = "Temperature (°F)",
    status: str = "stable",
    **lasting: float,
) -> pd.Series:
    seen = {"detectable": size, "detectable_unit": unit, "detectable_own": own, "detectable_missing": missing}
    always = {"detectable_lasting": NAN, "detectable_lasting_own": NAN, **{f"detectable_{name}": one for name, one in lasting.items()}}
    return pd.Series({"label": label, "status": status, **seen, **always})


@pytest.mark.parametrize(
    ("given", "short", "said"),
    [
        (row(0.1234, "sd", own=1.345), "0.12 sd", "A shift of 1.3 °F would have been seen here in 4 of 5 cases."),
        (
            row(0.021, "share of JFK", missing=0.01),
            "2.1 points",
            "2.1 points more or fewer rows at its commonest level or 1 point more missing values "
            "would have been seen here in 4 of 5 cases.",
        ),
        (row(1.5, "sd", own=7, label="Seats"), "1.5 sd", "A shift of 7 would have been seen here in 4 of 5 cases."),
        (
            row(7.5, "sd", own=80, missing=0.02),
            "> 6 sd",
            "No shift of all values, however large, could have been seen here. "
            "2 points more missing values would have been seen here in 4 of 5 cases.",
        ),
        (row(NAN, ""), "–", ""),
        (
            row(NAN, "sd", lasting=0.41, lasting_own=7.2),
            "0.41 sd in all windows",
            "Alone this window could show no change of values; "
            "in all windows together a shift of 7.2 °F would have been seen in 4 of 5 cases.",
        ),
    ],
)
def test_the_smallest_change_is_said(given: pd.Series, short: str, said: str) -> None:
    assert (could_see(given), seen_text(given)) == (short, said)


def test_where_no_change_could_have_been_seen_this_is_said() -> None:
    said = seen_text(row(NAN, "", status="not_judged"), "the window before")
    assert said.startswith("Temperature (°F) was not judged: no change, however large, could have been seen beside ")


def test_a_window_that_could_only_alarm_with_others_says_so() -> None:
    said = seen_text(row(NAN, "sd", status="stable"))
    assert said.startswith("Alone this window could show no change of values")
    assert "nan" not in said
