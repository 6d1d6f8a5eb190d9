"""Where values lack: at levels of another column, or where another number is low or high."""

from __future__ import annotations

import numpy as np
import pandas as pd

from monitor.analyses.gaps import Gap, find_gaps
from monitor.engine import Selection, open_tables

RNG = np.random.default_rng(0)
N = 4_000
CARRIER = RNG.choice(["AA", "MQ", "UA", "DL"], N)
SIGHT = RNG.uniform(0, 10, N)
TABLE = pd.DataFrame(
    {
        "carrier": CARRIER,
        "sight": SIGHT,
        "age": np.where(np.isin(CARRIER, ["AA", "MQ"]) & (RNG.random(N) < 0.9), np.nan, RNG.integers(0, 30, N)),
        "pressure": np.where((SIGHT < 2) & (RNG.random(N) < 0.7), np.nan, RNG.normal(1000, 8, N)),
        "some": np.where((CARRIER == "DL") & (RNG.random(N) < 0.3), np.nan, 1.0),
        "chance": np.where(RNG.random(N) < 0.1, np.nan, 1.0),
        "none": np.nan,
    }
)


def test_levels_and_sides_are_named_and_chance_is_not() -> None:
    with open_tables(TABLE, TABLE, task="none", windows="whole") as workspace:
        found = find_gaps(workspace, Selection("production"), ["age", "pressure", "some", "chance", "none"])
    assert {name: (one.by, set(one.levels), one.side) for name, one in found.items()} == {
        "age": ("carrier", {"AA", "MQ"}, ""),
        "pressure": ("sight", set(), "low"),
        "some": ("carrier", {"DL"}, ""),
    }
    assert isinstance(found["pressure"], Gap)
    assert found["age"].part == 1
