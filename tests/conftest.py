"""How tests are handed out, what they all share, and a small case on disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from monitor.models import surrogate
from monitor.stats.outliers import members

# Machines are noisy: a test says whether it is right, not how fast. Every run draws other examples.
settings.register_profile("untimed", deadline=None, max_examples=40)
settings.load_profile("untimed")

ROUNDS = surrogate._ROUNDS
"""Trees that a stand-in learns where nothing is said against it."""
TOML = """# kept
[case]
name = "Shop: *late* orders"
task = "binary"

[data]
reference = "reference.parquet"
production = "production.parquet"

[roles]
timestamp = "time"
id = "order_id"
score = "score"
label = "late"
threshold = 0.4

[labels]
weight = "Weight (kg)"

[windows]
size = "1 week"
timezone = "America/New_York"
"""


SLOW = ("tests/pages/test_every_page.py", "tests/test_cli.py", "tests/judgement/", "tests/stats/")
"""Where tests take longest: they come first, so that no worker ends alone with them."""


@pytest.fixture(autouse=True, scope="session")
def _in_the_year_of_the_data() -> Iterator[None]:
    """Sentences are told in the year of what they are about: those of tests do not change with the calendar."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("monitor.judgement.narration.windows.of_this_year", lambda moment, timezone: True)
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((place for place, slow in enumerate(SLOW) if item.nodeid.startswith(slow)), len(SLOW)))


def rows(first_day: str, count: int, shift: float) -> pd.DataFrame:
    random = np.random.default_rng(count)
    return pd.DataFrame(
        {
            "order_id": np.arange(count) + count,
            "time": pd.date_range(first_day, periods=count, freq="1h").as_unit("us"),
            "weight": random.normal(5 + shift, 1, count).round(3),
            "city": random.choice(["Paris", "Rome", "![x](http://evil.example/p.png)"], count),
            "score": random.uniform(0, 1, count),
            "late": random.integers(0, 2, count),
        }
    )


@pytest.fixture(scope="session", autouse=True)
def _learned_soon() -> Iterator[None]:
    """Let stand-ins and isolation forests learn fewer trees: what is told and shown of them is the same. How well stand-ins follow is asked
    in tests/models, how well outliers are found with all trees in benchmarks/."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(surrogate, "_ROUNDS", 30)
        patch.setattr(members, "TREES", 25)
        yield


FEW_TREES = ("pages", "cli", "test_cli.py", "test_readme.py", "export", "ui", "drill", "readiness", "remedies", "runs")
"""Folders and modules of tests that measure outliers on their way; how well a forest tells is asked in the others."""


@pytest.fixture(scope="module", autouse=True)
def _small_forests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let isolation forests grow fewer trees where a test is about the screen, the command or the file: six are grown each time."""
    with pytest.MonkeyPatch.context() as patch:
        if request.path.relative_to(Path(__file__).parent).parts[0] in FEW_TREES:
            patch.setattr(members, "TREES", 15)
        yield


@pytest.fixture(scope="session", autouse=True)
def _looks_when_asked() -> Iterator[None]:
    """A test that opens the Overview on its way pays for no incidents; those that are about them take this back."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DRIFTSCOPE_LOOK", "asked")
        yield


@pytest.fixture(autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody's own settings are read or written by a test."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a case of 300 reference and 600 production rows; the app looks at its parent."""
    folder = tmp_path / "cases" / "shop"
    folder.mkdir(parents=True)
    rows("2013-01-01", 300, 0).to_parquet(folder / "reference.parquet")
    rows("2013-04-01", 600, 1).to_parquet(folder / "production.parquet")
    (folder / "case.toml").write_text(TOML)
    monkeypatch.setenv("DRIFTSCOPE_CASES", str(folder.parent))
    return folder
