"""The questions asked of a column, and exact roots of their answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.inference.questions import FACTS, Ask, answer, ask

LEVELS = np.arange(5)
"""Groups of three levels, `other` and `missing`."""


def test_two_levels_mirror_each_other_and_are_asked_once() -> None:
    found = ask(np.array([70, 30, 0, 5]), np.arange(4), None)
    assert [(one, int(group)) for one, group in zip(found.asks, found.groups, strict=True)] == [(Ask.MISSING, -1), (Ask.CELL, 1)]


def test_what_the_reference_never_filled_is_no_question() -> None:
    found = ask(np.array([70, 0, 30, 10, 0]), LEVELS, None)
    assert found.groups.tolist() == [-1, 0, 2, 3]


def test_a_constant_is_only_asked_for_missing_values() -> None:
    assert ask(np.array([70, 0, 0, 0, 3]), LEVELS, None).asks == (Ask.MISSING,)


@pytest.mark.parametrize("positions", [None, np.array([0.0, 1.0, 5.0])])
def test_a_column_spends_no_more_than_its_share(positions: np.ndarray | None) -> None:
    found = ask(np.array([40, 30, 20, 0, 5]), LEVELS, positions)
    assert found.budget.sum() + FACTS <= 1 + 1e-9


def test_means_of_heavy_columns_are_no_question() -> None:
    rows = np.array([900, 90, 10, 0, 0])
    assert Ask.MEAN in ask(rows, LEVELS, np.array([0.0, 1.0, 2.0])).asks
    assert Ask.MEAN not in ask(rows, LEVELS, np.array([0.0, 1.0, 1e6])).asks


def test_more_rows_higher_up_answer_higher() -> None:
    reference, production = np.array([[40, 40, 40, 0, 0]] * 4), np.array([[20, 40, 60, 0, 0], [60, 40, 20, 0, 0]])
    asked = ask(reference.sum(axis=0), LEVELS, np.array([0.0, 1.0, 2.0]))
    found = answer(asked, reference.astype(float), production.astype(float))
    for one in (Ask.LOCATION, Ask.MEAN, Ask.HIGHEST):
        at = asked.asks.index(one)
        assert found.x[at, 4] > 2
        assert found.x[at, 5] < -2
        assert np.abs(found.x[at, :4]).max() < 1e-9


def test_answers_vary_by_one_where_rows_are_independent() -> None:
    rng = np.random.default_rng(0)
    counts = rng.multinomial(500, [0.5, 0.3, 0.15, 0.0, 0.05], 400).astype(float)
    asked = ask(counts.sum(axis=0), LEVELS, np.array([0.0, 1.0, 2.0]))
    found = answer(asked, counts[:200], counts[200:])
    np.testing.assert_allclose((found.x[:, 200:] ** 2 / found.variance[:, 200:]).mean(axis=1), 1.0, rtol=0.35)


def test_rare_counts_are_read_off_the_exact_binomial() -> None:
    reference, x, n = np.array([[9_990, 10, 0, 0, 0]] * 2), 6, 1_000
    asked = ask(reference.sum(axis=0), LEVELS, None)
    found = answer(asked, reference.astype(float), np.array([[n - x, x, 0, 0, 0.0]]))
    tail = stats.binom.sf(x - 1, x + 20, n / (n + 20_000))
    usual = found.x[1, 2] / np.sqrt(found.variance[1, 2]) / np.sqrt(1 + n / 20_000)  # the error of the reference comes later
    assert asked.asks[1] is Ask.CELL
    assert usual == pytest.approx(stats.norm.isf(tail), rel=0.02)


@pytest.mark.parametrize("scale", [2.0**-1000, 2.0**1020])
def test_numbers_of_any_size_are_asked_for_their_mean(scale: float) -> None:
    reference, positions = np.array([20, 40, 30, 10, 0, 5]), np.array([-2.0, 0.0, 1.0, 3.0])
    usual, far = (ask(reference, np.arange(6), by * positions) for by in (1.0, scale))
    assert Ask.MEAN in usual.asks
    assert far.asks == usual.asks
    np.testing.assert_array_equal(far.weights, usual.weights)


def test_a_window_without_rows_says_nothing() -> None:
    reference = np.array([[50.0, 50, 10, 0, 0]] * 3)
    asked = ask(reference.sum(axis=0), LEVELS, None)
    found = answer(asked, reference, np.array([[0.0] * 5, [0, 0, 0, 0, 9]]))
    assert np.isinf(found.variance[:, 3]).all()
    assert np.isinf(found.variance[1:, 4]).all()
    assert np.isfinite(found.variance[0, 4])
