"""The page Drift of a column whose values come at another hour of the day."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.pages.cases import write
from tests.pages.seen import open_page, said

ROLES = 'timestamp = "time"\nid = "order_id"'


def hours(start: str, seed: int, late: float) -> pd.DataFrame:
    rng, n = np.random.default_rng(seed), 28 * 48
    hour = np.arange(n) / 2
    load = 50 + 10 * np.cos(2 * np.pi * (hour % 24 - 15 - late * (hour >= 14 * 24)) / 24) + rng.normal(0, 3, n)
    return pd.DataFrame(
        {"order_id": np.arange(n), "time": pd.date_range(start, periods=n, freq="30min").as_unit("us"), "load": load.round(2)}
    )


def test_it_is_told_with_its_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "cases" / "clock"
    write(folder, hours("2026-01-05", 0, 0.0), hours("2026-03-02", 1, 5.0), roles=ROLES)
    text = (folder / "case.toml").read_text().replace('task = "binary"', 'task = "none"').replace('size = "1 week"', 'size = "1 day"')
    (folder / "case.toml").write_text(text)
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(folder.parent))
    shown = said(open_page("drift"))
    assert "load comes 5 hours later in the day since 16 Mar" in shown
    assert "A cosine of 24 hours peaks" in shown
