from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import SourceError
from monitor.export.files import json_bytes, moment_iso, plain, records, to_csv, to_parquet, write_whole
from monitor.vocabulary import Status

MOMENTS = pd.to_datetime(["2013-07-01 04:00", None])


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_csv_neutralises_text_that_a_spreadsheet_would_run(text: str) -> None:
    back = pd.read_csv(io.BytesIO(to_csv(pd.DataFrame({text: [text]}))), lineterminator="\n" if "\n" not in text else None)
    assert back.columns[0].startswith("'")
    assert str(back.iloc[0, 0]).startswith("'")


def test_csv_leaves_numbers_and_plain_text() -> None:
    table = pd.DataFrame({"n": [-1.5, np.nan], "i": [-2, 3], "t": ["a=b", "1-2"], "b": [True, False]})
    assert to_csv(table).decode() == "n,i,t,b\n-1.5,-2,a=b,True\n,3,1-2,False\n"


def test_times_are_utc_in_every_form() -> None:
    table = pd.DataFrame({"at": MOMENTS})
    assert to_csv(table).decode() == 'at\n2013-07-01T04:00:00Z\n""\n'
    assert records(table) == [{"at": "2013-07-01T04:00:00Z"}, {"at": None}]
    back = pd.read_parquet(io.BytesIO(to_parquet(table)))
    assert str(back["at"].dtype.tz) == "UTC"
    assert back["at"][0] == pd.Timestamp("2013-07-01 04:00", tz="UTC")


def test_a_moment_with_an_offset_is_written_in_utc() -> None:
    assert moment_iso(datetime(2013, 7, 1, 6, tzinfo=timezone(timedelta(hours=2)))) == "2013-07-01T04:00:00Z"
    assert plain(np.datetime64("2013-07-01T04:00:00.5")) == "2013-07-01T04:00:00.500000Z"
    assert plain(datetime(2013, 7, 1, tzinfo=UTC)) == "2013-07-01T00:00:00Z"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float32("nan"), None),
        (np.inf, None),
        (-np.inf, None),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (Status.ALERT, "alert"),
        (pd.NaT, None),
        (pd.NA, None),
        (np.datetime64("NaT"), None),
        (frozenset({"b", "a"}), ["a", "b"]),
        (np.array([1.0, np.nan]), [1.0, None]),
    ],
)
def test_plain(value: object, expected: object) -> None:
    assert plain(value) == expected


NESTED = st.recursive(
    st.floats() | st.text(max_size=8) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(NESTED)
@settings(max_examples=60)
def test_json_never_holds_nan(value: object) -> None:
    text = json_bytes({"value": plain(value)}).decode()
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def test_json_with_lines_is_the_json_it_would_be() -> None:
    content = {"table": [{"a": "é\n"}, {"a": None}], "empty": [], "deep": {"x": [1]}, "n": 1.5}
    assert json.loads(json_bytes(content)) == content


def test_two_columns_of_one_name_are_both_read() -> None:
    table = pd.DataFrame([[1, "=x"]], columns=["a", "a"])
    assert to_csv(table).decode() == "a,a\n1,'=x\n"


def test_write_whole_replaces_in_one_step_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.json", b"1")
    write_whole(tmp_path / "a.json", b"2")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"2")]


def test_write_whole_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be written: No such file"):
        write_whole(tmp_path / "no" / "a.json", b"1")
    with pytest.raises(SourceError, match="is not a file that can be written"):
        write_whole(tmp_path, b"1")
