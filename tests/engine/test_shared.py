"""Files and model versions as selections, and the rows that two selections share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from monitor.case import WindowSize
from monitor.engine import (
    Selection,
    Workspace,
    build_cells,
    chosen_by,
    count_rows,
    file_names,
    model_versions,
    open_tables,
    open_workspace,
    profile,
    sample,
    shared_rows,
)
from monitor.errors import SelectionError
from tests.engine.conftest import MakeCase

Open = Callable[[str], Workspace]
WHOLE = WindowSize(1, "whole")
ROLES = {"timestamp": "ts", "model_version": "v", "id": "x"}


def table(first: int, count: int, version: str = "1") -> pd.DataFrame:
    ts = pd.date_range("2024-01-01", periods=60, freq="1D")[first : first + count]
    return pd.DataFrame({"ts": ts, "x": range(first, first + count), "v": version})


@pytest.fixture
def by_file(tmp_path: Path, case_at: MakeCase) -> Open:
    """Return the function that opens a case whose production are three files of one format."""

    def opened(ending: str) -> Workspace:
        table(0, 10).to_parquet(tmp_path / "reference.parquet")
        parts = {"b/part": table(10, 10), "a/part": table(20, 5, "2"), "a/last": table(25, 15, "10")}
        for name, part in parts.items():
            path = tmp_path / f"{name}{ending}"
            path.parent.mkdir(exist_ok=True)
            part.to_csv(path, index=False) if ending == ".csv" else part.to_parquet(path)
        return open_workspace(case_at(tmp_path, roles=ROLES, data={"production": f"*/*{ending}"}))

    return opened


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_file_is_selected_by_its_name(by_file: Open, ending: str) -> None:
    with by_file(ending) as workspace:
        assert file_names(workspace, "production") == (f"last{ending}", f"a/part{ending}", f"b/part{ending}")
        chosen = [Selection(file=name) for name in file_names(workspace, "production")]
        assert [sorted(sample(workspace, one, ["x"], rows=100).column(0).to_pylist())[:1] for one in chosen] == [[25], [20], [10]]
        assert [count_rows(workspace, one) for one in chosen] == [15, 5, 10]
        found = profile(workspace, chosen[1], cells=build_cells(workspace), windows=WindowSize(2, "rows"))
        assert found.rows.tolist() == [2, 2, 1]
        assert [(one.reason, one.rows) for one in profile(workspace, chosen[0], cells={}, windows=WHOLE).excluded] == [("another file", 15)]


def test_one_imported_file_has_its_own_name(tmp_path: Path, case_at: MakeCase) -> None:
    for name in ("reference", "production"):
        table(0, 4).to_csv(tmp_path / f"{name}.csv", index=False)
    with open_workspace(case_at(tmp_path, data={"reference": "reference.csv", "production": "production.csv"})) as workspace:
        assert file_names(workspace, "reference") == ("reference.csv",)
        assert count_rows(workspace, Selection("reference", file="reference.csv")) == 4


def test_an_unknown_file_is_explained(by_file: Open) -> None:
    with by_file(".parquet") as workspace, pytest.raises(SelectionError, match=r"no file 'lst.parquet'. Did you mean 'last.parquet'"):
        count_rows(workspace, Selection(file="lst.parquet"))
    with open_tables(table(0, 3), table(0, 3)) as workspace, pytest.raises(SelectionError, match="not made of files"):
        count_rows(workspace, Selection(file="x"))


def test_versions_are_listed_by_data_set(by_file: Open) -> None:
    with by_file(".parquet") as workspace:
        assert model_versions(workspace, "production") == ("1", "10", "2")
        assert model_versions(workspace, "reference") == ("1",)
    with open_tables(table(0, 3), table(0, 3)) as workspace:
        assert model_versions(workspace, "production") == ()


def test_a_version_of_a_data_set_without_versions_is_explained() -> None:
    with (
        open_tables(table(0, 3).drop(columns="v"), table(0, 3), roles={"model_version": "v"}) as workspace,
        pytest.raises(SelectionError, match="the reference has no column 'v'"),
    ):
        count_rows(workspace, Selection("reference", model_version="1"))


@pytest.mark.parametrize(
    ("first", "second", "rows"),
    [
        (Selection(), Selection(), 40),
        (Selection(), Selection("reference"), 0),
        (Selection.parse("2024-01-11..2024-01-21"), Selection.parse("2024-01-16..2024-02-01"), 5),
        (Selection.parse("..2024-01-16"), Selection.parse("2024-01-16.."), 0),
        (Selection(where="x < 20"), Selection(where="x >= 15"), 5),
        (Selection(model_version="1"), Selection(where="x = 12"), 1),
        (Selection(model_version="1"), Selection(model_version="2"), 0),
    ],
)
def test_shared_rows_are_counted(first: Selection, second: Selection, rows: int) -> None:
    production = table(0, 40).assign(v=["1"] * 20 + ["2"] * 20)
    with open_tables(table(0, 10), production, roles={"timestamp": "ts", "model_version": "v"}) as workspace:
        assert shared_rows(workspace, first, second) == rows


def test_rows_of_another_selection_are_left_out_and_counted() -> None:
    with open_tables(table(0, 10), table(0, 40), roles={"timestamp": "ts"}) as workspace:
        rest = Selection(without=Selection.parse("2024-01-11..", where="x < 30"))
        found = profile(workspace, rest, cells={}, windows=WHOLE)
        assert (found.rows.tolist(), [(one.reason, one.rows) for one in found.excluded]) == ([20], [("on the other side too", 20)])
        assert profile(workspace, rest, cells={}, windows=WindowSize(15, "rows")).rows.tolist() == [15, 5]


def test_selections_say_what_they_are() -> None:
    chosen = Selection("production", model_version="2", file="a.csv", where="x > 1")
    assert chosen.describe() == "production of model version 2 in the file a.csv, where x > 1"
    assert Selection(without=chosen).describe() == f"production, without the rows of: {chosen.describe()}"
    with pytest.raises(SelectionError, match="they are other rows"):
        Selection("reference", without=Selection())


@pytest.mark.parametrize(
    ("first", "second", "names"),
    [("x > 1", "x > 2 AND v = '1'", ("v", "x")), ("x > 1", None, ("x",)), ("x > 1", "x > 1", ()), (None, None, ())],
)
def test_columns_that_sides_were_chosen_by(first: str | None, second: str | None, names: tuple[str, ...]) -> None:
    with open_tables(table(0, 3), table(0, 3)) as workspace:
        assert chosen_by(workspace, Selection(where=first), Selection("reference", where=second)) == names
