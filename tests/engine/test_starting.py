"""What `init` writes fits the data: windows of which the reference has enough, each with rows enough to be judged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.engine import init_case


@pytest.mark.parametrize(
    ("days", "a_day", "size"),
    [(90, 100, "1 week"), (10, 300, "1 day"), (2, 2400, "1 hour"), (12, 24, "1 week"), (1, 40, "1 week")],
)
def test_windows_are_as_long_as_the_reference_has_eight_of(tmp_path: Path, days: int, a_day: int, size: str) -> None:
    for name, start in (("reference", "2025-01-01"), ("production", "2025-06-01")):
        times = pd.date_range(start, periods=days * a_day, freq=pd.Timedelta(days=1) / a_day)
        pd.DataFrame({"when": times, "amount": np.arange(days * a_day) % 97 + 0.5}).to_parquet(tmp_path / f"{name}.parquet")
    init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    assert str(load_case(tmp_path / "case").windows) == size


def test_one_date_of_the_far_future_is_no_span(tmp_path: Path) -> None:
    times = pd.Series(pd.date_range("2025-01-01", periods=3000, freq="5min"))
    times.iloc[7] = pd.Timestamp("2200-12-31")
    for name in ("reference", "production"):
        pd.DataFrame({"when": times, "amount": np.arange(3000) % 97 + 0.5}).to_parquet(tmp_path / f"{name}.parquet")
    init_case([tmp_path / "reference.parquet", tmp_path / "production.parquet"], tmp_path / "case")
    assert str(load_case(tmp_path / "case").windows) == "1 day"
