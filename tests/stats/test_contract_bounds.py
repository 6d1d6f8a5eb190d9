"""Suggested terms against published examples and by hand (Deequ: Schelter et al. 2018)."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.stats.contract.bounds import allowed_share, breaks, lower_end, share_bounds, upper_end
from monitor.stats.contract.pairs import never_together
from monitor.stats.contract.terms import completeness_bound, level_list, pattern_of


@pytest.mark.parametrize(
    ("method", "share", "n", "expected"),
    [
        ("wald", 1, 20, (1, 1)),
        ("wald", 0.5, 100, (0.4, 0.6)),
        ("wald", 0.4, 100, (0.3, 0.5)),
        ("wald", 0.9, 100, (0.84, 0.96)),
        ("wilson", 0.01, 20, (0, 0.18)),
        ("wilson", 1, 20, (0.83, 1)),
        ("wilson", 0.5, 100, (0.4, 0.6)),
        ("wilson", 0.9, 100, (0.82, 0.95)),
        ("wilson", 1, 100, (0.96, 1)),
    ],
)
def test_intervals_are_those_that_deequ_writes(method: str, share: float, n: int, expected: tuple[float, float]) -> None:
    assert share_bounds(share, n, method=method) == expected


def test_completeness_is_the_published_example() -> None:
    assert completeness_bound(10, 16, method="wald") == completeness_bound(10, 16) == 0.38
    assert completeness_bound(16, 16) is None
    assert completeness_bound(2, 16) is None


def test_one_bad_row_of_ten_breaks_no_share_but_zero() -> None:
    assert breaks(np.array([1, 1]), np.array([10, 10]), 0.01).tolist() == [False, False]
    assert breaks(np.array([1, 30]), np.array([10, 100]), 0.0).tolist() == [True, True]


def test_a_range_that_days_held_out_break_is_moved_out() -> None:
    high = np.linspace(10, 20, 40)  # rises: each later stretch lies above what was before
    found = upper_end(np.zeros(40), high)
    assert found.value is not None
    assert found.value > 20
    flat = upper_end(np.zeros(40), np.full(40, 20.0))
    assert flat.value == 20


def test_missing_values_that_come_in_bursts_allow_a_burst() -> None:
    hits = np.zeros(40, dtype=int)
    hits[[5, 20, 33]] = 60
    found = allowed_share(hits, np.full(40, 100))
    assert found.value is not None
    assert 0.6 <= found.value <= 0.98
    assert allowed_share(np.zeros(40, dtype=int), np.full(40, 100)).value == 0


def test_levels_that_mostly_appear_once_are_no_list() -> None:
    once = {str(i): np.eye(40, dtype=int)[i] for i in range(40)}
    assert level_list(once).levels == ()
    two = {"a": np.full(40, 50), "b": np.full(40, 5)}
    assert level_list(two).levels == ("a", "b")
    assert level_list(two).outside == 0


def test_a_list_that_days_may_lie_outside_of_is_none() -> None:
    """Weather: on one day of twenty it rains for all but an hour; what is rarer comes once."""
    rain = np.where(np.arange(100) % 20 == 7, 23, 0)
    snow = (np.arange(100) == 50).astype(int)
    mist = np.where(rain > 0, 0, 6)
    levels = {"clear": 24 - mist - rain - snow, "mist": mist, "rain": rain, "snow": snow}
    assert level_list(levels).levels == ()
    assert level_list(levels | {"rain": rain // 6, "clear": 24 - mist - rain // 6 - snow}).levels == ("clear", "mist")


def test_levels_that_come_in_turn_are_no_list() -> None:
    """A year that knows three names of seasons: each comes twice or for long, and a fourth may follow."""
    season = np.repeat(["spring", "summer", "fall", "spring"], [80, 90, 100, 95])
    assert level_list({name: np.where(season == name, 24, 0) for name in ("spring", "summer", "fall")}).levels == ()
    weekday = np.arange(365) % 7
    assert len(level_list({str(day): np.where(weekday == day, 24, 0) for day in range(7)}).levels) == 7


def test_levels_that_meet_rarely_are_no_rule() -> None:
    """Five Mondays of the sample were a holiday and no Thursday was; a weekend is never open."""
    day = np.tile(np.repeat(["Mon", "Thu", "Sat"], 100), 10).astype(object)
    open_ = np.where(day == "Sat", "no", "yes").astype(object)
    assert never_together(day, open_) == [("Mon", "no"), ("Sat", "yes"), ("Thu", "no")]
    open_[:50] = "no"
    assert never_together(day, open_) == [("Sat", "yes")]


def test_a_pattern_escapes_what_it_has_to() -> None:
    assert pattern_of(["a.b", "c.d"]) == r"[a-z]\.[a-z]"
    assert pattern_of(["", "a"]) == ""


@pytest.mark.parametrize("law", ["normal", "lognormal", "exponential"])
def test_ends_of_numbers_without_limit_hold_for_as_many_days_again(law: str) -> None:
    """Sixty days of 400 rows suggest ends, 2,000 further days try them: days that break are far fewer than 1 %."""
    rng = np.random.default_rng(5)
    draw = {
        "normal": rng.normal,
        "lognormal": lambda size: rng.lognormal(1, 0.5, size),
        "exponential": lambda size: rng.exponential(size=size),
    }
    broke = []
    for _ in range(10):
        known = draw[law](size=(60, 400))
        low, high = lower_end(known.min(axis=1), known.max(axis=1)).value, upper_end(known.min(axis=1), known.max(axis=1)).value
        fresh = draw[law](size=(200, 400))
        broke += [(fresh.max(axis=1) > high).mean() + (fresh.min(axis=1) < low).mean()]
    assert np.mean(broke) < 0.002


def test_a_limit_that_many_days_reach_stays_the_end() -> None:
    rng = np.random.default_rng(6)
    known = rng.integers(10, 100, (60, 400))
    assert (
        lower_end(known.min(axis=1) * 1.0, known.max(axis=1) * 1.0).value,
        upper_end(known.min(axis=1) * 1.0, known.max(axis=1) * 1.0).value,
    ) == (10, 99)
