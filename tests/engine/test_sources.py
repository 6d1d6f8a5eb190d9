from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pytest

from monitor.case import Case, WindowSize
from monitor.engine import Selection, Workspace, build_cells, open_workspace, profile
from monitor.errors import CaseError, ExtensionMissingError, SelectionError, SourceError
from monitor.vocabulary import Kind

CaseAt = Callable[..., Case]
TABLE = pd.DataFrame({"x": [1.5, 2.5, None], "c": ["a", "b", "b"]})
WRITERS: dict[str, Callable[[Path], object]] = {
    "t.parquet": TABLE.to_parquet,
    "t.csv": lambda path: TABLE.to_csv(path, index=False),
    "t.csv.gz": lambda path: TABLE.to_csv(path, index=False),
    "t.tsv": lambda path: TABLE.to_csv(path, index=False, sep="\t"),
    "t.jsonl": lambda path: TABLE.to_json(path, orient="records", lines=True),
    "t.json": lambda path: TABLE.to_json(path, orient="records"),
    "t.arrow": lambda path: feather.write_feather(pa.Table.from_pandas(TABLE), str(path), compression="uncompressed"),
    "t.feather": lambda path: feather.write_feather(pa.Table.from_pandas(TABLE), str(path)),
}


def opened(case_at: CaseAt, root: Path, reference: str, production: str | list[str] = "", **sections: object) -> Workspace:
    return open_workspace(case_at(root, data={"reference": reference, "production": production or reference}, **sections))


@pytest.mark.parametrize("name", WRITERS)
def test_every_file_format_gives_the_same_counts(tmp_path: Path, case_at: CaseAt, name: str) -> None:
    WRITERS[name](tmp_path / name)
    with opened(case_at, tmp_path, name) as workspace:
        found = profile(workspace, Selection(), cells=build_cells(workspace), windows=WindowSize(1, "whole"))
    assert found.columns["x"].counts.tolist() == [[0, 1, 0, 1, 0, 0, 1]]
    assert (found.columns["c"].cells.levels, found.columns["c"].counts.tolist()) == (("b", "a"), [[2, 1, 0, 0, 0, 0, 0, 0]])


def test_a_csv_is_imported_once_until_it_changes(tmp_path: Path, case_at: CaseAt) -> None:
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    prints = []
    for _ in range(2):
        with opened(case_at, tmp_path, "t.csv") as workspace:
            prints.append(workspace.fingerprint("reference"))
    assert prints[0] == prints[1]
    assert len(list((tmp_path / ".driftscope").glob("import-*"))) == 1
    pd.concat([TABLE, TABLE]).to_csv(tmp_path / "t.csv", index=False)
    with opened(case_at, tmp_path, "t.csv") as workspace:
        assert workspace.rows("reference") == 6
        assert workspace.fingerprint("reference") != prints[0]


def test_a_duckdb_table(tmp_path: Path, case_at: CaseAt) -> None:
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute('CREATE SCHEMA s; CREATE TABLE s."odd name" AS SELECT range AS x FROM range(10); CREATE VIEW v AS SELECT 1 AS x')
    with opened(case_at, tmp_path, "w.duckdb::s.odd name", "w.duckdb::v") as workspace:
        assert (workspace.rows("reference"), workspace.rows("production")) == (10, 1)
        assert profile(workspace, Selection("reference"), cells=build_cells(workspace), windows=WindowSize(4, "rows")).rows.tolist() == [
            4,
            4,
            2,
        ]


def test_files_with_different_columns_are_put_together_by_name(tmp_path: Path, case_at: CaseAt) -> None:
    TABLE.to_parquet(tmp_path / "r.parquet")
    pd.DataFrame({"x": [1.0]}).to_parquet(tmp_path / "p1.parquet")
    pd.DataFrame({"c": ["a"], "x": [2]}).to_parquet(tmp_path / "p2.parquet")
    with opened(case_at, tmp_path, "r.parquet", "p*.parquet") as workspace:
        found = profile(workspace, Selection(), cells=build_cells(workspace), windows=WindowSize(1, "whole"))
        assert [note.reason for note in workspace.notes] == ["schema_differs", "type_differs"]
    assert found.columns["c"].missing.tolist() == [1]


def test_brackets_in_file_names_are_no_pattern(tmp_path: Path, case_at: CaseAt) -> None:
    TABLE.to_parquet(tmp_path / "t[1]'s.parquet")
    TABLE.head(1).to_parquet(tmp_path / "t1's.parquet")
    with opened(case_at, tmp_path, "t[1]'s.parquet") as workspace:
        assert workspace.rows("reference") == 3


def bad(name: str, content: bytes, message: str, identity: str) -> object:
    return pytest.param(name, content, message, id=identity)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        bad("t.parquet", b"", r"is empty \(0 bytes\)", "empty"),
        bad("t.csv", b"", r"is empty \(0 bytes\)", "empty csv"),
        bad("t.parquet", b"PAR1 this is no Parquet file PAR1", "cannot be read", "corrupt parquet"),
        bad("t.csv", b"a,b\n\xff\xfe\xfa,1\n", "not a text file in UTF-8", "not utf-8"),
        bad("t.csv", b"\x00\x01\x02", "is not a line of column names", "binary csv"),
        bad("t.csv", b"a,b\n", "2 columns but no rows", "header only"),
        bad("t.csv", b"1,2,x\n3,4,y\n", "seems to have no header", "no header"),
        bad("t.jsonl", b'{"a": 1}\n{"a":\n', "cannot be read as json", "corrupt json"),
        bad("t.arrow", b"ARROW1 no", "cannot be read as arrow", "corrupt arrow"),
        bad("t.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99)[:20], "cannot be unpacked", "cut gzip"),
        bad("t.sav", b"PK", "the format of 't.sav' is not known", "unknown format"),
        bad("t.duckdb", b"x" * 5000, "cannot be opened", "corrupt duckdb"),
    ],
)
def test_bad_files_say_what_is_wrong(tmp_path: Path, case_at: CaseAt, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    place = name + ("::t" if name.endswith("duckdb") else "")
    with pytest.raises(SourceError, match=message):
        opened(case_at, tmp_path, place)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("nothing.parquet", "nothing at 'nothing.parquet'"),
        ("no/*.parquet", "nothing at 'no/"),
        ("../secret.parquet", "leads out of the case folder"),
        (".", "is a folder"),
        ("oracle://host::t", "databases of kind 'oracle' are not known"),
    ],
)
def test_wrong_places_say_what_to_do(tmp_path: Path, case_at: CaseAt, place: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        opened(case_at, tmp_path, place)


@pytest.mark.parametrize(
    ("place", "package", "extra"), [("postgres://localhost:1/db::t", "psycopg", "postgres"), ("mysql://h::t", "pymysql", "mysql")]
)
def test_a_missing_driver_says_what_to_do(
    tmp_path: Path, case_at: CaseAt, monkeypatch: pytest.MonkeyPatch, place: str, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setenv("DRIFTSCOPE_SERVERS", "h")
    told = rf"package {package}, which is not installed here; nothing is fetched.*pip install 'driftscope\[{extra}\]', or export the table"
    with pytest.raises(ExtensionMissingError, match=told):
        opened(case_at, tmp_path, place)


@pytest.mark.parametrize("inside", ["_delta_log", "metadata"])
def test_a_folder_that_is_a_table_needs_its_reader(tmp_path: Path, case_at: CaseAt, monkeypatch: pytest.MonkeyPatch, inside: str) -> None:
    for package in ("deltalake", "pyiceberg", "pyiceberg.table"):
        monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / "loans" / inside).mkdir(parents=True)
    (tmp_path / "loans" / inside / "v1.metadata.json").write_text("{}")
    with pytest.raises(ExtensionMissingError, match=r"pip install 'driftscope\[lake\]'"):
        opened(case_at, tmp_path, "loans")


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (
            "postgres://me:secret@example.org/db::t",
            "Driftscope calls no other machine unless you say so: set DRIFTSCOPE_SERVERS=example.org",
        ),
        ("mysql://10.0.0.1/db::t", "names the server '10.0.0.1'"),
        ("postgres://me:secret@localhost,example.org/db::t", "in an unusual way"),
        ("postgres://localhost/db?host=example.org::t", "in an unusual way"),
        ("postgres:///db?hostaddr=10.0.0.1::t", "in an unusual way"),
        ("postgres:///db?service=x::t", "in an unusual way"),
        ("postgres://localhost:99999/db::t", "is no address"),
    ],
)
def test_a_case_does_not_choose_which_machine_is_called(tmp_path: Path, case_at: CaseAt, place: str, message: str) -> None:
    with pytest.raises(SourceError) as caught:
        opened(case_at, tmp_path, place)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_late_text_among_numbers_is_missing_and_said(tmp_path: Path, case_at: CaseAt) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "1,2\n2,2\n3,2\n" * 10_000 + "oops,3\n")
    with opened(case_at, tmp_path, "t.csv") as workspace:
        assert (workspace.columns["x"].kind, workspace.columns["x"].type) == (Kind.NUMERIC, "BIGINT")
        assert "'oops'" in next(note.message for note in workspace.notes if note.what == "x")
        found = profile(workspace, Selection(), cells=build_cells(workspace, ["x"]), windows=WindowSize(1, "whole"))
    assert found.columns["x"].missing.tolist() == [1]


def test_text_columns_keep_their_header(tmp_path: Path, case_at: CaseAt) -> None:
    (tmp_path / "t.csv").write_text("name,town\nann,ulm\nbob,bonn\n")
    with opened(case_at, tmp_path, "t.csv") as workspace:
        assert (list(workspace.columns), workspace.rows("reference")) == (["name", "town"], 2)


def test_duplicate_and_missing_names_are_said(tmp_path: Path, case_at: CaseAt) -> None:
    (tmp_path / "t.csv").write_text("a,A,,b\n1,2,3,4\n")
    with opened(case_at, tmp_path, "t.csv") as workspace:
        assert {note.reason for note in workspace.notes} == {"duplicate_columns", "unnamed_columns"}
        assert list(workspace.columns)[:2] == ["a", "A_1"]


def test_hostile_names_and_values_are_only_names_and_values(tmp_path: Path, case_at: CaseAt) -> None:
    names = ['"; DROP TABLE production; --', "<script>alert(1)</script>", "x" * 300, "naïve Ω 列", "w", "x0", "file_row_number", "' OR 1=1"]
    table = pd.DataFrame({name: [f"{name}'\"", "b"] for name in names})
    table.to_parquet(tmp_path / "t.parquet")
    with opened(case_at, tmp_path, "t.parquet") as workspace:
        found = profile(workspace, Selection(), cells=build_cells(workspace), windows=WindowSize(1, "rows"))
    assert list(found.columns) == names
    assert all(column.counts.sum() == 2 for column in found.columns.values())


def test_sql_cannot_reach_other_files(tmp_path: Path, case_at: CaseAt) -> None:
    TABLE.to_parquet(tmp_path / "t.parquet")
    with opened(case_at, tmp_path, "t.parquet") as workspace, workspace.cursor() as cursor:
        with pytest.raises(duckdb.PermissionException, match=r"disabled by configuration"):
            cursor.execute("SELECT * FROM read_text('/etc/hostname')")
        with pytest.raises(duckdb.Error, match=r"locked"):
            cursor.execute("SET enable_external_access = true")


def test_roles_must_be_columns(tmp_path: Path, case_at: CaseAt) -> None:
    TABLE.to_parquet(tmp_path / "t.parquet")
    with pytest.raises(CaseError, match=r"names the column 'cc', which is in none of its data"):
        opened(case_at, tmp_path, "t.parquet", roles={"label": "cc"})
    with pytest.raises(CaseError, match=r"timestamp column 'c' holds neither"):
        opened(case_at, tmp_path, "t.parquet", roles={"timestamp": "c"})


def test_a_failed_open_leaves_the_stored_files(tmp_path: Path, case_at: CaseAt) -> None:
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    with opened(case_at, tmp_path, "t.csv"):
        before = set((tmp_path / ".driftscope").iterdir())
    (tmp_path / "u.csv").write_bytes(b"a,b\n\x81,1\n")
    with pytest.raises(SourceError, match=r"not a text file in UTF-8"):
        opened(case_at, tmp_path, "t.csv", "u.csv")
    added = set((tmp_path / ".driftscope").iterdir()) - before
    assert before <= set((tmp_path / ".driftscope").iterdir())
    assert all(one.name.startswith("encoding-") for one in added)  # in which encoding a file is was found out before it failed


def test_no_such_data_set(tmp_path: Path, case_at: CaseAt) -> None:
    TABLE.to_parquet(tmp_path / "t.parquet")
    with opened(case_at, tmp_path, "t.parquet") as workspace, pytest.raises(SelectionError, match=r"no data set 'labels'"):
        workspace.rows("labels")


def test_large_row_counts_are_sampled_by_blocks(tmp_path: Path, case_at: CaseAt) -> None:
    pd.DataFrame({"x": np.arange(300_000.0)}).to_parquet(tmp_path / "t.parquet", row_group_size=50_000)
    with opened(case_at, tmp_path, "t.parquet") as workspace:
        edges = build_cells(workspace)["x"].edges
    assert len(edges) == 253
    assert np.abs(edges - np.linspace(0, 300_000, 255)[1:-1]).max() < 3_000
