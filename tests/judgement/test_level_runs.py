"""Levels that move together: what is gone, how many there are."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.judgement.finding import Finding, FindingKind, Measure
from tests.judgement.counted_sides import Column, judge, of, quiet


def drawn(rng: np.random.Generator, among: int, windows: int, rows: int = 1_000) -> Column:
    return [[f"shop {i}" for i in rng.integers(0, among, rows)] for _ in range(windows)]


def told(before: int, after: int) -> Finding:
    rng = np.random.default_rng([before, after])
    judged = judge({"shop": (drawn(rng, before, 12), drawn(rng, after, 6)), **quiet(1, 12, 6)})
    [finding] = [one for one in of(judged, "shop") if one.kind is not FindingKind.UNSEEN]
    return finding


@pytest.mark.parametrize(("before", "after"), [(20, 4), (60, 12), (100, 20)])
def test_levels_that_are_gone_are_named_together(before: int, after: int) -> None:
    finding = told(before, after)
    assert finding.kind is FindingKind.LEVEL
    assert set(finding.levels_lost) == {f"shop {i}" for i in range(after, before)}
    assert finding.before == pytest.approx(1 - after / before, abs=0.02)
    assert finding.after == 0.0


@pytest.mark.parametrize(("before", "after"), [(500, 100), (1_000, 200)])
def test_levels_without_names_are_told_by_their_number(before: int, after: int) -> None:
    finding = told(before, after)
    assert (finding.kind, finding.measure) == (FindingKind.VALUE, Measure.LEVELS)
    assert finding.after == pytest.approx(after, rel=0.02)
    assert finding.before == pytest.approx(before * (1 - (1 - 1 / before) ** 1_000), rel=0.05)


def test_one_level_that_grows_is_told_by_itself() -> None:
    rng = np.random.default_rng(3)
    grown = [[*one[:600], *["shop 0"] * 400] for one in drawn(rng, 150, 6)]
    [finding] = of(judge({"shop": (drawn(rng, 150, 12), grown), **quiet(1, 12, 6)}), "shop")
    assert finding.place is not None
    assert (finding.place.level, finding.measure) == ("shop 0", Measure.SHARE)


def test_fewer_rows_are_not_fewer_levels() -> None:
    rng = np.random.default_rng(4)
    few = [[*one[:150], *[f"shop {i}" for i in range(1_000, 1_010)] * 5] for one in drawn(rng, 300, 6)]
    found = of(judge({"shop": (drawn(rng, 300, 12), few), **quiet(1, 12, 6)}), "shop")
    assert found
    assert all(one.measure is not Measure.LEVELS for one in found)


def test_a_constant_column_says_what_it_was_and_what_came() -> None:
    left = [[0.0] * 60 + [-1.0] * 40 for _ in range(6)]
    [finding] = of(judge({"fee": ([[0.0] * 100] * 12, left), **quiet(1, 12, 6)}), "fee")
    assert finding.kind is FindingKind.REVIVED
    assert finding.place is not None
    assert (finding.place.lower, finding.extreme, finding.after) == (0.0, -1.0, pytest.approx(0.4))


def shares(rng: np.random.Generator, windows: int, without: str = "", rows: int = 60) -> Column:
    names = ["card", "cash", "voucher", "other"]
    return [[one for one in rng.choice(names, rows, p=[0.5, 0.25, 0.17, 0.08]) if one != without] for _ in range(windows)]


@pytest.mark.parametrize("reference", [8, 14, 46])
def test_a_common_level_that_is_gone_is_a_fact_whatever_days_do(reference: int) -> None:
    rng = np.random.default_rng(reference)
    wild = [one + ["card"] * int(rng.integers(0, 40)) for one in shares(rng, reference)]
    later = [*shares(rng, 4), *shares(rng, 6, without="voucher"), *shares(rng, 4)]
    found = of(judge({"paid": (wild, later), **quiet(1, reference, 14)}), "paid")
    [gone] = [one for one in found if one.kind is FindingKind.LEVEL]
    assert (gone.levels_lost, gone.first, gone.last) == (("voucher",), 4, 9)


def test_a_level_that_often_stays_away_is_no_fact() -> None:
    rng = np.random.default_rng(5)
    seldom = [one for week in range(6) for one in [*shares(rng, 5), *shares(rng, 2, without="voucher")]]
    assert of(judge({"paid": (seldom, [*shares(rng, 5), *shares(rng, 2, without="voucher")] * 2), **quiet(1, 42, 14)}), "paid") == []


def test_a_level_that_calm_days_hardly_have_is_no_fact() -> None:
    rng = np.random.default_rng(7)
    stormy = [["late"] * late + ["on time"] * (900 - late) for late in rng.choice([20, 60, 135, 200, 300], 9)]
    calm = [*stormy[:4], ["on time"] * 880 + ["early"] * 20, *stormy[4:]]
    held = {"answer": ([one + ["early"] * 20 for one in stormy], [one + ["early"] * 20 for one in calm]), **quiet(1, 9, 10)}
    assert of(judge(held), "answer") == []


def test_levels_that_new_ones_replaced_are_told_once() -> None:
    rng = np.random.default_rng(6)
    renamed = [["Voucher" if value == "voucher" else value for value in one] for one in shares(rng, 6)]
    [finding] = of(judge({"paid": (shares(rng, 14), [*shares(rng, 4), *renamed]), **quiet(1, 14, 10)}), "paid")
    assert (finding.kind, finding.levels_lost) == (FindingKind.UNSEEN, ("voucher",))
