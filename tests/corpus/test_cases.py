"""Case folders of strangers: each wrong key is said, nothing outside the folder is touched, and nothing that travelled with it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from monitor.case import load_case
from monitor.charts.stored import stored_chart
from monitor.engine import open_workspace
from monitor.errors import CaseError, DriftscopeError, SelectionError, SourceError
from monitor.export.comparisons import list_comparisons
from monitor.export.pins import list_pins
from tests.corpus.reading import Refused, check_refused

HEAD = '[case]\nname = "c"\ntask = "none"\n'
DATA = '[data]\nreference = "r.parquet"\nproduction = "p.parquet"\n'


def folder(root: Path, toml: str | bytes) -> Path:
    for name in ("r", "p"):
        pd.DataFrame({"x": np.arange(50), "at": pd.date_range("2024-01-01", periods=50)}).to_parquet(root / f"{name}.parquet")
    (root / "case.toml").write_bytes(toml if isinstance(toml, bytes) else toml.encode())
    return root


WRONG: list[tuple[str, str | bytes, str]] = [
    ("nothing", "", "is missing"),
    ("no data", HEAD, "key 'data' is missing"),
    ("no name", '[case]\ntask = "none"\n' + DATA, "case.name"),
    ("no TOML", "[case", "not valid TOML"),
    ("a key twice", HEAD + HEAD + DATA, "not valid TOML"),
    ("UTF-16", (HEAD + DATA).encode("utf-16"), "not valid TOML"),
    ("Latin-1", (HEAD + DATA).replace('"c"', '"ü"').encode("latin-1"), "not valid TOML"),
    ("NUL", HEAD + DATA + "\x00", "not valid TOML"),
    ("JSON", '{"case": {}}', "not valid TOML"),
    ("2,000 brackets", "a = " + "[" * 2000, "not valid TOML"),
    ("an unknown group", HEAD + DATA + "[dta]\n", "unknown key 'dta'. Did you mean 'data'"),
    ("an unknown key", HEAD + DATA + 'refrence = "x"\n', "unknown key 'data.refrence'. Did you mean 'reference'"),
    ("an unknown role", HEAD + DATA + '[roles]\ntimestmp = "at"\n', "Did you mean 'timestamp'"),
    ("a column that there is not", HEAD + DATA + '[roles]\ntimestamp = "att"\n', "Did you mean 'at'?"),
    ("a number for a path", HEAD + "[data]\nreference = 3\nproduction = 4\n", "data.reference"),
    ("no path", HEAD + '[data]\nreference = ""\nproduction = "p.parquet"\n', "names no file"),
    ("a list of nothing", HEAD + '[data]\nreference = []\nproduction = "p.parquet"\n', "names no file"),
    ("a table for a path", HEAD + "[data.reference]\na = 1\n", "data.reference"),
    ("a task nobody knows", HEAD.replace("none", "guess") + DATA, "case.task"),
    ("a model without a task", HEAD + DATA + '[roles]\nscore = "x"\n', 'has task "none"'),
    ("a list for a name", HEAD.replace('"c"', "[1]") + DATA, "case.name"),
    ("a date for a role", HEAD + DATA + "[roles]\ntimestamp = 2024-01-01\n", "roles.timestamp"),
    ("nan for a threshold", HEAD.replace("none", "binary") + DATA + "[roles]\nthreshold = nan\n", "roles.threshold"),
    ("truth for a floor", HEAD + DATA + "[thresholds.drift]\nfloor = true\n", "thresholds.drift.floor"),
    ("a floor below 0", HEAD + DATA + "[thresholds.drift]\nfloor = -1\n", "thresholds.drift.floor"),
    ("a q above 1", HEAD + DATA + "[thresholds.drift]\nq = 2\n", "thresholds.drift.q"),
    ("rows without end", HEAD + DATA + "[thresholds.multivariate]\nmin_rows = 1e400\n", "thresholds.multivariate.min_rows"),
    ("windows of a million years", HEAD + DATA + '[windows]\nsize = "99999999 weeks"\n', "longer than 100 years"),
    ("two sizes", HEAD + DATA + '[windows]\nsize = "1 week"\nrows = 5\n', "either size or rows"),
    ("a zone that is a path", HEAD + DATA + '[windows]\ntimezone = "/etc/passwd"\n', "is unknown"),
    ("a kind nobody knows", HEAD + DATA + '[kinds]\nx = "nominal"\n', "kinds.x"),
    ("a format that is none", HEAD + DATA + '[formats]\nx = "best guess"\n', "is no format"),
    ("an annotation in year 9999", HEAD + DATA + '[[annotations]]\nstart = 9999-12-31\ntext = "x"\n', "outside the years 1678 to 2261"),
    ("an annotation that says nothing", HEAD + DATA + '[[annotations]]\nstart = 2024-01-01\ntext = ""\n', "annotations"),
    ("a file outside", HEAD + DATA + '[[methods]]\nid = "m"\nfunction = "../m.py:f"\n', "leads out of the case folder"),
    ("an absolute file", HEAD + DATA + '[[methods]]\nid = "m"\nfunction = "/tmp/m.py:f"\n', "leads out of the case folder"),
    ("a name that is code", HEAD + DATA + '[[methods]]\nid = "m"\nfunction = "m.py:f()"\n', "is not 'file.py:function_name'"),
    ("an id that is a path", HEAD + DATA + '[[methods]]\nid = "../m"\nfunction = "m.py:f"\n', "methods"),
    ("half a million letters", HEAD + DATA + f'[kinds]\n"{"x" * 500_000}" = "numeric"\n', "The case names the column"),
    ("data outside", HEAD + '[data]\nreference = "../r.parquet"\nproduction = "p.parquet"\n', "leads out of the case folder"),
    ("a data set of a device", HEAD + '[data]\nreference = "/dev/zero"\nproduction = "p.parquet"\n', "nothing at"),
]


@pytest.mark.parametrize(("toml", "words"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG])
def test_a_wrong_case_is_refused_by_its_key(tmp_path: Path, toml: str | bytes, words: str) -> None:
    place = folder(tmp_path, toml)

    def opening() -> object:
        return open_workspace(load_case(place))

    with pytest.raises(DriftscopeError) as refused:
        opening()
    check_refused(opening, Refused(refused.type, words))
    assert refused.type in (CaseError, SourceError, SelectionError)


@pytest.mark.parametrize("make", [
    lambda r: None,
    lambda r: (r / "case.toml").mkdir(),
    lambda r: os.symlink(r / "case.toml", r / "case.toml"),
    lambda r: os.symlink("/dev/zero", r / "case.toml"),
    lambda r: os.mkfifo(r / "case.toml"),
    lambda r: (r / "case.toml").write_bytes(b"#" + b"x" * 20_000_000),
], ids=["none", "folder", "loop", "device", "pipe", "20 MB"])  # fmt: skip
def test_what_is_no_case_file_is_refused(tmp_path: Path, make: Callable[[Path], object]) -> None:
    make(tmp_path)
    with pytest.raises(CaseError):
        load_case(tmp_path)


def test_a_cache_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    away, case = tmp_path / "away", tmp_path / "case"
    away.mkdir()
    case.mkdir()
    os.symlink(away, folder(case, HEAD + DATA) / ".driftscope")
    with open_workspace(load_case(case)) as workspace:
        assert not workspace.store.folder.is_relative_to(away)
    assert list(away.iterdir()) == []
    (away / "pins").mkdir()
    (away / "pins" / "20260101T000000000000-00000000.json").write_text(json.dumps(PIN))
    assert list_pins(load_case(case)).pins == ()


PIN = {
    "id": "20260101T000000000000-00000000", "created": "2026-01-01T00:00:00Z", "case": "x", "title": "t", "sentence": "s",
    "analysis": "drift", "charts": [], "rows": [], "format": 1,
}  # fmt: skip
PINS: list[tuple[str, bytes]] = [
    ("no JSON", b"{"), ("nothing", b""), ("no object", b"[]"), ("null", b"null"), ("no text", b"\xff\xfe"), ("NUL", b"\x00" * 100),
    ("deep", b"[" * 100_000), ("an id that is a path", json.dumps(PIN | {"id": "../../x"}).encode()),
    ("another id", json.dumps(PIN | {"id": "20260101T000000000000-11111111"}).encode()),
    ("a later version", json.dumps(PIN | {"format": 99}).encode()), ("no title", json.dumps({**PIN, "title": None}).encode()),
    ("charts that are none", json.dumps(PIN | {"charts": "x"}).encode()),
]  # fmt: skip


@pytest.mark.parametrize("content", [one[1] for one in PINS], ids=[one[0] for one in PINS])
def test_a_pin_that_is_none_is_said_and_left_alone(tmp_path: Path, content: bytes) -> None:
    case = load_case(folder(tmp_path, HEAD + DATA))
    place = tmp_path / ".driftscope" / "pins" / f"{PIN['id']}.json"
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    found = list_pins(case)
    assert (found.pins, [one.path for one in found.unreadable]) == ((), [place])
    assert place.read_bytes() == content
    kept = tmp_path / ".driftscope" / "pins" / "comparisons" / place.name
    kept.parent.mkdir()
    kept.write_bytes(content)
    assert [one.path for one in list_comparisons(case).unreadable] == [kept]


VALUES = {"values": [{"a": "x", "b": 1}]}
BAR: dict[str, Any] = {
    "mark": "bar",
    "encoding": {"x": {"field": "a", "type": "nominal"}, "y": {"field": "b", "type": "quantitative"}},
    "data": VALUES,
}
CHARTS: list[tuple[str, dict[str, Any]]] = [
    ("a colour that is fetched", {"mark": {"type": "bar", "color": "url(http://127.0.0.1:1/x.svg#a)"}}),
    ("URL in capitals", {"mark": {"type": "bar", "color": "URL( //h/x)"}}),
    ("data from elsewhere", {"data": {"url": "http://127.0.0.1:1/x.csv"}}),
    ("data of a layer", {"layer": [{"mark": "bar", "data": {"url": "x.csv"}}]}),
    ("an image", {"mark": {"type": "image", "url": "http://127.0.0.1:1/x.png"}}),
    ("an image by a field", {"mark": "image", "encoding": {"url": {"field": "a"}}}),
    ("a map", {"mark": "geoshape"}),
    ("a link", {"mark": {"type": "bar", "href": "javascript:alert(1)"}}),
    ("a link by a field", {"encoding": {"href": {"field": "a"}}}),
    ("input", {"params": [{"name": "p", "bind": {"input": "text"}}]}),
    ("an expression", {"params": [{"name": "p", "expr": "warn('x')"}]}),
    ("a signal", {"signals": [{"name": "s"}]}),
    ("a lookup", {"transform": [{"lookup": "a", "from": {"data": {"url": "x"}}}]}),
    ("settings of the embedding", {"usermeta": {"embedOptions": {"loader": {"baseURL": "http://h"}}}}),
    ("data sets", {"datasets": {"a": [1]}}),
    ("no data", {"data": {}}),
    ("data that are a name", {"data": {"name": "table"}}),
    ("rows that are none", {"data": {"values": [1, 2]}}),
]


@pytest.mark.parametrize("more", [one[1] for one in CHARTS], ids=[one[0] for one in CHARTS])
def test_a_chart_of_a_pin_that_calls_out_is_not_drawn(more: dict[str, Any]) -> None:
    check_refused(lambda: stored_chart({**BAR, **more}, theme="light"), Refused(SourceError, "is not drawn"))


def test_a_plain_chart_of_a_pin_is_drawn() -> None:
    assert stored_chart(BAR, theme="light").data.to_dict("records") == VALUES["values"]
