"""What silence is worth."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.profile import Cells
from monitor.stats.counts.comparison import Layout
from monitor.stats.inference.power import plant_level, plant_shifts, reached
from monitor.stats.inference.questions import Ask, ask
from monitor.vocabulary import Kind


def numbers() -> tuple[np.ndarray, Layout]:
    """Return counts of a standard normal column on cells a tenth wide, and their layout."""
    edges = np.linspace(-4, 4, 81)
    draws = np.random.default_rng(0).standard_normal(20_000).clip(-3.99, 4)
    total = np.append(np.bincount(np.searchsorted(edges, draws), minlength=82), [0, 0]).astype(float)
    return total, Layout.of(Cells("x", Kind.NUMERIC, edges, (), low=-4, high=4), total)


def test_a_shift_moves_the_mean_by_its_size() -> None:
    total, layout = numbers()
    planted = plant_shifts(total, layout, 1.0)
    np.testing.assert_allclose(planted.shares.sum(axis=1), 1)
    asked = ask(total, layout.groups, layout.positions)
    moved = planted.moved(asked, asked.asks.index(Ask.MEAN), total)
    small = planted.size < 0.5
    np.testing.assert_allclose(moved[small], planted.size[small], rtol=0.05, atol=0.01)


def test_what_is_needed_is_found_between_the_sizes() -> None:
    total, layout = numbers()
    planted = plant_shifts(total, layout, 1.0)
    needed = np.array([0.0, 0.13, planted.size[-1] + 1])
    sizes = reached(planted, planted.size, needed)
    assert sizes[:2].tolist() == pytest.approx([0.0, 0.13])
    assert np.isnan(sizes[2])


@pytest.mark.parametrize(("shares", "group", "end"), [([0.6, 0.3, 0.1], 0, 0.0), ([0.4, 0.3, 0.3], 0, 1.0)])
def test_the_commonest_level_takes_or_gives_all(shares: list[float], group: int, end: float) -> None:
    cells = Cells("c", Kind.CATEGORICAL, np.array([]), ("a", "b", "c"), buckets=1)
    total = np.array([*shares, 0.0, 0.0, 0.0]) * 1_000
    planted = plant_level(total, Layout.of(cells, total))
    assert planted.group == group
    assert planted.shares[-1, 0] == pytest.approx(end)
    np.testing.assert_allclose(planted.shares.sum(axis=1), 1)
