"""Holm's selection, step by step, and its promise: no innocent column, however many others changed; q-values beside scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.inference.multiplicity import benjamini_hochberg, holm


@pytest.mark.parametrize("seed", range(5))
def test_it_is_holms_procedure(seed: int) -> None:
    p = dict(enumerate(np.random.default_rng(seed).uniform(0, 0.1, 8) ** 2))
    named: set[int] = set()
    for name in sorted(p, key=lambda name: p[name]):
        if p[name] > 0.05 / (len(p) - len(named)):
            break
        named.add(name)
    found = holm({str(name): value for name, value in p.items()}, 0.05)
    assert found.named == {str(name) for name in named}
    assert {name for name, value in found.adjusted.items() if value <= 0.05} == found.named


def test_adjusted_values_keep_the_order_and_are_no_smaller() -> None:
    p = {"a": 0.2, "b": 0.01, "c": 0.011}
    found = holm(p, 0.05)
    assert found.adjusted == pytest.approx({"a": 0.2, "b": 0.03, "c": 0.03})
    assert list(found.adjusted) == ["a", "b", "c"]


def test_an_innocent_is_named_on_few_screens_however_many_others_change() -> None:
    rng, blamed = np.random.default_rng(1), 0
    for _ in range(2_000):
        p = {f"innocent {i}": float(rng.uniform()) for i in range(6)} | {f"changed {i}": 1e-9 for i in range(30)}
        blamed += any(name.startswith("innocent") for name in holm(p, 0.05).named)
    assert blamed / 2_000 == pytest.approx(0.05, abs=0.013)  # three standard errors below it and above


def test_runs_of_a_named_thing_meet_the_level_of_the_next_one() -> None:
    assert holm({"a": 0.001, "b": 0.5}, 0.05).level == pytest.approx(0.025)
    assert holm({"a": 0.5, "b": 0.5}, 0.05).level == pytest.approx(0.025)
    assert holm({}, 0.05).named == frozenset()


@pytest.mark.parametrize("p", [[0.02, 0.01], [0.3], [1.0, 1.0, 0.0], np.random.default_rng(3).uniform(0, 1, 50) ** 3])
def test_q_values_are_those_of_scipy(p: list[float]) -> None:
    assert benjamini_hochberg(np.array(p)) == pytest.approx(stats.false_discovery_control(p))


def test_without_p_values_there_are_no_q_values() -> None:
    assert benjamini_hochberg(np.zeros(0)).size == 0
