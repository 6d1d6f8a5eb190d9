"""The smallest change that an alarm would see: by hand, by its properties, and found when it is planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from monitor.profile import Cells
from monitor.stats.catalogue import CATALOGUE
from monitor.stats.comparison import Layout
from monitor.stats.contrasts import Tally
from monitor.stats.detectable import Held, Looks, Setting, commonest, detectable_missing, detectable_share, detectable_shift, shifted
from monitor.stats.expectation import History, measure_change
from monitor.vocabulary import Kind

EDGES = stats.norm.ppf(np.linspace(0, 1, 61)[1:-1])
NUMBER = Cells("x", Kind.NUMERIC, np.array([-3.5, *EDGES, 3.5]), (), low=-3.5, high=3.5)
LEVELS = Cells("c", Kind.CATEGORICAL, np.array([]), ("a", "b", "c"))
BLOCKS, SHARES = 40, np.array([0.5, 0.3, 0.2, 0.0, 0.0])


def blocks(draw: np.random.Generator, rows: int, count: int = BLOCKS, shift: float = 0.0, missing: float = 0.0) -> Tally:
    values = draw.normal(shift, 1, (count, rows))
    values[draw.random((count, rows)) < missing] = np.nan
    cells = [np.bincount(np.searchsorted(NUMBER.edges, np.clip(row[np.isfinite(row)], -3.4, 3.4)), minlength=62) for row in values]
    counts = np.array([[*cell, 0, np.isnan(row).sum()] for cell, row in zip(cells, values, strict=True)], dtype=float)
    return Tally(counts, np.nansum(values, axis=1))


def levels(draw: np.random.Generator, rows: int, count: int = BLOCKS, shares: np.ndarray = SHARES) -> Tally:
    return Tally(draw.multinomial(rows, shares, count).astype(float))


def setting(cells: Cells, own: Tally, rows: int, windows: int = 1, looks: int = 100) -> Setting:
    history = History(own, own, sd=1.0 if cells.numeric else 0.0, reach=3.5 if cells.numeric else np.inf)
    layout = Layout.of(cells, history.total)
    change = measure_change(history, Tally(own.counts[:1], None if own.sums is None else own.sums[:1]), layout)
    size = np.full(windows, float(rows))
    phi, df = change.noise.at(size)
    return Setting(history, layout, change.questions, phi, df, size, np.full(windows, history.total.sum()), Looks(0.05, looks))


def held(method: str, floor: float, upper: float = 0.0) -> Held:
    return Held(lambda comparison: CATALOGUE.method(method).compare(comparison).score, floor, np.array([upper]))


def test_the_mean_needs_its_quantile_and_its_power_by_hand() -> None:
    given = setting(NUMBER, blocks(np.random.default_rng(0), 500), 400)
    mean = given.questions.names.index("mean")
    t = stats.t(given.df[mean])
    error = np.sqrt(given.phi[0, mean] * (1 / 400 + 1 / 20_000))
    assert detectable_shift(given, [held("wasserstein_sd", 0.0)])[0] == pytest.approx(
        (t.isf(0.2 * 0.05 / 100 / 2) + t.ppf(0.8)) * error, rel=0.1
    )


def test_nothing_below_the_floor_is_seen() -> None:
    given = setting(NUMBER, blocks(np.random.default_rng(0), 20_000), 10**6)
    assert detectable_shift(given, [held("wasserstein_sd", 0.3)])[0] == pytest.approx(0.3, rel=0.1)
    assert detectable_shift(given, [held("js", 0.05)])[0] == pytest.approx(0.12, rel=0.1)
    share = setting(LEVELS, levels(np.random.default_rng(0), 20_000), 10**6)
    assert detectable_share(share, [held("l_infinity", 0.07)], 0)[0] == pytest.approx(0.07, rel=0.1)
    assert detectable_missing(given, floor=0.02, upper=np.array([0.0]))[0] == pytest.approx(0.02, rel=0.5)


def test_more_rows_see_more_and_more_looks_less() -> None:
    own = blocks(np.random.default_rng(1), 500)
    found = [
        detectable_shift(setting(NUMBER, own, rows, looks=looks), [held("js", 0.0)])[0]
        for rows, looks in ((1000, 10), (100, 10), (100, 1000))
    ]
    assert found == sorted(found)


def test_what_no_judging_method_sees_is_not_seen() -> None:
    given = setting(NUMBER, blocks(np.random.default_rng(1), 500), 400)
    assert np.isnan(detectable_shift(given, [held("missing_share", 0.01)])).all()
    assert np.isnan(detectable_shift(given, [])).all()


def test_a_shift_keeps_rows_and_moves_their_mean() -> None:
    given = setting(NUMBER, blocks(np.random.default_rng(2), 500, missing=0.1), 400)
    moved, before = shifted(given, 0.25), given.shares
    assert moved.sum() == pytest.approx(1.0)
    assert moved[-2:].tolist() == before[-2:].tolist()
    middle = given.layout.positions
    assert (moved[:-2] - before[:-2]) @ middle == pytest.approx(0.25 * before[:-2].sum(), rel=0.05)


def test_the_commonest_level_is_the_one_that_is_asked_about() -> None:
    given = setting(LEVELS, levels(np.random.default_rng(3), 500, shares=np.array([0.2, 0.7, 0.1, 0, 0])), 400)
    assert commonest(given) == 1


def alarms(given: Setting, window: Tally) -> bool:
    change = measure_change(given.history, window, given.layout)
    return bool(change.p_value[0] <= given.looks.q / given.looks.count)


@pytest.mark.parametrize("rows", [200, 3000])
def test_what_is_planted_is_found_in_four_of_five_windows(rows: int) -> None:
    draw, found = np.random.default_rng(rows), []
    for _ in range(60):
        number, level = setting(NUMBER, blocks(draw, rows, missing=0.01), rows), setting(LEVELS, levels(draw, rows), rows)
        size = detectable_shift(number, [held("wasserstein_sd", 0.0)])[0]
        less = detectable_share(level, [held("js", 0.0)], 0)[0]
        rise = detectable_missing(number, floor=0.0, upper=np.array([0.0]))[0]
        other = np.array([0.5 - less, *(np.array([0.3, 0.2]) * (0.5 + less) / 0.5), 0, 0])
        found.append(
            (
                alarms(number, blocks(draw, rows, 1, shift=size, missing=0.01)),
                alarms(level, levels(draw, rows, 1, other)),
                alarms(number, blocks(draw, rows, 1, missing=0.01 + rise)),
            )
        )
    power = np.mean(found, axis=0)
    assert (power >= 0.7).all(), power
    assert power[0] <= 0.95
