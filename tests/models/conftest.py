"""Small cases whose models are made here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.case import Case, case_from
from monitor.models import surrogate
from tests.conftest import ROUNDS

CaseOf = Callable[..., Case]


@pytest.fixture(scope="module", autouse=True)
def _learned_in_full() -> Iterator[None]:
    """Let stand-ins learn as many trees as they do for people."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surrogate, "_ROUNDS", ROUNDS)
        yield


@pytest.fixture
def case_of(tmp_path: Path) -> CaseOf:
    """Return a maker of cases: their task and roles, and the model's file name."""

    def make(task: str = "binary", model: str = "model.skops", **roles: Any) -> Case:
        asked = {
            "case": {"name": "a case", "task": task},
            "data": {"reference": "r.parquet", "production": "p.parquet"},
            "roles": roles,
            "model": {"path": model},
        }
        return case_from(asked, root=tmp_path)

    return make


@pytest.fixture(scope="session")
def mixed_rows() -> pd.DataFrame:
    """300 rows with numbers, gaps and levels, and what is to be learned in `y`."""
    draw = np.random.default_rng(3)
    n = 300
    rows = pd.DataFrame(
        {
            "amount": np.where(draw.random(n) < 0.2, np.nan, draw.normal(size=n)),
            "age": draw.integers(18, 70, n),
            "country": draw.choice(["DE", "EE", "FR", "FI"], n),
            "device": pd.Series(draw.choice(["ios", "web", "android"], n)).where(draw.random(n) > 0.1),
            "ratio": draw.random(n),
        }
    )
    signal = rows["amount"].fillna(-1) + (rows["country"] == "EE") * 2 * (rows["ratio"] > 0.5) - 0.03 * rows["age"]
    return rows.assign(y=signal + (rows["device"] == "ios") + draw.normal(0, 0.3, n))
