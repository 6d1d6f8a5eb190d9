"""What the rows of an incident rule out."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.cause import Cause, Hypothesis
from monitor.incidents.ruled_out import RuledOut, _hardly, ruled_out
from tests.incidents import shop_rows
from tests.incidents.shop_rows import MIDDLE

START = np.datetime64((MIDDLE + pd.Timedelta(days=5)).to_datetime64(), "us")
FAR = Hypothesis(cause=Cause.OFFSET, columns=("weight",), segment={"shop": "north"}, start=START)


def found(change=None, cause=FAR):
    now = shop_rows.now()
    if change is not None:
        hit = (now["shop"] == "north") & (now["at"] >= START)
        now = change(now, hit)
    return {one.cause: one for one in ruled_out(shop_rows.scene(now), cause)}


def test_what_no_row_shows_is_ruled_out_with_its_rows():
    told = found()
    assert {Cause.MISSING_VALUES, Cause.STUCK_VALUE, Cause.DUPLICATED_ROWS, Cause.MODEL_VERSION, Cause.LATENCY} <= set(told)
    assert (told[Cause.MISSING_VALUES].now, told[Cause.MISSING_VALUES].before) == (0, 0)
    assert 800 < told[Cause.MISSING_VALUES].rows < 1500


@pytest.mark.parametrize(
    ("cause", "change"),
    [
        (Cause.MISSING_VALUES, lambda now, hit: now.assign(weight=now["weight"].mask(hit & (now.index % 5 == 0)))),
        (Cause.MODEL_VERSION, lambda now, hit: now.assign(version=now["version"].mask(hit, "v9"))),
        (Cause.MISSING_VALUES, lambda now, hit: now.assign(weight=now["weight"].mask(hit & (now.index % 33 == 0)))),
        (Cause.LATENCY, lambda now, hit: now.assign(ms=now["ms"] + 1000 * hit)),
    ],
)
def test_what_its_rows_show_is_not_ruled_out(cause, change):
    assert cause not in found(change)


def test_few_rows_rule_out_nothing_and_no_cause_rules_itself_out():
    assert found(cause=replace(FAR, segment={"shop": "far"}, end=START + np.timedelta64(1, "D"))) == {}
    assert Cause.MISSING_VALUES not in found(cause=replace(FAR, cause=Cause.MISSING_VALUES))


def test_twice_as_many_failures_of_many_rows_rule_nothing_out_however_few():
    seldom = RuledOut(cause=Cause.ERRORS, now=0.0066, before=0.0031, rows=11_956, usual=11_000)
    assert not _hardly(seldom)
    assert _hardly(replace(seldom, rows=900, usual=900))  # which may be chance
    assert _hardly(replace(seldom, now=0.0042))
