"""Series that are read off their own record: how far single windows of the reference went."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monitor.stats.inference.evidence import Evidence, gather_evidence
from monitor.stats.inference.panel import Panel, Traits
from tests.stats.inference.panels import panel

SERIES = 12


def shares(rng: np.random.Generator, reference: int = 13, windows: int = 30) -> Panel:
    """Draw shares of levels of columns whose windows vary as much as rows do."""
    drawn = panel(rng, SERIES, reference=reference, windows=windows, tau=1.0)
    traits = Traits(np.arange(SERIES) // 4, np.full(SERIES, 1000.0), np.full(SERIES, 0.2), np.ones(SERIES, dtype=bool))
    return replace(drawn, traits=traits)


def planted(drawn: Panel, far: float) -> Evidence:
    """Move one window of the first series."""
    x = drawn.x.copy()
    x[0, drawn.reference + 7] = far
    return gather_evidence(replace(drawn, x=x))


def test_a_share_that_varies_is_read_off_its_record() -> None:
    drawn = shares(np.random.default_rng(0))
    read = gather_evidence(drawn)
    assert set(read.records) == set(range(SERIES))
    assert set(gather_evidence(replace(drawn, traits=replace(drawn.traits, bent=np.zeros(SERIES, dtype=bool)))).records) < set(
        range(SERIES)
    )


def test_a_window_far_beyond_its_record_is_found_and_one_somewhat_beyond_is_not() -> None:
    drawn = shares(np.random.default_rng(1))
    assert planted(drawn, 6.0).p_value[0] > 0.01
    assert planted(drawn, 80.0).p_value[0] < 1e-5


@pytest.mark.parametrize("series", [0, 5])
def test_distance_is_where_a_window_is_scored_so_far(series: int) -> None:
    """What silence is worth stands on the same scale as verdicts: a window put at the distance gets the score."""
    drawn = shares(np.random.default_rng(2))
    before = gather_evidence(drawn)
    sought = np.array([4.0, 6.0, 9.0])
    distance = before.distance(series, sought)
    assert np.all(np.diff(distance) > 0)
    for wanted, away in zip(sought, distance, strict=True):
        x = drawn.x.copy()
        x[series, drawn.reference + 3] = before.noise.mu[series] + away
        after = gather_evidence(replace(drawn, x=x))
        assert after.away(series)[0][3] == pytest.approx(wanted, rel=0.03)


def test_the_distance_of_a_window_of_few_rows_is_on_its_own_scale() -> None:
    drawn = shares(np.random.default_rng(2))
    variance = drawn.variance.copy()
    variance[0, drawn.reference + 3] *= 6.0
    drawn = replace(drawn, variance=variance)
    before = gather_evidence(drawn)
    wanted = np.full(drawn.windows, 9.0)
    x = drawn.x.copy()
    x[0, drawn.reference + 3] = before.noise.mu[0] + before.distance(0, wanted, before.stretch(0))[3]
    assert gather_evidence(replace(drawn, x=x)).away(0)[0][3] == pytest.approx(9.0, rel=0.03)
