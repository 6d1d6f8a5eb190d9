"""Verdicts on joint drift by hand, and their words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monitor.analyses.joint_methods import Series
from monitor.errors import SettingError
from monitor.judgement.joint_findings import JointFinding, joint_sentence, joint_when
from monitor.judgement.multivariate import MultivariateThresholds, expectation, strength

REFERENCE = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 1.0, 1.02, 0.98])
LEVEL = Series(
    method="pca_reconstruction",
    score=np.array([1.0, 2.0, 0.1]),
    rows=np.full(3, 500),
    reference=REFERENCE,
    reference_rows=np.full(8, 500),
    shape="level",
    two_sided=True,
)
FOUND = JointFinding(
    method="gaussian_distance",
    title="Distance of means and covariances",
    status="alert",
    onset="2013-W15",
    last="2013-W44",
    worst="2013-W29",
    windows_alarmed=30,
    windows_judged=40,
    ongoing=False,
    strength=4.0,
    score=27.8341,
    lower=3.12,
    upper=7.381,
    causes=("Temperature", "Dew point"),
)


@pytest.mark.parametrize("level", [0.01, 0.05])
@pytest.mark.parametrize("two_sided", [True, False])
def test_the_edge_of_the_band_is_the_level(level: float, two_sided: bool) -> None:
    series = replace(LEVEL, two_sided=two_sided)
    limits, _ = expectation(series, level)
    edge = replace(series, score=limits.upper)
    np.testing.assert_allclose(expectation(edge, level)[1], level)
    np.testing.assert_allclose(strength(edge, limits), 1.0)


def test_distances_are_measured_on_the_logarithmic_scale() -> None:
    series = replace(LEVEL, shape="distance", two_sided=False)
    limits, _ = expectation(series, 0.05)
    twice = replace(series, score=limits.center * (limits.upper / limits.center) ** 2)
    np.testing.assert_allclose(strength(twice, limits), 2.0)


def test_an_auc_of_one_is_three_times_its_reach() -> None:
    series = replace(LEVEL, method="domain_classifier", reference=REFERENCE / 2, score=np.ones(3), two_sided=False)
    np.testing.assert_allclose(strength(series, expectation(series, 0.05)[0]), 3.0)


def test_a_few_rows_that_break_rules_are_novelty_not_yet_a_break() -> None:
    series = replace(LEVEL, method="rules", reference=REFERENCE / 1e4, score=np.array([0.01, 0.0203, 0.0405]), two_sided=False)
    away = strength(series, expectation(series, 0.05)[0])
    assert (away > 1).tolist() == [False, True, True]
    assert (away > 2).tolist() == [False, False, True]


def test_methods_have_their_own_level_unless_one_is_set() -> None:
    assert MultivariateThresholds().level_of("pca_reconstruction") == 0.01
    assert MultivariateThresholds(q=0.001).level_of("pca_reconstruction") == 0.001
    assert MultivariateThresholds(levels={"pca_reconstruction": 0.2}).level_of("pca_reconstruction") == 0.2
    assert MultivariateThresholds.of({"multivariate": {"floors": {"rules": 0.5}}}).floor_of("rules") == 0.5


@pytest.mark.parametrize(("name", "value"), [("q", 2), ("min_rows", 0.5), ("alert", "x"), ("floors", {"rules": -1}), ("Q", 0.1)])
def test_a_wrong_threshold_is_named(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"multivariate.{name}"):
        MultivariateThresholds.of({"multivariate": {name: value}})


def test_a_finding_in_one_sentence() -> None:
    assert joint_sentence(FOUND) == (
        "Distance of means and covariances above its expectation in 30 of 40 weeks: 27.8 in the week of 15 Jul 2013, expected up to 7.38; "
        "most from: Temperature and Dew point."
    )
    low = replace(FOUND, method="pca_reconstruction", score=1.0, causes=())
    assert "below its expectation in 30 of 40 weeks: 1 in the week of 15 Jul 2013, expected at least 3.12." in joint_sentence(low)
    rules = replace(FOUND, method="rules", score=0.2, upper=0.01, lower=0.0, causes=("“a ≤ b”",))
    assert "20% in the week of 15 Jul 2013, expected up to 1%; most often: “a ≤ b”." in joint_sentence(rules)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ongoing": True}, "in 30 of 40 weeks, now since the week of 8 Apr 2013"),
        ({"windows_alarmed": 1}, "in the week of 15 Jul 2013"),
        ({"worst": "whole", "windows_judged": 1, "windows_alarmed": 1}, "in the whole period"),
    ],
)
def test_when(changes: dict[str, object], words: str) -> None:
    assert joint_when(replace(FOUND, **changes)) == words  # type: ignore[arg-type]
