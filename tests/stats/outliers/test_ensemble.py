"""The ensemble finds what was planted and flags the share that it states on rows it has not seen."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from monitor.errors import MethodError
from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.ensemble import combined, fit_ensemble
from monitor.stats.outliers.members import MEMBERS


def made(z: np.ndarray) -> Rows:
    nothing = np.zeros(len(z), dtype=np.int64)
    return Rows(z, tuple(f"x{i}" for i in range(z.shape[1])), np.zeros((len(z), 0), dtype=np.int64), {}, nothing, nothing, 1)


def drawn(n: int, rng: np.random.Generator) -> np.ndarray:
    """Five columns of which four follow two."""
    base = rng.normal(size=(n, 2))
    return np.column_stack([base, base @ [[1, 1], [1, -1]] + 0.2 * rng.normal(size=(n, 2)), rng.exponential(size=n)])


def planted(kind: str, n: int, rng: np.random.Generator) -> np.ndarray:
    z = drawn(n, rng)
    if kind == "global":
        z[np.arange(n), rng.integers(0, 5, n)] += rng.choice([-8, 8], n)
    elif kind == "dependency":
        z = np.column_stack([rng.permutation(column) for column in z.T])
    else:
        z[:, :4] = rng.normal(scale=0.05, size=(n, 4)) + np.array([2.0, -2.0, 1.0, 3.0])
    return z


@pytest.mark.parametrize("kind", ["global", "local", "dependency"])
def test_planted_rows_score_higher(kind: str) -> None:
    rng = np.random.default_rng(1)
    ensemble = fit_ensemble(made(drawn(1_000, rng)), np.arange(1_000) // 25)
    clean, odd = drawn(500, rng), planted(kind, 50, rng)
    scored = ensemble.score(np.vstack([clean, odd]), np.zeros((550, 0), dtype=np.int64))
    label = np.r_[np.zeros(500), np.ones(50)]
    members = [roc_auc_score(label, scored.members[:, i]) for i in range(len(MEMBERS))]
    assert roc_auc_score(label, scored.together) > max(np.mean(members), members[0]) - 0.01
    assert roc_auc_score(label, scored.together) > 0.9


def test_the_stated_share_of_fresh_rows_is_flagged() -> None:
    found = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        ensemble = fit_ensemble(made(drawn(999, rng)), np.arange(999) // 25, seed=seed)
        found.append(np.mean(ensemble.score(drawn(4_000, rng), np.zeros((4_000, 0), dtype=np.int64)).p_values <= 0.05))
    assert np.mean(found) == pytest.approx(0.05, rel=0.2)


def test_rows_of_one_stretch_are_not_scored_by_what_learned_from_it() -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(size=(400, 3))
    z[:20] = 9.0 + 0.001 * rng.normal(size=(20, 3))  # a storm: alike among themselves, unlike all else
    ensemble = fit_ensemble(made(z), np.arange(400) // 20)
    assert (ensemble.held_out.p_values[:20] <= 0.06).all()


def test_the_same_seed_says_the_same() -> None:
    z = drawn(200, np.random.default_rng(5))
    first, second = (fit_ensemble(made(z), np.arange(200) // 10, seed=7).score(z, np.zeros((200, 0), dtype=np.int64)) for _ in range(2))
    assert np.array_equal(first.p_values, second.p_values)


def test_few_rows_are_refused_with_their_number() -> None:
    with pytest.raises(MethodError, match=r"at least 20 reference rows .* got 7"):
        fit_ensemble(made(np.zeros((7, 2))), np.zeros(7, dtype=np.int64))


def test_one_stretch_alone_is_cut_by_its_rows() -> None:
    z = drawn(100, np.random.default_rng(2))
    assert len(fit_ensemble(made(z), np.zeros(100, dtype=np.int64)).calibration) == 100


def test_the_surest_member_counts_most_and_the_others_break_ties() -> None:
    found = combined(np.array([[0.1, 0.001], [0.1, 0.1], [0.001, 0.001], [0.5, 0.001]]))
    assert found == pytest.approx(np.log([505.0, 10.0, 1000.0, 501.0]))


def test_what_one_member_is_sure_of_the_others_do_not_dilute() -> None:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(4_000, 6))
    z[:, 1] = 0.8 * z[:, 0] + 0.6 * z[:, 1]
    odd = rng.normal(size=(100, 6))
    odd[:, :2] = [1.6, -1.6]
    scored = fit_ensemble(made(z), np.arange(4_000) // 100).score(odd, np.zeros((100, 0), dtype=np.int64))
    assert (scored.member_p_values[:, MEMBERS.index("pca_residual")] <= 0.002).mean() > 0.8
    assert (scored.p_values <= 0.01).mean() > 0.8
