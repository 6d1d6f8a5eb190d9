"""Columns that lose values in the run of another: told with it, and only then."""

from __future__ import annotations

import numpy as np

from monitor.judgement.companions import companions
from monitor.judgement.fact import Fact
from monitor.judgement.finding import FindingKind
from monitor.stats.inference.runs import Run
from tests.judgement.counted_sides import Column, judge, normal, quiet

OFTEN_OFF = np.array([0.06, 0.13, 0.1, 0.05, 0.21, 0.17, 0.09, 0.13, 0.09, 0.16, 0.16, 0.08, 0.06])
OUTAGE = Run(38, 39, 38, 38, 39, 39)


def losing(share: list[float], own: np.ndarray = OFTEN_OFF) -> Fact:
    """A column of which so many parts of 1,000 rows a window are missing."""
    rows, of = 1000 * np.array(share), np.full(len(share), 1000.0)
    most = np.full(len(share), max(float(own.max()), 0.01))
    return Fact(FindingKind.MISSING, "missing_share", rows, of, 1000 * float(own.sum()), 1000.0 * len(own), own, most)


def test_told_where_to_look_an_outage_is_seen() -> None:
    gauge = losing([0.1] * 38 + [0.53, 0.55])
    assert gauge.least > 0.05 / 20  # what it would need alone on a screen of twenty columns, all windows searched
    [one] = companions({"gauge": gauge}, [OUTAGE], 0.05)["gauge"]
    assert (one.run.first, one.run.last, one.kind) == (38, 39, FindingKind.MISSING)
    assert one.p_value <= 0.05
    assert one.strength >= 1


def test_a_day_without_any_value_is_seen_beside_the_day_that_the_outage_began_on() -> None:
    """Pooled, the run is no more than what one reference window lost."""
    own = np.r_[np.tile(OFTEN_OFF, 6), 0.62]
    gauge = losing([0.1] * 38 + [0.15, 1.0], own)
    [one] = companions({"gauge": gauge}, [OUTAGE], 0.05)["gauge"]
    assert one.strength >= 1
    assert companions({"gauge": losing([0.1] * 38 + [0.15, 0.9], np.r_[own, 0.95])}, [OUTAGE], 0.05) == {}


def test_a_run_is_told_from_the_window_on_in_which_the_column_lost_values_and_once() -> None:
    gauge = losing([0.1] * 37 + [0.02, 0.9, 0.95])
    [one] = companions({"gauge": gauge}, [Run.known(37, 39), OUTAGE], 0.05)["gauge"]
    assert (one.run.first, one.run.last) == (38, 39)


def test_where_nobody_lost_values_nothing_is_looked_at() -> None:
    assert companions({"gauge": losing([0.1] * 38 + [0.53, 0.55])}, [], 0.05) == {}


def test_what_its_own_record_has_is_no_companion() -> None:
    """Neither a share that windows of the reference had, nor one in other windows than the run's."""
    assert companions({"gauge": losing([0.1] * 38 + [0.2, 0.2])}, [OUTAGE], 0.05) == {}
    assert companions({"gauge": losing([0.53, 0.55] + [0.1] * 38)}, [OUTAGE], 0.05) == {}


def test_columns_without_any_missing_value_share_nothing_of_the_probability() -> None:
    never = losing([0.0] * 40, np.zeros(13))
    gauge = losing([0.1] * 38 + [0.53, 0.55])
    alone, beside = (
        companions({"gauge": gauge, **others}, [OUTAGE], 0.05)["gauge"][0] for others in ({}, {str(i): never for i in range(30)})
    )
    assert alone.p_value == beside.p_value


def test_columns_that_lost_all_their_values_before_share_nothing_of_the_probability() -> None:
    dead = losing([0.0] * 40, np.r_[OFTEN_OFF, 1.0])
    gauge = losing([0.1] * 38 + [0.53, 0.55])
    alone, beside = (
        companions({"gauge": gauge, **others}, [OUTAGE], 0.05)["gauge"][0] for others in ({}, {str(i): dead for i in range(30)})
    )
    assert alone.p_value == beside.p_value


def test_columns_that_do_not_change_are_seldom_told_beside_one_that_does() -> None:
    """Shares of windows from one law, reference and run alike: at most 5 % of runs have any companion among four columns."""
    rng, told = np.random.default_rng(8), 0
    for _ in range(400):
        shares = [np.clip(rng.gamma(4.0, 0.03, 53), 0, 1) for _ in range(4)]
        facts = {str(i): losing(one[13:].tolist(), one[:13]) for i, one in enumerate(shares)}
        told += bool(companions(facts, [Run(39, 39, 39, 39, 39, 39)], 0.05))
    assert told <= 0.05 * 400


def lost(rng: np.random.Generator, windows: Column, shares: np.ndarray) -> Column:
    return [np.where(rng.random(len(one)) < share, np.nan, one) for one, share in zip(windows, shares, strict=True)]


def test_a_column_that_is_named_for_its_values_is_told_with_the_outage_too() -> None:
    rng = np.random.default_rng(10)
    outage, often = np.r_[np.zeros(28), 0.2, 1.0], np.r_[rng.choice(OFTEN_OFF, 28), 0.2, 1.0]
    moved = [*normal(rng, 10), *normal(rng, 20, mean=0.6)]
    judged = judge({
        **{name: (normal(rng, 40), lost(rng, normal(rng, 30), outage)) for name in ("a", "b", "c")},
        "gauge": (lost(rng, normal(rng, 40), np.r_[rng.choice(OFTEN_OFF, 39), 0.62]), lost(rng, moved, often)),
        **quiet(0, 40, 30),
    })  # fmt: skip
    gauge = [one for one in judged.findings if one.what == "gauge"]
    assert {FindingKind.VALUE, FindingKind.MISSING} <= {one.kind for one in gauge}
    assert {(one.first, one.last) for one in judged.findings if one.kind is FindingKind.MISSING} == {(28, 29)}
    spoken = judged.primary[judged.primary["window"] == judged.windows.ids[29]].set_index("column")["method"]
    assert set(spoken[["a", "gauge"]]) == {"missing_share"}


def test_a_window_without_values_is_spoken_for_by_its_missing_share() -> None:
    rng = np.random.default_rng(11)
    often = np.r_[np.tile(OFTEN_OFF, 3), 1.0]
    judged = judge({"gauge": (lost(rng, normal(rng, 40), often), [*normal(rng, 3), np.full(300, np.nan)]), **quiet(0, 40, 4)})
    assert judged.findings == ()
    spoken = judged.primary[judged.primary["column"] == "gauge"]
    assert spoken["method"].tolist() == ["js", "js", "js", "missing_share"]


def test_an_outage_is_told_with_all_its_columns() -> None:
    rng = np.random.default_rng(9)
    outage = np.r_[np.zeros(39), 0.5]
    often = np.r_[rng.choice(OFTEN_OFF, 39), 0.55]
    judged = judge({
        **{name: (normal(rng, 13), lost(rng, normal(rng, 40), outage)) for name in ("a", "b", "c")},
        "gauge": (lost(rng, normal(rng, 13), OFTEN_OFF), lost(rng, normal(rng, 40), often)),
        **quiet(0, 13, 40),
    })  # fmt: skip
    assert "gauge" not in judged.selection.named
    found = {one.what: (one.kind, one.first, one.last) for one in judged.findings}
    assert found == dict.fromkeys(("a", "b", "c", "gauge"), (FindingKind.MISSING, 39, 39))
