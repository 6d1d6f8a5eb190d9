"""Columns of every sort: each is measured as what it is, or left out with its reason; nothing is counted wrong."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from monitor.analyses.drift import measure_drift
from monitor.analyses.sides import Question
from monitor.engine import open_tables
from monitor.errors import SourceError
from monitor.judgement.drift import judge_drift
from monitor.vocabulary import Kind
from tests.corpus.reading import Refused, check_refused

N = 200
X = np.random.default_rng(0).normal(size=N).round(2)


def typed(sql_type: pa.DataType, values: list[Any]) -> pa.Table:
    return pa.table({"x": pa.array(values, type=sql_type)})


def judged(reference: Any, production: Any = None, kinds: dict[str, Kind] | None = None) -> list[dict[str, Any]]:
    """Return the rows that speak for each column over the whole period, once the columns are of their `kinds`."""
    with open_tables(reference, reference if production is None else production, task="none") as workspace:
        assert {name: workspace.columns[name].kind for name in kinds or {}} == (kinds or {})
        table = judge_drift(measure_drift(workspace, Question())).table
    found: list[dict[str, Any]] = table[table["primary"]].to_dict("records")
    return found


NAMES = [
    'a\x01b', "a" * 1000, 'select', 'group', 'order by', '*', 'a.b', 'a"b', "a'b", '; drop table x', 'ä', '😀', '\u202e', 'rowid',
    'filename', 'file_row_number', 'file_index', '@file', '@row', '@window', '@path', 'w', 'x0', 'n', 'window', 'a\nb', 'a\tb',
    'missing', 'other', ' a', 'a ', '1', 'NULL', 'production', 'reference', 'main.reference', '{x}', '%s', '$1', '?',
    '__index_level_0__', 'count(*)', '(hour)', 'x (hour)', '<b>', '=1+1', '\\', '--', '/* */', 'null', 'true', 'current_date',
    'COLUMNS(*)', 'a\rb', '\u200b', 'ﷺ', 'é',
]  # fmt: skip


def _apart(names: list[str]) -> list[list[str]]:
    """Part names so that none is another in capital letters: a table holds one of them."""
    first = {name.casefold(): name for name in names}
    return [list(first.values()), [name for name in names if name not in first.values()]]


@pytest.mark.parametrize("names", _apart(NAMES), ids=["names", "in other letters"])
def test_a_column_of_any_name_is_counted_and_told_by_it(names: list[str]) -> None:
    found = judged(pd.DataFrame(dict.fromkeys(names, X)), pd.DataFrame(dict.fromkeys(names, X + 9)))
    told = {row["column"]: (row["n_production"], row["missing_share_production"], row["status"]) for row in found}
    assert told == dict.fromkeys(names, (N, 0.0, "alert"))


@pytest.mark.parametrize("name", ["", "\x00", "a\x00b", "a" * 1001, "@driftscope.row"])
def test_a_name_that_cannot_be_one_is_refused(name: str) -> None:
    table = pd.DataFrame({name: X})
    check_refused(lambda: open_tables(table, table), Refused(SourceError, "A column cannot be called"))


KINDS: list[tuple[str, Any, Kind, float]] = [
    ("nothing but null", typed(pa.null(), [None] * N), Kind.NUMERIC, 1.0),
    ("unsigned 64 bits", typed(pa.uint64(), [2**64 - 1 - i for i in range(N)]), Kind.NUMERIC, 0.0),
    ("least 64 bits", typed(pa.int64(), [-(2**63) + i for i in range(N)]), Kind.NUMERIC, 0.0),
    ("8 bits", typed(pa.int8(), [i % 100 for i in range(N)]), Kind.NUMERIC, 0.0),
    ("38 digits", typed(pa.decimal128(38, 2), [Decimal("12345678901234567890123456789.01") + i for i in range(N)]), Kind.NUMERIC, 0.0),
    ("60 digits", typed(pa.decimal256(60, 2), [Decimal(i) for i in range(N)]), Kind.NUMERIC, 0.0),
    ("half floats", typed(pa.float16(), list(X.astype(np.float16))), Kind.NUMERIC, 0.0),
    ("floats", pd.DataFrame({"x": X.astype("f4")}), Kind.NUMERIC, 0.0),
    ("infinities", pd.DataFrame({"x": np.where(np.arange(N) % 2, np.inf, -np.inf)}), Kind.NUMERIC, 0.0),
    ("infinities and no numbers", pd.DataFrame({"x": np.resize([1.0, np.inf, -np.inf, np.nan], N)}), Kind.NUMERIC, 0.25),
    ("near the largest", pd.DataFrame({"x": X * 1e150}), Kind.NUMERIC, 0.0),
    ("near the least", pd.DataFrame({"x": np.abs(X) * 5e-322}), Kind.NUMERIC, 0.0),
    ("two zeros", pd.DataFrame({"x": np.where(np.arange(N) % 2, 0.0, -0.0)}), Kind.NUMERIC, 0.0),
    ("truth", pd.DataFrame({"x": np.arange(N) % 2 == 0}), Kind.BOOLEAN, 0.0),
    ("truth or nothing", pd.DataFrame({"x": pd.array([True, False, None, True] * 50, dtype="boolean")}), Kind.BOOLEAN, 0.25),
    ("nullable numbers", pd.DataFrame({"x": pd.array([1, None, 3, 4] * 50, dtype="Int64")}), Kind.NUMERIC, 0.25),
    ("nullable texts", pd.DataFrame({"x": pd.array(["a", None] * 100, dtype="string")}), Kind.CATEGORICAL, 0.5),
    ("levels", pd.DataFrame({"x": pd.Categorical(["a", "b"] * 100, categories=["a", "b", "z"])}), Kind.CATEGORICAL, 0.0),
    ("levels of truth", pd.DataFrame({"x": pd.Categorical([True, False] * 100)}), Kind.BOOLEAN, 0.0),
    ("dictionary", pa.table({"x": pa.array(["a", "b"] * 100).dictionary_encode()}), Kind.CATEGORICAL, 0.0),
    ("dictionary of numbers", pa.table({"x": pa.array([1, 2, 3, None] * 50).dictionary_encode()}), Kind.NUMERIC, 0.25),
    ("sparse", pd.DataFrame({"x": pd.arrays.SparseArray([0.0, 0.5, 1.0, 0.0] * 50)}), Kind.NUMERIC, 0.0),
    ("runs", pa.table({"x": pa.RunEndEncodedArray.from_arrays([N], ["a"])}), Kind.CATEGORICAL, 0.0),
    ("large texts", typed(pa.large_string(), ["a", "b"] * 100), Kind.CATEGORICAL, 0.0),
    ("views of texts", pa.table({"x": pa.array(["a", "b"] * 100).cast(pa.string_view())}), Kind.CATEGORICAL, 0.0),
    ("spans of time", pd.DataFrame({"x": pd.to_timedelta(np.arange(N), unit="h")}), Kind.NUMERIC, 0.0),
    ("seconds", typed(pa.duration("s"), list(range(N))), Kind.NUMERIC, 0.0),
    ("times of day", pd.DataFrame({"x": [dt.time(i % 24) for i in range(N)]}), Kind.NUMERIC, 0.0),
    ("decimals", pd.DataFrame({"x": [Decimal("0.50"), Decimal("1.25"), Decimal(3), Decimal("1e3")] * 50}), Kind.NUMERIC, 0.0),
    ("ids", pd.DataFrame({"x": [uuid.UUID(int=i % 20) for i in range(N)]}), Kind.CATEGORICAL, 0.0),
    ("words that are our own", pd.DataFrame({"x": ["missing", "other", None, "(missing)"] * 50}), Kind.CATEGORICAL, 0.25),
    ("blanks", pd.DataFrame({"x": ["", " ", "a", "\n"] * 50}), Kind.CATEGORICAL, 0.0),
    ("NUL", pd.DataFrame({"x": ["a\x00b", "c"] * 100}), Kind.CATEGORICAL, 0.0),
    ("right to left", pd.DataFrame({"x": ["\u202eabc", "אבג"] * 100}), Kind.CATEGORICAL, 0.0),
    ("a million letters", pd.DataFrame({"x": ["a" * 1_000_000] + ["b"] * (N - 1)}), Kind.CATEGORICAL, 0.0),
    ("one value", pd.DataFrame({"x": np.ones(N)}), Kind.NUMERIC, 0.0),
]


@pytest.mark.parametrize(("table", "kind", "missing"), [one[1:] for one in KINDS], ids=[one[0] for one in KINDS])
def test_a_column_of_any_type_is_measured_and_stable_beside_itself(table: Any, kind: Kind, missing: float) -> None:
    (row,) = judged(table, kinds={"x": kind})
    assert (row["n_reference"], row["n_production"], row["missing_share_production"]) == (N, N, missing)
    assert row["status"] in ("stable", "not_judged")


LEFT_OUT: list[tuple[str, Any, str]] = [
    ("bytes", typed(pa.binary(), [b"\xff\x00"] * N), "unsupported_type"),
    ("lists", typed(pa.list_(pa.int64()), [[1, 2]] * N), "nested_type"),
    ("structures", typed(pa.struct([("a", pa.int64())]), [{"a": 1}] * N), "nested_type"),
    ("maps", typed(pa.map_(pa.string(), pa.int64()), [[("a", 1)]] * N), "nested_type"),
    ("intervals", pd.DataFrame({"x": pd.cut(X, 5)}), "nested_type"),
    ("objects", pd.DataFrame({"x": [{"a": 1}] * N}), "nested_type"),
]


@pytest.mark.parametrize(("table", "reason"), [one[1:] for one in LEFT_OUT], ids=[one[0] for one in LEFT_OUT])
def test_a_column_that_cannot_be_measured_is_left_out_with_its_reason(table: Any, reason: str) -> None:
    with open_tables(table, table, task="none") as workspace:
        assert [(one.what, one.reason) for one in workspace.skipped] == [("x", reason)]
        assert dict(workspace.columns) == {}


TABLES: list[tuple[str, pd.DataFrame, str]] = [
    ("two columns of one name", pd.DataFrame(np.zeros((N, 2)), columns=["x", "x"]), "two columns are called 'x'"),
    ("a number for a name", pd.DataFrame({0: X}), "the column name 0 is not a text"),
    ("names of two parts", pd.DataFrame(np.zeros((N, 2)), columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])), "is not a text"),
    ("texts among numbers", pd.DataFrame({"x": pd.Series([1, "a"] * 100, dtype=object)}), "a column mixes types"),
    ("complex numbers", pd.DataFrame({"x": X + 1j}), "that Arrow does not know"),
    ("no columns", pd.DataFrame(index=range(N)), "0 columns but no rows"),
    ("no rows", pd.DataFrame({"x": X}).head(0), "1 columns but no rows"),
]


@pytest.mark.parametrize(("table", "words"), [one[1:] for one in TABLES], ids=[one[0] for one in TABLES])
def test_a_table_that_is_none_is_refused(table: pd.DataFrame, words: str) -> None:
    check_refused(lambda: open_tables(table, table), Refused(SourceError, words))


PAIRS: list[tuple[str, Any, Any, str, float]] = [
    ("float beside double", pd.DataFrame({"x": X.astype("f4")}), pd.DataFrame({"x": X}), "stable", 0.0),
    ("whole beside broken", pd.DataFrame({"x": np.arange(N)}), pd.DataFrame({"x": np.arange(N) * 1.0}), "stable", 0.0),
    ("decimal beside double", pd.DataFrame({"x": [Decimal("0.50")] * N}), pd.DataFrame({"x": [0.5] * N}), "stable", 0.0),
    ("numbers beside nothing", pd.DataFrame({"x": X}), typed(pa.null(), [None] * N), "alert", 1.0),
    ("nothing beside numbers", typed(pa.null(), [None] * N), pd.DataFrame({"x": X}), "alert", 0.0),
    ("numbers beside words", pd.DataFrame({"x": X}), pd.DataFrame({"x": ["a", "b"] * 100}), "alert", 1.0),
    ("one value beside another", pd.DataFrame({"x": np.ones(N)}), pd.DataFrame({"x": np.zeros(N)}), "alert", 0.0),
]


@pytest.mark.parametrize(("reference", "production", "status", "missing"), [one[1:] for one in PAIRS], ids=[one[0] for one in PAIRS])
def test_two_types_beside_each_other(reference: Any, production: Any, status: str, missing: float) -> None:
    (row,) = judged(reference, production)
    assert (row["missing_share_production"], row["n_production"]) == (missing, N)
    assert row["status"] == status or (status == "stable" and row["status"] == "not_judged")


@pytest.mark.parametrize(
    ("before", "after", "status"), [(1, 1, "too_few_rows"), (2, 2, "too_few_rows"), (N, 1, "too_few_rows"), (1, N, "too_few_rows")]
)
def test_few_rows_are_too_few(before: int, after: int, status: str) -> None:
    (row,) = judged(pd.DataFrame({"x": X[:before]}), pd.DataFrame({"x": X[:after]}))
    assert (row["n_reference"], row["n_production"], row["status"]) == (before, after, status)


def test_columns_of_one_side_are_told_as_lost_and_new() -> None:
    found = {row["column"]: row["status"] for row in judged(pd.DataFrame({"a": X}), pd.DataFrame({"b": X}))}
    assert found == {"a": "alert", "b": "warning"}


def test_names_that_differ_by_case_are_columns_of_their_own() -> None:
    table = pd.DataFrame({"a": X, "A": X + 1, "a_1": X})
    with open_tables(table, table, task="none") as workspace:
        assert list(workspace.columns) == ["a", "A_1", "a_1_1"]
        assert {one.reason for one in workspace.notes} == {"duplicate_columns"}


def test_names_that_read_the_same_in_both_data_sets_are_told_as_such() -> None:
    with open_tables(pd.DataFrame({"Age": X, "Net income": X}), pd.DataFrame({"AGE": X, "net_income": X}), task="none") as workspace:
        told = {one.what: one.message for one in workspace.skipped}
        assert told["Age"] == "'Age' is in the reference but not in production. There it is 'AGE': if that is the same, give both one name."
        assert "There it is 'Net income'" in told["net_income"]


def test_a_thousand_columns_are_opened() -> None:
    wide = pd.DataFrame(np.zeros((3, 1000)), columns=[f"c{i}" for i in range(1000)])
    with open_tables(wide, wide, task="none") as workspace:
        assert (len(workspace.columns), workspace.skipped, workspace.notes) == (1000, (), ())
