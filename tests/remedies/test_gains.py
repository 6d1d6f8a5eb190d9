"""What other answers bring, and how sure that is."""

import numpy as np
import pytest

from monitor.remedies.gains import FEWEST, Answered, Truth, apart, blocks_of, gain_of, gains_of


def test_blocks_are_the_longest_stretches_of_which_there_are_enough():
    hours = np.datetime64("2026-03-01", "us") + np.arange(24 * 30) * np.timedelta64(1, "h")
    assert blocks_of(hours).max() == 29
    assert blocks_of(hours[:240]).max() == 39
    assert list(blocks_of(np.array(["NaT"] * 3, dtype="datetime64[us]"))) == [0, 1, 2]


def test_rows_of_a_block_hang_together():
    rng = np.random.default_rng(1)
    day = np.repeat(np.arange(30), 100)
    moved = 0.1 + rng.normal(0, 1, 30)[day] * 0.2 + rng.normal(0, 0.1, 3000)
    plain, blocked = (gain_of("brier", (moved, np.zeros(3000)), block) for block in (np.arange(3000), day))
    assert plain.gain == blocked.gain == pytest.approx(moved.mean())
    assert blocked.upper - blocked.lower > 4 * (plain.upper - plain.lower)


def test_the_interval_covers_no_gain_where_there_is_none():
    rng = np.random.default_rng(2)
    found = [gain_of("brier", tuple(rng.normal(0, 1, (2, 400))), np.arange(400) // 10, seed=at) for at in range(200)]
    assert sum(one.sure or one.worse for one in found) <= 8  # 1 % each, of 200: 2 expected


def test_money_decides_where_it_is_known():
    rng = np.random.default_rng(3)
    label, score = (rng.random(500) < 0.3).astype(float), rng.random(500)
    worth = np.array([np.zeros(500), np.full(500, -5.0), np.full(500, -100.0), np.zeros(500)])
    never, always = (Answered(score, np.full(500, one)) for one in (False, True))
    money = gains_of(Truth(label, worth, 0.5, np.arange(500)), never, always)[0]
    assert (money.metric, money.now, money.then) == ("value", pytest.approx(-100 * label.mean()), pytest.approx(-5 * (1 - label.mean())))
    assert money.gain == pytest.approx(money.then - money.now)
    weighed = gains_of(Truth(label, None, 0.05, np.arange(500)), never, always)[0]
    assert (weighed.metric, weighed.now) == ("decision_loss", pytest.approx(0.95 * label.mean()))
    assert weighed.sure


def test_rows_that_are_decided_alike_do_not_make_a_gain_sure():
    rng = np.random.default_rng(4)
    label, worth = np.zeros(2000), np.array([np.zeros(2000), np.full(2000, -5.0), np.full(2000, -100.0), np.zeros(2000)])
    label[:40] = 1
    score, now = rng.random(2000), np.zeros(2000, dtype=bool)
    now[100:2000:50] = True  # false alarms alone are taken back: what the next missed positive costs is not seen
    money = gains_of(Truth(label, worth, 0.5, np.arange(2000) // 20), Answered(score, now), Answered(score, ~now & now))[0]
    assert money.gain == pytest.approx(0.095)
    assert not money.sure
    assert money.lower < 0.095 - 2.5 * 100 * np.sqrt(2) / 2000


def test_too_few_rows_tell_nothing():
    few = np.zeros(FEWEST - 1)
    assert gain_of("brier", (few, few), np.arange(len(few))) is None
    assert apart("brier", (few, np.zeros(100)), (np.arange(len(few)), np.arange(100))) is None
