"""Properties of the whole catalogue, generated from it: a new row is tested by being there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from monitor.errors import MethodError
from monitor.stats.counts.comparison import Comparison, Layout
from monitor.stats.counts.grouping import coarsen, coarsen_levels
from monitor.stats.methods.catalogue import CATALOGUE, METHODS, default_methods, method
from monitor.stats.methods.method import Method
from monitor.vocabulary import Kind

DOCUMENTED = [
    "ks",
    "cramer_von_mises",
    "anderson_darling",
    "kuiper",
    "mann_whitney",
    "welch_t",
    "epps_singleton",
    "wasserstein",
    "wasserstein_sd",
    "energy",
    "mmd",
    "psi",
    "kl",
    "kl_reverse",
    "js",
    "hellinger",
    "tv",
    "quantile_shift",
    "mean_shift",
    "sd_ratio",
    "chi2",
    "g",
    "fisher",
    "cramers_v",
    "l_infinity",
    "entropy_change",
    "cardinality_change",
    "top_share",
    "missing_share",
    "new_levels",
    "lost_levels",
]
SYMMETRIC = {
    "ks",
    "cramer_von_mises",
    "anderson_darling",
    "kuiper",
    "wasserstein",
    "energy",
    "psi",
    "symmetric_kl",
    "js",
    "hellinger",
    "tv",
}
SYMMETRIC |= {"chi2", "g", "cramers_v", "l_infinity"}
ANTISYMMETRIC = {"missing_share", "welch_t", "entropy_change", "cardinality_change"}
SIZE_FREE = {"ks", "kuiper", "wasserstein", "wasserstein_sd", "energy", "quantile_shift", "mean_shift", "sd_ratio", "js", "hellinger", "tv"}
SIZE_FREE |= {"missing_share", "constancy", "cramers_v", "l_infinity", "entropy_change", "top_share", "new_levels", "lost_levels"}
LABEL_FREE = {"psi", "kl", "kl_reverse", "symmetric_kl", "js", "hellinger", "tv", "chi2", "g", "cramers_v", "l_infinity", "entropy_change"}
LABEL_FREE |= {"cardinality_change", "lost_levels", "missing_share", "constancy"}

SIZE = 8
ON_CELLS = [m for m in METHODS if m.on_cells is not None]
ON_VALUES = [m for m in METHODS if m.on_values is not None]
BOTH = [m for m in METHODS if m.on_cells is not None and m.on_values is not None]

Counts = NDArray[np.int64]
ROW = hnp.arrays(np.int64, SIZE + 2, elements=st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 1_000_000)))
WINDOWS = hnp.arrays(np.int64, (12, SIZE + 2), elements=st.one_of(st.just(0), st.integers(0, 5), st.integers(0, 1_000_000)))
REGULAR = hnp.arrays(np.int64, SIZE, elements=st.integers(1, 60))
VALUES = st.lists(
    st.one_of(st.sampled_from([0.0, 1.0, -3.5, 1e9, 1e-9, math.nan, math.inf, -math.inf]), st.floats(-1e6, 1e6)), min_size=0, max_size=30
)

every = pytest.mark.parametrize("each", ON_CELLS, ids=lambda m: m.id)


def compared(each: Method, reference: Counts, production: Counts) -> Comparison:
    ordered = Kind.NUMERIC in each.kinds
    total = np.atleast_2d(reference).sum(axis=0)
    groups = coarsen(total, SIZE, bins=5) if ordered else coarsen_levels(total, SIZE)
    positions = np.array([-3.0, -1.0, 0.0, 0.5, 2.0, 7.0, 20.0, 21.0]) if ordered else np.full(SIZE, np.nan)
    return Comparison.of_counts(reference, np.atleast_2d(production), Layout(SIZE, ordered, positions, groups))


def undrifted(each: Method, score: float) -> bool:
    return math.isnan(each.none) or math.isclose(score, each.none, abs_tol=1e-6)


@every
@settings(max_examples=8)
@given(rows=WINDOWS)
def test_equal_sides_have_not_drifted(each: Method, rows: Counts) -> None:
    outcome = each.compare(compared(each, rows, rows))
    assert all(math.isnan(score) or undrifted(each, score) for score in outcome.score)
    assert all(math.isnan(p) or p > 0.99 for p in outcome.p_value)


@every
@settings(max_examples=12)
@given(reference=WINDOWS, production=WINDOWS)
def test_scores_stay_in_their_range_on_hostile_counts(each: Method, reference: Counts, production: Counts) -> None:
    outcome = each.compare(compared(each, reference, production))
    for score, p in zip(outcome.score, outcome.p_value, strict=True):
        assert math.isnan(score) or (math.isfinite(score) and each.low - 1e-9 <= score <= each.high + 1e-9)
        assert math.isnan(p) or (each.is_test and 0 <= p <= 1)


@every
@settings(max_examples=10)
@given(reference=REGULAR, production=REGULAR)
def test_filled_sides_always_have_an_answer(each: Method, reference: Counts, production: Counts) -> None:
    outcome = each.compare(compared(each, np.append(reference, [1, 1]), np.append(production, [0, 2])))
    assert math.isfinite(outcome.score[0])
    assert math.isfinite(outcome.p_value[0]) == each.is_test


@every
def test_sides_without_rows_have_no_answer(each: Method) -> None:
    nothing, something = np.zeros(SIZE + 2, dtype=np.int64), np.arange(SIZE + 2) + 1
    for reference, production in ((nothing, something), (something, nothing), (nothing, nothing)):
        outcome = each.compare(compared(each, reference, production))
        expected_nan = each.id != "new_levels" or production.sum() == 0
        assert math.isnan(outcome.score[0]) == expected_nan, each.id


@every
@settings(max_examples=10)
@given(reference=ROW, first=ROW, second=ROW)
def test_windows_are_answered_one_by_one(each: Method, reference: Counts, first: Counts, second: Counts) -> None:
    both = each.compare(compared(each, reference, np.array([first, second])))
    alone = [each.compare(compared(each, reference, window)) for window in (first, second)]
    np.testing.assert_allclose(both.score, [one.score[0] for one in alone], rtol=1e-12)
    np.testing.assert_allclose(both.p_value, [one.p_value[0] for one in alone], rtol=1e-12)


@pytest.mark.parametrize("name", sorted(SYMMETRIC | ANTISYMMETRIC))
@settings(max_examples=10)
@given(reference=REGULAR, production=REGULAR)
def test_sides_can_be_swapped(name: str, reference: Counts, production: Counts) -> None:
    forward = compared(method(name), np.append(reference, [2, 3]), np.append(production, [0, 1]))
    backward = Comparison(forward.layout, forward.production, forward.reference)
    sign = 1 if name in SYMMETRIC else -1
    assert method(name).compare(forward).score == pytest.approx(sign * method(name).compare(backward).score, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", sorted(SIZE_FREE))
@settings(max_examples=10)
@given(reference=REGULAR, production=REGULAR, factor=st.integers(2, 50))
def test_the_size_of_an_effect_does_not_depend_on_the_number_of_rows(name: str, reference: Counts, production: Counts, factor: int) -> None:
    a, b = np.append(reference, [2, 3]), np.append(production, [0, 1])
    once, often = (method(name).compare(compared(method(name), a * k, b * k)).score for k in (1, factor))
    assert often == pytest.approx(once, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", sorted(LABEL_FREE))
@settings(max_examples=10)
@given(reference=ROW, production=ROW, order=st.permutations(range(SIZE)))
def test_the_names_of_levels_do_not_matter(name: str, reference: Counts, production: Counts, order: list[int]) -> None:
    index = [*order, SIZE, SIZE + 1]
    layout = Layout(SIZE, False, np.full(SIZE, np.nan), np.arange(SIZE + 2))
    plain = method(name).compare(Comparison.of_counts(reference, production, layout)).score
    renamed = method(name).compare(Comparison.of_counts(reference[index], production[index], layout)).score
    np.testing.assert_allclose(plain, renamed, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("each", BOTH, ids=lambda m: m.id)
@settings(max_examples=10)
@given(reference=REGULAR, production=REGULAR)
def test_cells_of_one_value_give_exactly_what_the_values_give(each: Method, reference: Counts, production: Counts) -> None:
    comparison = compared(each, np.append(reference, [0, 0]), np.append(production, [0, 0]))
    fast = each.compare(comparison)
    values = comparison.layout.positions
    exact = each.compare_values(np.repeat(values, reference), np.repeat(values, production))
    assert fast.score[0] == pytest.approx(exact.score, rel=1e-6, abs=1e-9)
    assert math.isnan(exact.p_value) or fast.p_value[0] == pytest.approx(exact.p_value, abs=0.06)


@pytest.mark.parametrize("each", ON_VALUES, ids=lambda m: m.id)
@settings(max_examples=12)
@given(reference=VALUES, production=VALUES)
def test_hostile_values_give_a_score_in_range_or_none(each: Method, reference: list[float], production: list[float]) -> None:
    outcome = each.compare_values(np.array(reference), np.array(production))
    assert math.isnan(outcome.score) or each.low - 1e-9 <= outcome.score <= each.high + 1e-9
    assert math.isnan(outcome.p_value) or 0 <= outcome.p_value <= 1
    if not np.isfinite(reference).any() or not np.isfinite(production).any():
        assert math.isnan(outcome.score)


@pytest.mark.parametrize("each", ON_VALUES, ids=lambda m: m.id)
@settings(max_examples=12)
@given(values=VALUES)
def test_equal_samples_have_not_drifted(each: Method, values: list[float]) -> None:
    outcome = each.compare_values(np.array(values), np.array(values))
    assert math.isnan(outcome.score) or undrifted(each, outcome.score)
    assert math.isnan(outcome.p_value) or outcome.p_value > 0.99


def test_every_documented_method_is_there_once() -> None:
    assert set(DOCUMENTED) <= set(CATALOGUE.ids)
    assert len(set(CATALOGUE.ids)) == len(CATALOGUE)


@pytest.mark.parametrize("each", METHODS, ids=lambda m: m.id)
def test_every_row_is_fit_for_people(each: Method) -> None:
    assert each.summary.endswith(".")
    assert len(each.summary.split()) >= 5
    assert each.title
    assert each.citation
    assert each.low < each.high
    assert each.kinds <= {Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN} or each.kinds == {Kind.TEXT}
    assert (each.on_cells is None) == (each.needs in ("values", "texts"))
    assert (each.on_cells is None and each.on_values is None) == (Kind.TEXT in each.kinds)


@pytest.mark.parametrize("kind", [Kind.NUMERIC, Kind.CATEGORICAL, Kind.BOOLEAN])
def test_default_methods_serve_their_kind_from_cells(kind: Kind) -> None:
    chosen = [method(name) for name in default_methods(kind)]
    assert all(kind in each.kinds and each.on_cells is not None for each in chosen)
    assert "js" in default_methods(kind)


def test_kinds_without_methods_of_their_own_are_refused() -> None:
    with pytest.raises(MethodError, match="datetime column has no methods of its own"):
        default_methods(Kind.DATETIME)
