"""A prediction is told after the score that it is cut from."""

from __future__ import annotations

from dataclasses import replace

from monitor.judgement.cut_scores import scores_first
from monitor.judgement.finding import FindingKind
from monitor.judgement.narration.examples import example

CUT = {"late": "p"}
SCORE = example(what="p", kind=FindingKind.VALUE, strength=1.3, first=3, last=9)
PREDICTION = replace(SCORE, what="late", strength=1.7)


def test_the_score_comes_first_with_evidence_unchanged() -> None:
    other = replace(SCORE, what="q", strength=2.0)
    told = scores_first([other, PREDICTION, SCORE], CUT)
    assert told == [other, SCORE, PREDICTION]


def test_what_is_not_one_change_keeps_its_order() -> None:
    elsewhere = replace(SCORE, first=20, last=29)
    segment = replace(SCORE, segment="Carrier = AA")
    milder = replace(SCORE, status="warning")
    for one in (elsewhere, segment, milder):
        assert scores_first([PREDICTION, one], CUT) == [PREDICTION, one]
    assert scores_first([PREDICTION, SCORE], {}) == [PREDICTION, SCORE]
