"""What the page Explanations says of its unit."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from monitor.ui.explanations_page import _in_probability


@pytest.mark.parametrize(
    ("classes", "log_odds", "probability", "said"),
    [(3, True, None, "not told of several classes"), (1, True, (), "attributions of a row in log-odds"), (1, False, None, "")],
)
def test_what_is_told_in_probability_is_said(classes: int, log_odds: bool, probability: Any, said: str) -> None:
    of = [SimpleNamespace(probability=probability)] * classes
    judged: Any = SimpleNamespace(result=SimpleNamespace(classes=of, attributions=SimpleNamespace(log_odds=log_odds)))
    assert _in_probability(judged).get("In probability", "").startswith(said)
    assert bool(_in_probability(judged)) == bool(said)
