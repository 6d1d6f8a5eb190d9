"""What an earlier judge got wrong: each failure as a small screen."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from monitor.analyses.drift import measure_counted
from monitor.cells import PlaceKind
from monitor.judgement.assessment import assess_drift
from monitor.judgement.column_findings import tell
from monitor.judgement.column_runs import Candidate
from monitor.judgement.finding import Direction, Finding, FindingKind, Measure
from monitor.stats.inference.questions import Ask
from monitor.stats.inference.runs import Run
from monitor.vocabulary import Status
from tests.judgement.counted_sides import Column, judge, levels, normal, of, quiet, sides

WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def only(reference: Column, production: Column, size: str = "1 day") -> Finding:
    """Return the one finding on x, beside four columns that do not change and must not be named."""
    judged = judge({"x": (reference, production), **quiet(0, len(reference), len(production))}, size=size)
    assert {one.what for one in judged.findings} == {"x"}
    (found,) = judged.findings
    return found


@pytest.mark.parametrize("windows", [14, 28])
def test_two_weeks_in_another_unit_after_six_right_ones(windows: int) -> None:
    rng = np.random.default_rng(0)
    celsius = normal(rng, 42 + 14, mean=20, sd=5)
    found = only(normal(rng, windows, mean=20, sd=5), [*celsius[:42], *(1.8 * one + 32 for one in celsius[42:])])
    assert (found.first, found.last, found.status) == (42, 55, Status.ALERT)
    assert found.kind is FindingKind.RANGE
    assert found.after > 0.9
    assert found.extreme > 80 > 50 > found.bound


def test_a_constant_that_comes_alive() -> None:
    rng = np.random.default_rng(1)
    found = only([[5.0] * 300] * 20, [rng.uniform(4, 5, 300) for _ in range(10)])
    assert (found.kind, found.first, found.last, found.status) == (FindingKind.REVIVED, 0, 9, Status.ALERT)
    assert found.after == pytest.approx(1.0)


@pytest.mark.parametrize("new", [9.25, -3.0])
def test_a_constant_that_becomes_another_one_does_not_vary(new: float) -> None:
    midst = [5.0] * 100 + [new] * 200  # the day on which it changes holds both
    found = only([[5.0] * 300] * 20, [*[[5.0] * 300] * 5, midst, *[[new] * 300] * 5])
    assert (found.kind, found.first, found.last, found.extreme) == (FindingKind.RANGE, 5, 10, new)


def test_the_only_level_that_becomes_another_one_does_not_vary() -> None:
    found = only([["a"] * 300] * 20, [*[["a"] * 300] * 5, *[["b"] * 300] * 5])
    assert (found.kind, found.first, dict(found.levels)) == (FindingKind.UNSEEN, 5, {"b": 1500})


@pytest.mark.parametrize("sign", [1, -1])
def test_zeros_that_turn_into_minus_one_and_their_mirror(sign: int) -> None:
    rng = np.random.default_rng(2)

    def rain(windows: int, dry: float) -> list[Any]:
        return [sign * np.where(rng.random(300) < 0.4, dry, rng.lognormal(size=300)) for _ in range(windows)]

    found = only(rain(20, 0.0), [*rain(5, 0.0), *rain(5, -1.0)])
    assert (found.kind, found.first, found.last, found.status) == (FindingKind.RANGE, 5, 9, Status.ALERT)
    assert found.after == pytest.approx(0.4, abs=0.03)
    assert found.extreme == -sign


def test_names_of_weekdays_written_out() -> None:
    def weekdays(start: int, count: int, names: tuple[str, ...]) -> list[Any]:
        return [[names[day % 7]] * 300 for day in range(start, start + count)]

    found = only(weekdays(0, 28, WEEK), [*weekdays(28, 14, WEEK), *weekdays(42, 14, LONG)])
    assert (found.kind, found.first, found.last) == (FindingKind.UNSEEN, 14, 27)
    assert set(found.levels) == set(LONG)
    assert set(found.levels_lost) == set(WEEK)


def test_a_level_called_missing_is_a_level() -> None:
    rng = np.random.default_rng(3)
    before, after = {"a": 0.5, "missing": 0.4, "b": 0.1}, {"a": 0.7, "missing": 0.1, "b": 0.2}
    found = only(levels(rng, 20, before), levels(rng, 10, after))
    assert found.kind is FindingKind.VALUE
    assert found.place is not None
    assert found.place.kind is PlaceKind.LEVEL


def test_missing_values_are_told_as_missing() -> None:
    rng = np.random.default_rng(4)
    holes = [np.where(rng.random(300) < 0.3, np.nan, one) for one in normal(rng, 10)]
    found = only(normal(rng, 20), holes)
    assert (found.kind, found.direction) == (FindingKind.MISSING, Direction.MORE)
    assert (found.before, found.after) == pytest.approx((0.0, 0.3), abs=0.02)


@pytest.mark.parametrize("reference", [23, 24])
def test_there_is_no_cliff_between_23_and_24_reference_weeks(reference: int) -> None:
    rng = np.random.default_rng(5)
    found = only(normal(rng, reference, 500), normal(rng, 16, 500, mean=0.35), size="1 week")
    assert (found.first, found.last, found.direction) == (0, 15, Direction.HIGHER)


@pytest.mark.parametrize("reference", [3, 8, 30])
def test_a_season_that_the_reference_never_had_is_named_beside_any_reference(reference: int) -> None:
    rng = np.random.default_rng(6)
    found = only(levels(rng, reference, {"spring": 0.6, "summer": 0.4}), [["winter"] * 300] * 5)
    assert (found.kind, found.first, found.last, found.after) == (FindingKind.UNSEEN, 0, 4, 1.0)
    assert dict(found.levels) == {"winter": 1_500}


def test_users_drawn_at_random_never_alarm() -> None:
    rng = np.random.default_rng(7)
    days = [[f"user {i}" for i in rng.integers(0, 5_000, 1_000)] for _ in range(40)]
    assert judge({"user": (days[:12], days[12:])}).findings == ()


@pytest.mark.parametrize("seed", range(3))
def test_the_innocent_are_not_named_where_all_others_change(seed: int) -> None:
    rng = np.random.default_rng([8, seed])
    changed = {f"changed {i}": (normal(rng, 20), normal(rng, 14, mean=2.0)) for i in range(8)}
    judged = judge({**changed, **quiet(seed, 20, 14)})
    assert {one.what for one in judged.findings} == set(changed)


def test_days_with_a_memory_do_not_alarm() -> None:
    alarms = 0
    for seed in range(6):
        rng = np.random.default_rng([9, seed])
        columns = {}
        for name in "abcd":
            day = [0.0]
            for _ in range(41):
                day.append(0.6 * day[-1] + rng.normal(0, 0.12))
            drawn = [rng.normal(level, 1, 300) for level in day]
            columns[name] = (drawn[:14], drawn[14:])
        alarms += bool(judge(columns).findings)
    assert alarms <= 1  # of six; at a true 5 % two or more have a chance of 3 %


@pytest.mark.parametrize(("factor", "up"), [(0.4, Direction.NARROWER), (2.5, Direction.WIDER)])
def test_what_spreads_is_told_as_spread(factor: float, up: Direction) -> None:
    rng = np.random.default_rng(10)
    judged = judge({"x": (normal(rng, 20), normal(rng, 10, sd=factor)), **quiet(1, 20, 10)})
    assert up in {one.direction for one in of(judged, "x")}


def test_the_onset_is_that_of_the_change() -> None:
    rng = np.random.default_rng(11)
    production = [*normal(rng, 20), *normal(rng, 7, mean=1.0), *normal(rng, 1), *normal(rng, 12, mean=1.0)]
    found = only(normal(rng, 30), production)
    assert (found.first, found.last) == (20, 39)
    assert found.onset_lower <= found.start <= found.onset_upper


@pytest.mark.parametrize("days", [1, 3])
def test_a_twentieth_of_the_rows_far_beyond_all_others_is_named(days: int) -> None:
    """Twelve standard deviations beyond the farthest: no ordinary day goes there, few rows or not."""
    rng = np.random.default_rng(11)
    reference, production = normal(rng, 20), normal(rng, 20)
    for day in range(10, 10 + days):
        production[day] = np.append(production[day][:285], 16 + rng.standard_normal(15))
    found = only(reference, production)
    assert (found.kind, found.first, found.last) == (FindingKind.RANGE, 10, 9 + days)


@pytest.mark.parametrize("sign", [1, -1])
def test_what_lies_farther_out_since_all_of_it_moved_is_not_told_to_spread_wider(sign: int) -> None:
    """Ranks of what moved far are all at one end: what asks how far from the middle they lie may be louder than what asks on which side."""
    rng = np.random.default_rng(14)
    sided = sides({"x": (normal(rng, 20, mean=0.14, sd=0.08), normal(rng, 12, mean=sign * 0.31 + 0.14, sd=0.09))})
    asks = SimpleNamespace(asks=[Ask.SPREAD], groups=[-1])
    screen = SimpleNamespace(things={"x": SimpleNamespace(questions=asks)}, telling=lambda *_: np.ones(12, dtype=bool))
    counted = assess_drift(measure_counted(sided)).columns["x"]
    found = tell(screen, "x", counted, Candidate(FindingKind.VALUE, Run.known(0, 11), 2.0, 1e-9, 0, up=True), "x")
    assert (found.direction, found.measure) == (Direction.HIGHER if sign > 0 else Direction.LOWER, Measure.MEAN)


@pytest.mark.parametrize("factor", [1.6, 0.5])
def test_values_that_spread_otherwise_around_the_same_middle_are_told_so(factor: float) -> None:
    rng = np.random.default_rng(5)
    found = only(normal(rng, 40, mean=0, sd=1), normal(rng, 12, mean=0.05, sd=factor))
    assert (found.direction, found.measure) == (Direction.WIDER if factor > 1 else Direction.NARROWER, Measure.SD)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("left", "reached"), [(0.0, 1.0), (1.0, 0.0)])
def test_one_value_that_all_moved_rows_left_is_told_as_that(sign: int, left: float, reached: float) -> None:
    """Two fifths of all rows move from 0 to 1 amid values that go on: "spreads less wide" would be true and no help."""
    rng = np.random.default_rng(8)

    def spent(days: int, instead: float) -> list[Any]:
        return [sign * np.where(rng.random(400) < 0.4, instead, rng.gamma(2, 3, 400)) for _ in range(days)]

    found = only(spent(35, left), spent(15, reached))
    assert (found.direction, found.measure) == (Direction.FEWER, Measure.SHARE)
    assert found.place is not None
    assert (found.place.kind, found.place.lower) == (PlaceKind.VALUE, sign * left)
    assert (found.before, found.after) == pytest.approx((0.4, 0.0), abs=0.02)


@pytest.mark.parametrize("sign", [1, -1])
def test_one_far_value_that_comes_back_day_after_day_is_no_weather(sign: int) -> None:
    """Zeros in place of what is not known, twice as far out as the reference's days reach."""
    rng = np.random.default_rng(3)

    def orders(days: int, bad: float) -> list[Any]:
        drawn = [np.round(rng.normal(100, 15, 300)) for _ in range(days)]
        return [sign * np.where(rng.random(300) < bad, 0.0, one) for one in drawn]

    judged = judge({"x": (orders(20, 0.0), [*orders(10, 0.0), *orders(10, 0.12)]), **quiet(0, 20, 20)})
    (found,) = (one for one in of(judged, "x") if one.kind is FindingKind.RANGE)
    assert (found.first, found.last, found.extreme) == (10, 19, 0.0)
    assert found.after == pytest.approx(0.12, abs=0.02)


@pytest.mark.parametrize("sign", [1, -1])
def test_values_that_stand_still_at_a_known_one_are_told_so(sign: int) -> None:
    """Zero is the commonest value of the reference: three days of nothing else are lower, and more than that."""
    rng = np.random.default_rng(6)

    def visits(days: int) -> list[Any]:
        return [sign * rng.poisson(2.0, 100) for _ in range(days)]

    found = only(visits(30), [*visits(6), *[[0.0] * 100] * 4])
    assert (found.kind, found.first, found.last) == (FindingKind.CONSTANT, 6, 9)
    assert found.place is not None
    assert found.place.lower == 0.0


def test_levels_that_stand_still_at_a_known_one_are_told_so() -> None:
    rng = np.random.default_rng(7)
    shares = {"a": 0.6, "b": 0.3, "c": 0.1}
    found = only(levels(rng, 20, shares, 100), [*levels(rng, 6, shares, 100), *[["a"] * 100] * 4])
    assert (found.kind, found.first, found.last) == (FindingKind.CONSTANT, 6, 9)
    assert found.place is not None
    assert found.place.level == "a"
