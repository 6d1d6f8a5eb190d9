"""A profile as files: counts and moments as Parquet, where they come from as JSON."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from monitor.export.files import json_bytes, plain, to_parquet, write_whole
from monitor.profile import ColumnCounts, Profile

TABLES = tuple(f"{data}{part}" for data in ("reference", "production") for part in ("-counts.parquet", "-moments.parquet", ".json"))
"""Files that a profile is written to."""


def write_profile(folder: Path, data: str, counted: Profile, **facts: str) -> None:
    """Write `<data>-counts.parquet` (column, kind, window, cell, label, count; cells without rows are left out),
    `<data>-moments.parquet` (column, window, rows, missing, mean, sd, low, high) and `<data>.json`.
    """
    write_whole(folder / f"{data}-counts.parquet", to_parquet(counts_table(counted)))
    write_whole(folder / f"{data}-moments.parquet", to_parquet(moments_table(counted)))
    told = {**facts, "rows": int(counted.rows.sum()), "excluded": {one.reason: one.rows for one in counted.excluded}}
    write_whole(folder / f"{data}.json", json_bytes(plain(told)))


def counts_table(counted: Profile) -> pd.DataFrame:
    """Return one row per column, window and cell that has rows."""
    parts = [_counts(name, counts, counted.windows.ids) for name, counts in counted.columns.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def _counts(name: str, counts: ColumnCounts, ids: tuple[str, ...]) -> pd.DataFrame:
    window, cell = np.nonzero(counts.counts)
    labels = np.array(counts.cells.labels, dtype=object)
    return pd.DataFrame(
        {
            "column": name,
            "kind": counts.cells.kind.value,
            "window": np.array(ids, dtype=object)[window],
            "cell": cell,
            "label": labels[cell],
            "count": counts.counts[window, cell],
        }
    )


def moments_table(counted: Profile) -> pd.DataFrame:
    """Return one row per column and window."""
    windows = counted.windows
    parts = [
        pd.DataFrame(
            {
                "column": name,
                "window": windows.ids,
                "window_start": windows.start,
                "window_end": windows.end,
                "rows": counts.rows,
                "missing": counts.missing,
                "mean": counts.mean,
                "sd": counts.sd,
                "low": counts.low,
                "high": counts.high,
            }
        )
        for name, counts in counted.columns.items()
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
