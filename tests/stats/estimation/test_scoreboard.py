"""Which method is believed, and how far intervals reach."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.estimation.scoreboard import Past, best_method, reach
from monitor.stats.estimation.shifted import cell_shift, trusted

NONE = Past(np.zeros(0), np.zeros(0))


def test_the_first_method_stays_unless_another_is_clearly_better() -> None:
    errors = {"cbpe": {"x": np.array([1.0, -1.0])}, "nanny": {"x": np.array([0.95, -0.95])}}
    assert best_method(errors, "cbpe") == "cbpe"
    errors["nanny"] = {"x": np.array([0.5, np.nan])}
    assert best_method(errors, "cbpe") == "nanny"


def test_an_interval_is_normal_while_nothing_is_known_of_errors() -> None:
    assert reach(np.array([4.0]), NONE, np.array([np.nan]), np.array([False])) == pytest.approx([2 * 1.959964], abs=1e-5)


def test_errors_widen_the_intervals_after_them() -> None:
    error = np.full(30, 4.0)
    found = reach(np.ones(30), NONE, error, np.ones(30, dtype=bool))
    assert found[0] == pytest.approx(1.959964, abs=1e-5)
    assert found[-1] == pytest.approx(4 * 1.959964, abs=1e-4)


def test_many_errors_say_where_95_of_100_end() -> None:
    error = np.append(np.linspace(-5, 5, 199), 0.0)
    assert reach(np.ones(200), NONE, error, np.ones(200, dtype=bool))[-1] == pytest.approx(4.8, abs=0.1)


def test_rows_unlike_the_reference_are_not_trusted() -> None:
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0, 1, 500), rng.normal(6, 1, 500)])
    auc, share = cell_shift(rng.normal(0, 1, 5000), values, np.repeat([0, 1], 500), 2)
    assert trusted(auc, share).tolist() == [True, False]
