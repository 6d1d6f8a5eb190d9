"""What bends with the location of a window: columns whose windows shift, and what is left of their cells and spread."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from monitor.stats.inference.curvature import straightened
from monitor.stats.inference.questions import Answers, Ask, Questions, answer, ask

Floats = NDArray[np.float64]
REFERENCE, ROWS = 30, 2000
EDGES = np.linspace(0.0, 1.0, 41)


def column(x: Floats) -> tuple[Questions, Answers, Floats, tuple[Floats, Floats]]:
    """Count windows of rows (t, n) on forty cells of the reference, and ask."""
    edges = np.quantile(x[:REFERENCE], EDGES)
    inside = np.array([np.histogram(row, np.concatenate([[-np.inf], edges[1:-1], [np.inf]]))[0] for row in x])
    counts = np.hstack([inside, np.zeros((len(x), 2))]).astype(float)
    total = counts[:REFERENCE].sum(axis=0)
    groups = np.append(np.arange(40) // 4, [10, 11])
    questions = ask(total, groups, (edges[1:] + edges[:-1]) / 2)
    asked = answer(questions, counts[:REFERENCE], counts[REFERENCE:])
    return questions, asked, total, ((edges[1:] + edges[:-1]) / 2, np.diff(edges))


def rows(rng: np.random.Generator, windows: int, sd: float, *, humps: bool = False) -> Floats:
    """Draw windows whose location shifts by normal effects of that standard deviation."""
    x = rng.standard_normal((windows, ROWS))
    x = 0.3 * x + np.where(rng.random(x.shape) < 0.5, -0.95, 0.95) if humps else x
    return x + sd * rng.standard_normal((windows, 1))


def bent(questions: Questions) -> list[int]:
    return [j for j, one in enumerate(questions.asks) if one in (Ask.SPREAD, Ask.LOWEST, Ask.HIGHEST)]


@pytest.mark.parametrize("humps", [False, True])
def test_what_a_shift_bends_is_no_longer_skewed(humps: bool) -> None:
    """Squares of shifts leave spread and the outermost cells with a long tail to one side; without them little of it is left."""
    before, after = [], []
    for seed in range(20):
        questions, asked, total, cells = column(rows(np.random.default_rng(seed), 100, 0.25, humps=humps))
        net = straightened(questions, asked, total, cells, REFERENCE)
        before.append(stats.skew(asked.x[bent(questions), :REFERENCE], axis=1))
        after.append(stats.skew(net.x[bent(questions), :REFERENCE], axis=1))
    assert np.mean(np.abs(np.mean(before, axis=0))) > 0.4
    assert np.mean(np.abs(np.mean(after, axis=0))) < 0.5 * np.mean(np.abs(np.mean(before, axis=0)))


def test_windows_that_shift_farther_are_asked_less() -> None:
    """A judged window far from all that the reference showed says little about its cells, and as much as before about its location."""
    rng = np.random.default_rng(1)
    x = rows(rng, REFERENCE + 2, 0.2)
    x[-1] += 1.5
    questions, asked, total, cells = column(x)
    net = straightened(questions, asked, total, cells, REFERENCE)
    at = questions.asks.index(Ask.LOCATION)
    highest = questions.asks.index(Ask.HIGHEST)
    np.testing.assert_array_equal(net.x[at], asked.x[at])
    np.testing.assert_array_equal(net.variance[at], asked.variance[at])
    np.testing.assert_array_equal(net.variance[:, :REFERENCE], asked.variance[:, :REFERENCE])
    assert net.variance[highest, -1] > 20 * net.variance[highest, -2]


def test_a_cell_that_fills_without_a_shift_is_seen_as_before() -> None:
    rng = np.random.default_rng(2)
    x = rows(rng, REFERENCE + 5, 0.0)
    stuck = np.abs(x[-1]).argsort()[:300]
    x[-1, rng.permutation(ROWS)[:300]] = x[-1, stuck[0]]
    questions, asked, total, cells = column(x)
    net = straightened(questions, asked, total, cells, REFERENCE)
    j = int(np.argmax(np.abs(asked.x[:, -1])))
    assert questions.asks[j] is Ask.CELL
    assert net.x[j, -1] == pytest.approx(asked.x[j, -1], rel=0.02)


def test_levels_have_no_location() -> None:
    counts = np.random.default_rng(3).multinomial(500, [0.5, 0.3, 0.2], 20).astype(float)
    counts = np.hstack([counts, np.zeros((20, 2))])
    questions = ask(counts[:15].sum(axis=0), np.arange(5), None)
    asked = answer(questions, counts[:15], counts[15:])
    assert straightened(questions, asked, counts[:15].sum(axis=0), None, 15) is asked
