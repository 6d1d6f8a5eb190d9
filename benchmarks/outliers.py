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
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.metrics import roc_auc_score
from sklearn.mixture import GaussianMixture

from monitor.stats.multivariate.rows import Rows
from monitor.stats.outliers.conformal import reachable_share
from monitor.stats.outliers.ensemble import Ensemble, Scored, fit_ensemble
from monitor.stats.outliers.members import MEMBERS

Floats = NDArray[np.float64]
SETS: dict[str, Callable[[], object]] = {"breast cancer": load_breast_cancer, "wine": load_wine, "digits": load_digits}
SHARES = (0.01, 0.02, 0.05)
STRETCHES = 40
SMALL, MORE_SPLITS = 1_000, 5
"""Sets with fewer rows are split so many times as often to count what is flagged: one split of wine flags none to six of 54 rows."""


def report(splits: int) -> None:
    """Print both tables."""
    areas: dict[tuple[str, str], list[list[float]]] = defaultdict(list)
    flagged: dict[str, list[Flagged]] = defaultdict(list)
    stated = {}
    for name, load in SETS.items():
        x = np.asarray(load().data, dtype=np.float64)  # type: ignore[attr-defined]
        stated[name] = [reachable_share(one, cut_of(x)) for one in SHARES]
        for seed in range(splits * (MORE_SPLITS if len(x) < SMALL else 1)):
            split = Split.of(x, seed)
            flagged[name].append(split.flagged())
            if seed < splits:
                for kind in KINDS:
                    areas[name, kind].append(split.areas(kind))
    print_areas(areas)
    print_shares(flagged, stated)


def cut_of(x: Floats) -> int:
    """Return how many rows of a set are the reference."""
    return len(x) * 7 // 10


@dataclass(frozen=True, slots=True)
class Flagged:
    """Part of the fresh rows that is flagged at each of SHARES, and of the worst tenth at the largest."""

    shares: list[float]
    worst: float


@dataclass(frozen=True, slots=True)
class Split:
    """A set that is cut at random: what was learned of the reference, and fresh rows, scored."""

    ensemble: Ensemble
    rows: Floats
    scored: Scored
    rng: np.random.Generator

    @classmethod
    def of(cls, x: Floats, seed: int) -> Split:
        """Cut a set."""
        rng, cut = np.random.default_rng(seed), cut_of(x)
        rows = x[rng.permutation(len(x))]
        ensemble = fit_ensemble(as_rows(rows[:cut]), np.arange(cut) * STRETCHES // cut, seed=seed)
        return cls(ensemble, rows[cut:], ensemble.score(rows[cut:], none(len(rows) - cut)), rng)

    def flagged(self) -> Flagged:
        """Count fresh rows that are flagged."""
        p = self.scored.p_values
        return Flagged(
            [float(np.mean(p <= one)) for one in SHARES], max(float(np.mean(part <= SHARES[-1])) for part in np.array_split(p, 10))
        )

    def areas(self, kind: str) -> list[float]:
        """Return the area under the curve of planted rows against fresh ones: of the ensemble, and of each member."""
        odd = KINDS[kind](self.rows, max(len(self.rows) // 10, 20), self.rng)
        scored = self.ensemble.score(odd, none(len(odd)))
        label = np.r_[np.zeros(len(self.rows)), np.ones(len(odd))]
        pairs = [(self.scored.together, scored.together), *zip(self.scored.members.T, scored.members.T, strict=True)]
        return [float(roc_auc_score(label, np.r_[fresh, planted])) for fresh, planted in pairs]


def print_areas(areas: dict[tuple[str, str], list[list[float]]]) -> None:
    print("| set | planted | ensemble | " + " | ".join(MEMBERS) + " | mean of members |\n|---|---|" + "---:|" * (len(MEMBERS) + 2))
    means = {key: np.mean(found, axis=0) for key, found in areas.items()}
    for (name, kind), found in means.items():
        print(f"| {name} | {kind} | " + " | ".join(f"{one:.3f}" for one in (*found, found[1:].mean())) + " |")
    every = np.mean(list(means.values()), axis=0)
    print("| **mean** | | " + " | ".join(f"{one:.3f}" for one in (*every, every[1:].mean())) + " |\n")


def print_shares(flagged: dict[str, list[Flagged]], stated: dict[str, list[float]]) -> None:
    print("| set | splits | stated | flagged | ratio | its standard error | worst tenth, 5 % stated |\n|---|---:|---:|---:|---:|---:|---:|")
    for name, found in flagged.items():
        shares = np.array([one.shares for one in found])
        error = shares.std(axis=0, ddof=1) / np.sqrt(len(found)) / stated[name]
        for i, share in enumerate(shares.mean(axis=0)):
            last = f"{100 * np.mean([one.worst for one in found]):.1f} %" if i == len(SHARES) - 1 else ""
            told = f"{100 * stated[name][i]:.2f} % | {100 * share:.2f} % | {share / stated[name][i]:.2f} | {error[i]:.2f}"
            print(f"| {name} | {len(found)} | {told} | {last} |")


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
