"""What is said of a cause."""

import numpy as np
import pytest

from monitor.engine.identifiers import quote
from monitor.incidents.cause import Cause, Hypothesis, predicate


@pytest.mark.parametrize(
    ("segment", "condition"),
    [({}, None), ({"a": "x"}, "\"a\" = 'x'"), ({"a": "x", "b c": "it's"}, "\"a\" = 'x' AND \"b c\" = 'it''s'")],
)
def test_a_segment_is_one_condition(segment, condition):
    assert predicate(segment, quote) == condition


def test_a_hypothesis_without_an_end_lasts():
    assert Hypothesis(cause=Cause.CLIPPED).ongoing
    assert not Hypothesis(cause=Cause.CLIPPED, end=np.datetime64("2026-01-02")).ongoing


def test_further_levels_are_one_of_them():
    assert predicate({"a": "x"}, quote, beside=("it's", "y")) == "\"a\" IN ('x', 'it''s', 'y')"
