from __future__ import annotations

import math
from typing import Any

import pytest

from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.judgement.narration.answers import answer, predictions_answer
from monitor.judgement.narration.examples import DAYS
from monitor.judgement.narration.examples import example as found
from tests.judgement.narration.findings_told import OVER

LABELS = ("Temperature (°F)", "Dew point (°F)", "Relative humidity (%)", "Gusts", "Seats")


def several(count: int, **changes: Any) -> list[Finding]:
    return [found(what=f"c{i}", label=LABELS[i], **{"direction": Direction.HIGHER, "windows": 14 + i, **changes}) for i in range(count)]


def apart(count: int, **changes: Any) -> list[Finding]:
    return [
        one for i, each in enumerate(several(count, **changes)) for one in [found(what=each.what, label=each.label, first=i, **changes)]
    ]


@pytest.mark.parametrize(
    ("findings", "columns", "words"),
    [
        ([], 20, "None of 20 columns changed beyond chance."),
        (apart(1), 20, "1 of 20 columns changed: temperature, since 1 Apr."),
        (apart(3), 20, "3 of 20 columns changed; temperature most, since 1 Apr."),
        (apart(2, **OVER), 20, "2 of 20 columns changed and came back; temperature most, from 15 to 28 Jun."),
        ([*apart(1), found(what="c0", kind=FindingKind.MISSING)], 20, "1 of 20 columns changed: temperature, since 1 Apr."),
        (apart(3), 2, "3 of 3 columns changed; temperature most, since 1 Apr."),
        (several(1), 1, "Temperature (°F) is higher since 1 Apr."),
    ],
)
def test_the_headline_of_a_screen(findings: list[Finding], columns: int, words: str) -> None:
    assert answer(findings, columns=columns, names=DAYS).headline == words


def test_a_long_label_is_cut_so_that_the_headline_stays_short() -> None:
    long = [found(label="Number of all flights to the same destination on that very day"), *apart(2)]
    said = answer(long, columns=20, names=DAYS).headline
    assert said.startswith("3 of 20 columns changed; number of all")
    assert said.endswith("… most, since 1 Apr.")
    assert len(said.split()) <= 15


@pytest.mark.parametrize(
    ("why", "headline", "doubt"),
    [
        ("", "Nothing could be judged.", ""),
        ("too few rows", "Nothing could be judged: too few rows.", ""),
        ("a " * 12 + "reason", "Nothing could be judged.", "A " + "a " * 11 + "reason."),
    ],
)
def test_nothing_could_be_judged(why: str, headline: str, doubt: str) -> None:
    said = answer([], columns=3, unjudged=3, why=why, names=DAYS)
    assert (said.headline, said.doubt) == (headline, doubt)


def test_the_doubt_of_a_screen() -> None:
    said = answer(several(3), columns=20, unjudged=2, why="too few rows", false_alarms=0.15, names=DAYS)
    assert said.doubt == (
        "3 columns changed together since 1 Apr: temperature, dew point and relative humidity. "
        "Fewer than one of these 3 columns is expected to be a false alarm (about 0.15). 2 columns could not be judged: too few rows."
    )


@pytest.mark.parametrize(
    ("expected", "count", "words"),
    [
        (math.nan, 2, ""),
        (0.04, 1, "The chance that this column is a false alarm is at most about 4%."),
        (1.8, 2, "About 2 of these 2 columns may be false alarms."),
    ],
)
def test_expected_false_alarms(expected: float, count: int, words: str) -> None:
    assert answer(apart(count), columns=20, false_alarms=expected, names=DAYS).doubt == words


def test_none_changed_and_some_could_not_be_judged() -> None:
    said = answer([], columns=20, unjudged=1, false_alarms=0.0, names=DAYS)
    assert said.doubt == "1 column could not be judged."


SCORE: dict[str, Any] = {"what": "score", "label": "Score", "direction": Direction.HIGHER, "before": 0.14, "after": 0.21}


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([], "The model's answers did not change beyond chance."),
        ([found(**SCORE, measure=Measure.MEAN)], "The model answers differently since 1 Apr: score mean 0.21 against 0.14."),
        ([found(**SCORE, measure=Measure.MEAN, **OVER)], "The model answered differently from 15 to 28 Jun: score mean 0.21 against 0.14."),
        ([found(FindingKind.MISSING, **SCORE)], "The model answers differently: Score is missing in 21% of rows since 1 Apr."),
        ([found(**{**SCORE, "label": "word " * 30}, measure=Measure.MEAN)], None),
    ],
)
def test_what_the_model_answers(findings: list[Finding], words: str | None) -> None:
    said = predictions_answer(findings, outputs=2, names=DAYS).headline
    assert words is None or said == words
    assert len(said.split()) <= 15


def test_what_the_model_answers_could_not_be_judged() -> None:
    said = predictions_answer([], outputs=2, unjudged=2, why="too few rows", names=DAYS)
    assert said.headline == "Nothing could be judged: too few rows."
