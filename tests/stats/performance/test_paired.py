"""Two models on the same rows: the golden example, independent references, and intervals that hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.performance.labelled import Labelled
from monitor.stats.performance.paired import SAME, paired_auc, paired_mean, paired_ratio, paired_share, paired_worth

LABEL = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0], dtype=bool)
FIRST = np.array([0.9, 0.8, 0.4, 0.6, 0.7, 0.3, 0.2, 0.5, 0.4, 0.1])
SECOND = np.array([0.8, 0.9, 0.3, 0.5, 0.6, 0.4, 0.1, 0.7, 0.2, 0.35])


def alone(n: int) -> Labelled:
    return Labelled(np.zeros(n, dtype=np.int64), 1, np.arange(n))


def test_paired_delong_equals_the_golden_example() -> None:
    found = paired_auc(alone(10), LABEL, FIRST, SECOND).at(0)
    assert found["value"] == pytest.approx(0.8541666667, abs=1e-9)
    assert found["challenger"] == pytest.approx(0.75, abs=1e-9)
    assert found["variance"] == pytest.approx(0.0163773148 + 0.0337962963 - 2 * 0.0208333333, abs=1e-9)
    assert -found["difference"] / np.sqrt(found["variance"]) == pytest.approx(1.1293848786, abs=1e-9)
    assert found["p_value"] == pytest.approx(0.2587355089, abs=1e-9)


def test_mcnemar_counts_only_rows_that_tell_the_two_apart() -> None:
    first, second = (np.array([True] * a + [False] * b) for a, b in ((70, 30), (55, 45)))
    second[95:] = True  # 15 only the first, 5 only the second
    found = paired_share(alone(100), first, second, np.ones(100, dtype=bool)).at(0)
    assert found["difference"] == pytest.approx(-0.10)
    assert found["p_value"] == pytest.approx(stats.binomtest(5, 20, 0.5).pvalue, abs=1e-12)


def test_shares_that_no_row_tells_apart_still_have_an_interval() -> None:
    same = np.arange(40) < 20
    found = paired_share(alone(40), same, same, np.ones(40, dtype=bool)).at(0)
    assert (found["difference"], found["p_value"]) == (0.0, 1.0)
    assert found["lower"] == pytest.approx(-1.96 * np.sqrt(2 / 42 / 42), abs=1e-4)


def test_means_are_those_of_a_paired_t_test_where_rows_are_alike() -> None:
    draw = np.random.default_rng(0)
    first, second = draw.normal(size=4000), draw.normal(0.05, size=4000)
    found = paired_mean(alone(4000), first, second).at(0)
    assert found["p_value"] == pytest.approx(stats.ttest_rel(second, first).pvalue, rel=0.05)


def test_equal_answers_are_said_to_be_the_same() -> None:
    values = np.arange(30.0)
    assert paired_mean(alone(30), values, values).reason[0] == SAME


def test_a_ratio_rests_on_the_smaller_denominator_and_few_rows_are_too_few() -> None:
    one, two = np.ones(30), np.array([1.0] * 5 + [0.0] * 25)
    found = paired_ratio(alone(30), (one, one), (two, two))
    assert (found.n[0], found.reason[0]) == (5, "too_few_rows")


def test_money_allows_for_the_decision_that_nobody_has_seen_yet() -> None:
    n = 2000
    label, stake = np.arange(n) < 100, np.full(n, 100.0)
    first = np.zeros(n, dtype=bool)
    second = np.arange(n) >= n - 20  # twenty more false alarms, no positive decided otherwise
    worth = np.array([np.zeros(n), np.full(n, -5.0), -stake, np.zeros(n)])
    found = paired_worth(alone(n), label, first, second, worth).at(0)
    assert found["difference"] == pytest.approx(-20 * 5 / n)
    assert found["upper"] > 0  # one positive more would pay for them


@pytest.mark.parametrize("clustered", [False, True])
def test_intervals_of_differences_hold(clustered: bool) -> None:
    draw, windows, n = np.random.default_rng(5), 300, 240
    window = np.repeat(np.arange(windows), n)
    block = window * 24 + np.tile(np.arange(n) // 10, windows)
    shock = draw.normal(size=(windows * 24))[block] if clustered else 0.0
    found = paired_mean(Labelled(window, windows, block), draw.normal(size=window.size), draw.normal(size=window.size) + shock)
    outside = float(np.mean((found.lower > 0) | (found.upper < 0)))
    assert 0.02 < outside < 0.09
