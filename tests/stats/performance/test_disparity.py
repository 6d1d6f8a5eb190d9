"""Gaps between groups beside fairlearn and numbers worked by hand (worked example C11, Newcombe 1998)."""

from __future__ import annotations

import numpy as np
import pytest
from fairlearn import metrics as fair

from monitor.stats.inference.intervals import wilson
from monitor.stats.performance.binary import Binary, binary_metrics
from monitor.stats.performance.disparity import JUDGED, Scale, between, gap, pooled
from monitor.stats.performance.estimates import Estimate, told
from monitor.stats.performance.labelled import Labelled

Y, DECIDED, GROUP = [1, 1, 0, 0, 1, 0, 1, 0, 0, 1], [1, 0, 0, 1, 1, 0, 1, 0, 0, 0], list("aaaaaabbbb")


def rate(k: float, n: float) -> Estimate:
    return told(np.array([k / n]), wilson([k], [n]), np.array([n]), why="none")


def by_group(y: np.ndarray, decided: np.ndarray, group: np.ndarray) -> dict[str, dict[str, Estimate]]:
    found = {}
    for name in np.unique(group):
        own = group == name
        rows = Labelled(np.zeros(own.sum(), dtype=np.int64), 1, np.arange(own.sum()))
        found[str(name)] = dict(binary_metrics(Binary(rows, y[own], decided[own], None)))
    return found


def test_ten_rows_by_hand_are_told_and_are_too_few() -> None:
    found = by_group(np.array(Y, dtype=bool), np.array(DECIDED, dtype=bool), np.array(GROUP))
    parity = between([one["selection_rate"] for one in found.values()], Scale.RATIO)
    assert (parity.gap.difference[0], parity.gap.ratio[0], bool(parity.few[0])) == (0.25, 0.5, True)
    odds = [between([one[name] for one in found.values()], Scale.RATIO) for name in ("recall", "false_positive_rate")]
    assert max(one.gap.difference[0] for one in odds) == pytest.approx(1 / 3)
    assert min(one.gap.ratio[0] for one in odds) == 0.0
    assert np.isnan([one.gap.difference_lower[0] for one in odds]).all()


def test_gaps_are_those_of_fairlearn() -> None:
    rng = np.random.default_rng(3)
    n = 4_000
    group, y = rng.choice(list("abc"), n), rng.random(n) < 0.3
    decided = rng.random(n) < np.where(group == "a", 0.5, 0.3) * np.where(y, 1.5, 0.8)
    found = by_group(y, decided, group)
    frame = fair.MetricFrame(
        metrics={"selection_rate": fair.selection_rate, "recall": fair.true_positive_rate, "false_positive_rate": fair.false_positive_rate},
        y_true=y, y_pred=decided, sensitive_features=group,
    )  # fmt: skip
    for name in frame.by_group.columns:
        assert [one[name].value[0] for one in found.values()] == pytest.approx(frame.by_group[name].tolist())
        apart = between([one[name] for one in found.values()], Scale.RATIO)
        assert apart.gap.difference[0] == pytest.approx(frame.difference()[name])
        assert apart.gap.ratio[0] == pytest.approx(frame.ratio()[name])
    both = [between([one[name] for one in found.values()], Scale.RATIO) for name in ("recall", "false_positive_rate")]
    assert max(one.gap.difference[0] for one in both) == pytest.approx(fair.equalized_odds_difference(y, decided, sensitive_features=group))


def test_intervals_of_ratios_hold_the_truth() -> None:
    rng, held, tries = np.random.default_rng(0), 0, 2_000
    for k, m in zip(rng.binomial(400, 0.12, tries), rng.binomial(900, 0.06, tries), strict=True):
        found = gap(rate(k, 400.0), rate(m, 900.0), Scale.RATIO)
        held += bool(found.ratio_lower[0] <= 2.0 <= found.ratio_upper[0])
    assert 0.93 <= held / tries <= 0.97


def test_no_row_decided_positive_is_no_infinite_certainty() -> None:
    found = gap(rate(0, 50.0), rate(40, 100.0), Scale.RATIO)
    assert found.ratio[0] == 0.0
    assert found.ratio_lower[0] == 0.0
    assert 0 < found.ratio_upper[0] < 0.4
    turned = gap(rate(40, 100.0), rate(0, 50.0), Scale.RATIO)
    assert turned.ratio_lower[0] == pytest.approx(1 / found.ratio_upper[0], rel=0.05)
    assert np.isinf(turned.ratio_upper[0])


def test_pooled_windows_are_their_rows_together() -> None:
    k, n = np.array([3.0, 30.0, 8.0]), np.array([30.0, 90.0, 40.0])
    found = told(k / n, wilson(k, n), n, why="none")
    both = pooled(found, np.array([True, True, False]))
    assert both.value[0] == pytest.approx(33 / 120)
    assert both.lower[0] == pytest.approx(wilson(33, 120)[0], abs=0.02)
    assert np.isnan(pooled(found, np.zeros(3, dtype=bool)).value[0])


def test_every_judged_metric_has_a_band() -> None:
    assert {one.scale for one in JUDGED.values()} <= {Scale.RATIO, Scale.ODDS}
