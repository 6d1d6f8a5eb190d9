"""What the page Explanations says of its unit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from monitor.ui.explanations_page import _in_probability


@pytest.mark.parametrize(
    ("classes", "probability", "said"),
    [
        (3, (), "what the attributions of all classes move the probability of one by"),
        (1, (), "attributions of a row in log-odds"),
        (3, None, ""),
        (1, None, ""),
    ],
)
def test_what_is_told_in_probability_is_said(classes: int, probability: Any, said: str) -> None:
    judged: Any = SimpleNamespace(result=SimpleNamespace(classes=[SimpleNamespace(probability=probability)] * classes))
    assert _in_probability(judged).get("In probability", "").startswith(said)
    assert bool(_in_probability(judged)) == bool(said)
