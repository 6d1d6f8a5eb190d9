from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.judgement.findings import Finding
from monitor.judgement.sentences import headline, sentence

WARM = Finding(
    column="temp_f",
    label="Temperature (°F)",
    kind="numeric",
    status="alert",
    method="js",
    onset="2013-W14",
    last="2013-W52",
    worst="2013-W29",
    windows_alarmed=30,
    windows_judged=40,
    ongoing=True,
    strength=14.2,
    score=0.7123,
    expected=0.2941,
    q_value=1e-9,
    direction="higher",
    moved_cell="> 58",
    moved_from=0.0812,
    moved_to=0.9731,
    n_production=6000,
    share_rows=0.75,
)
PLACE = replace(WARM, column="dest", label="Destination", kind="categorical", direction="more 'JFK'", moved_cell="JFK")


def test_a_finding_in_one_sentence() -> None:
    assert sentence(WARM) == (
        "Temperature (°F) has been higher since the week of 1 Apr 2013: in the worst week (15 Jul 2013) 97% of rows were above 58 °F "
        "against 8.1% in the reference (Jensen–Shannon distance 0.712, expected up to 0.294)."
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"direction": "wider"}, "has been more spread out since"),
        ({"direction": "more missing", "moved_cell": "missing"}, "has been missing more often since the week of 1 Apr 2013"),
        ({"moved_cell": "missing"}, "97% of rows had no value against"),
        ({"direction": "fewer at the bottom end"}, "has had fewer values at the bottom end since"),
        ({"direction": "more 46 to 50.25"}, "has had more rows between 46 and 50.2 °F since"),
        ({"direction": ""}, "has been distributed differently since"),
        ({"moved_cell": "≤ -1.5e+06"}, "were at most -1,500,000 °F against"),
        ({"moved_cell": "= 0"}, "were at 0 °F against"),
        ({"moved_cell": "infinite"}, "were infinite against"),
        ({"expected": float("nan")}, "(Jensen–Shannon distance 0.712)."),
        ({"moved_to": float("nan")}, "since the week of 1 Apr 2013 (Jensen"),
        ({"method": "evidently.psi"}, "(evidently.psi 0.712"),
        ({"label": "Day (1 = Monday)"}, "were above 58 against"),
        ({"windows_judged": 1, "onset": "whole", "worst": "whole"}, "is higher in the whole period: 97% of rows"),
        ({"ongoing": False, "last": "2013-W20"}, "in 30 of 40 weeks, last from the week of 1 Apr 2013 to the week of 13 May 2013: in"),
        ({"ongoing": False, "last": "2013-W14"}, "was higher in 30 of 40 weeks, last in the week of 1 Apr 2013: in the worst"),
        ({"ongoing": False, "windows_alarmed": 1, "onset": "2013-W29"}, "was higher in the week of 15 Jul 2013: 97% of rows"),
        ({"onset": "2013-07-01", "worst": "2013-07-02"}, "since 1 Jul 2013: in the worst day (2 Jul 2013)"),
        ({"onset": "rows-000002", "worst": "rows-000003"}, "since block 2: in the worst block (block 3)"),
    ],
)
def test_words_of_a_numeric_finding(changes: dict[str, object], words: str) -> None:
    assert words in sentence(replace(WARM, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"direction": "more JFK"}, "has had more rows at 'JFK' since"),
        ({"direction": "more > 5", "moved_cell": "> 5"}, "(15 Jul 2013) 97% of rows were '> 5'"),
        ({"direction": "more rare or new levels", "moved_cell": "other"}, "more rows at rare or new levels since"),
        ({"moved_cell": "other"}, "had rare or new levels against"),
        ({"moved_cell": "12 rare levels"}, "were at 12 rare levels against"),
    ],
)  # fmt: skip
def test_words_of_a_categorical_finding(changes: dict[str, object], words: str) -> None:
    assert words in sentence(replace(PLACE, **changes))  # type: ignore[arg-type]


def test_what_it_was_compared_with() -> None:
    assert "in the window before (" in sentence(WARM, against="the window before")


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (WARM, "Temperature (°F) higher since the week of 1 Apr 2013"),
        (replace(WARM, ongoing=False), "Temperature (°F) higher in 30 of 40 weeks"),
        (replace(WARM, onset="whole"), "Temperature (°F) higher in the whole period"),
        (replace(PLACE, direction="fewer JFK"), "Destination with fewer rows at 'JFK' since the week of 1 Apr 2013"),
    ],
)
def test_headline(finding: Finding, words: str) -> None:
    assert headline(finding) == words


WORDY = replace(
    WARM, column="review", label="Review", kind="text", method="vocabulary_classifier", direction="more 'refund', 'charged twice'",
    moved_cell="refund", moved_from=0.0, moved_to=0.26,
)  # fmt: skip


def test_a_text_column_says_which_words() -> None:
    said = sentence(WORDY)
    assert said.startswith("Review has had more texts with 'refund', 'charged twice' since the week of 1 Apr 2013: in the worst week")
    assert "26% of texts contained 'refund' against 0% in the reference (Vocabulary classifier 0.712" in said
    assert headline(WORDY) == "Review with more texts with 'refund', 'charged twice' since the week of 1 Apr 2013"


def test_a_text_column_of_which_no_word_moved_beyond_chance() -> None:
    quiet = replace(WORDY, direction="", moved_cell="", moved_from=float("nan"), moved_to=float("nan"))
    assert sentence(quiet).startswith("Review has had other words since the week of 1 Apr 2013 (Vocabulary classifier 0.712")


def test_an_own_method_is_called_by_its_title() -> None:
    assert "(Gap of medians 0.712, expected up to 0.294)" in sentence(replace(WARM, method="gap", method_title="Gap of medians"))
    assert "(gap 0.712" in sentence(replace(WARM, method="gap"))
