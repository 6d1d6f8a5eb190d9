"""The table of columns and the case that its edits mean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from monitor.case import Case, load_case
from monitor.engine import Workspace, open_workspace
from monitor.errors import CaseError
from monitor.ui.mapping import apply_mapping, mapping_table
from monitor.vocabulary import Kind


@pytest.fixture
def opened(shop: Path) -> Iterator[Workspace]:
    with open_workspace(load_case(shop)) as workspace:
        yield workspace


def applied(workspace: Workspace, edited: pd.DataFrame) -> Case:
    table = mapping_table(workspace)
    return apply_mapping(workspace.case, table, edited, segments=["city"], protected=[], threshold=0.5)


def edit(table: pd.DataFrame, column: str, **cells: str) -> pd.DataFrame:
    changed = table.copy()
    for name, cell in cells.items():
        changed.loc[changed["column"] == column, name] = cell
    return changed


def test_table_says_what_each_column_is(opened: Workspace) -> None:
    table = mapping_table(opened).set_index("column")
    assert table.loc["weight", ["role", "kind", "label", "missing"]].tolist() == ["feature", "numeric", "Weight (kg)", 0.0]
    assert table.loc["time", "role"] == "timestamp"


def test_without_edits_only_what_is_given_beside_changes(opened: Workspace) -> None:
    case = applied(opened, mapping_table(opened))
    assert case.roles.model_copy(update={"segments": (), "threshold": 0.4}) == opened.case.roles
    assert (case.roles.segments, case.roles.threshold, case.kinds) == (("city",), 0.5, {})


def test_an_edited_kind_label_and_role_are_written(opened: Workspace) -> None:
    table = edit(mapping_table(opened), "weight", kind="categorical", label="Mass")
    case = applied(opened, edit(table, "city", role="ignored"))
    assert case.kinds == {"weight": Kind.CATEGORICAL}
    assert (case.label("weight"), case.roles.ignore) == ("Mass", ("city",))


def test_a_role_that_is_taken_away_is_gone(opened: Workspace) -> None:
    assert applied(opened, edit(mapping_table(opened), "late", role="ignored")).roles.label is None


def test_two_columns_with_one_role_are_refused(opened: Workspace) -> None:
    with pytest.raises(CaseError, match=r"\['time', 'weight'\] all have the role 'timestamp'"):
        applied(opened, edit(mapping_table(opened), "weight", role="timestamp"))


def test_how_text_is_read_can_be_changed_and_both_missing_shares_are_shown(tmp_path: Path) -> None:
    for name, rate in (("r", "12,5%"), ("p", "")):
        (tmp_path / f"{name}.csv").write_text("rate;day\n" + f"{rate};01/02/2024\n13,5%;03/04/2024\n" * 20)
    (tmp_path / "case.toml").write_text('[case]\nname = "c"\ntask = "none"\n[data]\nreference = "r.csv"\nproduction = "p.csv"\n')
    with open_workspace(load_case(tmp_path)) as workspace:
        table = mapping_table(workspace)
        assert table[["format", "missing", "missing_now"]].to_numpy().tolist() == [["decimal comma, percent", 0.0, 0.5], ["", 0.0, 0.0]]
        edited = edit(table, "day", format=" %d/%m/%Y ")
        assert applied_plainly(workspace, edited).formats == {"day": "%d/%m/%Y"}
        assert applied_plainly(workspace, table).formats == {}


def applied_plainly(workspace: Workspace, edited: pd.DataFrame) -> Case:
    return apply_mapping(workspace.case, mapping_table(workspace), edited, segments=[], protected=[], threshold=None)
