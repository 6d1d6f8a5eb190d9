"""What columns let expect of each other: the same in every part of the rows, and not drowned by columns of levels beside them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.ensemble import fit_ensemble
from monitor.stats.outliers.members import MEMBERS, RESIDUAL, fit_members

LEVELS = ("north", "south", "east", "west", "other")
RESIDUALS = MEMBERS.index(RESIDUAL)


def mixed(numbers: np.ndarray, *codes: np.ndarray, levels: int = len(LEVELS)) -> Rows:
    n, nothing = len(numbers), np.zeros(len(numbers), dtype=np.int64)
    held = {f"k{i}": tuple(f"{i}{level}" for level in range(levels)) for i in range(len(codes))}
    categorical = np.column_stack(codes) if codes else np.zeros((n, 0), dtype=np.int64)
    return Rows(numbers, tuple(f"x{i}" for i in range(numbers.shape[1])), categorical, held, nothing, nothing, 1)


def unrelated(n: int, rng: np.random.Generator) -> Rows:
    return mixed(rng.normal(size=(n, 4)), rng.choice(4, n, p=[0.4, 0.3, 0.25, 0.05]))


def test_columns_without_relation_have_the_same_residual_whatever_rows_are_learned_from() -> None:
    rows = unrelated(4_000, np.random.default_rng(2))
    seldom = rows.categorical[:, 0] == 3
    found = []
    for fold in range(5):
        members = fit_members(rows.take(np.arange(4_000) % 5 != fold))
        found.append(np.median(members.score(rows.numeric[seldom], rows.categorical[seldom])[:, RESIDUALS]))
    assert max(found) < 1.5 * min(found)


def test_no_level_is_flagged_for_itself_among_rows_without_change() -> None:
    flagged = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        fresh = unrelated(4_000, rng)
        p = fit_ensemble(unrelated(3_000, rng), np.arange(3_000) // 75, seed=seed).score(fresh.numeric, fresh.categorical).p_values
        flagged.append([np.mean(p <= 0.01), np.mean(p[fresh.categorical[:, 0] == 3] <= 0.01)])
    assert np.mean(flagged, axis=0)[0] == pytest.approx(0.01, rel=0.3)
    assert np.mean(flagged, axis=0)[1] < 0.1


@pytest.mark.parametrize("texts", [0, 1, 2])
def test_numbers_that_do_not_belong_together_are_found_beside_columns_of_levels(texts: int) -> None:
    rng = np.random.default_rng(4)

    def drawn(n: int) -> Rows:
        first = rng.normal(size=n)
        numbers = np.column_stack([first, 0.8 * first + 0.6 * rng.normal(size=n), rng.normal(size=(n, 3))])
        return mixed(numbers, *(rng.integers(0, 20, n) for _ in range(texts)), levels=21)

    ensemble, fresh, odd = fit_ensemble(drawn(3_000), np.arange(3_000) // 75), drawn(1_000), drawn(50)
    odd.numeric[:, :2] = [1.5, -1.5]
    scored = [ensemble.score(one.numeric, one.categorical).members[:, RESIDUALS] for one in (fresh, odd)]
    assert roc_auc_score(np.r_[np.zeros(1_000), np.ones(50)], np.concatenate(scored)) > 0.98


def test_levels_that_do_not_belong_together_lie_off() -> None:
    rng = np.random.default_rng(5)
    city = rng.integers(0, 4, 2_000)
    rows = mixed(rng.normal(size=(2_000, 2)), city, city // 2)
    right, wrong = np.array([[0, 0]]), np.array([[0, 1]])
    usual, off = (fit_members(rows).score(np.zeros((1, 2)), one)[0, RESIDUALS] for one in (right, wrong))
    assert off > 20 * max(usual, 1.0)


def test_a_sum_that_does_not_add_up_lies_off() -> None:
    parts = np.random.default_rng(6).normal(size=(1_000, 2))
    members = fit_members(mixed(np.column_stack([parts, parts.sum(axis=1)])))
    none = np.zeros((2, 0), dtype=np.int64)
    usual, off = members.score(np.array([[0.5, 0.5, 1.0], [0.5, 0.5, 0.5]]), none)[:, RESIDUALS]
    assert off > 100 * max(usual, 1.0)


@pytest.mark.parametrize("numbers", [np.zeros((50, 2)), np.full((50, 1), np.nan)])
def test_constant_and_empty_columns_have_a_residual(numbers: np.ndarray) -> None:
    rows = mixed(numbers, np.zeros(50, dtype=np.int64))
    assert np.isfinite(fit_members(rows).score(numbers, rows.categorical)).all()
