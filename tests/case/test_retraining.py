"""What a case says of retraining: a target by its name, and rules of one sort each."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.case import case_from, load_case, save_case
from monitor.errors import CaseError

TEXT = """# mine
[case]
name = "x"
task = "binary"
[data]
reference = "a"
production = "b"
[retraining]
target = "train" # of ours
[[retraining.triggers]]
name = "Recoded"
when = "severity >= high and cause = recode"
[[retraining.triggers]]
name = "Dear"
cost = 5000
"""


def test_what_is_saved_is_what_was_read_and_comments_stay(tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(TEXT)
    case = load_case(tmp_path)
    save_case(replace(case, owner="me"))
    assert "# of ours" in (tmp_path / "case.toml").read_text()
    assert load_case(tmp_path).retraining == case.retraining
    assert case.retraining is not None
    fewer = case.retraining.model_copy(update={"triggers": case.retraining.triggers[:1]})
    save_case(replace(case, retraining=fewer))
    assert load_case(tmp_path).retraining == fewer
    save_case(replace(case, retraining=None))
    assert load_case(tmp_path).retraining is None


@pytest.mark.parametrize(
    ("trigger", "why"),
    [
        ({}, "give one of when (an incident), cost, metric with beyond, or labels, not none of them"),
        ({"cost": 1, "labels": 2}, "not both cost and labels"),
        ({"metric": "recall", "cost": 1}, "give both metric and beyond"),
        ({"beyond": 0.1}, "give both metric and beyond"),
        ({"labels": 5, "running": 2}, "running counts windows of a metric"),
        ({"cost": 0}, "cost is money above 0"),
        ({"when": "severty >= high"}, "Did you mean 'severity'?"),
        ({"wen": "any"}, "unknown key 'retraining.triggers.0.wen'. Did you mean 'when'?"),
    ],
)
def test_a_rule_that_says_nothing_or_two_things_is_refused(trigger: dict[str, Any], why: str) -> None:
    content = {**tomllib.loads(TEXT), "retraining": {"triggers": [{"name": "a", **trigger}]}}
    with pytest.raises(CaseError) as refused:
        case_from(content, root=Path("/here"))
    assert why in str(refused.value)
