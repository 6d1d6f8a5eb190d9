"""Files of every sort: read right to the value, or refused in words that say what they are."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.engine.files import same, stamp
from monitor.errors import CaseError, SourceError
from tests.corpus.reading import Refused, check_refused, opened, values_of

GOOD = b"a,b\n1,x\n2,y\n"
ROWS = [(1, "x"), (2, "y")]


def _parquet(**columns: Any) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns), sink)
    return bytes(sink.getvalue())


def _ipc(*, stream: bool) -> bytes:
    sink, table = pa.BufferOutputStream(), pa.table({"a": [1, 2]})
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


PARQUET = _parquet(a=[1, 2])
ARROW = _ipc(stream=False)
ZSTD = bytes(pa.compress(GOOD, codec="zstd", asbytes=True))

READ: list[tuple[str, str, bytes, list[tuple[Any, ...]]]] = [
    ("plain", "t.csv", GOOD, ROWS),
    ("byte order mark", "t.csv", b"\xef\xbb\xbf" + GOOD, ROWS),
    ("CR LF", "t.csv", GOOD.replace(b"\n", b"\r\n"), ROWS),
    ("CR", "t.csv", GOOD.replace(b"\n", b"\r"), ROWS),
    ("no end of line at the end", "t.csv", GOOD[:-1], ROWS),
    ("blank lines within", "t.csv", b"a,b\n\n1,x\n\n2,y\n\n", ROWS),
    ("blank lines first", "t.csv", b"\n\na,b\n1,x\n2,y\n", ROWS),
    ("a remark first", "t.csv", b"# exported 2024\na,b\n1,x\n2,y\n", ROWS),
    ("a header like a remark", "t.csv", b"#a;b\n1;x\n2;y\n", ROWS),
    ("a line for Excel", "t.csv", b"sep=;\na;b\n1;x\n2;y\n", ROWS),
    ("a line for Excel that names a quote", "t.csv", b"sep='\na,b\n1,x\n2,y\n", ROWS),
    ("remarks with commas", "t.csv", b"# a, b, c\n# d, e\na;b\n1;x\n2;y\n", ROWS),
    ("a comma in the header", "t.csv", b"a, EUR;b\n1;x\n2;y\n", ROWS),
    ("one column of decimal commas", "t.csv", b"a\n1,5\n2,5\n", [(1.5,), (2.5,)]),
    ("semicolon", "t.csv", GOOD.replace(b",", b";"), ROWS),
    ("tab", "t.csv", GOOD.replace(b",", b"\t"), ROWS),
    ("bar", "t.csv", GOOD.replace(b",", b"|"), ROWS),
    ("tsv", "t.tsv", GOOD.replace(b",", b"\t"), ROWS),
    ("txt", "t.txt", GOOD, ROWS),
    ("capital ending", "T.CSV", GOOD, ROWS),
    ("decimal comma", "t.csv", b"a;b\n1,5;x\n2,5;y\n", [(1.5, "x"), (2.5, "y")]),
    ("quoted separator", "t.csv", b'a,b\n"1","x, y"\n"2","say ""hi"""\n', [(1, "x, y"), (2, 'say "hi"')]),
    ("quoted line break", "t.csv", b'a,b\n1,"x\ny"\n2,z\n', [(1, "x\ny"), (2, "z")]),
    ("quote within", "t.csv", b'a,b\n1,x"y\n2,z\n', [(1, 'x"y'), (2, "z")]),
    ("apostrophes within quotes", "t.csv", b'"a","b"\n"4\'522.48","x"\n"1\'000.5","y"\n', [(4522.48, "x"), (1000.5, "y")]),
    ("quotes escaped by a backslash", "t.csv", b'a,b\n1,"say \\"hi\\" to"\n2,y\n', [(1, 'say "hi" to'), (2, "y")]),
    ("fields in apostrophes", "t.csv", b"a,b\n'1','x, z'\n'2','y'\n", [(1, "x, z"), (2, "y")]),
    ("one column", "t.csv", b"a\n1\n2\n", [(1,), (2,)]),
    ("NUL within a text", "t.csv", b"a,b\n1,x\x00y\n2,z\n", [(1, "x\x00y"), (2, "z")]),
    ("a name that is empty", "t.csv", b"a,,b\n1,2,3\n", [(1, 2, 3)]),
    ("names twice", "t.csv", b"a,a,A\n1,2,3\n", [(1, 2, 3)]),
    ("names all empty", "t.csv", b",,\n1,2,3\n", [(1, 2, 3)]),
    ("names that are dates", "t.csv", b"id,2024-01,2024-02\nx,3,4\n", [("x", 3, 4)]),
    ("fields all empty", "t.csv", b"a,b\n,\n,\n", [(None, None), (None, None)]),
    ("letters of many alphabets", "t.csv", "ä,β\nж,日本\n😀,ß\n".encode(), [("ж", "日本"), ("😀", "ß")]),
    ("UTF-16", "t.csv", GOOD.decode().encode("utf-16"), ROWS),
    ("UTF-16 the other way round", "t.csv", "\ufeffa,b\n1,ж\n2,日本\n".encode("utf-16-be"), [(1, "ж"), (2, "日本")]),
    ("UTF-16 without mark", "t.csv", GOOD.decode().encode("utf-16-le"), ROWS),
    ("UTF-16 of tabs", "t.txt", "a\tb\r\n1\té\r\n2\ty\r\n".encode("utf-16"), [(1, "é"), (2, "y")]),
    ("UTF-32", "t.csv", GOOD.decode().encode("utf-32"), ROWS),
    ("UTF-16 packed", "t.csv.gz", gzip.compress(GOOD.decode().encode("utf-16")), ROWS),
    ("Latin-1", "t.csv", "a,b\n1,é\n2,ü\n".encode("latin-1"), [(1, "é"), (2, "ü")]),
    ("Latin-1 header", "t.csv", "é,b\n1,Größe\n".encode("latin-1"), [(1, "Größe")]),
    ("Latin-1 packed", "t.csv.bz2", bz2.compress("a,b\n1,é\n".encode("latin-1")), [(1, "é")]),
    ("Windows-1252 late", "t.csv", b"a,b\n" + b"\n" * 9_000 + "3,€\n".encode("cp1252"), [(3, "€")]),
    ("JSON in UTF-16", "t.json", '[{"a":"é"}]'.encode("utf-16"), [("é",)]),
    ("lines in Latin-1", "t.jsonl", '{"a":"é"}\n'.encode("latin-1"), [("é",)]),
    ("lines with a byte order mark", "t.jsonl", b'\xef\xbb\xbf{"a":1}\n', [(1,)]),
    ("thousands", "t.csv", b'a\n"1,234.5"\n"12,345.5"\n', [(1234.5,), (12345.5,)]),
    ("percent", "t.csv", b"a\n12.5%\n50%\n", [(12.5,), (50.0,)]),
    ("gzip", "t.csv.gz", gzip.compress(GOOD), ROWS),
    ("gzip in two parts", "t.csv.gz", gzip.compress(GOOD[:8]) + gzip.compress(GOOD[8:]), ROWS),
    ("bzip2", "t.csv.bz2", bz2.compress(GOOD), ROWS),
    ("bzip2 of lines", "t.jsonl.bz2", bz2.compress(b'{"a":1}\n{"a":2}\n'), [(1,), (2,)]),
    ("zstd", "t.csv.zst", ZSTD, ROWS),
    ("parquet", "t.parquet", PARQUET, [(1,), (2,)]),
    ("short ending", "t.pq", PARQUET, [(1,), (2,)]),
    ("capital parquet", "t.PARQUET", PARQUET, [(1,), (2,)]),
    ("lines of JSON", "t.jsonl", b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n', ROWS),
    ("a list in JSON", "t.json", b'[{"a":1},{"a":2}]', [(1,), (2,)]),
    ("one object", "t.json", b'{"a":1}', [(1,)]),
    ("days first in JSON", "t.ndjson", b'{"a":"01/02/2024"}\n{"a":"13/02/2024"}\n', []),
    ("gzip of lines", "t.jsonl.gz", gzip.compress(b'{"a":1}\n'), [(1,)]),
    ("arrow", "t.arrow", ARROW, [(1,), (2,)]),
    ("feather", "t.feather", ARROW, [(1,), (2,)]),
    ("a name with a line break", "a\nb.csv", GOOD, ROWS),
    ("a name with quotes", 'it\'s "x".csv', GOOD, ROWS),
    ("a name with signs of patterns", "[2024] a*b?.csv", GOOD, ROWS),
    ("a name in many alphabets", "datei äöü 日本 😀.csv", GOOD, ROWS),
    ("a name like an option", "-x.csv", GOOD, ROWS),
    ("a name with braces", "{a,b}.csv", GOOD, ROWS),
]


@pytest.mark.parametrize(("name", "content", "rows"), [one[1:] for one in READ], ids=[one[0] for one in READ])
def test_it_is_read_to_the_value(tmp_path: Path, name: str, content: bytes, rows: list[tuple[Any, ...]]) -> None:
    (tmp_path / name).write_bytes(content)
    with opened(tmp_path, name) as workspace:
        found = values_of(workspace)
        assert workspace.rows("production") == len(found)
    if rows:
        assert found == rows
    else:
        assert [one[0].isoformat()[:10] for one in found] == ["2024-02-01", "2024-02-13"]


LONG: list[tuple[str, bytes, bytes, tuple[Any, ...]]] = [
    ("values like remarks", b"a;b\n", b"#N/K;34\n3420.41;20\n-1179.74;27\n", ("#N/K", 34)),
    ("a remark within a line", b"a;b\n", b"x #1;1\ny;2\nz;3\n", ("x #1", 1)),
    ("a title first", b"Report of March\n2024-03-01\n\na;b\n", b"1;x\n2;y\n3;z\n", (1, "x")),
    ("commas within the fields", b"a;b\n", b"12,34,50.00 m;x, y, z\n" * 3, ("12,34,50.00 m", "x, y, z")),
]


@pytest.mark.parametrize(("header", "lines", "first"), [one[1:] for one in LONG], ids=[one[0] for one in LONG])
def test_no_line_is_lost_whatever_it_looks_like(tmp_path: Path, header: bytes, lines: bytes, first: tuple[Any, ...]) -> None:
    (tmp_path / "t.csv").write_bytes(header + lines * 100)
    with opened(tmp_path, "t.csv") as workspace:
        assert (workspace.rows("production"), list(workspace.columns)) == (300, ["a", "b"])
        assert values_of(workspace, limit=1) == [first]


def test_a_file_that_goes_while_it_is_looked_at_is_told(tmp_path: Path) -> None:
    check_refused(lambda: stamp([tmp_path / "gone.csv"]), Refused(SourceError, "cannot be read: No such file or directory"))
    assert not same([(str(tmp_path / "gone.csv"), 1, 1, 1, "")])


def test_files_of_one_set_may_be_parted_by_different_signs(tmp_path: Path) -> None:
    for name, content in (("1", b"a;b\n1;x, z\n"), ("2", b"a,b\n2,y\n"), ("3", b"b;a\nw;3\n")):
        (tmp_path / f"{name}.csv").write_bytes(content)
    with opened(tmp_path, "*.csv") as workspace:
        assert values_of(workspace) == [(1, "x, z"), (2, "y"), (3, "w")]
        assert [part.name for part in workspace.source("reference").parts] == ["1.csv", "2.csv", "3.csv"]


BITROT = PARQUET[:20] + b"\xff" * 40 + PARQUET[60:]
REFUSED: list[tuple[str, str, bytes, str]] = [
    ("no byte", "t.csv", b"", "is empty (0 bytes)"),
    ("no byte of parquet", "t.parquet", b"", "is empty (0 bytes)"),
    ("header only", "t.csv", b"a,b\n", "2 columns but no rows"),
    ("a line break only", "t.csv", b"\n", "not a line of column names"),
    ("a byte order mark only", "t.csv", b"\xef\xbb\xbf", "not a line of column names"),
    ("NUL in the header", "t.csv", b"a\x00,b\n1,x\n", "not a line of column names"),
    ("numbers for names", "t.csv", b"1,2\n3,4\n", "seems to have no header"),
    ("UTF-8 with damage", "t.csv", "a,b\n1,äöüß\n2,é".encode()[:-1] + b"\n", "not a text file in UTF-8"),
    (
        "Cyrillic of Windows",
        "t.csv",
        "a,b\n1,Москва\n2,Тверь\n".encode("cp1251"),
        "in another encoding, which its bytes do not tell. Save it as UTF-8",
    ),
    (
        "Japanese",
        "t.csv",
        "a,b\n1,東京都\n2,大阪府\n".encode("shift-jis"),
        "in another encoding, which its bytes do not tell. Save it as UTF-8",
    ),
    ("UTF-16 cut", "t.csv", GOOD.decode().encode("utf-16")[:-1], "Save it as UTF-8"),
    ("line ends mixed", "t.csv", b"a,b\r\n1,x\n2,y\r\n", "its line ends are mixed"),
    ("a field too few", "t.csv", b"a,b\n1\n2,y\n", "not every line has as many fields as its header"),
    ("a field too many", "t.csv", b"a,b\n1,x,9\n2,y\n", "not every line has as many fields as its header"),
    ("a field too many late", "t.csv", b"a,b\n" + b"1,x\n" * 3000 + b"2,y,z\n", "Line: 3002 Expected Number of Columns: 2 Found: 3."),
    ("end of file of DOS", "t.csv", GOOD + b"\x1a", "not every line has as many fields as its header"),
    ("a line of 3 MB", "t.csv", b"a,b\n1," + b"x" * 3_000_000 + b"\n", "Maximum line size"),
    ("gzip twice", "t.csv.gz", gzip.compress(gzip.compress(GOOD)), "it holds bytes that are no text"),
    ("gzip by another name", "t.csv", gzip.compress(GOOD), "is packed with gzip: let its name end in .gz"),
    ("no gzip", "t.csv.gz", GOOD, "cannot be unpacked"),
    ("gzip and rubbish", "t.csv.gz", gzip.compress(GOOD) + b"rubbish", "cannot be unpacked"),
    ("gzip cut", "t.csv.gz", gzip.compress(GOOD * 99)[:40], "cannot be unpacked"),
    ("bzip2 cut", "t.csv.bz2", bz2.compress(GOOD * 99)[:40], "cannot be unpacked"),
    ("no zstd", "t.csv.zst", GOOD, "cannot be unpacked"),
    ("zstd cut", "t.csv.zst", ZSTD[:10], "cannot be unpacked"),
    ("zstd by another name", "t.csv", ZSTD, "is packed with zstd: let its name end in .zst"),
    ("xz", "t.csv.xz", lzma.compress(GOOD), "the format of 't.csv.xz' is not known"),
    ("xz by another name", "t.csv", lzma.compress(GOOD), "is packed with xz: unpack it"),
    ("ZIP", "t.csv.zip", b"PK\x03\x04", "the format of 't.csv.zip' is not known"),
    ("a workbook by another name", "t.csv", b"PK\x03\x04 workbook", "an Excel workbook"),
    ("a workbook", "t.xlsx", b"PK\x03\x04", "'t.xlsx' is a workbook, which is not read. Save the sheet that is meant as CSV"),
    ("no ending", "t", GOOD, "the format of 't' is not known"),
    ("an empty ending", "t.", GOOD, "the format of 't.' is not known"),
    ("CSV as parquet", "t.parquet", GOOD, "No magic bytes"),
    ("parquet as CSV", "t.csv", PARQUET, "is a Parquet file: let its name end in .parquet"),
    ("parquet as lines", "t.jsonl", PARQUET, "is a Parquet file"),
    *((f"parquet cut at {n}", "t.parquet", PARQUET[:n], "cannot be read") for n in (1, 4, 12, len(PARQUET) // 2, len(PARQUET) - 1)),
    ("parquet and more", "t.parquet", PARQUET + b"x", "cannot be read"),
    ("parquet damaged within", "t.parquet", BITROT, "Write the data again if they are damaged"),
    ("parquet of no rows", "t.parquet", _parquet(a=pa.array([], pa.int64())), "1 columns but no rows"),
    ("parquet of no columns", "t.parquet", _parquet(), "cannot be read"),
    ("gzip of parquet", "t.parquet.gz", gzip.compress(PARQUET), "cannot be read"),
    ("lines cut", "t.jsonl", b'{"a":1}\n{"a":', "cannot be read as json"),
    ("lines with a key twice", "t.jsonl", b'{"a":1,"a":2}\n', "has duplicate key"),
    ("lines 2,000 deep", "t.jsonl", b'{"a":' + b"[" * 2000 + b"]" * 2000 + b"}\n", "maximum recursion depth"),
    ("arrow cut", "t.arrow", ARROW[:-5], "cannot be read as arrow"),
    ("arrow stream", "t.arrow", _ipc(stream=True), "Write a file, not a stream"),
    ("a web page", "t.csv", b"<!DOCTYPE html><html><body>503</body></html>\n", "is a web page"),
    ("a web page as parquet", "t.parquet", b"<html>sign in</html>", "is a web page"),
    ("a pointer", "t.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\n", "git lfs pull"),
    ("a database as CSV", "t.csv", b"SQLite format 3\x00" + b"\x00" * 50, "is an SQLite database"),
    ("a PDF", "t.csv", b"%PDF-1.7 ...", "is a PDF"),
]


@pytest.mark.parametrize(("name", "content", "words"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_it_is_refused_in_words(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    check_refused(lambda: opened(tmp_path, name), Refused(SourceError, words))


Make = Callable[[Path], object]
PLACES: list[tuple[str, Make, str, str]] = [
    ("nothing", lambda _: None, "no.csv", "nothing at 'no.csv'"),
    ("a table of a file that holds none", lambda r: (r / "t.parquet").write_bytes(PARQUET), "t.parquet::x", "Name it without '::x'"),
    ("a folder", lambda r: (r / "d").mkdir(), "d", "is a folder"),
    ("a folder called .csv", lambda r: (r / "d.csv").mkdir(), "d.csv", "is a folder"),
    ("a folder by pattern", lambda r: (r / "d.csv").mkdir(), "*.csv", "nothing at '*.csv'"),
    ("a link to itself", lambda r: os.symlink(r / "l.csv", r / "l.csv"), "l.csv", "nothing at"),
    ("a link to nowhere", lambda r: os.symlink(r / "no.csv", r / "l.csv"), "l.csv", "nothing at"),
    ("a link to the passwords", lambda r: os.symlink("/etc/passwd", r / "l.csv"), "l.csv", "the format of 'passwd' is not known"),
    ("a pipe", lambda r: os.mkfifo(r / "p.csv"), "p.csv", "nothing at"),
    ("a device", lambda _: None, "/dev/null", "nothing at"),
    ("an endless device", lambda r: os.symlink("/dev/zero", r / "z.csv"), "z.csv", "nothing at"),
    ("NUL", lambda _: None, "a\0.csv", "is no path"),
    ("5,000 letters", lambda _: None, "a" * 5000 + ".csv", "is no path"),
    ("300 letters", lambda _: None, "a" * 300 + ".csv", "nothing at"),
    ("bytes that are no text", lambda r: (r / os.fsdecode(b"\xff.csv")).write_bytes(GOOD), "*.csv", "is not in UTF-8. Rename it"),
    ("somebody's home", lambda _: None, "~/x.csv", "nothing at"),
    ("http", lambda _: None, "http://127.0.0.1:1/x.csv", "nothing is fetched"),
    ("https", lambda _: None, "https://example.org/x.parquet", "nothing is fetched"),
    ("a bucket", lambda _: None, "s3://bucket/x.parquet", "nothing is fetched"),
    ("another bucket", lambda _: None, "gs://bucket/*.parquet", "nothing is fetched"),
    ("a file's address", lambda _: None, "file:///etc/passwd", "nothing is fetched"),
    ("up and out", lambda _: None, "a/../../x.csv", "leads out of the case folder"),
    ("two formats", lambda r: [(r / "a.csv").write_bytes(GOOD), (r / "a.parquet").write_bytes(PARQUET)], "a.*", "one format"),
    ("one of two empty", lambda r: [(r / "1.csv").write_bytes(GOOD), (r / "2.csv").write_bytes(b"")], "*.csv", "is empty"),
    ("no database", lambda _: None, "no.duckdb::t", "nothing at"),
    ("a database of text", lambda r: (r / "d.duckdb").write_bytes(b"x" * 5000), "d.duckdb::t", "cannot be opened"),
    ("a scheme nobody knows", lambda _: None, "oracle://host/db::t", "databases of kind 'oracle' are not known"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "place", "words"), [one[1:] for one in PLACES], ids=[one[0] for one in PLACES])
def test_a_place_is_refused_in_words(tmp_path: Path, make: Make, place: str, words: str) -> None:
    make(tmp_path)
    check_refused(lambda: opened(tmp_path, place), Refused(SourceError, words))


ENCODED: list[tuple[str, str, bytes, Any]] = [
    ("cp1251", "cp1251", "a,b\n1,Москва\n".encode("cp1251"), [(1, "Москва")]),
    ("shift-jis", "shift_jis", "a,b\n1,東京都\n".encode("shift-jis"), [(1, "東京都")]),
    ("cp1250", "cp1250", "a,b\n1,Łódź\n".encode("cp1250"), [(1, "Łódź")]),
    ("as it is", "utf-8", GOOD, ROWS),
    ("another", "utf-16", GOOD[:-1], "is not in utf-16, as encoding under [data] says"),
    ("none of text", "rot13", GOOD, "is no encoding of text that is known"),
    ("nobody's", "x\0", GOOD, "is no encoding of text that is known"),
]


@pytest.mark.parametrize(("named", "content", "expected"), [one[1:] for one in ENCODED], ids=[one[0] for one in ENCODED])
def test_the_encoding_can_be_named(tmp_path: Path, named: str, content: bytes, expected: Any) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    if isinstance(expected, str):
        check_refused(
            lambda: opened(tmp_path, "t.csv", encoding=named),
            Refused(CaseError if "known" in expected else SourceError, expected),
        )
        return
    with opened(tmp_path, "t.csv", encoding=named) as workspace:
        assert values_of(workspace) == expected


def test_what_was_not_in_utf8_is_said(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("a,b\n1,é\n2,ü\n".encode("latin-1"))
    for _ in range(2):  # on the second opening too, which finds it imported
        with opened(tmp_path, "t.csv") as workspace:
            told = [note.message for note in workspace.notes if note.reason == "encoding"]
            assert len(told) == 2
            assert "'t.csv' is not in UTF-8 and was read as Windows-1252" in told[0]


SEVERAL: list[tuple[str, dict[str, bytes], list[tuple[Any, ...]]]] = [
    ("other columns", {"1.csv": GOOD, "2.csv": b"b,c\nz,3\n"}, [(1, "x", None), (2, "y", None), (None, "z", 3)]),
    ("other separators", {"1.csv": GOOD, "2.csv": b"a;b\n3;z\n"}, [*ROWS, (3, "z")]),
    ("one without rows", {"1.csv": GOOD, "2.csv": b"a,b\n"}, ROWS),
    ("columns in another order", {"1.csv": GOOD, "2.csv": b"b,a\nz,3\n"}, [*ROWS, (3, "z")]),
    ("another type", {"1.csv": GOOD, "2.csv": b"a,b\n1.5,z\n"}, [(1.0, "x"), (2.0, "y"), (1.5, "z")]),
    ("packed and plain", {"1.csv": GOOD, "2.csv.gz": gzip.compress(b"a,b\n3,z\n"), "3.csv.bz2": bz2.compress(b"a,b\n4,w\n")},
     [*ROWS, (3, "z"), (4, "w")]),
]  # fmt: skip


@pytest.mark.parametrize(("files", "rows"), [one[1:] for one in SEVERAL], ids=[one[0] for one in SEVERAL])
def test_several_files_are_one(tmp_path: Path, files: dict[str, bytes], rows: list[tuple[Any, ...]]) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with opened(tmp_path, "*.csv*") as workspace:
        assert values_of(workspace, limit=9) == rows


def test_a_link_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    os.symlink(tmp_path / "a.csv", tmp_path / "l.csv")
    with opened(tmp_path, "l.csv") as workspace:
        assert values_of(workspace) == ROWS


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(GOOD)
    (tmp_path / "a.csv").chmod(0)
    check_refused(lambda: opened(tmp_path, "a.csv"), Refused(SourceError, "cannot be opened"))


@pytest.mark.parametrize("name", ['t"; DROP TABLE t; --', "nothing", "t) UNION SELECT 1; --", "main.t.a.b"])
def test_a_table_that_there_is_not_is_refused_and_nothing_is_dropped(tmp_path: Path, name: str) -> None:
    with sqlite3.connect(tmp_path / "d.sqlite") as database:
        database.executescript("CREATE TABLE t (a INTEGER, b TEXT); INSERT INTO t VALUES (1, 'x'), (2, 'y');")
    check_refused(lambda: opened(tmp_path, f"d.sqlite::{name}"), Refused(SourceError, "no table"))
    with opened(tmp_path, "d.sqlite::t") as workspace:
        assert values_of(workspace) == ROWS
