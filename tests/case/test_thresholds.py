"""Thresholds as models: floors, methods and fixed limits by column."""

from __future__ import annotations

import pytest

from monitor.case.thresholds import FLOORS, JUDGED_BY, DriftThresholds
from monitor.judgement.pooled import OWN_METHOD
from monitor.stats.methods.catalogue import CATALOGUE


def test_defaults_judge_by_methods_of_the_catalogue() -> None:
    assert set(FLOORS) <= {*CATALOGUE.ids, *OWN_METHOD.values()}
    assert DriftThresholds().methods_of("income") == JUDGED_BY
    assert set(JUDGED_BY) <= set(CATALOGUE.ids)


def test_floors_by_method() -> None:
    thresholds = DriftThresholds(floor=0.2, floors={"ks": 0.3})
    assert [thresholds.floor_of(one) for one in ("js", "ks", "psi", "energy")] == [0.2, 0.3, FLOORS["psi"], 0.0]


def test_method_of_a_column_by_glob() -> None:
    thresholds = DriftThresholds(method={"temp_*": "ks", "*": "psi"})
    assert thresholds.methods_of("temp_f") == ("ks",)
    assert thresholds.methods_of("wind") == ("psi",)


@pytest.mark.parametrize(
    ("column", "method", "expected"),
    [("temp_f", "js", 0.1), ("temp_f", "ks", None), ("wind", "ks", 0.4), ("wind", "js", None), ("[odd", "ks", None)],
)
def test_fixed_thresholds(column: str, method: str, expected: float | None) -> None:
    thresholds = DriftThresholds(fixed={"temp_*": 0.1, "wind:ks": 0.4})
    assert thresholds.fixed_of(column, method) == expected


@pytest.mark.parametrize(
    ("pattern", "column", "method", "fixed"),
    [
        ("a:b", "a:b", "js", 0.3),
        ("a:b:psi", "a:b", "psi", 0.3),
        ("x[1]", "x[1]", "js", 0.3),
        ("x*:psi", "xyz", "psi", 0.3),
        ("x*:psi", "xyz", "js", None),
        ("x", "x", "psi", None),
    ],
)
def test_fixed_thresholds_are_for_a_column_and_a_method(pattern: str, column: str, method: str, fixed: float | None) -> None:
    assert DriftThresholds(fixed={pattern: 0.3}).fixed_of(column, method) == fixed
