"""Delta and Iceberg tables in folders are read as they were at a version, and lead nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from monitor.case import case_from
from monitor.engine import Workspace, open_workspace
from monitor.errors import SourceError


def opened(root: Path, place: str) -> Workspace:
    data = {"reference": place, "production": place}
    return open_workspace(case_from({"case": {"name": "c", "task": "none"}, "data": data}, root=root))


def values(root: Path, place: str) -> tuple[list[int], str]:
    with opened(root, place) as workspace:
        relation = workspace.source("reference").relation
        found = [row[0] for row in workspace.connection.execute(f"SELECT x FROM {relation} ORDER BY 1").fetchall()]
        return found, workspace.fingerprint("reference").partition(" ")[2]


def test_a_delta_table_is_read_at_its_versions(tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="the package deltalake is not installed")
    deltalake.write_deltalake(str(tmp_path / "loans"), pa.table({"x": [1, 2], "at": ["a", "b"]}))
    deltalake.write_deltalake(str(tmp_path / "loans"), pa.table({"x": [3], "at": ["c"]}), mode="append")
    deltalake.DeltaTable(str(tmp_path / "loans")).delete("x = 1")
    found, told = values(tmp_path, "loans")
    assert found == [2, 3]
    assert told.startswith("(Delta version 2 of 20")
    assert values(tmp_path, "loans::0")[0] == [1, 2]
    assert values(tmp_path, "loans::1")[0] == [1, 2, 3]
    assert values(tmp_path, "loans")[0] == [2, 3]
    for version, words in (("9", "cannot be read as Delta"), ("new", "is no version of a table")):
        with pytest.raises(SourceError, match=words):
            opened(tmp_path, f"loans::{version}")


def test_a_delta_table_that_names_a_file_elsewhere_is_refused(tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake", reason="the package deltalake is not installed")
    deltalake.write_deltalake(str(tmp_path / "loans"), pa.table({"x": [1, 2]}))
    log = tmp_path / "loans" / "_delta_log" / "00000000000000000000.json"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "add" in line:
            line["add"]["path"] = "../../outside.parquet"
    log.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(SourceError, match=r"outside its folder|cannot be read as Delta"):
        opened(tmp_path, "loans")


def test_an_iceberg_table_is_read_at_its_snapshots(tmp_path: Path) -> None:
    catalogs = pytest.importorskip("pyiceberg.catalog.memory", reason="the package pyiceberg is not installed")
    catalog = catalogs.InMemoryCatalog("own", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("shop")
    first = pa.table({"x": [1, 2], "word": ["é", None]})
    table = catalog.create_table("shop.loans", schema=first.schema)
    table.append(first)
    old = table.current_snapshot().snapshot_id
    table.append(pa.table({"x": [3], "word": ["c"]}))
    place = str(Path(table.location().removeprefix("file://")).relative_to(tmp_path))
    found, told = values(tmp_path, place)
    assert found == [1, 2, 3]
    assert told.startswith(f"(Iceberg snapshot {table.current_snapshot().snapshot_id} of 20")
    assert values(tmp_path, f"{place}::{old}")[0] == [1, 2]
    with pytest.raises(SourceError, match="has no snapshot 7"):
        opened(tmp_path, f"{place}::7")


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:1/m.avro", "s3://bucket/m.avro", "file:///etc/passwd"])
def test_an_iceberg_table_that_names_a_file_elsewhere_is_refused(tmp_path: Path, elsewhere: str) -> None:
    catalogs = pytest.importorskip("pyiceberg.catalog.memory", reason="the package pyiceberg is not installed")
    catalog = catalogs.InMemoryCatalog("own", warehouse=f"file://{tmp_path}")
    catalog.create_namespace("shop")
    data = pa.table({"x": [1, 2]})
    table = catalog.create_table("shop.loans", schema=data.schema)
    table.append(data)
    path = Path(table.metadata_location.removeprefix("file://"))
    written = json.loads(path.read_text())
    for one in written["snapshots"]:
        one["manifest-list"] = elsewhere
    path.write_text(json.dumps(written))
    with pytest.raises(SourceError, match="lies outside its folder; nothing is fetched from elsewhere"):
        opened(tmp_path, str(Path(table.location().removeprefix("file://"))))
