from __future__ import annotations

from typing import Any

import pytest

from monitor.errors import SettingError
from monitor.judgement.pooled import OWN_METHOD
from monitor.judgement.thresholds import FLOORS, JUDGED_BY, DriftThresholds, key_path, with_settings
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
    ("settings", "text"),
    [
        ({"flor": 0.1}, "no threshold 'drift.flor'. Did you mean 'floor'"),
        ({"floor": -1}, "'drift.floor' is -1; give a number of 0 or more"),
        ({"alert": "much"}, "'drift.alert' is 'much'"),
        ({"floors": {"ks": -0.1}}, "'drift.floors.ks' is -0.1"),
        ({"q": 1.5}, "'drift.q' is 1.5; give a share between 0 and 1"),
        ({"q": True}, "'drift.q' is True"),
        ({"min_rows": 0}, "'drift.min_rows' is 0; give a number of rows"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(SettingError, match=text):
        DriftThresholds.of({"drift": settings})


def test_settings_of_a_case_are_read() -> None:
    found = DriftThresholds.of({"drift": {"q": 0.01, "min_rows": 100, "fixed": {"a:psi": 0.2}}, "quality": {"x": 1}})
    assert (found.q, found.min_rows, found.fixed_of("a", "psi")) == (0.01, 100, 0.2)


def test_assignments_reach_into_groups_and_leave_the_original() -> None:
    given = {"drift": {"q": 0.05, "floors": {"ks": 0.1}}}
    merged = with_settings(given, {"drift.floors.psi": "0.2", "drift.min_rows": "50", "drift.method.a": "ks"})
    assert merged == {"drift": {"q": 0.05, "floors": {"ks": 0.1, "psi": 0.2}, "min_rows": 50, "method": {"a": "ks"}}}
    assert given == {"drift": {"q": 0.05, "floors": {"ks": 0.1}}}


def test_a_value_is_no_group() -> None:
    with pytest.raises(SettingError, match="'q' is a value, not a group"):
        with_settings({"drift": {"q": 0.05}}, {"drift.q.x": "1"})


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("drift.q", ("drift", "q")),
        ('drift.fixed."my.col:psi"', ("drift", "fixed", "my.col:psi")),
        ("drift.fixed.'a\"b'", ("drift", "fixed", 'a"b')),
        ('drift.fixed."a \\"b\\" = c"', ("drift", "fixed", 'a "b" = c')),
        ("drift.fixed.Größe in m", ("drift", "fixed", "Größe in m")),
    ],
)
def test_a_name_with_dots_or_quotes_stands_in_quotes(key: str, path: tuple[str, ...]) -> None:
    assert key_path(key) == path


@pytest.mark.parametrize("key", ["", "drift.", "drift..q", 'drift."open', 'drift."a"b', 'drift."\\x"'])
def test_a_key_that_cannot_be_read_is_refused(key: str) -> None:
    with pytest.raises(SettingError, match=r"not a key|not a name in quotes"):
        key_path(key)


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


def test_a_fixed_threshold_is_a_number() -> None:
    with pytest.raises(SettingError, match=r"'drift.fixed.my' is \{'col': 0.2\}"):
        DriftThresholds.of(with_settings({}, {"drift.fixed.my.col": "0.2"}))
