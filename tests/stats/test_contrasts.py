from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from monitor.stats.contrasts import FAR, Contrasts, Tally, _binomial_roots, contrasts, is_share, seldom_asked, signed_roots

GROUPS = np.array([0, 1, 2, 3, 4])  # three cells, `other`, `missing`
counted = st.lists(st.integers(0, 200), min_size=5, max_size=5)


def roots(questions: Contrasts, baseline: list[float], window: list[float]) -> dict[str, float]:
    base, one = np.array([baseline], dtype=float), np.array([window], dtype=float)
    return dict(zip(questions.names, signed_roots(questions, Tally(base), Tally(one), scale=base[0])[0], strict=True))


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("mean", [True, False])
def test_budgets_sum_to_one(ordered: bool, mean: bool) -> None:
    questions = contrasts(np.array([50.0, 30, 20, 5, 1]), GROUPS, ordered=ordered, mean=mean)
    assert questions.budget.sum() == pytest.approx(1)
    assert ("mean" in questions.names) == (ordered and mean)


def test_two_levels_are_one_question() -> None:
    questions = contrasts(np.array([60.0, 40, 0, 2]), np.array([0, 1, 2, 3]), ordered=False)
    assert questions.names == ("missing", "cell 1", "cell 2")


def test_scores_of_the_ordered_questions_by_hand() -> None:
    questions = contrasts(np.array([50.0, 30, 20, 0, 0]), GROUPS, ordered=True)
    location = questions.weights[questions.names.index("location")]
    assert location == pytest.approx([0.25 - 0.5, 0.65 - 0.5, 0.9 - 0.5, 0, 0])  # mid-ranks .25, .65, .90


def test_z_of_a_cell_by_hand() -> None:
    questions = contrasts(np.array([500.0, 500, 0, 0, 0]), GROUPS, ordered=False)
    z = roots(questions, [500, 500, 0, 0, 0], [700, 300, 0, 0, 0])
    assert z["cell 0"] == pytest.approx(0.2 / np.sqrt(0.25 * (1 / 1000 + 1 / 1000)))


@pytest.mark.parametrize(("now", "before"), [([20, 30], [500, 500]), ([15, 35], [1000, 9000]), ([0, 50], [2000, 8000])])
def test_shares_of_few_rows_have_the_tails_of_the_exact_test(now: list[int], before: list[int]) -> None:
    questions = contrasts(np.array([*before, 0.0, 0, 0]), GROUPS, ordered=False)
    z = roots(questions, [*before, 0, 0, 0], [*now, 0, 0, 0])
    exact = stats.hypergeom(sum(now) + sum(before), now[0] + before[0], sum(now))
    below = exact.cdf(now[0]) - exact.pmf(now[0]) / 2  # itself counts by half
    assert z["cell 0"] == pytest.approx(stats.norm.ppf(below), rel=0.06)


def test_missing_rows_are_asked_of_all_rows_and_cells_of_those_with_a_value() -> None:
    questions = contrasts(np.array([400.0, 400, 0, 0, 200]), GROUPS, ordered=False)
    z = roots(questions, [400, 400, 0, 0, 200], [200, 200, 0, 0, 600])
    assert z["cell 0"] == pytest.approx(0)
    assert z["missing"] == pytest.approx(0.4 / np.sqrt(0.16 * (1 / 1000 + 1 / 1000)))


def test_rare_cell_has_the_exact_binomial_tail() -> None:
    questions = contrasts(np.array([900.0, 97, 3, 0, 0]), GROUPS, ordered=False)
    z = roots(questions, [900, 97, 3, 0, 0], [80, 16, 4, 0, 0])
    tail = stats.binom.sf(3, 7, 100 / 1100)  # four or more of seven, where one in eleven is expected
    assert z["cell 2"] == pytest.approx(stats.norm.isf(tail), rel=1e-6)


def test_one_value_never_seen_before_is_no_surprise_among_many_rows() -> None:
    questions = contrasts(np.array([900.0, 100, 0, 0, 0]), GROUPS, ordered=False)
    assert abs(roots(questions, [900, 100, 0, 0, 0], [89, 10, 1, 0, 0])["cell 2"]) < 1.5


def test_mean_is_asked_of_the_sums() -> None:
    counts = np.array([50.0, 30, 20, 0, 0])
    questions = contrasts(counts, GROUPS, ordered=True, mean=True)
    base, one = Tally(counts[None, :], np.array([0.0])), Tally(counts[None, :] / 2, np.array([25.0]))
    z = signed_roots(questions, base, one, scale=counts, sd=2.0)[0, questions.names.index("mean")]
    assert z == pytest.approx(0.5 / (2.0 * np.sqrt(1 / 50 + 1 / 100)))


@given(counted, counted)
def test_exchanging_the_sides_exchanges_the_sign(left: list[int], right: list[int]) -> None:
    scale = np.array(left, dtype=float) + right + 1.0
    questions = contrasts(scale, GROUPS, ordered=True)
    one, other = (Tally(np.array([side], dtype=float) + 50) for side in (left, right))
    there, back = signed_roots(questions, one, other, scale=scale), signed_roots(questions, other, one, scale=scale)
    assert there == pytest.approx(-back, abs=1e-6)


@given(counted)
def test_equal_shares_are_no_change(counts: list[int]) -> None:
    base = np.array([counts], dtype=float) + 100
    questions = contrasts(base[0], GROUPS, ordered=True)
    assert np.abs(signed_roots(questions, Tally(base * 2), Tally(base), scale=base[0])).max() < 1e-6


def test_a_constant_column_does_not_vary_and_another_constant_is_far_away() -> None:
    questions = contrasts(np.array([600.0, 0, 0, 0, 0]), GROUPS, ordered=False)
    assert set(roots(questions, [576, 0, 0, 0, 0], [24, 0, 0, 0, 0]).values()) == {0.0}
    assert abs(roots(questions, [600, 0, 0, 0, 0], [0, 0, 0, 24, 0])["cell 0"]) > 10


def test_empty_window_is_no_change() -> None:
    questions = contrasts(np.array([50.0, 30, 20, 0, 0]), GROUPS, ordered=True)
    assert set(roots(questions, [50, 30, 20, 0, 0], [0, 0, 0, 0, 0]).values()) == {0.0}


def test_seldom_asked_are_cells_below_five_rows_a_window() -> None:
    total = np.array([900.0, 60, 49, 0, 50])
    questions = contrasts(total, GROUPS, ordered=False)
    assert dict(zip(questions.names, seldom_asked(questions, total, 10), strict=True)) == {
        "missing": False, "cell 0": False, "cell 1": False, "cell 2": True, "cell 3": True,
    }  # fmt: skip


def test_shares_are_told_from_scores() -> None:
    questions = contrasts(np.array([50.0, 30, 20, 0, 0]), GROUPS, ordered=True, mean=True)
    assert [name for name, share in zip(questions.names, is_share(questions), strict=True) if not share] == ["location", "spread", "mean"]


def test_rest_and_merged_windows_add_up() -> None:
    tally = Tally(np.arange(12.0).reshape(4, 3), np.array([1.0, 2, 3, 4]))
    assert tally.rest().counts + tally.counts == pytest.approx(np.tile(tally.total().counts, (4, 1)))
    pairs = tally.merged([[0, 1], [2, 3]])
    assert pairs.counts.tolist() == [[3, 5, 7], [15, 17, 19]]
    assert pairs.sums is not None
    assert pairs.sums.tolist() == [3, 7]


def test_far_tails_neither_stop_nor_jump() -> None:
    x = np.arange(150.0, 900, 10)
    z = _binomial_roots(x, *(np.full(len(x), one) for one in (79.0, 2000.0, 93_000.0)))
    assert z[0] < FAR < z[-1]
    assert np.diff(z).min() > 0.2
    assert np.diff(z).max() < 1.5


def test_the_ends_that_are_asked_about_are_those_that_the_reference_fills() -> None:
    asked = contrasts(np.array([0.0, 4, 3, 5, 0, 0, 1]), np.arange(7), ordered=True)
    ends = {name: asked.weights[asked.names.index(name)].tolist() for name in ("lowest", "highest")}
    assert ends == {"lowest": [0, 1, 0, 0, 0, 0, 0], "highest": [0, 0, 0, 1, 0, 0, 0]}
