"""Tables of SQLite, whose values have types of their own: read to the value, in order, again when they change, and within limits."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.case import Case
from monitor.engine import Workspace, open_workspace
from monitor.engine.limits import SECONDS_VARIABLE
from monitor.errors import DriftscopeError, SourceError, TimeLimitError

TABLE = """
CREATE TABLE "my table" (whole INTEGER, broken REAL, mixed, words TEXT, at TEXT, empty, raw BLOB, price TEXT, flag BOOLEAN);
INSERT INTO "my table" VALUES (1, 0.5, 1, 'a', '31/01/2024', NULL, x'ff00', '1.234,50', 1),
    (2, 2, 2.5, 'it''s', '01/02/2024', NULL, NULL, '2,5', 0),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW looked AS SELECT whole FROM "my table" WHERE whole > 1;
CREATE VIEW endless AS WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT max(n) AS n FROM r;
"""
CaseAt = Callable[..., Case]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "d.sqlite")) as made:
        made.executescript(TABLE)
    return tmp_path


def opened(case_at: CaseAt, root: Path, table: str, file: str = "d.sqlite") -> Workspace:
    place = f"{file}::{table}"
    return open_workspace(case_at(root, data={"reference": place, "production": place}))


def test_every_type_is_read_to_the_value(database: Path, case_at: CaseAt) -> None:
    with opened(case_at, database, "my table") as workspace:
        source = workspace.source("reference")
        rows = workspace.connection.execute(f'SELECT * EXCLUDE ("at", raw) FROM {source.relation}').fetchall()
        assert rows == [(1, 0.5, 1.0, "a", None, 1234.5, 1), (2, 2.0, 2.5, "it's", None, 2.5, 0), (None,) * 7]
        assert workspace.connection.execute(f'SELECT "at" FROM {source.relation}').fetchall()[1][0].isoformat()[:10] == "2024-02-01"
        assert [one.what for one in workspace.skipped] == ["raw"]


def test_a_view_is_a_table(database: Path, case_at: CaseAt) -> None:
    with opened(case_at, database, "looked") as workspace:
        assert workspace.rows("production") == 1


def test_a_database_by_another_ending_is_known_by_its_bytes(database: Path, case_at: CaseAt) -> None:
    (database / "d.sqlite").rename(database / "d.db")
    with opened(case_at, database, "looked", "d.db") as workspace:
        assert workspace.rows("production") == 1


def test_a_change_is_read(database: Path, case_at: CaseAt) -> None:
    with opened(case_at, database, "looked") as workspace:
        before = workspace.fingerprint("reference")
    with closing(sqlite3.connect(database / "d.sqlite")) as changed:
        changed.execute('INSERT INTO "my table" (whole) VALUES (9)')
        changed.commit()
    with opened(case_at, database, "looked") as workspace:
        assert (workspace.rows("reference"), workspace.fingerprint("reference") != before) == (2, True)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("my tabel", "Did you mean 'my table'"),
        ("looked; DROP TABLE x", "has no table"),
        ("sqlite_master", "has no table"),
        ("", "has no table"),
    ],
)
def test_a_table_that_there_is_not(database: Path, case_at: CaseAt, table: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        opened(case_at, database, table)


@pytest.mark.parametrize("content", [b"SQLite format 3\x00" + b"x" * 5000, b"no database" * 99])
def test_a_damaged_database_says_so(database: Path, case_at: CaseAt, content: bytes) -> None:
    (database / "d.sqlite").write_bytes(content)
    with pytest.raises(DriftscopeError, match="cannot be read as SQLite"):
        opened(case_at, database, "looked")


def test_a_view_without_end_is_stopped(database: Path, case_at: CaseAt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECONDS_VARIABLE, "0.5")
    with pytest.raises(TimeLimitError, match=r"took longer than 0\.5 s"):
        opened(case_at, database, "endless")
