"""Small cases on disk for the tests of the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from monitor.case import Case, case_from

MakeCase = Callable[..., Case]


@pytest.fixture
def make_case(tmp_path: Path) -> MakeCase:
    """Write tables as Parquet into a folder and return their case; keywords are sections of case.toml."""

    def make(reference: pd.DataFrame, production: pd.DataFrame, **sections: Any) -> Case:
        reference.to_parquet(tmp_path / "reference.parquet")
        production.to_parquet(tmp_path / "production.parquet")
        return plain_case(tmp_path, **sections)

    return make


def plain_case(root: Path, **sections: Any) -> Case:
    data = {"reference": "reference.parquet", "production": "production.parquet", **sections.pop("data", {})}
    return case_from({"case": {"name": "test", "task": "binary"}, "data": data, **sections}, root=root)


@pytest.fixture
def case_at() -> MakeCase:
    """Return the case of files that the test itself wrote into a folder."""
    return plain_case


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRIFTSCOPE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
