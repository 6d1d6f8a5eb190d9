"""Data of any size for the benchmarks: the same bytes from the same seed, written in chunks so that no table is ever held in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from monitor.atomic import replacing

Floats = NDArray[np.float64]

CACHE = Path(__file__).parent / ".cache"
CHUNK = 122_880
DAYS = 30
MISSING = 0.05
NUMERIC_SHARE = 0.8
LEVELS = (5, 1000)
ONSET = 0.5
"""Share of production after which the planted columns have moved."""

_START = {"reference": datetime.fromisoformat("2026-01-01"), "production": datetime.fromisoformat("2026-01-31")}


def _zero_inflated(rng: np.random.Generator, n: int) -> Floats:
    return np.where(rng.random(n) < 0.7, 0.0, rng.gamma(2.0, 5.0, n))


def _bimodal(rng: np.random.Generator, n: int) -> Floats:
    return rng.normal(np.where(rng.random(n) < 0.4, -3.0, 3.0), 1.0)


SHAPES: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "normal": lambda rng, n: rng.normal(50.0, 10.0, n),
    "lognormal": lambda rng, n: rng.lognormal(3.0, 1.0, n),
    "exponential": lambda rng, n: rng.exponential(20.0, n),
    "uniform": lambda rng, n: rng.uniform(-1.0, 1.0, n),
    "integers": lambda rng, n: rng.poisson(3.0, n).astype(float),
    "zero_inflated": _zero_inflated,
    "bimodal": _bimodal,
    "heavy_tailed": lambda rng, n: rng.standard_t(2.0, n),
}
PLANTED = ("normal_00", "level_01")
"""Columns that move half way through production: half a standard deviation up, and ten points of mass to the first level."""


def names(columns: int) -> tuple[list[str], dict[str, int]]:
    """Return the names of the numeric columns, and of the categorical ones with their numbers of levels."""
    numeric = round(columns * NUMERIC_SHARE)
    shapes = list(SHAPES)
    levels = np.geomspace(*LEVELS, columns - numeric).round().astype(int).tolist()
    return (
        [f"{shapes[i % len(shapes)]}_{i // len(shapes):02d}" for i in range(numeric)],
        {f"level_{i:02d}": count for i, count in enumerate(levels)},
    )


def dataset(rows: int, columns: int = 50, *, folder: Path = CACHE) -> Path:
    """Return the folder of a case with that many reference rows and as many production rows; built once."""
    root = folder / f"{rows}x{columns}"
    for data in _START:
        path = root / f"{data}.parquet"
        if not path.exists():
            root.mkdir(parents=True, exist_ok=True)
            write(path, data, rows, columns)
    (root / "case.toml").write_text(_case(columns), encoding="utf-8")
    return root


def write(path: Path, data: str, rows: int, columns: int) -> None:
    """Write one data set, a row group at a time."""
    first = _chunk(data, 0, 0, columns, rows)
    with replacing(path) as temporary, pq.ParquetWriter(temporary, first.schema) as writer:
        for start in range(0, rows, CHUNK):
            writer.write_table(_chunk(data, start, min(CHUNK, rows - start), columns, rows), row_group_size=CHUNK)


def _chunk(data: str, start: int, n: int, columns: int, rows: int) -> pa.Table:
    rng = np.random.default_rng([list(_START).index(data), start // CHUNK])
    place = start + np.arange(n)
    moved = (place >= ONSET * rows) & (data == "production")
    moments = np.datetime64(_START[data], "us") + (place * (DAYS * 86_400_000_000 // rows)).astype("timedelta64[us]")
    numeric, categorical = names(columns)
    arrays: dict[str, pa.Array] = {"timestamp": pa.array(moments, pa.timestamp("us"))}
    for name in numeric:
        values = SHAPES[name.rpartition("_")[0]](rng, n) + (5.0 * moved if name in PLANTED else 0.0)
        kind = pa.int32() if name.startswith("integers") else pa.float64()
        arrays[name] = pa.array(values, mask=rng.random(n) < MISSING).cast(kind)
    for name, count in categorical.items():
        codes = _levels(rng, n, count)
        codes = np.where(moved & (rng.random(n) < 0.1 / (1 - _share_of_first(count))), 0, codes) if name in PLANTED else codes
        levels = pa.array([f"{name[-2:]}-{i:04d}" for i in range(count)])
        arrays[name] = pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=rng.random(n) < MISSING), levels).cast(pa.string())
    return pa.table(arrays)


def _shares(count: int) -> Floats:
    weights = 1.0 / np.arange(1, count + 1)
    return np.asarray(weights / weights.sum())


def _share_of_first(count: int) -> float:
    return float(_shares(count)[0])


def _levels(rng: np.random.Generator, n: int, count: int) -> NDArray[np.int64]:
    return np.minimum(np.searchsorted(np.cumsum(_shares(count)), rng.random(n)), count - 1)


def _case(columns: int) -> str:
    kinds = "\n".join(f'{name} = "numeric"' for name in names(columns)[0] if name.startswith("integers"))
    return f"""[case]
name = "generated"
task = "binary"

[data]
reference = "reference.parquet"
production = "production.parquet"

[roles]
timestamp = "timestamp"

[kinds]
{kinds}

[windows]
size = "1 day"
timezone = "UTC"
"""


def end() -> datetime:
    """Return the end of production."""
    return _START["production"] + timedelta(days=DAYS)
