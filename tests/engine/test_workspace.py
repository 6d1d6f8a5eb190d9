from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from monitor.case import Case, WindowSize
from monitor.engine import Selection, build_cells, open_tables, open_workspace, profile, sample
from monitor.engine.store import cache_folder
from monitor.errors import CaseError, ColumnMissingError, OutOfMemoryError, SourceError
from monitor.vocabulary import Kind, Role

WHOLE = WindowSize(1, "whole")


def test_columns_of_one_side_are_skipped_with_a_reason() -> None:
    reference = pd.DataFrame({"x": [1.0, 2.0], "old": [1.0, 2.0]})
    production = pd.DataFrame({"x": [1.0, 2.0], "new": [1.0, 2.0]})
    with open_tables(reference, production) as workspace:
        assert {(skip.what, skip.reason) for skip in workspace.skipped} == {
            ("old", "missing_in_production"),
            ("new", "missing_in_reference"),
        }
        assert [m.name for m in workspace.measured()] == ["x"]
        with pytest.raises(ColumnMissingError, match="'old' is in the reference but not in production"):
            workspace.measured(["old"])


def test_a_changed_type_is_said_and_measured() -> None:
    reference, production = pd.DataFrame({"x": [1.0, 2.0, 3.0]}), pd.DataFrame({"x": ["1", "two", "3", "inf"]})
    with open_tables(reference, production) as workspace:
        assert [(skip.what, skip.reason) for skip in workspace.skipped] == [("x", "type_changed")]
        counts = profile(workspace, Selection(), cells=build_cells(workspace), windows=WHOLE).columns["x"]
    assert counts.counts.tolist() == [[0, 1, 0, 0, 0, 1, 0, 1, 1]]


def test_types_that_count_alike_are_not_a_change() -> None:
    reference, production = pd.DataFrame({"x": [1, 2, 3]}), pd.DataFrame({"x": [1.0, np.nan, 3.0]})
    with open_tables(reference, production) as workspace:
        assert workspace.skipped == ()


def test_every_type_is_measured_or_skipped_with_its_reason() -> None:
    table = pa.table(
        {
            "decimal": pa.array([Decimal("1.50"), None]),
            "unsigned": pa.array([1, 2], pa.uint64()),
            "date": pa.array([0, 1], pa.date32()),
            "time": pa.array([3_600_000_000, None], pa.time64("us")),
            "list": pa.array([[1], [2]]),
            "struct": pa.array([{"a": 1}, None]),
            "enum": pa.array(["a", "b"]).dictionary_encode(),
            "null": pa.nulls(2),
            "binary": pa.array([b"a", b"b"]),
            "big": pa.array([Decimal(10**20), Decimal(1)], pa.decimal128(38, 0)),
            "zoned": pa.array([0, 10**6], pa.timestamp("us", "Asia/Kolkata")),
        }
    )
    with open_tables(table, table) as workspace:
        reasons = {skip.what: skip.reason for skip in workspace.skipped}
        assert reasons == {"list": "nested_type", "struct": "nested_type", "binary": "unsupported_type"}
        found = profile(workspace, Selection(), cells=build_cells(workspace), windows=WHOLE).columns
    assert found["time"].mean.tolist() == [1.0]
    assert found["decimal"].counts.tolist() == [[0, 1, 0, 0, 1]]
    assert found["null"].missing.tolist() == [2]
    assert {"date (weekday)", "zoned (hour)", "enum", "unsigned", "big"} <= set(found)


def test_pandas_nullable_types() -> None:
    table = pd.DataFrame(
        {
            "i": pd.array([1, None, 3], "Int64"),
            "b": pd.array([True, None, False], "boolean"),
            "s": pd.array(["a", None, "b"], "string"),
            "c": pd.Categorical(["a", None, "b"]),
        }
    )
    with open_tables(table, table) as workspace:
        assert [info.kind for info in workspace.columns.values()] == [Kind.NUMERIC, Kind.BOOLEAN, Kind.CATEGORICAL, Kind.CATEGORICAL]
        found = profile(workspace, Selection(), cells=build_cells(workspace), windows=WHOLE).columns
    assert {column.missing[0] for column in found.values()} == {1}


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pd.DataFrame({"x": []}), "1 columns but no rows"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "two columns are called 'x'"),
        (pd.DataFrame({1: [1]}), "column name 1 is not a text"),
        (pd.DataFrame({"x": [1, "a", object()]}), "a column mixes types"),
        (pd.DataFrame({"a\x00b": [1]}), "cannot be called"),
        (pd.DataFrame({"x" * 2000: [1]}), "cannot be called"),
    ],
)
def test_bad_tables_say_what_is_wrong(table: pd.DataFrame, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        open_tables(table, table)


def test_names_that_differ_by_case_only() -> None:
    table = pd.DataFrame({"a": [1.0, 2.0], "A": [5.0, 6.0]})
    with open_tables(table, table) as workspace:
        assert [note.reason for note in workspace.notes] == ["duplicate_columns", "duplicate_columns"]
        assert list(workspace.columns) == ["a", "A_1"]


def test_content_decides_the_fingerprint_of_tables() -> None:
    first, second = pd.DataFrame({"x": [1.0, 2.0]}), pd.DataFrame({"x": [1.0, 2.5]})
    with open_tables(first, first.copy()) as same, open_tables(first, second) as other:
        assert same.fingerprint("reference") == same.fingerprint("production") == other.fingerprint("reference")
        assert other.fingerprint("production") != other.fingerprint("reference")


def test_one_row_and_one_class() -> None:
    table = pd.DataFrame({"x": [1.0], "label": ["yes"]})
    with open_tables(table, table, roles={"label": "label"}) as workspace:
        found = profile(workspace, Selection(), cells=build_cells(workspace, ["x", "label"]), windows=WHOLE)
    assert (found.columns["x"].counts.tolist(), found.columns["label"].counts.tolist()) == ([[0, 1, 0, 0, 0]], [[1, 0, 0, 0, 0, 0, 0]])


def test_repeated_ids_are_said() -> None:
    table = pd.DataFrame({"id": ["a", "a", "b"], "x": [1.0, 2.0, 3.0]})
    with open_tables(table, table, roles={"id": "id"}) as workspace:
        assert workspace.notes[0].message == "reference: 1 rows repeat an id that another row has; every row counts."


def test_roles_and_kinds_of_columns() -> None:
    table = pd.DataFrame({"x": [1.0] * 30, "y": [0, 1] * 15, "p": [0.5] * 30, "z": range(30), "k": [1, 2, 3] * 10})
    roles = {"label": "y", "score": "p", "ignore": ["z"]}
    with open_tables(table, table, roles=roles, kinds={"k": "categorical"}) as workspace:
        found = {name: (info.role, info.kind) for name, info in workspace.columns.items()}
        assert found == {
            "x": (Role.FEATURE, Kind.NUMERIC),
            "y": (Role.LABEL, Kind.CATEGORICAL),
            "p": (Role.SCORE, Kind.NUMERIC),
            "z": (Role.IGNORE, Kind.NUMERIC),
            "k": (Role.FEATURE, Kind.CATEGORICAL),
        }
        assert workspace.columns["k"].reason == "set in case.toml"
        assert [m.name for m in workspace.measured()] == ["x", "k"]
        assert [m.name for m in workspace.measured(roles=[Role.SCORE, Role.LABEL])] == ["y", "p"]
        assert [m.name for m in workspace.measured(["z"])] == ["z"]


def labelled() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    reference = pd.DataFrame({"id": [1, 2], "x": [1.0, 2.0], "y": ["no", "yes"]})
    production = pd.DataFrame({"id": [10, 11, 12], "x": [1.0, 2.0, 3.0]})
    labels = pd.DataFrame({"id": [12, 10, 10], "y": ["yes", "no", "yes"], "at": pd.to_datetime(["2024-01-03", "2024-01-02", "2024-01-01"])})
    return reference, production, labels


def test_late_labels_are_joined_by_id_and_the_latest_counts() -> None:
    reference, production, labels = labelled()
    with open_tables(reference, production, labels=labels, roles={"id": "id", "label": "y", "label_timestamp": "at"}) as workspace:
        counts = profile(workspace, Selection(), cells=build_cells(workspace, ["y"]), windows=WHOLE).columns["y"]
        assert (counts.cells.levels, counts.counts[0, :2].tolist(), counts.missing.tolist()) == (("no", "yes"), [1, 1], [1])
        assert [note.message for note in workspace.notes] == ["labels: 1 rows repeat an id that another row has; the latest label counts."]
        table = sample(workspace, Selection(where="y = 'no'"), ["id", "y", "at"], rows=10)
    assert table.to_pylist() == [{"id": 10, "y": "no", "at": pd.Timestamp("2024-01-02")}]


def test_labels_of_the_source_fill_a_column_that_is_empty_in_production() -> None:
    reference, production, labels = labelled()
    production["y"] = pd.array([None, "no", None], "string")
    with open_tables(reference, production, labels=labels.drop(columns="at"), roles={"id": "id", "label": "y"}) as workspace:
        counts = profile(workspace, Selection(), cells=build_cells(workspace, ["y"]), windows=WHOLE).columns["y"]
    assert counts.counts.sum() == 3
    assert counts.missing.tolist() == [0]


def test_labels_need_an_id_and_a_label() -> None:
    reference, production, labels = labelled()
    with pytest.raises(CaseError, match="needs the column of the role 'id'"):
        open_tables(reference, production, labels=labels, roles={"label": "y"})


def test_what_is_opened_again_is_not_looked_at_again(
    tmp_path: Path, make_case: Callable[..., Case], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is kept anew, for nothing was read anew; how long that takes is measured by `benchmarks job`."""
    case = make_case(pd.DataFrame({"x": [1.0, 2.0], "t": ["1,5", "2,5"]}), pd.DataFrame({"x": [1.0, 3.0], "t": ["1,5", "3,5"]}))

    def kept() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in cache_folder(case.root, None).rglob("*") if path.is_file()}

    with open_workspace(case) as workspace:
        columns = workspace.columns
    before = kept()
    monkeypatch.setattr("monitor.engine.opening.column_facts", None)  # nobody may call it
    with open_workspace(case) as workspace:
        assert workspace.columns == columns
    assert before
    assert kept() == before


def test_too_little_memory_says_so(tmp_path: Path, make_case: Callable[..., Case]) -> None:
    table = pd.DataFrame({f"x{i}": np.random.default_rng(i).normal(size=30_000) for i in range(40)})
    case = make_case(table, table)
    with pytest.raises(OutOfMemoryError, match="Raise memory_limit"), open_workspace(case, memory_limit="1MB") as workspace:
        profile(workspace, Selection(), cells=build_cells(workspace), windows=WindowSize(100, "rows"))
