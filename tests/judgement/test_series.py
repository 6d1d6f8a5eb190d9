"""Any number per window on one scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from monitor.analyses.joint_series import Series
from monitor.judgement.series import SAMPLED, series_answers, series_screen

LEVEL = Series(
    method="pca_reconstruction",
    score=np.array([1.0, 3.0, 1.0]),
    rows=np.array([500, 500, 250]),
    reference=np.random.default_rng(0).normal(1, 0.1, 30),
    reference_rows=np.full(30, 500),
    shape="level",
    two_sided=True,
)


def test_a_series_is_put_on_the_scale_of_its_reference() -> None:
    found = series_answers(LEVEL, 30)
    assert found.x[0, :30].mean() == pytest.approx(0, abs=1e-12)
    assert found.x[0, :30].std(ddof=1) == pytest.approx(1)
    assert found.variance[0, -1] == 2 * found.variance[0, 0] == 2 * SAMPLED


def test_shorter_references_begin_with_windows_that_say_nothing() -> None:
    found = series_answers(LEVEL, 33)
    assert found.x.shape == (1, 36)
    assert np.isinf(found.variance[0, :3]).all()


def test_distances_are_ratios() -> None:
    once, double = (replace(LEVEL, shape="distance", reference=k * LEVEL.reference, score=k * LEVEL.score) for k in (1, 2))
    np.testing.assert_allclose(series_answers(once, 30).x, series_answers(double, 30).x, atol=1e-9)


def test_windows_without_a_score_say_nothing() -> None:
    found = series_answers(replace(LEVEL, score=np.array([np.nan, 1.0, 1.0]), rows=np.array([5, 0, 5])), 30)
    assert np.isinf(found.variance[0, 30:]).tolist() == [True, True, False]


def test_things_share_a_screen_and_only_the_moved_one_is_surprising() -> None:
    still = [replace(LEVEL, score=np.ones(3), reference=np.random.default_rng(i).normal(1, 0.1, 30)) for i in range(6)]
    screen = series_screen({"moved": (LEVEL, still[0]), **{f"still {i}": (one,) for i, one in enumerate(still[1:])}})
    assert screen.p_value("moved") < 0.001
    assert min(screen.p_value(f"still {i}") for i in range(5)) > 0.05


def test_no_things_no_evidence() -> None:
    assert series_screen({}).things == {}
