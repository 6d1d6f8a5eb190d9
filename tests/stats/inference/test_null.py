"""Null distributions: as many alarms as they promise where nothing changed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.inference.evidence import gather_evidence
from monitor.stats.inference.null import Reference, Tail
from tests.stats.inference.panels import panel


@pytest.mark.parametrize(("tau", "rho", "most"), [(0.0, 0.0, 0.05), (1.0, 0.6, 0.07)])
def test_series_without_change_are_as_surprising_as_they_say(tau: float, rho: float, most: float) -> None:
    p = [gather_evidence(panel(np.random.default_rng([7, seed]), 60, reference=30, tau=tau, rho=rho)).p_value for seed in range(8)]
    alarms = int((np.concatenate(p) <= 0.05).sum())
    assert alarms <= stats.binom.ppf(0.999, 480, most)
    assert alarms >= stats.binom.ppf(0.001, 480, 0.02)


def test_a_normal_tail_is_a_normal_tail() -> None:
    tail = Tail.fit(np.abs(np.random.default_rng(0).standard_normal(20_000)))
    far = np.array([2.5, 3.5, 4.5])
    np.testing.assert_allclose(np.log(tail.p_value(far)), np.log(2 * stats.norm.sf(far)), rtol=0.1)


@pytest.mark.parametrize("df", [4, 1_000])
def test_reach_is_the_inverse_of_the_p_value(df: int) -> None:
    tail = Tail.fit(np.abs(stats.t.rvs(df, size=3_000, random_state=1)))
    for p in (0.2, 0.04, 1e-3, 1e-8):
        assert tail.p_value(np.array([tail.reach(p)]))[0] == pytest.approx(p, rel=0.02)


def test_a_power_tail_is_not_taken_for_a_normal_one() -> None:
    t = np.abs(stats.t.rvs(4, size=3_000, random_state=2))
    assert Tail.fit(t).reach(1e-5) > 1.5 * Tail.fit(np.abs(np.random.default_rng(2).standard_normal(3_000))).reach(1e-5)


def test_looks_at_several_classes_are_paid_for() -> None:
    t = np.abs(np.random.default_rng(3).standard_normal((4_000, 4)))
    reference = Reference.fit(t)
    assert reference.looks == pytest.approx(4, rel=0.15)
    least = np.min([reference.p_value(t[:, c], np.full(4_000, c)) for c in range(4)], axis=0)
    assert (least <= 0.05).mean() == pytest.approx(0.05, abs=0.01)
    assert reference.reach(0.01) > reference.tails[0].reach(0.01)
