from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.stats.methods.null_distributions import anderson_darling_p, cramer_von_mises_p, kolmogorov_p, kuiper_p


@pytest.mark.parametrize("rows", [1, 7, 300, 1000, 20_000])
def test_kolmogorov_is_exact_or_within_one_percent_of_it(rows: int) -> None:
    d = np.minimum(np.array([0.4, 0.9, 1.36, 1.63, 2.5]) / np.sqrt(rows), 1.0)
    assert kolmogorov_p(d, rows) == pytest.approx(stats.kstwo.sf(d, rows), rel=0.012)


@pytest.mark.parametrize(("x", "p"), [(0.34730, 0.10), (0.46136, 0.05), (0.74346, 0.01), (1.16786, 0.001)])
def test_cramer_von_mises_has_the_tabulated_critical_values(x: float, p: float) -> None:
    assert cramer_von_mises_p(x) == pytest.approx(p, rel=2e-3)


@pytest.mark.parametrize(("x", "p"), [(1.933, 0.10), (2.492, 0.05), (3.8784, 0.01), (5.969, 0.001)])
def test_anderson_darling_has_the_tabulated_critical_values(x: float, p: float) -> None:
    assert anderson_darling_p(x) == pytest.approx(p, rel=1e-2)


@pytest.mark.parametrize(("x", "p"), [(1.620, 0.10), (1.747, 0.05), (2.001, 0.01)])
def test_kuiper_has_the_tabulated_critical_values(x: float, p: float) -> None:
    rows = 10_000
    v = x / (np.sqrt(rows) + 0.155 + 0.24 / np.sqrt(rows))
    assert kuiper_p(v, rows) == pytest.approx(p, rel=1e-2)


@pytest.mark.parametrize("law", [cramer_von_mises_p, anderson_darling_p])
def test_p_values_fall_without_a_step_where_body_and_tail_meet(law: object) -> None:
    assert callable(law)
    p = law(np.linspace(0.01, 12, 4000))
    assert (np.diff(p) <= 1e-5).all()
    assert np.abs(np.diff(p)).max() < 0.05
    assert np.isnan(law(np.nan))


def test_far_tails_keep_their_digits() -> None:
    assert 0 < cramer_von_mises_p(10.0) < 1e-22
    assert 0 < anderson_darling_p(60.0) < 1e-25
