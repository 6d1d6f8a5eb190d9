"""`--set`: keys, values, and that the models of case.toml check them."""

from __future__ import annotations

import pytest

from monitor.case import Case, DriftThresholds, case_from
from monitor.case.assignments import key_path, with_assignments, with_settings
from monitor.errors import SettingError


@pytest.fixture
def case(tmp_path: object) -> Case:
    content = {"case": {"name": "x", "task": "binary"}, "data": {"reference": "a", "production": "b"}}
    return case_from({**content, "thresholds": {"drift": {"q": 0.01, "fixed": {"a:psi": 0.2}}}}, root=tmp_path)  # type: ignore[arg-type]


def test_what_is_set_joins_what_the_case_says(case: Case) -> None:
    found = with_assignments(case, {"drift.min_rows": "100", "multivariate.alert": "2", "drift.method.a": "ks"}).thresholds
    assert found.drift == DriftThresholds(q=0.01, min_rows=100, fixed={"a:psi": 0.2}, method={"a": "ks"})
    assert found.multivariate.alert == 2.0


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("drft.q", "0.1", r"unknown key 'drft'. Did you mean 'drift'\? Known keys there: drift, multivariate"),
        ("drift.flor", "1", r"unknown key 'drift.flor'. Did you mean 'floor'"),
        ("drift.q", "1.5", r"drift.q: give a share between 0 and 1, such as 0.05 \(seen: 1.5\)"),
        ("drift.alert", "much", r"drift.alert: give a number of 0 or more \(seen: 'much'\)"),
        ("drift.floor", "nan", r"drift.floor: give a number of 0 or more \(seen: nan\)"),
        ("drift.fixed.my.col", "0.2", r"drift.fixed.my: give a number of 0 or more \(seen: \{'col': 0.2\}\)"),
        ("multivariate.min_rows", "0.5", r"multivariate.min_rows: give a whole number of 1 or more \(seen: 0.5\)"),
        ("drift", "1", r"drift: give a group of keys with the keys floor, alert, q, .* \(seen: 1\)"),
    ],
)
def test_what_is_wrong_names_the_key_what_was_seen_and_what_is_allowed(case: Case, key: str, value: str, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        with_assignments(case, {key: value})


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
