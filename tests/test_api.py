from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pandas as pd
import pytest

import monitor
from monitor.errors import CaseError, DriftscopeError

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("name", monitor.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(monitor, name) is getattr(monitor, name)
    assert name in dir(monitor)


def test_importing_costs_nothing() -> None:
    code = (
        "import sys, monitor; monitor.__version__; print([m for m in ('numpy', 'pandas', 'duckdb', 'scipy', 'altair') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"


def test_the_version_is_that_of_the_package() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == monitor.__version__


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'measure_drfit'"):
        _ = monitor.measure_drfit


def test_errors_are_one_tree() -> None:
    assert issubclass(monitor.errors.CaseError, DriftscopeError)
    assert issubclass(monitor.errors.CaseError, ValueError)


def test_a_wrong_setting_of_tables_is_named_as_no_files(tmp_path: Path) -> None:
    table = pd.DataFrame({"x": [1.0, 2.0]})
    with pytest.raises(CaseError, match=r"The case 'in memory': unknown key 'thresholds.drft'. Did you mean 'drift'"):
        monitor.open_tables(table, table, cache=tmp_path, thresholds={"drft": {}})
