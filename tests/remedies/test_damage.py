"""Changes of values, taken away and done."""

import numpy as np
import pandas as pd
import pytest

from monitor.incidents.cause import Cause, Hypothesis, Inverse
from monitor.remedies.damage import damaged, mended

TIME = np.datetime64("2026-03-01T00:00", "us") + np.arange(6) * np.timedelta64(1, "h")


def frame():
    return pd.DataFrame({"a": [1.0, 2.0, np.nan, 4.0, 5.0, 6.0], "b": [6.0, 5.0, 4.0, 3.0, 2.0, 1.0], "shop": list("xxxxxx")})


def cause(kind, columns=("a",), **inverse):
    return Hypothesis(cause=Cause.UNIT_CHANGE, columns=columns, inverse=Inverse(kind=kind, **inverse))


@pytest.mark.parametrize(
    ("change", "one"),
    [
        (lambda a: a * 2.54 + 3, cause("affine", scale=1 / 2.54, offset=-3 / 2.54)),
        (np.log, cause("exp")),
        (np.square, cause("root")),
        (lambda a: np.where(np.isnan(a), -1, a), cause("fill", value="-1")),
        (lambda a: a + 0.5 * np.arange(6), cause("trend", scale=0.5)),
    ],
)
def test_a_change_is_taken_away(change, one):
    before = frame()
    back = mended(before.assign(a=change(before["a"].to_numpy())), one, np.arange(6.0))
    assert back["a"].to_numpy() == pytest.approx(before["a"].to_numpy(), nan_ok=True)
    assert back["b"].equals(before["b"])


def test_columns_change_places_again():
    back = mended(frame(), cause("swap", ("a", "b"), other="b"), np.zeros(6))
    assert back["a"].equals(frame()["b"].rename("a"))
    assert back["b"].equals(frame()["a"].rename("b"))


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (cause("clip", offset=4.0, value="upper"), [1, 2, np.nan, 4, 4, 4]),
        (cause("clip", offset=4.0, value="lower"), [4, 4, np.nan, 4, 5, 6]),
        (cause("round", scale=5.0, value="rounded down"), [0, 0, np.nan, 0, 5, 5]),
        (cause("stuck", value="3"), [3] * 6),
        (cause("missing"), [np.nan] * 6),
        (cause("shift", offset=2.0), [np.nan, np.nan, 1, 2, np.nan, 4]),
    ],
)
def test_what_is_lost_is_done_to_rows_that_have_it(one, wanted):
    assert mended(frame(), one, np.zeros(6)) is None
    assert damaged(frame(), one, TIME)["a"].to_numpy() == pytest.approx(np.array(wanted, dtype=float), nan_ok=True)


def test_values_that_follow_no_clock_are_not_shifted():
    twice = pd.concat([frame(), frame().assign(a=9.0)], ignore_index=True)
    assert damaged(twice, cause("shift", offset=1.0), np.concatenate([TIME, TIME])) is None
