from __future__ import annotations

import math
from typing import Any

import pytest

from monitor.case import WindowSize
from monitor.cells import CellPlace, PlaceKind
from monitor.judgement.narration.unjudged import (
    Reason,
    reasons_text,
    seen_sentence,
    short_reference_sentence,
    too_few_rows_sentence,
    unseeable_sentence,
)
from monitor.judgement.narration.windows import WindowNames

LEVEL = CellPlace(PlaceKind.LEVEL, level="missing")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"shift": 2.13}, "A shift of 2.1 °F would have been seen here in 4 of 5 cases."),
        ({"shift": 2.13, "missing": 0.01}, "A shift of 2.1 °F or 1 point more missing values would have been seen here in 4 of 5 cases."),
        ({"share": 0.05, "place": LEVEL}, "5 points more or fewer rows at 'missing' would have been seen here in 4 of 5 cases."),
        ({"shift": math.inf}, "No shift of all values, however large, could have been seen here."),
        ({"shift": math.inf, "missing": 0.5},
         "No shift of all values, however large, could have been seen here. "
         "50 points more missing values would have been seen here in 4 of 5 cases."),
        ({}, ""),
    ],
)  # fmt: skip
def test_what_silence_is_worth(changes: dict[str, Any], words: str) -> None:
    assert seen_sentence("Temperature (°F)", **changes) == words


def test_why_something_was_not_judged() -> None:
    weeks = WindowNames(WindowSize(2, "week"))
    assert short_reference_sentence("Amount", weeks, windows=2).endswith("has only 2 two-week windows, too few to say what is usual.")
    assert short_reference_sentence("Amount", weeks, windows=0).endswith("the reference has no window to say what is usual.")
    assert (
        too_few_rows_sentence("Amount", "on 5 Jul", rows=0, needed=1000) == "Amount was not judged on 5 Jul: no rows, and 1,000 are needed."
    )
    assert unseeable_sentence("Amount", "the window before").endswith("could have been seen beside the variation of the window before.")


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words(reason: Reason) -> None:
    assert reasons_text({reason: 3})
    assert reasons_text({}) == ""
