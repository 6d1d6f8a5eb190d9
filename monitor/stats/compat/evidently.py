"""The `evidently` profile: scores, thresholds and default choice as evidently 0.7.23 computes them, pair by pair.

Kept on purpose, with what our own catalogue does instead:

- missing values are dropped (here: a cell); bins are cut over both sides together, so a score changes with the window (here: shared cells);
- `chisquare` and `g_test` take the reference as exact (here: two-sample); `g_test` and `fisher_exact` demand equally many rows;
- `mannw` is one-sided: it sees production become larger, never smaller; `cramer_von_mises` calls two equal constants drifted;
- `fisher_exact` of three values over both sides tests whichever of them hashing puts first (here: the commonest) against the rest;
- integer arrays are binned in whole steps, so that 0/1 integers give `hellinger` a single bin.

Not reproduced: the random draws of `empirical_mmd` (unseeded there) and `TVD`; ours are seeded. `cramer_von_mises` on at most 20 rows
a side can crash there; here it answers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from monitor.errors import MethodError
from monitor.stats.compat.profiles import LEVELS, NUMBERS, PeerMethod, Verdict, find, present, tally
from monitor.stats.methods import ecdf as ordered
from monitor.stats.methods import samples
from monitor.vocabulary import Kind

Floats = NDArray[np.float64]
Values = NDArray[Any]

FEW_ROWS = 1000
FEW_VALUES = 5
BINNED_FROM = 20
MMD_LIMIT = 5000
SMALLEST_SD = 0.001


def choose(reference: ArrayLike, production: ArrayLike, kind: Kind) -> str:
    """Return the id of the method that evidently picks by default for one column and window."""
    left, right = present(reference, kind), present(production, kind)
    distinct = tally(left, right).shape[1]
    if len(left) > FEW_ROWS:
        return "evidently.wasserstein" if kind in NUMBERS and distinct > FEW_VALUES else "evidently.jensenshannon"
    if kind in NUMBERS and distinct > FEW_VALUES:
        return "evidently.ks"
    return "evidently.chisquare" if distinct > 2 else "evidently.z"


def measure(name: str, reference: ArrayLike, production: ArrayLike, kind: Kind) -> Verdict:
    """Return what evidently would report of one column and window; a side without values gives nan and no drift.

    Raises
    ------
    MethodError
        No such method, not for this kind, or evidently itself would refuse these data.
    """
    method = find(METHODS, name, kind)
    left, right = present(reference, kind), present(production, kind)
    if min(len(left), len(right)) == 0:
        return Verdict(float("nan"), method.threshold, drifted=False)
    score = _SCORES[name](left, right)
    if not method.is_p_value:
        return Verdict(score, method.threshold, score >= method.threshold)
    at_threshold = name in ("evidently.ks", "evidently.cramer_von_mises") and score == method.threshold
    return Verdict(score, method.threshold, score < method.threshold or at_threshold)


def _binned(reference: Values, production: Values) -> Floats:
    """Shares of both sides, (2, k): Sturges' bins over both together if the reference has many numbers, else one bin per value."""
    if reference.dtype.kind in "iuf" and len(np.unique(reference)) > BINNED_FROM:
        edges = np.histogram_bin_edges(np.concatenate([reference, production]), bins="sturges")
        counts = np.array([np.histogram(side, edges)[0] for side in (reference, production)])
    else:
        counts = tally(reference, production)
    return np.asarray(counts / np.array([[len(reference)], [len(production)]]))


def _filled(shares: Floats) -> Floats:
    """Replace 0 by 1e-4, or by a millionth of the smallest share of the side if that is no larger than 1e-4."""
    smallest = np.where(shares > 0, shares, np.inf).min(axis=1, keepdims=True)
    return np.where(shares == 0, np.where(smallest <= 1e-4, smallest / 1e6, 1e-4), shares)


def _psi(reference: Values, production: Values) -> float:
    p, q = _filled(_binned(reference, production))
    return float(((p - q) * np.log(p / q)).sum())


def _kl(reference: Values, production: Values) -> float:
    p, q = _filled(_binned(reference, production))
    return float(special.rel_entr(p / p.sum(), q / q.sum()).sum())


def _js(reference: Values, production: Values) -> float:
    p, q = _binned(reference, production)
    middle = (p + q) / 2
    return float(np.sqrt(max((special.rel_entr(p, middle) + special.rel_entr(q, middle)).sum() / 2, 0.0)))


def _hellinger(reference: Values, production: Values) -> float:
    if reference.dtype.kind in "iuf":
        edges = np.histogram_bin_edges(np.union1d(reference, production), bins="sturges")
        p, q = (np.histogram(side, edges)[0] / len(side) for side in (reference, production))
    else:
        p, q = _binned(reference, production)
    return float(np.sqrt(1 - min(float(np.sqrt(p * q).sum()), 1.0)))


def _wasserstein(reference: Values, production: Values) -> float:
    return samples.wasserstein(reference, production).score / max(float(np.std(reference)), SMALLEST_SD)


def _energy(reference: Values, production: Values) -> float:
    return samples.energy(reference, production).score


def _ks(reference: Values, production: Values) -> float:
    return samples.ks(reference, production).p_value


def _cramer_von_mises(reference: Values, production: Values) -> float:
    if min(len(reference), len(production)) < 2:
        raise MethodError("Method 'evidently.cramer_von_mises' needs at least two rows on each side.")
    from scipy import stats

    return float(stats.cramervonmises_2samp(reference, production).pvalue)


def _anderson(reference: Values, production: Values) -> float:
    """p-value of the k-sample test, interpolated in Scholz and Stephens' table, hence never outside [.001, .25]."""
    counts = tally(reference, production)
    if counts.shape[1] < 2:
        raise MethodError("Method 'evidently.anderson' needs more than one distinct value.")
    statistic = float(ordered.anderson_darling(*counts).score[0])
    levels = np.array([0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001])
    b0 = np.array([0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085])
    b1 = np.array([-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615])
    b2 = np.array([-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154])
    critical = b0 + b1 + b2
    if not critical[0] <= statistic <= critical[-1]:
        return 0.25 if statistic < critical[0] else 0.001
    return float(np.exp(np.polyval(np.polyfit(critical, np.log(levels), 2), statistic)))


def _mann_whitney(reference: Values, production: Values) -> float:
    from scipy import stats

    with np.errstate(divide="ignore", invalid="ignore"):
        return float(stats.mannwhitneyu(reference, production, alternative="less").pvalue)


def _t(reference: Values, production: Values) -> float:
    """Student's t with the pooled variance; nan for two equal constants, 0 for two different ones."""
    n, m = len(reference), len(production)
    squares = sum(float(((side - side.mean()) ** 2).sum()) for side in (reference, production))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.float64(reference.mean() - production.mean()) / np.sqrt(squares / max(n + m - 2, 1) * (1 / n + 1 / m))
    return float(2 * special.stdtr(n + m - 2, -abs(t)))


def _epps_singleton(reference: Values, production: Values) -> float:
    left, right = samples.finite(reference), samples.finite(production)
    if min(len(left), len(right)) < 5 or samples.half_range(left, right) == 0:
        raise MethodError("Method 'evidently.es' needs five rows on each side and values that vary in their middle half.")
    return samples.characteristic_distance(left, right).p_value


def _mmd(reference: Values, production: Values) -> float:
    """p-value of the unbiased MMD by 100 permutations; kernel width from the reference alone, as there."""
    n, m = len(reference), len(production)
    if n + m > MMD_LIMIT:
        raise MethodError(f"Method 'evidently.empirical_mmd' compares all pairs of rows: {n + m} rows are more than {MMD_LIMIT}.")
    both = np.concatenate([reference, production]).astype(float)
    squares = np.subtract.outer(both, both) ** 2
    width = float(np.percentile(squares[:n, :n], 50, method="nearest"))
    kernel = np.exp(-squares / (width if width > 0 else 1.0))
    np.fill_diagonal(kernel, 0.0)
    generator = np.random.default_rng(0)
    first = np.repeat([1.0, 0.0], [n, m])
    sides = np.array([first, *(generator.permutation(first) for _ in range(100))])
    inside = sides @ kernel
    outside = kernel.sum(axis=0) - inside
    discrepancy = (inside * sides).sum(axis=1) / (n * max(n - 1, 1)) + (outside * (1 - sides)).sum(axis=1) / (m * max(m - 1, 1))
    discrepancy -= 2 * (inside * (1 - sides)).sum(axis=1) / (n * m)
    return float((discrepancy[0] <= discrepancy[1:] + 1e-12).mean())


def _expected(reference: Values, production: Values) -> Floats:
    """Return expected and observed counts of production, (2, k), the reference taken as exact."""
    counts = tally(reference, production)
    return np.array([counts[0] * (len(production) / len(reference)), counts[1]])


def _chi_square(reference: Values, production: Values) -> float:
    expected, observed = _expected(reference, production)
    with np.errstate(divide="ignore"):
        return (
            float(special.chdtrc(len(expected) - 1, ((observed - expected) ** 2 / expected).sum())) if len(expected) > 1 else float("nan")
        )


def _g(reference: Values, production: Values) -> float:
    if len(reference) != len(production):
        raise MethodError("Method 'evidently.g_test' needs equally many rows on both sides.")
    expected, observed = _expected(reference, production)
    statistic = 2 * special.rel_entr(observed, expected).sum()
    return float(special.chdtrc(len(expected) - 1, max(statistic, 0.0))) if len(expected) > 1 else float("nan")


def _z(reference: Values, production: Values) -> float:
    """Pooled two-sided test on the share of rows that are not the first value in sort order."""
    try:
        first = sorted({*reference.tolist(), *production.tolist()})[0]
    except TypeError as error:
        raise MethodError(f"Method 'evidently.z' has to sort the values of the column: {error}") from error
    n, m = len(reference), len(production)
    hits = [float(np.sum(side != first)) for side in (reference, production)]
    pooled = sum(hits) / (n + m)
    if pooled == 0:
        return 1.0
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return float(2 * special.ndtr(-abs(hits[0] / n - hits[1] / m) / spread)) if spread > 0 else float("nan")


def _fisher(reference: Values, production: Values) -> float:
    """Test the commonest value against the rest (there, of three values over both sides, whichever hashing puts first)."""
    counts = tally(reference, production)
    if len(reference) != len(production) or (counts > 0).sum(axis=1).max() > 2:
        raise MethodError("Method 'evidently.fisher_exact' needs two distinct values at most and equally many rows on both sides.")
    from scipy import stats

    top = counts[:, np.argmax(counts.sum(axis=0))]
    return float(stats.fisher_exact(np.stack([top, counts.sum(axis=1) - top], axis=1)).pvalue)


def _total_variation(reference: Values, production: Values) -> float:
    """p-value of the total variation distance by 1,000 permutations."""
    counts = tally(reference, production)
    n, m = len(reference), len(production)
    drawn = np.random.default_rng(0).multivariate_hypergeometric(counts.sum(axis=0), n, size=1000, method="marginals")
    null = np.abs(drawn / n - (counts.sum(axis=0) - drawn) / m).sum(axis=1)
    return float((np.abs(counts[0] / n - counts[1] / m).sum() <= null + 1e-12).mean())


_SCORES: dict[str, Callable[[Values, Values], float]] = {
    "evidently.ks": _ks,
    "evidently.wasserstein": _wasserstein,
    "evidently.psi": _psi,
    "evidently.kl_div": _kl,
    "evidently.jensenshannon": _js,
    "evidently.hellinger": _hellinger,
    "evidently.ed": _energy,
    "evidently.anderson": _anderson,
    "evidently.cramer_von_mises": _cramer_von_mises,
    "evidently.mannw": _mann_whitney,
    "evidently.t_test": _t,
    "evidently.es": _epps_singleton,
    "evidently.empirical_mmd": _mmd,
    "evidently.chisquare": _chi_square,
    "evidently.z": _z,
    "evidently.g_test": _g,
    "evidently.fisher_exact": _fisher,
    "evidently.TVD": _total_variation,
}

_ALL = NUMBERS | LEVELS


def _distance(name: str, title: str, kinds: frozenset[Kind], summary: str) -> PeerMethod:
    return PeerMethod(f"evidently.{name}", title, kinds, 0.1, is_p_value=False, summary=summary)


def _test(name: str, title: str, kinds: frozenset[Kind], threshold: float, summary: str) -> PeerMethod:
    return PeerMethod(f"evidently.{name}", title, kinds, threshold, is_p_value=True, summary=summary)


METHODS: tuple[PeerMethod, ...] = (
    _test("ks", "K-S p_value", NUMBERS, 0.05, "p-value of the two-sample Kolmogorov–Smirnov test"),
    _distance("wasserstein", "Wasserstein distance (normed)", NUMBERS, "Wasserstein distance / max(reference sd, 0.001)"),
    _distance("psi", "PSI", _ALL, "Sturges' bins over both sides or one per value; 0 filled by 1e-4 or less; not renormalised"),
    _distance("kl_div", "Kullback-Leibler divergence", _ALL, "bins and fill of PSI, renormalised; reference from production, nats"),
    _distance("jensenshannon", "Jensen-Shannon distance", _ALL, "bins of PSI, no fill; square root, natural logarithm: at most 0.8326"),
    _distance("hellinger", "Hellinger distance", _ALL, "sqrt(1 - sum sqrt(pq)); bins are Sturges' over the distinct values"),
    _distance("ed", "Energy distance", NUMBERS, "sqrt(2 integral (F - G)^2)"),
    _test("anderson", "Anderson-Darling", NUMBERS, 0.1, "p-value interpolated in a table, within [0.001, 0.25]"),
    _test("cramer_von_mises", "Cramer-von Mises", NUMBERS, 0.1, "p-value; mid-ranks, so two equal constants count as drifted"),
    _test("mannw", "Mann-Whitney U-rank test", NUMBERS, 0.05, "one-sided p-value: sees only production becoming larger"),
    _test("t_test", "t_test", NUMBERS, 0.05, "p-value of Student's t with pooled variance"),
    _test("es", "Epps-Singleton", NUMBERS, 0.05, "p-value of the Epps–Singleton test"),
    _test("empirical_mmd", "empirical_mmd", NUMBERS, 0.1, "permutation p-value (100) of the maximum mean discrepancy; random"),
    _test("chisquare", "chi-square p_value", _ALL, 0.05, "one-sample test: the reference counts as exact"),
    _test("z", "Z-test p_value", _ALL, 0.05, "two proportions: share of rows other than the first value in sort order"),
    _test("g_test", "g_test", LEVELS, 0.1, "one-sample G test; equally many rows only"),
    _test("fisher_exact", "Fisher's Exact test", LEVELS, 0.1, "2 x 2; equally many rows only"),
    _test("TVD", "Total-Variation-Distance", LEVELS, 0.1, "permutation p-value (1,000) of the total variation distance; random"),
)
