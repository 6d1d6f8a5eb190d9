"""Answers that moved, and whether labels moved with them."""

import numpy as np
import pytest

from monitor.incidents.evidence import Evidence
from monitor.incidents.followed import labels_followed
from monitor.incidents.grouping import Group
from monitor.judgement.finding import FindingKind
from tests.incidents.shop_rows import between, finding, now, scene


def told(production, last=14, analysis="predictions"):
    one = finding("score", FindingKind.VALUE, 10, last)
    seen = Evidence(key="a", analysis=analysis, finding=one, first=10, last=last, columns=frozenset({"score"}), weight=1.0)
    return labels_followed(scene(production), Group(hypothesis=None, evidence=(seen,)))


def higher(*, labels=True):
    frame = now()
    inside = between(frame, 10, 15).to_numpy()
    frame.loc[inside, "score"] = 1 / (1 + np.exp(-(np.log(frame["score"] / (1 - frame["score"])) + 1)))[inside]
    if labels:
        drawn = np.random.default_rng(5).random(len(frame)) < frame["score"]
        frame.loc[inside, "late"] = np.where(drawn, "1", "0")[inside]
    return frame


def test_answers_that_labels_follow_for_a_while_are_nothing_to_look_into():
    assert told(higher())
    assert not told(higher(labels=False))
    assert not told(higher(), last=27)  # and goes on
    assert not told(higher(), analysis="drift")


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_without_labels_nobody_knows_whether_they_followed(share):
    frame = higher()
    frame.loc[between(frame, 10, 15) & (np.random.default_rng(0).random(len(frame)) < share), "late"] = np.nan
    assert not told(frame)
