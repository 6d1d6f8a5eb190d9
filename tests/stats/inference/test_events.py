"""How surprising a fact is."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.inference.events import FLOOR, chance_p, event_p, share_needed, windows_together


@pytest.mark.parametrize("windows", [3, 12, 60])
def test_the_share_needed_has_just_that_p_value(windows: int) -> None:
    for p in (1e-2 / (windows + 1), 1e-4, 1e-7):
        share = share_needed(p, FLOOR, windows)
        found = event_p(np.array([share]), np.array([FLOOR]), windows, as_large=np.zeros(1))
        assert found[0] == pytest.approx(p)


def test_what_the_reference_did_itself_is_counted() -> None:
    p = event_p(np.array([0.1]), np.array([0.3]), 19, as_large=np.array([4.0]))
    assert p[0] == pytest.approx(5 / 20)


def test_all_rows_may_alarm_even_beside_three_windows() -> None:
    assert event_p(np.ones(1), np.array([FLOOR]), 3, as_large=np.zeros(1))[0] < 1e-8
    assert share_needed(0.05 / 20 * 0.1, FLOOR, 3) < 1


def test_rows_are_counted_against_what_the_reference_had_once() -> None:
    p = chance_p(np.array([0.0, 1.0, 40.0]), np.array([100.0, 1.0, 100.0]), once=299, known=1_000)
    assert p[0] == 1.0
    assert p[1] == pytest.approx(300 / 1_001)  # Laplace's rule of succession
    assert p[2] > stats.binom.sf(39, 100, 0.3)  # the share is not known for sure
    assert chance_p(np.array([40.0]), np.array([100.0]), once=299_999, known=1e6)[0] == pytest.approx(
        stats.binom.sf(39, 100, 0.3), rel=0.01
    )


def test_a_fact_that_stays_is_worth_more_the_longer_the_reference() -> None:
    assert windows_together(1, 60) == 1
    assert 1 < windows_together(8, 5) < windows_together(8, 60) < 1 + 0.5 * 3
    shares = [event_p(np.array([0.01]), np.array([FLOOR]), 30, as_large=np.zeros(1), together=t)[0] for t in (1, 2)]
    assert shares[1] < shares[0]
