"""What is simulated for the bench of verdicts is what it says."""

import numpy as np
import pytest

from benchmarks.verdict.changes import Moves
from benchmarks.verdict.counts import Plan, counted
from benchmarks.verdict.laws import COLUMNS, Continuous, Law
from benchmarks.verdict.noise import INDEPENDENT, NOISES, Noise
from benchmarks.verdict.screens import Shape, simulate
from monitor.profile import ColumnCounts

BY_NAME = {law.name: law for law in COLUMNS}


def drawn(law: Law, noise: Noise, windows: int, rows: int, moves: Moves | None = None) -> tuple[ColumnCounts, ColumnCounts]:
    rng = np.random.default_rng(5)
    effects = noise.paths(rng, 2, 2 * windows)
    still = moves or Moves("", np.zeros(2 * windows))
    return counted(rng, law, Plan(np.full(2 * windows, rows), windows, effects[0], effects[1], still))


def test_windows_vary_as_their_effects_do() -> None:
    noise = Noise("days", sd=0.5, rho=0.6)
    means = (drawn(BY_NAME["normal"], noise, 2_000, 2_000)[1].mean - 50) / 10
    assert means.var() == pytest.approx(0.25 + 1 / 2_000, rel=0.12)
    assert np.corrcoef(means[1:], means[:-1])[0, 1] == pytest.approx(0.6, abs=0.06)


def test_clusters_add_a_part_of_their_variance() -> None:
    noise = next(noise for noise in NOISES if noise.clusters == 24)
    means = (drawn(BY_NAME["normal"], noise, 600, 5_000)[1].mean - 50) / 10
    assert means.var() == pytest.approx(0.25 / 24 + 1 / 5_000, rel=0.12)


def test_independent_rows_leave_sampling_noise_only() -> None:
    means = (drawn(BY_NAME["normal"], INDEPENDENT, 1_500, 400)[1].mean - 50) / 10
    assert means.var() == pytest.approx(1 / 400, rel=0.12)


@pytest.mark.parametrize("name", [law.name for law in COLUMNS if not hasattr(law, "shares")])
def test_counts_and_sums_follow_the_law(name: str) -> None:
    law = BY_NAME[name]
    assert not hasattr(law, "shares")
    production = drawn(law, INDEPENDENT, 40, 5_000)[1].take([range(40)])
    values = law.draw(np.random.default_rng(6), np.zeros(200_000))
    on_cells = np.bincount(np.searchsorted(production.cells.edges, values), minlength=production.cells.size) / len(values)
    held = production.counts[0, : production.cells.size] / production.finite[0]
    assert np.abs(held - on_cells).max() < 6 * np.sqrt(on_cells.max() / len(values))
    assert production.mean[0] == pytest.approx(values.mean(), abs=0.03 * values.std())
    if name != "heavy":  # its fourth moment is infinite
        assert production.sd[0] == pytest.approx(values.std(), rel=0.08)
    assert production.counts[0, -1] / production.rows[0] == pytest.approx(law.missing, abs=0.002)


def test_a_screen_has_all_rows_of_all_columns_on_the_cells_of_the_reference() -> None:
    screen = simulate(np.random.default_rng(1), NOISES[3], Shape(5, 300, 10))
    for profile, windows in ((screen.reference, 5), (screen.production, 10)):
        assert len(profile.windows) == windows
        assert list(profile.columns) == list(BY_NAME)
        for counts in profile.columns.values():
            assert counts.rows.tolist() == profile.rows.tolist()
            assert not counts.counts[:, -2].any()


def test_nothing_of_the_reference_is_outside_it() -> None:
    screen = simulate(np.random.default_rng(2), NOISES[3], Shape(30, 700, 10))
    for name in [law.name for law in COLUMNS if not hasattr(law, "shares")]:
        reference, production = screen.reference.columns[name], screen.production.columns[name]
        cells = reference.cells
        assert (np.nanmin(reference.low), np.nanmax(reference.high)) == (cells.low, cells.high)
        assert not reference.counts[:, [0, cells.size - 1]].any()
        assert not reference.below.rows.any()
        assert not reference.above.rows.any()
        assert (production.counts[:, 0] > 0).tolist() == (production.low < cells.low).tolist()
        assert (production.counts[:, cells.size - 1] > 0).tolist() == (production.high > cells.high).tolist()
        outside = production.above.rows > 0
        assert (production.above.mean[outside] > cells.high).all()
        assert (production.above.mean[outside] <= production.high[outside] * (1 + 1e-6)).all()
    assert any(column.above.rows.any() for column in screen.production.columns.values())


def test_levels_are_counted_as_the_engine_counts_them() -> None:
    screen = simulate(np.random.default_rng(1), NOISES[3], Shape(5, 300, 10))
    reference, production = screen.reference.columns["zipf"], screen.production.columns["zipf"]
    named = len(reference.cells.levels)
    assert reference.counts[:, :named].sum(axis=0).min() >= 0.005 * (reference.rows - reference.missing).sum()
    assert reference.cells.buckets == 32
    assert not reference.unseen.any()
    assert len(reference.cells.once) == reference.seen_once.sum()
    assert (reference.alone >= reference.seen_once).all()
    assert (production.unseen >= [sum(new.values()) for new in production.new_levels]).all()
    assert not reference.cells.known.intersection(*production.new_levels)
    assert (production.distinct > named / 2).all()
    assert (production.counts[:, named:-2].sum(axis=1) >= production.unseen).all()
    few = screen.production.columns["five"]
    assert (few.cells.buckets, few.unseen.sum(), few.alone.sum()) == (4, 0, 0)


def test_what_is_planted_is_in_the_counts() -> None:
    half = np.repeat([0.0, 0.3], 20)
    new = drawn(BY_NAME["five"], INDEPENDENT, 20, 2_000, Moves("new", half))[1]
    assert sum(window["brand new"] for window in new.new_levels) / new.rows.sum() == pytest.approx(0.3, abs=0.02)
    lost = drawn(BY_NAME["gaps"], INDEPENDENT, 20, 2_000, Moves("missing", half))[1]
    assert lost.missing.sum() / lost.rows.sum() == pytest.approx(0.05 + 0.3 * 0.95, abs=0.02)
    far = drawn(Continuous("x"), INDEPENDENT, 20, 2_000, Moves("far", half))[1]
    assert far.mean.mean() == pytest.approx(0.3 * 12, abs=0.1)
    swapped = drawn(BY_NAME["five"], INDEPENDENT, 20, 2_000, Moves("swap", half * 0.5))[1]
    shares = dict(zip(swapped.cells.levels, swapped.counts.sum(axis=0) / swapped.rows.sum(), strict=False))
    assert shares["level 0001"] == pytest.approx(0.10, abs=0.02)
    assert shares["level 0003"] == pytest.approx(0.25, abs=0.02)
