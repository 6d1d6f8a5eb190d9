"""Benches that no test runs are loaded at least: what they call by name is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import benchmarks

MODULES = [one.name for one in pkgutil.walk_packages(benchmarks.__path__, "benchmarks.") if not one.name.endswith("__main__")]


@pytest.mark.parametrize("name", MODULES)
def test_a_bench_loads(name: str) -> None:
    importlib.import_module(name)
