"""Tables of real servers on this machine are read to the value, in one snapshot, and refused in words."""

from __future__ import annotations

import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.case import case_from
from monitor.engine import Workspace, open_workspace
from monitor.errors import SourceError

POSTGRES = """
CREATE SCHEMA "My Shop";
CREATE TABLE "My Shop"."day's ""rows"" 1" (
    id BIGINT, at TIMESTAMPTZ, day DATE, amount NUMERIC(12, 2), rate REAL, good BOOLEAN, "what's up" TEXT, tags JSONB);
INSERT INTO "My Shop"."day's ""rows"" 1" VALUES
    (1, '2024-03-01 10:00:00+02', '2024-03-01', 12.50, 0.25, true, 'é 日本', '{"a": 1}'),
    (2, 'infinity', '2024-03-02', NULL, NULL, NULL, NULL, NULL);
CREATE TABLE nothing (x INT);
"""
MYSQL = (
    "CREATE DATABASE test CHARACTER SET utf8mb4",
    "CREATE TABLE test.`day's ``rows``` (id BIGINT, at TIMESTAMP NULL, seen DATETIME(6), day DATE, amount DECIMAL(12,2), rate FLOAT,"
    " good BOOLEAN, word VARCHAR(20), kind ENUM('a','b')) CHARACTER SET utf8mb4",
    "SET time_zone = '+02:00', sql_mode = ''",
    "INSERT INTO test.`day's ``rows``` VALUES"
    " (1, '2024-03-01 10:00:00', '2024-03-01 10:00:00.25', '2024-03-01', 12.5, 0.25, 1,"
    " 'é 日本', 'b'), (2, NULL, NULL, '0000-00-00', NULL, NULL, NULL, NULL, NULL)",
)


def opened(root: Path, place: str) -> Workspace:
    data = {"reference": place, "production": place}
    return open_workspace(case_from({"case": {"name": "c", "task": "none"}, "data": data}, root=root))


def rows(workspace: Workspace) -> list[dict[str, Any]]:
    table = workspace.connection.sql(f"SELECT * FROM {workspace.source('reference').relation}").to_arrow_table()
    return sorted(table.to_pylist(), key=lambda row: row["id"])


@pytest.fixture(scope="module")
def shop(postgres: str) -> str:
    psycopg = pytest.importorskip("psycopg")
    until = time.monotonic() + 60
    while True:  # a server that listens may still be starting up
        try:
            with psycopg.connect(postgres) as connection:
                connection.execute(POSTGRES)
                break
        except psycopg.OperationalError:
            assert time.monotonic() < until
            time.sleep(0.2)
    return f"""{postgres}::My Shop.day's "rows" 1"""


def test_every_type_of_postgres_is_read_to_the_value(tmp_path: Path, shop: str) -> None:
    with opened(tmp_path, shop) as workspace:
        first, second = rows(workspace)
        told = [note.message for note in workspace.notes]
    assert first.pop("at").isoformat() == "2024-03-01T08:00:00+00:00"
    assert first == {
        "id": 1, "day": date(2024, 3, 1), "amount": 12.5, "rate": 0.25, "good": True, "what's up": "é 日本", "tags": '{"a": 1}',
    }  # fmt: skip
    assert second == dict.fromkeys(second) | {"id": 2, "day": date(2024, 3, 2)}
    assert "reference: 1 dates beyond the years 1 to 9999 are missing." in told


def test_what_did_not_change_has_the_time_of_its_first_reading(tmp_path: Path, shop: str, postgres: str) -> None:
    psycopg = pytest.importorskip("psycopg")
    prints = []
    for statement in ("SELECT 1", "SELECT 1", """INSERT INTO "My Shop"."day's ""rows"" 1" VALUES (3)"""):
        with psycopg.connect(postgres) as connection:
            connection.execute(statement)
        with opened(tmp_path, shop) as workspace:
            prints.append(workspace.fingerprint("reference"))
            assert f"({workspace.source('reference').version})" in prints[-1]
            assert workspace.source("reference").version.startswith("read 20")
    assert prints[0] == prints[1] != prints[2]
    assert "secret" not in "".join(file.name for file in (tmp_path / ".driftscope").iterdir())


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("no_such", 'relation "no_such" does not exist'),
        ('nothing"; DROP TABLE nothing; --', "does not exist"),
        ("nothing", "has 1 columns but no rows"),
        ("a.b.c.d", "improper qualified name"),
    ],
)
def test_a_table_that_there_is_not_is_refused(tmp_path: Path, shop: str, postgres: str, table: str, words: str) -> None:
    with pytest.raises(SourceError) as refused:
        opened(tmp_path, f"{postgres}::{table}")
    assert words in str(refused.value)
    assert "secret" not in str(refused.value)


def test_every_type_of_mysql_is_read_to_the_value(tmp_path: Path, mysql: str) -> None:
    pymysql = pytest.importorskip("pymysql")
    port = int(mysql.rpartition(":")[2].partition("/")[0])
    connection = pymysql.connect(host="127.0.0.1", port=port, user="root", autocommit=True)
    with connection, connection.cursor() as cursor:
        for statement in MYSQL:
            cursor.execute(statement)
    with opened(tmp_path, f"{mysql}::day's `rows`") as workspace:
        first, second = rows(workspace)
    assert first.pop("at").isoformat() == "2024-03-01T08:00:00+00:00"
    assert first == {
        "id": 1, "seen": datetime.fromisoformat("2024-03-01T10:00:00.250"), "day": date(2024, 3, 1), "amount": 12.5, "rate": 0.25,
        "good": 1, "word": "é 日本", "kind": "b",
    }  # fmt: skip
    assert second == dict.fromkeys(second) | {"id": 2}
    with pytest.raises(SourceError, match="doesn't exist"):
        opened(tmp_path, f"{mysql}::no_such")
