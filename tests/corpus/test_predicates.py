"""Conditions of every sort: counted right, or refused before they meet the data. Nothing outside the data set can be reached."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from monitor.engine import Selection, Workspace, count_rows, open_tables
from monitor.errors import ColumnMissingError, DriftscopeError, KindError, SelectionError
from tests.corpus.reading import Refused, check_refused

DATA = pd.DataFrame(
    {"n": [1, 2, 3, 4, None, 6], "s": ["a", "b", "it's", None, "", "B"], 'q"x': range(6), "when": pd.date_range("2024-01-01", periods=6)}
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with open_tables(DATA, DATA, task="none", cache=tmp_path_factory.mktemp("cache")) as opened:
        yield opened


COUNTED = [
    ("n > 2", 3), ("n IS NULL", 1), ("NOT (n > 2)", 2), ("n BETWEEN 2 AND 4", 3), ("n IN (1, 6, 99)", 2), ("s = 'it''s'", 1),
    ("s = ''", 1), ("s IS NULL OR n IS NULL", 2), ("lower(s) = 'b'", 2), ("\"q\"\"x\" >= 3", 3), ("N > 2", 3), ("s LIKE '%t%'", 1),
    ("CASE WHEN n > 2 THEN true ELSE false END", 3), ("n % 2 = 0", 3), ("length(s) > 1", 1), ("\"when\" >= DATE '2024-01-03'", 4),
    ("true", 6), ("n > 2 -- ; DROP TABLE production", 3), ("n > 2 /* and nothing else */", 3), ("s = '); DROP TABLE production; --'", 0),
    ("s = '\u0000'", None), ("s = '😀'", 0), ("n = 1e308", 0), ("n > -1e999", None), ("s > 'a'", 2), ("coalesce(n, 0) = 0", 1),
    ("regexp_matches(s, '^(a+)+$')", 1), ("s SIMILAR TO 'a|b'", None), ("n::VARCHAR = '1'", None), ("contains(s, '''')", 1),
    ("dayofweek(\"when\") = 1", 1), ("isnan(n)", 0), ("s = 'missing'", 0), ("n = '2'", 1),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "rows"), [one for one in COUNTED if one[1] is not None])
def test_a_condition_is_counted(workspace: Workspace, condition: str, rows: int) -> None:
    assert count_rows(workspace, Selection("production", where=condition)) == rows


REFUSED: list[tuple[str, type[DriftscopeError], str]] = [
    ("; DROP TABLE production", SelectionError, "is not a condition"),
    ("n > 2; DROP TABLE production", SelectionError, "condition"),
    ("n > 2) OR (1 = 1", SelectionError, "condition"),
    ("1 = 1) UNION SELECT * FROM production WHERE (1 = 1", SelectionError, "condition"),
    ("n > (SELECT 1)", SelectionError, "uses a subquery"),
    ("EXISTS (SELECT * FROM read_csv('/etc/passwd'))", SelectionError, "uses a subquery"),
    ("n IN (FROM production)", SelectionError, "uses a subquery"),
    ("read_text('/etc/passwd') = 'x'", SelectionError, "uses the function 'read_text'"),
    ("getenv('HOME') = 'x'", SelectionError, "uses the function 'getenv'"),
    ("current_setting('memory_limit') = 'x'", SelectionError, "uses the function"),
    ("query('SELECT 1') = 1", SelectionError, "uses the function"),
    ("pg_sleep(100) = 1", SelectionError, "uses the function"),
    ("random() < 0.5", SelectionError, "uses the function 'random'"),
    ("now() > \"when\"", SelectionError, "uses the function"),
    ("repeat(s, 1000000000) = 'x'", SelectionError, "uses the function 'repeat'"),
    ("lpad(s, 1000000000, 'x') = 'x'", SelectionError, "uses the function 'lpad'"),
    ("range(1000000000) = n", SelectionError, "uses the function 'range'"),
    ("list_aggregate(range(10), 'sum') = n", SelectionError, "uses the function"),
    ("printf('%1000000000d', n) = 'x'", SelectionError, "uses the function 'printf'"),
    ("sum(n) > 1", SelectionError, "uses the function 'sum'"),
    ("row_number() OVER () = 1", SelectionError, "condition"),
    ("n > ?", SelectionError, "condition"),
    ("n > $1", SelectionError, "condition"),
    ("n > 2 ORDER BY n", SelectionError, "condition"),
    ("n > 2 LIMIT 1", SelectionError, "condition"),
    ("n > 2 GROUP BY n", SelectionError, "condition"),
    ("n > 2 QUALIFY true", SelectionError, "condition"),
    ("* > 2", SelectionError, "condition"),
    ("COLUMNS('.*') > 2", SelectionError, "condition"),
    ("TRY(n) > 2", SelectionError, "condition"),
    ("n >", SelectionError, "is not a condition"),
    ("   ", SelectionError, "condition"),
    ("'", SelectionError, "is not a condition"),
    ("\"", SelectionError, "is not a condition"),
    ("--", SelectionError, "condition"),
    ("/*", SelectionError, "condition"),
    ("\\", SelectionError, "is not a condition"),
    ("\x00", ColumnMissingError, "The data have no column"),
    ("SELECT 1", SelectionError, "is not a condition"),
    ("ATTACH '/tmp/x.db'", SelectionError, "Type with name ATTACH does not exist"),
    ("COPY production TO '/tmp/x'", SelectionError, "is not a condition"),
    ("nn > 2", ColumnMissingError, "Did you mean 'n'?"),
    ("production.n > 2", ColumnMissingError, "The data have no column 'production.n'"),
    ("rowid > 2", ColumnMissingError, "no column 'rowid'"),
    ("\"@driftscope.row\" > 2", ColumnMissingError, "no column"),
    ("n > 'many'", SelectionError, "does not fit its columns: 'n' holds numbers."),
    ("s > 2", SelectionError, "'s' holds text. Compare texts with texts in quotes ('3')"),
    ("s = 2 OR n = 1", SelectionError, "'s' holds text. Compare"),
    ("s IN (1, 2)", SelectionError, "Where texts are numbers, write TRY_CAST(\"s\" AS DOUBLE) instead of \"s\"."),
    ("NOT (n BETWEEN 'a' AND 'b')", SelectionError, "'n' holds numbers"),
    ("\"when\" > 5", SelectionError, "'when' holds dates or times"),
    ("\"when\" > 'may'", SelectionError, "'when' holds dates or times"),
    ("n LIKE '1%'", SelectionError, "'n' holds numbers"),
    ("CAST(s AS INTEGER) = 1", KindError, "does not fit"),
    ("\"when\" + to_years(999999999) > \"when\"", KindError, "does not fit"),
    ("NOT " * 400 + "n > 2", SelectionError, "within each other"),
    ("(" * 5000 + "n > 2" + ")" * 5000, SelectionError, "is not a condition"),
    ("n" + " + 1" * 500 + " > 2", SelectionError, "within each other"),
    ("s = '" + "x" * 60_000 + "'", SelectionError, "is too long"),
    ("length(" + "replace(" * 9 + "s" + ", 'a', 'aaaaaaaaaaaaaaaa')" * 9 + ") > 1", SelectionError, "fill the memory"),
    ("replace(s, 'a', s) = 'b'", SelectionError, "takes two texts"),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "kind", "words"), REFUSED, ids=[one[0][:40] for one in REFUSED])
def test_a_condition_is_refused(workspace: Workspace, condition: str, kind: type[DriftscopeError], words: str) -> None:
    check_refused(lambda: count_rows(workspace, Selection("production", where=condition)), Refused(kind, words))
    assert count_rows(workspace, Selection("production")) == len(DATA)
