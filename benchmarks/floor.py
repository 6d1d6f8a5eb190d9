"""What no tool that reads both files once can do without (`python -m benchmarks.floor FOLDER`): the interpreter, the packages, one read."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

import duckdb

NEEDED = ("duckdb", "numpy", "pandas", "pydantic", "pyarrow", "pyarrow.compute", "scipy.special", "tomlkit", "typer")
"""Packages that `driftscope measure drift` cannot do without."""
NUMBERS = ("DOUBLE", "INTEGER")


def floor(root: Path, memory_limit: str | None) -> None:
    """Read both files once: count, missing, smallest, largest, mean and standard deviation of every column."""
    with duckdb.connect() as connection:
        if memory_limit:
            connection.execute("SET memory_limit = $1", [memory_limit])
        for data in ("reference", "production"):
            path = str(root / f"{data}.parquet")
            columns = connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
            connection.execute(f"SELECT count(*), {', '.join(_figures(name, kind) for name, kind, *_ in columns)} FROM '{path}'").fetchall()


def _figures(name: str, kind: str) -> str:
    plain = f"count({name}), count(*) - count({name}), min({name}), max({name})"
    return f"{plain}, avg({name}), stddev({name})" if kind in NUMBERS else plain


def main() -> None:
    """Import what the command needs and read both files of a folder."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor")
    parser.add_argument("root", type=Path)
    options = parser.parse_args()
    for name in NEEDED:
        import_module(name)
    floor(options.root, None)


if __name__ == "__main__":
    main()
