"""The chain ladder beside the worked example C9 and Mack's own (1993, on the triangle of Taylor and Ashe)."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.performance.maturity import arrival, chain_ladder

TAYLOR_ASHE = [
    [357848, 1124788, 1735330, 2218270, 2745596, 3319994, 3466336, 3606286, 3833515, 3901463],
    [352118, 1236139, 2170033, 3353322, 3799067, 4120063, 4647867, 4914039, 5339085],
    [290507, 1292306, 2218525, 3235179, 3985995, 4132918, 4628910, 4909315],
    [310608, 1418858, 2195047, 3757447, 4029929, 4381982, 4588268],
    [443160, 1136350, 2128333, 2897821, 3402672, 3873311],
    [396132, 1333217, 2180715, 2985752, 3691712],
    [440832, 1288463, 2419861, 3483130],
    [359480, 1421128, 2864498],
    [376686, 1363294],
    [344014],
]


def triangle(rows: list[list[int]]) -> np.ndarray:
    return np.array([[*row, *[np.nan] * (len(rows[0]) - len(row))] for row in rows], dtype=float)


def test_the_worked_example() -> None:
    found = chain_ladder(triangle([[40, 60, 66, 66], [44, 68, 74], [50, 72], [60]]))
    assert found.factor == pytest.approx([1.492537313, 1.09375, 1.0])
    assert found.ultimate == pytest.approx([66, 74, 78.75, 97.947761])
    assert found.maturity == pytest.approx([1, 1, 0.914285714, 0.612571429])
    assert (np.diff(found.error) >= 0).all()


def test_standard_errors_are_those_that_mack_published() -> None:
    found = chain_ladder(triangle(TAYLOR_ASHE))
    reserve = found.ultimate - [row[-1] for row in TAYLOR_ASHE]
    assert reserve[1:] / 1000 == pytest.approx([95, 470, 710, 985, 1419, 2178, 3920, 4279, 4626], abs=0.6)
    assert found.error[1:] / reserve[1:] == pytest.approx([0.80, 0.26, 0.19, 0.27, 0.29, 0.26, 0.22, 0.23, 0.29], abs=0.006)


def test_windows_without_anything_yet_are_no_certainty_of_nothing() -> None:
    found = chain_ladder(np.array([[0.0, 0.0], [0.0, np.nan]]))
    assert np.isnan(found.maturity).all()
    assert found.ultimate.tolist() == [0.0, 0.0]


def test_no_label_comes_between_two_delays() -> None:
    """Labels that are confirmed after sixty days, and a few that were withdrawn early: at forty days only these are there."""
    delay = np.concatenate([np.linspace(20, 30, 20), np.full(980, 60.0)])
    assert arrival(delay, np.zeros(0)).at(np.array([19.0, 40.0, 59.9, 60.0, np.nan])) == pytest.approx(
        [0, 0.02, 0.02, 1, np.nan], nan_ok=True
    )


def test_a_long_curve_keeps_labels_that_come_at_once_at_their_time() -> None:
    """Half of all labels come in one night among thousands of moments: the curve, though thinned, rises that night."""
    early, late = np.linspace(1, 10, 5_000), np.linspace(50, 60, 1_000)
    curve = arrival(np.concatenate([early, np.full(6_000, 20.0), late]), np.zeros(0))
    assert len(curve.delay) <= 400
    assert curve.at(np.array([19.9, 20.0])) == pytest.approx([5 / 12, 11 / 12], abs=1 / 399)
