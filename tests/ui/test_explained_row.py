"""What a row got, and who says so: the model as it was logged, the model otherwise, or a stand-in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from monitor.analyses.attributions import LOG_ODDS, MODEL, PROBABILITY, STAND_IN, VALUE, Attributions, Outputs
from monitor.analyses.explained_rows import ExplainedRows
from monitor.ui.explained_row import row_waterfall
from monitor.vocabulary import Task


def title(raw: float, logged: float | None, *, source: str = MODEL, unit: str = LOG_ODDS, task: Task = Task.BINARY) -> Any:
    held = Outputs({} if task is Task.REGRESSION else {"": "score"}, "score" if task is Task.REGRESSION else None, task)
    frame = pd.DataFrame({"x": [1.0]}) if logged is None else pd.DataFrame({"x": [1.0], "score": [logged]})
    found = Attributions(
        columns=("x",), classes=("",), values=np.full((1, 1, 1), raw), raw=np.array([[raw]]), base=np.zeros(1), unit=unit, explainer="",
        error=0.0, background=1, source=source, fidelity=0.9,
    )  # fmt: skip
    outputs = held if logged is not None else Outputs({}, None, task)
    return row_waterfall(ExplainedRows(frame, found, {}, outputs), 0, 0, theme="light").title


def test_a_model_that_says_what_was_logged_is_what_the_row_got() -> None:
    assert title(float(logit(0.25)), 0.25) == "Why this row got 0.25"
    assert title(float(logit(0.25)), None) == "Why this row got 0.25"


@pytest.mark.parametrize(("source", "who"), [(MODEL, "model"), (STAND_IN, "stand-in")])
def test_who_says_otherwise_than_the_log_is_named_beside_it(source: str, who: str) -> None:
    assert title(float(logit(0.0289)), 0.0253, source=source) == f"Why the {who} says 0.0289 of this row (logged: 0.0253)"
    assert title(7.5, 8.0, source=source, unit=VALUE, task=Task.REGRESSION) == f"Why the {who} says 7.5 of this row (logged: 8)"
    assert title(0.5, 0.25, source=source, unit=PROBABILITY) == f"Why the {who} says 0.5 of this row (logged: 0.25)"


def test_a_stand_in_is_called_one_where_nothing_was_logged() -> None:
    assert title(float(logit(0.25)), float("nan"), source=STAND_IN) == "Why the stand-in says 0.25 of this row"


def test_what_is_told_in_another_unit_is_not_compared() -> None:
    assert title(0.7, 2.0, unit="log of the value", task=Task.REGRESSION) == "Why this row got 0.7"
