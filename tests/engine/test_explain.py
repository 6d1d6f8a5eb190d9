from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from monitor.case import WindowSize
from monitor.engine import Selection, Workspace, open_tables, profile_sql

ROWS = pd.DataFrame(
    {
        "at": pd.date_range("2013-01-01", periods=60, freq="12h").as_unit("us"),
        "amount": np.linspace(0, 1, 60),
        'odd "name"': ["a", "b"] * 30,
        "version": ["1"] * 60,
    }
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_tables(ROWS, ROWS, roles={"timestamp": "at", "model_version": "version"}, cache=tmp_path)


def test_numbers_and_levels_have_a_statement_each(workspace: Workspace) -> None:
    text = profile_sql(workspace, Selection("production"), ["amount", 'odd "name"'], WindowSize.parse("1 week"))
    numbers, levels = text.split("\n\n")
    assert "histogram(" in numbers
    assert "GROUPING SETS" in levels
    assert '"odd ""name"""' in levels


def test_values_are_written_beside_the_statement_not_into_it(workspace: Workspace) -> None:
    selection = Selection("production", model_version="1'; DROP TABLE x")
    text = profile_sql(workspace, selection, ["amount"], WindowSize.parse("whole"))
    statement, _, comment = text.partition("-- values of ?")
    assert "DROP" not in statement
    assert "1'; DROP TABLE x" in comment


def test_the_statement_runs_and_counts_what_the_profile_counts(workspace: Workspace) -> None:
    text = profile_sql(workspace, Selection("production"), ["amount"], WindowSize.parse("1 week")).replace("$cells", "[0.5::DOUBLE]")
    with workspace.cursor() as cursor:
        assert sum(row[1] for row in cursor.execute(text.rstrip(";")).fetchall()) == 60


def test_only_one_kind_of_column(workspace: Workspace) -> None:
    assert "GROUPING SETS" not in profile_sql(workspace, Selection("production"), ["amount"], WindowSize.parse("whole"))
    assert "histogram(" not in profile_sql(workspace, Selection("production"), ['odd "name"'], WindowSize.parse("whole"))
