from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from monitor.engine.cutting import cut_numbers
from monitor.engine.kernel import count_numbers
from monitor.errors import ContractError
from monitor.profile import Cells, ColumnCounts
from monitor.stats.counts.comparison import Comparison, Layout, Side, positions, widths
from monitor.stats.counts.grouping import coarsen, group_counts
from monitor.stats.methods.catalogue import method
from monitor.vocabulary import Kind


def numeric_cells(values: list[float]) -> Cells:
    return cut_numbers("x", Kind.NUMERIC, np.array(values, dtype=float), min(values), max(values))


def counted(cells: Cells, values: list[list[float]]) -> ColumnCounts:
    window = np.repeat(np.arange(len(values)), [len(part) for part in values])
    batch = pa.record_batch({"w": window, "x": np.concatenate([np.asarray(part, dtype=float) for part in values])})
    return count_numbers([batch], [cells], np.arange(len(values)), threads=1)[0]


def test_few_valued_columns_stand_at_their_values_and_between_them() -> None:
    assert positions(numeric_cells([0, 1, 5])) == pytest.approx([0, 0, 0.5, 1, 3, 5, 5])
    assert widths(numeric_cells([0, 1, 5])) == pytest.approx([0, 0, 1, 0, 4, 0, 0], abs=1e-6)


def test_many_cells_stand_at_their_middle_and_atoms_at_their_value() -> None:
    cells = Cells(
        "x",
        Kind.NUMERIC,
        np.array([-1.0, 0.5, 2.0, 2.5, 4.0]),
        (),
        low=-1.0,
        high=4.0,
        atoms=np.array([np.nan] * 3 + [2.25] + [np.nan] * 2),
    )
    assert positions(cells).tolist() == [-1.0, -0.25, 1.25, 2.25, 3.25, 4.0]
    assert widths(cells).tolist() == [0.0, 1.5, 1.5, 0.0, 1.5, 0.0]


def test_levels_have_no_positions() -> None:
    cells = Cells("c", Kind.CATEGORICAL, np.array([]), ("a", "b"))
    assert np.isnan(positions(cells)).all()


def test_profiles_answer_with_exact_moments() -> None:
    cells = numeric_cells([0, 1, 5])
    reference, production = counted(cells, [[0, 1, 1, 5]]), counted(cells, [[5, 5, 1, 9], [0, 1, 1, 5]])
    shift = method("mean_shift").measure(reference, production).score
    assert shift == pytest.approx([(5 - 1.75) / np.std([0, 1, 1, 5]), 0])


def test_wasserstein_is_never_below_the_shift_of_the_mean() -> None:
    cells = numeric_cells([0, 1, 5])
    reference, production = counted(cells, [[0, 1, 1, 5]]), counted(cells, [[0, 1000, 1000, 5000]])
    assert method("wasserstein").measure(reference, production).score[0] == pytest.approx(1750 - 1.75)


def test_a_constant_column_has_no_spread_left_by_rounding() -> None:
    side = Side.of(counted(numeric_cells([0.1, 0.3]), [[0.1] * 7]))
    assert (side.mean.tolist(), side.sd.tolist()) == ([0.1], [0])


def test_bare_counts_have_the_moments_of_rows_at_their_positions() -> None:
    layout = Layout(3, True, np.array([1.0, 2.0, 4.0]), np.arange(5))
    side = Side.of_counts([1, 1, 2, 7, 9], layout)
    values = np.array([1, 2, 4, 4])
    assert (side.mean[0], side.sd[0], side.low[0], side.high[0]) == pytest.approx((values.mean(), values.std(), 1, 4))


def test_one_reference_per_window_is_compared_one_by_one() -> None:
    layout = Layout(2, False, np.full(2, np.nan), np.arange(4))
    pairs = Comparison.of_counts([[9, 0, 0, 0], [0, 9, 0, 0]], [[9, 0, 0, 0], [9, 0, 0, 0]], layout)
    assert method("js").compare(pairs).score.tolist() == [0, 1]


def test_sides_that_do_not_fit_are_refused() -> None:
    layout = Layout(2, False, np.full(2, np.nan), np.arange(4))
    with pytest.raises(ContractError, match="cannot be compared"):
        Comparison.of_counts([[1, 0, 0, 0]] * 2, [[1, 0, 0, 0]] * 3, layout)


def test_columns_on_different_cells_are_refused() -> None:
    with pytest.raises(ContractError, match="different cells"):
        Comparison.of(counted(numeric_cells([0]), [[0]]), counted(numeric_cells([1]), [[0]]))


def test_thinner_cells_stay_within_their_groups_and_keep_the_mean() -> None:
    reference = np.array([*range(1, 201), 3, 7], dtype=float)
    layout = Layout(200, ordered=True, positions=np.arange(200.0), groups=coarsen(reference, 200))
    cells = layout.thinner(reference, 60)
    merged = layout.merged(cells, reference)
    assert 40 < merged.size < 80
    assert all(len(set(layout.groups[cells == cell])) == 1 for cell in range(merged.size + 2))
    thin = group_counts(reference, cells)
    assert group_counts(thin, merged.groups).tolist() == group_counts(reference, layout.groups).tolist()
    assert Side.of_counts(thin, merged).mean == pytest.approx(Side.of_counts(reference, layout).mean)


def test_levels_are_not_merged() -> None:
    layout = Layout(3, ordered=False, positions=np.full(3, np.nan), groups=np.arange(5))
    reference = np.array([5.0, 3, 2, 0, 1])
    assert layout.merged(layout.thinner(reference, 2), reference) is layout


def test_moments_near_the_end_of_floating_point() -> None:
    counts, positions = np.array([2.0, 5.0, 3.0, 0.0, 0.0]), np.array([-1.0, 0.5, 1.5])
    sides = [Side.of_counts(counts, Layout(3, True, by * positions, np.arange(5))) for by in (1.0, 2.0**1022)]
    assert sides[1].mean / 2.0**1022 == sides[0].mean
    assert sides[1].sd / 2.0**1022 == sides[0].sd
