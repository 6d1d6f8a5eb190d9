"""Thresholds of a case are checked against the methods there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from monitor.case import Case, case_from
from monitor.errors import SettingError
from monitor.judgement.thresholds import drift_thresholds, multivariate_thresholds


def case(**thresholds: Any) -> Case:
    content = {"case": {"name": "x", "task": "binary"}, "data": {"reference": "a", "production": "b"}}
    own = [{"id": "gap", "function": "own.py:gap"}]
    return case_from({**content, "methods": own, "thresholds": thresholds}, root=Path("/nowhere"))


def test_methods_of_the_catalogue_of_the_judge_and_of_the_case_may_be_named() -> None:
    found = drift_thresholds(case(drift={"method": {"a": "psi", "b": "gap"}, "floors": {"revived": 0.1, "gap": 2}}))
    assert (found.floor_of("gap"), found.methods_of("b")) == (2.0, ("gap",))


def test_a_method_that_there_is_not_is_an_error_with_the_nearest_one() -> None:
    with pytest.raises(SettingError, match=r"thresholds.drift.floors names the method 'kss', which there is not. Did you mean 'ks'"):
        drift_thresholds(case(drift={"floors": {"kss": 0.1}}))
    with pytest.raises(SettingError, match=r"thresholds.drift.method names the method 'psj'"):
        drift_thresholds(case(drift={"method": {"*": "psj"}}))
    with pytest.raises(SettingError, match=r"thresholds.multivariate.floors names the method 'rule', .* Did you mean 'rules'"):
        multivariate_thresholds(case(multivariate={"floors": {"rule": 0.1}}))
