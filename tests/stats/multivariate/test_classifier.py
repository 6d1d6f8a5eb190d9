"""Domain classifier: AUC by hand, folds of whole blocks, silence without drift and an alarm with it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from monitor.errors import MethodError
from monitor.stats.inference.bands import p_upper
from monitor.stats.multivariate.classifier import auc, block_folds, features, separate, separate_reference
from monitor.stats.multivariate.rows import Rows

MakeRows = Callable[..., Rows]


def test_auc_counts_ties_as_one_half() -> None:
    assert auc(np.array([0.0, 1.0]), np.array([1.0, 2.0])) == 3.5 / 4


def test_auc_equals_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    y, score = rng.integers(0, 2, 200), rng.integers(0, 20, 200).astype(float)
    assert auc(score[y == 0], score[y == 1]) == pytest.approx(roc_auc_score(y, score))


def test_blocks_stay_whole_and_folds_even() -> None:
    block = np.random.default_rng(0).integers(0, 40, 1000)
    fold = block_folds(block, 4)
    assert all(len(set(fold[block == b])) == 1 for b in range(40))
    assert np.bincount(fold).min() > 200


def clustered(rng: np.random.Generator, windows: int) -> np.ndarray:
    return np.repeat(rng.normal(size=(windows * 20, 4)), 15, axis=0) * 0.7 + rng.normal(size=(windows * 300, 4)) * 0.7


def test_clustered_rows_without_drift_raise_no_alarm_and_a_shift_does(make_rows: MakeRows) -> None:
    rng = np.random.default_rng(5)
    reference = make_rows(clustered(rng, 6), windows=6, blocks_per_window=20)
    expected = separate_reference(reference, sample=300)
    null = [separate(reference, make_rows(clustered(rng, 1), blocks_per_window=20, first_block=1000), sample=300) for _ in range(3)]
    scores, sizes = np.array([s.auc for s in expected]), np.full(6, 300)
    assert np.sum(p_upper(np.array([s.auc for s in null]), sizes[:3], scores, sizes) < 0.01) == 0
    shifted = clustered(rng, 1)
    shifted[:, 2] += 1.5
    found = separate(reference, make_rows(shifted, blocks_per_window=20, first_block=2000), sample=300, importance=True)
    assert p_upper(np.array([found.auc]), sizes[:1], scores, sizes)[0] < 0.01
    assert found.importance.argmax() == 2
    assert found.lower < found.auc < found.upper


def test_rows_that_share_their_hour_do_not_betray_their_side(make_rows: MakeRows) -> None:
    rng = np.random.default_rng(0)
    sides = [make_rows(np.repeat(rng.normal(size=(40, 3)), 25, axis=0), blocks_per_window=40, first_block=f) for f in (0, 100)]
    assert separate(*sides, sample=500).auc < 0.7


def test_one_block_says_nothing(make_rows: MakeRows) -> None:
    rows = make_rows(np.random.default_rng(0).normal(size=(50, 2)))
    result = separate(rows, make_rows(np.zeros((20, 2)), blocks_per_window=1, first_block=99))
    assert np.isnan(result.auc)
    assert result.folds == 0


def test_no_rows_are_refused(mixed_rows: Rows) -> None:
    with pytest.raises(MethodError, match="rows on both sides, got 400 and 0"):
        separate(mixed_rows, mixed_rows.take(np.zeros(400, dtype=bool)))


def test_features_keep_missing_and_pool_rare_levels(mixed_rows: Rows) -> None:
    x = features(mixed_rows)
    assert np.isnan(x[:10, 2]).all()
    assert np.isnan(x[5:25, 1]).all()
    assert set(x[:, 3]) == {0.0, 1.0, 2.0}


def test_a_new_level_is_found(mixed_rows: Rows) -> None:
    reference = mixed_rows.take(mixed_rows.categorical[:, 1] < 2)
    result = separate(reference.take(reference.window < 2), mixed_rows.take(mixed_rows.window >= 2), importance=True)
    assert result.importance.argmax() == 3


def test_reference_of_one_window_has_no_rest(make_rows: MakeRows) -> None:
    assert separate_reference(make_rows(np.zeros((50, 2)))) == ()
