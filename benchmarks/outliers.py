"""Outliers that were planted, and rows without change that are flagged: `python -m benchmarks outliers [--splits N]`.

Sets of scikit-learn (breast cancer, wine, digits). Seven tenths of the rows are the reference, which learns and calibrates; the others are
fresh. Beside them stand planted rows, as many as a tenth of the fresh ones and at least twenty:

- global: every column drawn uniformly over its range and a tenth beyond;
- local: drawn from a mixture of five normal laws fitted to the fresh rows, its variances five times as large;
- dependency: every column of the fresh rows permuted on its own;
- one column: a fresh row of which one column lies three standard deviations beyond the largest value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture

from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.conformal import reachable_share
from monitor.stats.outliers.ensemble import fit_ensemble
from monitor.stats.outliers.members import MEMBERS

Floats = NDArray[np.float64]
SETS: dict[str, Callable[[], object]] = {"breast cancer": load_breast_cancer, "wine": load_wine, "digits": load_digits}
SHARES = (0.01, 0.02, 0.05)
STRETCHES = 40


def report(splits: int) -> None:
    """Print both tables."""
    areas: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    flagged: dict[str, list[list[float]]] = defaultdict(list)
    worst: dict[str, list[float]] = defaultdict(list)
    stated = {}
    for name, load in SETS.items():
        x = np.asarray(load().data, dtype=np.float64)  # type: ignore[attr-defined]
        for seed in range(splits):
            rng = np.random.default_rng(seed)
            rows = x[rng.permutation(len(x))]
            cut = len(rows) * 7 // 10
            ensemble = fit_ensemble(as_rows(rows[:cut]), np.arange(cut) * STRETCHES // cut, seed=seed)
            fresh = ensemble.score(rows[cut:], none(len(rows) - cut))
            flagged[name].append([float(np.mean(fresh.p_values <= one)) for one in SHARES])
            worst[name].append(max(float(np.mean(part <= SHARES[-1])) for part in np.array_split(fresh.p_values, 10)))
            stated[name] = [reachable_share(one, cut) for one in SHARES]
            for kind, plant in KINDS.items():
                odd = plant(rows[cut:], max((len(rows) - cut) // 10, 20), rng)
                scored = ensemble.score(odd, none(len(odd)))
                label = np.r_[np.zeros(len(rows) - cut), np.ones(len(odd))]
                together = roc_auc_score(label, np.r_[fresh.together, scored.together])
                alone = [roc_auc_score(label, np.r_[fresh.members[:, i], scored.members[:, i]]) for i in range(len(MEMBERS))]
                areas[name, kind].append([float(together), *(float(one) for one in alone)])
    print_areas(areas)
    print_shares(flagged, worst, stated)


def print_areas(areas: dict[tuple[str, str], list[list[float]]]) -> None:
    print("| set | planted | ensemble | " + " | ".join(MEMBERS) + " | mean of members |\n|---|---|" + "---:|" * (len(MEMBERS) + 2))
    means = {key: np.mean(found, axis=0) for key, found in areas.items()}
    for (name, kind), found in means.items():
        print(f"| {name} | {kind} | " + " | ".join(f"{one:.3f}" for one in (*found, found[1:].mean())) + " |")
    every = np.mean(list(means.values()), axis=0)
    print("| **mean** | | " + " | ".join(f"{one:.3f}" for one in (*every, every[1:].mean())) + " |\n")


def print_shares(flagged: dict[str, list[list[float]]], worst: dict[str, list[float]], stated: dict[str, list[float]]) -> None:
    print("| set | stated | flagged | ratio | worst tenth, 5 % stated |\n|---|---:|---:|---:|---:|")
    for name, found in flagged.items():
        for i, share in enumerate(np.mean(found, axis=0)):
            last = f"{100 * np.mean(worst[name]):.1f} %" if i == len(SHARES) - 1 else ""
            print(f"| {name} | {100 * stated[name][i]:.2f} % | {100 * share:.2f} % | {share / stated[name][i]:.2f} | {last} |")


def as_rows(x: Floats) -> Rows:
    nothing = np.zeros(len(x), dtype=np.int64)
    return Rows(x, tuple(f"x{i}" for i in range(x.shape[1])), none(len(x)), {}, nothing, nothing, 1)


def none(n: int) -> NDArray[np.int64]:
    return np.zeros((n, 0), dtype=np.int64)


def everywhere(x: Floats, many: int, rng: np.random.Generator) -> Floats:
    low, high = x.min(axis=0), x.max(axis=0)
    room = 0.1 * (high - low)
    return rng.uniform(low - room, high + room, (many, x.shape[1]))


def wide(x: Floats, many: int, rng: np.random.Generator) -> Floats:
    scale = x.std(axis=0) + 1e-9
    mixture = GaussianMixture(min(5, len(x) // 20), covariance_type="diag", reg_covar=1e-3, random_state=0).fit(
        (x - x.mean(axis=0)) / scale
    )
    part = rng.choice(len(mixture.weights_), many, p=mixture.weights_)
    drawn = mixture.means_[part] + rng.normal(size=(many, x.shape[1])) * np.sqrt(5 * mixture.covariances_[part])
    return np.asarray(drawn * scale + x.mean(axis=0))


def permuted(x: Floats, many: int, rng: np.random.Generator) -> Floats:
    return np.column_stack([rng.permutation(column)[rng.integers(0, len(x), many)] for column in x.T])


def one_column(x: Floats, many: int, rng: np.random.Generator) -> Floats:
    rows, at = x[rng.integers(0, len(x), many)].copy(), rng.integers(0, x.shape[1], many)
    rows[np.arange(many), at] = (x.max(axis=0) + 3 * x.std(axis=0) + 1e-9)[at]
    return rows


KINDS: dict[str, Callable[[Floats, int, np.random.Generator], Floats]] = {
    "global": everywhere, "local": wide, "dependency": permuted, "one column": one_column,
}  # fmt: skip
